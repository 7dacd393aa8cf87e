/* SPDX-License-Identifier: MIT */
#include "tests/unit/node_fixture.h"

/* Orders that grow old on their way, that are refused, and that the node does not give. */

static struct node n;

static struct order relayed(unsigned which, unsigned *count)
{
	struct order o[2] = { 0 };
	struct mip_exts x;

	node_orders(&n, o, count, &x);
	return o[which];
}

/* On the way to B, its buffer granted by A, a Request out; no answer yet. */
static void to_b(void)
{
	node_at_a(&n);
	node_ask(&n);
	node_granted(&n);
	node_until(&n, n.now.t + MSEC(100));
	node_link_up(&n, &bssid_b);
	node_forget(&n);
	node_advert(&n, true, 1);
	CHECK_EQ(n.requests, 1);
}

/* The same bytes at 0 and 1 s; signed anew at 3 and 7 s. */
static void three_seconds(void)
{
	struct order first, o;
	unsigned count;

	to_b();
	first = relayed(0, &count);
	node_until(&n, n.now.t + MSEC(2999));
	CHECK_EQ(n.requests, 2);
	CHECK_EQ(relayed(0, &count).id, first.id);
	node_until(&n, n.now.t + MSEC(1));
	CHECK_EQ(n.requests, 3);
	o = relayed(0, &count);
	CHECK_EQ(count, 1);
	CHECK_EQ(o.action, ORDER_FORWARD);
	CHECK_EQ(o.flags, ORDER_F_ASKED);
	CHECK(o.id > first.id + (2ull << 32));
	node_until(&n, n.now.t + SEC(4));
	CHECK_EQ(n.requests, 4);
	CHECK(relayed(0, &count).id > o.id);
	node_free(&n);
}

static void answer_relayed(uint8_t code)
{
	struct mip_exts x;
	struct order o[2];
	unsigned count;

	node_orders(&n, o, &count, &x);
	node_order_reply(&n, x.orders[0].p, x.orders[0].left, code, 0);
}

/* B's word did not do: the node gives the order itself, signed anew, by way of B. */
static void orders_itself(uint8_t code)
{
	struct order o;
	struct report r;
	unsigned count;
	uint64_t id;

	to_b();
	id = relayed(0, &count).id;
	node_reply(&n, true, 0, 600, 0, -1);
	n.orders = 0;
	answer_relayed(code);
	CHECK_EQ(n.orders, 1);
	CHECK_EQ(order_decode(n.order, n.order_len, &o), DROP_NONE);
	CHECK_EQ(o.action, ORDER_FORWARD);
	CHECK_EQ(o.care_of, CARE_OF_B);
	CHECK(o.id > id);
	node_order_reply(&n, n.order, n.order_len, ORDER_GRANTED, 0);
	CHECK(n.handoff_done);
	CHECK(mobile_report(n.m, 0, &r));
	CHECK(r.ok && r.has[STEP_FORWARDING]);
	node_free(&n);
}

static void no_room_or_not_from_b(void)
{
	orders_itself(ORDER_NO_ROOM);
	orders_itself(ORDER_CARE_OF_REFUSED);
}

/* Once; and what is hopeless is not tried at all. */
static void not_again(void)
{
	struct report r;

	to_b();
	node_reply(&n, true, 0, 600, 0, -1);
	answer_relayed(ORDER_CARE_OF_REFUSED);
	n.orders = 0;
	node_order_reply(&n, n.order, n.order_len, ORDER_CARE_OF_REFUSED, 0);
	CHECK_EQ(n.orders, 0);
	CHECK(n.handoff_done);
	node_free(&n);
	to_b();
	node_reply(&n, true, 0, 600, 0, -1);
	n.orders = 0;
	answer_relayed(ORDER_NOT_SERVED);
	CHECK_EQ(n.orders, 0);
	CHECK(n.handoff_done);
	CHECK(mobile_report(n.m, 0, &r));
	CHECK(strstr(r.reason, "140"));
	node_free(&n);
}

/* Refused before the registration is accepted (F11): then it waits for that. */
static void refused_early(void)
{
	to_b();
	n.orders = 0;
	answer_relayed(ORDER_CARE_OF_REFUSED);
	CHECK_EQ(n.orders, 0);
	node_reply(&n, true, 0, 600, 0, -1);
	CHECK_EQ(n.orders, 2); /* and QUERY to the new agent */
	node_free(&n);
}

