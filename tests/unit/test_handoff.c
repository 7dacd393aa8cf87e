/* SPDX-License-Identifier: MIT */
#include "tests/unit/node_fixture.h"

/* BUFFER, its grant, silence: then it leaves. */
static void leaves(struct node *n)
{
	struct order o;
	mtime start = n->now.t;

	mobile_count(n->m, 10);
	node_ask(n);
	/* The programs' packets wait before the order is out. */
	CHECK_EQ(mobile_want(n->m)->uplink, UPLINK_HELD);
	CHECK_EQ(n->orders, 1);
	CHECK(n->tap);
	CHECK_EQ(order_decode(n->order, n->order_len, &o), DROP_NONE);
	CHECK_EQ(o.action, ORDER_BUFFER);
	CHECK_EQ(o.first_agent, CARE_OF_A);
	CHECK(auth_check(n->order, n->order_len, &o.mn_fa, &n->conf.agents[0].sa));
	node_program_sends(n, 1);
	CHECK_EQ(n->data, 0);

	node_until(n, start + MSEC(5));
	node_granted(n);
	CHECK_EQ(n->roams, 0);
	/* A packet that was in the radio's queue: the silence begins anew. */
	node_until(n, start + MSEC(9));
	mobile_downlink(n->m, 12, &n->now, &n->out);
	node_see(n);
	node_until(n, start + MSEC(19) - 1);
	CHECK_EQ(n->roams, 0);
	node_until(n, start + MSEC(19));
	CHECK_EQ(n->roams, 1);
	CHECK(mac_equal(&n->roam_to, &bssid_b));
}

/* On the new link: a registration with FORWARD and the handoff key; x: its extensions. */
static void asks_for_forwarding(struct node *n, struct mip_exts *x)
{
	struct order o[2], again[2];
	unsigned count;
	struct sa kh;

	node_link_up(n, &bssid_b);
	CHECK_EQ(n->solicitations, 1);
	CHECK_EQ(n->requests, 0); /* the agent there is not known yet */
	node_advert(n, true, 1);
	CHECK_EQ(n->requests, 1);
	CHECK(mac_equal(&n->request_mac, &mac_b));
	node_orders(n, o, &count, x);
	CHECK_EQ(count, 1);
	CHECK_EQ(o[0].action, ORDER_FORWARD);
	CHECK_EQ(o[0].flags, ORDER_F_ASKED);
	CHECK_EQ(o[0].care_of, CARE_OF_B);
	CHECK(auth_check(x->orders[0].p, x->orders[0].left, &o[0].mn_fa, &n->conf.agents[0].sa));
	CHECK_EQ(x->handoff_key.left, 32);
	auth_handoff_key(&n->conf.agents[0].sa.key, o[0].id, HOME, CARE_OF_A, CARE_OF_B, &kh);
	CHECK(memcmp(x->handoff_key.p, kh.key.b, 32) == 0);

	/* Asked again a second later: the order keeps its bytes. */
	node_until(n, n->now.t + SEC(1));
	CHECK_EQ(n->requests, 2);
	node_orders(n, again, &count, x);
	CHECK_EQ(again[0].id, o[0].id);
	CHECK_EQ(n->data, 0);
}

static void planned_walk(void)
{
	struct node n;
	struct mip_exts x;
	struct report r;

	node_at_a(&n);
	leaves(&n);
	node_until(&n, n.now.t + MSEC(81));
	node_program_sends(&n, 2);
	asks_for_forwarding(&n, &x);
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
	r = node_report(&n);
	CHECK(r.ok && r.ended);
	CHECK_STR(flow_name(r.flow), "F1");
	CHECK_EQ(r.at[STEP_SETTLED] - r.at[STEP_GRANTED], MSEC(14));
	CHECK(r.has_lost);
	CHECK_EQ(r.lost, 0); /* it delivered 12, and 12 came */
	CHECK_EQ(r.forwarded, 9);
	CHECK_EQ(r.uplink_queued, 2);
	CHECK_EQ(r.grant_packets, 2048);
	node_free(&n);
}

/* A packet comes so long after the end: whether it was the first after a gap. */
static bool was_waited_for(mtime after)
{
	struct node n;
	struct mip_exts x;
	struct report r;

	node_at_a(&n);
	leaves(&n);
	asks_for_forwarding(&n, &x);
	node_reply(&n, true, 0, 600, 0, -1);
	node_order_reply(&n, x.orders[0].p, x.orders[0].left, ORDER_GRANTED, 0);
	CHECK(n.handoff_done && n.tap);
	node_until(&n, n.now.t + after);
	mobile_downlink(n.m, 13, &n.now, &n.out);
	node_see(&n);
	CHECK(!n.tap);
	r = node_report(&n);
	node_free(&n);
	return r.has[STEP_FIRST_PACKET];
}

