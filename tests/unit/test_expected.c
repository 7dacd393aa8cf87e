/* SPDX-License-Identifier: MIT */
#include "client/core.h"
#include "tests/unit/handoff_fixture.h"

/*
 * The supplicant moves by itself, or is about to: what comes is kept, and nobody is told to go.
 * A keeps, B is another access point of the same network.
 */
static void authenticates(const struct mac *with)
{
	mobile_roam_progress(n.m, with, &n.now, &n.out);
	node_see(&n);
}

static void scan_over(void)
{
	mobile_scan_over(n.m, &n.now, &n.out);
	node_see(&n);
}

static void asked(bool listed, bool imminent)
{
	const struct mobile_transition t = { listed, imminent, SEC(10) };

	mobile_transition(n.m, &t, &n.now, &n.out);
	node_see(&n);
}

static void disconnects(void)
{
	mobile_disconnected(n.m, MOBILE_RADIO, &n.m->link->bss.bssid, &n.now, &n.out);
	node_see(&n);
}

static uint8_t last_order(void)
{
	struct order o;

	CHECK_EQ(order_decode(n.order, n.order_len, &o), DROP_NONE);
	return o.action;
}

/* BUFFER went out, and nothing else. */
static void buffers(void)
{
	CHECK_EQ(n.orders, 1);
	CHECK_EQ(last_order(), ORDER_BUFFER);
	CHECK_EQ(n.roams + n.scans, 0);
	CHECK_EQ(mobile_want(n.m)->uplink, UPLINK_HELD);
	node_program_sends(&n, 1);
	CHECK_EQ(n.data, 0);
	CHECK_EQ(mobile_history_last(n.m), 0);
}

static void arrives(void)
{
	node_link_up(&n, &bssid_b);
	node_advert(&n, true, 1);
	CHECK_EQ(n.requests, 1);
}

/* Its order is out before the old link is gone; the grant does not come. */
static void roams(void)
{
	struct order o[2];
	struct mip_exts x;
	unsigned count;

	node_at_a(&n);
	authenticates(&bssid_b);
	buffers();
	disconnects();
	CHECK_EQ(n.roams, 0);
	arrives();
	node_orders(&n, o, &count, &x);
	CHECK_EQ(count, 2); /* it may have been lost */
	CHECK_STR(node_report(&n).trigger, "the supplicant roams by itself");
	CHECK_EQ(node_report(&n).flow, FLOW_F2);
	CHECK_EQ(node_report(&n).buffer_sends, 1);
	node_free(&n);
}

/* The grant is in time. */
static void roams_slowly(void)
{
	struct order o[2];
	struct mip_exts x;
	unsigned count;

	node_at_a(&n);
	scan_over();
	buffers();
	grant();
	node_until(&n, n.now.t + MSEC(20));
	authenticates(&bssid_b);
	disconnects();
	CHECK_EQ(n.orders, 1);
	CHECK_EQ(n.roams, 0);
	arrives();
	node_orders(&n, o, &count, &x);
	CHECK_EQ(count, 1);
	CHECK_EQ(o[0].action, ORDER_FORWARD);
	CHECK_EQ(o[0].flags, ORDER_F_ASKED);
	CHECK_STR(node_report(&n).trigger, "the supplicant roams after a scan");
	CHECK_EQ(node_report(&n).flow, FLOW_F1);
	node_free(&n);
}

/* Connected elsewhere, and the old link's end was never told. */
static void roams_silently(void)
{
	node_at_a(&n);
	authenticates(&bssid_b);
	grant();
	arrives();
	CHECK_STR(node_report(&n).trigger, "the supplicant roams by itself");
	CHECK_EQ(node_report(&n).flow, FLOW_F1);
	node_free(&n);
}

static void no_news(void)
{
	struct mac none = { { 0 } };

	node_at_a(&n);
	authenticates(&bssid_a);
	authenticates(&none);
	CHECK_EQ(n.orders, 0);
	node_ask(&n); /* what it does on our order */
	CHECK_EQ(n.orders, 1);
	authenticates(&bssid_b);
	scan_over();
	asked(true, false);
	CHECK_EQ(n.orders, 1);
	node_free(&n);
	node_init(&n); /* not registered: nothing to be lost */
	node_link_up(&n, &bssid_a);
	authenticates(&bssid_b);
	scan_over();
	asked(true, true);
	CHECK_EQ(n.orders, 0);
	node_free(&n);
}

/* Released by what the supplicant answers once it has chosen, or by time. */
static void stays(void)
{
	node_at_a(&n);
	scan_over();
	buffers();
	grant();
	node_until(&n, n.now.t + MSEC(20));
	node_program_sends(&n, 1);
	CHECK_EQ(n.orders, 1);
	n.m->conf.automatic = true;
	node_scan_b(&n, -80);
	CHECK_EQ(n.orders, 2);
	CHECK_EQ(last_order(), ORDER_RELEASE);
	node_granted(&n);
	node_until(&n, n.now.t + MSEC(10));
	CHECK_EQ(n.data, 2);
	CHECK_EQ(n.m->ho.state, HO_IDLE);
	CHECK_EQ(mobile_history_last(n.m), 0);
	CHECK_EQ(n.roams + n.scans, 0);
	node_free(&n);

	node_at_a(&n); /* the same where only a user says where to go */
	scan_over();
	grant();
	node_until(&n, n.now.t + MSEC(20));
	node_scan(&n);
	CHECK_EQ(last_order(), ORDER_RELEASE);
	CHECK_EQ(n.roams, 0);
	node_free(&n);

	node_at_a(&n);
	scan_over();
	grant();
	node_until(&n, n.now.t + MSEC(299));
	CHECK_EQ(n.orders, 1);
	node_until(&n, n.now.t + MSEC(1));
	CHECK_EQ(n.orders, 2);
	CHECK_EQ(last_order(), ORDER_RELEASE);
	node_free(&n);
}

