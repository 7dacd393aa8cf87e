/* SPDX-License-Identifier: MIT */
#include "tests/sim/scenario.h"

/*
 * Keys dealt by the home agent, mip-buffer(7): the node has one key, that with its home agent, and
 * no agent has ever heard of it.
 */
static struct world_conf one_key(void)
{
	struct world_conf c = usual();

	for (unsigned i = 0; i < WORLD_FOREIGN_MAX; i++)
		c.no_key[i] = true;
	return c;
}

static bool key_is(struct world *w, enum order_key want)
{
	struct mobile_info i;

	mobile_info(world_node(w), world_now(w) + SEC(1000), &i);
	if (i.order_key != want)
		printf("    order key: wanted %s, got %s\n", order_key_name(want),
		       order_key_name(i.order_key));
	return i.order_key == want;
}

static uint64_t taken(struct world *w, unsigned i)
{
	return agent_counters(world_agent(w, i))->keys_taken;
}

/* Agents that it has never met, then back within their leases, and chains. */
static bool roams(void)
{
	struct world_conf c = one_key();
	struct world *w = begin(&c);
	bool ok = key_is(w, ORDER_KEY_DEALT);

	ok &= walks(w, (const unsigned[]){ 1, 2, 0, 1, 0, 2 }, 6, MSEC(600), "F1");
	ok &= nothing_lost(w) & (int)key_is(w, ORDER_KEY_DEALT);
	ok &= same((unsigned)taken(w, 0), 3, "keys that agent 0 took");
	world_free(w);
	return ok;
}

static bool clocks(void)
{
	struct world_conf c = one_key();
	struct world *w;
	bool ok;

	c.clock_skew_s[0] = 30;
	c.clock_skew_s[1] = -30;
	c.clock_skew_s[WORLD_FOREIGN_MAX] = 15;
	w = begin(&c);
	ok = walks(w, (const unsigned[]){ 1, 0, 1 }, 3, SEC(3), "F1");
	ok &= nothing_lost(w);
	for (unsigned i = 0; i < c.n_foreign; i++) {
		const struct drops *d = agent_drops(world_agent(w, i));

		ok &= same((unsigned)(d->n[DROP_STALE] + d->n[DROP_REPLAY]), 0,
			   "orders refused for their Identification");
	}
	world_free(w);
	return ok;
}

/* It hears of the restart, registers again, and has a key again. */
static bool agent_restarts(void)
{
	struct world_conf c = one_key();
	struct world *w = world_new(&c);
	bool ok;

	world_attach(w, 0);
	world_run(w, SEC(25)); /* a second advertisement was heard */
	world_restart_agent(w, 0);
	world_run(w, SEC(26));
	ok = same((unsigned)taken(w, 0), 1, "keys that the agent took since");
	world_stream(w, true, MSEC(2));
	world_run(w, SEC(27));
	ok &= walks(w, (const unsigned[]){ 1, 0 }, 2, SEC(3), "F1");
	ok &= nothing_lost(w) & (int)key_is(w, ORDER_KEY_DEALT);
	world_free(w);
	return ok;
}

/* It leaves before it can know: nobody grants, and nobody forwards, but it arrives. */
static bool agent_has_forgotten(void)
{
	struct world_conf c = one_key();
	struct world *w = begin(&c);
	struct world_count down, up;
	struct report r;
	bool ok;

	world_restart_agent(w, 0);
	world_walk(w, 1);
	world_run(w, world_now(w) + SEC(5));
	ok = flow_is(w, "F2", true);
	mobile_report(world_node(w), 0, &r);
	ok &= same(r.reason[0] != '\0', true, "a reason");
	ok &= same(agent_drops(world_agent(w, 0))->n[DROP_NO_KEY] > 0, true,
		   "orders under a key that is forgotten");
	settle(w);
	world_count(w, &down, &up);
	ok &= same(down.duplicated + up.duplicated, 0, "doubled");
	world_stream(w, true, MSEC(2));
	ok &= walks(w, (const unsigned[]){ 0 }, 1, SEC(3), "F1"); /* from one that has a key */
	ok &= key_is(w, ORDER_KEY_DEALT);
	world_free(w);
	return ok;
}

/* No key is dealt, and none is configured: the home agent buffers in the first agent's place. */
static bool nobody_deals(void)
{
	struct world_conf c = one_key();
	struct world *w;
	bool ok;

	c.no_deal = true;
	w = begin(&c);
	ok = key_is(w, ORDER_KEY_NONE);
	ok &= walks(w, (const unsigned[]){ 1 }, 1, SEC(3), "F9");
	world_free(w);
	return ok;
}

/* Every renewal brings another key; a walk after many of them is as good as the first. */
static bool renewals(void)
{
	struct world_conf c = one_key();
	struct world *w;
	bool ok;

	c.lifetime_s = 20;
	w = begin(&c);
	world_stream(w, false, 0);
	world_run(w, SEC(63));
	ok = same(taken(w, 0) >= 6, true, "keys that agent 0 took");
	world_stream(w, true, MSEC(2));
	world_run(w, SEC(64));
	ok &= walks(w, (const unsigned[]){ 1, 0 }, 2, SEC(3), "F1");
	ok &= nothing_lost(w);
	world_free(w);
	return ok;
}

/* The home agent starts anew, with other randomness: what it dealt before still holds. */
static bool home_agent_restarts(void)
{
	struct world_conf c = one_key();
	struct world *w = begin(&c);
	bool ok;

	world_stream(w, false, 0);
	world_run(w, SEC(3));
	world_restart_agent(w, c.n_foreign);
	world_walk(w, 1);
	world_run(w, SEC(6));
	ok = flow_is(w, "F1", true) & (int)key_is(w, ORDER_KEY_DEALT);
	world_stream(w, true, MSEC(2));
	world_run(w, SEC(7));
	ok &= walks(w, (const unsigned[]){ 0 }, 1, SEC(3), "F1");
	ok &= nothing_lost(w);
	world_free(w);
	return ok;
}

const struct scenario dealt_keys[] = {
	{ "one key: agents never heard of, back and forth, chains", roams },
	{ "one key: clocks 30 s apart", clocks },
	{ "one key: the agent is restarted", agent_restarts },
	{ "one key: the agent has forgotten it", agent_has_forgotten },
	{ "one key: nobody deals", nobody_deals },
	{ "one key: after many renewals", renewals },
	{ "one key: the home agent is restarted", home_agent_restarts },
	{ NULL, NULL },
};
