/* SPDX-License-Identifier: MIT */
#include "common/addr.h"
#include "tests/unit/unit.h"

static void addresses_round_trip(void)
{
	static const struct {
		const char *text;
		uint32_t addr;
	} rows[] = {
	    {"0.0.0.0", 0},
	    {"10.99.0.5", 0x0a630005},
	    {"198.51.100.135", 0xc6336487},
	    {"224.0.0.11", ADDR_ALL_AGENTS},
	    {"255.255.255.255", ADDR_BROADCAST},
	};
	char buf[ADDR_STRLEN];
	uint32_t addr;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CHECK(addr_parse(rows[i].text, &addr));
		CHECK_EQ(addr, rows[i].addr);
		CHECK_STR(addr_fmt(buf, addr), rows[i].text);
	}
}

static void bad_addresses(void)
{
	static const char *const rows[] = {
	    "",
	    "1",
	    "1.2.3",
	    "1.2.3.",
	    "1.2.3.4.",
	    "1.2.3.4.5",
	    "256.1.1.1",
	    "1.2.3.a",
	    "1..2.3",
	    " 1.2.3.4",
	    "1.2.3.4 ",
	    "01.2.3.4",
	    "1.2.3.004",
	    "-1.2.3.4",
	    "0x1.2.3.4",
	    "1.2.3.1000",
	    "1.2.3.4/24",
	    "1,2,3,4",
	    "99999999999.1.1.1",
	};
	uint32_t addr = 77;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		CHECK(!addr_parse(rows[i], &addr));
	CHECK_EQ(addr, 77);
}

static void kinds(void)
{
	CHECK(addr_is_unicast(0x01000000) && addr_is_unicast(0xdfffffff));
	CHECK(addr_is_unicast(0x0a000001));
	CHECK(!addr_is_unicast(0) && !addr_is_unicast(0x00ffffff));
	CHECK(!addr_is_unicast(0x7f000001) && !addr_is_unicast(0xe0000001));
	CHECK(!addr_is_unicast(0xf0000000) && !addr_is_unicast(ADDR_BROADCAST));
	CHECK(addr_is_multicast(0xe0000000) && addr_is_multicast(0xefffffff));
	CHECK(!addr_is_multicast(0xdfffffff) && !addr_is_multicast(0xf0000000));
}

static void macs(void)
{
	static const char *const bad[] = {
	    "",
	    "02:00:00:00:01",
	    "02:00:00:00:01:00:",
	    "2:0:0:0:1:0",
	    "02-00-00-00-01-00",
	    "02:00:00:00:01:0g",
	    "02:00:00:00:01:000",
	    "020000000100",
	};
	struct mac m, zero = {{0}};
	char buf[MAC_STRLEN];

	CHECK(mac_parse("02:00:00:AB:cd:ef", &m));
	CHECK_BYTES(m.b, 6, "020000abcdef");
	CHECK_STR(mac_fmt(buf, &m), "02:00:00:ab:cd:ef");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK(!mac_parse(bad[i], &m));
	CHECK_BYTES(m.b, 6, "020000abcdef");
	CHECK(mac_equal(&m, &m) && !mac_equal(&m, &zero));
	CHECK(mac_is_zero(&zero) && !mac_is_zero(&m));
}

UNIT_MAIN("addr", {"addresses round trip", addresses_round_trip}, {"bad addresses", bad_addresses},
	  {"kinds of address", kinds}, {"MAC addresses", macs})
