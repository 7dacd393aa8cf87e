/* SPDX-License-Identifier: MIT */
#include "tests/unit/node_fixture.h"

static void solicits_at_once_then_backs_off(void)
{
	struct node n;

	node_init(&n);
	CHECK_EQ(mobile_deadline(n.m), MTIME_NEVER);
	node_link_up(&n, &bssid_a);
	CHECK_EQ(n.solicitations, 1);
	node_until(&n, SEC(101) + GUARD - 1);
	CHECK_EQ(n.solicitations, 1);
	node_until(&n, SEC(101) + GUARD);
	CHECK_EQ(n.solicitations, 2);
	node_until(&n, SEC(102) + GUARD);
	CHECK_EQ(n.solicitations, 3);
	node_until(&n, SEC(104) + GUARD - 1);
	CHECK_EQ(n.solicitations, 3);
	node_until(&n, SEC(104) + GUARD);
	CHECK_EQ(n.solicitations, 4);
	CHECK_EQ(n.requests, 0);
	node_free(&n);
}

static void registers_through_the_agent_that_answers(void)
{
	struct node n;
	struct mip_request req;
	struct mip_exts x;

	node_init(&n);
	node_link_up(&n, &bssid_a);
	node_advert(&n, false, 1);
	CHECK_EQ(n.requests, 1);
	CHECK_EQ(n.request_ttl, 255);
	CHECK(mac_equal(&n.request_mac, &mac_a));
	CHECK_EQ(mip_request_decode(n.request, n.request_len, &req, &x), DROP_NONE);
	CHECK_EQ(req.flags, MIP_T);
	CHECK_EQ(req.lifetime_s, 600);
	CHECK_EQ(req.home_agent, HOME_AGENT);
	CHECK_EQ(req.care_of, CARE_OF_A);
	CHECK(auth_check(n.request, n.request_len, &x.mn_ha, &n.conf.home_sa));
	CHECK(auth_check(n.request, n.request_len, &x.mn_fa, &n.conf.agents[0].sa));
	CHECK_EQ(x.n_orders, 0);
	CHECK_EQ(node_state(&n), MOBILE_REGISTERING);
	node_reply(&n, false, 0, 300, 0, -1);
	CHECK_EQ(node_state(&n), MOBILE_REGISTERED);
	/* The uplink drains before the route switches: 2 ms of silence. */
	node_until(&n, n.now.t + MSEC(2) - 1);
	CHECK_EQ(mobile_want(n.m)->uplink, UPLINK_HELD);
	node_until(&n, n.now.t + 1);
	CHECK_EQ(mobile_want(n.m)->uplink, UPLINK_AGENT);
	CHECK_EQ(mobile_want(n.m)->agent_addr, AGENT_A);
	node_free(&n);
}

static void renews_at_half_the_granted_lifetime(void)
{
	struct node n;

	node_init(&n);
	node_link_up(&n, &bssid_a);
	node_advert(&n, false, 1);
	node_reply(&n, false, 1, 300, 0, -1);
	node_forget(&n);
	node_until(&n, SEC(250) + GUARD - 1);
	CHECK_EQ(n.requests, 0);
	node_until(&n, SEC(250) + GUARD);
	CHECK_EQ(n.requests, 1);
	CHECK_EQ(node_state(&n), MOBILE_REGISTERED);
	node_reply(&n, false, 0, 300, 0, -1);
	node_forget(&n);
	node_until(&n, SEC(400) + GUARD - 1);
	CHECK_EQ(n.requests, 0);
	/* Nobody answers from here on: the binding runs out
	 * 300 s after the request that made it. */
	node_until(&n, SEC(550) + GUARD - 1);
	CHECK(n.requests > 1);
	CHECK_EQ(node_state(&n), MOBILE_REGISTERED);
	node_until(&n, SEC(550) + GUARD + SEC(1));
	CHECK(node_state(&n) != MOBILE_REGISTERED);
	node_until(&n, SEC(700) + GUARD);
	CHECK_EQ(mobile_want(n.m)->uplink, UPLINK_HELD);
	node_free(&n);
}

