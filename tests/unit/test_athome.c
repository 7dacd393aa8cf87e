/* SPDX-License-Identifier: MIT */
#include "client/core.h"

#include "tests/unit/node_fixture.h"

/* A node on its home link: whether it answers ARP, who tells its neighbours, and what it sends to
 * them directly. */
#define HA 0x0a630001u /* 10.99.0.1 */
static struct node n;
static unsigned announced;
static bool before_request; /* it was, in the last event */

static void look(void)
{
	bool request = false;

	before_request = false;
	for (unsigned i = 0; i < n.out.n; i++) {
		const struct mobile_action *a = &n.out.a[i];

		announced += a->act == MOBILE_ANNOUNCE;
		before_request |= a->act == MOBILE_ANNOUNCE && !request;
		request |= a->act == MOBILE_SEND;
	}
	node_see(&n);
}

static void advert(uint32_t src, int prefix)
{
	uint8_t buf[128];
	struct wbuf w = wb_init(buf, sizeof(buf));
	struct advert a = {.code = 16,
			   .icmp_lifetime_s = 180,
			   .router = src,
			   .sequence = 1,
			   .reg_lifetime_s = 1800,
			   .flags = ADVERT_H,
			   .has_prefix = prefix >= 0,
			   .prefix_len = (uint8_t)prefix,
			   .buffers = true};

	advert_encode(&w, &a);
	mobile_icmp(n.m, MOBILE_RADIO, &mac_b, src, buf, w.len, &n.now, &n.out);
	look();
}

static void accepted(void)
{
	struct mip_reply m = { .code = 1, .home_addr = HOME, .home_agent = n.conf.home_agent,
			       .id = n.m->reg.last_id };
	uint8_t buf[256];
	struct wbuf w = wb_init(buf, sizeof(buf));

	mip_reply_encode(&w, &m);
	auth_append(&w, EXT_MN_HA, 0, &n.conf.home_sa);
	auth_append(&w, EXT_MN_FA, 0, &n.conf.home_sa);
	node_udp(&n, buf, w.len);
}

static void answers(uint8_t code)
{
	struct order o, r;
	uint8_t buf[256];
	struct wbuf w = wb_init(buf, sizeof(buf));

	CHECK_EQ(order_decode(n.order, n.order_len, &o), DROP_NONE);
	r = (struct order){.message = ORDER_REPLY,
			   .action = code,
			   .home_addr = HOME,
			   .first_agent = o.first_agent,
			   .id = o.id};
	order_encode(&w, &r);
	auth_append(&w, EXT_MN_HA, 0, &n.conf.home_sa);
	mobile_udp(n.m, &mac_b, HA, HOME, buf, w.len, &n.now, &n.out);
	look();
}

static const struct mobile_want *want(void)
{
	return mobile_want(n.m);
}

static void begin(uint32_t home_agent)
{
	struct mobile_conf conf;

	node_init(&n);
	conf = n.conf;
	conf.home_agent = n.conf.home_agent = home_agent;
	CHECK(mobile_reconfigure(n.m, &conf, &n.now, &n.out));
	node_see(&n);
	announced = 0;
}

static void at_home(void)
{
	begin(HA);
	node_link_up(&n, &bssid_b);
	node_scan(&n);
	advert(HA, 24);
	accepted();
	node_until(&n, n.now.t + SEC(1));
	CHECK_EQ(n.m->reg.state, REG_HOME);
	node_forget(&n);
	announced = 0;
}

/* RFC 5944 4.6: it answers, and tells, before it asks. */
static void comes(void)
{
	begin(HA);
	CHECK(!want()->at_home);
	node_link_up(&n, &bssid_b);
	advert(HA, 24);
	CHECK_EQ(announced, 1);
	CHECK(before_request);
	CHECK_EQ(n.requests, 1);
	CHECK(want()->at_home);
	CHECK_EQ(want()->uplink, UPLINK_HELD);
	accepted();
	node_until(&n, n.now.t + SEC(5));
	CHECK_EQ(announced, 1);
	CHECK(want()->at_home);
	CHECK_EQ(want()->home_len, 24);
	CHECK_EQ(want()->uplink, UPLINK_AGENT);
	node_free(&n);
}

