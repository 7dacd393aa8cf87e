/* SPDX-License-Identifier: MIT */
#include "tests/sim/scenario.h"

/* Several nodes at once, each with its own stream: none disturbs another. */

static struct world *crowd(const struct world_conf *c, mtime every)
{
	struct world *w = world_new(c);

	for (unsigned k = 0; k < c->n_nodes; k++) {
		world_use(w, k);
		world_attach(w, k % c->n_foreign);
	}
	world_run(w, SEC(2));
	world_stream(w, true, every);
	world_run(w, SEC(3));
	return w;
}

/* Node k goes to the access point after its own; between two departures: pause. */
static void all_walk(struct world *w, const struct world_conf *c, unsigned by, mtime pause)
{
	for (unsigned k = 0; k < c->n_nodes; k++) {
		world_use(w, k);
		world_walk(w, (k + by) % c->n_foreign);
		world_run(w, world_now(w) + pause);
	}
}

static bool each(struct world *w, const struct world_conf *c, const char *flow)
{
	unsigned whole = 0;

	for (unsigned k = 0; k < c->n_nodes; k++) {
		world_use(w, k);
		whole += flow_is(w, flow, true) & (int)nothing_lost(w);
	}
	if (world_violated(w))
		printf("    %s\n", world_violated(w));
	return same(whole, c->n_nodes, "nodes with 0 lost, 0 doubled, 0 reordered") &&
	       !world_violated(w);
}

/* They change places at the same time: each agent is first and second at once. */
static bool two_nodes(void)
{
	struct world_conf c = usual();
	struct world *w;
	bool ok = true;

	c.n_nodes = c.n_foreign = 2;
	w = crowd(&c, MSEC(2));
	for (unsigned i = 1; i <= 4; i++) {
		all_walk(w, &c, i, 0);
		world_run(w, world_now(w) + (i % 2 ? SEC(2) : MSEC(300)));
	}
	settle(w);
	ok = each(w, &c, "F1");
	world_free(w);
	return ok;
}

/* All leave within a fifth of a second, and go back before the leases are over. */
static bool two_hundred_nodes(void)
{
	struct world_conf c = usual();
	struct world *w;
	bool ok;

	c.n_nodes = WORLD_NODES_MAX;
	w = crowd(&c, MSEC(20));
	all_walk(w, &c, 1, MSEC(1));
	world_run(w, world_now(w) + SEC(3));
	all_walk(w, &c, 0, MSEC(1));
	world_run(w, world_now(w) + SEC(3));
	settle(w);
	ok = each(w, &c, "F1");
	world_free(w);
	return ok;
}

const struct scenario crowds[] = {
	{ "two nodes change places", two_nodes },
	{ "two hundred nodes leave at once, and come back", two_hundred_nodes },
	{ NULL, NULL },
};
