/* SPDX-License-Identifier: MIT */
#include "tests/sim/scenario.h"

/*
 * Nodes with a care-of address of their own: F7, its neighbours F1, F4 and F9, and NATs.  Here a
 * stranger tunnels all the while, to the node and in its name.
 */
struct world_conf own_addresses(bool nat)
{
	struct world_conf c = usual();

	for (unsigned i = 0; i < c.n_foreign; i++) {
		c.plain[i] = true;
		c.nat[i] = nat;
	}
	c.dhcp = MSEC(30);
	return c;
}

bool holds(struct world *w)
{
	const char *bad = world_violated(w);

	if (bad)
		printf("    %s\n", bad);
	return !bad;
}

static bool whole(struct world *w)
{
	return nothing_lost(w) & (int)holds(w);
}

void pass(struct world *w, mtime t)
{
	mtime end = world_now(w) + t;

	while (world_now(w) < end && !world_violated(w)) {
		world_intrude(w);
		world_run(w, mtime_min(end, world_now(w) + MSEC(7)));
	}
}

struct step {
	unsigned to;
	const char *flow;
};

static bool goes(const struct world_conf *c, const struct step *s, unsigned n, mtime pause)
{
	struct world *w = begin(c);
	bool ok = true;

	for (unsigned i = 0; i < n; i++) {
		world_walk(w, s[i].to);
		pass(w, pause);
		ok &= flow_is(w, s[i].flow, true);
	}
	settle(w);
	ok &= whole(w);
	world_run(w, world_now(w) + SEC(12));
	world_check_end(w);
	ok &= holds(w);
	world_free(w);
	return ok;
}

#define F7_TIMES(n, pause, c)                                                                      \
	goes(&(c),                                                                                 \
	     (const struct step[]){{1, "F7"}, {0, "F7"}, {1, "F7"}, {2, "F7"}, {1, "F7"},          \
				   {0, "F7"}, {2, "F7"}, {1, "F7"}, {0, "F7"}, {1, "F7"}},         \
	     n, pause)

static bool f7(void)
{
	struct world_conf c = own_addresses(false);

	return F7_TIMES(1, SEC(3), c);
}

static bool back_and_forth(void)
{
	struct world_conf c = own_addresses(false);

	return F7_TIMES(10, MSEC(700), c) & (int)F7_TIMES(10, SEC(3), c);
}

static bool nats(void)
{
	struct world_conf c = own_addresses(true);

	return F7_TIMES(10, MSEC(700), c) & (int)F7_TIMES(3, SEC(3), c);
}

static bool some_nats(void)
{
	struct world_conf c = own_addresses(false);

	c.nat[1] = true;
	return F7_TIMES(10, MSEC(700), c);
}

static bool no_agent_wanted(void)
{
	struct world_conf c = usual();

	c.colocated = true;
	c.dhcp = MSEC(30); /* it hears the agents before it has an address */
	c.nat[2] = true;
	return F7_TIMES(10, MSEC(700), c);
}

static bool far(void)
{
	struct world_conf c = own_addresses(false);

	c.leg[c.n_foreign] = MSEC(190);
	c.nat[0] = true;
	return F7_TIMES(4, SEC(4), c);
}

static bool apart(void)
{
	struct world_conf c = own_addresses(false);

	c.clock_skew_s[WORLD_FOREIGN_MAX] = 30;
	c.nat[1] = true;
	if (!F7_TIMES(3, SEC(3), c))
		return false;
	c.clock_skew_s[WORLD_FOREIGN_MAX] = -55;
	return F7_TIMES(3, SEC(3), c);
}

/* ---- agents and plain networks in turn ---- */

static struct world_conf in_turn(bool nat)
{
	struct world_conf c = usual();

	c.plain[1] = true;
	c.nat[1] = nat;
	c.dhcp = MSEC(30);
	return c;
}

