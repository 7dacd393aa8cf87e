/* SPDX-License-Identifier: MIT */
#include "client/keys.h"
#include "tests/unit/node_fixture.h"

/*
 * Keys dealt by the home agent, at the node: what it takes, signs with and believes.  The node
 * has no configured key but that with its home agent, unless a test says otherwise.
 */
static struct node n;

static struct dealt_node offer(uint32_t spi, uint32_t lifetime_s)
{
	struct dealt_node d = { .spi = spi, .lifetime_s = lifetime_s };

	memset(d.nonce, (int)(spi & 0xff), sizeof(d.nonce));
	return d;
}

static struct sa key_of(uint32_t care_of, uint32_t spi)
{
	struct dealt_node d = offer(spi, 1);
	struct sa sa;

	dealt_order_key(&n.conf.home_sa.key, d.nonce, HOME, care_of, spi, &sa);
	return sa;
}

/* The Reply to the last Request: code 1, 600 s, and d, if there is one. */
static void reply(const struct dealt_node *d, bool after_mn_ha)
{
	struct mip_request req;
	struct mip_exts x;
	uint8_t buf[256];
	struct wbuf w = wb_init(buf, sizeof(buf));
	struct mip_reply m = { .code = 1, .lifetime_s = 600, .home_addr = HOME,
			       .home_agent = HOME_AGENT };

	CHECK_EQ(mip_request_decode(n.request, n.request_len, &req, &x), DROP_NONE);
	m.id = req.id;
	mip_reply_encode(&w, &m);
	if (d && !after_mn_ha)
		mip_node_nonce_append(&w, d);
	auth_append(&w, EXT_MN_HA, 0, &n.conf.home_sa);
	if (d && after_mn_ha)
		mip_node_nonce_append(&w, d);
	node_udp(&n, buf, w.len);
}

static void start(void)
{
	node_init(&n);
	n.conf.n_agents = 0;
	CHECK(mobile_reconfigure(n.m, &n.conf, &n.now, &n.out));
	node_see(&n);
}

/* On access point A; its agent was heard and asked. */
static void ask_a(void)
{
	node_link_up(&n, &bssid_a);
	node_scan(&n);
	node_advert(&n, false, 1);
}

static void order_reply(const struct sa *sa, uint8_t code, uint64_t id)
{
	struct order o, r;
	uint8_t buf[256];
	struct wbuf w = wb_init(buf, sizeof(buf));

	CHECK_EQ(order_decode(n.order, n.order_len, &o), DROP_NONE);
	r = (struct order){ .message = ORDER_REPLY, .action = code, .home_addr = HOME,
			    .first_agent = o.first_agent, .care_of = o.care_of,
			    .id = id ? id : o.id, .has_delivered = true };
	order_encode(&w, &r);
	if (sa)
		auth_append(&w, EXT_MN_FA, 0, sa);
	node_udp(&n, buf, w.len);
}

/* Registered with A, with this key; what it asked then is answered. */
static struct sa at_a(uint32_t spi)
{
	struct dealt_node d = offer(spi, 600);
	struct sa key;

	start();
	ask_a();
	reply(&d, false);
	key = key_of(CARE_OF_A, spi);
	if (n.orders)
		order_reply(&key, ORDER_GRANTED, 0);
	node_until(&n, n.now.t + MSEC(10));
	node_forget(&n);
	return key;
}

static struct mobile_info info(void)
{
	struct mobile_info i;

	mobile_info(n.m, n.now.t, &i);
	return i;
}

static bool signed_by(const struct sa *sa)
{
	struct order o;

	return order_decode(n.order, n.order_len, &o) == DROP_NONE &&
	       auth_check(n.order, n.order_len, &o.mn_fa, sa);
}

static void renewed(uint32_t spi)
{
	struct dealt_node d = offer(spi, 600);

	node_forget(&n);
	CHECK(mobile_register(n.m, &n.now, &n.out) == NULL);
	node_see(&n);
	CHECK_EQ(n.requests, 1);
	reply(&d, false);
	node_until(&n, n.now.t + SEC(1));
	node_forget(&n);
}

