/* SPDX-License-Identifier: MIT */
#include "tests/unit/node_fixture.h"

static struct report report_of(struct node *n)
{
	struct report r;

	CHECK(mobile_report(n->m, 0, &r));
	return r;
}

static void ask(struct node *n)
{
	bool not_found;

	CHECK(mobile_handoff(n->m, &bssid_b, &not_found, &n->now, &n->out) == NULL);
	node_see(n);
}

static void orders_in_request(struct node *n, struct order o[2], unsigned *count,
			      struct mip_exts *x)
{
	struct mip_request req;

	CHECK_EQ(mip_request_decode(n->request, n->request_len, &req, x), DROP_NONE);
	*count = x->n_orders;
	for (unsigned i = 0; i < x->n_orders; i++)
		CHECK_EQ(order_decode(x->orders[i].p, x->orders[i].left, &o[i]), DROP_NONE);
}

static void planned_walk(void)
{
	struct node n;
	struct order o[2];
	struct mip_exts x;
	unsigned count;
	struct report r;
	struct sa kh;
	mtime start;

	node_at_a(&n);
	start = n.now.t;
	mobile_count(n.m, 10);
	ask(&n);
	/* The programs' packets wait before the order is out. */
	CHECK_EQ(mobile_want(n.m)->uplink, UPLINK_HELD);
	CHECK_EQ(n.orders, 1);
	CHECK(n.tap);
	CHECK_EQ(order_decode(n.order, n.order_len, &o[0]), DROP_NONE);
	CHECK_EQ(o[0].action, ORDER_BUFFER);
	CHECK_EQ(o[0].first_agent, CARE_OF_A);
	CHECK(auth_check(n.order, n.order_len, &o[0].mn_fa, &n.conf.agents[0].sa));
	node_program_sends(&n, 1);
	CHECK_EQ(n.data, 0);

	node_until(&n, start + MSEC(5));
	node_order_reply(&n, n.order, n.order_len, ORDER_GRANTED, 0);
	CHECK_EQ(n.roams, 0);
	/* A packet that was in the radio's queue: the silence begins anew. */
	node_until(&n, start + MSEC(9));
	mobile_downlink(n.m, 12, &n.now, &n.out);
	node_see(&n);
	node_until(&n, start + MSEC(19) - 1);
	CHECK_EQ(n.roams, 0);
	node_until(&n, start + MSEC(19));
	CHECK_EQ(n.roams, 1);
	CHECK(mac_equal(&n.roam_to, &bssid_b));

	node_until(&n, start + MSEC(100));
	node_program_sends(&n, 2);
	node_link_up(&n, &bssid_b);
	CHECK_EQ(n.solicitations, 1);
	CHECK_EQ(n.requests, 0); /* the agent there is not known yet */
	node_advert(&n, true, 1);
	CHECK_EQ(n.requests, 1);
	CHECK(mac_equal(&n.request_mac, &mac_b));
	orders_in_request(&n, o, &count, &x);
	CHECK_EQ(count, 1);
	CHECK_EQ(o[0].action, ORDER_FORWARD);
	CHECK_EQ(o[0].flags, ORDER_F_ASKED);
	CHECK_EQ(o[0].care_of, CARE_OF_B);
	CHECK(auth_check(x.orders[0].p, x.orders[0].left, &o[0].mn_fa, &n.conf.agents[0].sa));
	CHECK_EQ(x.handoff_key.left, 32);
	auth_handoff_key(&n.conf.agents[0].sa.key, o[0].id, HOME, CARE_OF_A, CARE_OF_B, &kh);
	CHECK(memcmp(x.handoff_key.p, kh.key.b, 32) == 0);

	/* Asked again a second later: the order keeps its bytes. */
	node_until(&n, n.now.t + SEC(1));
	CHECK_EQ(n.requests, 2);
	{
		struct order again[2];

		orders_in_request(&n, again, &count, &x);
		CHECK_EQ(again[0].id, o[0].id);
	}
	CHECK_EQ(n.data, 0);
	node_reply(&n, true, 0, 600, 0, -1);
	CHECK_EQ(node_state(&n), MOBILE_REGISTERED);
	node_until(&n, n.now.t + MSEC(2));
	CHECK_EQ(n.data, 2);
	CHECK_EQ(n.data_mark[0], 1);
	CHECK_EQ(n.data_mark[1], 2);
	CHECK(!n.handoff_done);
	node_order_reply(&n, x.orders[0].p, x.orders[0].left, ORDER_GRANTED, 0);
	CHECK(n.handoff_done);
	CHECK_EQ(mobile_want(n.m)->uplink, UPLINK_AGENT);
	CHECK_EQ(mobile_want(n.m)->agent_addr, AGENT_B);
	r = report_of(&n);
	CHECK(r.ok && r.ended);
	CHECK_STR(flow_name(r.flow), "F1");
	CHECK_EQ(r.at[STEP_SETTLED] - r.at[STEP_GRANTED], MSEC(14));
	CHECK(r.has_lost);
	CHECK_EQ(r.lost, 0); /* it delivered 12, and 12 came */
	CHECK_EQ(r.uplink_queued, 2);
	CHECK_EQ(r.grant_packets, 2048);
	node_free(&n);
}

