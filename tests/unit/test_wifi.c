/* SPDX-License-Identifier: MIT */
#include "client/wifi_priv.h"
#include "tests/unit/fake_supplicant.h"

#include <sys/stat.h>

/* The supplicant's side of the shell, with one that misbehaves. */

static const char *says_fail(const char *command)
{
	(void)command;
	return "FAIL\n";
}

static const char *says_nothing(const char *command)
{
	(void)command;
	return NULL;
}

static const char *behaves(const char *command)
{
	if (fake_is(command, "STATUS"))
		return fake_status;
	if (fake_is(command, "BSS RANGE="))
		return "id=0\nbssid=" FAKE_AP "\nfreq=2437\nlevel=-50\nage=0\nssid=campus\n####\n";
	if (fake_is(command, "BSS 02:"))
		return "ie=000663616d7075730b050300801234\n";
	return "OK\n";
}

/* Takes every command, and never tells what came of it. */
static const char *never_done(const char *command)
{
	return fake_is(command, "ROAM ") ? "FAIL\n" : behaves(command);
}

static const char *cut_answer(const char *command)
{
	if (fake_is(command, "STATUS"))
		return "wpa_state=COMPLETED\nssid=campus\nfreq=2437\nbssid=02:00:00:00:0";
	if (fake_is(command, "BSS RANGE="))
		return "id=0\nbssid=" FAKE_AP "\nfreq=2437\nlev";
	return behaves(command);
}

static const struct radio_bss target = { .bssid = { { 2, 0, 0, 0, 1, 0 } }, .freq_mhz = 2437 };

static void fails(void)
{
	const uint16_t freq = 2437;

	fake_begin(says_fail);
	CHECK(fake_until(WIFI_READY, 1));
	CHECK(fake_until(WIFI_DISCONNECTED, 1));
	CHECK(fake_until(WIFI_SCAN_DONE, 1));
	CHECK_EQ(fake.last[WIFI_SCAN_DONE].n, 0);
	CHECK_EQ(wifi_scan(fake.wifi, &freq, 1, false), 0);
	CHECK(fake_until(WIFI_SCAN_FAILED, 1));
	CHECK_EQ(wifi_roam(fake.wifi, &target), 0);
	CHECK(fake_until(WIFI_ROAM_FAILED, 1));
	CHECK_EQ(fake.n[WIFI_GONE], 0);
	fake_end();
}

static void silent(void)
{
	fake_begin(says_nothing);
	CHECK(fake_until(WIFI_GONE, 1));
	CHECK_STR(fake.last[WIFI_GONE].text, "does not answer");
	CHECK_EQ(fake.commands, 2); /* ATTACH and the first one: the others wait for its answer */
	CHECK_EQ(wifi_results(fake.wifi), -ENOTCONN);
	fake.answer = behaves;
	CHECK(fake_until(WIFI_CONNECTED, 1)); /* tried again */
	CHECK_EQ(fake.attaches, 2);
	fake_end();
}

static void cut(void)
{
	fake_begin(cut_answer);
	CHECK(fake_until(WIFI_DISCONNECTED, 1));
	CHECK(fake_until(WIFI_SCAN_DONE, 1));
	CHECK_EQ(fake.last[WIFI_SCAN_DONE].n, 0);
	CHECK_EQ(fake.n[WIFI_CONNECTED], 0);
	fake_end();
}

/* The scan that a roam needs first, and that ends never, or badly. */
static void endless_scan(void)
{
	fake_begin(never_done);
	CHECK(fake_until(WIFI_SCAN_DONE, 1));
	CHECK_EQ(wifi_roam(fake.wifi, &target), 0);
	CHECK(fake_until(WIFI_ROAM_FAILED, 1));
	CHECK_EQ(fake.scans, 1);
	CHECK_EQ(wifi_roam(fake.wifi, &target), 0);
	while (fake.scans < 2)
		uv_run(&fake.loop, UV_RUN_ONCE);
	fake_say("CTRL-EVENT-SCAN-FAILED ret=-16");
	CHECK(fake_until(WIFI_ROAM_FAILED, 2));
	CHECK_EQ(fake.n[WIFI_GONE], 0);
	fake_end();
}

static unsigned refusals;
static const char *busy(const char *command)
{
	if (fake_is(command, "SCAN") && refusals) {
		refusals--;
		return "FAIL-BUSY\n";
	}
	return behaves(command);
}

/* Somebody else's scan is in the way: it is ended where ours is urgent, and what it has found is
 * not taken for ours. */
