/* SPDX-License-Identifier: MIT */
#include "client/orders.h"
#include "tests/unit/node_fixture.h"

/* The home agent keeps what agent A cannot: what the node asks it, and what it believes; and a node
 * that comes home and leaves. */
static struct node n;

static void advert_legacy(bool b)
{
	uint8_t buf[128];
	struct wbuf w = wb_init(buf, sizeof(buf));
	struct advert a = {.icmp_lifetime_s = 180,
			   .sequence = 1,
			   .reg_lifetime_s = 1800,
			   .flags = ADVERT_F | ADVERT_T,
			   .care_of = { b ? CARE_OF_B : CARE_OF_A },
			   .n_care_of = 1};

	advert_encode(&w, &a);
	mobile_icmp(n.m, MOBILE_RADIO, b ? &mac_b : &mac_a, b ? AGENT_B : AGENT_A, buf, w.len,
		    &n.now, &n.out);
	node_see(&n);
}

static struct order said(void)
{
	struct order o = { 0 };

	CHECK_EQ(order_decode(n.order, n.order_len, &o), DROP_NONE);
	return o;
}

/* The home agent's Reply to the last order; key: MN-HA's, or another. */
static void answer(uint8_t code, uint64_t id, const struct sa *key, uint8_t auth)
{
	struct order o = said(), r;
	uint8_t buf[256];
	struct wbuf w = wb_init(buf, sizeof(buf));

	r = (struct order){.message = ORDER_REPLY,
			   .action = code,
			   .home_addr = HOME,
			   .first_agent = o.first_agent,
			   .care_of = o.care_of,
			   .id = id ? id : o.id};
	order_encode(&w, &r);
	auth_append(&w, auth, 0, key);
	node_udp(&n, buf, w.len);
}

static void granted(uint8_t code)
{
	answer(code, 0, &n.conf.home_sa, EXT_MN_HA);
}

static enum home_keeps keeps(void)
{
	static struct mobile_info info;

	mobile_info(n.m, n.now.t, &info);
	return info.home_keeps;
}

static struct report report(void)
{
	struct report r = { 0 };

	CHECK(mobile_report(n.m, 0, &r));
	return r;
}

/* Registered through agent A, which announces nothing; a QUERY is out. */
static void at_legacy(void)
{
	node_init(&n);
	node_link_up(&n, &bssid_a);
	node_scan(&n);
	advert_legacy(false);
	node_reply(&n, false, 0, 600, 0, -1);
}

static void at_legacy_kept(void)
{
	at_legacy();
	granted(ORDER_GRANTED);
	node_until(&n, n.now.t + MSEC(10));
	node_forget(&n);
}

static void asks_what_it_can(void)
{
	struct order o;

	at_legacy();
	o = said();
	CHECK_EQ(o.action, ORDER_QUERY);
	CHECK_EQ(o.first_agent, HOME_AGENT);
	CHECK(o.mn_ha.present && !o.mn_fa.present);
	CHECK(auth_check(n.order, n.order_len, &o.mn_ha, &n.conf.home_sa));
	CHECK_EQ(n.order_dst, HOME_AGENT);
	CHECK(mac_equal(&n.order_mac, &mac_a));
	CHECK_EQ(keeps(), HOME_UNKNOWN);
	granted(ORDER_GRANTED);
	CHECK_EQ(keeps(), HOME_KEEPS);
	node_forget(&n);
	node_until(&n, n.now.t + SEC(5));
	CHECK_EQ(n.orders, 0);
	node_free(&n);
}

static void no_answer(void)
{
	struct report r;

	at_legacy();
	node_until(&n, n.now.t + SEC(4));
	CHECK_EQ(keeps(), HOME_SILENT);
	CHECK_EQ(n.orders, EXCHANGE_SENDS);
	node_forget(&n);
	node_ask(&n);
	CHECK_EQ(n.orders, 0);
	CHECK_EQ(n.roams, 1);
	r = report();
	CHECK_EQ(r.flow, FLOW_PLAIN);
	CHECK(strstr(r.reason, "the home agent knows nothing of it") != NULL);
	node_free(&n);
}

