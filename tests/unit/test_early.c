/* SPDX-License-Identifier: MIT */
#include "client/handoff.h"
#include "tests/unit/node_fixture.h"

/* The early lease as the node asks for it. */
static struct node n;

static const char *lease(void)
{
	static struct mobile_info info;

	mobile_info(n.m, n.now.t, &info);
	return info.early_lease;
}

static struct order asked(void)
{
	struct order o;

	CHECK_EQ(order_decode(n.order, n.order_len, &o), DROP_NONE);
	return o;
}

static void start(void)
{
	node_init(&n);
	n.conf.early_lease = true;
	mobile_reconfigure(n.m, &n.conf, &n.now, &n.out);
	node_see(&n);
	node_link_up(&n, &bssid_a);
	node_scan(&n);
	node_advert(&n, false, 1);
	node_reply(&n, false, 0, 600, 0, -1);
}

static void after_a_registration(void)
{
	struct order o;

	start();
	CHECK_EQ(n.orders, 1);
	o = asked();
	CHECK_EQ(o.action, ORDER_BUFFER);
	CHECK(o.flags & ORDER_F_RESERVE && !o.care_of && o.first_agent == CARE_OF_A);
	CHECK(!o.has_size && o.has_lease);
	CU_ASSERT_STRING_EQUAL(lease(), "asked");
	node_order_reply(&n, n.order, n.order_len, 0, 0);
	CU_ASSERT_STRING_EQUAL(lease(), "granted");
	node_until(&n, n.now.t + SEC(5));
	CHECK_EQ(n.orders, 1);
	node_free(&n);
}

static void refused_or_unheard(void)
{
	start();
	node_order_reply(&n, n.order, n.order_len, ORDER_NO_ROOM, 0);
	CU_ASSERT_STRING_EQUAL(lease(), "refused");
	node_until(&n, n.now.t + SEC(5));
	CHECK_EQ(n.orders, 1); /* until the next registration */
	node_free(&n);

	start();
	node_until(&n, n.now.t + SEC(5));
	CHECK_EQ(n.orders, 5);
	CU_ASSERT_STRING_EQUAL(lease(), "refused");
	node_free(&n);
}

/* A walk begins before it is answered: two orders by the wrong clock, and two answers. */
static void walks_while_asked(void)
{
	uint8_t first[ORDER_MAX], second[ORDER_MAX];
	size_t n_first, n_second;
	uint64_t id;

	start();
	node_scan(&n);
	memcpy(first, n.order, n_first = n.order_len);
	id = asked().id + ((uint64_t)30 << 32);
	node_ask(&n);
	CHECK_EQ(n.orders, 2);
	memcpy(second, n.order, n_second = n.order_len);
	node_order_reply(&n, first, n_first, ORDER_ID_ORDER, id);
	CHECK_EQ(n.orders, 3);
	CHECK(asked().id >= id);
	node_order_reply(&n, second, n_second, ORDER_ID_ORDER, id + 1);
	CHECK_EQ(n.orders, 3);
	CHECK_EQ(n.roams, 0);
	node_granted(&n);
	node_until(&n, n.now.t + MSEC(10));
	CHECK_EQ(n.roams, 1);
	CHECK_STR(node_report(&n).reason, "");
	node_free(&n);
}

/* Another clock at the agent: signed anew. */
static void clock_told(void)
{
	uint64_t id;

	start();
	id = asked().id;
	node_order_reply(&n, n.order, n.order_len, ORDER_ID_ORDER, id + ((uint64_t)30 << 32));
	CHECK_EQ(n.orders, 2);
	CHECK(asked().id >= id + ((uint64_t)30 << 32));
	node_order_reply(&n, n.order, n.order_len, 0, 0);
	CU_ASSERT_STRING_EQUAL(lease(), "granted");
	node_free(&n);
}

