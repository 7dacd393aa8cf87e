/* SPDX-License-Identifier: MIT */
#include "tests/sim/seeds.h"
#include "tests/sim/world.h"

#include <stdlib.h>
#include <string.h>

/*
 * Scripted flows of mip-buffer(7) on the real cores: `ok N name` a line, the last line
 * "N passed, N failed".  -v prints what happens.  And the door to the random worlds:
 *
 *   sim [-v] [NAME]                   the scripted flows, or those with NAME in their name
 *   sim [-v] SEED                     one random world
 *   sim [-x CLASS] seeds N [FIRST]    N of them
 *   sim [-x CLASS] soak MINUTES       others each time, until one fails
 *
 * -x leaves a class out: planned, signals, sudden, chaos; or replays: nobody repeats a
 * Registration Request of the node's word for word.
 */
static unsigned passed, failed;
static FILE *verbose;

static struct world_conf usual(void)
{
	return (struct world_conf){.n_foreign = 3,
				   .buffer = true,
				   .backbone = MSEC(10),
				   .radio = 500,
				   .layer2_outage = MSEC(90),
				   .seed = 1,
				   .log = verbose};
}

static bool same(unsigned got, unsigned want, const char *what)
{
	if (got != want)
		printf("    %s: wanted %u, got %u\n", what, want, got);
	return got == want;
}

static bool nothing_lost(struct world *w)
{
	struct world_count down, up;

	world_count(w, &down, &up);
	return (int)same(down.lost, 0, "downlink lost") &
	       same(down.duplicated, 0, "downlink duplicated") &
	       same(down.reordered, 0, "downlink reordered") & same(up.lost, 0, "uplink lost") &
	       same(up.duplicated, 0, "uplink duplicated") &
	       same(up.reordered, 0, "uplink reordered");
}

static bool flow_is(struct world *w, const char *flow, bool ok)
{
	struct report r;

	if (!mobile_report(world_node(w), 0, &r) || !r.ended) {
		printf("    the handoff has not ended\n");
		return false;
	}
	if (strcmp(flow_name(r.flow), flow) || r.ok != ok)
		printf("    wanted %s %s, got %s %s (%s)\n", flow, ok ? "done" : "failed",
		       flow_name(r.flow), r.ok ? "done" : "failed", r.reason);
	return !strcmp(flow_name(r.flow), flow) && r.ok == ok;
}

/* On access point 0, registered, 500 packets a second each way. */
static struct world *begin(const struct world_conf *c)
{
	struct world *w = world_new(c);

	world_attach(w, 0);
	world_run(w, SEC(1));
	world_stream(w, true, MSEC(2));
	world_run(w, SEC(2));
	return w;
}

static void settle(struct world *w)
{
	world_stream(w, false, 0);
	world_run(w, world_now(w) + SEC(2));
}

static bool walks(struct world *w, const unsigned *to, unsigned n, mtime pause, const char *flow)
{
	bool ok = true;

	for (unsigned i = 0; i < n; i++) {
		world_walk(w, to[i]);
		world_run(w, world_now(w) + pause);
		ok &= flow_is(w, flow, true);
	}
	settle(w);
	return ok;
}

static bool f1(void)
{
	struct world_conf c = usual();
	struct world *w = begin(&c);
	bool ok = walks(w, (const unsigned[]){ 1 }, 1, SEC(3), "F1");
	bool whole = nothing_lost(w);
	struct world_count down, up;

	world_count(w, &down, &up);
	ok &= same(down.received, down.sent, "received");
	/* Layer 2, two trips to the home agent and back, 60 ms. */
	ok &= same(down.longest_gap <= MSEC(90 + 2 * 20 + 60), true, "gap within its bound");
	world_free(w);
	return ok && whole;
}

static bool f1_back_and_forth(void)
{
	struct world_conf c = usual();
	struct world *w = begin(&c);
	bool ok = walks(w, (const unsigned[]){1, 0, 1, 0, 1, 0, 1, 0, 1, 0}, 10, SEC(3), "F1");
	bool whole = nothing_lost(w);

	world_free(w);
	return ok && whole;
}

/* Back before the lease that the first walk made is over. */
static bool ping_pong(void)
{
	struct world_conf c = usual();
	struct world *w = begin(&c);
	bool ok = walks(w, (const unsigned[]){ 1, 0, 1, 0 }, 4, MSEC(600), "F1");
	bool whole = nothing_lost(w);

	world_free(w);
	return ok && whole;
}

static bool chain(void)
{
	struct world_conf c = usual();
	struct world *w = begin(&c);
	bool ok = walks(w, (const unsigned[]){1, 2, 0, 1, 2}, 5, MSEC(400), "F1");
	bool whole = nothing_lost(w);

	world_free(w);
	return ok && whole;
}

