/* SPDX-License-Identifier: MIT */
#include "tests/unit/own_address_fixture.h"

#define CABLE 1

/* A node that wants its own address alone, and an agent that insists on being asked: the R bit. */
static const struct mip_udp_reply granted = { .present = true, .keepalive_s = 25 };

static void insists_on(unsigned link, uint16_t sequence)
{
	uint8_t buf[128];
	struct wbuf w = wb_init(buf, sizeof(buf));
	struct advert a = { .icmp_lifetime_s = 180,
			    .sequence = sequence,
			    .reg_lifetime_s = 900,
			    .flags = ADVERT_F | ADVERT_T | ADVERT_R,
			    .care_of = { CARE_OF_A },
			    .n_care_of = 1 };

	advert_encode(&w, &a);
	mobile_icmp(n.m, link, &mac_a, AGENT_A, buf, w.len, &n.now, &n.out);
	node_see(&n);
}

static void insists(uint16_t sequence)
{
	insists_on(MOBILE_RADIO, sequence);
}

static void start(bool address)
{
	node_init(&n);
	n.conf.care_of = CARE_OF_COLOCATED;
	CHECK(mobile_reconfigure(n.m, &n.conf, &n.now, &n.out));
	if (address)
		told(ADDR_A, GATE_A);
	node_link_up(&n, &bssid_a);
	if (address)
		gateway_answers(GATE_A);
	node_forget(&n);
	insists(1);
	node_until(&n, n.now.t + 1);
}

/* The Request is by way of the agent, from and for the node's own address. */
static void goes_through_from(uint32_t addr)
{
	struct mip_exts x;
	struct mip_request r = asked(&x);

	CHECK(n.requests == 1 && !n.messages);
	CHECK(mac_equal(&n.request_mac, &mac_a));
	CHECK_EQ(n.request_src, addr);
	CHECK_EQ(n.request_ttl, 255);
	CHECK_EQ(r.flags, MIP_D | MIP_T);
	CHECK_EQ(r.care_of, addr);
	CHECK_EQ(r.lifetime_s, n.conf.lifetime_s < 900 ? n.conf.lifetime_s : 900);
	CHECK(x.udp_request.present && x.udp_request.before_mn_ha);
	CHECK(x.udp_request.registration_required && !x.udp_request.force);
}

static void goes_through(void)
{
	goes_through_from(ADDR_A);
}

/* The Reply, by way of the agent; from_home: the home agent's word. */
static void says(uint8_t code, bool from_home, const struct mip_udp_reply *udp)
{
	struct mip_request req;
	struct mip_exts x;
	uint8_t buf[256], *copy;
	struct wbuf w = wb_init(buf, sizeof(buf));
	struct mip_reply r;

	CHECK_EQ(mip_request_decode(n.request, n.request_len, &req, &x), DROP_NONE);
	r = (struct mip_reply){ .code = code,
				.lifetime_s = 600,
				.home_addr = HOME,
				.home_agent = HOME_AGENT,
				.id = req.id };
	mip_reply_encode(&w, &r);
	if (udp)
		mip_udp_reply_append(&w, udp);
	if (from_home)
		auth_append(&w, EXT_MN_HA, 0, &n.conf.home_sa);
	auth_append(&w, EXT_MN_FA, 0, &n.conf.agents[0].sa);
	copy = unit_copy(buf, w.len);
	mobile_udp(n.m, &mac_a, AGENT_A, n.request_src, copy, w.len, &n.now, &n.out);
	node_see(&n);
	free(copy);
}

static void own_address(void)
{
	struct mobile_info i;

	start(true);
	goes_through();
	says(1, true, &granted);
	node_until(&n, n.now.t + 1);
	CHECK_EQ(n.echoes, 1); /* at once: it says where we are */
	CHECK(n.in_udp && n.from == ADDR_A && n.to == HOME_AGENT);
	mobile_info(n.m, n.now.t, &i);
	CHECK(i.colocated && i.udp_tunnel && i.state == MOBILE_REGISTERED);
	node_until(&n, n.now.t + MSEC(900));
	CHECK_EQ(n.echoes, 1);
	node_until(&n, n.now.t + MSEC(200)); /* and again, until something comes */
	CHECK_EQ(n.echoes, 2);
	tunnel_brings(HOME_AGENT, ADDR_A, true, HOME);
	CHECK_EQ(n.delivered, 1);
	node_until(&n, n.now.t + SEC(20));
	CHECK_EQ(n.echoes, 2);
	insists(2);
	node_until(&n, n.now.t + 1);
	CHECK_EQ(n.requests, 1); /* the agent's next word is no news */
	node_free(&n);
}

