/* SPDX-License-Identifier: MIT */
#include "common/gather.h"
#include "common/split.h"
#include "tests/unit/stream_fixture.h"

static struct gather g;
static uint8_t buf[2][OFFLOAD_BYTES];

static bool add(const struct seg *x)
{
	size_t n = seg_build(buf[0], x);

	return gather_add(&g, buf[0], n, true);
}

/* What left is exactly these, once the kernel has taken it apart as split_next() does. */
static void comes_out(const struct seg *x, unsigned packets)
{
	struct offload o;
	struct split s;
	uint8_t *p;
	size_t n;

	CHECK_EQ(g.packets, packets);
	gather_end(&g, &o);
	CHECK_EQ(o.kind == OFFLOAD_NONE, packets < 2);
	CHECK_EQ(o.unfinished, packets > 1);
	if (o.unfinished)
		CHECK(!memcmp(check_field(g.bytes),
			      (uint8_t[]){ (uint8_t)(pseudo_of(g.bytes, g.n) >> 8),
					   (uint8_t)pseudo_of(g.bytes, g.n) }, 2));
	CHECK_EQ(split_begin(&s, &o, g.bytes, g.n), DROP_NONE);
	for (unsigned i = 0; i < packets; i++) {
		size_t want = seg_build(buf[0], &x[i]);

		CHECK(split_next(&s, &p, &n) && n == want && !memcmp(p, buf[0], n));
	}
	CHECK(!split_more(&s));
	g.packets = 0;
}

static void stream(void)
{
	static const struct seg x[] = {
		{ .id = 8, .seq = 0xffffff00, .payload = 200, .tcp_options = TIMES },
		{ .id = 9, .seq = 0xffffffc8, .payload = 200, .tcp_options = TIMES, .from = 1 },
		{ .id = 10, .seq = 0x90, .payload = 200, .tcp_options = TIMES, .flags = ACK | PSH },
	};

	for (unsigned i = 0; i < 3; i++)
		CHECK(add(&x[i]));
	CHECK(!add(&(struct seg){ .seq = 0x158, .payload = 200, .tcp_options = TIMES }));
	comes_out(x, 3);
}

static void ends(void)
{
	static const struct seg x[] = {
		{ .payload = 101 },
		{ .id = 1, .seq = 101, .payload = 101 },
		{ .id = 2, .seq = 202, .payload = 7 }, /* odd, and shorter */
		{ .id = 3, .seq = 209, .payload = 7 },
	};
	static const struct seg fin[] = { { .payload = 5 },
					  { .id = 1, .seq = 5, .payload = 5, .flags = ACK | FIN } };
	static const struct seg pushed = { .payload = 5, .flags = ACK | PSH };

	CHECK(add(&x[0]) && add(&x[1]) && add(&x[2]));
	CHECK(!add(&x[3]));
	comes_out(x, 3);
	CHECK(add(&fin[0]) && add(&fin[1]));
	CHECK(!add(&(struct seg){ .seq = 10, .payload = 5 }));
	comes_out(fin, 2);
	CHECK(add(&pushed));
	CHECK(!add(&(struct seg){ .seq = 5, .payload = 5 }));
	comes_out(&pushed, 1);
}

/* The one before it leaves as it came, and so does it. */
static void apart(const char *what, const uint8_t *p, size_t n)
{
	static const struct seg first = { .payload = 100 };
	struct offload o;
	bool taken;

	g.packets = 0;
	CHECK(add(&first));
	taken = gather_add(&g, p, n, true);
	if (taken)
		printf("\n    %s: taken", what);
	CHECK(!taken);
	comes_out(&first, 1);
	CHECK(gather_add(&g, p, n, true));
	gather_end(&g, &o);
	CHECK(o.kind == OFFLOAD_NONE && !o.unfinished && g.n == n && !memcmp(g.bytes, p, n));
	g.packets = 0;
}