static bool without_buffering_it_loses(void)
{
	struct world_conf c = usual();
	struct world_count down, up;
	struct world *w;
	bool ok;

	c.buffer = false;
	w = begin(&c);
	ok = walks(w, (const unsigned[]){ 1 }, 1, SEC(3), "plain");
	world_count(w, &down, &up);
	ok &= same(down.lost > 20, true, "more than 20 lost");
	world_free(w);
	return ok;
}

/* The radio dies: what is lost is what was sent between the death and the arrival of BUFFER. */
static bool f2(void)
{
	struct world_conf c = usual();
	struct world *w = begin(&c);
	struct world_count down, up;
	struct report r;
	bool ok;

	world_kill_radio(w);
	world_run(w, world_now(w) + SEC(3));
	settle(w);
	ok = flow_is(w, "F2", true);
	world_count(w, &down, &up);
	mobile_report(world_node(w), 0, &r);
	ok &= same(down.duplicated, 0, "duplicated");
	ok &= same(down.reordered, 0, "reordered");
	/* and what was in the air when the radio died */
	ok &= same(down.lost >= 55 && down.lost <= 58, true,
		   "lost: 90 ms of layer 2, 10 ms of its port, 11 ms to the agent, 500 a second");
	ok &= same(r.has_lost && r.lost == down.lost, true, "the report says how many");
	if (!(r.has_lost && r.lost == down.lost))
		printf("    lost %u, report says %u (%d)\n", down.lost, r.lost, r.has_lost);
	ok &= same(up.lost, 0, "uplink lost");
	ok &= same(up.reordered, 0, "uplink reordered");
	world_free(w);
	return ok;
}

static bool visitor_goes_with_the_lease(void)
{
	struct world_conf c = usual();
	struct world *w = begin(&c);
	struct agent_buffer_info b;
	bool ok;

	world_walk(w, 1);
	world_run(w, world_now(w) + SEC(3));
	ok = same(world_kernel_has_visitor(w, 1), true, "route at B");
	world_run(w, world_now(w) + SEC(9));
	ok &= same(world_kernel_has_visitor(w, 0), false, "route at A after the lease");
	for (size_t i = 0; agent_buffer_at(world_agent(w, 0), i, &b); i++)
		ok &= same(b.queued, 0, "queued at A");
	settle(w);
	ok &= nothing_lost(w);
	world_free(w);
	return ok;
}

static bool clocks_apart(void)
{
	struct world_conf c = usual();
	struct world *w;
	bool ok;

	c.clock_skew_s[0] = 30;
	c.clock_skew_s[1] = -30;
	c.clock_skew_s[WORLD_FOREIGN_MAX] = 15;
	w = begin(&c);
	ok = walks(w, (const unsigned[]){ 1, 0, 1 }, 3, SEC(3), "F1");
	ok &= nothing_lost(w);
	world_free(w);
	return ok;
}

static const struct {
	const char *name;
	bool (*fn)(void);
} scenarios[] = {
	{ "F1: 0 lost, 0 doubled, 0 reordered", f1 },
	{ "F1 ten times back and forth", f1_back_and_forth },
	{ "F6: ping-pong within the lease", ping_pong },
	{ "chains A, B, C while A still drains", chain },
	{ "its twin without buffering loses", without_buffering_it_loses },
	{ "F2: sudden death", f2 },
	{ "the visitor entry goes with the lease", visitor_goes_with_the_lease },
	{ "clocks 30 s apart", clocks_apart },
};

static unsigned class_bit(const char *name)
{
	if (!strcmp(name, "replays"))
		return SEED_NO_REPLAYS;
	for (unsigned c = 0; c < SEED_CLASSES; c++)
		if (!strcmp(seed_class_name((enum seed_class)c), name))
			return 1u << c;
	fprintf(stderr, "sim: no class of seeds %s\n", name);
	exit(2);
}

int main(int argc, char **argv)
{
	const char *only = NULL;
	unsigned excluded = 0;
	uint64_t n[2] = { 0, 1 };
	unsigned numbers = 0;

	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "-v"))
			verbose = stdout;
		else if (!strcmp(argv[i], "-x") && i + 1 < argc)
			excluded |= class_bit(argv[++i]);
		else if (argv[i][0] >= '0' && argv[i][0] <= '9' && numbers < 2)
			n[numbers++] = strtoull(argv[i], NULL, 0);
		else
			only = argv[i];
	}
	if (numbers)
		return seeds_main(only ? only : "", n[0], n[1], excluded, verbose);
	for (size_t i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++) {
		bool ok;

		if (only && !strstr(scenarios[i].name, only))
			continue;
		ok = scenarios[i].fn();
		printf("%s %zu %s\n", ok ? "ok" : "not ok", i + 1, scenarios[i].name);
		fflush(stdout);
		if (ok)
			passed++;
		else
			failed++;
	}
	printf("%u passed, %u failed\n", passed, failed);
	return failed != 0;
}
