/* SPDX-License-Identifier: MIT */
#include "tests/unit/radio_fixture.h"

/* What the air can do to the decision engine; each is bounded. */

/* It looks strong, and every handoff to it fails: tried less and less often. */
static void one_that_lies(void)
{
	struct radio_bss list[] = { bss(&ap2, 2437, -30, 0) };
	unsigned tried = 0;
	mtime t;

	start(-72);
	for (t = 0; t < SEC(3600); t += MSEC(500)) {
		radio_signal(&r, -72, t);
		decide(t);
		if (d.act == RADIO_SCAN)
			known(list, 1, t);
		if (d.act != RADIO_LEAVE)
			continue;
		tried++;
		radio_handoff_done(&r, &ap2, false, t);
		radio_remember(&r, &ap2, 0, 0, false, t);
	}
	/* 10, 20, 40, 80 s, then 160 s each */
	CHECK(tried >= 5 && tried <= 4 + 3600 / 160);
	/* an honest one beside it is taken at once */
	list[0] = bss(&ap3, 2462, -55, 0);
	known(list, 1, t);
	CHECK_EQ(d.act, RADIO_LEAVE);
	CHECK(mac_equal(&d.target.bssid, &ap3));
}

/* Deauthentication frames, over and over: the link comes and goes a hundred times a second. */
static void sent_away_over_and_over(void)
{
	struct radio_bss b = bss(&ap1, 2412, -50, 0), best;
	struct radio_bss list[] = { bss(&ap1, 2412, -50, 0), bss(&ap2, 2437, -60, 0) };
	unsigned scans = 0;
	mtime t;

	start(-50);
	for (t = 0; t < SEC(60); t += MSEC(10)) {
		radio_detached(&r, t);
		decide(t);
		radio_attached(&r, &b, t);
		decide(t);
		radio_beacon_loss(&r, t);
		decide(t);
		scans += d.act == RADIO_SCAN;
		CHECK(d.act != RADIO_LEAVE);
	}
	CHECK(scans > 0 && scans <= 60 * 2 + 1);
	/* who sends us away is no candidate for a while, should we get elsewhere */
	b = bss(&ap2, 2437, -60, 0);
	radio_attached(&r, &b, t);
	known(list, 2, t);
	radio_beacon_loss(&r, t);
	decide(t);
	CHECK(d.act != RADIO_LEAVE);
	CHECK(radio_best(&r, t, &best)); /* only if somebody orders it */
}

static void five_hundred_in_range(void)
{
	static struct radio_bss list[500];
	struct radio_bss b;
	size_t n = 0;

	start(-72);
	for (unsigned i = 0; i < 500; i++) {
		struct mac m = { { 2, 1, 0, 0, (uint8_t)(i >> 8), (uint8_t)i } };

		list[i] = bss(&m, (uint16_t)(2412 + 5 * (i % 60)), -95 + (int)(i * 7 % 20), 0);
	}
	for (mtime t = 0; t < SEC(10); t += MSEC(50)) {
		struct radio_traffic c = { .packets = (uint32_t)(t / MSEC(10)) };

		radio_traffic(&r, &c, t);
		radio_signal(&r, -72, t);
		decide(t);
		/* a quarter of a second, once it is known that a stream flows */
		CHECK(d.act != RADIO_SCAN || t <= SEC(1) || (d.n_freqs > 0 && d.n_freqs <= 4));
		if (d.act == RADIO_SCAN)
			radio_scanned(&r, list, 500, t - SEC(60));
		CHECK(d.act != RADIO_LEAVE);
		radio_scanned(&r, list, 500, t);
	}
	while (radio_bss_at(&r, n, &b))
		n++;
	CHECK_EQ(n, RADIO_BSS_MAX);
}

/* It neither ends nor fails: given up, and not begun again at once. */
static void a_scan_that_never_ends(void)
{
	unsigned scans = 0;

	start(-72);
	for (mtime t = 0; t < SEC(600); t += MSEC(50)) {
		radio_signal(&r, -72, t);
		decide(t);
		scans += d.act == RADIO_SCAN;
		CHECK(radio_deadline(&r) > t);
	}
	CHECK(scans >= 8 && scans <= 20);
}

/* Nothing that comes from outside makes the deadline stand still. */
static void deadlines_go_on(void)
{
	struct radio_neighbour none = { ap2, 0, 255 };

	start(-72);
	radio_transition(&r, &none, 1, true, SEC(5), 0);
	for (mtime t = 0; t < SEC(60);) {
		decide(t);
		CHECK(radio_deadline(&r) > t);
		if (radio_deadline(&r) <= t)
			break;
		t = mtime_min(radio_deadline(&r), t + SEC(1));
	}
}

UNIT_MAIN("radio_hostile", { "one that lies", one_that_lies },
	  { "sent away over and over", sent_away_over_and_over },
	  { "five hundred in range", five_hundred_in_range },
	  { "a scan that never ends", a_scan_that_never_ends },
	  { "deadlines go on", deadlines_go_on })
