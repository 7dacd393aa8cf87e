/* SPDX-License-Identifier: MIT */
#include "common/ecn.h"
#include "common/packet.h"
#include "tests/unit/unit.h"

/* RFC 6040 4.2, figure 4. */
enum { NOT, ONE, ZERO, CE, LOST };
static const uint8_t table[4][4] = {
	/* outer: Not-ECT, ECT(1), ECT(0), CE */
	[NOT] = { NOT, NOT, NOT, LOST },
	[ONE] = { ONE, ONE, ONE, CE },
	[ZERO] = { ZERO, ONE, ZERO, CE },
	[CE] = { CE, CE, CE, CE },
};

static size_t packet(uint8_t *p, size_t cap, uint8_t tos)
{
	const struct ipv4_out h = { .src = 0xcb007109,
				    .dst = 0x0a630005,
				    .ttl = 64,
				    .tos = tos,
				    .protocol = PROTO_TCP,
				    .id = 0x9c51 };

	return ipv4_build(p, cap, &h, "payload", 7);
}

/* All but the two bits and the checksum is as it was, whatever the class of either header. */
static void every_combination(void)
{
	uint8_t p[32], was[32], *copy;
	struct ipv4 ip;
	size_t n;

	for (unsigned inner = 0; inner < 256; inner++)
		for (unsigned outer = 0; outer < 256; outer++) {
			uint8_t want = table[inner & 3][outer & 3];

			n = packet(was, sizeof(was), (uint8_t)inner);
			copy = unit_copy(was, n);
			CHECK_EQ(ecn_leave((uint8_t)outer, copy, n),
				 want == LOST ? DROP_ECN : DROP_NONE);
			memcpy(p, copy, n);
			free(copy);
			if (want == LOST) {
				CHECK(!memcmp(p, was, n));
				continue;
			}
			CHECK_EQ(ipv4_decode(p, n, &ip), DROP_NONE);
			CHECK_EQ(ip.tos, (inner & ~3u) | want);
			packet(was, sizeof(was), ip.tos);
			CHECK(!memcmp(p, was, n));
		}
}

static void wrong_checksum(void)
{
	uint8_t p[32];
	struct ipv4 ip;
	size_t n = packet(p, sizeof(p), ZERO);

	p[11] ^= 1;
	CHECK_EQ(ecn_leave(CE, p, n), DROP_NONE);
	CHECK_EQ(ipv4_decode(p, n, &ip), DROP_IP_HEADER);
}

static void no_header(void)
{
	uint8_t p[32], was[32], *copy;
	size_t n = packet(was, sizeof(was), NOT);

	for (size_t len = 0; len < IPV4_HEADER_LEN; len++) {
		copy = unit_copy(was, len);
		CHECK_EQ(ecn_leave(CE, copy, len), DROP_NONE);
		CHECK(!len || !memcmp(copy, was, len));
		free(copy);
	}
	was[0] = 0x65;
	memcpy(p, was, n);
	CHECK_EQ(ecn_leave(CE, p, n), DROP_NONE);
	CHECK(!memcmp(p, was, n));
}

UNIT_MAIN("ecn", {"every combination", every_combination},
	  {"a wrong checksum stays so", wrong_checksum}, {"no header", no_header})
