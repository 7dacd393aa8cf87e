/* SPDX-License-Identifier: MIT */
#include "tests/unit/own_address_fixture.h"

/* A node that has a name and no home address: RFC 2794. */
#define NAI "laptop@example.net"
#define GIVEN HOME
#define OTHER (HOME + 1)

static void begin(uint32_t home)
{
	struct node other;

	node_init(&other);
	n = other;
	mobile_free(n.m);
	n.conf.home_addr = home;
	n.conf.n_agents = 0;
	snprintf(n.conf.nai, sizeof(n.conf.nai), NAI);
	n.m = mobile_new(&n.conf, n.pool, &n.now);
	mobile_start(n.m, &n.now, &n.out);
	node_see(&n);
}

static void from_own_address(uint32_t home)
{
	begin(home);
	node_link_up(&n, &bssid_a);
	told(ADDR_A, GATE_A);
	node_until(&n, n.now.t + PATIENCE);
	CHECK_EQ(n.requests, 1);
}

/* The home agent's Reply to the last Request, with this home address. */
static size_t words(uint8_t code, uint16_t lifetime_s, uint32_t home, uint8_t *buf, size_t cap)
{
	struct mip_exts x;
	struct mip_request req = asked(&x);
	struct mip_reply m = { .code = code,
			       .lifetime_s = lifetime_s,
			       .home_addr = home,
			       .home_agent = HOME_AGENT,
			       .id = req.id };
	struct wbuf w = wb_init(buf, cap);

	mip_reply_encode(&w, &m);
	mip_nai_append(&w, NAI, strlen(NAI));
	auth_append(&w, EXT_MN_HA, 0, &n.conf.home_sa);
	CHECK(wb_ok(&w));
	return w.len;
}

static void says(uint8_t code, uint32_t home)
{
	uint8_t buf[256];
	size_t len = words(code, 600, home, buf, sizeof(buf));

	n.requests = 0;
	message(ADDR_A, buf, len);
}

static uint32_t has(void)
{
	CHECK_EQ(look().home_addr, mobile_want(n.m)->home_addr);
	return look().home_addr;
}

static bool asks_for(uint32_t home)
{
	struct mip_exts x;
	struct mip_request r = asked(&x);

	return r.home_addr == home && x.nai.left == strlen(NAI) &&
	       !memcmp(x.nai.p, NAI, x.nai.left) && x.n_mn_ha == 1;
}

static void named(void)
{
	struct mip_exts x;

	from_own_address(0);
	CHECK(asks_for(0));
	CHECK_EQ(asked(&x).care_of, ADDR_A);
	CHECK(auth_check(n.request, n.request_len, &x.mn_ha, &n.conf.home_sa));
	CHECK_EQ(has(), 0);
	says(1, GIVEN);
	CHECK_EQ(has(), GIVEN);
	CHECK(look().state == MOBILE_REGISTERED);
	CHECK(!strcmp(look().nai, NAI));
	CHECK_EQ(ordered().home_addr, GIVEN);
	tunnel_brings(HOME_AGENT, ADDR_A, false, OTHER);
	CHECK_EQ(n.delivered, 0);
	tunnel_brings(HOME_AGENT, ADDR_A, false, GIVEN);
	CHECK_EQ(n.delivered, 1);
	node_until(&n, n.now.t + MSEC(10));
	node_program_sends(&n, 1);
	CHECK_EQ(n.data, 1);

	/* elsewhere: the same one is asked for, and by the renewal */
	node_forget(&n);
	told(ADDR_B, GATE_B);
	node_until(&n, n.now.t + 1);
	CHECK(asks_for(GIVEN));
	CHECK_EQ(n.from, ADDR_B);
	node_free(&n);
}

/* With an address of its own in the settings nobody gives it another one. */
static void fixed(void)
{
	from_own_address(HOME);
	CHECK(asks_for(HOME));
	says(1, OTHER);
	CHECK_EQ(has(), HOME);
	CHECK_EQ(node_drops(&n, DROP_NOT_MINE), 1);
	says(1, 0);
	CHECK_EQ(node_drops(&n, DROP_NOT_MINE), 2);
	says(CODE_HA_PROHIBITED, HOME);
	CHECK_EQ(n.requests, 0); /* and it asks for no other one */
	CHECK(look().state == MOBILE_REGISTERING);
	node_free(&n);
}

/* What no home agent gives. */
static void not_given(void)
{
	static const uint32_t none[] = { 0, HOME_AGENT, ADDR_BROADCAST, 0xe0000001, 0x7f000001 };

	from_own_address(0);
	for (unsigned i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		says(1, none[i]);
		CHECK_EQ(node_drops(&n, DROP_NOT_MINE), i + 1);
		CHECK_EQ(has(), 0);
	}
	says(1, GIVEN);
	CHECK_EQ(has(), GIVEN);
	node_free(&n);
}

static void damaged(void)
{
	uint8_t buf[256];
	size_t len;

	from_own_address(0);
	len = words(1, 600, GIVEN, buf, sizeof(buf));
	for (size_t i = 0; i < len; i++) {
		buf[i] ^= 1;
		message(ADDR_A, buf, len);
		buf[i] ^= 1;
		CHECK_EQ(has(), 0);
	}
	message(ADDR_A, buf, len);
	CHECK_EQ(has(), GIVEN);
	node_free(&n);
}

