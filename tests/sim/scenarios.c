/* SPDX-License-Identifier: MIT */
#include "tests/sim/scenario.h"

#include "tests/sim/seeds.h"

#include <malloc.h>
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
 * -x leaves a class out: planned, signals, sudden, chaos, stroll, own, cables; or replays: nobody
 * repeats a Registration Request of the node's word for word.
 */
static unsigned passed, failed;
FILE *scenario_log;

struct world_conf usual(void)
{
	return (struct world_conf){.n_foreign = 3,
				   .buffer = true,
				   .backbone = MSEC(10),
				   .radio = 500,
				   .layer2_outage = MSEC(90),
				   .seed = 1,
				   .log = scenario_log};
}

bool same(unsigned got, unsigned want, const char *what)
{
	if (got != want)
		printf("    %s: wanted %u, got %u\n", what, want, got);
	return got == want;
}

bool nothing_lost(struct world *w)
{
	struct world_count down, up;

	world_count(w, &down, &up);
	return (int)same(down.lost, 0, "downlink lost") &
	       same(down.duplicated, 0, "downlink duplicated") &
	       same(down.reordered, 0, "downlink reordered") & same(up.lost, 0, "uplink lost") &
	       same(up.duplicated, 0, "uplink duplicated") &
	       same(up.reordered, 0, "uplink reordered");
}

bool flow_is(struct world *w, const char *flow, bool ok)
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

struct world *begin(const struct world_conf *c)
{
	struct world *w = world_new(c);

	world_attach(w, 0);
	world_run(w, SEC(1));
	world_stream(w, true, MSEC(2));
	world_run(w, SEC(2));
	return w;
}

void settle(struct world *w)
{
	world_stream(w, false, 0);
	world_run(w, world_now(w) + SEC(2));
}

bool machine_is(struct world *w, unsigned i, enum buffer_state s)
{
	struct agent_buffer_info b;

	for (size_t k = 0; agent_buffer_at(world_agent(w, i), k, &b); k++)
		if (b.state == s)
			return true;
	return false;
}

bool walks(struct world *w, const unsigned *to, unsigned n, mtime pause, const char *flow)
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

static const struct scenario *const tables[] = {
	flows, flows_early, keepers, homes, crowds, dealt_keys, early_forward, kinds,
	failures, colocated, networks, cables, pulled_cables, natted,
};

static bool until_failed; /* one is enough: scripts/mutants */

static void play(const struct scenario *s, const char *only)
{
	for (; s->name && !(failed && until_failed); s++) {
		bool ok;

		if (only && !strstr(s->name, only))
			continue;
		ok = s->fn();
		printf("%s %u %s\n", ok ? "ok" : "not ok", passed + failed + 1, s->name);
		fflush(stdout);
		if (ok)
			passed++;
		else
			failed++;
	}
}

/* Agents' pools come as untouched pages always: out of the heap that two hundred nodes leave behind
 * each would be cleared, 64 MiB of it. */
static void pools_are_mapped(void)
{
#ifdef __GLIBC__
	mallopt(M_MMAP_THRESHOLD, 1 << 20);
#endif
}

int main(int argc, char **argv)
{
	const char *only = NULL;
	unsigned excluded = 0;
	uint64_t n[2] = { 0, 1 };
	unsigned numbers = 0;

	pools_are_mapped();
	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "-v"))
			scenario_log = stdout;
		else if (!strcmp(argv[i], "-f"))
			until_failed = true;
		else if (!strcmp(argv[i], "-x") && i + 1 < argc)
			excluded |= class_bit(argv[++i]);
		else if (argv[i][0] >= '0' && argv[i][0] <= '9' && numbers < 2)
			n[numbers++] = strtoull(argv[i], NULL, 0);
		else
			only = argv[i];
	}
	if (numbers)
		return seeds_main(only ? only : "", n[0], n[1], excluded, scenario_log);
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		play(tables[i], only);
	printf("%u passed, %u failed\n", passed, failed);
	return failed != 0;
}