/* The first time nobody knows what comes: the agent that is left keeps, the home agent merges. */
static bool f12(void)
{
	static const struct step way[] = { { 1, "F12" }, { 0, "F7" }, { 2, "F1" } };
	struct world_conf plain = in_turn(false), nat = in_turn(true), far = in_turn(true);

	far.leg[far.n_foreign] = MSEC(190);
	return goes(&plain, way, 3, SEC(3)) & (int)goes(&nat, way, 3, SEC(3)) &
	       (int)goes(&nat, way, 3, MSEC(400)) & (int)goes(&far, way, 3, SEC(4));
}

/*
 * Where the home agent does not relay, the node orders by itself, from its address: the agent that
 * was left forwards there, past what is new.  Behind a NAT it refuses, and what it kept is lost.
 */
static bool f4_to_its_own(bool nat)
{
	struct world_conf c = in_turn(nat);
	struct world_count down, up;
	struct world *w;
	bool ok;

	c.home_refuses = true;
	w = begin(&c);
	world_walk(w, 1);
	pass(w, SEC(4));
	ok = flow_is(w, "F4", true);
	ok &= same(agent_drops(world_agent(w, 0))->n[DROP_CARE_OF] > 0, nat, "142");
	settle(w);
	world_count(w, &down, &up);
	ok &= same(down.lost > 0, nat, "downlink lost");
	ok &= same(down.duplicated, 0, "downlink doubled");
	ok &= same(up.lost + up.duplicated + up.reordered, 0, "uplink lost, doubled, reordered");
	ok &= holds(w);
	world_free(w);
	return ok;
}

static bool f4(void)
{
	return f4_to_its_own(false);
}

static bool f4_behind_a_nat(void)
{
	return f4_to_its_own(true);
}

/* Once it has been there it asks the home agent before it leaves an agent. */
static bool f9_to_its_own(bool nat)
{
	struct world_conf c = in_turn(nat);

	c.plain[0] = true; /* it begins there, and asks what its home agent does */
	return goes(&c, (const struct step[]){{1, "F7"}, {2, "F7"}, {1, "F9"}, {2, "F7"},
					      {0, "F9"}, {2, "F7"}},
		    6, MSEC(900));
}

static bool in_turn_plain(void)
{
	return f9_to_its_own(false);
}

static bool in_turn_nat(void)
{
	return f9_to_its_own(true);
}

/* Its home agent gives it its home address, by an agent or without one; then it is as any node. */
static bool named(void)
{
	struct world_conf agents = usual(), own = own_addresses(true), both = in_turn(false);
	static const struct step first[] = { { 1, "F1" }, { 0, "F1" }, { 2, "F1" } };
	static const struct step turns[] = {
		{ 1, "F7" }, { 2, "F7" }, { 1, "F9" }, { 2, "F7" }, { 0, "F9" }, { 2, "F7" }
	};

	both.plain[0] = true;
	agents.named = own.named = both.named = true;
	return goes(&agents, first, 3, SEC(3)) & (int)F7_TIMES(10, SEC(3), own) &
	       (int)goes(&both, turns, 6, MSEC(900));
}

const struct scenario colocated[] = {
	{ "F7: 0 lost, 0 doubled, 0 reordered", f7 },
	{ "F7 ten times back and forth", back_and_forth },
	{ "F7 behind NATs", nats },
	{ "F7 in and out of a NAT", some_nats },
	{ "F7: where no agent is wanted", no_agent_wanted },
	{ "F7: the home agent 200 ms away", far },
	{ "F7: clocks apart", apart },
	{ "F1, F7, F9: a node that knows its name alone", named },
	{ "F12: 0 lost, 0 doubled, 0 reordered", f12 },
	{ "F4 to an address of its own: the home agent does not relay", f4 },
	{ "F4 behind a NAT: the home agent does not relay", f4_behind_a_nat },
	{ "F7, F9: agents and plain networks in turn", in_turn_plain },
	{ "F7, F9: agents and NATs in turn", in_turn_nat },
	{ NULL, NULL },
};
