/* SPDX-License-Identifier: MIT */
#include "agent/hostapd_parse.h"
#include "agent/stations.h"
#include "tests/unit/unit.h"

/* What hostapd says, and which of it is news. */
static void says(const char *line, enum hostapd_said said, const char *mac)
{
	char text[MAC_STRLEN];
	struct hostapd_line l;

	hostapd_parse_event(line, &l);
	CHECK_EQ(l.said, said);
	CU_ASSERT_STRING_EQUAL(mac_fmt(text, &l.mac), mac);
}

static void events(void)
{
	const char *none = "00:00:00:00:00:00", *sta = "02:00:00:00:02:00";

	says("<3>AP-STA-CONNECTED 02:00:00:00:02:00", HOSTAPD_SAID_JOINED, sta);
	says("<3>AP-STA-CONNECTED 02:00:00:00:02:00 auth_alg=open", HOSTAPD_SAID_JOINED, sta);
	says("<3>AP-STA-DISCONNECTED 02:00:00:00:02:00", HOSTAPD_SAID_LEFT, sta);
	says("<3>AP-DISABLED ", HOSTAPD_SAID_ENDING, none);
	says("<3>CTRL-EVENT-TERMINATING ", HOSTAPD_SAID_ENDING, none);
	says("<3>AP-STA-POLL-OK 02:00:00:00:02:00", HOSTAPD_SAID_NOTHING, none);
	says("<3>EAPOL-4WAY-HS-COMPLETED 02:00:00:00:02:00", HOSTAPD_SAID_NOTHING, none);
	says("<3>AP-STA-CONNECTED 02:00:00:00:02:0", HOSTAPD_SAID_NOTHING, none);
	says("<3>AP-STA-CONNECTED 02:00:00:00:02:000", HOSTAPD_SAID_NOTHING, none);
	says("<3>AP-STA-CONNECTED ", HOSTAPD_SAID_NOTHING, none);
	says("<3>x AP-STA-CONNECTED 02:00:00:00:02:00", HOSTAPD_SAID_NOTHING, none);
	says("AP-STA-CONNECTED 02:00:00:00:02:00", HOSTAPD_SAID_NOTHING, none);
	says("<", HOSTAPD_SAID_NOTHING, none);
	says("", HOSTAPD_SAID_NOTHING, none);
}

static void lists(void)
{
	struct mac mac;
	bool open;

	CHECK(hostapd_parse_station("02:00:00:00:02:00\nflags=[AUTH][ASSOC][AUTHORIZED]\naid=1\n",
				    &mac, &open));
	CHECK(open && mac.b[4] == 2);
	CHECK(hostapd_parse_station("02:00:00:00:02:00\nflags=[AUTH][ASSOC]\nx=[AUTHORIZED]\n",
				    &mac, &open));
	CHECK(!open);
	CHECK(hostapd_parse_station("02:00:00:00:02:00", &mac, &open) && !open);
	CHECK(!hostapd_parse_station("", &mac, &open));
	CHECK(!hostapd_parse_station("FAIL\n", &mac, &open));
}

static void walks(void)
{
	struct mac a = { { 2, 0, 0, 0, 0, 1 } }, b = { { 2, 0, 0, 0, 0, 2 } }, got;
	struct stations *t = NULL;

	stations_join(&t, &a, 0);
	stations_join(&t, &b, 0);
	stations_join(&t, &a, 1);
	CHECK_EQ(stations_at(t, 0), 1);
	CHECK(!stations_leave(&t, &a, 0)); /* it is at the other one */
	CHECK(stations_leave(&t, &a, 1));
	CHECK(stations_leave(&t, &a, 1)); /* nobody knows better */
	CHECK(!stations_take(&t, 1, &got));
	stations_move(t, 0, 9);
	CHECK(!stations_take(&t, 0, &got));
	CHECK(stations_take(&t, 9, &got) && mac_equal(&got, &b));
	CHECK(!t);
}

static void many(void)
{
	struct mac m = { { 2 } };
	struct stations *t = NULL;

	for (unsigned i = 0; i < STATIONS_MAX + 1; i++) {
		m.b[4] = (uint8_t)(i >> 8);
		m.b[5] = (uint8_t)i;
		stations_join(&t, &m, 3);
	}
	CHECK_EQ(stations_at(t, 3), STATIONS_MAX);
	CHECK(stations_leave(&t, &m, 2)); /* not remembered, so believed */
	while (stations_take(&t, 3, &m))
		;
	CHECK(!t);
}

UNIT_MAIN("stations", {"events", events}, {"lists", lists}, {"walks", walks}, {"many", many})
