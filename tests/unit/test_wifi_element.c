/* SPDX-License-Identifier: MIT */
#include "client/wifi_parse.h"
#include "tests/unit/unit.h"

/* What access points announce, and may lie about. */

#define SSID_IE "000663616d707573"
#define LOAD_IE "0b050301801234"

static bool load(const char *text, struct radio_bss *b)
{
	char *copy = (char *)unit_copy(text, strlen(text) + 1);
	bool is;

	*b = (struct radio_bss){ .load_q8 = 7 };
	is = wifi_parse_load(copy, b);
	free(copy);
	CHECK_EQ(is, b->has_load);
	return is;
}

static void bss_load(void)
{
	struct radio_bss b;
	char many[4700] = "ie=";

	CHECK(load("ie=" SSID_IE LOAD_IE "2a0100\n", &b));
	CHECK_EQ(b.stations, 0x103);
	CHECK_EQ(b.load_q8, 0x80);
	CHECK(load("id=3\nie=" LOAD_IE "\n", &b));
	CHECK(load("ie=" LOAD_IE LOAD_IE "\n", &b));
	CHECK(!load("ie=" SSID_IE "\n", &b));
	CHECK(!load("ie=0b0403008012\n", &b));	/* too short, */
	CHECK(!load("ie=0b060300801234ff\n", &b)); /* too long, */
	CHECK(!load("ie=0b00\n", &b));
	CHECK(!load("ie=0bff0300801234\n", &b)); /* beyond the end */
	CHECK(!load("ie=ff\n", &b));
	CHECK(!load("ie=\n", &b));
	CHECK(!load("ie=zz\n", &b));
	CHECK(!load("FAIL\n", &b));
	CHECK(!load("", &b));
	CHECK(!load("ssid=ie=" LOAD_IE "\n", &b));
	CHECK_EQ(b.load_q8, 7);
	/* more than a frame can hold */
	for (int i = 0; i < 1170; i++)
		strcat(many, "dd00");
	CHECK(!load(strcat(many, "0b0500000000"), &b));
}

static void cut(void)
{
	static const char whole[] = "ie=" SSID_IE LOAD_IE;
	struct radio_bss b;

	for (size_t n = 0; n < sizeof(whole); n++) {
		char text[sizeof(whole)];

		memcpy(text, whole, n);
		text[n] = '\0';
		CHECK_EQ(load(text, &b), n == strlen(whole));
	}
}

static void channels(void)
{
	static const unsigned known[][3] = {
		{ 81, 1, 2412 },   { 81, 13, 2472 },  { 82, 14, 2484 },	 { 83, 6, 2437 },
		{ 115, 36, 5180 }, { 125, 165, 5825 }, { 128, 36, 5180 }, { 131, 1, 5955 },
		{ 131, 233, 7115 }, { 136, 2, 5935 },  { 12, 11, 2462 },	 { 0, 100, 5500 },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		CHECK_EQ(wifi_channel_mhz(known[i][0], known[i][1]), known[i][2]);
	CHECK_EQ(wifi_channel_mhz(81, 0), 0);
	CHECK_EQ(wifi_channel_mhz(81, 255), 0);
	CHECK_EQ(wifi_channel_mhz(115, 20), 0);
	CHECK_EQ(wifi_channel_mhz(131, 234), 0);
	CHECK_EQ(wifi_channel_mhz(180, 2), 0); /* 60 GHz */
}

#define REP "RRM-NEIGHBOR-REP-RECEIVED "

static void neighbours(void)
{
	struct radio_neighbour n = { .preference = 1 };

	CHECK(!wifi_parse_neighbour(REP "bssid=02:00:00:00:02:00 info=0x0 op_class=81", &n));
	CHECK(!wifi_parse_neighbour(REP "bssid=02:00:00:00:02 op_class=81 chan=6", &n));
	CHECK(!wifi_parse_neighbour(REP "bssid=ff:ff:ff:ff:ff:ff op_class=81 chan=6", &n));
	CHECK(!wifi_parse_neighbour(REP "bssid=00:00:00:00:00:00 op_class=81 chan=6", &n));
	CHECK(!wifi_parse_neighbour(REP "op_class=81 chan=6", &n));
	CHECK(!wifi_parse_neighbour(REP "bssid=02:00:00:00:02:00 op_class=81 chan=-6", &n));
	CHECK(!wifi_parse_neighbour(REP "bssid=02:00:00:00:02:00 op_class=81 chan=99999", &n));
	CHECK(!wifi_parse_neighbour("", &n));
	CHECK_EQ(n.preference, 1);
	CHECK(wifi_parse_neighbour(REP "bssid=02:00:00:00:02:00 info=0x8f op_class=81 chan=6 "
				       "phy_type=7 lci=0102",
				   &n));
	CHECK_EQ(n.freq_mhz, 2437);
	CHECK_EQ(n.preference, 255);
	CHECK_EQ(n.bssid.b[4], 2);
}

static struct mobile_transition asks(const char *line)
{
	struct wifi_line l;

	wifi_parse_event(line, &l);
	CHECK_EQ(l.said, WIFI_SAID_TRANSITION);
	return l.asked;
}

static void transitions(void)
{
	struct mobile_transition t = asks("<3>WNM: Preferred List Available");
	struct wifi_line l;

	CHECK(t.listed && !t.imminent);
	CHECK_EQ(t.within, SEC(10));
	t = asks("<3>WNM: Disassociation Imminent - Disassociation Timer 50");
	CHECK(t.imminent && !t.listed);
	CHECK_EQ(t.within, 50 * 102400);
	CHECK_EQ(asks("<3>WNM: Disassociation Imminent - Disassociation Timer 0").within, SEC(10));
	CHECK_EQ(asks("<3>WNM: Disassociation Imminent - Disassociation Timer 65535").within,
		 SEC(10));
	CHECK_EQ(asks("<3>WNM: Disassociation Imminent - Disassociation Timer ").within, SEC(10));
	t = asks("<3>WNM: BSS Transition Management Request did not include candidates");
	CHECK(!t.imminent && !t.listed);
	wifi_parse_event("<3>WNM: Preferred", &l);
	CHECK_EQ(l.said, WIFI_SAID_NOTHING);
	wifi_parse_event("<3>RRM-NEIGHBOR-REP-REQUEST-FAILED", &l);
	CHECK_EQ(l.said, WIFI_SAID_NOTHING);
}

UNIT_MAIN("wifi_element", {"BSS Load", bss_load}, {"cut at every byte", cut},
	  {"channels", channels}, {"neighbour reports", neighbours}, {"802.11v", transitions})
