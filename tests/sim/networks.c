/* SPDX-License-Identifier: MIT */
#include "tests/sim/scenario.h"

#include "client/report.h"

#include <string.h>

/* What goes wrong with care-of addresses of the node's own, and with the networks they are of. */

static void info(struct world *w, struct mobile_info *m)
{
	mobile_info(world_node(w), world_now(w) + SEC(1000), m);
}

/* Nobody is left to ask: what is sent until it is registered again is lost, and no more. */
static bool dies(const struct world_conf *c)
{
	struct world *w = begin(c);
	struct world_count down, up;
	bool ok;

	world_kill_radio(w);
	pass(w, SEC(3));
	settle(w);
	world_count(w, &down, &up);
	ok = same(down.duplicated + down.reordered, 0, "downlink doubled, reordered");
	ok &= same(up.lost + up.duplicated + up.reordered, 0, "uplink lost, doubled, reordered");
	/* and what was in the air when the radio died */
	ok &= same(down.lost >= 70 && down.lost <= 72, true,
		   "lost: 90 ms of layer 2, 30 of DHCP, 10 to the home agent, 500 a second");
	ok &= flow_is(w, "plain", true);
	ok &= holds(w);
	world_free(w);
	return ok;
}

static bool sudden(void)
{
	struct world_conf c = own_addresses(false);

	if (!dies(&c))
		return false;
	c = own_addresses(true);
	return dies(&c);
}

/* It is repaired at the latest by the renewal at half of the lifetime. */
static bool rebinds_streaming(void)
{
	struct world_conf c = own_addresses(true);
	struct world_count down, up, later;
	struct world *w = begin(&c);
	bool ok;

	world_rebind(w, 0);
	world_run(w, world_now(w) + SEC(32));
	world_count(w, &down, &up);
	ok = same(down.lost > 0, true, "the old port leads nowhere");
	world_run(w, world_now(w) + SEC(10));
	world_walk(w, 1);
	pass(w, SEC(3));
	ok &= flow_is(w, "F7", true);
	settle(w);
	world_count(w, &later, &up);
	ok &= same(later.lost <= down.lost, true, "lost after it was repaired");
	ok &= same(later.duplicated + later.reordered, 0, "downlink doubled, reordered");
	ok &= holds(w);
	world_free(w);
	return ok;
}

/* Nothing passes for minutes; then the correspondent begins. */
static bool rebinds_silent(bool forgets)
{
	struct world_conf c = own_addresses(true);
	struct world_count before, down, up;
	struct mobile_info m;
	struct world *w;
	bool ok;

	c.nat_forgets = forgets ? SEC(28) : 0;
	w = begin(&c);
	settle(w);
	world_count(w, &before, &up);
	world_run(w, world_now(w) + SEC(200));
	info(w, &m);
	ok = same(m.keepalives > 3 || !forgets, true, "keepalives");
	if (!forgets) {
		world_rebind(w, 0);
		world_run(w, world_now(w) + SEC(40));
	}
	world_stream(w, true, MSEC(4));
	world_run(w, world_now(w) + SEC(1));
	settle(w);
	world_count(w, &down, &up);
	ok &= same(down.lost - before.lost, 0, "lost after silence");
	ok &= same(up.lost, 0, "uplink lost");
	ok &= holds(w);
	world_free(w);
	return ok;
}

static bool rebinds(void)
{
	return rebinds_streaming() & (int)rebinds_silent(true) & (int)rebinds_silent(false);
}

/* The lease is taken away while the Request is under way; and before that, and after it. */
static bool loses_its_address(void)
{
	bool ok = true;

	for (unsigned ms = 60; ms < 240; ms += 6) {
		struct world_conf c = own_addresses(false);
		struct world_count down, up;
		struct world *w;

		c.nat[1] = ms % 4;
		w = begin(&c);
		world_walk(w, 1);
		world_run(w, world_now(w) + MSEC(ms));
		world_address_lost(w);
		pass(w, SEC(11));
		settle(w);
		world_count(w, &down, &up);
		ok &= same(down.duplicated + up.duplicated, 0, "doubled");
		world_run(w, world_now(w) + SEC(45));
		world_check_end(w);
		ok &= holds(w);
		if (!ok)
			printf("    after %u ms: down %u lost, up %u lost\n", ms, down.lost,
			       up.lost);
		world_free(w);
		if (!ok)
			break;
	}
	return ok;
}

