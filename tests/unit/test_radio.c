/* SPDX-License-Identifier: MIT */
#include "client/radio.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

static const struct mac ap1 = { { 2, 0, 0, 0, 0, 0 } };
static const struct mac ap2 = { { 2, 0, 0, 0, 1, 0 } };
static const struct mac ap3 = { { 2, 0, 0, 0, 2, 0 } };

static struct radio r;
static struct radio_decision d;

static struct radio_bss bss(const struct mac *m, uint16_t mhz, int dbm, mtime seen)
{
	return (struct radio_bss){.bssid = *m,
				  .freq_mhz = mhz,
				  .signal_dbm = (int16_t)dbm,
				  .seen = seen,
				  .ssid = "campus",
				  .ssid_len = 6};
}

static void attach(const struct mac *m, int dbm, mtime now)
{
	struct radio_bss b = bss(m, mac_equal(m, &ap1) ? 2412 : 2437, dbm, now);

	radio_attached(&r, &b, now);
	radio_decide(&r, now, &d);
}

/* Attached to ap1 at 0; n candidates, ap2 and ap3, as given, measured at 0. */
static void start(int dbm, int dbm2, int dbm3)
{
	struct radio_conf c;
	struct radio_bss list[] = {bss(&ap1, 2412, dbm, 0), bss(&ap2, 2437, dbm2, 0),
				   bss(&ap3, 2462, dbm3, 0)};

	radio_conf_default(&c);
	radio_init(&r, &c);
	attach(&ap1, dbm, 0);
	radio_scanned(&r, list, dbm3 ? 3 : dbm2 ? 2 : 1, 0);
	radio_decide(&r, 0, &d);
}

static void scanned(const struct mac *m, uint16_t mhz, int dbm, mtime now)
{
	struct radio_bss b = bss(m, mhz, dbm, now);

	radio_scanned(&r, &b, 1, now);
	radio_decide(&r, now, &d);
}

static enum radio_act sample(int dbm, mtime now)
{
	radio_signal(&r, dbm, now);
	radio_decide(&r, now, &d);
	return d.act;
}

/* Samples each 50 ms in [from, to); the time of the first decision other than to stay, or `to`. */
static mtime level(int dbm, mtime from, mtime to)
{
	mtime t;

	for (t = from; t < to; t += MSEC(50))
		if (sample(dbm, t) != RADIO_STAY)
			break;
	return t;
}

/* Samples each 50 ms in [from, to), every scan finds ap2 at `dbm2`; when it leaves, or `to`. */
static mtime level_scanned(int dbm, int dbm2, mtime from, mtime to)
{
	mtime t;

	for (t = from; t < to; t += MSEC(50)) {
		if (sample(dbm, t) == RADIO_SCAN)
			scanned(&ap2, 2437, dbm2, t);
		if (d.act == RADIO_LEAVE)
			break;
	}
	return t;
}

static void quiet(mtime until)
{
	while (radio_deadline(&r) <= until) {
		mtime t = radio_deadline(&r);

		radio_decide(&r, t, &d);
		CU_ASSERT_EQUAL(d.act, RADIO_STAY);
		CU_ASSERT_TRUE_FATAL(radio_deadline(&r) > t);
	}
}

static void good_signal_sleeps(void)
{
	start(-50, -60, 0);
	CU_ASSERT_EQUAL(radio_sample_interval(&r), MSEC(50));
	CU_ASSERT_EQUAL(level(-50, MSEC(50), SEC(1)), SEC(1));
	CU_ASSERT_EQUAL(radio_deadline(&r), SEC(1));
	radio_decide(&r, SEC(1), &d);
	CU_ASSERT_EQUAL(d.rule, RADIO_GOOD);
	CU_ASSERT_EQUAL(radio_deadline(&r), MTIME_NEVER);
	CU_ASSERT_EQUAL(radio_sample_interval(&r), 0);
	/* a kernel event that is no fall wakes nothing */
	CU_ASSERT_EQUAL(sample(-48, SEC(60)), RADIO_STAY);
	CU_ASSERT_EQUAL(radio_deadline(&r), MTIME_NEVER);
}

