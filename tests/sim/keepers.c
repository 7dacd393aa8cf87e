/* SPDX-License-Identifier: MIT */
#include "tests/sim/scenario.h"

#include <string.h>

/* The home agent keeps what the agent that is left cannot: F9. */

/* Agents that know nothing of this protocol, by bits. */
static struct world *begin_legacy(struct world_conf *c, unsigned legacy)
{
	*c = usual();
	for (unsigned i = 0; i < c->n_foreign; i++)
		c->legacy[i] = legacy >> i & 1;
	return begin(c);
}

static bool asked_the_home_agent(struct world *w, uint64_t kept)
{
	return same(agent_counters(world_agent(w, 3))->kept >= kept, true, "kept at home");
}

static bool from_legacy(unsigned legacy, const unsigned *to, unsigned n)
{
	struct world_conf c;
	struct world *w = begin_legacy(&c, legacy);
	bool ok = walks(w, to, n, SEC(3), "F9");
	bool whole = nothing_lost(w);

	ok &= asked_the_home_agent(w, n * 40);
	world_free(w);
	return ok && whole;
}

static bool legacy_a(void)
{
	return from_legacy(1, (const unsigned[]){ 1 }, 1);
}

static bool legacy_both(void)
{
	return from_legacy(3, (const unsigned[]){ 1, 0, 1 }, 3);
}

/* Back while what was kept is still on its way, and on to another. */
static bool legacy_chain(void)
{
	struct world_conf c;
	struct world *w = begin_legacy(&c, 7);
	bool ok = walks(w, (const unsigned[]){ 1, 0, 2, 1 }, 4, MSEC(400), "F9");
	bool whole = nothing_lost(w);

	world_free(w);
	return ok && whole;
}

/* In turn with agents that do buffer. */
static bool mixed(void)
{
	struct world_conf c;
	struct world *w = begin_legacy(&c, 1);
	bool whole;
	bool ok = true;

	for (int i = 0; i < 3; i++) {
		world_walk(w, 1);
		world_run(w, world_now(w) + SEC(3));
		ok &= flow_is(w, "F9", true);
		world_walk(w, 2);
		world_run(w, world_now(w) + SEC(3));
		ok &= flow_is(w, "F1", true);
		world_walk(w, 0); /* which relays no order: the home agent again */
		world_run(w, world_now(w) + SEC(3));
		ok &= flow_is(w, "F9", true);
	}
	settle(w);
	whole = nothing_lost(w) && !world_violated(w);
	world_free(w);
	return ok && whole;
}

/* A key is missing, not the knowledge. */
static bool no_key(void)
{
	struct world_conf c = usual();
	struct world *w;
	bool ok, whole;

	c.no_key[0] = c.no_deal = true;
	w = begin(&c);
	ok = walks(w, (const unsigned[]){ 1 }, 1, SEC(3), "F9");
	whole = nothing_lost(w);
	world_free(w);
	return ok && whole;
}

static bool far_and_apart(void)
{
	struct world_conf c = usual();
	struct world *w;
	bool ok, whole;

	c.legacy[0] = c.legacy[1] = true;
	c.leg[3] = MSEC(90); /* the home agent: 200 ms there and back */
	c.clock_skew_s[0] = 30;
	c.clock_skew_s[WORLD_FOREIGN_MAX] = -25;
	w = begin(&c);
	ok = walks(w, (const unsigned[]){ 1, 0, 1 }, 3, SEC(3), "F9");
	whole = nothing_lost(w);
	world_free(w);
	return ok && whole;
}

/* The access point that it goes to is dead: back where it was, and RELEASE. */
static bool roam_fails(void)
{
	struct world_conf c;
	struct world *w = begin_legacy(&c, 7);
	struct agent_buffer_info b;
	struct report r;
	bool ok;

	world_walk(w, 1);
	world_run(w, world_now(w) + MSEC(120));
	ok = same(agent_buffer_at(world_agent(w, 3), 0, &b) && b.state == BUF_BUFFERING, true,
		  "buffering at home");
	world_run(w, world_now(w) + SEC(3));
	ok &= same(mobile_report(world_node(w), 0, &r) && r.ok, true, "it went on");
	world_run(w, world_now(w) + SEC(12));
	ok &= same(agent_buffer_at(world_agent(w, 3), 0, &b), false, "a buffer that stays");
	settle(w);
	ok &= nothing_lost(w);
	world_free(w);
	return ok;
}

