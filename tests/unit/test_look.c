/* SPDX-License-Identifier: MIT */
#include "tests/unit/node_fixture.h"

/* A look at other channels, under the buffer. */

static void looks_around_under_the_buffer(void)
{
	struct node n;
	struct order o;
	struct report r;

	node_at_a(&n);
	node_signal_falls(&n);
	/* First the order, and programs' packets wait; the radio goes deaf only after the grant. */
	CHECK_EQ(n.orders, 1);
	CHECK_EQ(order_decode(n.order, n.order_len, &o), DROP_NONE);
	CHECK_EQ(o.action, ORDER_BUFFER);
	CHECK_EQ(mobile_want(n.m)->uplink, UPLINK_HELD);
	CHECK_EQ(n.scans, 0);
	CHECK_EQ(node_state(&n), MOBILE_REGISTERED);
	node_granted(&n);
	node_until(&n, n.now.t + MSEC(10));
	CHECK_EQ(n.scans, 1);
	CHECK_EQ(n.roams, 0);
	for (int i = 0; i < 4; i++) { /* and it falls on */
		node_until(&n, n.now.t + MSEC(20));
		mobile_signal(n.m, -75, &n.now, &n.out);
		node_see(&n);
	}
	node_forget(&n);
	node_scan_b(&n, -50);
	/* Granted already: it leaves at once. */
	CHECK_EQ(n.roams, 1);
	CHECK_EQ(n.orders, 0);
	r = node_report(&n);
	CHECK_STR(flow_name(r.flow), "F1");
	CHECK(r.has[STEP_BUFFER_SENT] && r.has[STEP_GRANTED] && r.has[STEP_SCANNED]);
	node_link_up(&n, &bssid_b);
	node_advert(&n, true, 1);
	node_reply(&n, true, 0, 600, 0, -1);
	CHECK_EQ(node_report(&n).number, 1);
	node_free(&n);
}

static void nobody_better_is_no_handoff(void)
{
	struct node n;
	struct order o;
	struct report r;

	node_at_a(&n);
	node_signal_falls(&n);
	node_granted(&n);
	node_until(&n, n.now.t + MSEC(10));
	CHECK_EQ(n.scans, 1);
	node_program_sends(&n, 9);
	node_forget(&n);
	node_scan_b(&n, -80);
	CHECK_EQ(n.roams, 0);
	CHECK_EQ(order_decode(n.order, n.order_len, &o), DROP_NONE);
	CHECK_EQ(o.action, ORDER_RELEASE);
	node_granted(&n);
	node_until(&n, n.now.t + MSEC(5));
	CHECK_EQ(n.data, 1);
	CHECK_EQ(mobile_want(n.m)->uplink, UPLINK_AGENT);
	CHECK(!n.handoff_done);
	CHECK(!mobile_report(n.m, 0, &r));
	node_free(&n);
}

static void a_scan_that_never_ends(void)
{
	struct node n;
	struct order o;

	node_at_a(&n);
	node_signal_falls(&n);
	node_granted(&n);
	node_until(&n, n.now.t + MSEC(10));
	CHECK_EQ(n.scans, 1);
	node_forget(&n);
	node_until(&n, n.now.t + SEC(2) + MSEC(1));
	CHECK_EQ(order_decode(n.order, n.order_len, &o), DROP_NONE);
	CHECK_EQ(o.action, ORDER_RELEASE);
	node_free(&n);
}

UNIT_MAIN("look", {"looks around under the buffer", looks_around_under_the_buffer},
	  {"nobody better is no handoff", nobody_better_is_no_handoff},
	  {"a scan that never ends", a_scan_that_never_ends})