static void step_leaves_at_the_third_sample(void)
{
	const mtime t = SEC(5);

	start(-40, -50, 0);
	level(-40, MSEC(50), SEC(1));
	quiet(t);
	CU_ASSERT_EQUAL(sample(-78, t), RADIO_STAY);
	CU_ASSERT_EQUAL(radio_sample_interval(&r), MSEC(50));
	CU_ASSERT_EQUAL(sample(-78, t + MSEC(50)), RADIO_STAY); /* of the same beacon, perhaps */
	CU_ASSERT_EQUAL(sample(-78, t + MSEC(100)), RADIO_LEAVE);
	CU_ASSERT_EQUAL(d.rule, RADIO_BELOW);
	CU_ASSERT_TRUE(mac_equal(&d.target.bssid, &ap2));
	CU_ASSERT_STRING_EQUAL(d.why, "-78 dBm below -70, 02:00:00:00:01:00 was at -50 5 s ago");
	/* once */
	CU_ASSERT_EQUAL(sample(-78, t + MSEC(150)), RADIO_STAY);
	CU_ASSERT_EQUAL(radio_sample_interval(&r), 0);
}

static void at_rest_at_the_second_beacon(void)
{
	const mtime t = SEC(5), beacon = MSEC(102);

	start(-40, -50, 0);
	level(-40, MSEC(50), SEC(1));
	quiet(t);
	CU_ASSERT_EQUAL(sample(-78, t), RADIO_STAY);
	CU_ASSERT_EQUAL(sample(-78, t + beacon), RADIO_LEAVE);
	/* one of them may have faded */
	start(-40, -50, 0);
	CU_ASSERT_EQUAL(sample(-78, t), RADIO_STAY);
	CU_ASSERT_EQUAL(sample(-60, t + beacon), RADIO_STAY);
	/* or both, and not by much */
	start(-40, -50, 0);
	CU_ASSERT_EQUAL(sample(-73, t), RADIO_STAY);
	CU_ASSERT_EQUAL(sample(-73, t + beacon), RADIO_STAY);
	CU_ASSERT_EQUAL(r.low, false);
}

static void step_with_old_candidate(void)
{
	const mtime t = SEC(900);

	/* near dead: at once */
	start(-40, -50, 0);
	CU_ASSERT_EQUAL(sample(-49, t), RADIO_STAY);
	CU_ASSERT_EQUAL(level(-78, t + MSEC(50), t + SEC(1)), t + MSEC(150));
	CU_ASSERT_EQUAL(d.act, RADIO_LEAVE);
	/* else a scan of one channel first */
	start(-40, -50, 0);
	CU_ASSERT_EQUAL(sample(-49, t), RADIO_STAY);
	CU_ASSERT_EQUAL(level(-75, t + MSEC(50), t + SEC(1)), t + MSEC(150));
	CU_ASSERT_EQUAL(d.act, RADIO_SCAN);
	CU_ASSERT_EQUAL(d.rule, RADIO_NEED_SCAN);
	CU_ASSERT_EQUAL(d.n_freqs, 1);
	CU_ASSERT_EQUAL(d.freqs[0], 2437);
	CU_ASSERT_EQUAL(level(-75, t + MSEC(200), t + MSEC(250)), t + MSEC(250));
	scanned(&ap2, 2437, -52, t + MSEC(250));
	CU_ASSERT_EQUAL(d.act, RADIO_LEAVE);
	/* or, when the scan fails, the old result */
	start(-40, -50, 0);
	sample(-49, t);
	level(-75, t + MSEC(50), t + SEC(1));
	radio_scan_failed(&r, t + MSEC(200));
	radio_decide(&r, t + MSEC(200), &d);
	CU_ASSERT_EQUAL(d.act, RADIO_LEAVE);
	CU_ASSERT_EQUAL(d.target.signal_dbm, -50);
}

static void one_outlier_is_not_a_step(void)
{
	start(-62, -45, 0);
	level(-62, MSEC(50), SEC(1));
	CU_ASSERT_EQUAL(sample(-90, SEC(1)), RADIO_STAY);
	CU_ASSERT_EQUAL(level(-62, SEC(1) + MSEC(50), SEC(4)), SEC(4));
	radio_decide(&r, SEC(4), &d);
	CU_ASSERT_EQUAL(d.rule, RADIO_GOOD);
	/* even when it is the first of a burst, after a long rest */
	CU_ASSERT_EQUAL(sample(-90, SEC(60)), RADIO_STAY);
	CU_ASSERT_EQUAL(level(-62, SEC(60) + MSEC(50), SEC(64)), SEC(64));
	/* nor is a step that stays above the threshold */
	start(-40, -45, 0);
	level(-40, MSEC(50), SEC(1));
	CU_ASSERT_EQUAL(level(-65, SEC(1), SEC(4)), SEC(4));
}