/* Where nothing was on its way there was no gap, however long the silence. */
static void a_gap_ends_with_the_handoff(void)
{
	CHECK(was_waited_for(SEC(2)));
	CHECK(!was_waited_for(SEC(2) + MSEC(1)));
}

static void waits_for_its_own_queue(void)
{
	struct node n;
	mtime start;

	node_at_a(&n);
	start = n.now.t;
	n.backlog = 3;
	node_ask(&n);
	node_granted(&n);
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
	node_ask(&n);
	node_granted(&n);
	node_until(&n, start + MSEC(60) - 1);
	CHECK_EQ(n.roams, 0);
	node_until(&n, start + MSEC(60));
	CHECK_EQ(n.roams, 1);
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
	mobile_disconnected(n.m, MOBILE_RADIO, &bssid_a, &n.now, &n.out);
	node_see(&n);
	CHECK_EQ(n.orders, 0);
	CHECK_EQ(mobile_want(n.m)->uplink, UPLINK_HELD);
	node_program_sends(&n, 7);
	node_until(&n, n.now.t + MSEC(300));
	node_link_up(&n, &bssid_b);
	node_advert(&n, true, 1);
	node_orders(&n, o, &count, &x);
	CHECK_EQ(count, 2);
	/* relayed by B: delivered 12 */
	node_order_reply(&n, x.orders[0].p, x.orders[0].left, ORDER_GRANTED, 0);
	node_reply(&n, true, 0, 600, 0, -1);
	node_order_reply(&n, x.orders[1].p, x.orders[1].left, ORDER_GRANTED, 0);
	node_until(&n, n.now.t + MSEC(5));
	CHECK(n.handoff_done);
	CHECK_EQ(n.data, 1);
	r = node_report(&n);
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
	mobile_disconnected(n.m, MOBILE_RADIO, &bssid_a, &n.now, &n.out);
	node_link_up(&n, &bssid_b);
	node_advert(&n, true, 1);
	node_orders(&n, o, &count, &x);
	node_order_reply(&n, x.orders[0].p, x.orders[0].left, ORDER_GRANTED, 0);
	node_reply(&n, true, 0, 600, 0, -1);
	node_order_reply(&n, x.orders[1].p, x.orders[1].left, ORDER_GRANTED, 0);
	r = node_report(&n);
	CHECK(r.ok && r.has_lost);
	CHECK_EQ(r.lost, 1); /* 12 delivered, 5 of them before */
	node_free(&n);
}

static void a_roam_that_fails_releases_the_buffer(void)
{
	struct node n;
	struct order o;

	node_at_a(&n);
	node_ask(&n);
	node_granted(&n);
	node_until(&n, n.now.t + MSEC(10));
	CHECK_EQ(n.roams, 1);
	mobile_roam_failed(n.m, "refused", &n.now, &n.out);
	node_see(&n);
	CHECK_EQ(order_decode(n.order, n.order_len, &o), DROP_NONE);
	CHECK_EQ(o.action, ORDER_RELEASE);
	node_granted(&n);
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
	node_ask(&n);
	node_granted(&n);
	node_until(&n, n.now.t + MSEC(10));
	node_forget(&n);
	node_link_up(&n, &bssid_b);
	node_advert(&n, false, 2); /* it is agent A that answers there */
	CHECK_EQ(n.requests, 0);
	CHECK_EQ(order_decode(n.order, n.order_len, &o), DROP_NONE);
	CHECK_EQ(o.action, ORDER_RELEASE);
	node_granted(&n);
	CHECK(n.handoff_done);
	CHECK(node_report(&n).ok);
	node_until(&n, n.now.t + MSEC(100)); /* the port is open now: it asks, but is registered */
	CHECK_EQ(node_state(&n), MOBILE_REGISTERED);
	node_free(&n);
}

static void no_renewal_between_two_agents(void)
{
	struct node n;

	node_at_a(&n);
	node_until(&n, SEC(400) - MSEC(5)); /* half of 600 s is nearly over */
	node_forget(&n);
	node_ask(&n);
	node_granted(&n);
	node_until(&n, SEC(401));
	CHECK_EQ(n.roams, 1);
	CHECK_EQ(n.requests, 0); /* A would take it for a return, and give the buffer up */
	node_link_up(&n, &bssid_b);
	node_advert(&n, true, 1);
	CHECK_EQ(n.requests, 1);
	CHECK(mac_equal(&n.request_mac, &mac_b));
	node_free(&n);
}

