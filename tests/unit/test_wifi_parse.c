/* SPDX-License-Identifier: MIT */
#include "client/wifi_parse.h"
#include "tests/unit/unit.h"

static void says(const char *line, enum wifi_said said, const char *bssid)
{
	struct wifi_line l;
	char mac[MAC_STRLEN];

	wifi_parse_event(line, &l);
	CU_ASSERT_EQUAL(l.said, said);
	CU_ASSERT_STRING_EQUAL(mac_fmt(mac, &l.bssid), bssid);
}

static void events(void)
{
	const char *none = "00:00:00:00:00:00", *ap = "02:00:00:00:01:00";
	struct wifi_line l;

	says("<3>CTRL-EVENT-CONNECTED - Connection to 02:00:00:00:01:00 completed [id=0 id_str=]",
	     WIFI_SAID_CONNECTED, ap);
	says("<3>SME: Trying to authenticate with 02:00:00:00:01:00 (SSID='campus' freq=2437 MHz)",
	     WIFI_SAID_AUTHENTICATING, ap);
	says("<3>Trying to associate with 02:00:00:00:01:00 (SSID='campus' freq=2437 MHz)",
	     WIFI_SAID_ASSOCIATING, ap);
	says("<3>Associated with 02:00:00:00:01:00", WIFI_SAID_ASSOCIATED, ap);
	says("<3>CTRL-EVENT-SCAN-RESULTS ", WIFI_SAID_SCAN_DONE, none);
	says("<3>CTRL-EVENT-SCAN-FAILED ret=-16", WIFI_SAID_SCAN_FAILED, none);
	says("<3>CTRL-EVENT-BEACON-LOSS ", WIFI_SAID_BEACON_LOSS, none);
	says("<3>CTRL-EVENT-TERMINATING ", WIFI_SAID_TERMINATING, none);
	says("<3>CTRL-EVENT-BSS-ADDED 1 02:00:00:00:01:00", WIFI_SAID_NOTHING, none);
	/* a name in the text is not an event */
	says("<3>x CTRL-EVENT-TERMINATING ", WIFI_SAID_NOTHING, none);
	says("", WIFI_SAID_NOTHING, none);
	says("<", WIFI_SAID_NOTHING, none);
	says("<3>Associated with 02:00:00", WIFI_SAID_ASSOCIATED, none);

	wifi_parse_event(
	    "<3>CTRL-EVENT-DISCONNECTED bssid=02:00:00:00:01:00 reason=3 locally_generated=1", &l);
	CU_ASSERT_EQUAL(l.said, WIFI_SAID_DISCONNECTED);
	CU_ASSERT_EQUAL(l.reason, 3);
	CU_ASSERT_TRUE(l.local);
	wifi_parse_event("<3>CTRL-EVENT-ASSOC-REJECT bssid=02:00:00:00:01:00 status_code=17", &l);
	CU_ASSERT_EQUAL(l.said, WIFI_SAID_REJECTED);
	CU_ASSERT_EQUAL(l.reason, 17);
	CU_ASSERT_EQUAL(l.bssid.b[4], 1);
	CU_ASSERT_STRING_EQUAL(l.text,
			       "CTRL-EVENT-ASSOC-REJECT bssid=02:00:00:00:01:00 status_code=17");
	wifi_parse_event("<3>CTRL-EVENT-AUTH-REJECT 02:00:00:00:01:00 auth_type=0 "
			 "auth_transaction=2 status_code=1",
			 &l);
	CU_ASSERT_EQUAL(l.reason, 1);
	CU_ASSERT_EQUAL(l.bssid.b[4], 1);
}

static void ssids(void)
{
	struct radio_bss b = { 0 };

	CU_ASSERT_TRUE(wifi_parse_ssid("campus\nnext", &b));
	CU_ASSERT_EQUAL(b.ssid_len, 6);
	CU_ASSERT_TRUE(wifi_parse_ssid("", &b));
	CU_ASSERT_EQUAL(b.ssid_len, 0);
	CU_ASSERT_TRUE(wifi_parse_ssid("a\\\"\\\\\\e\\n\\r\\t\\x00\\xc3\\xa9", &b));
	CHECK_BYTES(b.ssid, b.ssid_len, "61 22 5c 1b 0a 0d 09 00 c3 a9");
	CU_ASSERT_TRUE(wifi_parse_ssid("12345678901234567890123456789012", &b));
	CU_ASSERT_EQUAL(b.ssid_len, 32);
	CU_ASSERT_FALSE(wifi_parse_ssid("123456789012345678901234567890123", &b));
	CU_ASSERT_FALSE(wifi_parse_ssid("\\", &b));
	CU_ASSERT_FALSE(wifi_parse_ssid("\\q", &b));
	CU_ASSERT_FALSE(wifi_parse_ssid("\\x", &b));
	CU_ASSERT_FALSE(wifi_parse_ssid("\\x4", &b));
	CU_ASSERT_EQUAL(b.ssid_len, 32);
}

static void status(void)
{
	struct radio_bss b = { 0 };
	int id;

	CU_ASSERT_TRUE(wifi_parse_status(
	    "bssid=02:00:00:00:01:00\nfreq=2437\nssid=a\\x20b\nid=7\nmode=station\n"
	    "wpa_state=COMPLETED\nip_address=10.1.0.5\n",
	    &b, &id));
	CHECK_EQ(id, 7);
	CU_ASSERT_EQUAL(b.freq_mhz, 2437);
	CHECK_BYTES(b.ssid, b.ssid_len, "61 20 62");
	CU_ASSERT_FALSE(
	    wifi_parse_status("wpa_state=SCANNING\naddress=02:00:00:00:02:00\n", &b, &id));
	CU_ASSERT_FALSE(
	    wifi_parse_status("wpa_state=COMPLETED\nbssid=02:00:00:00:01:00\n", &b, &id));
	CU_ASSERT_FALSE(wifi_parse_status("FAIL\n", &b, &id));
	CHECK_EQ(id, -1);
	CU_ASSERT_EQUAL(b.freq_mhz, 2437);
}

