/* SPDX-License-Identifier: MIT */
#include "tests/unit/own_address_fixture.h"

/* Which address of its own the node uses, and when. */

static bool asks_from(uint32_t addr)
{
	struct mip_exts x;
	bool is = n.requests == 1 && asked(&x).care_of == addr && n.from == addr;

	node_forget(&n);
	return is;
}

static void patience(void)
{
	node_init(&n);
	told(ADDR_A, GATE_A);
	node_link_up(&n, &bssid_a);
	CHECK_EQ(n.probes, 2); /* at 0 and 10 ms */
	CHECK_EQ(n.probed, GATE_A);
	gateway_answers(GATE_A);
	node_until(&n, SEC(100) + PATIENCE - 1);
	CHECK_EQ(n.requests, 0);
	CHECK_EQ(n.solicitations, 1);
	node_until(&n, SEC(100) + PATIENCE);
	CHECK(asks_from(ADDR_A));
	node_free(&n);
}

static void doubted(void)
{
	node_init(&n);
	told(ADDR_A, GATE_A);
	node_link_up(&n, &bssid_a);
	gateway_answers(GATE_B); /* somebody else's */
	node_until(&n, SEC(103));
	CHECK_EQ(n.requests, 0);
	CHECK_EQ(n.probes, 5); /* it may not have heard the first ones */
	told(ADDR_B, GATE_B);
	node_until(&n, n.now.t + 1);
	CHECK(asks_from(ADDR_B));
	node_free(&n);
}

static void nothing_to_use(void)
{
	node_init(&n);
	node_link_up(&n, &bssid_a);
	told(ADDR_A, 0); /* a network that leads nowhere */
	node_until(&n, SEC(103));
	CHECK_EQ(n.requests, 0);
	CHECK_EQ(n.probes, 0);
	told(ADDR_A, GATE_A);
	node_until(&n, n.now.t + 1);
	CHECK(asks_from(ADDR_A));
	told(0, 0); /* the lease is lost while it is asked */
	node_until(&n, n.now.t + SEC(5));
	told(ADDR_B, GATE_A);
	node_until(&n, n.now.t + 1);
	CHECK(n.requests > 0 && n.from == ADDR_B);
	node_free(&n);
}

static void agent_first_registered(void)
{
	node_init(&n);
	told(ADDR_A, GATE_A);
	node_link_up(&n, &bssid_a);
	gateway_answers(GATE_A);
	node_advert(&n, false, 1);
	CHECK_EQ(n.messages, 0);
	CHECK_EQ(n.requests, 1);
	node_reply(&n, false, 0, 600, 0, -1);
}

static void agent_first(void)
{
	agent_first_registered();
	node_until(&n, n.now.t + SEC(1));
	CHECK_EQ(n.messages, 0);
	CHECK(!look().colocated && look().care_of == CARE_OF_A);
	node_free(&n);
}

static void agent_late(void)
{
	from_a(NULL);
	node_advert(&n, false, 1);
	node_until(&n, n.now.t + SEC(1));
	CHECK_EQ(n.requests, 0);
	CHECK(look().colocated);
	node_free(&n);
}

static void mode(enum care_of_mode m)
{
	node_init(&n);
	n.conf.care_of = m;
	CHECK(mobile_reconfigure(n.m, &n.conf, &n.now, &n.out));
	told(ADDR_A, GATE_A);
	node_link_up(&n, &bssid_a);
	gateway_answers(GATE_A);
}

static void modes(void)
{
	mode(CARE_OF_AGENT);
	node_until(&n, SEC(103));
	CHECK_EQ(n.requests + n.probes, 0);
	CHECK_EQ(mobile_want(n.m)->care_of[MOBILE_RADIO], 0);
	node_free(&n);

	mode(CARE_OF_COLOCATED);
	CHECK(asks_from(ADDR_A)); /* it waits for nobody */
	CHECK_EQ(mobile_want(n.m)->care_of[MOBILE_RADIO], ADDR_A);
	node_advert(&n, false, 1);
	node_until(&n, n.now.t + MSEC(900));
	CHECK_EQ(n.requests, 0);
	node_free(&n);
}

/* DHCP is faster than the supplicant's word that the link is another one. */
static void before_the_link(void)
{
	from_a(NULL);
	node_ask(&n);
	home_answers_order(ORDER_GRANTED);
	node_until(&n, n.now.t + MSEC(60));
	CHECK_EQ(n.roams, 1);
	brought(ADDR_B, GATE_B, UINT32_MAX);
	node_forget(&n);
	node_link_up(&n, &bssid_b);
	gateway_answers(GATE_B);
	node_until(&n, n.now.t + PATIENCE);
	CHECK(asks_from(ADDR_B));
	node_free(&n);
}

