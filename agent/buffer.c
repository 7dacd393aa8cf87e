/* SPDX-License-Identifier: MIT */
#include "agent/buffer.h"

#include "agent/away.h"

#include <string.h>

/*
 * What each event does in each state, as mip-buffer(7) has it.  GONE is left by nothing: its owner
 * removes the node.
 *
 *                SERVING      RESERVED     BUFFERING    DRAINING     PASSING
 * packet         deliver      deliver      keep         keep behind  forward
 * BUFFER         -> BUFFERING -> BUFFERING new grant    -> BUFFERING -> BUFFERING
 *   with RESERVE -> RESERVED  new grant    129          129          129
 * FORWARD [1]    141 [2],     141 [2],     -> DRAINING  -> DRAINING  -> DRAINING
 *                -> DRAINING  -> DRAINING
 * RELEASE        141          -> SERVING   -> SERVING   129, or      129, or
 *                                                       -> SERVING   -> SERVING
 *                                                       [3]          [3]
 * DELETE         141 [2]      drop,        drop,        drop         141
 *                             -> SERVING   -> SERVING
 * DELETE_FORWARD 141 [2],     141 [2],     drop,        drop,        -> DRAINING
 *   [1]          -> DRAINING  -> DRAINING  -> DRAINING  -> DRAINING
 * RENEW          141, 143 [4] new grant    new grant    new grant    new lease
 * QUERY          State        State        State        State        State
 * HA's marker    remember     remember     remember     guard starts remember
 * station gone   nothing      -> BUFFERING nothing      nothing      nothing
 * station back   nothing      nothing      -> RESERVED  nothing      nothing
 *                                          [5]
 * node registers nothing      nothing      -> SERVING,  goes on apart from the
 *   here again                             or as [5]    node, which gets a new
 *                                                       machine
 * dry, and path  nothing      nothing      nothing      -> PASSING,  nothing
 *   ended                                               marker
 * lease over     nothing      nothing      -> SERVING   rest         -> GONE
 *                                          [6]          unpaced,
 *                                                       -> PASSING
 * registration   -> GONE      -> GONE      nothing until the lease is over
 *   over
 *
 * [1] 142 and 143 come before all this and change nothing.  143: it says ASKED,
 *     and the node, while A kept its packets, has registered here again and has
 *     sent no BUFFER since.  That FORWARD is of a stay that is over, and two
 *     agents would forward to each other.
 * [2] 0 where packets are left.
 * [3] Before any went.
 * [4] 143 when the node's last lease ended by itself.
 * [5] Where the access point alone began the lease, and no order has come since;
 *     else nothing (station back), or -> SERVING (registers).
 * [6] What was kept is delivered here, or dropped where the registration has
 *     ended as well, or the access point says that the station is gone.
 *
 * SERVING and RESERVED with packets left deliver them, oldest first, before any new one.
 */
static const char *const names[] = {
	[BUF_SERVING] = "serving", [BUF_BUFFERING] = "buffering", [BUF_DRAINING] = "draining",
	[BUF_PASSING] = "passing", [BUF_GONE] = "gone", [BUF_RESERVED] = "reserved",
};

const char *buffer_state_name(enum buffer_state s)
{
	return names[s];
}

void buffer_enter(struct agent *a, struct buffer *b, enum buffer_state s)
{
	if (b->node->role == ROLE_HOME && b->state != s)
		kept_moved(a);
	b->state = s;
	b->by_station = false;
	if (s == BUF_BUFFERING)
		b->since = a->now.t;
	if (s == BUF_DRAINING)
		drain_start(a, b);
}

void buffer_init(struct buffer *b, struct node *n)
{
	memset(b, 0, sizeof(*b)); /* and so SERVING */
	b->node = n;
	b->lease_ends = MTIME_NEVER;
	pktq_init(&b->q);
}

bool buffer_active(const struct buffer *b)
{
	return (b->state != BUF_SERVING && b->state != BUF_RESERVED) || b->q.packets;
}

bool buffer_forwarding(const struct buffer *b)
{
	return b->state == BUF_DRAINING || b->state == BUF_PASSING;
}

bool buffer_blocked(const struct buffer *b)
{
	struct buffer *const *old = b->node->mv->old;

	for (unsigned i = 0; i < OLD_MAX && old[i] != b; i++)
		if (old[i] && old[i]->state == BUF_DRAINING && old[i]->forward_to == b->forward_to)
			return true;
	return false;
}

void buffer_input(struct agent *a, struct buffer *b, uint8_t *pkt, size_t n, bool direct)
{
	b->arrived++;
	b->last_arrival = a->now.t;
	if (direct)
		b->last_in = a->now.t;
	switch (b->state) {
	case BUF_SERVING:
	case BUF_RESERVED:
		if (b->q.packets)
			buffer_keep(a, b, pkt, n);
		else
			node_deliver(a, b->node, pkt, n);
		return;
	case BUF_BUFFERING:
		buffer_keep(a, b, pkt, n);
		return;
	case BUF_DRAINING:
		if (b->q.packets || a->now.t < b->next_send || buffer_blocked(b)) {
			buffer_keep(a, b, pkt, n);
			return;
		}
		drain_forward(a, b, pkt, n);
		drain_sent(a, b);
		return;
	case BUF_PASSING:
		drain_forward(a, b, pkt, n);
		return;
	case BUF_GONE:
		drop(a, DROP_NOT_VISITOR);
		return;
	}
}

