/* SPDX-License-Identifier: MIT */
#include "common/mip.h"
#include "tests/unit/unit.h"
#include "tests/vectors/messages.h"

#define MN_HA "20 06 00000100 aaaa "
#define MN_FA "21 06 00000101 bbbb "
#define FA_HA "22 06 00000102 cccc "
#define ENCAP "82 00 "
#define NAI "83 04 6e40652e "
#define KEY_EXT "ff 21 0d " KEY32 " "
#define ORDER_EXT "ff 04 08 010203 "
#define REPLY_EXT "ff 04 09 040506 "

static enum drop request(const char *hex, struct mip_request *m, struct mip_exts *x)
{
	uint8_t buf[2048];
	size_t n = unit_hex(hex, buf, sizeof(buf));
	uint8_t *p = unit_copy(buf, n);
	enum drop why = mip_request_decode(p, n, m, x);

	free(p); /* callers look at counts and offsets only */
	return why;
}

static enum drop request_exts(const char *exts)
{
	struct mip_request m;
	struct mip_exts x;
	char hex[4096];

	snprintf(hex, sizeof(hex), "%s%s", REQUEST_FIXED, exts);
	return request(hex, &m, &x);
}

static enum drop reply_exts(const char *exts, struct mip_exts *x)
{
	uint8_t buf[2048];
	struct mip_reply m;
	char hex[4096];
	size_t n;
	uint8_t *p;
	enum drop why;

	snprintf(hex, sizeof(hex), "%s%s", REPLY_FIXED, exts);
	n = unit_hex(hex, buf, sizeof(buf));
	p = unit_copy(buf, n);
	why = mip_reply_decode(p, n, &m, x);
	free(p);
	return why;
}

static void fixed_parts(void)
{
	struct mip_request q, again;
	struct mip_reply r = {.lifetime_s = 1800,
			      .home_addr = 0x0a000005,
			      .home_agent = 0x0a000001,
			      .id = 0xe8d4a51012345678};
	struct mip_exts x;
	uint8_t buf[64];
	struct wbuf w = wb_init(buf, sizeof(buf));

	CHECK_EQ(request(REQUEST_MD5, &q, &x), DROP_NONE);
	CHECK_EQ(q.flags, MIP_T);
	CHECK_EQ(q.lifetime_s, 1800);
	CHECK_EQ(q.home_addr, 0x0a000005);
	CHECK_EQ(q.home_agent, 0x0a000001);
	CHECK_EQ(q.care_of, 0xc0000202);
	CHECK(q.id == 0xe8d4a51012345678);
	CHECK_EQ(x.n_mn_ha, 1);
	CHECK_EQ(x.mn_ha.spi, 256);
	CHECK_EQ(x.home_end, 46);
	mip_request_encode(&w, &q);
	CHECK_BYTES(buf, w.len, REQUEST_FIXED);
	again = q;
	CHECK_EQ(request("02", &again, &x), DROP_TYPE);
	CHECK(!memcmp(&again, &q, sizeof(q)));
	w = wb_init(buf, sizeof(buf));
	mip_reply_encode(&w, &r);
	CHECK_BYTES(buf, w.len, REPLY_FIXED);
	CHECK_EQ(reply_exts(MN_HA FA_HA, &x), DROP_NONE);
	CHECK_EQ(x.n_fa_ha, 1);
	CHECK_EQ(x.home_end, 28);
}

/* Cut anywhere, a message is refused, or it ends before an extension and has lost what that said.
 */
