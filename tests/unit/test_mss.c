/* SPDX-License-Identifier: MIT */
#include "common/bytes.h"
#include "common/mss.h"
#include "common/packet.h"
#include "tests/unit/unit.h"

#define SRC 0x0a630005u
#define DST 0xcb007109u
#define SYN 0x02
#define ACK 0x10

static uint8_t pkt[100];
static size_t len;

/* A segment with these options (padded), its checksum off by `off`. */
static void segment(uint8_t flags, const uint8_t *options, size_t n, uint16_t off)
{
	struct ipv4_out h = { .src = SRC, .dst = DST, .ttl = 64, .protocol = PROTO_TCP };
	uint8_t tcp[60] = { 0x12, 0x34, 0, 80 };
	size_t all = 20 + (n + 3) / 4 * 4;
	uint16_t sum;

	tcp[12] = (uint8_t)(all / 4 << 4);
	tcp[13] = flags;
	memcpy(tcp + 20, options, n);
	sum = (uint16_t)(inet_transport_checksum(SRC, DST, PROTO_TCP, tcp, all) + off);
	tcp[16] = (uint8_t)(sum >> 8);
	tcp[17] = (uint8_t)sum;
	len = ipv4_build(pkt, sizeof(pkt), &h, tcp, all);
}

static unsigned mss_at(size_t at)
{
	return (unsigned)pkt[40 + at] << 8 | pkt[41 + at];
}

static uint16_t sum(void)
{
	return inet_transport_checksum(SRC, DST, PROTO_TCP, pkt + 20, len - 20);
}

static bool clamped(unsigned mtu)
{
	uint8_t *copy = unit_copy(pkt, len); /* nothing behind it is read */
	bool changed = mss_clamp(copy, len, mtu);

	memcpy(pkt, copy, len);
	free(copy);
	return changed;
}

static void both_ways(void)
{
	static const uint8_t plain[] = { 2, 4, 5, 180 }, odd[] = { 1, 2, 4, 5, 180, 4, 2 };

	for (int i = 0; i < 2; i++) {
		segment(i ? SYN | ACK : SYN, plain, sizeof(plain), 0);
		CHECK(clamped(1468));
		CHECK_EQ(mss_at(2), 1428);
		CHECK_EQ(sum(), 0);
		CHECK(!clamped(1468));
		segment(i ? SYN | ACK : SYN, odd, sizeof(odd), 0);
		CHECK(clamped(1480));
		CHECK_EQ(mss_at(3), 1440);
		CHECK_EQ(sum(), 0);
	}
}

/* A wrong checksum stays as wrong. */
static void no_whitewash(void)
{
	static const uint8_t plain[] = { 2, 4, 5, 180 };

	segment(SYN, plain, sizeof(plain), 7);
	CHECK(clamped(1468));
	CHECK(sum() != 0);
}

static void untouched(void)
{
	static const uint8_t plain[] = { 2, 4, 5, 180 }, small[] = { 2, 4, 2, 24 },
			     none[] = { 1, 1, 3, 3, 7 }, end[] = { 0, 2, 4, 5, 180 },
			     cut[] = { 2, 4, 5 }, zero[] = { 8, 0, 2, 4, 5, 180 },
			     longer[] = { 2, 40, 5, 180 };
	static const struct {
		const uint8_t *o;
		size_t n;
		uint8_t flags;
	} of[] = { { plain, sizeof(plain), ACK }, { small, sizeof(small), SYN },
		   { none, sizeof(none), SYN },	  { end, sizeof(end), SYN },
		   { zero, sizeof(zero), SYN },	  { longer, sizeof(longer), SYN },
		   { plain, 0, SYN } };
	uint8_t before[sizeof(pkt)];

	for (size_t i = 0; i < sizeof(of) / sizeof(*of); i++) {
		segment(of[i].flags, of[i].o, of[i].n, 0);
		memcpy(before, pkt, len);
		CHECK(!clamped(1468));
		CHECK(memcmp(before, pkt, len) == 0);
	}
	segment(SYN, cut, sizeof(cut), 0);
	CHECK_EQ(mss_at(2), 5u << 8);
	segment(SYN, plain, sizeof(plain), 0);
	CHECK(!clamped(0) && !clamped(40));
	for (size_t n = 0; n < len; n++) {
		uint8_t *copy = unit_copy(pkt, n);

		CHECK(!mss_clamp(copy, n, 1468));
		free(copy);
	}
	pkt[6] = 0; /* a later fragment has no header */
	pkt[7] = 1;
	pkt[10] = pkt[11] = 0;
	pkt[10] = (uint8_t)(inet_checksum(pkt, 20) >> 8);
	pkt[11] = (uint8_t)inet_checksum(pkt, 20);
	CHECK(!clamped(1468));
}

UNIT_MAIN("MSS", { "SYN, both ways", both_ways }, { "a wrong checksum stays so", no_whitewash },
	  { "what is left as it is", untouched })
