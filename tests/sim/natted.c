/* SPDX-License-Identifier: MIT */
#include "tests/sim/scenario.h"

/*
 * Foreign agents behind a NAT: their home agent tunnels to them inside UDP, and keeps for those who
 * come or leave, since nobody else could forward to such an agent (F9).
 */
static struct world_conf behind(bool first, bool second)
{
	struct world_conf c = usual();

	c.agent_nat[0] = first;
	c.agent_nat[1] = second;
	return c;
}

static bool ends(struct world *w, bool ok)
{
	settle(w);
	ok &= nothing_lost(w);
	world_run(w, world_now(w) + SEC(12));
	world_check_end(w);
	ok &= holds(w);
	world_free(w);
	return ok;
}

/* From agent 0 and back, n times; it knows both of them by then. */
static bool there_and_back(const struct world_conf *c, unsigned n, mtime pause)
{
	struct world *w = begin(c);
	bool ok = true;

	for (unsigned i = 0; i < n; i++) {
		world_walk(w, i % 2 ? 0 : 1);
		pass(w, pause);
		ok &= flow_is(w, "F9", true);
	}
	return ends(w, ok);
}

static bool from_a_nat(void)
{
	struct world_conf c = behind(true, false);

	return there_and_back(&c, 10, SEC(1)) & (int)there_and_back(&c, 4, SEC(3));
}

static bool both_behind(void)
{
	struct world_conf c = behind(true, true);

	c.leg[c.n_foreign] = MSEC(50);
	return there_and_back(&c, 6, SEC(2));
}

/* The first time nobody knows: what the agent that is left has kept is lost, and counted. */
static bool first_visit(void)
{
	struct world_conf c = behind(false, true);
	struct world *w = begin(&c);
	struct world_count down, up;
	bool ok;

	world_walk(w, 1);
	pass(w, SEC(3));
	ok = same(agent_drops(world_agent(w, 0))->n[DROP_CARE_OF] > 0, true, "142");
	pass(w, SEC(9));
	settle(w);
	world_count(w, &down, &up);
	ok &= same(down.lost > 0, true, "downlink lost");
	ok &= same(down.duplicated + down.reordered, 0, "downlink doubled, reordered");
	ok &= same(up.lost + up.duplicated + up.reordered, 0, "uplink lost, doubled, reordered");
	world_stream(w, true, MSEC(2)); /* from now on it is known */
	world_walk(w, 0);
	pass(w, SEC(3));
	ok &= flow_is(w, "F9", true);
	world_walk(w, 1);
	pass(w, SEC(3));
	ok &= flow_is(w, "F9", true);
	settle(w);
	ok &= holds(w);
	world_free(w);
	return ok;
}

/* The NAT forgets: what comes is refused, until its echo is missed and all register again. */
static bool rebinds(void)
{
	struct world_conf c = behind(true, false);
	struct world_count down, up;
	struct world *w;
	bool ok = true;

	c.n_nodes = 3;
	c.lifetime_s = 600;
	w = world_new(&c);
	for (unsigned k = 0; k < 3; k++) {
		world_use(w, k);
		world_attach(w, 0);
	}
	world_run(w, SEC(1));
	world_stream(w, true, MSEC(4));
	world_run(w, SEC(2));
	world_rebind(w, 0);
	world_run(w, world_now(w) + SEC(40)); /* 25 s, three echoes, and the word of it */
	settle(w);
	for (unsigned k = 0; k < 3; k++) {
		world_use(w, k);
		world_count(w, &down, &up);
		ok &= same(down.received > down.sent / 5, true, "it goes on, down");
		ok &= same(up.received > up.sent / 5, true, "it goes on, up");
		ok &= same(down.duplicated + down.reordered, 0, "downlink doubled, reordered");
		ok &= same(up.duplicated + up.reordered, 0, "uplink doubled, reordered");
	}
	world_run(w, world_now(w) + SEC(12));
	world_check_end(w);
	ok &= holds(w);
	world_free(w);
	return ok;
}

const struct scenario natted[] = {
	{ "F9: an agent behind a NAT, there and back", from_a_nat },
	{ "F9: both agents behind NATs", both_behind },
	{ "the first visit to an agent behind a NAT", first_visit },
	{ "the NAT before an agent forgets", rebinds },
	{ NULL, NULL },
};
