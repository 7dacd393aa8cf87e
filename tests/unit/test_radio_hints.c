/* SPDX-License-Identifier: MIT */
#include "tests/unit/radio_fixture.h"

/* 50 frames a second from 0, in each second so many repeated and given up. */
static struct radio_traffic traffic_at(mtime now, uint32_t retries, uint32_t failed, uint32_t kbit)
{
	uint32_t s = (uint32_t)(now / SEC(1));

	return (struct radio_traffic){ .packets = 50 * s, .retries = retries * s,
				       .failed = failed * s, .rate_kbit = kbit };
}

/* Told each second in [from, to], at a good signal: when it first does something, or later. */
static mtime sends(mtime from, mtime to, uint32_t retries, uint32_t failed, uint32_t kbit)
{
	mtime t;

	for (t = from; t <= to; t += SEC(1)) {
		struct radio_traffic c = traffic_at(t, retries, failed, kbit);

		radio_signal(&r, -50, t);
		radio_traffic(&r, &c, t);
		decide(t);
		if (d.act != RADIO_STAY)
			break;
	}
	return t;
}

static void frames_do_not_get_through(void)
{
	struct radio_bss other = bss(&ap2, 2437, -60, 0), weak = bss(&ap2, 2437, -74, 0);

	/* each is sent four times: two windows, then a fresh candidate, whatever the signal here */
	start(-50);
	known(&other, 1, 0);
	CHECK_EQ(sends(0, SEC(8), 1, 0, 65000), SEC(9));
	start(-50);
	known(&other, 1, 0);
	CHECK_EQ(sends(0, SEC(8), 200, 0, 65000), SEC(2));
	CHECK_EQ(d.act, RADIO_SCAN);
	known(&other, 1, SEC(2));
	CHECK_EQ(d.act, RADIO_LEAVE);
	CHECK_EQ(d.rule, RADIO_FAILING);
	CHECK(strstr(d.why, "frames do not get through"));
	/* one in four is given up */
	start(-50);
	known(&other, 1, 0);
	CHECK_EQ(sends(0, SEC(8), 0, 13, 65000), SEC(2));
	/* for a weak one it does not leave a strong one */
	start(-50);
	known(&weak, 1, 0);
	sends(0, SEC(1), 200, 0, 65000);
	known(&weak, 1, SEC(2));
	CHECK(sends(SEC(2), SEC(2), 200, 0, 65000) <= SEC(3));
	CHECK_EQ(d.act == RADIO_LEAVE, false);
	/* too few frames say nothing; counters that are set back neither */
	start(-50);
	known(&other, 1, 0);
	for (mtime t = 0; t < SEC(5); t += SEC(1)) {
		uint32_t s = (uint32_t)(t / SEC(1));
		struct radio_traffic c = { .packets = s, .retries = 7 * s, .failed = s };

		radio_traffic(&r, &c, t);
		decide(t);
		CHECK_EQ(d.act, RADIO_STAY);
	}
}

static void the_rate_collapses(void)
{
	struct radio_bss other = bss(&ap2, 2437, -60, 0);

	start(-50);
	known(&other, 1, 0);
	CHECK_EQ(sends(0, SEC(3), 0, 0, 65000), SEC(4));
	CHECK_EQ(sends(SEC(4), SEC(9), 0, 0, 1000), SEC(5));
	CHECK_EQ(d.act, RADIO_SCAN);
	known(&other, 1, SEC(5));
	CHECK_EQ(d.rule, RADIO_FAILING);
}

static void weighed(void)
{
	struct radio_bss list[] = { bss(&ap2, 2437, -55, 0), bss(&ap3, 5180, -57, 0) };
	struct radio_opinion o;
	struct radio_bss best;

	/* 2 dB weaker, but at 5 GHz */
	start(-50);
	known(list, 2, 0);
	CHECK(radio_best(&r, 0, &best) && mac_equal(&best.bssid, &ap3));
	CHECK(radio_opinion(&r, 1, 0, &o));
	CHECK_EQ(o.score, -54);
	CHECK_EQ(o.term[RADIO_TERM_BAND], 3);
	/* busy all the time */
	list[1].has_load = true;
	list[1].load_q8 = 255;
	known(list, 2, 0);
	CHECK(radio_best(&r, 0, &best) && mac_equal(&best.bssid, &ap2));
	CHECK(radio_opinion(&r, 1, 0, &o));
	CHECK_EQ(o.term[RADIO_TERM_LOAD], -6);
	/* a quarter of the time costs nothing */
	list[1].load_q8 = 64;
	known(list, 2, 0);
	CHECK(radio_best(&r, 0, &best) && mac_equal(&best.bssid, &ap3));
	/* handoffs to it have failed; the past is kept over a new association */
	radio_remember(&r, &ap3, 7, 0, false, 0);
	radio_remember(&r, &ap3, 7, 0, false, 0);
	known(list, 2, 0);
	CHECK(radio_best(&r, 0, &best) && mac_equal(&best.bssid, &ap2));
	CHECK(radio_opinion(&r, 1, 0, &o));
	CHECK_EQ(o.term[RADIO_TERM_MEMORY], -8);
	CHECK(!radio_opinion(&r, 2, 0, &o));
}

