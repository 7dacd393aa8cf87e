/* SPDX-License-Identifier: MIT */
#include "tests/sim/scenario.h"

#include "client/report.h"

#include <string.h>

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

/* It leaves each agent while the one before still drains to that. */
static bool chain(void)
{
	static const unsigned way[] = { 0, 1, 2, 0, 1, 2 };
	struct world_conf c = usual();
	struct world *w = begin(&c);
	bool ok = true;

	for (unsigned i = 1; i < sizeof(way) / sizeof(way[0]); i++) {
		world_walk(w, way[i]);
		world_run(w, world_now(w) + MSEC(165));
		ok &= flow_is(w, "F1", true);
		ok &= same(machine_is(w, way[i - 1], BUF_DRAINING), true, "draining");
	}
	settle(w);
	ok &= nothing_lost(w);
	world_free(w);
	return ok;
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

/* The second agent knows plain RFC 5944 alone; the first knows it as a neighbour. */
static bool f4(void)
{
	struct world_conf c = usual();
	struct world_count down, up;
	struct world *w;
	bool ok;

	c.neighbours = c.legacy[1] = true;
	w = begin(&c);
	ok = walks(w, (const unsigned[]){ 1 }, 1, SEC(3), "F4");
	world_count(w, &down, &up);
	ok &= same(down.lost, 0, "downlink lost");
	ok &= same(down.duplicated, 0, "downlink doubled");
	ok &= same(up.lost + up.duplicated + up.reordered, 0, "uplink lost, doubled or reordered");
	world_free(w);
	return ok;
}

/* Nobody told the first agent of the second: it refuses to forward to where it cannot see.  The
 * node hears so, and what was kept is lost. */
static bool f4_refused(void)
{
	struct world_conf c = usual();
	struct world_count down, up;
	struct report r = { 0 };
	struct world *w;
	bool ok;

	c.legacy[1] = true;
	w = begin(&c);
	ok = walks(w, (const unsigned[]){ 1 }, 1, SEC(3), "F4");
	ok &= same(mobile_report(world_node(w), 0, &r) && strstr(r.reason, "FORWARD, code 142"),
		   true, "the report says why");
	ok &= same(r.has[STEP_FORWARDING], false, "forwarding");
	ok &= same(r.at[STEP_DONE] - r.at[STEP_REGISTERED] <= MSEC(45), true, "at once");
	world_run(w, world_now(w) + SEC(9));
	world_count(w, &down, &up);
	ok &= same(down.duplicated, 0, "downlink doubled");
	ok &= same(up.lost + up.duplicated + up.reordered, 0, "uplink not whole");
	world_free(w);
	return ok;
}

/* Two access points of one agent: BUFFER, roam, RELEASE. */
static bool f5(void)
{
	struct world_conf c = usual();
	struct agent_binding_info b;
	struct world *w;
	bool ok = true;

	c.two_aps = true;
	w = begin(&c);
	for (unsigned i = 0; i < 4; i++) {
		world_other_ap(w);
		world_run(w, world_now(w) + SEC(1));
		ok &= flow_is(w, "F5", true);
	}
	settle(w);
	ok &= nothing_lost(w);
	ok &= same(agent_binding_at(world_agent(w, c.n_foreign), 0, &b), true, "binding");
	ok &= same(agent_counters(world_agent(w, 0))->forwarded > 0, false, "forwarded");
	world_free(w);
	return ok;
}

/* Nobody orders anything: the node sees the signal fall, looks around under the buffer, and goes.
 */
static bool by_itself(void)
{
	static const unsigned way[] = { 2, 0, 1, 0 };
	struct world_conf c = usual();
	struct mobile_info m;
	struct world *w;
	bool ok;

	c.automatic = true;
	w = begin(&c);
	for (unsigned i = 0; i < 4; i++) {
		world_stroll(w, way[i], 0.1);
		world_run(w, world_now(w) + SEC(24));
	}
	settle(w);
	ok = flow_is(w, "F1", true) & (int)nothing_lost(w);
	mobile_info(world_node(w), world_now(w), &m);
	ok &= same(m.handoffs >= 6 && m.handoffs <= 8, true,
		   "handoffs: 6 for the way, 2 for fading");
	if (m.handoffs < 6 || m.handoffs > 8)
		printf("    %llu\n", (unsigned long long)m.handoffs);
	world_free(w);
	return ok;
}

/* Longer than a handoff waits; the agent of the next link was never heard before. */
static bool no_link_for_long(void)
{
	struct world_conf c = usual();
	struct world *w;
	struct mobile_info m;
	bool ok;

	c.lifetime_s = 600;
	w = begin(&c);
	world_all_radios(w, false);
	world_run(w, world_now(w) + SEC(17));
	ok = flow_is(w, "F2", false);
	world_all_radios(w, true);
	world_run(w, world_now(w) + SEC(3));
	mobile_info(world_node(w), world_now(w) + SEC(1000), &m);
	ok &= same(m.state, MOBILE_REGISTERED, "registered");
	settle(w);
	world_run(w, world_now(w) + SEC(8));
	world_check_end(w); /* also where it was it is no visitor any more */
	if (world_violated(w))
		printf("    %s\n", world_violated(w));
	ok &= !world_violated(w);
	world_free(w);
	return ok;
}

/* From the link being up to the Request on its way, at an agent never heard before. */
static mtime to_request(bool neighbours)
{
	struct world_conf c = usual();
	struct world *w;
	struct report r = { 0 };

	c.neighbours = neighbours;
	c.radio = MSEC(4);
	w = begin(&c);
	walks(w, (const unsigned[]){ 1 }, 1, SEC(3), "F1");
	mobile_report(world_node(w), 0, &r);
	nothing_lost(w);
	world_free(w);
	return r.at[STEP_REQUEST_SENT] - r.at[STEP_LINK_UP];
}

static bool neighbours(void)
{
	mtime with = to_request(true), without = to_request(false);

	printf("    %lld us, %lld without\n", (long long)with, (long long)without);
	return (int)same(with == MSEC(10), true, "no wait but for the port") &
	       same(without >= with + 2 * MSEC(4), true, "solicitation and answer without");
}

const struct scenario flows[] = {
	{ "F1: 0 lost, 0 doubled, 0 reordered", f1 },
	{ "F1 ten times back and forth", f1_back_and_forth },
	{ "F6: ping-pong within the lease", ping_pong },
	{ "chains A, B, C while A still drains", chain },
	{ "its twin without buffering loses", without_buffering_it_loses },
	{ "F2: sudden death", f2 },
	{ "F2: a long way without a link", no_link_for_long },
	{ "the visitor entry goes with the lease", visitor_goes_with_the_lease },
	{ "clocks 30 s apart", clocks_apart },
	{ "a neighbour's word saves the solicitation", neighbours },
	{ "F4: the second agent knows only RFC 5944", f4 },
	{ "F4 to an agent that the first does not know", f4_refused },
	{ "F5: two access points of one agent", f5 },
	{ "the node decides by itself", by_itself },
	{ NULL, NULL },
};