/* Longer than the node looks for an agent: it says so, and goes on when the address comes. */
static bool slow_dhcp(void)
{
	struct world_conf c = own_addresses(false);
	struct world_count down, up;
	struct mobile_info m;
	struct world *w;
	struct report r;
	bool ok;

	c.dhcp = SEC(9);
	w = world_new(&c);
	world_attach(w, 0);
	world_run(w, SEC(12));
	world_stream(w, true, MSEC(4));
	world_run(w, SEC(13));
	world_walk(w, 1);
	world_run(w, world_now(w) + SEC(14));
	ok = same(mobile_report(world_node(w), 0, &r) && r.ended && !r.ok, true, "it failed");
	ok &= same(strstr(r.reason, "no agent") != NULL, true, r.reason);
	info(w, &m);
	ok &= same(m.state, MOBILE_REGISTERED, "registered all the same");
	settle(w);
	world_count(w, &down, &up);
	ok &= same(down.duplicated + up.duplicated + up.reordered, 0, "doubled");
	world_run(w, world_now(w) + SEC(20));
	world_check_end(w);
	ok &= holds(w);
	world_free(w);
	return ok;
}

static mtime waited(struct world *w)
{
	struct report r;

	return mobile_report(world_node(w), 0, &r) && r.ok
		   ? r.at[STEP_REGISTERED] - r.at[STEP_LINK_UP]
		   : MTIME_NEVER;
}

/* The first time DHCP is waited for, then only the gateway's answer, and the home agent's. */
static bool remembered_lease(void)
{
	struct world_conf c = own_addresses(false);
	struct world *w;
	bool ok;

	c.dhcp = MSEC(400);
	c.lease_s = 3600;
	w = begin(&c);
	world_walk(w, 1);
	pass(w, SEC(3));
	ok = same(waited(w) >= MSEC(400), true, "new there: DHCP");
	for (unsigned i = 0; i < 6; i++) {
		world_walk(w, i % 2);
		pass(w, i < 4 ? SEC(3) : MSEC(700));
		ok &= flow_is(w, "F7", true);
		ok &= same(waited(w) <= MSEC(22), true,
			   "back there: the gateway 1 ms, the home agent 21");
	}
	settle(w);
	ok &= nothing_lost(w);
	world_run(w, world_now(w) + SEC(12));
	world_check_end(w);
	ok &= holds(w);
	world_free(w);
	return ok;
}

static bool two_nodes(void)
{
	struct world_conf c = own_addresses(true);
	struct world *w;
	bool ok = true;

	c.n_nodes = 2;
	w = world_new(&c);
	for (unsigned k = 0; k < 2; k++) {
		world_use(w, k);
		world_attach(w, k);
	}
	world_run(w, SEC(1));
	world_stream(w, true, MSEC(4));
	world_run(w, SEC(2));
	for (unsigned i = 0; i < 6; i++) { /* apart, and together behind one */
		world_use(w, i % 2);
		world_walk(w, (i + 2) / 2 % 3);
		pass(w, i % 3 ? SEC(1) : MSEC(130));
	}
	settle(w);
	for (unsigned k = 0; k < 2; k++) {
		world_use(w, k);
		ok &= flow_is(w, "F7", true);
		ok &= nothing_lost(w);
	}
	world_run(w, world_now(w) + SEC(12));
	world_check_end(w);
	ok &= holds(w);
	world_free(w);
	return ok;
}

/* One that is remembered, and one that it is registered through: the network alone is left. */
static bool agents_go(void)
{
	struct world_conf c = usual();
	struct world_count down, up;
	struct world *w;
	bool ok;

	c.addresses = true;
	c.lifetime_s = 20;
	c.dhcp = MSEC(30);
	w = begin(&c);
	world_walk(w, 1);
	pass(w, SEC(2));
	world_walk(w, 0);
	pass(w, SEC(2));
	world_agent_gone(w, 1);
	world_walk(w, 1);
	pass(w, SEC(6));
	ok = flow_is(w, "F12", true);
	world_walk(w, 2);
	pass(w, SEC(9));
	ok &= flow_is(w, "F7", true);
	settle(w);
	world_count(w, &down, &up);
	ok &= same(down.lost + down.duplicated + down.reordered, 0,
		   "downlink lost, doubled, reordered");
	ok &= same(up.lost + up.duplicated + up.reordered, 0, "uplink lost, doubled, reordered");
	world_stream(w, true, MSEC(2));
	world_agent_gone(w, 2);
	pass(w, SEC(35));
	settle(w);
	world_check_end(w);
	ok &= holds(w);
	world_free(w);
	return ok;
}

const struct scenario networks[] = {
	{ "F7: sudden death: lost is what was sent meanwhile", sudden },
	{ "a NAT forgets: in mid-stream, and in silence", rebinds },
	{ "the address is lost in the middle of a registration", loses_its_address },
	{ "DHCP slower than the node waits", slow_dhcp },
	{ "a lease that still runs is used before DHCP brings it", remembered_lease },
	{ "two nodes behind one NAT", two_nodes },
	{ "an agent is gone, and its network is not", agents_go },
	{ NULL, NULL },
};
