/* SPDX-License-Identifier: MIT */
#include "tests/sim/cases.h"

#include "client/handoff.h"

#include <string.h>

/*
 * Each flow x each failure.  Whatever fails: the invariants hold, the handoff ends, and after a
 * quiet time the node is registered where it is, no lease is left, and nothing leads elsewhere.
 * Where one message alone suffers, a planned flow also loses and doubles nothing.
 */

/* From access point 0 to 1, of F6 from 1 to 0, with all that a flow sends. */
static const struct world_tamper messages[] = {
	{ .name = "BUFFER", .from = "node", .to = "agent 0" },
	{ .name = "granted", .from = "agent 0", .to = "node" },
	{ .name = "Request", .from = "node", .to = "agent 1" },
	{ .name = "Request", .from = "agent 1", .to = "home agent" },
	{ .name = "Reply", .from = "home agent", .to = "agent 1" },
	{ .name = "Reply", .from = "agent 1", .to = "node" },
	{ .name = "BUFFER", .from = "agent 1", .to = "agent 0" },
	{ .name = "FORWARD", .from = "agent 1", .to = "agent 0" },
	{ .name = "granted", .from = "agent 0", .to = "agent 1" },
	{ .name = "granted", .from = "agent 1", .to = "node" },
	{ .name = "marker", .from = "home agent", .to = "agent 0" },
	{ .name = "pending marker", .from = "agent 0", .to = "agent 1" },
	{ .name = "marker", .from = "agent 0", .to = "agent 1" },
	{ .name = "RELEASE", .from = "node", .to = "agent 0" },
	{ .name = "FORWARD", .from = "node", .to = "agent 1" },
	{ .name = "FORWARD", .from = "agent 1", .to = "home agent" },
	{ .name = "FORWARD", .from = "home agent", .to = "agent 0" },
	{ .name = "BUFFER", .from = "node", .to = "home agent" },
	{ .name = "BUFFER", .from = "agent 0", .to = "home agent" },
	{ .name = "granted", .from = "home agent", .to = "agent 0" },
	{ .name = "granted", .from = "home agent", .to = "node" },
	{ .name = "BUFFER", .from = "node", .to = "agent 1" }, /* F3: the next lease */
	{ .name = "Request", .from = "node", .to = "agent 0" },
	{ .name = "Request", .from = "agent 0", .to = "home agent" },
	{ .name = "Reply", .from = "home agent", .to = "agent 0" },
	{ .name = "Reply", .from = "agent 0", .to = "node" },
	{ .name = "FORWARD", .from = "agent 0", .to = "agent 1" },
	{ .name = "granted", .from = "agent 1", .to = "agent 0" },
	{ .name = "marker", .from = "home agent", .to = "agent 1" },
	{ .name = "pending marker", .from = "agent 1", .to = "agent 0" },
	{ .name = "marker", .from = "agent 1", .to = "agent 0" },
	{ .name = "Request", .from = "node", .to = "home agent" },
	{ .name = "Reply", .from = "home agent", .to = "node" },
	{ .name = "granted", .from = "agent 0", .to = "home agent" },
	{ .name = "pending marker", .from = "agent 0", .to = "home agent" },
	{ .name = "marker", .from = "agent 0", .to = "home agent" },
	/* at networks without an agent */
	{ .name = "BUFFER", .from = "node", .to = "router 0" },
	{ .name = "BUFFER", .from = "router 0", .to = "home agent" },
	{ .name = "granted", .from = "home agent", .to = "router 0" },
	{ .name = "granted", .from = "router 0", .to = "node" },
	{ .name = "Request", .from = "node", .to = "router 1" },
	{ .name = "Request", .from = "router 1", .to = "home agent" },
	{ .name = "Reply", .from = "home agent", .to = "router 1" },
	{ .name = "Reply", .from = "router 1", .to = "node" },
	{ .name = "granted", .from = "home agent", .to = "router 1" },
	{ .name = "granted", .from = "router 1", .to = "node" },
};
#define MESSAGES (sizeof(messages) / sizeof(messages[0]))

static const struct fate {
	const char *name;
	enum world_fate fate;
	unsigned times;
	mtime late;
} fates[] = {
	{ "lost", FATE_LOST, 1, 0 },
	{ "lost twice", FATE_LOST, 2, 0 },
	{ "doubled", FATE_DOUBLED, 1, MSEC(3) },
	{ "doubled, much later", FATE_DOUBLED, 1, SEC(2) },
	{ "late", FATE_LATE, 1, MSEC(60) },
	{ "reordered", FATE_LATE, 1, MSEC(4) },
};
#define FATES (sizeof(fates) / sizeof(fates[0]))