static void backs_off_doubling(void)
{
	struct node n;
	static const int at_s[] = { 0, 1, 3, 7, 15, 31, 63 };

	node_init(&n);
	node_link_up(&n, &bssid_a);
	node_advert(&n, false, 1);
	for (unsigned i = 1; i < 7; i++) {
		node_until(&n, SEC(100 + at_s[i]) + GUARD - 1);
		CHECK_EQ(n.requests, i);
		node_until(&n, SEC(100 + at_s[i]) + GUARD);
		CHECK_EQ(n.requests, i + 1);
	}
	node_free(&n);
}

/* An agent that heard nothing from the home agent has refused nothing. */
static void an_agents_timeout_delays_nothing(void)
{
	struct node n;

	node_init(&n);
	node_link_up(&n, &bssid_a);
	node_advert(&n, false, 1);
	node_until(&n, SEC(101) + GUARD);
	CHECK_EQ(n.requests, 2);
	node_reply(&n, false, CODE_FA_TIMEOUT, 0, 0, -1);
	node_until(&n, SEC(103) + GUARD);
	CHECK_EQ(n.requests, 3);
	node_free(&n);
}

static void identification_grows_with_every_request(void)
{
	struct node n;
	struct mip_request req;
	struct mip_exts x;
	uint64_t last = 0;

	node_init(&n);
	node_link_up(&n, &bssid_a);
	node_advert(&n, false, 1);
	for (int i = 0; i < 4; i++) {
		CHECK_EQ(mip_request_decode(n.request, n.request_len, &req, &x), DROP_NONE);
		CHECK(req.id > last);
		CHECK((uint32_t)req.id != (uint32_t)last); /* whole seconds apart */
		last = req.id;
		node_until(&n, n.now.t + SEC(4 << i)); /* at least one repeat falls in each */
	}
	node_free(&n);
}

static void takes_the_home_agents_clock_on_133(void)
{
	struct node n;
	struct mip_request req;
	struct mip_exts x;

	node_init(&n);
	node_link_up(&n, &bssid_a);
	node_advert(&n, false, 1);
	node_reply(&n, false, CODE_HA_ID, 0, 0xe8d4b000, -1);
	CHECK_EQ(n.requests, 2); /* at once */
	CHECK_EQ(mip_request_decode(n.request, n.request_len, &req, &x), DROP_NONE);
	CHECK_EQ(req.id >> 32, 0xe8d4b000);
	/* A second refusal of the same exchange is not a reason to hammer. */
	node_reply(&n, false, CODE_HA_ID, 0, 0xe8d4b001, -1);
	CHECK_EQ(n.requests, 2);
	node_until(&n, n.now.t + SEC(4));
	CHECK_EQ(n.requests, 3);
	node_reply(&n, false, 0, 600, 0, -1);
	CHECK_EQ(node_state(&n), MOBILE_REGISTERED);
	node_free(&n);
}

static void asks_for_less_on_69(void)
{
	struct node n;
	struct mip_request req;
	struct mip_exts x;

	node_init(&n);
	node_link_up(&n, &bssid_a);
	node_advert(&n, false, 1);
	node_reply(&n, false, CODE_FA_LIFETIME, 120, 0, -1);
	CHECK_EQ(n.requests, 2);
	CHECK_EQ(mip_request_decode(n.request, n.request_len, &req, &x), DROP_NONE);
	CHECK_EQ(req.lifetime_s, 120);
	node_free(&n);
}

static void forged_and_stray_replies_change_nothing(void)
{
	struct node n;
	uint8_t late[MIP_MSG_MAX];
	size_t late_len;

	node_init(&n);
	node_link_up(&n, &bssid_a);
	node_advert(&n, false, 1);
	node_reply(&n, false, 0, 600, 0, 2); /* the lifetime was changed: MN-FA fails first */
	CHECK_EQ(node_drops(&n, DROP_BAD_AUTH), 1);
	CHECK_EQ(node_state(&n), MOBILE_REGISTERING);
	memcpy(late, n.request, n.request_len);
	late_len = n.request_len;
	node_until(&n, SEC(101) + GUARD); /* asked again */
	memcpy(n.request, late, late_len);
	n.request_len = late_len;
	node_reply(&n, false, 0, 600, 0, -1); /* the answer to the first comes now */
	CHECK_EQ(node_drops(&n, DROP_UNMATCHED), 1);
	CHECK_EQ(node_state(&n), MOBILE_REGISTERING);
	node_udp(&n, (const uint8_t *)"\x03", 1);
	CHECK_EQ(node_drops(&n, DROP_SHORT), 1);
	node_udp(&n, (const uint8_t *)"\x2a\0\0", 3);
	CHECK_EQ(node_drops(&n, DROP_TYPE), 1);
	node_free(&n);
}

