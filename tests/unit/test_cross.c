/* SPDX-License-Identifier: MIT */
#include "tests/unit/own_address_fixture.h"

/* Make before break: the radio (0), a cable that is preferred (1), a metered modem (2). */
#define CABLE 1
#define MODEM 2
#define ADDR_C 0x0a090005u
#define GATE_C 0x0a090001u
#define ADDR_M 0x0a0c0005u
#define STEADY MSEC(500)

static const struct mac cable_mac = { { 2, 0, 0, 0, 9, 9 } };
static const uint32_t addr_of[] = { ADDR_A, ADDR_C, ADDR_M };

static void plug(unsigned link)
{
	struct radio_bss bss = { .bssid = cable_mac };

	bss.bssid.b[5] = (uint8_t)link;
	mobile_connected(n.m, link, &bss, &n.now, &n.out);
	node_see(&n);
	mobile_address(n.m, link, addr_of[link], GATE_C, &n.now, &n.out);
	node_see(&n);
}

static void unplug(unsigned link)
{
	mobile_disconnected(n.m, link, &(struct mac){ { 0 } }, &n.now, &n.out);
	node_see(&n);
}

static void wait_for(mtime t)
{
	node_until(&n, n.now.t + t);
}

static bool asks_from(uint32_t addr)
{
	struct mip_exts x;

	return n.requests == 1 && asked(&x).care_of == addr && n.from == addr;
}

static void cross(void)
{
	plug(CABLE);
	wait_for(STEADY - 1);
	CHECK_EQ(n.requests, 0);
	wait_for(1);
	CHECK(asks_from(ADDR_C));
}

/* Registered by the radio, the cable is in, the Request is out. */
static void crossing(void)
{
	from_a(NULL);
	cross();
}

static void crossed(void)
{
	crossing();
	home_says(1, NULL);
	wait_for(MSEC(20));
	CHECK_EQ(look().link, CABLE);
	node_forget(&n);
}

/* The radio serves until the home agent has answered, and nobody is asked to keep anything. */
static void serves_meanwhile(void)
{
	crossing();
	CHECK_EQ(n.orders, 0);
	node_program_sends(&n, 1);
	CHECK(n.tunnelled == 1 && n.from == ADDR_A);
	tunnel_brings(HOME_AGENT, ADDR_A, false, HOME);
	CHECK_EQ(n.delivered, 1);
	CHECK_EQ(look().link, 0);
	home_says(1, NULL);
	CHECK_EQ(look().link, CABLE);
	CHECK(n.handoff_done && node_report(&n).ok);
	CHECK_STR(flow_name(node_report(&n).flow), "MBB");
	tunnel_brings(HOME_AGENT, ADDR_A, false, HOME); /* it was under way */
	CHECK_EQ(n.delivered, 2);
	wait_for(SEC(2));
	tunnel_brings(HOME_AGENT, ADDR_A, false, HOME);
	CHECK_EQ(n.delivered, 2);
	CHECK_EQ(node_drops(&n, DROP_NOT_MINE), 1);
	node_free(&n);
}

/* What the new path brings, and what programs send, waits for what is on the old one. */
static void nothing_overtakes(void)
{
	crossing();
	home_says(1, NULL);
	tunnel_brings(HOME_AGENT, ADDR_C, false, HOME);
	node_program_sends(&n, 1);
	CHECK(n.delivered == 0 && n.tunnelled == 0);
	wait_for(MSEC(9));
	tunnel_brings(HOME_AGENT, ADDR_A, false, HOME);
	CHECK_EQ(n.delivered, 1);
	wait_for(MSEC(9));
	CHECK(n.delivered == 1 && n.tunnelled == 0);
	wait_for(MSEC(3)); /* silent for 10 ms, or 20 in all */
	CHECK_EQ(n.delivered, 2);
	CHECK_EQ(n.data, 1);
	CHECK_EQ(n.from, ADDR_C);
	tunnel_brings(HOME_AGENT, ADDR_C, false, HOME);
	CHECK_EQ(n.delivered, 3);
	node_free(&n);
}

/* The old path's round trip is 80 ms longer: it may be silent because its packets are far apart. */
static void nothing_overtakes_from_afar(void)
{
	from_a(NULL);
	CHECK(mobile_register(n.m, &n.now, &n.out) == NULL);
	node_see(&n);
	wait_for(MSEC(80));
	home_says(1, NULL);
	node_forget(&n);
	cross();
	home_says(1, NULL);
	tunnel_brings(HOME_AGENT, ADDR_C, false, HOME);
	node_program_sends(&n, 1);
	wait_for(MSEC(39));
	CHECK(n.delivered == 0 && n.tunnelled == 0);
	tunnel_brings(HOME_AGENT, ADDR_A, false, HOME);
	wait_for(MSEC(9));
	CHECK(n.delivered == 1 && n.tunnelled == 0);
	wait_for(MSEC(4));
	CHECK(n.delivered == 2 && n.data == 1);
	node_free(&n);
}