static void bgscan(void)
{
	struct wifi_line l;

	CHECK(wifi_parse_bgscan("\"simple:30:-70:86400\""));
	CHECK(!wifi_parse_bgscan("\"\"") && !wifi_parse_bgscan("FAIL\n") &&
	      !wifi_parse_bgscan("") && !wifi_parse_bgscan("\""));
	wifi_parse_event("<3>CTRL-EVENT-CONNECTED - Connection to 02:00:00:00:01:00 completed "
			 "[id=12 id_str=]",
			 &l);
	CHECK_EQ(l.network, 12);
	wifi_parse_event("<3>CTRL-EVENT-CONNECTED - Connection to 02:00:00:00:01:00 completed", &l);
	CHECK_EQ(l.network, -1);
}

static struct wifi_table t;

static void pages(void)
{
	const struct radio_bss ours = { .ssid = "campus", .ssid_len = 6 };

	memset(&t, 0, sizeof(t));
	wifi_parse_bss(
	    "id=3\nbssid=02:00:00:00:01:00\nfreq=2437\nlevel=-52\nage=7\nssid=campus\n====\n"
	    "id=9\nbssid=02:00:00:00:02:00\nfreq=5180\nlevel=-60\nage=0\nssid=\n====\n",
	    &ours, SEC(100), &t);
	CU_ASSERT_EQUAL(t.n, 2);
	CU_ASSERT_EQUAL(t.last_id, 9);
	CU_ASSERT_TRUE(t.any && !t.end);
	CU_ASSERT_EQUAL(t.list[0].signal_dbm, -52);
	CU_ASSERT_EQUAL(t.list[0].seen, SEC(93));
	CU_ASSERT_EQUAL(t.list[1].freq_mhz, 5180);
	/* an entry that lacks something, or is cut off, is not one */
	wifi_parse_bss(
	    "id=10\nbssid=02:00:00:00:03:00\nfreq=99999\nlevel=-60\nage=0\nssid=x\n====\n"
	    "id=11\nbssid=02:00:00:00:04:00\nfreq=2412\nlevel=-60\nage=0\nss",
	    &ours, SEC(100), &t);
	CU_ASSERT_EQUAL(t.n, 2);
	CU_ASSERT_TRUE(t.any && !t.end);
	wifi_parse_bss(
	    "id=12\nbssid=02:00:00:00:05:00\nfreq=2412\nlevel=-61\nage=0\nssid=x\n####\n", &ours,
	    SEC(100), &t);
	CU_ASSERT_EQUAL(t.n, 3);
	CU_ASSERT_TRUE(t.end);
	wifi_parse_bss("", &ours, SEC(100), &t);
	CU_ASSERT_TRUE(t.end && !t.any);
	wifi_parse_bss("FAIL\n", &ours, SEC(100), &t);
	CU_ASSERT_TRUE(t.end && !t.any);
}

static void crowd(void)
{
	const struct radio_bss ours = { .ssid = "campus", .ssid_len = 6 };
	char text[256];
	unsigned same = 0;

	memset(&t, 0, sizeof(t));
	for (unsigned i = 0; i < 500; i++) {
		snprintf(text, sizeof(text),
			 "id=%u\nbssid=02:00:00:00:%02x:%02x\nfreq=2412\nlevel=%d\nage=1\nssid=%"
			 "s\n====\n",
			 i, i >> 8, i & 255, i % 50 == 7 ? -89 : -40 - (int)(i % 40),
			 i % 50 == 7 ? "campus" : "other");
		wifi_parse_bss(text, &ours, SEC(10), &t);
	}
	CU_ASSERT_EQUAL(t.n, RADIO_BSS_MAX);
	for (size_t i = 0; i < t.n; i++) {
		if (t.list[i].ssid[0] == 'c')
			same++;
		else
			CU_ASSERT_TRUE(t.list[i].signal_dbm >= -45);
	}
	CU_ASSERT_EQUAL(same, 10);
}

/* Cut at every byte: no read beyond the end (the copies are exact), no half entry. */
static void cut(void)
{
	static const char whole[] =
	    "id=3\nbssid=02:00:00:00:01:00\nfreq=2437\nlevel=-52\nage=7\nssid=ca\\x41\\npus\n====\n"
	    "wpa_state=COMPLETED\n<3>CTRL-EVENT-DISCONNECTED bssid=02:00:00:00:01:00 reason=3";
	const struct radio_bss ours = { 0 };

	for (size_t n = 0; n < sizeof(whole); n++) {
		char *copy = malloc(n + 1);
		struct radio_bss b;
		struct wifi_line l;
		int id;

		memcpy(copy, whole, n);
		copy[n] = '\0';
		memset(&t, 0, sizeof(t));
		wifi_parse_bss(copy, &ours, 0, &t);
		CU_ASSERT_TRUE(t.n ==
			       (n >= strlen("id=3\nbssid=02:00:00:00:01:00\nfreq=2437\nlevel=-"
					    "52\nage=7\nssid=ca\\x41\\npus\n====")));
		wifi_parse_status(copy, &b, &id);
		for (size_t i = 0; i <= n; i++)
			wifi_parse_event(copy + i, &l);
		free(copy);
	}
}

UNIT_MAIN("wifi_parse", {"events", events}, {"SSIDs", ssids}, {"STATUS", status},
	  {"bgscan", bgscan}, {"BSS pages", pages}, {"500 access points", crowd},
	  {"cut at every byte", cut})