static void excluded_in_words(void)
{
	struct radio_neighbour never = { ap2, 2437, 0 };
	struct radio_bss list[] = { bss(&ap1, 2412, -72, 0), bss(&ap2, 2437, -50, 0),
				    bss(&ap3, 2462, -70, 0) };
	struct radio_opinion o;

	start(-72);
	radio_neighbours(&r, &never, 1, 0);
	known(list, 3, 0);
	CHECK_EQ(level(-72, 0, MSEC(150)), MSEC(100)); /* a scan: the forbidden one is no help */
	CHECK_EQ(d.act, RADIO_SCAN);
	CHECK(radio_opinion(&r, 0, MSEC(100), &o));
	CHECK_EQ(o.excluded, RADIO_EX_SERVING);
	CHECK(radio_opinion(&r, 1, MSEC(100), &o));
	CHECK_EQ(o.excluded, RADIO_EX_FORBIDDEN);
	CHECK(radio_opinion(&r, 2, MSEC(100), &o));
	CHECK_EQ(o.excluded, RADIO_EX_WEAK);
	for (int e = RADIO_ELIGIBLE; e <= RADIO_EX_UNASKED; e++)
		CHECK(radio_exclusion_name((enum radio_exclusion)e)[0] != '?');
	for (int t = 0; t < RADIO_TERMS; t++)
		CHECK(radio_term_name((enum radio_term)t)[0] != '?');
	for (int rule = 0; rule < RADIO_RULES; rule++) {
		CHECK(radio_rule_name((enum radio_rule)rule)[0] != '?');
		CHECK(radio_rule_words((enum radio_rule)rule)[0] != '?');
	}
}

/* Measured all the time: what a scan said of it long ago does not count. */
static void serving_as_it_is(void)
{
	struct radio_bss list[] = { bss(&ap1, 2412, -72, 0) };
	struct radio_opinion o;

	start(-72);
	known(list, 1, 0);
	for (mtime t = SEC(60); t < SEC(62); t += MSEC(50))
		sample(-50, t);
	CHECK(radio_opinion(&r, 0, SEC(90), &o));
	CHECK_EQ(o.excluded, RADIO_EX_SERVING);
	CHECK_EQ(o.bss.signal_dbm, -50);
	CHECK_EQ(o.term[RADIO_TERM_AGE], 0);
}

static void asked_to_go(void)
{
	struct radio_neighbour asked[] = { { ap3, 2462, 200 } };
	struct radio_bss list[] = { bss(&ap2, 2437, -50, 0), bss(&ap3, 2462, -65, 0) };

	/* to the one that is named, although another is stronger and all is well here */
	start(-45);
	known(list, 2, 0);
	radio_transition(&r, asked, 1, false, SEC(10), 0);
	decide(0);
	CHECK_EQ(d.act, RADIO_LEAVE);
	CHECK_EQ(d.rule, RADIO_TRANSITION);
	CHECK(mac_equal(&d.target.bssid, &ap3));
	/* it is looked for on its channel; not found, and only a wish: it stays */
	start(-45);
	radio_transition(&r, asked, 1, false, SEC(10), 0);
	decide(0);
	CHECK_EQ(d.act, RADIO_SCAN);
	CHECK_EQ(d.n_freqs, 1);
	CHECK_EQ(d.freqs[0], 2462);
	known(list, 1, MSEC(100));
	CHECK_EQ(d.act, RADIO_STAY);
	decide(SEC(11));
	CHECK_EQ(d.act, RADIO_STAY);
	/* about to be sent away: to anybody */
	start(-45);
	radio_transition(&r, asked, 1, true, SEC(10), 0);
	decide(0);
	known(list, 1, MSEC(100));
	CHECK_EQ(d.act, RADIO_STAY);
	decide(MSEC(9500));
	CHECK_EQ(d.act, RADIO_LEAVE);
	CHECK(mac_equal(&d.target.bssid, &ap2));
}