static void refused(void)
{
	at_legacy();
	granted(ORDER_PROHIBITED);
	CHECK_EQ(keeps(), HOME_REFUSES);
	node_forget(&n);
	node_ask(&n);
	CHECK_EQ(n.orders, 0);
	CHECK_EQ(report().flow, FLOW_PLAIN);
	node_free(&n);
}

static void forged(void)
{
	struct sa other = n.conf.agents[0].sa;

	at_legacy();
	node_key(&other, 256, 0x12);
	answer(ORDER_GRANTED, 0, &other, EXT_MN_HA);
	CHECK_EQ(node_drops(&n, DROP_BAD_AUTH), 1);
	answer(ORDER_GRANTED, 0, &n.conf.home_sa, EXT_MN_FA); /* the right key in the wrong place */
	CHECK_EQ(keeps(), HOME_UNKNOWN);
	answer(ORDER_GRANTED, said().id - 1, &n.conf.home_sa, EXT_MN_HA);
	CHECK_EQ(keeps(), HOME_UNKNOWN);
	node_free(&n);
}

static void whole_walk(void)
{
	struct mip_request req;
	struct mip_exts x;
	uint64_t asked;
	struct order o;

	at_legacy_kept();
	node_ask(&n);
	o = said();
	CHECK_EQ(o.action, ORDER_BUFFER);
	CHECK_EQ(o.first_agent, HOME_AGENT);
	CHECK(o.mn_ha.present && o.has_size && o.has_lease);
	CHECK_EQ(n.order_dst, HOME_AGENT);
	asked = o.id;
	granted(ORDER_GRANTED);
	CHECK_EQ(n.roams, 0);
	node_until(&n, n.now.t + MSEC(10));
	CHECK_EQ(n.roams, 1);
	node_link_up(&n, &bssid_b);
	advert_legacy(true);
	CHECK_EQ(mip_request_decode(n.request, n.request_len, &req, &x), DROP_NONE);
	CHECK_EQ(x.n_orders, 0);
	CHECK_EQ(x.handoff_key.left, 0);
	CHECK_EQ(req.care_of, CARE_OF_B);
	CHECK((int64_t)(req.id - asked) > 0); /* else it were no FORWARD */
	node_reply(&n, true, 0, 600, 0, -1);
	CHECK(n.handoff_done);
	CHECK_EQ(report().flow, FLOW_F9);
	CHECK(report().ok && report().has[STEP_FORWARDING] && !report().reason[0]);
	node_free(&n);
}

/* A second is long while the signal falls. */
static void buffer_unanswered(void)
{
	mtime begun;

	at_legacy_kept();
	begun = n.now.t;
	node_ask(&n);
	node_until(&n, begun + MSEC(600));
	CHECK_EQ(n.roams, 0);
	node_until(&n, begun + SEC(1));
	CHECK_EQ(n.roams, 1);
	CHECK_EQ(report().flow, FLOW_PLAIN);
	CHECK(strstr(report().reason, "home agent did not answer") != NULL);
	node_free(&n);
}

/* However far away it is: repeats alone would take 3 s. */
static void buffer_unanswered_far_away(void)
{
	mtime begun;

	node_init(&n);
	node_link_up(&n, &bssid_a);
	node_scan(&n);
	advert_legacy(false);
	node_until(&n, n.now.t + MSEC(200));
	node_reply(&n, false, 0, 600, 0, -1);
	granted(ORDER_GRANTED);
	node_until(&n, n.now.t + MSEC(10));
	begun = n.now.t;
	node_ask(&n);
	node_until(&n, begun + SEC(1) - 1);
	CHECK_EQ(n.roams, 0);
	node_until(&n, begun + SEC(1));
	CHECK_EQ(n.roams, 1);
	node_free(&n);
}

