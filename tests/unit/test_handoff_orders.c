/* SPDX-License-Identifier: MIT */
#include "tests/unit/node_fixture.h"

/* The orders of a handoff: repeated, refused, forged, signed anew. */

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
	node_ask(&n);
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
	node_orders(&n, o, &count, &x);
	CHECK_EQ(count, 2);
	CHECK_EQ(o[0].action, ORDER_BUFFER);
	CHECK_EQ(o[1].action, ORDER_FORWARD);
	CHECK_EQ(o[1].flags, 0);
	CHECK(o[1].id > o[0].id);
	CHECK_STR(flow_name(node_report(&n).flow), "F2");
	node_free(&n);
}

static void an_old_clock_is_not_believed(void)
{
	struct node n;
	uint8_t first[ORDER_MAX];
	size_t len;

	node_at_a(&n);
	node_ask(&n);
	memcpy(first, n.order, n.order_len);
	len = n.order_len;
	node_order_reply(&n, first, len, ORDER_ID_ORDER, 0xe8d4b00000000000u);
	CHECK_EQ(n.orders, 2);
	node_granted(&n);
	node_until(&n, n.now.t + MSEC(10));
	mobile_roam_failed(n.m, "refused", &n.now, &n.out);
	node_see(&n);
	node_granted(&n);
	node_forget(&n);
	node_ask(&n);
	CHECK_EQ(n.orders, 1);
	/* recorded, and sent again */
	node_order_reply(&n, first, len, ORDER_ID_ORDER, 0xe8d4b00000000000u);
	CHECK_EQ(n.orders, 1);
	CHECK_EQ(node_drops(&n, DROP_UNMATCHED), 1);
	node_free(&n);
}

static void another_clock_is_learnt_and_the_order_signed_again(void)
{
	struct node n;
	struct order o[2];
	struct mip_exts x;
	unsigned count;

	node_at_a(&n);
	node_ask(&n);
	node_order_reply(&n, n.order, n.order_len, ORDER_ID_ORDER, 0xe8d4b00000000000u);
	CHECK_EQ(n.orders, 2);
	CHECK_EQ(order_decode(n.order, n.order_len, &o[0]), DROP_NONE);
	CHECK_EQ(o[0].id >> 32, 0xe8d4b000);
	node_order_reply(&n, n.order, n.order_len, ORDER_GRANTED_LESS, 0);
	node_until(&n, n.now.t + MSEC(10));
	CHECK_EQ(n.roams, 1);
	node_link_up(&n, &bssid_b);
	node_advert(&n, true, 1);
	node_orders(&n, o, &count, &x);
	CHECK_EQ(count, 1);
	CHECK_EQ(o[0].id >> 32, 0xe8d4b000);
	node_free(&n);
}

static void refused_buffer_still_moves(void)
{
	struct node n;

	node_at_a(&n);
	node_ask(&n);
	node_order_reply(&n, n.order, n.order_len, ORDER_NO_ROOM, 0);
	CHECK_EQ(n.roams, 1);
	CHECK(strstr(node_report(&n).reason, "130") != NULL);
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
	node_ask(&n);
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

static void dies_and_comes_to_b(struct node *n)
{
	node_at_a(n);
	mobile_disconnected(n->m, MOBILE_RADIO, &bssid_a, &n->now, &n->out);
	node_see(n);
	node_link_up(n, &bssid_b);
	node_advert(n, true, 1);
}

static void renewals_carry_no_orders(void)
{
	struct node n;
	struct order o[2];
	struct mip_exts x;
	unsigned count;

	dies_and_comes_to_b(&n);
	node_reply(&n, true, 0, 600, 0, -1);
	node_forget(&n);
	node_until(&n, n.now.t + SEC(300));
	CHECK_EQ(n.requests, 1);
	node_orders(&n, o, &count, &x);
	CHECK_EQ(count, 0);
	CHECK_EQ(x.handoff_key.left, 0);
	node_free(&n);
}

/* A stranger's changed copy of the Request is answered too, after the node's own. */
static void what_was_granted_stays_so(void)
{
	struct node n;
	struct order o[2];
	struct mip_exts x;
	unsigned count;

	dies_and_comes_to_b(&n);
	node_orders(&n, o, &count, &x);
	CHECK_EQ(count, 2);
	for (unsigned i = 0; i < count; i++) {
		node_order_reply(&n, x.orders[i].p, x.orders[i].left, ORDER_GRANTED, 0);
		node_order_reply(&n, x.orders[i].p, x.orders[i].left, ORDER_AUTH_FAILED, 0);
	}
	CHECK_STR(node_report(&n).reason, "");
	node_reply(&n, true, 0, 600, 0, -1);
	CHECK(n.handoff_done && node_report(&n).ok);
	CHECK_STR(node_report(&n).reason, "");
	node_free(&n);
}

/* An agent whose clock is not known is asked for it when all is well; BUFFER goes by its answer. */
static void asks_for_the_clock(void)
{
	struct order o;
	uint64_t theirs;
	struct node n;

	node_init(&n);
	node_link_up(&n, &bssid_a);
	node_scan(&n);
	node_advert(&n, false, 1);
	CHECK_EQ(n.orders, 0);
	node_reply(&n, false, 0, 600, 0, -1);
	CHECK_EQ(n.orders, 1);
	CHECK_EQ(order_decode(n.order, n.order_len, &o), DROP_NONE);
	CHECK_EQ(o.action, ORDER_QUERY);
	CHECK_EQ(o.care_of, 0);
	theirs = o.id + ((uint64_t)30 << 32);
	node_order_reply(&n, n.order, n.order_len, ORDER_ID_ORDER, theirs);
	node_until(&n, n.now.t + SEC(5));
	n.orders = 0;
	node_ask(&n);
	CHECK_EQ(n.orders, 1);
	CHECK_EQ(order_decode(n.order, n.order_len, &o), DROP_NONE);
	CHECK_EQ(o.action, ORDER_BUFFER);
	CHECK((int64_t)(o.id - theirs) > 0 && o.id - theirs < (uint64_t)6 << 32);
	CHECK((int64_t)(o.id - n.now.ntp) > (int64_t)29 << 32);
	node_free(&n);
}

UNIT_MAIN("a handoff's orders",
	  {"the clock is asked for", asks_for_the_clock},
	  {"BUFFER is repeated, then given up", the_order_is_repeated_then_given_up},
	  {"an old clock is not believed", an_old_clock_is_not_believed},
	  {"another clock is learnt and the order signed again",
	   another_clock_is_learnt_and_the_order_signed_again},
	  {"a refused BUFFER still moves", refused_buffer_still_moves},
	  {"a forged grant is no grant", a_forged_grant_is_no_grant},
	  {"what was granted stays so", what_was_granted_stays_so},
	  {"renewals carry no orders", renewals_carry_no_orders})