/* The only link is not given up for one that leads nowhere; it is tried again, ever later. */
static void not_proven(void)
{
	mtime wait = SEC(5);

	crossing();
	for (int i = 0; i < 3; i++, wait *= 2) {
		node_program_sends(&n, 1);
		wait_for(SEC(4));
		CHECK(look().link == 0 && look().state == MOBILE_REGISTERED);
		CHECK(!node_report(&n).ok);
		CHECK_EQ(n.from, ADDR_A); /* tells the home agent again where it is */
		home_says(1, NULL);
		node_forget(&n);
		wait_for(wait - 1);
		CHECK(n.requests == 0 || n.from == ADDR_A);
		node_forget(&n);
		wait_for(1);
		CHECK(asks_from(ADDR_C));
	}
	node_free(&n);
}

static void refused(void)
{
	crossing();
	home_says(CODE_HA_PROHIBITED, NULL);
	CHECK(n.handoff_done && strstr(node_report(&n).reason, "129"));
	CHECK(look().link == 0 && look().state == MOBILE_REGISTERED);
	node_program_sends(&n, 1);
	CHECK_EQ(n.from, ADDR_A);
	node_free(&n);
}

static void the_new_one_goes(void)
{
	crossing();
	unplug(CABLE);
	CHECK(n.handoff_done && !node_report(&n).ok);
	CHECK(look().link == 0 && look().state == MOBILE_REGISTERED);
	node_free(&n);

	crossing();
	mobile_address(n.m, CABLE, 0, 0, &n.now, &n.out);
	node_see(&n);
	CHECK(n.handoff_done && !node_report(&n).ok && look().link == 0);
	node_free(&n);
}

/* Then the new one is all there is: programs wait for the answer. */
static void the_old_one_goes(void)
{
	crossing();
	unplug(MOBILE_RADIO);
	node_program_sends(&n, 1);
	CHECK(n.data == 0 && n.roams == 0);
	home_says(1, NULL);
	wait_for(MSEC(3));
	CHECK_EQ(look().link, CABLE);
	CHECK_EQ(n.data, 1);
	CHECK_EQ(n.from, ADDR_C);
	node_free(&n);
}

/* A pulled cable: by the radio at once. */
static void pulled(void)
{
	crossed();
	unplug(CABLE);
	CHECK(asks_from(ADDR_A));
	CHECK_EQ(n.roams, 0); /* the radio is where it is */
	node_program_sends(&n, 1);
	CHECK_EQ(n.data, 0);
	home_says(1, NULL);
	wait_for(MSEC(3));
	CHECK(n.data == 1 && look().link == 0 && look().state == MOBILE_REGISTERED);
	CHECK(n.handoff_done);
	/* and it is not trusted at once */
	node_forget(&n);
	plug(CABLE);
	wait_for(SEC(4));
	CHECK_EQ(n.requests, 0);
	wait_for(SEC(1));
	CHECK(asks_from(ADDR_C));
	node_free(&n);
}

/* An agent is to be found anew behind a cable; behind an access point it is remembered. */
static void pulled_to_an_agent(void)
{
	node_at_a(&n);
	plug(CABLE);
	wait_for(STEADY);
	CHECK(asks_from(ADDR_C));
	home_says(1, NULL);
	wait_for(MSEC(20));
	CHECK_EQ(look().link, CABLE);
	node_advert(&n, false, 2);
	node_forget(&n);
	unplug(CABLE);
	CHECK_EQ(n.requests, 1);
	CHECK(mac_equal(&n.request_mac, &mac_a));
	node_reply(&n, false, 0, 600, 0, -1);
	CHECK(look().link == 0 && look().agent == AGENT_A);
	node_free(&n);
}

/* While two paths become one: the handoff that begins then has an end of its own. */
static void pulled_at_once(void)
{
	crossing();
	home_says(1, NULL);
	node_forget(&n);
	unplug(CABLE);
	CHECK(asks_from(ADDR_A));
	home_says(1, NULL);
	CHECK(n.handoff_done && node_report(&n).ok);
	node_program_sends(&n, 1);
	wait_for(MSEC(25));
	CHECK(n.data == 1 && n.from == ADDR_A);
	CHECK_EQ(mobile_want(n.m)->uplink, UPLINK_TUNNEL);
	node_free(&n);
}

