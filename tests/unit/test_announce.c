/* SPDX-License-Identifier: MIT */
#include "tests/unit/handoff_fixture.h"

/* Handoffs that are announced; what is told beside them. */

static const char *announce(mtime in, const struct mac *bssid)
{
	const char *error =
	    mobile_announce(n.m, in, bssid, MOBILE_ANY_LINK, &n.now, &n.out);

	node_see(&n);
	return error;
}

static bool is_announced(void)
{
	struct mobile_info i;

	mobile_info(n.m, n.now.t, &i);
	return i.announced_at != MTIME_NEVER;
}

/* What is known is fresh: nothing happens until BUFFER has to go. */
static void leaves_at_the_time(void)
{
	mtime t;

	node_at_a(&n);
	node_scan_b(&n, -50);
	t = n.now.t;
	CHECK(announce(SEC(2), &bssid_b) == NULL);
	CHECK(is_announced());
	CHECK_EQ(n.events[TELL_HANDOVER_ANNOUNCED], 1);
	node_until(&n, t + SEC(2) - MSEC(60) - 1);
	CHECK_EQ(n.orders + n.scans + n.roams, 0);
	node_until(&n, t + SEC(2) - MSEC(60));
	CHECK_EQ(n.orders, 1);
	CHECK(!is_announced());
	grant();
	node_until(&n, n.now.t + MSEC(10));
	CHECK_EQ(n.roams, 1);
	CHECK(mac_equal(&n.roam_to, &bssid_b));
	CHECK_STR(node_report(&n).trigger, "announced by a user");
	CHECK_EQ(n.events[TELL_ANNOUNCEMENT_OVER], 1);
	node_free(&n);
}

/* What is known is old, or nothing is: a look, under the buffer, two and a half seconds before. */
static void looks_before(void)
{
	mtime t;

	node_at_a(&n);
	node_until(&n, n.now.t + SEC(60));
	t = n.now.t;
	node_forget(&n);
	CHECK(announce(SEC(20), &bssid_b) == NULL);
	node_until(&n, t + SEC(20) - MSEC(2500) - 1);
	CHECK_EQ(n.orders, 0);
	node_until(&n, t + SEC(20) - MSEC(2500));
	CHECK_EQ(n.orders, 1);
	grant();
	node_until(&n, n.now.t + MSEC(10));
	CHECK_EQ(n.scans, 1);
	node_scan_b(&n, -50);
	CHECK_EQ(n.m->ho.state, HO_RELEASING); /* it is too soon */
	grant();
	CHECK_EQ(n.m->ho.state, HO_IDLE);
	CHECK_EQ(n.roams, 0);
	CHECK(is_announced());
	node_forget(&n);
	node_until(&n, t + SEC(20) - MSEC(60));
	CHECK_EQ(n.orders, 1);
	CHECK_EQ(n.m->ho.state, HO_ASKING);
	node_free(&n);
}

/* At once, to one that is not known: the look comes first, and then it goes without waiting. */
static void at_once(void)
{
	node_at_a(&n);
	n.m->radio.n_bss = 0;
	node_until(&n, n.now.t + SEC(60));
	node_forget(&n);
	CHECK(announce(0, &bssid_b) == NULL);
	CHECK_EQ(n.orders, 1);
	grant();
	node_until(&n, n.now.t + MSEC(10));
	CHECK_EQ(n.scans, 1);
	CHECK(is_announced());
	node_scan_b(&n, -50);
	CHECK_EQ(n.roams, 1);
	CHECK(!is_announced());
	node_free(&n);
}

/* Nobody there: over, with a reason, and it works on where it is. */
static void nobody_there(void)
{
	mtime t;

	node_at_a(&n);
	n.m->radio.n_bss = 0;
	node_until(&n, n.now.t + SEC(60));
	node_forget(&n);
	t = n.now.t;
	CHECK(announce(SEC(3), &bssid_c) == NULL);
	node_until(&n, t + MSEC(500));
	grant();
	node_until(&n, n.now.t + MSEC(10));
	mobile_scanned(n.m, NULL, 0, &n.now, &n.out);
	node_see(&n);
	grant();
	node_until(&n, t + SEC(3));
	CHECK(!is_announced());
	CHECK_EQ(n.events[TELL_ANNOUNCEMENT_OVER], 1);
	CHECK_EQ(n.events[TELL_HANDOVER_IMMINENT], 0);
	CHECK_EQ(n.m->ho.state, HO_IDLE);
	CHECK_EQ(node_state(&n), MOBILE_REGISTERED);
	node_free(&n);
}

static void replaced_and_withdrawn(void)
{
	mtime t;

	node_at_a(&n);
	node_scan_b(&n, -50);
	t = n.now.t;
	CHECK(mobile_withdraw(n.m, &n.now, &n.out) != NULL);
	CHECK(announce(SEC(1), &bssid_b) == NULL);
	CHECK(announce(SEC(4), &bssid_b) == NULL);
	node_until(&n, t + SEC(2));
	CHECK_EQ(n.orders, 0);
	CHECK(mobile_withdraw(n.m, &n.now, &n.out) == NULL);
	node_see(&n);
	CHECK(!is_announced());
	node_until(&n, t + SEC(10));
	CHECK_EQ(n.orders, 0);
	CHECK_EQ(n.events[TELL_ANNOUNCEMENT_OVER], 1);
	node_free(&n);
}

/* A handoff by command, or by the engine, or a link that is lost. */
static void used_up(void)
{
	node_at_a(&n);
	node_scan_b(&n, -50);
	CHECK(announce(SEC(10), NULL) == NULL);
	node_ask(&n);
	CHECK(!is_announced());
	node_free(&n);

	node_at_a(&n);
	CHECK(announce(SEC(10), NULL) == NULL);
	mobile_disconnected(n.m, MOBILE_RADIO, &bssid_a, &n.now, &n.out);
	node_see(&n);
	CHECK(!is_announced());
	node_free(&n);
}

static void refused(void)
{
	node_at_a(&n);
	CHECK(announce(SEC(1), &bssid_a) != NULL); /* it is there */
	CHECK(announce(SEC(600), NULL) == NULL);
	CHECK(n.m->announced.at <= n.now.t + ANNOUNCE_MAX);
	mobile_deregister(n.m, &n.now, &n.out);
	node_see(&n);
	CHECK(announce(SEC(1), NULL) != NULL);
	node_free(&n);
	node_init(&n);
	CHECK(announce(SEC(1), NULL) != NULL); /* it is nowhere */
	node_free(&n);
}

/* Told once as it falls, and again only after it was good; who is heard for the first time. */
static void foretold(void)
{
	node_at_a(&n);
	CHECK_EQ(n.events[TELL_LINK_DETECTED], 1); /* b */
	node_scan_b(&n, -80);
	CHECK_EQ(n.events[TELL_LINK_DETECTED], 1);
	n.conf.automatic = true;
	CHECK(mobile_reconfigure(n.m, &n.conf, &n.now, &n.out));
	node_see(&n);
	for (int i = 0; i < 20; i++) {
		mobile_signal(n.m, -75, &n.now, &n.out);
		node_see(&n);
		node_until(&n, n.now.t + MSEC(50));
	}
	CHECK_EQ(n.events[TELL_LINK_GOING_DOWN], 1);
	node_free(&n);
}

UNIT_MAIN("announce", { "leaves at the time", leaves_at_the_time },
	  { "looks before", looks_before }, { "at once", at_once },
	  { "nobody there", nobody_there },
	  { "replaced and withdrawn", replaced_and_withdrawn }, { "used up", used_up },
	  { "refused", refused }, { "foretold", foretold })
