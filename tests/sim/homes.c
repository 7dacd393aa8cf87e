/* SPDX-License-Identifier: MIT */
#include "tests/sim/scenario.h"

/* Leaving home and coming home: F8.  Access point 3 is the home agent's own. */
#define AT_HOME 3

static struct world_conf with_home(void)
{
	struct world_conf c = usual();

	c.home_link = true;
	return c;
}

static struct world *begin_at(const struct world_conf *c, unsigned ap)
{
	struct world *w = world_new(c);

	world_attach(w, ap);
	world_run(w, SEC(1));
	world_stream(w, true, MSEC(2));
	world_run(w, SEC(2));
	return w;
}

static enum mobile_state state(struct world *w)
{
	struct mobile_info m;

	mobile_info(world_node(w), world_now(w) + SEC(1000), &m);
	return m.state;
}

static bool at_home(struct world *w)
{
	struct agent_binding_info b;

	return (int)same(state(w), MOBILE_AT_HOME, "state") &
	       same(world_kernel_has_visitor(w, AT_HOME), true, "route on the home link") &
	       same(agent_binding_at(world_agent(w, AT_HOME), 0, &b), false, "a binding at home");
}

static bool whole(struct world *w)
{
	const char *bad = world_violated(w);

	if (bad)
		printf("    %s\n", bad);
	return nothing_lost(w) && !bad;
}

static bool walk_from(const struct world_conf *c, unsigned from, const unsigned *to, unsigned n,
		      mtime pause, bool ends_at_home)
{
	struct world *w = begin_at(c, from);
	bool ok = from != AT_HOME || at_home(w);

	ok &= walks(w, to, n, pause, "F8");
	ok &= whole(w);
	if (ends_at_home)
		ok &= at_home(w);
	else
		ok &= same(world_kernel_has_visitor(w, AT_HOME), false, "a route left at home");
	world_free(w);
	return ok;
}

static bool leaves(void)
{
	struct world_conf c = with_home();

	return walk_from(&c, AT_HOME, (const unsigned[]){ 1 }, 1, SEC(3), false);
}

static bool comes(void)
{
	struct world_conf c = with_home();

	return walk_from(&c, 0, (const unsigned[]){ AT_HOME }, 1, SEC(3), true);
}

static bool there_and_back(void)
{
	struct world_conf c = with_home();

	return walk_from(&c, AT_HOME, (const unsigned[]){ 0, AT_HOME, 1, AT_HOME, 0, AT_HOME }, 6,
			 SEC(3), true) &&
	       walk_from(&c, AT_HOME, (const unsigned[]){ 0, AT_HOME, 1, AT_HOME }, 4, MSEC(600),
			 true);
}

/* Agents that know nothing of it: the home agent keeps, and needs no marker. */
static bool legacy_around(void)
{
	struct world_conf c = with_home();

	c.legacy[0] = c.legacy[1] = true;
	return walk_from(&c, AT_HOME, (const unsigned[]){ 0, AT_HOME, 1, AT_HOME }, 4, SEC(3),
			 true);
}

static bool far_away(void)
{
	struct world_conf c = with_home();

	c.leg[AT_HOME] = MSEC(60);
	c.clock_skew_s[0] = 20;
	c.clock_skew_s[WORLD_FOREIGN_MAX] = -20;
	return walk_from(&c, 0, (const unsigned[]){ AT_HOME, 1, AT_HOME, 0 }, 4, SEC(3), false);
}

/* By way of others: what A still sends comes home in its turn. */
static bool chain(void)
{
	struct world_conf c = with_home();
	struct world *w = begin_at(&c, 0);
	bool ok;

	world_walk(w, 1);
	world_run(w, world_now(w) + MSEC(400));
	ok = flow_is(w, "F1", true);
	world_walk(w, AT_HOME);
	world_run(w, world_now(w) + MSEC(400));
	ok &= flow_is(w, "F8", true);
	world_walk(w, 0);
	world_run(w, world_now(w) + MSEC(400));
	ok &= flow_is(w, "F8", true);
	world_walk(w, 1);
	world_run(w, world_now(w) + SEC(3));
	ok &= flow_is(w, "F1", true);
	settle(w);
	ok &= whole(w);
	world_free(w);
	return ok;
}