static void waits_for_its_own_queue(void)
{
	struct node n;
	mtime start;

	node_at_a(&n);
	start = n.now.t;
	n.backlog = 3;
	ask(&n);
	node_order_reply(&n, n.order, n.order_len, ORDER_GRANTED, 0);
	node_until(&n, start + MSEC(30));
	CHECK_EQ(n.roams, 0); /* the air is silent, but three packets have not left yet */
	n.backlog = 0;
	node_until(&n, start + MSEC(33));
	CHECK_EQ(n.roams, 1);
	node_free(&n);
	/* A queue that never runs dry does not keep it for ever. */
	node_at_a(&n);
	start = n.now.t;
	n.backlog = 3;
	ask(&n);
	node_order_reply(&n, n.order, n.order_len, ORDER_GRANTED, 0);
	node_until(&n, start + MSEC(60) - 1);
	CHECK_EQ(n.roams, 0);
	node_until(&n, start + MSEC(60));
	CHECK_EQ(n.roams, 1);
	node_free(&n);
}

static void an_old_clock_is_not_believed(void)
{
	struct node n;
	uint8_t first[ORDER_MAX];
	size_t len;

	node_at_a(&n);
	ask(&n);
	memcpy(first, n.order, n.order_len);
	len = n.order_len;
	node_order_reply(&n, first, len, ORDER_ID_ORDER, 0xe8d4b00000000000u);
	CHECK_EQ(n.orders, 2);
	node_order_reply(&n, n.order, n.order_len, ORDER_GRANTED, 0);
	node_until(&n, n.now.t + MSEC(10));
	mobile_roam_failed(n.m, "refused", &n.now, &n.out);
	node_see(&n);
	node_order_reply(&n, n.order, n.order_len, ORDER_GRANTED, 0);
	node_forget(&n);
	ask(&n);
	CHECK_EQ(n.orders, 1);
	/* recorded, and sent again */
	node_order_reply(&n, first, len, ORDER_ID_ORDER, 0xe8d4b00000000000u);
	CHECK_EQ(n.orders, 1);
	CHECK_EQ(node_drops(&n, DROP_UNMATCHED), 1);
	node_free(&n);
}

static void renewals_carry_no_orders(void)
{
	struct node n;
	struct order o[2];
	struct mip_exts x;
	unsigned count;

	node_at_a(&n);
	mobile_disconnected(n.m, &bssid_a, &n.now, &n.out);
	node_see(&n);
	node_link_up(&n, &bssid_b);
	node_advert(&n, true, 1);
	node_reply(&n, true, 0, 600, 0, -1);
	node_forget(&n);
	node_until(&n, n.now.t + SEC(300));
	CHECK_EQ(n.requests, 1);
	orders_in_request(&n, o, &count, &x);
	CHECK_EQ(count, 0);
	CHECK_EQ(x.handoff_key.left, 0);
	node_free(&n);
}

static void no_renewal_between_two_agents(void)
{
	struct node n;

	node_at_a(&n);
	node_until(&n, SEC(400) - MSEC(5)); /* half of 600 s is nearly over */
	node_forget(&n);
	ask(&n);
	node_order_reply(&n, n.order, n.order_len, ORDER_GRANTED, 0);
	node_until(&n, SEC(401));
	CHECK_EQ(n.roams, 1);
	CHECK_EQ(n.requests, 0); /* A would take it for a return, and give the buffer up */
	node_link_up(&n, &bssid_b);
	node_advert(&n, true, 1);
	CHECK_EQ(n.requests, 1);
	CHECK(mac_equal(&n.request_mac, &mac_b));
	node_free(&n);
}

