/* SPDX-License-Identifier: MIT */
#include "common/split.h"
#include "tests/unit/stream_fixture.h"

static uint8_t *large; /* of exactly its size, so that ASan sees what goes past it */
static size_t large_n;
static struct split s;

static void end(void)
{
	free(large);
	large = NULL;
}

/* What the kernel hands out of the TUN: only the pseudo header is in the checksum. */
static enum drop begin(const struct seg *x, uint16_t size)
{
	static uint8_t buf[OFFLOAD_BYTES];
	struct offload o = { .kind = x->protocol == PROTO_UDP ? OFFLOAD_UDP : OFFLOAD_TCP,
			     .unfinished = true,
			     .size = size };

	large_n = seg_build(buf, x);
	put16(check_field(buf), pseudo_of(buf, large_n));
	o.start = (uint16_t)ip_len(buf);
	o.field = (uint16_t)(check_field(buf) - buf - o.start);
	large = unit_copy(buf, large_n);
	return split_begin(&s, &o, large, large_n);
}

/* The next is this one, to the last bit. */
static bool next_is(const struct seg *x)
{
	static uint8_t want[OFFLOAD_BYTES];
	size_t n = seg_build(want, x), got_n = 0;
	uint8_t *got = NULL;

	return split_next(&s, &got, &got_n) && got_n == n && !memcmp(got, want, n);
}

static bool done(void)
{
	uint8_t *p;
	size_t n;

	return !split_more(&s) && !split_next(&s, &p, &n);
}

static void stream(void)
{
	CHECK_EQ(begin(&(struct seg){ .id = 0xffff, .seq = 0xfffffffe, .payload = 10,
				      .flags = ACK | PSH | FIN }, 4), DROP_NONE);
	CHECK(next_is(&(struct seg){ .id = 0xffff, .seq = 0xfffffffe, .payload = 4 }));
	CHECK(split_more(&s));
	CHECK(next_is(&(struct seg){ .id = 0, .seq = 2, .payload = 4, .from = 4 }));
	CHECK(next_is(&(struct seg){ .id = 1, .seq = 6, .payload = 2, .from = 8,
				     .flags = ACK | PSH | FIN }));
	CHECK(done());
	end();
}

static void options(void)
{
	CHECK_EQ(begin(&(struct seg){ .ip_options = ALERT, .tcp_options = TIMES, .payload = 200 },
		       100), DROP_NONE);
	CHECK(next_is(&(struct seg){ .ip_options = ALERT, .tcp_options = TIMES, .payload = 100 }));
	CHECK(next_is(&(struct seg){ .ip_options = ALERT, .tcp_options = TIMES, .payload = 100,
				     .id = 1, .seq = 100, .from = 100 }));
	CHECK(done());
	end();
}

static void window_reduced(void)
{
	CHECK_EQ(begin(&(struct seg){ .payload = 3, .flags = ACK | CWR }, 2), DROP_NONE);
	CHECK(next_is(&(struct seg){ .payload = 2, .flags = ACK | CWR }));
	CHECK(next_is(&(struct seg){ .payload = 1, .id = 1, .seq = 2, .from = 2 }));
	CHECK(done());
	end();
}

/* Less payload than headers, which are written over what is gone. */
static void tiny(void)
{
	CHECK_EQ(begin(&(struct seg){ .tcp_options = TIMES, .payload = 150 }, 1), DROP_NONE);
	for (unsigned i = 0; i < 150; i++)
		CHECK(next_is(&(struct seg){ .tcp_options = TIMES, .payload = 1, .seq = i,
					     .id = (uint16_t)i, .from = (uint8_t)i }));
	CHECK(done());
	end();
}

static void largest(void)
{
	struct seg x = { .payload = OFFLOAD_BYTES - 40, .flags = ACK | PSH };
	unsigned packets = 0;

	CHECK_EQ(begin(&x, 1448), DROP_NONE);
	for (; split_more(&s); packets++)
		CHECK(next_is(&(struct seg){ .id = (uint16_t)packets,
					     .seq = packets * 1448,
					     .from = (uint8_t)(packets * 1448),
					     .payload = packets < 45 ? 1448 : 335,
					     .flags = packets < 45 ? ACK : ACK | PSH }));
	CHECK_EQ(packets, 46);
	CHECK(done());
	end();
	x.payload = 1000; /* one that fits as it is */
	CHECK_EQ(begin(&x, 1448), DROP_NONE);
	CHECK(next_is(&x));
	CHECK(done());
	end();
}