/* The home agent cannot know where: asked in vain, all anew. */
static void not_heard(void)
{
	start(true);
	says(1, true, &granted);
	node_until(&n, n.now.t + MSEC(3500));
	CHECK_EQ(n.echoes, 3);
	CHECK_EQ(n.requests, 2);
	node_free(&n);
}

/* Without a tunnel inside UDP it is IP-in-IP, and needs no word. */
static void declined(void)
{
	const struct mip_udp_reply no = { .present = true, .code = MIP_UDP_DECLINED };

	start(true);
	says(1, true, &no);
	node_until(&n, n.now.t + SEC(4));
	CHECK_EQ(n.echoes, 0);
	CHECK_EQ(n.requests, 1);
	tunnel_brings(HOME_AGENT, ADDR_A, false, HOME);
	CHECK_EQ(n.delivered, 1);
	node_free(&n);
}

static void agents_own(void)
{
	struct mip_exts x;
	struct mip_request r = asked(&x);

	CHECK(mac_equal(&n.request_mac, &mac_a));
	CHECK_EQ(r.flags, MIP_T);
	CHECK_EQ(r.care_of, CARE_OF_A);
	CHECK(!x.udp_request.present);
	CHECK_EQ(n.request_src, HOME);
}

/* It insists, and takes no such address: its own then. */
static void refuses(void)
{
	start(true);
	says(CODE_FA_PROHIBITED, false, NULL);
	node_until(&n, n.now.t + 1);
	CHECK_EQ(n.requests, 2);
	agents_own();
	insists(2);
	node_until(&n, n.now.t + MSEC(10));
	CHECK_EQ(n.requests, 2);
	node_free(&n);

	start(true); /* another word of its is a refusal as any */
	says(CODE_FA_RESOURCES, false, NULL);
	node_until(&n, n.now.t + SEC(3));
	CHECK_EQ(n.requests, 1);
	node_until(&n, n.now.t + SEC(2));
	CHECK_EQ(n.requests, 2);
	node_free(&n);
}

/* Until there is an address the agent's serves. */
static void no_address(void)
{
	start(false);
	CHECK_EQ(n.requests, 1);
	agents_own();
	says(1, true, NULL);
	node_forget(&n);
	told(ADDR_A, GATE_A);
	node_until(&n, n.now.t + MSEC(500));
	goes_through();
	node_free(&n);
}

/* Make before break, to a cable whose agent insists. */
static void to_a_cable(void)
{
	const struct radio_bss bss = { .bssid = { { 2, 0, 0, 0, 9, 1 } } };
	const struct mac gateway = mac_of(GATE_B);

	from_a(NULL);
	n.conf.care_of = CARE_OF_COLOCATED;
	CHECK(mobile_reconfigure(n.m, &n.conf, &n.now, &n.out));
	mobile_connected(n.m, CABLE, &bss, &n.now, &n.out);
	mobile_address(n.m, CABLE, ADDR_B, GATE_B, &n.now, &n.out);
	mobile_gateway(n.m, CABLE, GATE_B, &gateway, &n.now, &n.out);
	node_forget(&n);
	insists_on(CABLE, 1);
	node_until(&n, n.now.t + MSEC(500));
	goes_through_from(ADDR_B);
}

static void make_before_break(void)
{
	struct mobile_info i;

	to_a_cable();
	says(1, true, &granted);
	node_until(&n, n.now.t + MSEC(50));
	mobile_info(n.m, n.now.t, &i);
	CHECK(i.link == CABLE && i.colocated && i.udp_tunnel);
	CHECK(n.echoes >= 1 && n.from == ADDR_B);
	insists_on(CABLE, 2);
	node_until(&n, n.now.t + MSEC(400));
	CHECK_EQ(n.requests, 1);
	node_free(&n);

	to_a_cable(); /* an agent that takes no such address: its own, the next time */
	says(CODE_FA_PROHIBITED, false, NULL);
	node_until(&n, n.now.t + 1); /* the home agent is told where the node is */
	home_says(1, NULL);
	node_forget(&n);
	node_until(&n, n.now.t + SEC(5));
	CHECK_EQ(n.requests, 1);
	agents_own();
	node_free(&n);
}

UNIT_MAIN("through", {"its own address", own_address}, {"not heard", not_heard},
	  {"declined", declined}, {"refuses", refuses}, {"no address yet", no_address},
	  {"make before break", make_before_break})