static void the_order_is_repeated_then_given_up(void)
{
	struct node n;
	struct order o[2];
	struct mip_exts x;
	unsigned count;
	static const int at_ms[] = { 0, 20, 60, 140, 300 };
	uint8_t first[ORDER_MAX];
	mtime start;

	node_at_a(&n);
	start = n.now.t;
	ask(&n);
	memcpy(first, n.order, n.order_len);
	for (unsigned i = 1; i < 5; i++) {
		node_until(&n, start + MSEC(at_ms[i]) - 1);
		CHECK_EQ(n.orders, i);
		node_until(&n, start + MSEC(at_ms[i]));
		CHECK_EQ(n.orders, i + 1);
		CHECK(memcmp(first, n.order, n.order_len) == 0);
	}
	node_until(&n, start + MSEC(620) - 1);
	CHECK_EQ(n.roams, 0);
	node_until(&n, start + MSEC(620));
	CHECK_EQ(n.roams, 1);
	CHECK_EQ(n.orders, 5);
	/* The second agent asks instead: both orders ride on the registration. */
	node_link_up(&n, &bssid_b);
	node_advert(&n, true, 1);
	orders_in_request(&n, o, &count, &x);
	CHECK_EQ(count, 2);
	CHECK_EQ(o[0].action, ORDER_BUFFER);
	CHECK_EQ(o[1].action, ORDER_FORWARD);
	CHECK_EQ(o[1].flags, 0);
	CHECK(o[1].id > o[0].id);
	CHECK_STR(flow_name(report_of(&n).flow), "F2");
	node_free(&n);
}

static void a_sudden_death(void)
{
	struct node n;
	struct order o[2];
	struct mip_exts x;
	unsigned count;
	struct report r;

	node_at_a(&n);
	mobile_count(n.m, 9);
	mobile_disconnected(n.m, &bssid_a, &n.now, &n.out);
	node_see(&n);
	CHECK_EQ(n.orders, 0);
	CHECK_EQ(mobile_want(n.m)->uplink, UPLINK_HELD);
	node_program_sends(&n, 7);
	node_until(&n, n.now.t + MSEC(300));
	node_link_up(&n, &bssid_b);
	node_advert(&n, true, 1);
	orders_in_request(&n, o, &count, &x);
	CHECK_EQ(count, 2);
	/* relayed by B: delivered 12 */
	node_order_reply(&n, x.orders[0].p, x.orders[0].left, ORDER_GRANTED, 0);
	node_reply(&n, true, 0, 600, 0, -1);
	node_order_reply(&n, x.orders[1].p, x.orders[1].left, ORDER_GRANTED, 0);
	node_until(&n, n.now.t + MSEC(5));
	CHECK(n.handoff_done);
	CHECK_EQ(n.data, 1);
	r = report_of(&n);
	CHECK_STR(flow_name(r.flow), "F2");
	CHECK(r.ok && r.has_lost);
	CHECK_EQ(r.lost, 3);
	node_free(&n);
}

/* A node that starts anew where it was before: the agent has counted for long. */
static void what_was_delivered_before_does_not_count(void)
{
	struct node n;
	struct order o[2];
	struct mip_exts x;
	unsigned count;
	struct report r;

	node_init(&n);
	n.stood_at = 5;
	node_attach(&n);
	mobile_count(n.m, 6);
	mobile_disconnected(n.m, &bssid_a, &n.now, &n.out);
	node_link_up(&n, &bssid_b);
	node_advert(&n, true, 1);
	orders_in_request(&n, o, &count, &x);
	node_order_reply(&n, x.orders[0].p, x.orders[0].left, ORDER_GRANTED, 0);
	node_reply(&n, true, 0, 600, 0, -1);
	node_order_reply(&n, x.orders[1].p, x.orders[1].left, ORDER_GRANTED, 0);
	r = report_of(&n);
	CHECK(r.ok && r.has_lost);
	CHECK_EQ(r.lost, 1); /* 12 delivered, 5 of them before */
	node_free(&n);
}

static void another_clock_is_learnt_and_the_order_signed_again(void)
{
	struct node n;
	struct order o[2];
	struct mip_exts x;
	unsigned count;

	node_at_a(&n);
	ask(&n);
	node_order_reply(&n, n.order, n.order_len, ORDER_ID_ORDER, 0xe8d4b00000000000u);
	CHECK_EQ(n.orders, 2);
	CHECK_EQ(order_decode(n.order, n.order_len, &o[0]), DROP_NONE);
	CHECK_EQ(o[0].id >> 32, 0xe8d4b000);
	node_order_reply(&n, n.order, n.order_len, ORDER_GRANTED_LESS, 0);
	node_until(&n, n.now.t + MSEC(10));
	CHECK_EQ(n.roams, 1);
	node_link_up(&n, &bssid_b);
	node_advert(&n, true, 1);
	orders_in_request(&n, o, &count, &x);
	CHECK_EQ(count, 1);
	CHECK_EQ(o[0].id >> 32, 0xe8d4b000);
	node_free(&n);
}