static void in_the_way(void)
{
	const uint16_t freq = 2437;

	fake_begin(busy);
	CHECK(fake_until(WIFI_SCAN_DONE, 1));
	refusals = 1;
	CHECK_EQ(wifi_scan(fake.wifi, &freq, 1, true), 0);
	while (!fake.aborts)
		uv_run(&fake.loop, UV_RUN_ONCE);
	CHECK_EQ(fake.scans, 1);
	fake_say("CTRL-EVENT-SCAN-RESULTS ");
	while (fake.scans < 2)
		uv_run(&fake.loop, UV_RUN_ONCE);
	CHECK_EQ(fake.n[WIFI_SCAN_DONE], 1);
	fake_say("CTRL-EVENT-SCAN-RESULTS ");
	CHECK(fake_until(WIFI_SCAN_DONE, 2));
	refusals = 2; /* it may wait: nobody's is ended, and it is tried once more */
	CHECK_EQ(wifi_scan(fake.wifi, &freq, 1, false), 0);
	CHECK(fake_until(WIFI_SCAN_FAILED, 1));
	CHECK_EQ(fake.scans, 4);
	CHECK_EQ(fake.aborts, 1);
	refusals = 1; /* what failed was not ours */
	CHECK_EQ(wifi_scan(fake.wifi, &freq, 1, true), 0);
	while (fake.aborts < 2)
		uv_run(&fake.loop, UV_RUN_ONCE);
	fake_say("CTRL-EVENT-SCAN-FAILED ret=-16");
	while (fake.scans < 6)
		uv_run(&fake.loop, UV_RUN_ONCE);
	CHECK_EQ(fake.n[WIFI_SCAN_FAILED], 1);
	fake_end();
}

static const char *scans_by_itself(const char *command)
{
	if (fake_is(command, "GET_NETWORK 3 bgscan"))
		return "\"simple:30:-70:86400\"";
	return fake_is(command, "GET bgscan") ? "FAIL\n" : behaves(command);
}

static const char *all_scan(const char *command)
{
	if (fake_is(command, "GET_NETWORK 3 bgscan"))
		return "FAIL\n";
	return fake_is(command, "GET bgscan") ? "\"learn:30:-70:300\"" : behaves(command);
}

static void looks_by_itself(void)
{
	fake_begin(scans_by_itself);
	CHECK(fake_until(WIFI_BGSCAN, 1) && fake.last[WIFI_BGSCAN].bgscan);
	fake.answer = behaves;
	fake_say("CTRL-EVENT-CONNECTED - Connection to " FAKE_AP " completed [id=4 id_str=]");
	CHECK(fake_until(WIFI_BGSCAN, 2) && !fake.last[WIFI_BGSCAN].bgscan);
	fake_end();
	fake_begin(all_scan);
	CHECK(fake_until(WIFI_BGSCAN, 1) && fake.last[WIFI_BGSCAN].bgscan);
	fake_end();
}

/* ---- many access points ---- */
#define CROWD 500
#define PAGE 4096

static const char *crowd_page(unsigned from)
{
	static char page[PAGE];
	size_t n = 0;

	for (unsigned i = from; i < CROWD && n < PAGE - 160; i++)
		n += (size_t)snprintf(page + n, sizeof(page) - n,
				      "id=%u\nbssid=02:00:00:00:%02x:%02x\nfreq=2412\nlevel=%d\n"
				      "age=1\nssid=%s\n%s\n",
				      i, 1 + (i >> 8), i & 255,
				      i % 20 == 7 ? -85 : -40 - (int)(i % 40),
				      i % 20 == 7 ? "campus" : "other",
				      i + 1 == CROWD ? "####" : "====");
	return page;
}

static const char *crowd(const char *command)
{
	unsigned from;

	if (sscanf(command, "BSS RANGE=%u-", &from) == 1)
		return crowd_page(from);
	return fake_is(command, "BSS RANGE=ALL") ? crowd_page(0) : behaves(command);
}

static void five_hundred(void)
{
	unsigned ours = 0, loaded = 0;

	fake_begin(crowd);
	CHECK(fake_until(WIFI_SCAN_DONE, 1));
	CHECK_EQ(fake.last[WIFI_SCAN_DONE].n, RADIO_BSS_MAX);
	for (unsigned i = 0; i < RADIO_BSS_MAX; i++) {
		ours += fake.list[i].ssid[0] == 'c';
		loaded += fake.list[i].has_load;
		if (fake.list[i].ssid[0] != 'c')
			CHECK(fake.list[i].signal_dbm >= -45); /* the best of the others */
	}
	CHECK_EQ(ours, CROWD / 20);
	CHECK(fake.pages > 5 && fake.pages <= 64);
	CHECK_EQ(fake.loads, 16);
	CHECK_EQ(loaded, 16);
	fake_end();
}

