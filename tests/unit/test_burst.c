/* SPDX-License-Identifier: MIT */
#include "common/burst.h"
#include "tests/unit/unit.h"

static struct burst b;
static const struct burst_way way = {
	.fd = 3, .dst = 0xc0000201, .port = 434, .tos = 4, .df = true
};
static const uint8_t head[4] = { 4, 4 };
static uint8_t packet[BURST_BYTES];

static bool add(size_t n)
{
	return burst_add(&b, &way, head, sizeof(head), packet, n);
}

static void begin(void)
{
	b = (struct burst){ .most = BURST_PACKETS };
}

static void sizes(void)
{
	const uint8_t *p;
	size_t n;

	begin();
	memset(packet, 0x11, 100);
	CHECK(add(100));
	memset(packet, 0x22, 100);
	CHECK(add(100));
	CHECK(!add(101)); /* larger than the first */
	memset(packet, 0x33, 100);
	CHECK(add(99));
	CHECK(!add(99)); /* behind a smaller one */
	CHECK(!add(100));
	CHECK_EQ(b.n, 3);
	CHECK_EQ(b.used, 311);
	for (unsigned i = 0; i < 3; i++) {
		p = burst_at(&b, i, &n);
		CHECK_EQ(n, i < 2 ? 104 : 103);
		CHECK(!memcmp(p, head, sizeof(head)));
		CHECK_EQ(p[4], 0x11 * (i + 1));
		CHECK_EQ(p[n - 1], 0x11 * (i + 1));
	}
}

static void ways(void)
{
	struct burst_way other[5];

	for (unsigned i = 0; i < 5; i++)
		other[i] = way;
	other[0].fd++;
	other[1].dst++;
	other[2].port++;
	other[3].tos++;
	other[4].df = false;
	begin();
	CHECK(add(10));
	for (unsigned i = 0; i < 5; i++)
		CHECK(!burst_add(&b, &other[i], head, sizeof(head), packet, 10));
	CHECK(add(10));
	begin();
	CHECK(burst_add(&b, &other[4], head, sizeof(head), packet, 10));
	CHECK(!b.way.df);
}

static void limits(void)
{
	unsigned n = 0;

	begin();
	while (add(10))
		n++;
	CHECK_EQ(n, BURST_PACKETS);
	begin();
	for (n = 0; add(1484); n++)
		;
	CHECK_EQ(n, 44); /* 44 * 1488 = 65472 */
	begin();
	CHECK(!add(BURST_BYTES - 3));
	CHECK(add(BURST_BYTES - 4));
	CHECK(!add(0));
	b = (struct burst){ .most = 0 }; /* what the kernel can is not known, or is one */
	CHECK(add(10) && !add(10));
	b = (struct burst){ .most = 1 };
	CHECK(add(10) && !add(10));
}

UNIT_MAIN("burst", { "one size, the last may be smaller", sizes },
	  { "one way", ways },
	  { "limits", limits })