static void signs(void)
{
	struct sa key = at_a(70000), none;
	struct mip_exts x;
	struct order o;

	CHECK_EQ(info().order_key, ORDER_KEY_DEALT);
	node_ask(&n);
	CHECK_EQ(n.orders, 1);
	CHECK(signed_by(&key));
	CHECK_EQ(order_decode(n.order, n.order_len, &o), DROP_NONE);
	CHECK_EQ(o.id >> 32, n.now.ntp >> 32);
	/* Nobody else's word counts, and an unsigned 131 is counted only. */
	order_reply(NULL, ORDER_AUTH_FAILED, 0);
	CHECK_EQ(node_drops(&n, DROP_NO_AUTH), 1);
	none = key;
	none.spi++;
	order_reply(&none, ORDER_GRANTED, 0);
	none.spi--;
	none.key.b[0] ^= 1;
	order_reply(&none, ORDER_GRANTED, 0);
	CHECK_EQ(node_drops(&n, DROP_BAD_AUTH), 2);
	order_reply(&key, ORDER_GRANTED, 0);
	node_until(&n, n.now.t + MSEC(30));
	CHECK_EQ(n.roams, 1);
	/* FORWARD under it, and the handoff key from it. */
	node_link_up(&n, &bssid_b);
	node_advert(&n, true, 1);
	CHECK_EQ(n.requests, 1);
	{
		unsigned count;
		struct order two[2];
		struct sa kh;

		node_orders(&n, two, &count, &x);
		CHECK_EQ(count, 1);
		CHECK(auth_check(x.orders[0].p, x.orders[0].left, &two[0].mn_fa, &key));
		auth_handoff_key(&key.key, two[0].id, HOME, CARE_OF_A, CARE_OF_B, &kh);
		CHECK(x.handoff_key.left == 32 && !memcmp(x.handoff_key.p, kh.key.b, 32));
		CHECK(!x.n_mn_fa); /* never for registrations */
	}
	node_free(&n);
}

/* MN-HA covers it, or it is not there; one that is malformed is no Reply. */
static void not_believed(void)
{
	struct dealt_node d = offer(70000, 600);

	start();
	ask_a();
	reply(&d, true);
	CHECK_EQ(node_drops(&n, DROP_MALFORMED), 1);
	CHECK_EQ(node_state(&n), MOBILE_REGISTERING);
	d.spi = 255;
	reply(&d, false);
	CHECK_EQ(node_drops(&n, DROP_MALFORMED), 2);
	d = offer(70000, 0);
	reply(&d, false);
	CHECK_EQ(node_drops(&n, DROP_MALFORMED), 3);
	reply(NULL, false);
	CHECK_EQ(node_state(&n), MOBILE_REGISTERED);
	CHECK_EQ(info().order_key, ORDER_KEY_NONE);
	node_forget(&n);
	node_ask(&n);
	CHECK_EQ(n.orders, 0); /* the home agent has not said that it keeps packets */
	CHECK_EQ(node_report(&n).flow, FLOW_PLAIN);
	CHECK(strstr(node_report(&n).reason, "no key for the first agent") != NULL);
	node_free(&n);
}

/* The configured key is for agents that deal none. */
static void beside_configured(void)
{
	struct dealt_node d = offer(70000, 600);
	struct sa key;

	node_init(&n);
	ask_a();
	node_reply(&n, false, 1, 600, 0, -1);
	CHECK_EQ(info().order_key, ORDER_KEY_CONFIGURED);
	CHECK_EQ(n.orders, 1); /* QUERY: a clock is compared */
	CHECK(signed_by(&n.conf.agents[0].sa));
	node_granted(&n);
	node_forget(&n);
	CHECK(mobile_register(n.m, &n.now, &n.out) == NULL);
	node_see(&n);
	{
		struct mip_request req;
		struct mip_exts x;
		uint8_t buf[300];
		struct wbuf w = wb_init(buf, sizeof(buf));
		struct mip_reply m = { .code = 1, .lifetime_s = 600, .home_addr = HOME,
				       .home_agent = HOME_AGENT };

		CHECK_EQ(mip_request_decode(n.request, n.request_len, &req, &x), DROP_NONE);
		CHECK_EQ(x.mn_fa.spi, 300);
		m.id = req.id;
		mip_reply_encode(&w, &m);
		mip_node_nonce_append(&w, &d);
		auth_append(&w, EXT_MN_HA, 0, &n.conf.home_sa);
		auth_append(&w, EXT_MN_FA, 0, &n.conf.agents[0].sa);
		node_udp(&n, buf, w.len);
	}
	CHECK_EQ(info().order_key, ORDER_KEY_DEALT);
	key = key_of(CARE_OF_A, 70000);
	node_until(&n, n.now.t + SEC(1));
	node_forget(&n);
	node_ask(&n);
	CHECK(signed_by(&key));
	node_free(&n);
}