/* Each page promises another one. */
static const char *endless(const char *command)
{
	static char page[128];
	unsigned from = 0;

	if (!fake_is(command, "BSS RANGE="))
		return behaves(command);
	sscanf(command, "BSS RANGE=%u-", &from);
	snprintf(page, sizeof(page), "id=%u\nbssid=" FAKE_AP "\nfreq=2437\nlevel=-50\nage=0\n"
				     "ssid=campus\n====\n", from);
	return page;
}

static void pages_without_end(void)
{
	fake_begin(endless);
	CHECK(fake_until(WIFI_SCAN_DONE, 1));
	CHECK_EQ(fake.pages, 64);
	CHECK_EQ(fake.last[WIFI_SCAN_DONE].n, 1);
	fake_end();
}

/* ---- what access points make it say ---- */

static void flood(void)
{
	unsigned before;

	fake_begin(behaves);
	CHECK(fake_until(WIFI_SCAN_DONE, 1));
	before = fake.commands;
	for (unsigned i = 0; i < 5000; i++) {
		fake_say("CTRL-EVENT-DISCONNECTED bssid=" FAKE_AP " reason=7");
		fake_say("CTRL-EVENT-CONNECTED - Connection to 02:00:00:00:07:07 completed [id=0]");
		fake_say("CTRL-EVENT-SCAN-RESULTS ");
	}
	fake_say("CTRL-EVENT-BEACON-LOSS ");
	CHECK(fake_until(WIFI_BEACON_LOSS, 1));
	CHECK_EQ(fake.n[WIFI_DISCONNECTED], 5000);
	CHECK(fake.commands - before <= 4 * 5000);
	/* and it is as good as before */
	fake_say("CTRL-EVENT-CONNECTED - Connection to " FAKE_AP " completed [id=0 id_str=]");
	before = fake.n[WIFI_CONNECTED];
	CHECK(fake_until(WIFI_CONNECTED, before + 1));
	CHECK_EQ(fake.n[WIFI_GONE], 0);
	fake_end();
}

static void guidance(void)
{
	fake_begin(behaves);
	CHECK(fake_until(WIFI_AT_REST, 1));
	CHECK_EQ(fake.reports, 1);
	CHECK(fake_until(WIFI_SCAN_DONE, 1));
	CHECK(fake.list[0].has_load);
	CHECK_EQ(fake.list[0].load_q8, 0x80);
	CHECK_EQ(fake.list[0].stations, 3);
	fake_say("RRM-NEIGHBOR-REP-RECEIVED bssid=02:00:00 info=0x0 op_class=81 chan=6 phy_type=7");
	fake_say("RRM-NEIGHBOR-REP-RECEIVED bssid=02:00:00:00:02:00 info=0x0 op_class=115 chan=36 "
		 "phy_type=9");
	fake_say("WNM: Preferred List Available");
	CHECK(fake_until(WIFI_TRANSITION, 1));
	CHECK_EQ(fake.n[WIFI_NEIGHBOUR], 1);
	CHECK_EQ(fake.last[WIFI_NEIGHBOUR].neighbour.freq_mhz, 5180);
	CHECK(fake.last[WIFI_TRANSITION].asked.listed);
	/* the same association told again, then another one */
	fake_say("CTRL-EVENT-CONNECTED - Connection to " FAKE_AP " completed [id=0 id_str=]");
	CHECK(fake_until(WIFI_CONNECTED, 2));
	fake_say("CTRL-EVENT-DISCONNECTED bssid=" FAKE_AP " reason=3");
	fake_say("CTRL-EVENT-CONNECTED - Connection to " FAKE_AP " completed [id=0 id_str=]");
	CHECK(fake_until(WIFI_AT_REST, 2));
	CHECK_EQ(fake.reports, 2);
	fake_end();
}

/* Two times: the second one is not seen by what watched the first. */
static void starts_anew(void)
{
	fake_begin(behaves);
	for (unsigned i = 1; i <= 2; i++) {
		CHECK(fake_until(WIFI_CONNECTED, i));
		fake_ends();
		CHECK(fake_until(WIFI_GONE, i));
		/* Once more by the clock, in vain; then only the folder can tell. */
		fake.wifi->retry_at = 0;
		fake.wifi->on_timer(&fake.wifi->timer);
		fake.wifi->retry_at = MTIME_NEVER;
		assert(!mkdir(fake_dir, 0700));
		fake_starts();
	}
	CHECK(fake_until(WIFI_CONNECTED, 3));
	fake_end();
}

UNIT_MAIN("wifi", {"says FAIL", fails}, {"says nothing", silent}, {"cut answers", cut},
	  {"a scan that never ends", endless_scan}, {"somebody's scan is in the way", in_the_way},
	  {"it looks for others by itself", looks_by_itself}, {"500 access points", five_hundred},
	  {"pages without end", pages_without_end}, {"a flood of events", flood},
	  {"neighbours, load, transition", guidance},
	  {"ends with its folder, and starts anew", starts_anew})