/* The node dies with its packets kept: they go when the lease does. */
static bool dies_half_way(void)
{
	struct world_conf c = usual();
	struct agent_buffer_info b;
	struct world *w;
	bool ok;

	c.legacy[0] = c.legacy[1] = true;
	c.lifetime_s = 30;
	w = begin(&c);
	world_walk(w, 1);
	world_run(w, world_now(w) + MSEC(60));
	world_restart_node(w);
	world_run(w, world_now(w) + SEC(12));
	ok = same(agent_buffer_at(world_agent(w, 3), 0, &b), false, "a buffer that stays");
	world_run(w, world_now(w) + SEC(30));
	world_check_end(w);
	ok &= same(world_violated(w) == NULL, true, "an end as the last binding says");
	world_free(w);
	return ok;
}

static bool home_restarts(void)
{
	struct world_conf c;
	struct world *w = begin_legacy(&c, 7);
	struct mobile_info m;
	bool ok;

	world_walk(w, 1);
	world_run(w, world_now(w) + MSEC(60));
	world_restart_agent(w, 3);
	world_run(w, world_now(w) + SEC(12));
	mobile_info(world_node(w), world_now(w) + SEC(1000), &m);
	ok = same(m.state, MOBILE_REGISTERED, "state");
	world_walk(w, 0);
	world_run(w, world_now(w) + SEC(3));
	ok &= flow_is(w, "F9", true);
	world_free(w);
	return ok;
}

static bool degraded(struct world_conf *c, enum home_keeps keeps, const char *word)
{
	struct world_count down, up;
	struct mobile_info m;
	struct report r;
	struct world *w;
	bool ok;

	c->legacy[0] = c->legacy[1] = true;
	w = begin(c);
	world_run(w, SEC(6));
	mobile_info(world_node(w), world_now(w) + SEC(1000), &m);
	ok = same(m.home_keeps, keeps, "what is known of the home agent");
	ok &= walks(w, (const unsigned[]){ 1 }, 1, SEC(3), "plain");
	mobile_report(world_node(w), 0, &r);
	ok &= same(strstr(r.reason, word) != NULL, true, r.reason);
	world_count(w, &down, &up);
	ok &= same(down.lost > 20 && !down.duplicated && !up.lost, true, "as without buffers");
	world_free(w);
	return ok;
}

static bool silent_home(void)
{
	struct world_conf c = usual();

	c.home_silent = true;
	return degraded(&c, HOME_SILENT, "knows nothing");
}

static bool refusing_home(void)
{
	struct world_conf c = usual();

	c.home_refuses = true;
	return degraded(&c, HOME_REFUSES, "refuses");
}

static bool lossy(unsigned seed)
{
	struct world_conf c = usual();
	struct world_count down, up;
	struct world *w;
	struct report r;
	bool ok = true;

	c.legacy[0] = c.legacy[1] = true;
	c.seed = seed;
	c.lifetime_s = 30; /* for so long agents that cannot keep a visitor */
	w = begin(&c);
	world_lossy(w, 125);
	for (unsigned i = 1; i <= 4; i++) {
		world_walk(w, i % 2);
		world_run(w, world_now(w) + SEC(12));
		mobile_report(world_node(w), 0, &r);
		ok &= same(r.ended, true, "ended");
	}
	world_heal(w);
	world_run(w, world_now(w) + SEC(70));
	settle(w);
	world_count(w, &down, &up);
	ok &= same(down.duplicated + up.duplicated, 0, "duplicated");
	world_check_end(w);
	if (world_violated(w))
		printf("    seed %u: %s\n", seed, world_violated(w));
	ok &= !world_violated(w);
	world_free(w);
	return ok;
}

/* Each message lost one time in eight: every handoff ends, nothing comes twice. */
static bool losses(void)
{
	bool ok = true;

	for (unsigned seed = 1; seed <= 30; seed++)
		ok &= lossy(seed);
	return ok;
}

const struct scenario keepers[] = {
	{ "F9: from an agent that cannot, the home agent keeps", legacy_a },
	{ "F9: between two that cannot", legacy_both },
	{ "F9: chains of them", legacy_chain },
	{ "F9: in turn with agents that buffer", mixed },
	{ "F9: a key is missing", no_key },
	{ "F9: the home agent 200 ms away, clocks 55 s apart", far_and_apart },
	{ "F9: a handoff that ends well leaves no buffer", roam_fails },
	{ "F9: the node starts anew half-way", dies_half_way },
	{ "F9: the home agent starts anew half-way", home_restarts },
	{ "F9: messages are lost", losses },
	{ "a home agent that knows no orders: plain, and said so", silent_home },
	{ "a home agent that refuses: plain, and said so", refusing_home },
	{ 0 },
};