static void buffer_refused(void)
{
	at_legacy_kept();
	node_ask(&n);
	granted(ORDER_NO_ROOM);
	CHECK_EQ(n.roams, 1);
	CHECK_EQ(report().flow, FLOW_PLAIN);
	node_free(&n);
}

/* One clock: what the home agent tells in a 133 holds for registrations, too. */
static void told_the_clock(void)
{
	uint64_t theirs;
	struct mip_request req;
	struct mip_exts x;

	at_legacy_kept();
	node_ask(&n);
	theirs = said().id + ((uint64_t)5 << 32);
	answer(ORDER_ID_ORDER, theirs, &n.conf.home_sa, EXT_MN_HA);
	CHECK_EQ(said().action, ORDER_BUFFER);
	CHECK((int64_t)(said().id - theirs) >= 0);
	granted(ORDER_GRANTED);
	node_until(&n, n.now.t + MSEC(10));
	node_link_up(&n, &bssid_b);
	advert_legacy(true);
	CHECK_EQ(mip_request_decode(n.request, n.request_len, &req, &x), DROP_NONE);
	CHECK((int64_t)(req.id - said().id) > 0);
	node_free(&n);
}

static void stays(void)
{
	at_legacy_kept();
	node_ask(&n);
	granted(ORDER_GRANTED);
	node_until(&n, n.now.t + MSEC(10));
	node_forget(&n);
	mobile_roam_failed(n.m, "not taken", &n.now, &n.out);
	node_see(&n);
	node_until(&n, n.now.t + GUARD);
	advert_legacy(false);
	CHECK_EQ(said().action, ORDER_RELEASE);
	CHECK_EQ(said().first_agent, HOME_AGENT);
	CHECK_EQ(n.order_dst, HOME_AGENT);
	granted(ORDER_GRANTED);
	CHECK(n.handoff_done);
	node_free(&n);
}

/* Nobody can be asked when the link is dead already. */
static void sudden(void)
{
	at_legacy_kept();
	mobile_disconnected(n.m, MOBILE_RADIO, &bssid_a, &n.now, &n.out);
	node_see(&n);
	CHECK_EQ(n.orders, 0);
	CHECK_EQ(report().flow, FLOW_PLAIN);
	CHECK(strstr(report().reason, "not asked in time") != NULL);
	node_free(&n);
}

static const struct mac mac_home = { { 2, 0, 0, 0, 0, 0xff } };

static void advert_home(uint32_t src, uint16_t flags)
{
	uint8_t buf[128];
	struct wbuf w = wb_init(buf, sizeof(buf));
	struct advert a = {.icmp_lifetime_s = 180,
			   .sequence = 1,
			   .reg_lifetime_s = 1800,
			   .flags = flags,
			   .buffers = true,
			   .buffer_kib = 4096,
			   .buffer_lease_ms = 8000};

	advert_encode(&w, &a);
	mobile_icmp(n.m, MOBILE_RADIO, &mac_home, src, buf, w.len, &n.now, &n.out);
	node_see(&n);
}

/* The home agent's answer to the deregistration; spoilt: its MN-FA. */
static void welcome(uint8_t code, bool spoilt)
{
	struct mip_request req;
	struct mip_exts x;
	uint8_t buf[256];
	struct wbuf w = wb_init(buf, sizeof(buf));

	CHECK_EQ(mip_request_decode(n.request, n.request_len, &req, &x), DROP_NONE);
	mip_reply_encode(&w, &(struct mip_reply){.code = code,
						 .home_addr = HOME,
						 .home_agent = HOME_AGENT,
						 .id = req.id});
	auth_append(&w, EXT_MN_HA, 0, &n.conf.home_sa);
	auth_append(&w, EXT_MN_FA, 0, &n.conf.home_sa);
	buf[w.len - 1] ^= spoilt;
	node_udp(&n, buf, w.len);
}