/* The renewal carries it; where its answer is lost the same bytes ask again. */
static void renewed(void)
{
	struct mip_request r;
	struct mip_exts x;
	struct order o;

	start();
	node_order_reply(&n, n.order, n.order_len, 0, 0);
	node_forget(&n);
	node_until(&n, n.now.t + MSEC(300500));
	CHECK_EQ(n.requests, 1);
	CHECK_EQ(mip_request_decode(n.request, n.request_len, &r, &x), DROP_NONE);
	CHECK_EQ(x.n_orders, 1);
	CHECK_EQ(order_decode(x.orders[0].p, x.orders[0].left, &o), DROP_NONE);
	CHECK(o.flags & ORDER_F_RESERVE && o.care_of == CARE_OF_A && o.first_agent == CARE_OF_A);
	node_reply(&n, false, 0, 600, 0, -1);
	CHECK_EQ(n.orders, 0);
	node_until(&n, n.now.t + MSEC(20));
	CHECK_EQ(n.orders, 1);
	CHECK_EQ(asked().id, o.id);
	node_order_reply(&n, n.order, n.order_len, 0, 0);
	CU_ASSERT_STRING_EQUAL(lease(), "granted");
	node_free(&n);
}

/* It uses the promise up, or ends it: asked for again where it ends up. */
static void after_a_handoff(void)
{
	bool not_found;

	start();
	node_order_reply(&n, n.order, n.order_len, 0, 0);
	node_forget(&n);
	CHECK(!mobile_handoff(n.m, &bssid_b, &not_found, &n.now, &n.out));
	node_see(&n);
	CU_ASSERT_STRING_EQUAL(lease(), "none");
	CHECK_EQ(asked().action, ORDER_BUFFER);
	CHECK(!(asked().flags & ORDER_F_RESERVE) && asked().has_size);
	node_free(&n);

	start();
	node_order_reply(&n, n.order, n.order_len, 0, 0);
	node_forget(&n);
	mobile_disconnected(n.m, MOBILE_RADIO, &bssid_a, &n.now, &n.out);
	node_see(&n);
	node_link_up(&n, &bssid_a); /* where it was */
	CHECK(n.handoff_done);
	CHECK_EQ(n.orders, 0); /* it registers again first */
	CHECK_EQ(n.requests, 1);
	node_reply(&n, false, 0, 600, 0, -1);
	CHECK(asked().flags & ORDER_F_RESERVE);
	CU_ASSERT_STRING_EQUAL(lease(), "asked");
	node_free(&n);
}

/* The new agent speaks before the supplicant says that the link is up. */
static void overheard(void)
{
	struct radio_bss bss = { .bssid = bssid_b, .freq_mhz = 2437,
				 .ssid = "campus", .ssid_len = 6 };

	start();
	node_order_reply(&n, n.order, n.order_len, 0, 0);
	mobile_disconnected(n.m, MOBILE_RADIO, &bssid_a, &n.now, &n.out);
	node_see(&n);
	node_advert(&n, false, 2); /* a last word of the old one's */
	node_until(&n, n.now.t + MSEC(90));
	node_forget(&n);
	node_advert(&n, true, 1);
	CHECK_EQ(n.requests, 0);
	node_until(&n, n.now.t + MSEC(3));
	bss.seen = n.now.t;
	mobile_connected(n.m, MOBILE_RADIO, &bss, &n.now, &n.out);
	node_see(&n);
	CHECK_EQ(n.requests, 1); /* at once: neither guard nor solicitation */
	CHECK(mac_equal(&n.request_mac, &mac_b));
	CHECK_EQ(n.solicitations, 0);
	node_free(&n);

	start();
	mobile_disconnected(n.m, MOBILE_RADIO, &bssid_a, &n.now, &n.out);
	node_see(&n);
	node_forget(&n);
	node_advert(&n, true, 1);
	node_until(&n, n.now.t + MSEC(51)); /* too long ago */
	mobile_connected(n.m, MOBILE_RADIO, &bss, &n.now, &n.out);
	node_see(&n);
	CHECK_EQ(n.requests, 0);
	node_free(&n);
}

UNIT_MAIN("early lease", {"after a registration", after_a_registration},
	  {"refused or unheard", refused_or_unheard},
	  {"a walk begins before it is answered", walks_while_asked},
	  {"clock", clock_told}, {"renewed", renewed},
	  {"after a handoff", after_a_handoff}, {"overheard", overheard})