static void ramp_is_predicted(void)
{
	mtime t;

	/* 10 dB a second from -50: dead at 3.2 s; the line is believed 1.5 s ahead, from -62 on */
	start(-50, -50, 0);
	level(-50, MSEC(50), SEC(1));
	for (t = SEC(1); t < SEC(5); t += MSEC(50)) {
		enum radio_act act = sample(-50 - (int)((t - SEC(1)) / MSEC(100)), t);

		if (act == RADIO_SCAN) /* what it knows is a while old */
			scanned(&ap2, 2437, -50, t);
		if (d.act == RADIO_LEAVE)
			break;
	}
	CU_ASSERT_EQUAL(d.act, RADIO_LEAVE);
	CU_ASSERT_EQUAL(d.rule, RADIO_PREDICTED);
	CU_ASSERT_TRUE(t >= SEC(1) + MSEC(1400) && t <= SEC(1) + MSEC(2100));
	/* 2 dB a second: the threshold decides */
	start(-64, -50, 0);
	for (t = 0; t < SEC(8); t += MSEC(50)) {
		if (sample(-64 - (int)(t / MSEC(500)), t) == RADIO_SCAN)
			scanned(&ap2, 2437, -50, t);
		if (d.act == RADIO_LEAVE)
			break;
	}
	CU_ASSERT_EQUAL(d.rule, RADIO_BELOW);
	CU_ASSERT_TRUE(t >= MSEC(3500) && t <= MSEC(4000));
}

static void scan_ahead_of_need(void)
{
	mtime t;

	/* nobody fresh is known, the signal comes near: one channel is scanned before it matters */
	start(-50, -55, 0);
	level(-50, MSEC(50), SEC(1));
	quiet(SEC(60));
	t = level(-64, SEC(60), SEC(61));
	CU_ASSERT_TRUE(t > SEC(60) && t < SEC(60) + MSEC(500));
	CU_ASSERT_EQUAL(d.act, RADIO_SCAN);
	CU_ASSERT_EQUAL(d.rule, RADIO_WATCHING);
	CU_ASSERT_EQUAL(d.n_freqs, 1);
	scanned(&ap2, 2437, -60, t);
	CU_ASSERT_EQUAL(d.act, RADIO_STAY);
	CU_ASSERT_EQUAL(level(-64, t + MSEC(50), SEC(61)), SEC(61));
	quiet(SEC(600));
	CU_ASSERT_EQUAL(radio_deadline(&r), MTIME_NEVER);
}

/* Scans near the threshold become seldom; below it what is found is a second old at most. */
static void below_it_looks_again(void)
{
	mtime last = 0, t;

	start(-69, -72, 0);
	for (t = MSEC(50); t < SEC(20) && last < SEC(4); t += MSEC(50))
		if (sample(-69, t) == RADIO_SCAN)
			scanned(&ap2, 2437, -72, last = t);
	for (t = last + MSEC(50); t < last + SEC(10) && sample(-71, t) != RADIO_SCAN; t += MSEC(50))
		;
	CU_ASSERT_EQUAL(d.rule, RADIO_NO_CANDIDATE);
	CU_ASSERT_TRUE(last >= SEC(4) && t <= last + SEC(1) + MSEC(50));
}

static void nobody_better(void)
{
	unsigned scans = 0;
	mtime t = SEC(1);

	start(-72, -69, 0);
	level(-72, MSEC(50), SEC(1));
	/* an hour below the threshold: few scans, none in a hurry, no handoff */
	while (radio_deadline(&r) < SEC(3600)) {
		t = radio_deadline(&r);
		radio_decide(&r, t, &d);
		CU_ASSERT_NOT_EQUAL(d.act, RADIO_LEAVE);
		if (d.act == RADIO_SCAN) {
			scans++;
			scanned(&ap2, 2437, -69, t + MSEC(200));
			CU_ASSERT_EQUAL(d.act, RADIO_STAY);
		}
		CU_ASSERT_TRUE_FATAL(radio_deadline(&r) > t);
	}
	CU_ASSERT_TRUE(scans > 50 && scans < 70);
	/* it comes up by the hysteresis: rest */
	CU_ASSERT_EQUAL(level_scanned(-64, -69, SEC(3600), SEC(3602)), SEC(3602));
	quiet(SEC(3603));
	CU_ASSERT_EQUAL(d.rule, RADIO_GOOD);
	CU_ASSERT_EQUAL(radio_deadline(&r), MTIME_NEVER);
}

