/* SPDX-License-Identifier: MIT */
#include "client/radio.h"
#include "tests/unit/unit.h"

static struct radio r;
static struct radio_decision d;

static struct radio_bss bss(const struct mac *m, uint16_t mhz, int dbm)
{
	return (struct radio_bss){ .bssid = *m, .freq_mhz = mhz, .signal_dbm = (int16_t)dbm,
				   .ssid = "campus", .ssid_len = 6 };
}

static void table_keeps_the_best(void)
{
	static struct radio_bss list[500];
	const struct mac ap1 = { { 2, 0, 0, 0, 0, 0 } };
	struct radio_conf c;
	struct radio_bss b;
	size_t n = 0;

	radio_conf_default(&c);
	radio_init(&r, &c);
	b = bss(&ap1, 2412, -50);
	radio_attached(&r, &b, 0);
	for (unsigned i = 0; i < 500; i++) {
		struct mac m = { { 2, 1, 0, 0, (uint8_t)(i >> 8), (uint8_t)i } };

		list[i] = bss(&m, (uint16_t)(2412 + 5 * (i % 60)), -95 + (int)(i * 7 % 50));
		if (i % 2)
			list[i].ssid[0] = 'x';
	}
	radio_scanned(&r, list, 500, 0);
	while (radio_bss_at(&r, n, &b)) {
		CU_ASSERT_EQUAL(b.ssid[0], 'c');
		CU_ASSERT_TRUE(b.signal_dbm >= -59);
		n++;
	}
	CU_ASSERT_EQUAL(n, RADIO_BSS_MAX);
	CU_ASSERT_TRUE(radio_best(&r, 0, &b));
	CU_ASSERT_EQUAL(b.signal_dbm, -47);
	radio_beacon_loss(&r, SEC(1));
	radio_decide(&r, SEC(1), &d);
	CU_ASSERT_EQUAL(d.n_freqs, 0);
	CU_ASSERT_EQUAL(d.act, RADIO_LEAVE);
}

static void thresholds_ascend(void)
{
	int32_t t[RADIO_THRESHOLDS_MAX];
	struct radio_conf c;

	radio_conf_default(&c);
	for (int below = -100; below <= -20; below++) {
		unsigned n;

		c.leave_below_dbm = below;
		radio_init(&r, &c);
		n = radio_thresholds(&r, t);
		CU_ASSERT_TRUE(n > 2 && n <= RADIO_THRESHOLDS_MAX);
		for (unsigned i = 0; i < n; i++)
			CU_ASSERT_TRUE(t[i] < 0 && (i == 0 || t[i] > t[i - 1]));
	}
}

UNIT_MAIN("radio_rank", { "table keeps the best", table_keeps_the_best },
	  { "thresholds ascend", thresholds_ascend })
