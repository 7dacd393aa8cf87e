/* SPDX-License-Identifier: MIT */
#include "tests/unit/node_fixture.h"

/* An access point where no agent answers, while one is heard where an agent has served. */

static const struct mac bssid_c = { { 2, 0, 0, 0, 2, 0 } };

static void three_are_heard(struct node *n, int16_t a_dbm)
{
	const struct mac *who[] = { &bssid_a, &bssid_b, &bssid_c };
	struct radio_bss list[3];

	for (unsigned i = 0; i < 3; i++)
		list[i] = (struct radio_bss){ .bssid = *who[i], .freq_mhz = 2412, .seen = n->now.t,
					      .signal_dbm = i ? -50 : a_dbm, .ssid = "campus",
					      .ssid_len = 6 };
	mobile_scanned(n->m, list, 3, &n->now, &n->out);
	node_see(n);
}

static struct report first_report(struct node *n)
{
	struct report r = { .ok = true };

	CHECK(mobile_report(n->m, 1, &r));
	return r;
}

/* From A, whose link is lost, to B, who is silent. */
static void nobody_at_b(struct node *n, int16_t a_dbm)
{
	node_until(n, n->now.t + SEC(30)); /* who loses it sooner was sent away */
	three_are_heard(n, a_dbm);
	mobile_disconnected(n->m, MOBILE_RADIO, &bssid_a, &n->now, &n->out);
	node_see(n);
	CHECK_EQ(n->roams, 1);
	node_link_up(n, &bssid_b);
	three_are_heard(n, a_dbm);
	node_until(n, n->now.t + SEC(8) + MSEC(1));
	CHECK(n->handoff_done && !first_report(n).ok);
}

static void it_goes_where_one_served(void)
{
	struct node n;

	node_at_a(&n);
	nobody_at_b(&n, -60);
	/* Not to C, which is stronger and where nobody was ever heard. */
	CHECK_EQ(n.roams, 2);
	CHECK(mac_equal(&n.roam_to, &bssid_a));
	node_forget(&n);
	node_link_up(&n, &bssid_a);
	node_advert(&n, false, 2);
	node_until(&n, n.now.t + MSEC(10));
	CHECK_EQ(node_state(&n), MOBILE_REGISTERED);
	CHECK_EQ(mobile_want(n.m)->uplink, UPLINK_AGENT);
	node_free(&n);
}

static void not_to_one_that_is_hardly_heard(void)
{
	struct node n;

	node_at_a(&n);
	nobody_at_b(&n, -84);
	CHECK_EQ(n.roams, 1);
	node_free(&n);
}

/* A is silent by now as well, and both are avoided. */
static void not_to_and_fro(void)
{
	struct node n;

	node_at_a(&n);
	nobody_at_b(&n, -60);
	node_link_up(&n, &bssid_a);
	three_are_heard(&n, -60);
	node_until(&n, n.now.t + SEC(30));
	CHECK_EQ(n.roams, 2);
	node_free(&n);
}

/* Somebody else says where to be: it stays where it was sent. */
static void not_from_where_it_was_sent(void)
{
	struct node n;

	node_at_a(&n);
	three_are_heard(&n, -60);
	node_link_up(&n, &bssid_b);
	node_until(&n, n.now.t + SEC(30));
	CHECK(n.handoff_done && !first_report(&n).ok);
	CHECK_EQ(n.roams, 0);
	node_free(&n);
}

UNIT_MAIN("refuge", {"it goes where one served", it_goes_where_one_served},
	  {"not to one that is hardly heard", not_to_one_that_is_hardly_heard},
	  {"not to and fro", not_to_and_fro},
	  {"not from where it was sent", not_from_where_it_was_sent})