static void refused_buffer_still_moves(void)
{
	struct node n;

	node_at_a(&n);
	ask(&n);
	node_order_reply(&n, n.order, n.order_len, ORDER_NO_ROOM, 0);
	CHECK_EQ(n.roams, 1);
	CHECK(strstr(report_of(&n).reason, "130") != NULL);
	node_free(&n);
}

static void a_forged_grant_is_no_grant(void)
{
	struct node n;
	struct order o = { .message = ORDER_REPLY, .home_addr = HOME, .first_agent = CARE_OF_A };
	struct order req;
	uint8_t buf[128];
	struct wbuf w = wb_init(buf, sizeof(buf));

	node_at_a(&n);
	ask(&n);
	order_decode(n.order, n.order_len, &req);
	o.id = req.id;
	order_encode(&w, &o);
	auth_append(&w, EXT_MN_FA, 0, &n.conf.agents[1].sa);
	node_udp(&n, buf, w.len);
	CHECK_EQ(node_drops(&n, DROP_BAD_AUTH), 1);
	node_until(&n, n.now.t + MSEC(100));
	CHECK_EQ(n.roams, 0);
	node_free(&n);
}

static void a_roam_that_fails_releases_the_buffer(void)
{
	struct node n;
	struct order o;

	node_at_a(&n);
	ask(&n);
	node_order_reply(&n, n.order, n.order_len, ORDER_GRANTED, 0);
	node_until(&n, n.now.t + MSEC(10));
	CHECK_EQ(n.roams, 1);
	mobile_roam_failed(n.m, "refused", &n.now, &n.out);
	node_see(&n);
	CHECK_EQ(order_decode(n.order, n.order_len, &o), DROP_NONE);
	CHECK_EQ(o.action, ORDER_RELEASE);
	node_order_reply(&n, n.order, n.order_len, ORDER_GRANTED, 0);
	CHECK(n.handoff_done);
	node_until(&n, n.now.t + MSEC(3));
	CHECK_EQ(mobile_want(n.m)->uplink, UPLINK_AGENT);
	CHECK_EQ(mobile_want(n.m)->agent_addr, AGENT_A);
	CHECK_EQ(n.requests, 0);
	node_free(&n);
}

static void two_access_points_of_one_agent(void)
{
	struct node n;
	struct order o;

	node_at_a(&n);
	ask(&n);
	node_order_reply(&n, n.order, n.order_len, ORDER_GRANTED, 0);
	node_until(&n, n.now.t + MSEC(10));
	node_forget(&n);
	node_link_up(&n, &bssid_b);
	node_advert(&n, false, 2); /* it is agent A that answers there */
	CHECK_EQ(n.requests, 0);
	CHECK_EQ(order_decode(n.order, n.order_len, &o), DROP_NONE);
	CHECK_EQ(o.action, ORDER_RELEASE);
	node_order_reply(&n, n.order, n.order_len, ORDER_GRANTED, 0);
	CHECK(n.handoff_done);
	CHECK(report_of(&n).ok);
	node_free(&n);
}

static void every_handoff_ends(void)
{
	struct node n;

	node_at_a(&n);
	ask(&n);
	node_order_reply(&n, n.order, n.order_len, ORDER_GRANTED, 0);
	node_until(&n, n.now.t + SEC(5) + MSEC(100)); /* no access point takes us */
	CHECK(n.handoff_done);
	CHECK(!report_of(&n).ok);
	/* Arrived after all: nobody answers there, then nobody accepts. */
	mobile_disconnected(n.m, &bssid_a, &n.now, &n.out);
	node_see(&n);
	node_link_up(&n, &bssid_b);
	node_until(&n, n.now.t + SEC(8) + MSEC(1));
	CHECK(!report_of(&n).ok);
	CHECK_EQ(report_of(&n).number, 2);
	CHECK(report_of(&n).ended);
	node_free(&n);
}

/* The signal has fallen, and what is known of others is old. */
static void signal_falls(struct node *n)
{
	n->conf.automatic = true;
	CHECK(mobile_reconfigure(n->m, &n->conf, &n->now, &n->out));
	node_see(n);
	node_until(n, n->now.t + SEC(60));
	node_forget(n);
	for (int i = 0; i < 6 && !n->orders && !n->scans; i++) {
		mobile_signal(n->m, -68, &n->now, &n->out);
		node_see(n);
		if (!n->orders)
			node_until(n, n->now.t + MSEC(50));
	}
}