static void hold(int dbm, mtime from, mtime to)
{
	for (mtime t = from; t < to; t += MSEC(50))
		sample(dbm, t);
}

static void hysteresis_rising(void)
{
	struct radio_view v;

	start(-72, 0, 0);
	hold(-72, MSEC(50), MSEC(200));
	radio_view(&r, MSEC(200), &v);
	CU_ASSERT_EQUAL(v.rule, RADIO_NEED_SCAN);
	CU_ASSERT_EQUAL(v.signal_dbm, -72);
	/* -68 is above the threshold, not by the hysteresis: a good candidate still wins */
	hold(-68, MSEC(200), SEC(2));
	scanned(&ap2, 2437, -55, SEC(2));
	CU_ASSERT_EQUAL(d.act, RADIO_LEAVE);
	start(-72, 0, 0);
	hold(-72, MSEC(50), MSEC(200));
	hold(-65, MSEC(200), SEC(2));
	scanned(&ap2, 2437, -50, SEC(2));
	CU_ASSERT_EQUAL(d.act, RADIO_STAY);
}

static void hold_down_and_way_back(void)
{
	const mtime t = SEC(10);
	struct radio_bss list[] = { bss(&ap1, 2412, -58, t), bss(&ap3, 2462, -59, t) };

	start(-60, -50, 0);
	attach(&ap2, -50, t);
	radio_handoff_done(&r, &ap2, true, t);
	radio_scanned(&r, list, 2, t);
	/* below the threshold at once: held for 3 s */
	CU_ASSERT_EQUAL(level(-71, t, t + SEC(3)), t + SEC(3));
	CU_ASSERT_EQUAL(d.rule, RADIO_HOLD_DOWN);
	CU_ASSERT_EQUAL(radio_deadline(&r), t + SEC(3));
	/* then the third, once it was looked at again: we came from the first, which is stronger */
	radio_decide(&r, t + SEC(3), &d);
	CU_ASSERT_EQUAL(d.act, RADIO_SCAN);
	list[0].seen = list[1].seen = t + SEC(3);
	radio_scanned(&r, list, 2, t + SEC(3));
	radio_decide(&r, t + SEC(3), &d);
	CU_ASSERT_EQUAL(d.act, RADIO_LEAVE);
	CU_ASSERT_TRUE(mac_equal(&d.target.bssid, &ap3));
	/* ten seconds after we left it, it is as good as any */
	start(-60, -50, 0);
	attach(&ap2, -50, t);
	hold(-71, t + SEC(8), t + SEC(11));
	list[0].seen = list[1].seen = t + SEC(11);
	radio_scanned(&r, list, 2, t + SEC(11));
	radio_decide(&r, t + SEC(11), &d);
	CU_ASSERT_EQUAL(d.act, RADIO_LEAVE);
	CU_ASSERT_TRUE(mac_equal(&d.target.bssid, &ap1));
	list[0].seen = list[1].seen = t;
	/* near dead: no hold-down */
	start(-60, -50, 0);
	attach(&ap2, -50, t);
	radio_scanned(&r, list, 2, t);
	CU_ASSERT_TRUE(level(-80, t, t + SEC(1)) <= t + MSEC(100));
	CU_ASSERT_EQUAL(d.act, RADIO_LEAVE);
}