static void comes_home(void)
{
	struct mip_request req;
	struct mip_exts x;
	struct order o;

	node_at_a(&n);
	node_ask(&n);
	node_order_reply(&n, n.order, n.order_len, ORDER_GRANTED, 0);
	node_until(&n, n.now.t + MSEC(10));
	node_link_up(&n, &bssid_b);
	node_forget(&n);
	advert_home(CARE_OF_B, ADVERT_H); /* somebody else's home */
	CHECK_EQ(n.requests, 0);
	advert_home(HOME_AGENT, ADVERT_H);
	CHECK_EQ(n.requests, 1);
	CHECK(mac_equal(&n.request_mac, &mac_home));
	CHECK_EQ(mip_request_decode(n.request, n.request_len, &req, &x), DROP_NONE);
	CHECK_EQ(req.lifetime_s, 0);
	CHECK_EQ(req.care_of, HOME);
	CHECK(x.n_mn_fa == 1 && auth_check(n.request, n.request_len, &x.mn_fa, &n.conf.home_sa));
	CHECK_EQ(x.n_orders, 1);
	CHECK_EQ(order_decode(x.orders[0].p, x.orders[0].left, &o), DROP_NONE);
	CHECK_EQ(o.action, ORDER_FORWARD);
	CHECK_EQ(o.first_agent, CARE_OF_A);
	CHECK_EQ(o.care_of, HOME_AGENT);
	welcome(1, true);
	CHECK_EQ(node_drops(&n, DROP_BAD_AUTH), 1);
	welcome(1, false);
	node_order_reply(&n, x.orders[0].p, x.orders[0].left, ORDER_GRANTED, 0);
	CHECK(n.handoff_done);
	CHECK_EQ(report().flow, FLOW_F8);
	CHECK_EQ(node_state(&n), MOBILE_AT_HOME);
	CHECK_EQ(mobile_want(n.m)->agent_addr, HOME_AGENT);
	node_forget(&n);
	node_until(&n, n.now.t + SEC(4000)); /* no binding, nothing to renew */
	CHECK_EQ(n.requests, 0);
	CHECK_EQ(node_state(&n), MOBILE_AT_HOME);
	node_free(&n);
}

static void leaves_home(void)
{
	struct mip_request req;
	struct mip_exts x;

	node_init(&n);
	node_link_up(&n, &bssid_a);
	node_scan(&n);
	advert_home(HOME_AGENT, ADVERT_H);
	welcome(1, false);
	CHECK_EQ(node_state(&n), MOBILE_AT_HOME);
	node_until(&n, n.now.t + SEC(1));
	node_forget(&n);
	node_ask(&n);
	CHECK_EQ(said().action, ORDER_BUFFER);
	CHECK_EQ(said().first_agent, HOME_AGENT);
	CHECK(said().mn_ha.present);
	CHECK(mac_equal(&n.order_mac, &mac_home));
	granted(ORDER_GRANTED);
	node_until(&n, n.now.t + MSEC(10));
	CHECK_EQ(n.roams, 1);
	node_link_up(&n, &bssid_b);
	node_advert(&n, true, 1);
	CHECK_EQ(mip_request_decode(n.request, n.request_len, &req, &x), DROP_NONE);
	CHECK_EQ(req.care_of, CARE_OF_B);
	CHECK_EQ(x.n_orders, 0);
	node_reply(&n, true, 0, 600, 0, -1);
	CHECK(n.handoff_done);
	CHECK_EQ(report().flow, FLOW_F8);
	CHECK_EQ(node_state(&n), MOBILE_REGISTERED);
	node_free(&n);
}

UNIT_MAIN("keeper", {"asks what it can", asks_what_it_can}, {"no answer", no_answer},
	  {"refused", refused}, {"forged", forged}, {"whole walk", whole_walk},
	  {"BUFFER unanswered", buffer_unanswered},
	  {"BUFFER unanswered, far away", buffer_unanswered_far_away},
	  {"BUFFER refused", buffer_refused},
	  {"told the clock", told_the_clock}, {"stays", stays}, {"sudden", sudden},
	  {"comes home", comes_home}, {"leaves home", leaves_home})
