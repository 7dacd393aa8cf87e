/* SPDX-License-Identifier: MIT */
#include "tests/sim/scenario.h"

#include "client/report.h"

/* F11: what the node waits for after layer 2 does not grow with the distance to the home agent. */

static const mtime distance[] = { MSEC(10), MSEC(50), MSEC(200) };
#define DISTANCES (sizeof(distance) / sizeof(distance[0]))

static struct world_conf away(mtime home_agent, bool node, bool agents)
{
	struct world_conf c = usual();

	c.leg[c.n_foreign] = home_agent - c.backbone;
	c.forward_early[0] = node;
	c.forward_early[1] = agents;
	return c;
}

/* A walk that must lose nothing, with the home agent so far away: from layer 2 to the first
 * packet; -1: it was not as it should be. */
static mtime waits(mtime home_agent, bool node, bool agents, const char *flow)
{
	struct world_conf c = away(home_agent, node, agents);
	struct world *w = begin(&c);
	bool ok = walks(w, (const unsigned[]){ 1 }, 1, SEC(4), flow);
	struct report r;

	ok &= nothing_lost(w);
	ok &= same(world_violated(w) == NULL, true, "invariants");
	mobile_report(world_node(w), 0, &r);
	world_free(w);
	return ok ? r.at[STEP_FIRST_PACKET] - r.at[STEP_LINK_UP] : -1;
}

static bool stays_flat(void)
{
	mtime least = MTIME_NEVER, most = 0;
	bool ok = true;

	for (unsigned i = 0; i < DISTANCES; i++) {
		/* as near as the first agent, the home agent's word comes first */
		mtime t = waits(distance[i], true, true, i ? "F11" : "F1");

		ok &= t >= 0;
		least = mtime_min(least, t);
		most = t > most ? t : most;
	}
	ok &= same(most - least <= MSEC(5), true, "the gap after layer 2 stays within 5 ms");
	return ok && same(most <= MSEC(40), true, "the port, and one trip to A and back");
}

static bool twin_grows(bool node, bool agents)
{
	mtime before = 0;
	bool ok = true;

	for (unsigned i = 0; i < DISTANCES; i++) {
		mtime t = waits(distance[i], node, agents, "F1");

		ok &= same(t >= 2 * distance[i] && t > before, true, "it waits for the home agent");
		before = t;
	}
	return ok;
}

static bool registered_grows(void)
{
	return twin_grows(false, true);
}

static bool agent_may_refuse(void)
{
	return twin_grows(true, false);
}

static bool back_and_forth(mtime home_agent, mtime pause, const char *flow)
{
	struct world_conf c = away(home_agent, true, true);
	struct world *w = begin(&c);
	bool ok = walks(w, (const unsigned[]){ 1, 0, 2, 1, 2, 0, 1, 0 }, 8, pause, flow);

	ok &= nothing_lost(w);
	if (world_violated(w))
		printf("    %s\n", world_violated(w));
	ok &= same(world_violated(w) == NULL, true, "invariants");
	world_free(w);
	return ok;
}

static bool eight_walks(void)
{
	return back_and_forth(MSEC(15), SEC(3), "F11");
}

static bool within_the_lease(void)
{
	return back_and_forth(MSEC(50), MSEC(700), "F11");
}

const struct scenario early_forward[] = {
	{ "F11: the gap after layer 2 stays flat, home agent at 10, 50, 200 ms", stays_flat },
	{ "its twin that waits for the registration grows", registered_grows },
	{ "F11 needs the second agent's leave", agent_may_refuse },
	{ "F11: chains and back, 0 lost, 0 doubled, 0 reordered", eight_walks },
	{ "F11: the same within the leases", within_the_lease },
	{ NULL, NULL },
};