static void no_full_scan_in_a_stream(void)
{
	/* a stream flows, no channel is known: only near death, and that is said */
	start(-50);
	sends(0, SEC(2), 0, 0, 65000);
	CHECK_EQ(level(-72, SEC(2), SEC(3)), SEC(3));
	CHECK_EQ(d.rule, RADIO_NEED_SCAN);
	CHECK_EQ(level(-80, SEC(3), SEC(4)) < SEC(4), true);
	CHECK_EQ(d.act, RADIO_SCAN);
	CHECK_EQ(d.n_freqs, 0);
	CHECK(strstr(d.why, "as the last resort"));
	/* none flows */
	start(-50);
	CHECK(level(-72, 0, SEC(1)) < SEC(1));
	CHECK_EQ(d.act, RADIO_SCAN);
	CHECK_EQ(d.n_freqs, 0);
	CHECK(!strstr(d.why, "last resort"));
}

static void neighbours_say_where_to_look(void)
{
	struct radio_neighbour list[] = { { ap2, 5180, 255 },
					  { ap3, 2462, 255 },
					  { ap1, 2412, 255 } };

	start(-50);
	sends(0, SEC(2), 0, 0, 65000);
	radio_neighbours(&r, list, 3, SEC(2));
	CHECK(level(-72, SEC(2), SEC(3)) < SEC(3));
	CHECK_EQ(d.act, RADIO_SCAN);
	CHECK_EQ(d.n_freqs, 2);
	CHECK(d.freqs[0] + d.freqs[1] == 5180 + 2462);
}

static void the_screen_is_off(void)
{
	start(-50);
	CHECK_EQ(radio_sample_interval(&r), MSEC(50));
	radio_power(&r, true);
	CHECK_EQ(radio_sample_interval(&r), MSEC(200));
	/* near the threshold it is neither sampled now and then, nor looked around ahead of need */
	start(-67);
	radio_power(&r, true);
	CHECK_EQ(level(-67, MSEC(50), SEC(1)), SEC(1));
	decide(SEC(3));
	CHECK_EQ(radio_sample_interval(&r), 0);
	radio_power(&r, false);
	decide(SEC(3));
	CHECK_EQ(radio_sample_interval(&r), MSEC(250));
}

static void memory_is_bounded(void)
{
	struct radio_memory m, kept[RADIO_MEMORY_MAX];
	struct mac mac = ap1;
	size_t n = 0;

	start(-50);
	for (unsigned i = 0; i < 200; i++) {
		mac.b[5] = (uint8_t)i;
		radio_remember(&r, &mac, 0x0a000001, MSEC(100 + i), true, SEC(i));
	}
	while (radio_memory_at(&r, n, &m))
		kept[n++] = m;
	CHECK_EQ(n, RADIO_MEMORY_MAX);
	CHECK_EQ(kept[0].bssid.b[5], 199);
	CHECK_EQ(kept[0].took, MSEC(299));
	CHECK_EQ(kept[n - 1].bssid.b[5], 200 - RADIO_MEMORY_MAX);
	/* the mean, and what was not told leaves what was */
	radio_remember(&r, &mac, 0, MSEC(699), true, SEC(300));
	radio_remember(&r, &mac, 0, 0, false, SEC(301));
	radio_memory_at(&r, 0, &m);
	CHECK_EQ(m.took, MSEC(399));
	CHECK_EQ(m.agent, 0x0a000001);
	CHECK_EQ(m.done, 2);
	CHECK_EQ(m.failed, 1);
}

UNIT_MAIN("radio_hints", { "frames do not get through", frames_do_not_get_through },
	  { "the rate collapses", the_rate_collapses }, { "weighed", weighed },
	  { "excluded, in words", excluded_in_words }, { "asked to go", asked_to_go },
	  { "serving, as it is", serving_as_it_is },
	  { "no full scan in a stream", no_full_scan_in_a_stream },
	  { "neighbours say where to look", neighbours_say_where_to_look },
	  { "the screen is off", the_screen_is_off }, { "memory is bounded", memory_is_bounded })
