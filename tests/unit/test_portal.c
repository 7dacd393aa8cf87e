/* SPDX-License-Identifier: MIT */
#include "tests/unit/own_address_fixture.h"

/* A network that gives an address and lets nothing pass, or answers in the home agent's place. */

static void begin(bool fall_back)
{
	node_init(&n);
	n.conf.fall_back = fall_back;
	CHECK(mobile_reconfigure(n.m, &n.conf, &n.now, &n.out));
	told(ADDR_A, GATE_A);
	node_link_up(&n, &bssid_a);
	gateway_answers(GATE_A);
	node_until(&n, n.now.t + PATIENCE - GUARD);
	CHECK_EQ(n.requests, 1);
}

static bool by_link(void)
{
	return mobile_want(n.m)->by_link;
}

/* Two may be lost; with the third nobody is kept waiting. */
static void silent(void)
{
	begin(true);
	node_until(&n, n.now.t + SEC(3) - 1);
	CHECK(!by_link() && !mobile_unheard(n.m));
	node_until(&n, n.now.t + 1);
	CHECK_EQ(n.requests, 3);
	CHECK(by_link() && mobile_unheard(n.m));
	CHECK_EQ(mobile_want(n.m)->uplink, UPLINK_HELD); /* what has begun before waits */
	CHECK(mobile_register(n.m, &n.now, &n.out) == NULL);
	node_see(&n);
	told(ADDR_A, GATE_A); /* its lease is renewed */
	node_until(&n, n.now.t + 1);
	CHECK(by_link());
	n.requests = 0;
	node_until(&n, n.now.t + SEC(130));
	CHECK(n.requests >= 7); /* 64 s between two at most */
	CHECK(by_link());
	home_says(1, NULL);
	CHECK(!by_link());
	CHECK(look().state == MOBILE_REGISTERED);
	node_free(&n);
}

static void not_wanted(void)
{
	begin(false);
	node_until(&n, n.now.t + SEC(10));
	CHECK(mobile_unheard(n.m) && !by_link());
	node_free(&n);
}

/* The next network has its own chance. */
static void left(void)
{
	begin(true);
	node_until(&n, n.now.t + SEC(3));
	CHECK(by_link());
	mobile_disconnected(n.m, MOBILE_RADIO, &bssid_a, &n.now, &n.out);
	node_see(&n);
	CHECK(!by_link());
	node_link_up(&n, &bssid_b);
	told(ADDR_B, GATE_B);
	node_until(&n, n.now.t + SEC(1));
	CHECK(!by_link());
	node_free(&n);
}

/* A home agent that falls silent: while the binding lasts its tunnel is the way. */
static void bound(void)
{
	begin(true);
	home_says(1, NULL);
	node_until(&n, n.now.t + SEC(599));
	CHECK(mobile_unheard(n.m) && !by_link());
	node_until(&n, n.now.t + SEC(64));
	CHECK(by_link());
	node_free(&n);
}

/* Nobody here says which address its name stands for. */
static void not_found(void)
{
	node_init(&n);
	n.conf.home_agent = 0;
	CHECK(mobile_reconfigure(n.m, &n.conf, &n.now, &n.out));
	node_link_up(&n, &bssid_a);
	node_until(&n, n.now.t + SEC(5));
	CHECK(!by_link()); /* nor does it give an address */
	told(ADDR_A, GATE_A);
	CHECK(by_link());
	mobile_disconnected(n.m, MOBILE_RADIO, &bssid_a, &n.now, &n.out);
	node_link_up(&n, &bssid_a);
	node_see(&n);
	gateway_answers(GATE_A);
	node_until(&n, n.now.t - GUARD + SEC(3) - 1);
	CHECK(!by_link());
	node_until(&n, n.now.t + 1);
	CHECK(by_link());
	mobile_home_agent(n.m, HOME_AGENT, &n.now, &n.out);
	node_see(&n);
	node_until(&n, n.now.t + 1);
	CHECK_EQ(n.requests, 1);
	CHECK(by_link());
	home_says(1, NULL);
	CHECK(!by_link());
	node_free(&n);
}

static void through_an_agent(void)
{
	node_init(&n);
	node_link_up(&n, &bssid_a);
	node_advert(&n, false, 1);
	node_until(&n, n.now.t + SEC(10));
	CHECK(mobile_unheard(n.m) && !by_link());
	node_free(&n);
}

/* Each code, with what a stranger can copy of the Request, and without what he cannot. */
static void believes_nobody(void)
{
	struct sa wrong = n.conf.home_sa;

	begin(true);
	node_key(&wrong, 256, 0x99);
	for (unsigned code = 0; code < 256; code++) {
		for (unsigned sign = 0; sign < 2; sign++) {
			struct mip_exts x;
			struct mip_request req = asked(&x);
			struct mip_reply m = { .code = (uint8_t)code,
					       .lifetime_s = 1,
					       .home_addr = HOME,
					       .home_agent = HOME_AGENT,
					       .id = req.id };
			uint8_t buf[256];
			struct wbuf w = wb_init(buf, sizeof(buf));
			enum drop why = sign ? DROP_BAD_AUTH : DROP_NO_AUTH;
			uint64_t before = node_drops(&n, why);

			mip_reply_encode(&w, &m);
			if (sign)
				auth_append(&w, EXT_MN_HA, 0, &wrong);
			message(ADDR_A, buf, w.len);
			CHECK_EQ(node_drops(&n, why), before + 1);
			CHECK(!look().has_last_code);
		}
	}
	CHECK_EQ(n.requests, 1);
	node_until(&n, n.now.t + SEC(1)); /* nor do they delay anything */
	CHECK_EQ(n.requests, 2);
	home_says(1, NULL);
	CHECK(look().state == MOBILE_REGISTERED);
	node_free(&n);
}

UNIT_MAIN("portal", {"a silent home agent", silent}, {"not wanted", not_wanted}, {"left", left},
	  {"bound", bound}, {"not found", not_found}, {"through an agent", through_an_agent},
	  {"believes nobody", believes_nobody})
