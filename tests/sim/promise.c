/* SPDX-License-Identifier: MIT */
#include "tests/sim/plan.h"

#include <string.h>

/* What is older than this is dropped at both ends, and the leases are over. */
#define LONG SEC(7)
#define LEASE SEC(8)
#define MERGE_IDLE MSEC(200)

/*
 * An agent that is left for an address of the node's own forwards there: what is new overtakes
 * that, it goes there also when the node has left again, and behind a NAT there is no such address.
 * Nor does the node know yet what its home agent does: it has to ask first.
 */
static bool to_own_address(struct plan *p, const struct report *r, mtime *forwarded)
{
	bool unknown = r->flow == FLOW_PLAIN && strstr(r->reason, "not known yet");

	if (r->at[STEP_TRIGGER] < *forwarded + LEASE || unknown)
		p->may_lose = true;
	if (r->flow == FLOW_F4) {
		*forwarded = r->at[STEP_DONE];
		p->overtaken = true;
		p->may_lose |= r->reason[0];
	}
	return r->flow == FLOW_F4 || unknown;
}

/* As a flow promises that loses nothing: asked before it left, and forwarded. */
static bool is_planned(struct plan *p, const struct report *r)
{
	switch (r->flow) {
	case FLOW_F1:
	case FLOW_F5:
	case FLOW_F8:
	case FLOW_F11:
		break;
	case FLOW_F7:
	case FLOW_F9:
	case FLOW_F12:
		if (p->own)
			break;
		return false;
	case FLOW_F2:
	case FLOW_F4:
	case FLOW_MBB:
	case FLOW_PLAIN:
		return false;
	}
	return r->has[STEP_GRANTED] && !r->reason[0];
}

/* Every handoff went as planned, and in time. */
static bool as_planned(struct plan *p)
{
	const struct mobile *m = world_node(p->w);
	mtime forwarded = -LEASE;
	struct report r;

	p->overtaken = p->down_overtaken = p->may_lose = false;
	if (world_lapsed(p->w)) {
		world_log(p->w, "its registration lapsed");
		return false;
	}
	for (unsigned i = mobile_history_first(m); i && i <= mobile_history_last(m); i++) {
		bool planned;

		if (!mobile_report(m, i, &r) || !r.ended)
			continue;
		planned = (p->own && to_own_address(p, &r, &forwarded)) || is_planned(p, &r);
		if (p->cables && plugs_as_planned(p, &r))
			continue;
		if (!r.ok || !planned || r.uplink_dropped ||
		    r.at[STEP_DONE] - r.at[STEP_TRIGGER] > LONG) {
			world_log(p->w, "handoff %u was not as planned: %s %s %s", r.number,
				  flow_name(r.flow), r.ok ? "done" : "failed", r.reason);
			return false;
		}
	}
	return true;
}

/*
 * The second agent holds what comes past the first for merge-idle: a FORWARD that had to be sent
 * again more often than that costs the order, as mip-buffer(7) has it.  It counts where it is
 * sent: the node may have lost both Replies, and then sees the next registration's alone.
 */
static bool merged_in_time(struct plan *p)
{
	return world_forwarding(p->w) <= MERGE_IDLE;
}

/*
 * A node that has forbidden its buffers to grow (ELASTIC) has what it asked for, and no more: 4 s
 * at 500 packets a second.  Two handoffs in a row may take longer, since what waited in the first
 * is still kept in the second.  What the agents do not count as overflow is lost in no such way.
 */
static uint64_t over_grant(const struct plan *p)
{
	return p->c.rigid ? world_overflowed(p->w) : 0;
}

static void promise(struct plan *p, const char *way, const struct world_count *n, bool strict,
		    uint64_t may_lose)
{
	bool overtaken = p->overtaken || (p->down_overtaken && *way == 'd');

	if (p->class == SEED_CHAOS)
		return;
	if (n->duplicated)
		world_violate(p->w, "%s: %u doubled", way, n->duplicated);
	if (!strict)
		return;
	if (n->lost > may_lose && !p->may_lose)
		world_violate(p->w, "%s: %u lost", way, n->lost);
	if (n->reordered && !overtaken && (p->class != SEED_SIGNALS || merged_in_time(p)))
		world_violate(p->w, "%s: %u reordered", way, n->reordered);
}

static void node_is_whole(struct plan *p)
{
	bool planned = p->class != SEED_SUDDEN && p->class != SEED_CHAOS, strict;
	struct world_count down, up;

	world_count(p->w, &down, &up);
	world_log(p->w, "down: %u sent, %u lost, %u doubled, %u reordered; up: %u, %u, %u, %u",
		  down.sent, down.lost, down.duplicated, down.reordered, up.sent, up.lost,
		  up.duplicated, up.reordered);
	world_log_missing(p->w);
	strict = planned && as_planned(p);
	if (p->class == SEED_PLANNED && !strict)
		world_violate(p->w, "a planned handoff went another way");
	promise(p, "down", &down, strict, over_grant(p));
	promise(p, "up", &up, strict, 0);
}

void plan_streams_are_whole(struct plan *p)
{
	for (unsigned k = 0; k < p->c.n_nodes; k++) {
		world_use(p->w, k);
		node_is_whole(p);
	}
}

/* Packets still find their way, both ways. */
void plan_probe(struct plan *p)
{
	struct world_count down[NODES_MAX], up[NODES_MAX];

	for (unsigned k = 0; k < p->c.n_nodes; k++) {
		world_use(p->w, k);
		world_count(p->w, &down[k], &up[k]);
	}
	world_stream(p->w, true, MSEC(5));
	world_run(p->w, world_now(p->w) + MSEC(100));
	world_stream(p->w, false, 0);
	world_run(p->w, world_now(p->w) + SEC(1));
	for (unsigned k = 0; k < p->c.n_nodes; k++) {
		struct world_count d, u;

		world_use(p->w, k);
		world_count(p->w, &d, &u);
		if (d.lost != down[k].lost)
			world_violate(p->w, "at the end: nothing reaches node %u", k);
		if (u.lost != up[k].lost)
			world_violate(p->w, "at the end: nothing reaches the correspondent");
	}
}