static void link_lost(void)
{
	mobile_disconnected(n.m, MOBILE_RADIO, &bssid_a, &n.now, &n.out);
	node_see(&n);
	node_until(&n, n.now.t + MSEC(100));
	node_forget(&n);
}

/* Heard, but not wanted: also when the node comes again, and has no address yet. */
static void agent_not_wanted(void)
{
	mode(CARE_OF_COLOCATED);
	node_advert(&n, false, 1);
	told(0, 0);
	link_lost();
	node_link_up(&n, &bssid_a);
	node_until(&n, n.now.t + SEC(1));
	CHECK_EQ(n.requests, n.messages); /* none to the agent */
	node_forget(&n);
	told(ADDR_B, GATE_B);
	node_until(&n, n.now.t + 1);
	CHECK(n.messages == 1 && asks_from(ADDR_B));
	node_free(&n);
}

/* It was here once, and has no more to say; then it is not waited for, until it is heard. */
static void agent_that_was_here(void)
{
	mtime up;

	node_init(&n);
	node_link_up(&n, &bssid_a);
	node_advert(&n, false, 1);
	node_until(&n, n.now.t + 1);
	CHECK_EQ(n.requests, 1);
	told(ADDR_A, GATE_A);
	link_lost();
	up = n.now.t;
	node_link_up(&n, &bssid_a);
	gateway_answers(GATE_A);
	node_until(&n, up + MSEC(300) - 1);
	CHECK_EQ(n.messages, 0);
	CHECK(n.requests == 1 && n.solicitations == 1); /* RFC 5944 2.4: one a second */
	node_forget(&n);
	node_until(&n, up + MSEC(300));
	CHECK(n.messages == 1 && asks_from(ADDR_A));
	link_lost();
	node_link_up(&n, &bssid_a);
	CHECK(n.messages == 1 && n.requests == 1 && n.from == ADDR_A);
	home_says(1, NULL);
	node_forget(&n);
	node_advert(&n, false, 2); /* late, for the next time */
	CHECK_EQ(n.requests, 0);
	link_lost();
	node_link_up(&n, &bssid_a);
	CHECK(n.messages == 0 && n.requests == 1);
	node_free(&n);
}

/* So long its Reply may be under way. */
static void far_from_home(void)
{
	mtime up;

	node_init(&n);
	node_link_up(&n, &bssid_b);
	node_advert(&n, true, 1);
	link_lost();
	node_link_up(&n, &bssid_a);
	node_advert(&n, false, 1);
	node_until(&n, n.now.t + MSEC(400));
	node_reply(&n, false, 0, 600, 0, -1);
	link_lost();
	up = n.now.t;
	node_link_up(&n, &bssid_b);
	told(ADDR_B, GATE_B);
	node_until(&n, up + MSEC(800) - 1);
	CHECK_EQ(n.messages, 0);
	node_until(&n, up + MSEC(800));
	CHECK_EQ(n.messages, 1);
	node_free(&n);
}

/* It goes while we are registered through it: four Requests in vain, and 3 s. */
static void agent_that_goes(void)
{
	agent_first_registered();
	node_until(&n, SEC(100) + SEC(306));
	CHECK_EQ(n.messages, 0);
	node_until(&n, SEC(100) + SEC(312));
	CHECK(n.messages >= 1 && n.from == ADDR_A);
	home_says(1, NULL);
	CHECK(look().colocated && look().state == MOBILE_REGISTERED);
	node_free(&n);
}

/* It has spoken, and answers no Request of the handoff, nor later. */
static void agent_that_went(void)
{
	from_a(NULL);
	link_lost();
	node_link_up(&n, &bssid_b);
	node_advert(&n, true, 1);
	told(ADDR_B, GATE_B);
	node_until(&n, n.now.t + SEC(14));
	CHECK(n.requests == 4 && n.messages == 0 && !look().colocated);
	node_until(&n, n.now.t + SEC(5));
	CHECK(n.messages >= 1 && n.from == ADDR_B);
	node_free(&n);
}