/* To another access point, before the answer: it may never come there. */
static void the_new_one_roams(void)
{
	crossed();
	CHECK(mobile_cross(n.m, MOBILE_RADIO, &n.now, &n.out) == NULL);
	node_see(&n);
	CHECK(asks_from(ADDR_A));
	node_forget(&n);
	node_link_up(&n, &bssid_b);
	CHECK(n.handoff_done && !node_report(&n).ok && look().link == CABLE);
	CHECK(asks_from(ADDR_C)); /* the home agent may have accepted */
	node_free(&n);
}

/* What is known of one network is not said of the next one. */
static void a_silent_network_is_left(void)
{
	from_a(NULL);
	wait_for(SEC(350));
	wait_for(SEC(350));
	CHECK(mobile_want(n.m)->by_link);
	plug(CABLE);
	wait_for(MSEC(100));
	unplug(MOBILE_RADIO);
	CHECK(look().link == CABLE && !mobile_want(n.m)->by_link);
	node_free(&n);
}

/* One that did not serve is better than none. */
static void all_that_is_left(void)
{
	crossing();
	wait_for(SEC(4));
	CHECK(n.handoff_done && !node_report(&n).ok);
	home_says(1, NULL);
	wait_for(SEC(1));
	node_forget(&n);
	unplug(MOBILE_RADIO);
	CHECK(asks_from(ADDR_C));
	home_says(1, NULL);
	CHECK(look().link == CABLE && look().state == MOBILE_REGISTERED);
	node_free(&n);
}

static bool asks_agent_a(unsigned link)
{
	return n.requests == 1 && mac_equal(&n.request_mac, &mac_a) && n.request_link == link;
}

/* A bridge: it is known by both, and told anew at which of our link addresses we are. */
static void one_agent_by_both(void)
{
	struct radio_bss bss = { .bssid = cable_mac };

	node_at_a(&n);
	mobile_connected(n.m, CABLE, &bss, &n.now, &n.out);
	node_advert_by(&n, CABLE, AGENT_A, CARE_OF_A, &mac_a, 2);
	wait_for(STEADY);
	CHECK(asks_agent_a(CABLE));
	node_reply(&n, false, 0, 600, 0, -1);
	CHECK_EQ(look().link, CABLE);
	wait_for(MSEC(20));
	node_forget(&n);
	CHECK(mobile_cross(n.m, MOBILE_RADIO, &n.now, &n.out) == NULL);
	node_see(&n);
	CHECK(asks_agent_a(MOBILE_RADIO));
	node_reply(&n, false, 0, 600, 0, -1);
	wait_for(MSEC(20));
	node_forget(&n);
	CHECK(mobile_cross(n.m, CABLE, &n.now, &n.out) == NULL);
	node_see(&n);
	node_reply(&n, false, 0, 600, 0, -1);
	wait_for(MSEC(20));
	CHECK_EQ(look().link, CABLE);
	node_forget(&n);
	unplug(CABLE);
	CHECK(asks_agent_a(MOBILE_RADIO));
	node_reply(&n, false, 0, 600, 0, -1);
	CHECK(look().link == MOBILE_RADIO && look().state == MOBILE_REGISTERED);
	node_free(&n);
}

/* An agent behind the cable that is gone: the next time from an address of its own. */
static void an_agent_that_is_gone(void)
{
	struct radio_bss bss = { .bssid = cable_mac };

	from_a(NULL);
	mobile_connected(n.m, CABLE, &bss, &n.now, &n.out);
	node_advert_by(&n, CABLE, AGENT_B, CARE_OF_B, &mac_b, 2);
	mobile_address(n.m, CABLE, ADDR_C, GATE_C, &n.now, &n.out);
	node_see(&n);
	wait_for(STEADY);
	CHECK(n.requests == 1 && mac_equal(&n.request_mac, &mac_b));
	wait_for(SEC(4));
	CHECK_EQ(look().link, MOBILE_RADIO);
	home_says(1, NULL);
	node_forget(&n);
	wait_for(SEC(5));
	CHECK(asks_from(ADDR_C));
	node_free(&n);
}