void buffer_append(struct agent *a, struct buffer *b, struct pktq *q)
{
	if (!q->packets)
		return;
	pktq_append(&a->pool, &b->q, q);
	if (b->state == BUF_PASSING)
		buffer_enter(a, b, BUF_DRAINING);
}

/* Idempotent: the first of three counts.  One that answers an older registration proves nothing. */
void buffer_marker(struct agent *a, struct buffer *b, uint64_t id)
{
	if (b->marker_in && b->marker_id == id)
		return;
	b->marker_in = true;
	b->marker_id = id;
	b->marker_at = a->now.t;
}

void buffer_path_ended(struct buffer *b)
{
	b->path_ended = true;
}

void buffer_clear(struct agent *a, struct buffer *b, enum drop why)
{
	buffer_discard(a, b, why);
	grant_end(a, b);
	if (b->state == BUF_RESERVED)
		buffer_enter(a, b, BUF_SERVING);
}

static void flush(struct agent *a, struct buffer *b)
{
	for (unsigned i = 0; i < RELEASE_BATCH; i++) {
		size_t n;
		uint8_t *p = buffer_take(a, b, &n);

		if (!p)
			return;
		node_deliver(a, b->node, p, n);
	}
}

static void lease_over(struct agent *a, struct buffer *b)
{
	struct node *n = b->node;
	bool here = n->role == ROLE_HOME ? away_reachable(a, n)
					 : n->up && !n->gone && a->now.t < n->expires;

	b->lease_lost = true;
	out_note(a, n->home, "lease over: %u packets %s", b->q.packets,
		 here ? "delivered here" : "dropped");
	if (here)
		grant_end(a, b);
	else
		buffer_clear(a, b, DROP_LEASE_OVER);
	buffer_enter(a, b, BUF_SERVING);
}

static bool drained(const struct buffer *b)
{
	if (b->q.packets || !b->path_ended)
		return false;
	return b->unpaced || (!merge_holds(b->merge) && !buffer_blocked(b));
}

static void draining(struct agent *a, struct buffer *b)
{
	char addr[ADDR_STRLEN];

	if (a->now.t >= b->lease_ends)
		b->unpaced = b->path_ended = true;
	drain_batch(a, b);
	if (a->now.t >= drain_path_end(a, b))
		b->path_ended = true;
	if (!drained(b)) {
		if (b->node->role == ROLE_VISITOR && a->now.t >= b->next_pending) {
			drain_marker(a, b, true);
			b->next_pending = a->now.t + MSEC(50);
		}
		return;
	}
	if (b->node->role == ROLE_HOME) {
		away_drained(a, b);
		return;
	}
	out_note(a, b->node->home, "drained: %llu packets forwarded to %s",
		 (unsigned long long)b->forwarded, addr_fmt(addr, b->forward_to));
	grant_end(a, b);
	buffer_enter(a, b, BUF_PASSING);
	drain_marker(a, b, false);
}

void buffer_tick(struct agent *a, struct buffer *b)
{
	markers_tick(a, &b->markers);
	switch (b->state) {
	case BUF_SERVING:
	case BUF_RESERVED:
		flush(a, b);
		return;
	case BUF_BUFFERING:
		if (a->now.t >= b->lease_ends)
			lease_over(a, b);
		return;
	case BUF_DRAINING:
		draining(a, b);
		return;
	case BUF_PASSING:
		/* the marker's repeats outlive the lease by 30 ms at most: they are no packets of
		 * the node's */
		if (a->now.t >= b->lease_ends && markers_deadline(&b->markers) == MTIME_NEVER)
			buffer_enter(a, b, BUF_GONE);
		return;
	case BUF_GONE:
		return;
	}
}

mtime buffer_deadline(const struct agent *a, const struct buffer *b)
{
	mtime t = markers_deadline(&b->markers);

	switch (b->state) {
	case BUF_SERVING:
	case BUF_RESERVED:
		return b->q.packets ? a->now.t : t;
	case BUF_BUFFERING:
		return mtime_min(t, b->lease_ends);
	case BUF_DRAINING:
		t = mtime_min(t, b->lease_ends);
		if (b->node->role == ROLE_VISITOR)
			t = mtime_min(t, b->next_pending);
		if (b->q.packets && !buffer_blocked(b))
			t = mtime_min(t, b->next_send);
		if (!b->path_ended)
			t = mtime_min(t, drain_path_end(a, b));
		return drained(b) ? a->now.t : t;
	case BUF_PASSING:
		return t == MTIME_NEVER ? b->lease_ends : t;
	case BUF_GONE:
		return a->now.t;
	}
	return t;
}