static void looks_around_under_the_buffer(void)
{
	struct node n;
	struct order o;
	struct report r;

	node_at_a(&n);
	signal_falls(&n);
	/* First the order, and programs' packets wait; the radio goes deaf only after the grant. */
	CHECK_EQ(n.orders, 1);
	CHECK_EQ(order_decode(n.order, n.order_len, &o), DROP_NONE);
	CHECK_EQ(o.action, ORDER_BUFFER);
	CHECK_EQ(mobile_want(n.m)->uplink, UPLINK_HELD);
	CHECK_EQ(n.scans, 0);
	CHECK_EQ(node_state(&n), MOBILE_REGISTERED);
	node_order_reply(&n, n.order, n.order_len, ORDER_GRANTED, 0);
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
	r = report_of(&n);
	CHECK_STR(flow_name(r.flow), "F1");
	CHECK(r.has[STEP_BUFFER_SENT] && r.has[STEP_GRANTED] && r.has[STEP_SCANNED]);
	node_link_up(&n, &bssid_b);
	node_advert(&n, true, 1);
	node_reply(&n, true, 0, 600, 0, -1);
	CHECK_EQ(report_of(&n).number, 1);
	node_free(&n);
}

static void nobody_better_is_no_handoff(void)
{
	struct node n;
	struct order o;
	struct report r;

	node_at_a(&n);
	signal_falls(&n);
	node_order_reply(&n, n.order, n.order_len, ORDER_GRANTED, 0);
	node_until(&n, n.now.t + MSEC(10));
	CHECK_EQ(n.scans, 1);
	node_program_sends(&n, 9);
	node_forget(&n);
	node_scan_b(&n, -80);
	CHECK_EQ(n.roams, 0);
	CHECK_EQ(order_decode(n.order, n.order_len, &o), DROP_NONE);
	CHECK_EQ(o.action, ORDER_RELEASE);
	node_order_reply(&n, n.order, n.order_len, ORDER_GRANTED, 0);
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
	signal_falls(&n);
	node_order_reply(&n, n.order, n.order_len, ORDER_GRANTED, 0);
	node_until(&n, n.now.t + MSEC(10));
	CHECK_EQ(n.scans, 1);
	node_forget(&n);
	node_until(&n, n.now.t + SEC(2) + MSEC(1));
	CHECK_EQ(order_decode(n.order, n.order_len, &o), DROP_NONE);
	CHECK_EQ(o.action, ORDER_RELEASE);
	node_free(&n);
}

static void buffering_off_is_plain(void)
{
	struct node n;
	struct order o[2];
	struct mip_exts x;
	unsigned count;

	node_at_a(&n);
	n.conf.buffer = false;
	CHECK(mobile_reconfigure(n.m, &n.conf, &n.now, &n.out));
	node_see(&n);
	node_forget(&n);
	ask(&n);
	CHECK_EQ(n.orders, 0);
	CHECK_EQ(n.roams, 1);
	node_link_up(&n, &bssid_b);
	node_advert(&n, true, 1);
	orders_in_request(&n, o, &count, &x);
	CHECK_EQ(count, 0);
	CHECK_EQ(x.handoff_key.left, 0);
	node_reply(&n, true, 0, 600, 0, -1);
	CHECK(n.handoff_done);
	CHECK_STR(flow_name(report_of(&n).flow), "plain");
	node_free(&n);
}

UNIT_MAIN("handoff", {"F1: a planned walk", planned_walk},
	  {"waits for its own queue", waits_for_its_own_queue},
	  {"an old clock is not believed", an_old_clock_is_not_believed},
	  {"renewals carry no orders", renewals_carry_no_orders},
	  {"BUFFER is repeated, then given up", the_order_is_repeated_then_given_up},
	  {"F2: a sudden death", a_sudden_death},
	  {"what was delivered before does not count", what_was_delivered_before_does_not_count},
	  {"another clock is learnt and the order signed again",
	   another_clock_is_learnt_and_the_order_signed_again},
	  {"a refused BUFFER still moves", refused_buffer_still_moves},
	  {"a forged grant is no grant", a_forged_grant_is_no_grant},
	  {"a roam that fails releases the buffer", a_roam_that_fails_releases_the_buffer},
	  {"F5: two access points of one agent", two_access_points_of_one_agent},
	  {"looks around under the buffer", looks_around_under_the_buffer},
	  {"nobody better is no handoff", nobody_better_is_no_handoff},
	  {"a scan that never ends", a_scan_that_never_ends},
	  {"no renewal between two agents", no_renewal_between_two_agents},
	  {"every handoff ends", every_handoff_ends},
	  {"buffering off is plain", buffering_off_is_plain})