static void others(void)
{
	static const struct {
		const char *what;
		size_t at;
		uint8_t value;
	} bytes[] = {
		{ "another TOS", 1, 4 }, { "marked", 1, 3 }, { "no DF", 6, 0 },
		{ "a fragment", 6, 0x60 },
		{ "a later fragment", 7, 9 }, { "another TTL", 8, 63 }, { "ICMP", 9, PROTO_ICMP },
		{ "another source", 15, 6 }, { "another destination", 19, 1 },
		{ "another port", 21, 1 }, { "to another port", 23, 1 },
		{ "a gap", 27, 101 }, { "again", 27, 0 }, { "another ACK", 31, 8 },
		{ "SYN", 33, ACK | SYN }, { "RST", 33, ACK | 4 }, { "URG", 33, ACK | 32 },
		{ "ECE", 33, ACK | 64 }, { "CWR", 33, ACK | CWR }, { "no ACK", 33, 0 },
		{ "another window", 34, 1 }, { "another urgent pointer", 39, 1 },
	};
	static const struct {
		const char *what;
		struct seg x;
	} segs[] = {
		{ "more payload", { .seq = 100, .payload = 101 } },
		{ "none", { .seq = 100, .payload = 0 } },
		{ "TCP options", { .seq = 100, .payload = 100, .tcp_options = TIMES } },
		{ "IP options", { .seq = 100, .payload = 100, .ip_options = ALERT } },
		{ "UDP", { .protocol = PROTO_UDP, .payload = 100 } },
	};
	size_t n;

	for (size_t i = 0; i < sizeof(bytes) / sizeof(*bytes); i++) {
		n = seg_build(buf[1], &(struct seg){ .seq = 100, .payload = 100 });
		buf[1][bytes[i].at] = bytes[i].value;
		seal(buf[1], n);
		apart(bytes[i].what, buf[1], n);
	}
	for (size_t i = 0; i < sizeof(segs) / sizeof(*segs); i++) {
		n = seg_build(buf[1], &segs[i].x);
		apart(segs[i].what, buf[1], n);
	}
	n = seg_build(buf[1], &(struct seg){ .seq = 100, .payload = 100 });
	for (size_t i = 0; i < n; i++) { /* each byte that is not what the checksums say */
		buf[1][i] ^= 0x20;
		apart("one bit wrong", buf[1], n);
		buf[1][i] ^= 0x20;
	}
	for (size_t i = 0; i < n; i++)
		apart("cut", buf[1], i);
	apart("a byte behind it", buf[1], n + 1);
}

static void other_options(void)
{
	static const struct seg x = { .payload = 100, .tcp_options = TIMES };

	CHECK(add(&x));
	CHECK(!add(&(struct seg){ .seq = 100, .payload = 100,
				  .tcp_options = "0101080a 00000001 00000003" }));
	comes_out(&x, 1);
}

static void limits(void)
{
	struct seg x = { .payload = 1448 };
	unsigned n = 0;

	for (; add(&x); n++)
		x.seq += 1448;
	CHECK_EQ(n, 45); /* 40 + 45 * 1448 = 65200 */
	CHECK_EQ(g.n, 65200);
	g.packets = 0;
	x = (struct seg){ .payload = 10 };
	for (n = 0; add(&x); n++)
		x.seq += 10;
	CHECK_EQ(n, GATHER_PACKETS);
	g.packets = 0;
}

static void datagrams(void)
{
	static const struct seg x[] = {
		{ .protocol = PROTO_UDP, .payload = 50 },
		{ .protocol = PROTO_UDP, .payload = 50, .id = 1, .from = 9 },
		{ .protocol = PROTO_UDP, .payload = 49, .id = 2 },
	};
	size_t n;

	for (unsigned i = 0; i < 3; i++)
		CHECK(add(&x[i]));
	CHECK(!add(&x[2]));
	comes_out(x, 3);
	n = seg_build(buf[0], &x[0]);
	CHECK(gather_add(&g, buf[0], n, false)); /* where the kernel cannot take them apart */
	CHECK(!gather_add(&g, buf[0], n, false));
	comes_out(x, 1);
	put16(buf[0] + 26, 0); /* no checksum */
	CHECK(add(&x[0]));
	n = seg_build(buf[0], &x[1]);
	put16(buf[0] + 26, 0);
	CHECK(!gather_add(&g, buf[0], n, true));
	comes_out(x, 1);
	n = seg_build(buf[0], &x[1]);
	put16(buf[0] + 24, 57); /* one byte less than there is */
	seal(buf[0], n);
	CHECK(add(&x[0]));
	n = seg_build(buf[0], &x[1]);
	put16(buf[0] + 24, 57);
	seal(buf[0], n);
	CHECK(!gather_add(&g, buf[0], n, true));
	comes_out(x, 1);
}

UNIT_MAIN("gather", { "a stream, and apart again: the same bytes", stream },
	  { "what ends it", ends },
	  { "what does not belong to it leaves as it came", others },
	  { "other TCP options", other_options },
	  { "limits", limits },
	  { "datagrams", datagrams })