/* The new one signs at once; Replies under the old one are still known. */
static void rotation(void)
{
	struct sa one = at_a(70001), two = key_of(CARE_OF_A, 70002);
	struct order o;

	node_ask(&n);
	CHECK(signed_by(&one));
	CHECK_EQ(order_decode(n.order, n.order_len, &o), DROP_NONE);
	node_free(&n);

	one = at_a(70001);
	renewed(70002);
	two = key_of(CARE_OF_A, 70002);
	node_ask(&n);
	CHECK(signed_by(&two));
	order_reply(&one, ORDER_GRANTED, 0);
	CHECK_EQ(node_drops(&n, DROP_BAD_AUTH), 0);
	node_free(&n);

	one = at_a(70001);
	renewed(70002);
	renewed(70003);
	node_ask(&n);
	order_reply(&one, ORDER_GRANTED, 0); /* two at most */
	CHECK_EQ(node_drops(&n, DROP_BAD_AUTH), 1);
	node_free(&n);
}

/* 133 says what the agent would take: it counts on from there, under this key. */
static void out_of_order(void)
{
	struct sa key = at_a(70000);
	struct order o;
	uint64_t far;

	node_ask(&n);
	CHECK_EQ(order_decode(n.order, n.order_len, &o), DROP_NONE);
	far = o.id + (50ull << 32);
	order_reply(&key, ORDER_ID_ORDER, far);
	CHECK_EQ(n.orders, 2);
	CHECK_EQ(order_decode(n.order, n.order_len, &o), DROP_NONE);
	CHECK(o.id == far);
	CHECK(signed_by(&key));
	node_free(&n);
}

static void restart_is_heard(void)
{
	at_a(70000);
	node_advert(&n, false, 9);
	node_advert(&n, false, 1);
	CHECK_EQ(n.requests, 1);
	CHECK_EQ(info().order_key, ORDER_KEY_NONE);
	renewed(70001);
	CHECK_EQ(info().order_key, ORDER_KEY_DEALT);
	node_free(&n);
}

static void table(void)
{
	struct node_keys k = { .turn = 0 };
	struct secret mn_ha = { .b = { 1 }, .len = 32 };
	struct dealt_node d = offer(70000, 10), e = offer(70001, 10), ever = offer(3, 1);
	static const struct node_keys zero;

	ever.lifetime_s = DEALT_FOR_EVER;
	node_keys_take(&k, &mn_ha, HOME, 1, &d, SEC(100));
	CHECK(node_keys_current(&k, 1)->sa.spi == 70000);
	CHECK(!node_keys_current(&k, 2) && !node_keys_current(&k, 0));
	CHECK(!node_keys_by_spi(&k, 1, 0) && !node_keys_by_spi(&k, 1, 70001));
	/* 8 s after the lifetime, which runs from the Request */
	node_keys_expire(&k, SEC(118) - 1);
	CHECK(node_keys_current(&k, 1) != NULL);
	node_keys_take(&k, &mn_ha, HOME, 1, &e, SEC(105));
	node_keys_expire(&k, SEC(118));
	CHECK(!node_keys_by_spi(&k, 1, 70000));
	CHECK(node_keys_by_spi(&k, 1, 70001) == node_keys_current(&k, 1));
	node_keys_expire(&k, SEC(123));
	CHECK(!node_keys_current(&k, 1));
	node_keys_take(&k, &mn_ha, HOME, 1, &ever, SEC(105));
	node_keys_expire(&k, SEC(100000));
	CHECK(node_keys_current(&k, 1) != NULL);
	/* The one that was used longest ago makes room. */
	for (uint32_t i = 2; i <= KEYS_AGENTS_MAX; i++)
		node_keys_take(&k, &mn_ha, HOME, i, &d, SEC(100));
	node_keys_take(&k, &mn_ha, HOME, 1, &ever, SEC(100));
	node_keys_take(&k, &mn_ha, HOME, 99, &d, SEC(100));
	CHECK(!node_keys_current(&k, 2));
	CHECK(node_keys_current(&k, 1) && node_keys_current(&k, 3) && node_keys_current(&k, 99));
	node_keys_forget(&k, 99);
	CHECK(!node_keys_current(&k, 99));
	node_keys_wipe(&k);
	CHECK(!memcmp(&k, &zero, sizeof(k)));
}

UNIT_MAIN("node keys", { "signs with what it was dealt", signs },
	  { "what it does not believe", not_believed },
	  { "beside a configured key", beside_configured }, { "rotation", rotation },
	  { "Identification out of order", out_of_order },
	  { "the agent is restarted", restart_is_heard }, { "the table", table })