static void an_acceptance_needs_the_home_agents_signature(void)
{
	struct node n;
	struct mip_request req;
	struct mip_exts x;
	uint8_t buf[128];
	struct wbuf w = wb_init(buf, sizeof(buf));
	struct mip_reply m;

	node_init(&n);
	node_link_up(&n, &bssid_a);
	node_advert(&n, false, 1);
	mip_request_decode(n.request, n.request_len, &req, &x);
	m = (struct mip_reply){
	    .lifetime_s = 600, .home_addr = HOME, .home_agent = HOME_AGENT, .id = req.id};
	mip_reply_encode(&w, &m);
	/* the foreign agent alone cannot accept */
	auth_append(&w, EXT_MN_FA, 0, &n.conf.agents[0].sa);
	node_udp(&n, buf, w.len);
	CHECK_EQ(node_drops(&n, DROP_NO_AUTH), 1);
	CHECK_EQ(node_state(&n), MOBILE_REGISTERING);
	node_free(&n);
}

static void deregisters_with_lifetime_zero(void)
{
	struct node n;
	struct mip_request req;
	struct mip_exts x;

	node_at_a(&n);
	CHECK(mobile_deregister(n.m, &n.now, &n.out) == NULL);
	node_see(&n);
	CHECK_EQ(n.requests, 1);
	CHECK_EQ(mip_request_decode(n.request, n.request_len, &req, &x), DROP_NONE);
	CHECK_EQ(req.lifetime_s, 0);
	CHECK_EQ(req.care_of, HOME);
	node_reply(&n, false, 0, 0, 0, -1);
	CHECK_EQ(node_state(&n), MOBILE_DEREGISTERED);
	/* It stays so: an advertisement is no reason. */
	node_forget(&n);
	node_advert(&n, false, 2);
	CHECK_EQ(n.requests, 0);
	CHECK(mobile_deregister(n.m, &n.now, &n.out) != NULL);
	CHECK(mobile_register(n.m, &n.now, &n.out) == NULL);
	node_see(&n);
	CHECK_EQ(n.requests, 1);
	node_free(&n);
}

static void a_rebooted_agent_is_asked_again(void)
{
	struct node n;

	node_at_a(&n);
	node_advert(&n, false, 300);
	CHECK_EQ(n.requests, 0);
	node_advert(&n, false, 0);
	CHECK_EQ(n.requests, 1);
	node_free(&n);
}

/* Heard while a handoff runs, it is not forgotten: the node is with that agent again. */
static void rebooted_during_a_handoff(void)
{
	struct node n;

	node_at_a(&n);
	node_ask(&n);
	node_granted(&n);
	node_until(&n, n.now.t + MSEC(60));
	CHECK_EQ(n.roams, 1);
	mobile_roam_failed(n.m, "refused", &n.now, &n.out);
	node_see(&n);
	n.requests = 0;
	node_advert(&n, false, 0);
	CHECK_EQ(n.requests, 0);
	CHECK(!n.handoff_done);
	node_order_reply(&n, n.order, n.order_len, ORDER_NOT_SERVED, 0);
	CHECK(n.handoff_done);
	CHECK_EQ(n.requests, 1);
	node_free(&n);
}

UNIT_MAIN("registration", {"solicits at once, then backs off", solicits_at_once_then_backs_off},
	  {"registers through the agent that answers", registers_through_the_agent_that_answers},
	  {"renews at half the granted lifetime", renews_at_half_the_granted_lifetime},
	  {"backs off, doubling", backs_off_doubling},
	  {"an agent's time-out delays nothing", an_agents_timeout_delays_nothing},
	  {"Identification grows with every request", identification_grows_with_every_request},
	  {"takes the home agent's clock on 133", takes_the_home_agents_clock_on_133},
	  {"asks for less on 69", asks_for_less_on_69},
	  {"forged and stray replies change nothing", forged_and_stray_replies_change_nothing},
	  {"an acceptance needs the home agent's signature",
	   an_acceptance_needs_the_home_agents_signature},
	  {"deregisters with lifetime zero", deregisters_with_lifetime_zero},
	  {"a rebooted agent is asked again", a_rebooted_agent_is_asked_again},
	  {"rebooted during a handoff", rebooted_during_a_handoff})