/* Money is spent where there is nothing else, and no longer. */
static void metered(void)
{
	from_a(NULL);
	plug(MODEM);
	wait_for(SEC(10));
	CHECK_EQ(n.requests, 0);
	unplug(MOBILE_RADIO);
	CHECK(asks_from(ADDR_M));
	home_says(1, NULL);
	CHECK_EQ(look().link, MODEM);
	node_forget(&n);
	wait_for(SEC(5));
	node_link_up(&n, &bssid_a);
	gateway_answers(GATE_A);
	wait_for(STEADY);
	CHECK(asks_from(ADDR_A));
	home_says(1, NULL);
	CHECK_EQ(look().link, 0);
	node_free(&n);
}

static void a_users_word(void)
{
	crossed();
	CHECK(mobile_cross(n.m, MOBILE_RADIO, &n.now, &n.out) == NULL);
	node_see(&n);
	CHECK(asks_from(ADDR_A));
	home_says(1, NULL);
	node_forget(&n);
	wait_for(SEC(30)); /* though the cable would be preferred */
	CHECK(look().link == 0 && n.requests == 0);
	CHECK(mobile_cross(n.m, MODEM, &n.now, &n.out) != NULL);
	CHECK(mobile_cross(n.m, MOBILE_ANY_LINK, &n.now, &n.out) == NULL);
	node_see(&n);
	CHECK(asks_from(ADDR_C));
	node_free(&n);
}

/* What waits for the old path is delivered first. */
static void a_users_next_word(void)
{
	crossing();
	home_says(1, NULL);
	tunnel_brings(HOME_AGENT, ADDR_C, false, HOME);
	CHECK_EQ(n.delivered, 0);
	node_forget(&n);
	CHECK(mobile_cross(n.m, MOBILE_RADIO, &n.now, &n.out) == NULL);
	node_see(&n);
	CHECK(asks_from(ADDR_A));
	wait_for(1);
	CHECK_EQ(n.delivered, 1);
	home_says(1, NULL);
	CHECK_EQ(look().link, MOBILE_RADIO);
	node_free(&n);
}

/* A handoff of the radio's comes first. */
static void not_in_between(void)
{
	node_at_a(&n);
	node_ask(&n);
	plug(CABLE);
	wait_for(SEC(4));
	CHECK(n.orders > 0 && n.roams == 1 && n.requests == 0);
	wait_for(SEC(2)); /* the radio has failed */
	CHECK(look().link == CABLE || asks_from(ADDR_C));
	node_free(&n);
}

/* Forged and late words change nothing; the clock that a 133 tells is used. */
static void replies(void)
{
	struct mip_exts x;
	struct mip_reply m;
	uint8_t buf[200];
	struct wbuf w = wb_init(buf, sizeof(buf));

	crossing();
	m = (struct mip_reply){ .code = 1, .lifetime_s = 600, .home_addr = HOME,
				.home_agent = HOME_AGENT, .id = asked(&x).id };
	mip_reply_encode(&w, &m);
	auth_append(&w, EXT_MN_HA, 0, &n.conf.agents[0].sa);
	message(ADDR_C, buf, w.len);
	CHECK_EQ(node_drops(&n, DROP_BAD_AUTH), 1);
	CHECK_EQ(look().link, 0);
	m.code = CODE_HA_ID;
	m.id += UINT64_C(86400) << 32;
	w = wb_init(buf, sizeof(buf));
	mip_reply_encode(&w, &m);
	auth_append(&w, EXT_MN_HA, 0, &n.conf.home_sa);
	message(ADDR_C, buf, w.len);
	CHECK_EQ(n.requests, 2);
	CHECK_EQ(asked(&x).id >> 32, m.id >> 32);
	home_says(1, NULL);
	CHECK_EQ(look().link, CABLE);
	node_free(&n);
}

UNIT_MAIN("make before break",
	  { "the old one serves meanwhile", serves_meanwhile },
	  { "nothing overtakes", nothing_overtakes },
	  { "nothing overtakes from afar", nothing_overtakes_from_afar },
	  { "one that is not proven", not_proven },
	  { "refused", refused },
	  { "the new one goes", the_new_one_goes },
	  { "the old one goes", the_old_one_goes },
	  { "a pulled cable", pulled },
	  { "a pulled cable, to an agent", pulled_to_an_agent },
	  { "pulled at once", pulled_at_once },
	  { "the new one roams", the_new_one_roams },
	  { "a silent network is left", a_silent_network_is_left },
	  { "all that is left", all_that_is_left },
	  { "one agent by both", one_agent_by_both },
	  { "an agent that is gone", an_agent_that_is_gone },
	  { "metered", metered },
	  { "a user's word", a_users_word },
	  { "and the next, at once", a_users_next_word },
	  { "not in between", not_in_between },
	  { "replies", replies })