static void nobody_else(void)
{
	struct radio_bss other = { .bssid = bssid_b, .freq_mhz = 2437, .signal_dbm = -40,
				   .ssid = "cafe", .ssid_len = 4 };

	node_at_a(&n);
	other.seen = n.now.t;
	mobile_scanned(n.m, &other, 1, &n.now, &n.out);
	node_see(&n);
	scan_over();
	CHECK_EQ(n.orders, 0);
	node_free(&n);
}

static void transition(void)
{
	node_at_a(&n);
	asked(true, false);
	buffers();
	grant();
	node_until(&n, n.now.t + MSEC(100));
	for (int i = 0; i < 100; i++) /* it counts once */
		mobile_scan_begun(n.m, &n.now, &n.out);
	node_until(&n, n.now.t + SEC(2) - 1);
	CHECK_EQ(n.orders, 1);
	disconnects();
	arrives();
	CHECK_STR(node_report(&n).trigger, "the access point asks to leave it");
	CHECK_EQ(node_report(&n).flow, FLOW_F1);
	node_free(&n);

	node_at_a(&n); /* nobody on the list is here */
	asked(true, false);
	grant();
	node_until(&n, n.now.t + MSEC(300) - 1);
	CHECK_EQ(n.orders, 1);
	node_until(&n, n.now.t + 1);
	CHECK_EQ(last_order(), ORDER_RELEASE);
	node_free(&n);
}

/* The supplicant stays, and the signal has fallen: now we look ourselves, under the same buffer. */
static void looks_itself(void)
{
	struct radio_bss a;

	node_at_a(&n);
	n.m->conf.automatic = true;
	scan_over();
	grant();
	node_until(&n, n.now.t + MSEC(20));
	for (int i = 0; i < 4; i++) {
		mobile_signal(n.m, -75, &n.now, &n.out);
		node_see(&n);
	}
	a = n.m->link->bss;
	a.seen = n.now.t;
	mobile_scanned(n.m, &a, 1, &n.now, &n.out);
	node_see(&n);
	CHECK_EQ(n.scans, 1);
	CHECK_EQ(n.orders, 1);
	node_until(&n, n.now.t + SEC(1)); /* longer than the supplicant was given */
	CHECK_EQ(n.m->ho.state, HO_SCANNING);
	node_scan_b(&n, -80);
	CHECK_EQ(last_order(), ORDER_RELEASE);
	CHECK_EQ(n.orders, 2);
	node_free(&n);
}

/* An access point that asks and asks, a scan every 100 ms: once in ten seconds is believed. */
static void wolf(void)
{
	node_at_a(&n);
	for (unsigned i = 0; i < 1000; i++) {
		asked(true, false);
		scan_over();
		if (n.m->ho.state == HO_ASKING)
			grant();
		else if (n.m->ho.state == HO_RELEASING)
			node_granted(&n);
		node_until(&n, n.now.t + MSEC(100));
	}
	CHECK(n.orders >= 2 * 16 && n.orders <= 2 * 20); /* 100 s, two pauses of ten */
	CHECK_EQ(n.m->ho.state, HO_IDLE);
	CHECK_EQ(mobile_history_last(n.m), 0);
	/* what really happens is believed all the same */
	node_forget(&n);
	authenticates(&bssid_b);
	CHECK_EQ(n.orders, 1);
	node_free(&n);
}

/* Forged frames part us from the access point as often as they like. */
static void deauthentication_flood(void)
{
	struct mac other = { { 2, 0, 0, 0, 9, 9 } };
	unsigned before;

	node_at_a(&n);
	for (unsigned i = 0; i < 10000; i++) {
		mobile_disconnected(n.m, MOBILE_RADIO, &other, &n.now, &n.out);
		node_see(&n);
	}
	CHECK_EQ(n.m->ho.state, HO_IDLE); /* not ours */
	for (unsigned i = 0; i < 10000; i++)
		disconnects();
	CHECK_EQ(mobile_history_last(n.m), 1);
	CHECK_EQ(n.orders + n.requests + n.solicitations, 0);
	/* a new association every 100 ms for 100 s */
	for (unsigned i = 0; i < 1000; i++) {
		node_link_up(&n, &bssid_a);
		disconnects();
		node_until(&n, n.now.t + MSEC(90));
	}
	CHECK_EQ(n.orders, 0);
	CHECK(n.requests <= 10);
	CHECK(n.solicitations <= 1000); /* one an association */
	/* and once it is over, all is as it was */
	node_forget(&n);
	before = mobile_history_last(n.m);
	node_link_up(&n, &bssid_a);
	node_advert(&n, false, 2);
	node_until(&n, n.now.t + SEC(1));
	if (n.requests)
		node_reply(&n, false, 0, 600, 0, -1);
	CHECK_EQ(node_state(&n), MOBILE_REGISTERED);
	CHECK(mobile_history_last(n.m) >= before);
	node_free(&n);
}

UNIT_MAIN("expected", {"it authenticates elsewhere", roams}, {"the grant is in time", roams_slowly},
	  {"the old link's end is not told", roams_silently}, {"what is no news", no_news},
	  {"it stays", stays}, {"nobody to roam to", nobody_else},
	  {"802.11v, with a list", transition}, {"a look of its own instead", looks_itself},
	  {"one who asks and asks", wolf}, {"deauthentication flood", deauthentication_flood})
