/* SPDX-License-Identifier: MIT */
#include "common/bytes.h"
#include "common/drop.h"
#include "tests/unit/unit.h"

static void reads_big_endian(void)
{
	uint8_t buf[32];
	size_t n = unit_hex("01 0203 04050607 08090a0b0c0d0e0f aabb", buf, sizeof(buf));
	uint8_t *p = unit_copy(buf, n), tail[2];
	struct rbuf r = rb_init(p, n);

	CHECK_EQ(rb_u8(&r), 1);
	CHECK_EQ(rb_u16(&r), 0x0203);
	CHECK_EQ(rb_u32(&r), 0x04050607);
	CHECK_EQ(rb_u64(&r), 0x08090a0b0c0d0e0f);
	CHECK(rb_ok(&r) && !rb_end(&r));
	rb_bytes(&r, tail, 2);
	CHECK_BYTES(tail, 2, "aabb");
	CHECK(rb_end(&r));
	free(p);
}

static void short_read_sticks(void)
{
	uint8_t *p = unit_copy("\xff\xff\xff", 3), dst[4] = {9, 9, 9, 9};
	struct rbuf r = rb_init(p, 3);

	CHECK_EQ(rb_u32(&r), 0);
	CHECK(!rb_ok(&r) && !rb_end(&r));
	CHECK_EQ(rb_u8(&r), 0);
	rb_bytes(&r, dst, 4);
	CHECK_BYTES(dst, 4, "00000000");
	CHECK(rb_take(&r, 0).bad);
	free(p);
}

static void every_width_one_short(void)
{
	uint8_t *p = unit_copy("\xff\xff\xff\xff\xff\xff\xff", 7);

	for (size_t n = 0; n <= 7; n++) {
		struct rbuf r8 = rb_init(p, 0), r64 = rb_init(p, n);

		CHECK_EQ(rb_u8(&r8), 0);
		CHECK_EQ(rb_u64(&r64), 0);
		CHECK(r8.bad && r64.bad);
	}
	for (size_t n = 0; n < 4; n++) {
		struct rbuf r = rb_init(p, n);

		CHECK_EQ(rb_u32(&r), 0);
		CHECK(r.bad);
		r = rb_init(p, n);
		CHECK_EQ(rb_u16(&r), n < 2 ? 0 : 0xffff);
		CHECK_EQ(r.bad, n < 2);
	}
	free(p);
}

static void sub_cursors(void)
{
	uint8_t *p = unit_copy("\x01\x02\x03\x04", 4);
	struct rbuf r = rb_init(p, 4), s = rb_take(&r, 3), over;

	CHECK_EQ(s.left, 3);
	CHECK_EQ(r.left, 1);
	CHECK_EQ(rb_u16(&s), 0x0102);
	CHECK_EQ(rb_u16(&s), 0);
	CHECK(s.bad && rb_ok(&r));
	over = rb_take(&r, SIZE_MAX);
	CHECK(over.bad && !over.left && r.bad);
	free(p);
}

static void empty_and_null(void)
{
	struct rbuf r = rb_init(NULL, 0);

	CHECK(rb_end(&r));
	rb_bytes(&r, NULL, 0);
	rb_skip(&r, 0);
	CHECK(rb_end(&r));
	rb_skip(&r, 1);
	CHECK(!rb_ok(&r));
}

static void writes(void)
{
	uint8_t buf[19];
	struct wbuf w = wb_init(buf, sizeof(buf));

	wb_u8(&w, 1);
	wb_u16(&w, 0x0203);
	wb_u32(&w, 0x04050607);
	wb_u64(&w, 0x08090a0b0c0d0e0f);
	wb_bytes(&w, "\xaa\xbb", 2);
	wb_zero(&w, 2);
	CHECK(wb_ok(&w));
	CHECK_BYTES(buf, w.len, "0102030405060708090a0b0c0d0e0faabb0000");
	wb_patch16(&w, 17, 0x1234);
	CHECK_BYTES(buf + 15, 4, "aabb1234");
	wb_bytes(&w, NULL, 0);
	CHECK(wb_ok(&w));
	wb_u8(&w, 0);
	CHECK(!wb_ok(&w));
	CHECK_EQ(w.len, 19);
}

static void full_writer_sticks(void)
{
	uint8_t *buf = malloc(3);
	struct wbuf w = wb_init(buf, 3);

	wb_u32(&w, 0xffffffff);
	CHECK(!wb_ok(&w));
	wb_u8(&w, 1);
	CHECK_EQ(w.len, 0);
	w = wb_init(buf, 3);
	wb_bytes(&w, "abcd", 4);
	CHECK(w.bad && !w.len);
	w = wb_init(buf, 3);
	wb_zero(&w, SIZE_MAX);
	CHECK(w.bad);
	free(buf);
}

static void patch_bounds(void)
{
	uint8_t buf[4] = {0};
	struct wbuf w = wb_init(buf, 4);

	wb_patch16(&w, 0, 1);
	CHECK(w.bad); /* nothing written yet */
	w = wb_init(buf, 4);
	wb_u16(&w, 0);
	wb_patch16(&w, 1, 1);
	CHECK(w.bad);
	w = wb_init(buf, 4);
	wb_u16(&w, 0);
	wb_patch16(&w, SIZE_MAX, 1);
	CHECK(w.bad);
}

static void drop_words(void)
{
	CHECK_STR(drop_name(DROP_NONE), "none");
	CHECK_STR(drop_name(DROP_BAD_AUTH), "bad-auth");
	CHECK_STR(drop_text(DROP_BAD_AUTH), "authenticator does not match");
	CHECK_STR(drop_name(DROP_SEND_FAILED), "send-failed");
}

UNIT_MAIN("bytes", {"big-endian reads", reads_big_endian}, {"short read sticks", short_read_sticks},
	  {"one byte short, every width", every_width_one_short}, {"sub-cursors", sub_cursors},
	  {"empty input", empty_and_null}, {"writes", writes},
	  {"full writer sticks", full_writer_sticks}, {"patch bounds", patch_bounds},
	  {"drop names", drop_words})
