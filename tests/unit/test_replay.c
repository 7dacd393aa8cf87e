/* SPDX-License-Identifier: MIT */
#include "client/radio.h"
#include "tests/unit/unit.h"

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

static void start(void)
{
	const struct mac ap1 = { { 2, 0, 0, 0, 0, 0 } };
	struct radio_bss b = bss(&ap1, 2412, -45, 0);
	struct radio_conf c;

	radio_conf_default(&c);
	radio_init(&r, &c);
	radio_attached(&r, &b, 0);
}

/* Replays a trace as the daemon does: a scan answers 150 ms later, the first handoff ends it. */
struct replay {
	bool left;
	unsigned scans;
	mtime at;
	int dbm;
};

static void replay_candidate(const char *line, struct radio_bss *found)
{
	char mac[MAC_STRLEN];
	struct mac m;
	long ms;
	unsigned mhz;
	int dbm;

	CU_ASSERT_EQUAL_FATAL(sscanf(line, "candidate %ld %17s %u %d", &ms, mac, &mhz, &dbm), 4);
	CU_ASSERT_TRUE_FATAL(mac_parse(mac, &m));
	*found = bss(&m, (uint16_t)mhz, dbm, MSEC(ms));
	if (ms == 0)
		radio_scanned(&r, found, 1, 0);
}

static struct replay replay(const char *path)
{
	struct replay o = { 0 };
	struct radio_bss found = { 0 };
	mtime scan_done = MTIME_NEVER;
	char line[128];
	long ms;
	int dbm;
	FILE *f = fopen(path, "r");

	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	start();
	while (fgets(line, sizeof(line), f)) {
		if (line[0] == 'c')
			replay_candidate(line, &found);
		if (sscanf(line, "%ld %d", &ms, &dbm) != 2)
			continue;
		if (MSEC(ms) >= scan_done) {
			found.seen = scan_done;
			radio_scanned(&r, &found, 1, MSEC(ms));
			scan_done = MTIME_NEVER;
		}
		radio_signal(&r, dbm, MSEC(ms));
		radio_decide(&r, MSEC(ms), &d);
		if (d.act == RADIO_SCAN) {
			o.scans++;
			scan_done = MSEC(ms) + MSEC(150);
		}
		if (d.act == RADIO_LEAVE) {
			o = (struct replay){ true, o.scans, MSEC(ms), dbm };
			break;
		}
	}
	fclose(f);
	return o;
}

static void traces(void)
{
	struct replay o = replay("tests/vectors/door.trace");

	CU_ASSERT_TRUE(o.left);
	CU_ASSERT_TRUE(o.at >= MSEC(7050) && o.at <= MSEC(7150));
	o = replay("tests/vectors/walk.trace");
	CU_ASSERT_TRUE(o.left);
	CU_ASSERT_TRUE(o.dbm >= -78 && o.dbm <= -68);
	CU_ASSERT_TRUE(o.scans >= 1 && o.scans <= 6);
}

UNIT_MAIN("replay", { "traces", traces })
