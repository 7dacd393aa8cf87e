/* SPDX-License-Identifier: MIT */
#include "tests/unit/node_fixture.h"

/* A host on the link that advertises itself as an agent, as often as it likes. */
#define LIAR 0x0a010042u
#define LIARS_CARE_OF 0xc6336442u
static const struct mac mac_liar = { { 2, 0, 0, 0, 0, 0x66 } };

static struct node n;

static void lies(unsigned times)
{
	static uint16_t sequence = 1000;

	for (unsigned i = 0; i < times; i++)
		node_advert_from(&n, LIAR, LIARS_CARE_OF, &mac_liar, sequence++);
}

static void arrives(bool b)
{
	CHECK(n.requests && mac_equal(&n.request_mac, b ? &mac_b : &mac_a));
	node_reply(&n, b, 0, 600, 0, -1);
	node_until(&n, n.now.t + SEC(3)); /* what orders there are is given up */
	CHECK_EQ(node_state(&n), MOBILE_REGISTERED);
	node_forget(&n);
}

/* It has been served at both. */
static void knows_both(void)
{
	node_at_a(&n);
	node_link_up(&n, &bssid_b);
	node_advert(&n, true, 1);
	arrives(true);
	node_link_up(&n, &bssid_a);
	node_advert(&n, false, 2);
	arrives(false);
}

static void where_an_agent_has_served_he_is_asked(void)
{
	struct radio_bss bss = {
		.bssid = bssid_b, .signal_dbm = -45, .ssid = "campus", .ssid_len = 6
	};

	knows_both();
	for (int round = 0; round < 2; round++) {
		/* The last to be heard there, and the first now: the port is open. */
		mobile_connected(n.m, MOBILE_RADIO, &bss, &n.now, &n.out);
		node_see(&n);
		CHECK_EQ(n.requests, 0);
		lies(10);
		CHECK_EQ(n.requests, 1);
		arrives(true);
		lies(10);
		CHECK_EQ(n.requests, 0);
		node_link_up(&n, &bssid_a);
		arrives(false);
	}
	node_free(&n);
}

/* Else one that is gone for good would be asked for ever. */
static void until_he_is_silent(void)
{
	knows_both();
	node_link_up(&n, &bssid_b);
	lies(1);
	CHECK(n.requests == 1 && mac_equal(&n.request_mac, &mac_b));
	node_until(&n, n.now.t + SEC(1));
	CHECK_EQ(n.requests, 2);
	lies(10);
	CHECK(n.requests == 3 && mac_equal(&n.request_mac, &mac_liar));
	node_advert(&n, true, 3); /* he is there, after all */
	CHECK(n.requests <= 4);
	node_until(&n, n.now.t + SEC(1));
	node_advert(&n, true, 4);
	lies(10);
	CHECK(mac_equal(&n.request_mac, &mac_b));
	arrives(true);
	node_free(&n);
}

static void a_renewal_is_not_diverted(void)
{
	node_at_a(&n);
	node_until(&n, n.now.t + SEC(300));
	CHECK_EQ(n.requests, 1);
	lies(10);
	CHECK_EQ(n.requests, 1);
	arrives(false);
	node_free(&n);
}

/* Where it was never before nothing tells them apart; but each has his second. */
static void one_request_a_second(void)
{
	node_init(&n);
	node_link_up(&n, &bssid_a);
	lies(1);
	for (int i = 0; i < 10; i++) {
		lies(1);
		node_advert(&n, false, (uint16_t)(i + 1));
	}
	CHECK_EQ(n.requests, 1);
	node_until(&n, n.now.t + SEC(1));
	node_advert(&n, false, 20);
	arrives(false);
	node_free(&n);
}

/* However many he pretends to be. */
static void a_table_full_of_lies(void)
{
	knows_both();
	for (uint32_t i = 0; i < 3 * AGENTS_KNOWN_MAX; i++)
		node_advert_from(&n, LIAR + i, LIARS_CARE_OF + i, &mac_liar, 1);
	node_link_up(&n, &bssid_b);
	CHECK_EQ(n.requests, 1);
	arrives(true);
	node_link_up(&n, &bssid_a);
	CHECK_EQ(n.requests, 1);
	arrives(false);
	node_free(&n);
}

UNIT_MAIN("liar",
	  {"where an agent has served he is asked", where_an_agent_has_served_he_is_asked},
	  {"until he is silent", until_he_is_silent},
	  {"a renewal is not diverted", a_renewal_is_not_diverted},
	  {"one request a second", one_request_a_second},
	  {"a table full of lies", a_table_full_of_lies})