/* DHCP takes longer than a handoff looks for an agent. */
static void late_address(void)
{
	node_at_a(&n);
	link_lost();
	node_link_up(&n, &bssid_b);
	node_until(&n, n.now.t + SEC(9));
	CHECK(n.handoff_done && !node_report(&n).ok);
	CHECK_EQ(look().state, MOBILE_SEARCHING);
	node_forget(&n);
	told(ADDR_B, GATE_B);
	node_until(&n, n.now.t + 1);
	CHECK(n.messages == 1 && asks_from(ADDR_B));
	node_free(&n);
}

static void again_at_once(void)
{
	from_a(NULL);
	node_ask(&n);
	home_answers_order(ORDER_GRANTED);
	node_until(&n, n.now.t + MSEC(100));
	told(ADDR_B, GATE_B);
	node_link_up(&n, &bssid_b);
	CHECK_EQ(n.probes, 2);
	gateway_answers(GATE_B);
	node_until(&n, n.now.t + PATIENCE);
	home_says(1, NULL);
	told(ADDR_A, GATE_A);
	node_forget(&n);
	node_link_up(&n, &bssid_a); /* it was here before: nobody is asked, nothing waited for */
	CHECK_EQ(n.probes, 0);
	CHECK(asks_from(ADDR_A));
	node_free(&n);
}

static void request(void)
{
	struct mip_exts x;
	struct mip_request r;

	node_init(&n);
	told(ADDR_A, GATE_A);
	node_link_up(&n, &bssid_a);
	gateway_answers(GATE_A);
	node_until(&n, n.now.t + PATIENCE);
	r = asked(&x);
	CHECK_EQ(r.flags, MIP_D | MIP_T);
	CHECK_EQ(r.lifetime_s, n.conf.lifetime_s);
	CHECK(x.udp_request.present && x.udp_request.before_mn_ha && !x.udp_request.force);
	CHECK_EQ(x.n_mn_fa, 0);
	CHECK_EQ(n.to, HOME_AGENT);
	node_free(&n);
}

/* The address changes under it: nobody could be asked to keep anything. */
static void another_lease(void)
{
	from_a(NULL);
	told(ADDR_B, GATE_A);
	node_until(&n, n.now.t + 1);
	CHECK_EQ(mobile_want(n.m)->uplink, UPLINK_HELD);
	CHECK(asks_from(ADDR_B));
	tunnel_brings(HOME_AGENT, ADDR_A, false, HOME); /* it was under way */
	CHECK_EQ(n.delivered, 1);
	node_until(&n, n.now.t + SEC(2));
	tunnel_brings(HOME_AGENT, ADDR_A, false, HOME);
	CHECK_EQ(n.delivered, 1);
	CHECK_EQ(node_drops(&n, DROP_NOT_MINE), 1);
	node_free(&n);
}

/* Its name is still being looked up. */
static void home_agent_unknown(void)
{
	node_init(&n);
	n.conf.home_agent = 0;
	CHECK(mobile_reconfigure(n.m, &n.conf, &n.now, &n.out));
	told(ADDR_A, GATE_A);
	node_link_up(&n, &bssid_a);
	gateway_answers(GATE_A);
	node_until(&n, SEC(103));
	CHECK_EQ(n.requests, 0);
	mobile_home_agent(n.m, HOME_AGENT, &n.now, &n.out);
	node_see(&n);
	node_until(&n, n.now.t + 1);
	CHECK_EQ(n.to, HOME_AGENT);
	CHECK(asks_from(ADDR_A));
	mobile_home_agent(n.m, HOME_AGENT + 1, &n.now, &n.out); /* another, while it is asked */
	node_see(&n);
	node_until(&n, n.now.t + 1);
	CHECK_EQ(n.to, HOME_AGENT + 1);
	node_free(&n);
}

UNIT_MAIN("own address", { "an agent has 50 ms to speak first", patience },
	  { "an address that may be another network's", doubted },
	  { "no gateway, no address, another one", nothing_to_use },
	  { "an agent that speaks in time", agent_first },
	  { "an agent that speaks late", agent_late }, { "as configured", modes },
	  { "an agent that is not wanted, heard before", agent_not_wanted },
	  { "a remembered agent that is silent", agent_that_was_here },
	  { "a remembered agent that is silent, and a home agent far away", far_from_home },
	  { "an agent that goes", agent_that_goes },
	  { "an agent that went before it answered", agent_that_went },
	  { "an address after the handoff", late_address },
	  { "where it was before, at once", again_at_once }, { "the Request", request },
	  { "an address that is there before the link", before_the_link },
	  { "another lease on the same link", another_lease },
	  { "a home agent whose address is not known yet", home_agent_unknown })