static void cut_everywhere(void)
{
	static const char whole[] =
	    REQUEST_FIXED NAI "00" MN_HA ENCAP ORDER_EXT KEY_EXT "89 03 010203" MN_FA;
	uint8_t buf[256];
	size_t n = unit_hex(whole, buf, sizeof(buf));
	unsigned good = 0;

	for (size_t cut = 0; cut < n; cut++) {
		uint8_t *p = unit_copy(buf, cut);
		struct mip_request m;
		struct mip_exts x;
		enum drop why = mip_request_decode(p, cut, &m, &x);

		CHECK(why == DROP_SHORT || (why == DROP_NONE && !x.n_mn_fa));
		good += why == DROP_NONE;
		CHECK(mip_reply_decode(p, cut, &(struct mip_reply){0}, &x) != DROP_NONE);
		free(p);
	}
	CHECK_EQ(good, 8);
}

static void cut_reply(void)
{
	uint8_t buf[128];
	size_t n = unit_hex(REPLY_FIXED MN_HA REPLY_EXT MN_FA, buf, sizeof(buf));

	for (size_t cut = 0; cut < n; cut++) {
		uint8_t *p = unit_copy(buf, cut);
		struct mip_reply m;
		struct mip_exts x;
		enum drop why = mip_reply_decode(p, cut, &m, &x);

		CHECK(why == DROP_SHORT || (why == DROP_NONE && !x.n_mn_fa));
		free(p);
	}
}