static void every_handoff_ends(void)
{
	struct node n;

	node_at_a(&n);
	node_ask(&n);
	node_granted(&n);
	node_until(&n, n.now.t + SEC(5) + MSEC(100)); /* no access point takes us */
	CHECK(n.handoff_done);
	CHECK(!node_report(&n).ok);
	/* Arrived after all: nobody answers there, then nobody accepts. */
	mobile_disconnected(n.m, MOBILE_RADIO, &bssid_a, &n.now, &n.out);
	node_see(&n);
	node_link_up(&n, &bssid_b);
	node_until(&n, n.now.t + SEC(8) + MSEC(1));
	CHECK(!node_report(&n).ok);
	CHECK_EQ(node_report(&n).number, 2);
	CHECK(node_report(&n).ended);
	node_free(&n);
}

/* Whom it is registered with is out of reach: who speaks next has it, and no renewal is awaited. */
static void given_up(mtime without_link, mtime unheard)
{
	struct node n;

	node_at_a(&n);
	mobile_disconnected(n.m, MOBILE_RADIO, &bssid_a, &n.now, &n.out);
	node_see(&n);
	node_until(&n, n.now.t + without_link);
	node_link_up(&n, &bssid_b);
	node_until(&n, n.now.t + unheard);
	CHECK(n.handoff_done && !node_report(&n).ok);
	node_forget(&n);
	node_advert(&n, true, 1);
	CHECK_EQ(n.requests, 1);
	CHECK(mac_equal(&n.request_mac, &mac_b));
	node_reply(&n, true, 0, 600, 0, -1);
	CHECK_EQ(node_state(&n), MOBILE_REGISTERED);
	node_until(&n, n.now.t + MSEC(10));
	CHECK_EQ(mobile_want(n.m)->uplink, UPLINK_AGENT);
	node_free(&n);
}

static void after_a_handoff_that_failed(void)
{
	given_up(SEC(1), SEC(9));  /* its agent speaks late */
	given_up(SEC(20), MSEC(1)); /* a long way without a link */
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
	node_ask(&n);
	CHECK_EQ(n.orders, 0);
	CHECK_EQ(n.roams, 1);
	node_link_up(&n, &bssid_b);
	node_advert(&n, true, 1);
	node_orders(&n, o, &count, &x);
	CHECK_EQ(count, 0);
	CHECK_EQ(x.handoff_key.left, 0);
	node_reply(&n, true, 0, 600, 0, -1);
	CHECK(n.handoff_done);
	CHECK_STR(flow_name(node_report(&n).flow), "plain");
	node_free(&n);
}

/* To agent A on its link; in F4 by way of B, which knows RFC 5944 alone. */
static void where_its_orders_go(void)
{
	struct advert legacy = { .icmp_lifetime_s = 180, .sequence = 1, .reg_lifetime_s = 1800,
				 .flags = ADVERT_F | ADVERT_T, .care_of = { CARE_OF_B },
				 .n_care_of = 1 };
	uint8_t buf[128];
	struct wbuf w = wb_init(buf, sizeof(buf));
	struct node n;

	node_at_a(&n);
	leaves(&n);
	CHECK_EQ(n.other_to.dst, AGENT_A);
	CHECK(mac_equal(&n.other_to.mac, &mac_a) && n.other_to.ttl == 255);
	node_until(&n, n.now.t + MSEC(80));
	node_link_up(&n, &bssid_b);
	advert_encode(&w, &legacy);
	mobile_icmp(n.m, MOBILE_RADIO, &mac_b, AGENT_B, buf, w.len, &n.now, &n.out);
	node_see(&n);
	CHECK_EQ(n.forward_to.dst, 0);
	node_reply(&n, true, 0, 600, 0, -1);
	CHECK_EQ(n.forward_to.dst, CARE_OF_A);
	CHECK(mac_equal(&n.forward_to.mac, &mac_b) && n.forward_to.ttl == 64);
	CHECK_EQ(n.forward_to.flags, ORDER_F_ASKED);
	CHECK_STR(flow_name(node_report(&n).flow), "F4");
	node_free(&n);
}

UNIT_MAIN("handoff", {"where its orders go", where_its_orders_go},
	  {"F1: a planned walk", planned_walk},
	  {"a gap ends with the handoff", a_gap_ends_with_the_handoff},
	  {"waits for its own queue", waits_for_its_own_queue},
	  {"F2: a sudden death", a_sudden_death},
	  {"what was delivered before does not count", what_was_delivered_before_does_not_count},
	  {"a roam that fails releases the buffer", a_roam_that_fails_releases_the_buffer},
	  {"F5: two access points of one agent", two_access_points_of_one_agent},
	  {"no renewal between two agents", no_renewal_between_two_agents},
	  {"every handoff ends", every_handoff_ends},
	  {"after a handoff that failed", after_a_handoff_that_failed},
	  {"buffering off is plain", buffering_off_is_plain})
