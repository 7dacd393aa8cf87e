/* SPDX-License-Identifier: MIT */
#include "tests/sim/scenario.h"

/* F3, the early lease, and F10, the access point that begins it. */

static bool end(struct world *w, bool ok)
{
	if (world_violated(w))
		printf("    %s\n", world_violated(w));
	ok &= !world_violated(w);
	world_free(w);
	return ok;
}

static struct world_conf with_hostapd(void)
{
	struct world_conf c = usual();

	for (unsigned i = 0; i < c.n_foreign; i++)
		c.hostapd[i] = true;
	c.gone_after = MSEC(20);
	return c;
}

static bool reserved(void)
{
	struct world_conf c = usual();
	struct world *w;
	bool ok;

	c.lifetime_s = 20;
	w = begin(&c);
	ok = same(machine_is(w, 0, BUF_RESERVED), true, "reserved at A");
	world_run(w, SEC(15));
	ok &= same((unsigned)agent_counters(world_agent(w, 0))->early_leases, 2,
		   "early leases, the second on a renewal");
	ok &= same(machine_is(w, 0, BUF_RESERVED), true, "still reserved at A");
	ok &= walks(w, (const unsigned[]){ 1 }, 1, SEC(3), "F1") & (int)nothing_lost(w);
	ok &= same(machine_is(w, 0, BUF_RESERVED), false, "reserved at A behind it");
	ok &= same(machine_is(w, 1, BUF_RESERVED), true, "reserved at B");
	return end(w, ok);
}

/* As F2, but what is lost ends with the access point's word, not with the node's order. */
static bool dies(void)
{
	struct world_conf c = with_hostapd();
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
	ok &= same(down.lost >= 10 && down.lost <= 12, true, "lost: 20 ms, 500 a second");
	ok &= same(r.has_lost ? r.lost : 0, down.lost, "the report says how many");
	ok &= same(down.duplicated + down.reordered, 0, "doubled or reordered");
	ok &= same(up.lost + up.duplicated + up.reordered, 0, "uplink not whole");
	ok &= same((unsigned)agent_counters(world_agent(w, 0))->triggered, 1, "begun by A");
	return end(w, ok);
}

/* Known at once: lost is what was in the air. */
static bool sent_away(void)
{
	struct world_conf c = with_hostapd();
	struct world *w = begin(&c);
	struct world_count down, up;
	bool ok;

	world_kick(w, 1);
	world_run(w, world_now(w) + SEC(3));
	settle(w);
	ok = flow_is(w, "F2", true);
	world_count(w, &down, &up);
	ok &= same(down.lost <= 1, true, "lost: what was in the air");
	ok &= same(down.duplicated + down.reordered, 0, "doubled or reordered");
	return end(w, ok);
}

static bool comes_back(void)
{
	struct world_conf c = with_hostapd();
	struct world_count down, up;
	struct world *w;
	bool ok;

	c.n_foreign = 1; /* else it would go elsewhere */
	w = begin(&c);
	world_kick(w, 0);
	world_run(w, world_now(w) + SEC(1));
	ok = same(machine_is(w, 0, BUF_RESERVED), true, "reserved again");
	ok &= same((unsigned)agent_counters(world_agent(w, 0))->stations_back, 1, "back");
	settle(w);
	world_count(w, &down, &up);
	ok &= same(down.lost <= 1, true, "lost: what was in the air");
	ok &= same(down.duplicated + down.reordered, 0, "doubled or reordered");
	return end(w, ok);
}

/* Its packets are dropped when the lease is over; then everything begins anew. */
static bool nobody_comes(void)
{
	struct world_conf c = with_hostapd();
	struct world *w = begin(&c);
	bool ok;

	world_all_radios(w, false);
	world_run(w, world_now(w) + SEC(5));
	ok = same(machine_is(w, 0, BUF_BUFFERING), true, "buffering at A");
	world_run(w, world_now(w) + SEC(4));
	ok &= same(machine_is(w, 0, BUF_BUFFERING), false, "buffering after the lease");
	ok &= same(agent_drops(world_agent(w, 0))->n[DROP_LEASE_OVER] > 100, true, "dropped");
	world_all_radios(w, true);
	world_run(w, world_now(w) + SEC(20));
	settle(w);
	world_check_end(w);
	return end(w, ok);
}

/* Nobody asked for it: nothing begins, and it is said in a counter. */
static bool not_reserved(void)
{
	struct world_conf c = with_hostapd();
	struct world *w;
	bool ok;

	c.no_early = true;
	w = begin(&c);
	world_kill_radio(w);
	world_run(w, world_now(w) + MSEC(60));
	ok = same(machine_is(w, 0, BUF_BUFFERING), false, "buffering at A");
	ok &= same((unsigned)agent_counters(world_agent(w, 0))->stations_gone, 1, "gone");
	ok &= same((unsigned)agent_counters(world_agent(w, 0))->triggered, 0, "begun by A");
	settle(w);
	return end(w, ok);
}

/* A planned walk: what the old access point says of it is late, and changes nothing. */
static bool planned(void)
{
	struct world_conf c = with_hostapd();
	bool ok;
	struct world *w;

	c.gone_after = MSEC(150);
	w = begin(&c);
	ok = walks(w, (const unsigned[]){ 1, 0, 1, 2 }, 4, SEC(1), "F1") & (int)nothing_lost(w);
	return end(w, ok);
}

const struct scenario flows_early[] = {
	{ "F3: an early lease, and the node's own order", reserved },
	{ "F10: the access point begins it", dies },
	{ "F10: sent away by the access point", sent_away },
	{ "F10: the station is back at the same agent", comes_back },
	{ "F10: nobody comes", nobody_comes },
	{ "F10: nothing was reserved", not_reserved },
	{ "F10: a planned walk", planned },
	{ NULL, NULL },
};