/* Each extension by itself and second in a row, behind one of every other layout. */
static void second_in_a_row(void)
{
	static const char *const before[] = {
	    "", "00 ", "89 03 010203 ", "ff 03 63 0102 ", "9a 00 0002 0102 ", NAI};
	static const struct {
		const char *hex;
		uint8_t type, subtype;
		size_t head, data;
	} rows[] = {
	    {MN_HA, 32, 0, 2, 6},
	    {MN_FA, 33, 0, 2, 6},
	    {FA_HA, 34, 0, 2, 6},
	    {"24 02 0006 00000100 aaaa", 36, 2, 4, 6},
	    {ENCAP, 130, 0, 2, 0},
	    {NAI, 131, 0, 2, 4},
	    {ORDER_EXT, 255, 8, 3, 3},
	    {"ff 01 07", 255, 7, 3, 0},
	    {"9a 01 0003 010203", 154, 1, 4, 3},
	    {"88 03 03 4142", 136, 3, 3, 2},
	    {"c8 02 0102", 200, 0, 2, 2},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (size_t j = 0; j < sizeof(before) / sizeof(before[0]); j++) {
			uint8_t buf[64], *p;
			size_t off = unit_hex(before[j], buf, sizeof(buf));
			size_t n = off + unit_hex(rows[i].hex, buf + off, sizeof(buf) - off);
			struct mip_walker w = {.len = n};
			enum drop why;
			struct mip_ext e;

			w.msg = p = unit_copy(buf, n);
			if (off > 1)
				CHECK_EQ(mip_walk_next(&w, &e, &why), WALK_EXT);
			CHECK_EQ(mip_walk_next(&w, &e, &why), WALK_EXT);
			CHECK_EQ(e.type, rows[i].type);
			CHECK_EQ(e.subtype, rows[i].subtype);
			CHECK_EQ(e.off, off);
			CHECK_EQ(e.end, n);
			CHECK_EQ(e.data.left, rows[i].data);
			CHECK(e.data.p == p + off + rows[i].head);
			CHECK_EQ(mip_walk_next(&w, &e, &why), WALK_END);
			CHECK_EQ(mip_walk_next(&w, &e, &why), WALK_END);
			free(p);
		}
}

static void unknown_types(void)
{
	char hex[32];

	for (unsigned t = 1; t < 256; t++) {
		snprintf(hex, sizeof(hex), "%02x 04 00000100", t);
		if (t >= 32 && t <= 34)
			CHECK_EQ(request_exts(hex), DROP_NONE);
		else if (t < 128) /* the long layout reads a Length of 0 here */
			CHECK_EQ(request_exts(hex), t == 36 ? DROP_MALFORMED : DROP_EXTENSION);
	}
	CHECK_EQ(request_exts("24 02 0006 00000100 aaaa"), DROP_EXTENSION);
	CHECK_EQ(request_exts("26 00 0006 000000010001"), DROP_EXTENSION);
	CHECK_EQ(request_exts("84 02 0102 c8 00 fe 01 ff"), DROP_NONE);
	CHECK_EQ(request_exts("00 00 00"), DROP_NONE);
	CHECK_EQ(request_exts("7f"), DROP_EXTENSION);
	CHECK_EQ(request_exts("ff 00"), DROP_MALFORMED);
	CHECK_EQ(request_exts("20 03 000001"), DROP_MALFORMED);
	CHECK_EQ(request_exts("20 00"), DROP_MALFORMED);
	CHECK_EQ(request_exts("c8"), DROP_SHORT);
	CHECK_EQ(request_exts("c8 01"), DROP_SHORT);
	CHECK_EQ(request_exts("9a 00 ffff 00"), DROP_SHORT);
}

static void placement(void)
{
	static const struct {
		const char *exts;
		enum drop why;
	} rows[] = {
	    {MN_HA ORDER_EXT ORDER_EXT KEY_EXT ENCAP MN_FA, DROP_NONE},
	    {MN_HA KEY_EXT ORDER_EXT FA_HA, DROP_NONE},
	    {MN_HA ORDER_EXT ORDER_EXT ORDER_EXT MN_FA, DROP_MALFORMED},
	    {ORDER_EXT MN_HA, DROP_MALFORMED},
	    {KEY_EXT MN_HA, DROP_MALFORMED},
	    {ENCAP MN_HA, DROP_MALFORMED},
	    {ORDER_EXT, DROP_MALFORMED},
	    {MN_HA KEY_EXT KEY_EXT, DROP_MALFORMED},
	    {MN_HA "ff 20 0d " KEY16 "101112131415161718191a1b1c1d1e", DROP_MALFORMED},
	    {MN_HA "ff 22 0d " KEY32 "00", DROP_MALFORMED},
	    {MN_HA "ff 01 0d", DROP_MALFORMED},
	    {MN_HA MN_FA ORDER_EXT, DROP_MALFORMED},
	    {MN_HA MN_FA KEY_EXT, DROP_MALFORMED},
	    {MN_HA FA_HA KEY_EXT, DROP_MALFORMED},
	    {MN_HA MN_FA ENCAP, DROP_MALFORMED},
	    {MN_FA MN_HA, DROP_MALFORMED},
	    {FA_HA MN_HA, DROP_MALFORMED},
	    {MN_HA "82 01 00", DROP_MALFORMED},
	    {MN_HA "ff 05 63 01020304" MN_FA, DROP_NONE},
	    {NAI MN_HA "00" MN_FA "00 c8 00", DROP_NONE},
	};
	struct mip_exts x;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		CHECK_EQ(request_exts(rows[i].exts), rows[i].why);
	CHECK_EQ(reply_exts(ORDER_EXT MN_HA, &x), DROP_NONE);
	CHECK_EQ(x.n_orders, 0);
}

/* 9: nobody does anything about it yet, but where it stands is settled. */
static void reserved(void)
{
	static const struct {
		const char *exts;
		enum drop why;
		unsigned n;
	} rows[] = {
	    {MN_HA REPLY_EXT MN_FA, DROP_NONE, 1},
	    {MN_HA REPLY_EXT REPLY_EXT FA_HA, DROP_NONE, 2},
	    {MN_HA REPLY_EXT REPLY_EXT REPLY_EXT, DROP_MALFORMED, 0},
	    {REPLY_EXT MN_HA, DROP_MALFORMED, 0},
	    {MN_HA MN_FA REPLY_EXT, DROP_MALFORMED, 0},
	    {MN_HA FA_HA REPLY_EXT, DROP_MALFORMED, 0},
	};
	struct mip_exts x;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CHECK_EQ(reply_exts(rows[i].exts, &x), rows[i].why);
		CHECK(rows[i].why != DROP_NONE || x.n_replies == rows[i].n);
	}
	CHECK_EQ(request_exts(REPLY_EXT MN_HA), DROP_NONE); /* means nothing in a Request */
	CHECK_EQ(request_exts(MN_HA MN_FA REPLY_EXT), DROP_NONE);
}