static void datagrams(void)
{
	CHECK_EQ(begin(&(struct seg){ .protocol = PROTO_UDP, .payload = 21 }, 10), DROP_NONE);
	for (unsigned i = 0; i < 3; i++)
		CHECK(next_is(&(struct seg){ .protocol = PROTO_UDP, .payload = i < 2 ? 10 : 1,
					     .id = (uint16_t)i, .from = (uint8_t)(i * 10) }));
	CHECK(done());
	end();
}

/* One packet: what the kernel left to the card is done, and nothing else. */
static void one(void)
{
	uint8_t buf[200], want[200], *p;
	struct seg x = { .protocol = PROTO_UDP, .payload = 33 };
	struct offload o = { .unfinished = true, .start = 20, .field = 6 };
	size_t n = seg_build(want, &x), got;

	memcpy(buf, want, n);
	put16(buf + 26, pseudo_of(buf, n));
	CHECK_EQ(split_begin(&s, &o, buf, n), DROP_NONE);
	CHECK(split_next(&s, &p, &got) && got == n && !memcmp(p, want, n) && done());
	/* Its sum comes to 0, which is not sent: RFC 768. */
	put16(want + 28, 0);
	put16(want + 28, 0xffff - slow_sum(pseudo_of(want, n), want + 20, 6) -
			     slow_sum(0, want + 28, n - 28));
	seal(want, n);
	put16(want + 28, ((want[28] << 8 | want[29]) + (want[26] << 8 | want[27])) % 0xffff);
	seal(want, n);
	CHECK_EQ(want[26] << 8 | want[27], 0xffff);
	memcpy(buf, want, n);
	put16(buf + 26, pseudo_of(buf, n));
	CHECK_EQ(split_begin(&s, &o, buf, n), DROP_NONE);
	CHECK(split_next(&s, &p, &got) && got == n && !memcmp(p, want, n) && done());
	o = (struct offload){ .unfinished = false };
	unit_hex("60000000 0001", buf, sizeof(buf)); /* no IPv4 at all: that is for the core */
	CHECK_EQ(split_begin(&s, &o, buf, 6), DROP_NONE);
	CHECK(split_next(&s, &p, &got) && got == 6 && p == buf && done());
}

static enum drop spoilt(size_t at, uint8_t value)
{
	static uint8_t buf[200];
	struct offload o = { .kind = OFFLOAD_TCP, .size = 10 };
	size_t n = seg_build(buf, &(struct seg){ .payload = 50 });

	buf[at] = value;
	seal(buf, n);
	return split_begin(&s, &o, buf, n);
}

static void malformed(void)
{
	struct offload o = { .kind = OFFLOAD_TCP, .size = 10 };
	uint8_t buf[200], *p;
	size_t n = seg_build(buf, &(struct seg){ .payload = 50 });

	for (size_t i = 0; i < n; i++) {
		p = unit_copy(buf, i);
		CHECK(split_begin(&s, &o, p, i) != DROP_NONE && done());
		free(p);
	}
	CHECK_EQ(spoilt(32, 0x50), DROP_NONE);
	CHECK_EQ(spoilt(32, 0x40), DROP_MALFORMED); /* a TCP header of 16 bytes */
	CHECK(done());
	CHECK_EQ(spoilt(6, 0x20), DROP_MALFORMED); /* a fragment, and a later one */
	CHECK_EQ(spoilt(7, 0x01), DROP_MALFORMED);
	CHECK_EQ(spoilt(9, PROTO_UDP), DROP_MALFORMED);
	put16(buf + 2, 40); /* nothing behind the headers */
	seal(buf, 40);
	CHECK_EQ(split_begin(&s, &o, buf, n), DROP_MALFORMED);
	n = seg_build(buf, &(struct seg){ .payload = 50 });
	o.size = 0;
	CHECK_EQ(split_begin(&s, &o, buf, n), DROP_MALFORMED);
	o = (struct offload){ .unfinished = true, .start = 20, .field = (uint16_t)(n - 21) };
	CHECK_EQ(split_begin(&s, &o, buf, n), DROP_MALFORMED);
	CHECK(done());
	o.start = 0xffff;
	CHECK_EQ(split_begin(&s, &o, buf, n), DROP_MALFORMED);
	memset(&s, 0, sizeof(s));
	CHECK(done());
}

UNIT_MAIN("split", { "a stream: numbers, FIN and PSH at the end", stream },
	  { "options of IPv4 and TCP in each", options },
	  { "CWR in the first", window_reduced },
	  { "less payload than headers", tiny },
	  { "the largest, and one that fits", largest },
	  { "datagrams", datagrams },
	  { "one packet: its checksum", one },
	  { "what cannot be", malformed })