static void failed_candidate_is_avoided(void)
{
	mtime t;

	start(-72, -50, -60);
	CU_ASSERT_EQUAL(level(-72, MSEC(50), SEC(1)), MSEC(150));
	CU_ASSERT_TRUE(mac_equal(&d.target.bssid, &ap2));
	radio_handoff_done(&r, &ap2, false, MSEC(500));
	radio_decide(&r, MSEC(500), &d);
	CU_ASSERT_EQUAL(d.act, RADIO_LEAVE);
	CU_ASSERT_TRUE(mac_equal(&d.target.bssid, &ap3));
	radio_handoff_done(&r, &ap3, false, SEC(1));
	radio_decide(&r, SEC(1), &d);
	CU_ASSERT_EQUAL(d.act, RADIO_SCAN);
	scanned(&ap2, 2437, -50, MSEC(10499));
	CU_ASSERT_NOT_EQUAL(d.act, RADIO_LEAVE);
	scanned(&ap2, 2437, -50, MSEC(10500));
	CU_ASSERT_EQUAL(d.act, RADIO_LEAVE);
	/* twice as long the second time, 16 times at most */
	radio_handoff_done(&r, &ap2, false, SEC(11));
	scanned(&ap2, 2437, -50, MSEC(30999));
	CU_ASSERT_NOT_EQUAL(d.act, RADIO_LEAVE);
	scanned(&ap2, 2437, -50, SEC(31));
	CU_ASSERT_EQUAL(d.act, RADIO_LEAVE);
	for (int i = 0; i < 9; i++)
		radio_handoff_done(&r, &ap2, false, SEC(40));
	scanned(&ap2, 2437, -50, SEC(199));
	CU_ASSERT_NOT_EQUAL(d.act, RADIO_LEAVE);
	t = SEC(200);
	scanned(&ap2, 2437, -50, t);
	CU_ASSERT_EQUAL(d.act, RADIO_LEAVE);
}

static void beacon_loss_leaves(void)
{
	start(-50, -85, 0);
	radio_beacon_loss(&r, SEC(100));
	radio_decide(&r, SEC(100), &d);
	CU_ASSERT_EQUAL(d.act, RADIO_LEAVE);
	CU_ASSERT_EQUAL(d.rule, RADIO_LOST);
	/* what was measured before it died does not call us back */
	attach(&ap2, -85, SEC(101));
	scanned(&ap1, 2412, -50, SEC(101));
	CU_ASSERT_EQUAL(level(-85, SEC(101), SEC(103)), SEC(101) + MSEC(50));
	CU_ASSERT_EQUAL(d.act, RADIO_SCAN);
	CU_ASSERT_EQUAL(d.n_freqs, 1);
	CU_ASSERT_EQUAL(d.freqs[0], 2412);
	/* nobody known: a scan of everything, and the loss heals */
	start(-50, 0, 0);
	level(-50, MSEC(50), SEC(1));
	radio_beacon_loss(&r, SEC(100));
	radio_decide(&r, SEC(100), &d);
	CU_ASSERT_EQUAL(d.act, RADIO_SCAN);
	CU_ASSERT_EQUAL(d.n_freqs, 0);
	scanned(&ap1, 2412, -50, SEC(101));
	CU_ASSERT_EQUAL(d.act, RADIO_STAY);
	radio_decide(&r, SEC(103), &d);
	CU_ASSERT_EQUAL(d.rule, RADIO_GOOD);
	CU_ASSERT_EQUAL(radio_deadline(&r), MTIME_NEVER);
}

static void other_networks_do_not_count(void)
{
	struct radio_bss b = bss(&ap2, 2437, -40, 0), best;

	start(-72, 0, 0);
	memcpy(b.ssid, "camera", 6);
	radio_scanned(&r, &b, 1, 0);
	level(-80, MSEC(50), SEC(1));
	CU_ASSERT_NOT_EQUAL(d.act, RADIO_LEAVE);
	CU_ASSERT_FALSE(radio_best(&r, SEC(1), &best));
	CU_ASSERT_TRUE(radio_find(&r, &ap2, &best));
	radio_detached(&r, SEC(2));
	radio_decide(&r, SEC(2), &d);
	CU_ASSERT_EQUAL(d.rule, RADIO_DETACHED);
	CU_ASSERT_EQUAL(radio_deadline(&r), MTIME_NEVER);
	CU_ASSERT_EQUAL(radio_sample_interval(&r), 0);
}

UNIT_MAIN("radio", {"good signal sleeps", good_signal_sleeps},
	  {"step leaves at the third sample", step_leaves_at_the_third_sample},
	  {"at rest at the second beacon", at_rest_at_the_second_beacon},
	  {"step with an old candidate", step_with_old_candidate},
	  {"one outlier is not a step", one_outlier_is_not_a_step},
	  {"ramp is predicted", ramp_is_predicted}, {"scan ahead of need", scan_ahead_of_need},
	  {"below it looks again", below_it_looks_again}, {"nobody better", nobody_better},
	  {"hysteresis when rising", hysteresis_rising},
	  {"hold-down and the way back", hold_down_and_way_back},
	  {"failed candidate is avoided", failed_candidate_is_avoided},
	  {"beacon loss leaves", beacon_loss_leaves},
	  {"other networks do not count", other_networks_do_not_count})