static struct world *before(const struct flow_case *f, struct world_conf c)
{
	struct world *w;

	c.ask = f->ask;
	c.lifetime_s = 20; /* what an agent forgot is told again at half of it, RFC 5944 */
	c.no_early = true; /* no early lease: the flow alone */
	if (f->conf)
		f->conf(&c);
	w = world_new(&c);
	world_attach(w, f->way[0]);
	/* who is at home hears by the sequence of its advertisements that the home agent is new */
	world_run(w, c.home_link ? SEC(52) : SEC(2));
	world_stream(w, true, MSEC(4));
	world_run(w, world_now(w) + SEC(1));
	if (f->way[1] != f->way[0]) {
		world_walk(w, f->way[1]);
		world_run(w, world_now(w) + MSEC(600));
	}
	return w;
}

static void go(struct world *w, const struct flow_case *f)
{
	if (f->go)
		f->go(w);
	else
		world_walk(w, f->way[2]);
}

/* What must hold in the end, whatever happened. */
static bool ends_well(struct world *w, const char *flow, const char *failure, const char *fate)
{
	const char *bad;
	struct report r;

	world_stream(w, false, 0);
	world_heal(w);
	world_run(w, world_now(w) + SEC(45)); /* leases, lifetimes, and the handoff's patience */
	if (mobile_report(world_node(w), 0, &r) && !r.ended)
		world_violate(w, "the handoff does not end");
	world_check_end(w);
	bad = world_violated(w);
	if (bad)
		printf("    %s, %s %s: %s\n", flow, failure, fate, bad);
	return !bad;
}

static bool is_whole(struct world *w, const struct flow_case *f, bool planned, const char *what,
		     const char *fate)
{
	struct world_count down, up;
	bool ok;

	world_count(w, &down, &up);
	ok = !down.duplicated && !up.duplicated && !up.lost && (!planned || !down.lost);
	if (!ok)
		printf("    %s, %s %s: down %u lost, %u doubled; up %u lost, %u doubled\n", f->name,
		       what, fate, down.lost, down.duplicated, up.lost, up.duplicated);
	return ok;
}

static bool to_bare(const struct flow_case *f, const struct world_tamper *m)
{
	return f->bare && !strcmp(m->name, "Reply") && !strcmp(m->to, "agent 1");
}

/* Nobody can know that the home agent has accepted, and it takes what comes by the old interface
 * for 2 s: the third Request is there after 3. */
static bool unheard(const struct flow_case *f, const struct world_tamper *m, const struct fate *x)
{
	return f->crosses && x->times > 1 && !strcmp(m->name, "Reply");
}

static bool message(const struct flow_case *f, const struct world_tamper *m, const struct fate *x,
		    unsigned *met)
{
	struct world_tamper t = *m;
	struct world *w = before(f, usual());
	char what[80];
	bool ok;

	t.fate = x->fate;
	t.times = x->times;
	t.late = x->late;
	world_tamper(w, &t);
	go(w, f);
	world_run(w, world_now(w) + SEC(5));
	if (!world_tampered(w)) { /* not every flow has every message */
		world_free(w);
		return true;
	}
	++*met;
	snprintf(what, sizeof(what), "%s from %s to %s", m->name, m->from, m->to);
	ok = ends_well(w, f->name, what, x->name);
	ok &= unheard(f, m, x) || is_whole(w, f, f->planned && !to_bare(f, m), what, x->name);
	world_free(w);
	return ok;
}

static bool each_message(void)
{
	bool ok = true;

	for (unsigned i = 0; i < CASES; i++) {
		unsigned met = 0;

		/* one that the flow does not have is looked for once */
		for (unsigned k = 0, was = met; k < MESSAGES; k++, was = met)
			for (unsigned j = 0; j < FATES && met == was + j; j++)
				ok &= message(&flow_cases[i], &messages[k], &fates[j], &met);
		ok &= same(met, flow_cases[i].has * FATES, flow_cases[i].name);
	}
	return ok;
}

/* ---- somebody dies half-way ---- */

static void node_dies(struct world *w)
{
	world_restart_node(w);
}

static void first_agent_dies(struct world *w)
{
	world_restart_agent(w, 0);
}

static void second_agent_dies(struct world *w)
{
	world_restart_agent(w, 1);
}

