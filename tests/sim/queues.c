/* SPDX-License-Identifier: MIT */
#include "tests/sim/inside.h"

#include <string.h>

/* What an agent keeps: for whom, how long, and how much. */
#define MARKER_REPEATS MSEC(31)

static void lease(struct world *w, unsigned i, const struct agent_buffer_info *b)
{
	mtime now = w->now + SEC(1000);

	switch (b->state) {
	case BUF_BUFFERING:
	case BUF_DRAINING:
		if (now > b->lease_ends + 1)
			world_violate(w, "agent %u: %s after its lease", i,
				      buffer_state_name(b->state));
		return;
	case BUF_PASSING:
		if (now > b->lease_ends + MARKER_REPEATS)
			world_violate(w, "agent %u: passing after its lease", i);
		return;
	case BUF_SERVING:
	case BUF_RESERVED:
	case BUF_GONE:
		return;
	}
}

static uint32_t larger(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

/*
 * A smaller grant drops nothing that is kept: it may stay, but not grow, except by what was held
 * for order, which joins it.  With ELASTIC, four nodes' shares.  Where nothing is granted any more
 * a node's share goes on being delivered.
 */
static void grant(struct world *w, unsigned i, const struct agent_buffer_info *b,
		  const struct kept *had)
{
	const struct buffer_limits *share = &w->host[i].conf.per_node;
	bool leased = b->state == BUF_BUFFERING || b->state == BUF_DRAINING;
	uint32_t packets = leased ? b->granted_packets : share->packets;
	uint32_t bytes = leased ? (uint32_t)b->granted_kib << 10 : share->bytes;

	if (!w->c.rigid) {
		packets = 4 * share->packets;
		bytes = 4 * share->bytes;
	}
	if (b->state == BUF_PASSING && b->queued)
		world_violate(w, "agent %u: passing, and keeps %u packets", i, b->queued);
	if (b->queued > larger(packets, had->packets + had->held))
		world_violate(w, "agent %u: %u packets in a grant of %u", i, b->queued,
			      b->granted_packets);
	/* what is held for order is counted in packets alone: each has room in the share */
	if (b->queued_bytes > larger(bytes, had->bytes + (had->held ? share->bytes : 0)))
		world_violate(w, "agent %u: %u bytes in a grant of %u KiB", i, b->queued_bytes,
			      b->granted_kib);
	/* of a merge, and of what came before its registration was accepted */
	if (b->held > 2 * share->packets)
		world_violate(w, "agent %u: %u packets held for order", i, b->held);
}

void check_queues(struct world *w, unsigned i)
{
	struct host *h = &w->host[i];
	struct agent_cursor c = { 0 };
	struct agent_buffer_info b;
	uint64_t bytes = 0;
	bool nothing = true;

	while (agent_buffer_next(h->agent, &c, &b)) {
		const struct walker *of = world_by_home(w, b.home_addr);

		bytes += b.queued_bytes;
		if (!of) {
			world_violate(w, "agent %u buffers for a stranger", i);
			continue;
		}
		lease(w, i, &b);
		grant(w, i, &b, &h->kept[of->index]);
		nothing &= !b.queued && !b.held;
	}
	if (bytes > h->conf.buffer_total)
		world_violate(w, "agent %u: more in its queues than it has", i);
	if (agent_deadline(h->agent) == MTIME_NEVER && i < w->c.n_foreign)
		world_violate(w, "agent %u sleeps for ever", i);
	if (nothing && h->nothing_kept)
		return;
	/* for the next look; of a node's machines, the one that keeps most */
	memset(h->kept, 0, w->c.n_nodes * sizeof(h->kept[0]));
	h->nothing_kept = nothing;
	for (c = (struct agent_cursor){ 0 }; agent_buffer_next(h->agent, &c, &b);) {
		const struct walker *of = world_by_home(w, b.home_addr);
		struct kept *k = of ? &h->kept[of->index] : NULL;

		if (!k)
			continue;
		k->packets = larger(k->packets, b.queued);
		k->bytes = larger(k->bytes, b.queued_bytes);
		k->held += b.held;
	}
}