static void kind(enum ask ask, unsigned want)
{
	struct order o;
	unsigned count;

	node_at_a(&n);
	n.conf.ask = ask;
	CHECK(mobile_reconfigure(n.m, &n.conf, &n.now, &n.out));
	node_see(&n);
	n.orders = n.roams = 0;
	node_ask(&n);
	CHECK_EQ(n.orders, 0);
	CHECK_EQ(n.roams, 1); /* at once */
	node_link_up(&n, &bssid_b);
	node_advert(&n, true, 1);
	o = relayed(want - 1, &count);
	CHECK_EQ(count, want);
	CHECK_EQ(o.action, ORDER_FORWARD);
	CHECK_EQ(o.flags, 0);
	node_free(&n);
}

static void kinds(void)
{
	kind(ASK_AGENT, 2);
	kind(ASK_NONE, 1);
}

static void early(void)
{
	struct report r;
	unsigned count;

	node_at_a(&n);
	n.conf.forward_early = true;
	CHECK(mobile_reconfigure(n.m, &n.conf, &n.now, &n.out));
	node_see(&n);
	node_ask(&n);
	node_granted(&n);
	node_until(&n, n.now.t + MSEC(100));
	node_link_up(&n, &bssid_b);
	node_advert(&n, true, 1);
	CHECK_EQ(relayed(0, &count).flags, ORDER_F_ASKED | ORDER_F_EARLY);
	CHECK(mobile_report(n.m, 0, &r));
	CHECK_STR(flow_name(r.flow), "F1"); /* the second agent need not do it */
	/* a packet of the stream before the Registration Reply is taken as such */
	mobile_count(n.m, 5);
	mobile_downlink(n.m, 6, &n.now, &n.out);
	node_see(&n);
	CHECK(mobile_report(n.m, 0, &r));
	CHECK(r.has[STEP_FIRST_PACKET] && !r.has[STEP_REGISTERED]);
	answer_relayed(ORDER_GRANTED);
	CHECK(mobile_report(n.m, 0, &r));
	CHECK_STR(flow_name(r.flow), "F11");
	CHECK(r.has[STEP_FORWARDING] && !r.has[STEP_REGISTERED]);
	node_free(&n);
}

/* What FORWARD is answered, before the registration is accepted or after; how the report ends. */
static struct report said_to_forward(uint8_t code, bool registered)
{
	struct report r = { 0 };

	to_b();
	if (registered)
		node_reply(&n, true, 0, 600, 0, -1);
	answer_relayed(code);
	if (!registered)
		node_reply(&n, true, 0, 600, 0, -1);
	CHECK(n.handoff_done);
	CHECK(mobile_report(n.m, 0, &r));
	CHECK(r.ok);
	CHECK_STR(flow_name(r.flow), "F1");
	node_free(&n);
	return r;
}

/* 141 sets up forwarding all the same; what is refused forwards nothing, and says so. */
static void forwarding_or_not(void)
{
	static const uint8_t refusals[] = { ORDER_PROHIBITED, ORDER_NOT_SERVED, ORDER_LEASE_OVER };
	struct report r;

	for (int registered = 0; registered < 2; registered++) {
		r = said_to_forward(ORDER_GRANTED_LESS, registered);
		CHECK(r.has[STEP_FORWARDING]);
		CHECK_STR(r.reason, "");
		r = said_to_forward(ORDER_NOTHING_BUFFERED, registered);
		CHECK(r.has[STEP_FORWARDING]);
		CHECK(!strstr(r.reason, "refused") && strstr(r.reason, "nothing buffered"));
		for (unsigned i = 0; i < sizeof(refusals); i++) {
			r = said_to_forward(refusals[i], registered);
			CHECK(!r.has[STEP_FORWARDING]);
			CHECK(strstr(r.reason, "refused FORWARD"));
		}
	}
}

UNIT_MAIN("refused", { "signed anew after 3 s", three_seconds },
	  { "orders itself after 130 and 142", no_room_or_not_from_b },
	  { "once, and not what is hopeless", not_again }, { "refused early", refused_early },
	  { "who asks", kinds }, { "F11", early },
	  { "forwarding, or refused", forwarding_or_not })