static void home_agent_dies(struct world *w)
{
	world_restart_agent(w, 3);
}

static void home_agent_refuses(struct world *w)
{
	world_refuse(w, true);
	world_run(w, world_now(w) + SEC(4));
	world_refuse(w, false);
}

static void first_agent_is_cut_off(struct world *w)
{
	world_cut(w, 0, 1, true);
	world_run(w, world_now(w) + SEC(4));
	world_cut(w, 0, 1, false);
}

/* An old one, word for word, and made-up ones, at both agents. */
static void strangers(struct world *w)
{
	for (unsigned i = 0; i < 40; i++) {
		world_forge(w, i % 2, i % 4 < 2, i % 3 != 0);
		world_run(w, world_now(w) + MSEC(11));
	}
}

/* What the node said, again and again. */
static void flood(struct world *w)
{
	for (unsigned i = 0; i < 900; i++) {
		unsigned at = i % 3 < 2 ? i % 3 : HOME_LINK;

		world_forge(w, at, at != HOME_LINK && i % 6 < 3, false);
		world_run(w, world_now(w) + 500);
	}
}

static const struct {
	const char *name;
	void (*fn)(struct world *w);
} misfortunes[] = {
	{ "the node starts anew", node_dies },
	{ "the first agent starts anew", first_agent_dies },
	{ "the second agent starts anew", second_agent_dies },
	{ "the home agent starts anew", home_agent_dies },
	{ "the home agent refuses", home_agent_refuses },
	{ "no way from the first agent to the second", first_agent_is_cut_off },
	{ "orders replayed and forged", strangers },
	{ "a flood of what was recorded", flood },
};
#define MISFORTUNES (sizeof(misfortunes) / sizeof(misfortunes[0]))

/* Milliseconds after it began: asking, between links, registering, forwarding, after it all. */
static const unsigned moments[] = { 1, 12, 50, 103, 108, 115, 125, 135, 150, 400 };
#define MOMENTS (sizeof(moments) / sizeof(moments[0]))

/* Who is at home hears of one new start by the sequence of advertisements, of two at once not. */
static bool makes_sense(const struct flow_case *f, unsigned misfortune)
{
	return f->way[2] != HOME_LINK || misfortunes[misfortune].fn != home_agent_refuses;
}

static bool one_misfortune(const struct flow_case *f, unsigned misfortune, unsigned moment)
{
	struct world_conf c = usual();
	char when[24];
	struct world *w;
	bool ok;

	c.replays = true;
	w = before(f, c);
	go(w, f);
	world_run(w, world_now(w) + MSEC(moment));
	misfortunes[misfortune].fn(w);
	world_run(w, world_now(w) + SEC(5));
	snprintf(when, sizeof(when), "after %u ms", moment);
	ok = ends_well(w, f->name, misfortunes[misfortune].name, when);
	world_free(w);
	return ok;
}

static bool half_way(void)
{
	bool ok = true;

	for (unsigned i = 0; i < CASES; i++)
		for (unsigned k = 0; k < MISFORTUNES; k++)
			for (unsigned j = 0; j < MOMENTS && makes_sense(&flow_cases[i], k); j++)
				ok &= one_misfortune(&flow_cases[i], k, moments[j]);
	return ok;
}

static bool clocks(void)
{
	static const int skew[][3] = {
		{ 30, -30, 0 }, { -30, 30, 15 }, { 0, 0, 30 }, { 30, 30, -30 }
	};
	bool ok = true;

	for (unsigned i = 0; i < CASES; i++) {
		const struct flow_case *f = &flow_cases[i];

		for (unsigned k = 0; k < sizeof(skew) / sizeof(skew[0]); k++) {
			struct world_conf c = usual();
			struct world *w;

			c.clock_skew_s[0] = skew[k][0];
			c.clock_skew_s[1] = skew[k][1];
			c.clock_skew_s[WORLD_FOREIGN_MAX] = skew[k][2];
			w = before(f, c);
			go(w, f);
			world_run(w, world_now(w) + SEC(5));
			ok &= ends_well(w, f->name, "clocks", "30 s apart");
			ok &= is_whole(w, f, f->planned, "clocks", "30 s apart");
			world_free(w);
		}
	}
	return ok;
}

const struct scenario failures[] = {
	{ "failures: each message of each flow lost, doubled, late, reordered", each_message },
	{ "failures: somebody dies, refuses, is cut off or forges half-way", half_way },
	{ "failures: clocks 30 s apart", clocks },
	{ NULL, NULL },
};