static void found(void)
{
	uint8_t buf[256];
	size_t n =
	    unit_hex(REQUEST_FIXED NAI MN_HA ENCAP ORDER_EXT "ff 03 08 0102" KEY_EXT MN_FA MN_FA,
		     buf, sizeof(buf));
	struct mip_request m;
	struct mip_exts x;

	CHECK_EQ(mip_request_decode(buf, n, &m, &x), DROP_NONE);
	CHECK(x.nai.left == 4 && x.encap_delivery);
	CHECK_EQ(x.home_end, 24 + 6 + 8);
	CHECK_EQ(x.n_orders, 2);
	CHECK_BYTES(x.orders[0].p, x.orders[0].left, "010203");
	CHECK_BYTES(x.orders[1].p, x.orders[1].left, "0102");
	CHECK_BYTES(x.handoff_key.p, x.handoff_key.left, KEY32);
	CHECK_EQ(x.n_mn_fa, 2); /* the owner wants exactly one */
	CHECK_EQ(x.mn_fa.off, n - 16);
	CHECK_EQ(x.mn_fa.covered, n - 10);
	CHECK_BYTES(x.mn_fa.mac.p, x.mn_fa.mac.left, "bbbb");
	CHECK_BYTES(x.mn_ha.mac.p, x.mn_ha.mac.left, "aaaa");
}

static void too_long(void)
{
	uint8_t *p = calloc(1, MIP_MSG_MAX + 1);
	struct mip_request m;
	struct mip_exts x;

	p[0] = MIP_REQUEST;
	CHECK_EQ(mip_request_decode(p, MIP_MSG_MAX, &m, &x), DROP_NONE);
	CHECK_EQ(mip_request_decode(p, MIP_MSG_MAX + 1, &m, &x), DROP_MALFORMED);
	free(p);
}

static void appends(void)
{
	uint8_t buf[257], data[255] = {1, 2, 3};
	struct wbuf w = wb_init(buf, sizeof(buf));

	mip_ext_append(&w, SUB_RELAYED_ORDER, data, 3);
	CHECK_BYTES(buf, w.len, "ff 04 08 010203");
	w = wb_init(buf, sizeof(buf));
	mip_ext_append(&w, 7, NULL, 0);
	CHECK_BYTES(buf, w.len, "ff 01 07");
	w = wb_init(buf, sizeof(buf));
	mip_ext_append(&w, 1, data, 254);
	CHECK(wb_ok(&w) && w.len == 257 && buf[1] == 255);
	w = wb_init(buf, sizeof(buf));
	mip_ext_append(&w, 1, data, 255);
	CHECK(!wb_ok(&w));
}

static void codes(void)
{
	for (unsigned c = 0; c < 256; c++) {
		const char *text = mip_code_text((uint8_t)c);

		CHECK(text && strlen(text) > 5);
		CHECK_EQ(mip_code_accepted((uint8_t)c), c < 2);
		CHECK_EQ(mip_code_from_home((uint8_t)c), c < 2 || (c >= 128 && c <= 192));
	}
	CHECK_STR(mip_code_text(CODE_HA_ID), "home agent: registration Identification mismatch");
	CHECK_STR(mip_code_text(194), "foreign agent: invalid home agent address");
}

UNIT_MAIN("mip", {"fixed parts", fixed_parts}, {"request cut everywhere", cut_everywhere},
	  {"reply cut everywhere", cut_reply}, {"second in a row", second_in_a_row},
	  {"unknown types", unknown_types}, {"placement", placement}, {"reserved", reserved},
	  {"what is found", found},
	  {"too long", too_long}, {"extensions byte for byte", appends}, {"codes", codes})