static void prefixes(void)
{
	static const struct {
		uint32_t home_agent;
		int said;
		uint8_t len;
	} t[] = {
		{ HA, 24, 24 },		/* as it is */
		{ HA, -1, 32 },		/* it does not say */
		{ HA, 7, 32 },		/* half of the world */
		{ HA, 8, 8 },
		{ HA, 30, 32 },		/* our address is outside */
		{ HOME_AGENT, 24, 32 }, /* another network's */
	};

	for (unsigned i = 0; i < sizeof(t) / sizeof(*t); i++) {
		begin(t[i].home_agent);
		node_link_up(&n, &bssid_b);
		advert(t[i].home_agent, t[i].said);
		CHECK(want()->at_home);
		CHECK_EQ(want()->home_len, t[i].len);
		node_free(&n);
	}
}

/* From before the order goes out: once it is obeyed nothing may come by the link any more. */
static void leaves(void)
{
	bool not_found;

	at_home();
	CHECK(!mobile_handoff(n.m, &bssid_a, &not_found, &n.now, &n.out));
	CHECK(!want()->at_home);
	CHECK_EQ(want()->home_len, 0);
	CHECK_EQ(want()->uplink, UPLINK_HELD);
	look();
	CHECK_EQ(n.orders, 1);
	node_free(&n);
}

/* Its home agent tells when what it kept is out; until then nobody else is asked where he is. */
static void stays(bool told)
{
	bool not_found;

	at_home();
	CHECK(!mobile_handoff(n.m, &bssid_a, &not_found, &n.now, &n.out));
	look();
	answers(ORDER_GRANTED);
	node_until(&n, n.now.t + MSEC(70));
	CHECK_EQ(n.roams, 1);
	mobile_roam_failed(n.m, "no", &n.now, &n.out);
	look();
	CHECK_EQ(n.orders, 2); /* RELEASE */
	CHECK(!want()->at_home);
	answers(ORDER_GRANTED);
	CHECK(want()->at_home);
	CHECK_EQ(want()->home_len, 32);
	CHECK_EQ(announced, 0);
	if (told)
		mobile_announced(n.m, &n.now, &n.out);
	else
		node_until(&n, n.now.t + SEC(10));
	look();
	CHECK_EQ(want()->home_len, 24);
	CHECK_EQ(announced, 0);
	node_free(&n);
}

static void stays_told(void)
{
	stays(true);
}

static void stays_untold(void)
{
	stays(false);
}

/* With agent A's packets behind it: it answers, but others learn it from the home agent. */
static void comes_with_packets(void)
{
	begin(HA);
	node_attach(&n);
	node_ask(&n);
	node_order_reply(&n, n.order, n.order_len, ORDER_GRANTED, 0);
	node_until(&n, n.now.t + MSEC(70));
	node_link_up(&n, &bssid_b);
	CHECK(!want()->at_home);
	n.requests = 0;
	advert(HA, 24);
	CHECK_EQ(n.requests, 1);
	CHECK(want()->at_home);
	CHECK_EQ(want()->home_len, 32);
	accepted();
	CHECK_EQ(announced, 0);
	CHECK_EQ(want()->home_len, 32);
	mobile_announced(n.m, &n.now, &n.out);
	look();
	CHECK_EQ(want()->home_len, 24);
	node_free(&n);
}

static void link_lost(void)
{
	at_home();
	mobile_disconnected(n.m, MOBILE_RADIO, &bssid_b, &n.now, &n.out);
	look();
	CHECK(!want()->at_home);
	node_free(&n);
}

/* On another link, where nobody answers: there it is not at home. */
static void given_up(void)
{
	at_home();
	mobile_disconnected(n.m, MOBILE_RADIO, &bssid_b, &n.now, &n.out);
	look();
	node_link_up(&n, &bssid_a);
	node_until(&n, n.now.t + SEC(9));
	CHECK(!node_report(&n).ok);
	CHECK_EQ(node_state(&n), MOBILE_SEARCHING);
	CHECK(!want()->at_home);
	node_free(&n);
}

/* Somebody else's agent is no home agent, whatever it says. */
static void elsewhere(void)
{
	begin(HA);
	node_link_up(&n, &bssid_b);
	advert(HA + 1, 24);
	CHECK(!want()->at_home);
	CHECK_EQ(announced, 0);
	node_advert(&n, true, 1);
	CHECK(!want()->at_home);
	node_free(&n);
}

UNIT_MAIN("athome", {"comes", comes}, {"prefixes", prefixes}, {"leaves", leaves},
	  {"stays, and is told", stays_told}, {"stays, and is not told", stays_untold},
	  {"comes with packets", comes_with_packets}, {"link lost", link_lost},
	  {"another link, given up", given_up}, {"elsewhere", elsewhere})