/* It has none left: it waits, asks again, and is as it was. */
static void exhausted(void)
{
	from_own_address(0);
	says(CODE_HA_RESOURCES, 0);
	CHECK_EQ(n.requests, 0);
	CHECK_EQ(look().last_code, CODE_HA_RESOURCES);
	CHECK_EQ(has(), 0);
	node_until(&n, n.now.t + SEC(4) - 1);
	CHECK_EQ(n.requests, 0);
	node_until(&n, n.now.t + 1);
	CHECK_EQ(n.requests, 1);
	CHECK(asks_for(0));
	says(1, GIVEN);
	CHECK_EQ(has(), GIVEN);
	node_free(&n);
}

static bool noted(const char *what)
{
	for (unsigned i = 0; i < MOBILE_ACTIONS_MAX; i++)
		if (n.out.a[i].act == MOBILE_NOTE && strstr(n.out.a[i].text, what))
			return true;
	return false;
}

/* What it had is another's now: it asks for any, and says what that means. */
static void another_one(void)
{
	from_own_address(0);
	says(1, GIVEN);
	node_until(&n, n.now.t + SEC(301)); /* it renews */
	CHECK(asks_for(GIVEN));
	says(CODE_HA_PROHIBITED, GIVEN);
	CHECK_EQ(n.requests, 1);
	CHECK(asks_for(0));
	CHECK_EQ(has(), GIVEN);
	says(CODE_HA_PROHIBITED, 0); /* that as well */
	CHECK_EQ(n.requests, 0);
	node_until(&n, n.now.t + SEC(60));
	CHECK(n.requests > 0 && asks_for(0));
	memset(n.out.a, 0, sizeof(n.out.a));
	says(1, OTHER);
	CHECK(noted("connections from 10.99.0.5 are lost"));
	CHECK_EQ(has(), OTHER);
	node_forget(&n);
	node_until(&n, n.now.t + SEC(301));
	CHECK(asks_for(OTHER)); /* from then on this one */
	node_free(&n);
}

/* By the home agent's own choice. */
static void moved_by_the_home_agent(void)
{
	from_own_address(0);
	says(1, GIVEN);
	node_until(&n, n.now.t + SEC(301));
	says(1, OTHER);
	CHECK_EQ(has(), OTHER);
	CHECK(look().state == MOBILE_REGISTERED);
	node_free(&n);
}

/* It leaves before any Reply came: the home agent may have accepted. */
static void left_unanswered(void)
{
	struct mip_exts x;

	from_own_address(0);
	node_forget(&n);
	CHECK(!mobile_deregister(n.m, &n.now, &n.out));
	node_see(&n);
	CHECK_EQ(n.requests, 1);
	CHECK(asks_for(0));
	CHECK_EQ(asked(&x).lifetime_s, 0);
	says(1, GIVEN);
	CHECK(look().state == MOBILE_DEREGISTERED);
	CHECK_EQ(has(), 0);
	node_free(&n);
}

/* Through a foreign agent: from 0.0.0.0, and the Reply to all or to the new address. */
static void through_an_agent(void)
{
	static const uint32_t to[] = { ADDR_BROADCAST, GIVEN };

	for (unsigned i = 0; i < 2; i++) {
		uint8_t buf[256];
		size_t len;

		begin(0);
		node_link_up(&n, &bssid_a);
		node_advert(&n, false, 1);
		CHECK_EQ(n.requests, 1);
		CHECK(asks_for(0));
		CHECK(mac_equal(&n.request_mac, &mac_a));
		len = words(1, 600, GIVEN, buf, sizeof(buf));
		message(to[i], buf, len);
		CHECK_EQ(has(), GIVEN);
			node_advert(&n, true, 1);
		node_until(&n, n.now.t + SEC(301));
		CHECK(asks_for(GIVEN));
		node_free(&n);
	}
}

/* An address of the pool is for who is bound: the home agent's own link is none to come home to. */
static void not_at_home(void)
{
	uint8_t buf[128];
	struct wbuf w = wb_init(buf, sizeof(buf));
	struct advert a = { .icmp_lifetime_s = 180,
			    .sequence = 1,
			    .reg_lifetime_s = 1800,
			    .flags = ADVERT_H };

	from_own_address(0);
	says(1, GIVEN);
	advert_encode(&w, &a);
	mobile_icmp(n.m, MOBILE_RADIO, &mac_a, HOME_AGENT, buf, w.len, &n.now, &n.out);
	node_see(&n);
	CHECK_EQ(n.requests, 0);
	CHECK(look().state == MOBILE_REGISTERED);
	node_free(&n);
}

static void reconfigured(void)
{
	struct mobile_conf c;

	from_own_address(0);
	says(1, GIVEN);
	c = n.conf;
	c.lifetime_s = 60;
	CHECK(mobile_reconfigure(n.m, &c, &n.now, &n.out));
	CHECK_EQ(has(), GIVEN);
	c.home_addr = GIVEN;
	CHECK(!mobile_reconfigure(n.m, &c, &n.now, &n.out));
	c.home_addr = 0;
	c.nai[0] = 'x';
	CHECK(!mobile_reconfigure(n.m, &c, &n.now, &n.out));
	CHECK_EQ(has(), GIVEN);
	node_free(&n);
}

UNIT_MAIN("assigned", {"named", named}, {"a fixed address", fixed}, {"not given", not_given},
	  {"damaged", damaged}, {"exhausted", exhausted}, {"another one", another_one},
	  {"moved by the home agent", moved_by_the_home_agent},
	  {"left unanswered", left_unanswered}, {"through an agent", through_an_agent},
	  {"not at home", not_at_home}, {"reconfigured", reconfigured})
