/* SPDX-License-Identifier: MIT */
#include "tests/sim/scenario.h"

#include "client/report.h"

/*
 * The second agent as a program of its own, with each kind of node: one that has asked itself
 * before it left, one that has it ask, and one that asks nothing and signs a FORWARD alone.
 */
static bool walk(enum ask ask, bool early, const char *flow, struct world_count *down, bool *asked)
{
	struct world_conf c = usual();
	struct world_count up;
	struct report r;
	struct world *w;
	bool ok;

	c.ask = ask;
	c.forward_early[0] = c.forward_early[1] = early;
	c.no_early = true; /* nor an early lease */
	w = begin(&c);
	ok = walks(w, (const unsigned[]){ 1 }, 1, SEC(3), flow);
	world_count(w, down, &up);
	ok &= same(up.lost + up.duplicated + up.reordered, 0, "uplink lost, doubled, reordered");
	ok &= same(down->duplicated + down->reordered, 0, "downlink doubled, reordered");
	mobile_report(world_node(w), 0, &r);
	*asked = r.buffer_sends > 0;
	if (world_violated(w))
		printf("    %s\n", world_violated(w));
	ok &= same(!world_violated(w), true, "invariants");
	world_free(w);
	return ok;
}

static bool asks_itself(void)
{
	struct world_count down;
	bool asked, ok = walk(ASK_SELF, false, "F1", &down, &asked);

	return same(asked, true, "it asked") && ok && same(down.lost, 0, "downlink lost");
}

/* Layer 2 takes 90 ms, its port 10, BUFFER 11 to the first agent, 500 a second. */
static bool loses_the_roam(const struct world_count *down)
{
	return same(down->lost >= 55 && down->lost <= 57, true,
		    "lost: what was sent before BUFFER arrived");
}

static bool has_it_ask(void)
{
	struct world_count down;
	bool asked, ok = walk(ASK_AGENT, false, "F2", &down, &asked);

	return same(asked, false, "it asked") && ok && loses_the_roam(&down);
}

static bool asks_nothing(void)
{
	struct world_count down;
	bool asked, ok = walk(ASK_NONE, false, "F2", &down, &asked);

	return same(asked, false, "it asked") && ok && loses_the_roam(&down);
}

/* An early FORWARD needs no BUFFER before it. */
static bool asks_nothing_early(void)
{
	struct world_count down;
	bool asked, ok = walk(ASK_NONE, true, "F2", &down, &asked);

	return same(asked, false, "it asked") && ok && loses_the_roam(&down);
}

const struct scenario kinds[] = {
	{ "a node that asks itself: 0 lost", asks_itself },
	{ "a node that has the second agent ask: F2", has_it_ask },
	{ "a node that asks nothing: the second agent asks by itself", asks_nothing },
	{ "a node that asks nothing, forwarded early", asks_nothing_early },
	{ NULL, NULL },
};