/* What the home agent has not sent yet is newer than all that comes from where it sends that.  It
 * has much: the node asked four times until it was told that its packets are kept. */
static bool back_while_it_drains(void)
{
	static const struct world_tamper deaf = {
		.name = "granted", .from = "home agent", .to = "node", .fate = FATE_LOST, .times = 3
	};
	struct world_conf c = with_home();
	bool ok = true;

	for (unsigned ms = 290; ms <= 320; ms += 10) {
		struct world *w = begin_at(&c, AT_HOME);

		world_stream(w, true, MSEC(8));
		world_run(w, world_now(w) + SEC(1));
		world_tamper(w, &deaf);
		world_walk(w, 1);
		world_run(w, world_now(w) + MSEC(ms));
		world_walk(w, AT_HOME);
		world_run(w, world_now(w) + MSEC(105));
		ok &= same(machine_is(w, AT_HOME, BUF_DRAINING), true, "draining");
		world_run(w, world_now(w) + SEC(3));
		ok &= flow_is(w, "F8", true);
		settle(w);
		ok &= whole(w) & at_home(w);
		world_free(w);
	}
	return ok;
}

static bool home_agent_starts_anew(void)
{
	struct world_conf c = with_home();
	struct world *w = begin_at(&c, AT_HOME);
	bool ok;

	world_stream(w, true, MSEC(20));
	world_run(w, SEC(50)); /* so that it has heard more than the first advertisement */
	world_restart_agent(w, AT_HOME);
	world_run(w, world_now(w) + SEC(2));
	ok = at_home(w);
	world_walk(w, 0);
	world_run(w, world_now(w) + SEC(3));
	ok &= flow_is(w, "F8", true);
	world_free(w);
	return ok;
}

static bool lossy(unsigned seed)
{
	struct world_conf c = with_home();
	struct world_count down, up;
	struct world *w;
	bool ok = true;
	struct report r;

	c.seed = seed;
	w = begin_at(&c, AT_HOME);
	world_lossy(w, 125);
	world_stream(w, true, MSEC(20));
	for (unsigned i = 0; i < 6; i++) {
		world_walk(w, i % 2 ? AT_HOME : 0);
		world_run(w, world_now(w) + SEC(15));
		ok &= same(mobile_report(world_node(w), 0, &r) && r.ended, true, "ended");
	}
	world_heal(w);
	world_walk(w, 0);
	world_run(w, world_now(w) + SEC(70));
	world_walk(w, AT_HOME);
	world_run(w, world_now(w) + SEC(30));
	settle(w);
	world_count(w, &down, &up);
	ok &= same(down.duplicated + up.duplicated, 0, "duplicated");
	ok &= at_home(w);
	if (world_violated(w))
		printf("    seed %u: %s\n", seed, world_violated(w));
	ok &= !world_violated(w);
	world_free(w);
	return ok;
}

static bool losses(void)
{
	bool ok = true;

	for (unsigned seed = 1; seed <= 20; seed++)
		ok &= lossy(seed);
	return ok;
}

const struct scenario homes[] = {
	{ "F8: leaving home", leaves },
	{ "F8: coming home", comes },
	{ "F8: there and back, also within the lease", there_and_back },
	{ "F8: between home and agents that cannot buffer", legacy_around },
	{ "F8: home 140 ms away, clocks 40 s apart", far_away },
	{ "F8: a chain through home", chain },
	{ "F8: back while the home agent still drains", back_while_it_drains },
	{ "F8: the home agent starts anew", home_agent_starts_anew },
	{ "F8: messages are lost", losses },
	{ 0 },
};
