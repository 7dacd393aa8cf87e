/* SPDX-License-Identifier: MIT */
#include "common/mip.h"
#include "common/order.h"
#include "tests/unit/unit.h"
#include "tests/vectors/messages.h"

#define MN_HA "20 06 00000100 aaaa "
#define MN_FA "21 06 00000101 bbbb "
#define FA_HA "22 06 00000102 cccc "
#define ASK "90 06 00 00 80 04 0000 "	/* F, encapsulation 4 */
#define GRANT "2c 06 00 00 8000 0019 " /* granted, F, 25 s */

static enum drop request(const char *exts, struct mip_exts *x)
{
	uint8_t buf[512], *p;
	char hex[1024];
	struct mip_request m;
	enum drop why;
	size_t n;

	snprintf(hex, sizeof(hex), "%s%s", REQUEST_FIXED, exts);
	n = unit_hex(hex, buf, sizeof(buf));
	p = unit_copy(buf, n);
	why = mip_request_decode(p, n, &m, x);
	free(p);
	return why;
}

static enum drop reply(const char *exts, struct mip_exts *x)
{
	uint8_t buf[512], *p;
	char hex[1024];
	struct mip_reply m;
	enum drop why;
	size_t n;

	snprintf(hex, sizeof(hex), "%s%s", REPLY_FIXED, exts);
	n = unit_hex(hex, buf, sizeof(buf));
	p = unit_copy(buf, n);
	why = mip_reply_decode(p, n, &m, x);
	free(p);
	return why;
}

static void requests(void)
{
	static const struct {
		const char *exts;
		enum drop why;
		bool present, before, force, through;
		uint8_t encapsulation;
	} rows[] = {
	    {MN_HA, DROP_NONE, false, false, false, false, 0},
	    {ASK MN_HA, DROP_NONE, true, true, true, false, 4},
	    {MN_HA ASK FA_HA, DROP_NONE, true, false, true, false, 4},
	    {"90 06 00 00 40 00 0000" MN_HA, DROP_NONE, true, true, false, true, 0},
	    /* what the RFC reserves is not looked at, but for Reserved3: that one is skipped */
	    {"90 06 00 ff 3f 37 0000" MN_HA, DROP_NONE, true, true, false, false, 0x37},
	    {"90 06 00 00 80 04 0001" MN_HA, DROP_NONE, false, false, false, false, 0},
	    {"90 06 00 00 80 04 8000" ASK MN_HA, DROP_NONE, true, true, true, false, 4},
	    {"90 06 01 00 80 04 0000" MN_HA, DROP_NONE, false, false, false, false, 0},
	    {"90 01 01" MN_HA, DROP_NONE, false, false, false, false, 0},
	    {"90 05 00 00 80 04 00" MN_HA, DROP_MALFORMED, false, false, false, false, 0},
	    {"90 07 00 00 80 04 0000 00" MN_HA, DROP_MALFORMED, false, false, false, false, 0},
	    {"90 01 00" MN_HA, DROP_MALFORMED, false, false, false, false, 0},
	    {"90 00" MN_HA, DROP_MALFORMED, false, false, false, false, 0},
	    {ASK ASK MN_HA, DROP_MALFORMED, false, false, false, false, 0},
	    {ASK MN_HA ASK, DROP_MALFORMED, false, false, false, false, 0},
	    {MN_HA FA_HA ASK, DROP_MALFORMED, false, false, false, false, 0},
	    {MN_HA MN_FA ASK, DROP_MALFORMED, false, false, false, false, 0},
	    {GRANT MN_HA, DROP_EXTENSION, false, false, false, false, 0},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct mip_exts x = {0};

		CHECK_EQ(request(rows[i].exts, &x), rows[i].why);
		CHECK_EQ(x.udp_request.present, rows[i].present);
		CHECK_EQ(x.udp_request.before_mn_ha, rows[i].before);
		CHECK_EQ(x.udp_request.force, rows[i].force);
		CHECK_EQ(x.udp_request.registration_required, rows[i].through);
		CHECK_EQ(x.udp_request.encapsulation, rows[i].encapsulation);
	}
}

static void replies(void)
{
	static const struct {
		const char *exts;
		enum drop why;
		bool present, before, forced;
		unsigned code, keepalive;
	} rows[] = {
	    {MN_HA, DROP_NONE, false, false, false, 0, 0},
	    {GRANT MN_HA, DROP_NONE, true, true, true, 0, 25},
	    {MN_HA GRANT FA_HA, DROP_NONE, true, false, true, 0, 25},
	    {"2c 06 00 40 7fff 0000" MN_HA, DROP_NONE, true, true, false, 64, 0},
	    {"2c 06 00 ff 0000 ffff" MN_HA, DROP_NONE, true, true, false, 255, 65535},
	    {"2c 06 01 00 8000 0019" MN_HA, DROP_EXTENSION, false, false, false, 0, 0},
	    {"2c 05 00 00 8000 00" MN_HA, DROP_MALFORMED, false, false, false, 0, 0},
	    {"2c 07 00 00 8000 0019 00" MN_HA, DROP_MALFORMED, false, false, false, 0, 0},
	    {"2c 01 00" MN_HA, DROP_MALFORMED, false, false, false, 0, 0},
	    {"2c 00" MN_HA, DROP_MALFORMED, false, false, false, 0, 0},
	    {GRANT GRANT MN_HA, DROP_MALFORMED, false, false, false, 0, 0},
	    {GRANT MN_HA GRANT, DROP_MALFORMED, false, false, false, 0, 0},
	    {MN_HA MN_FA GRANT, DROP_MALFORMED, false, false, false, 0, 0},
	    {ASK MN_HA, DROP_NONE, false, false, false, 0, 0},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct mip_exts x = {0};

		CHECK_EQ(reply(rows[i].exts, &x), rows[i].why);
		CHECK_EQ(x.udp_reply.present, rows[i].present);
		CHECK_EQ(x.udp_reply.before_mn_ha, rows[i].before);
		CHECK_EQ(x.udp_reply.forced, rows[i].forced);
		CHECK_EQ(x.udp_reply.code, rows[i].code);
		CHECK_EQ(x.udp_reply.keepalive_s, rows[i].keepalive);
	}
}

/* Cut anywhere: refused, or ended cleanly before the extension and without what that said. */
static void cut_everywhere(void)
{
	uint8_t buf[128];
	size_t n = unit_hex(REQUEST_FIXED MN_HA ASK, buf, sizeof(buf));
	struct mip_request m;
	struct mip_reply r;
	struct mip_exts x;
	unsigned good = 0;

	for (size_t cut = 0; cut < n; cut++) {
		uint8_t *p = unit_copy(buf, cut);
		enum drop why = mip_request_decode(p, cut, &m, &x);

		CHECK(why == DROP_SHORT || (why == DROP_NONE && !x.udp_request.present));
		good += why == DROP_NONE;
		free(p);
	}
	CHECK_EQ(good, 2);
	n = unit_hex(REPLY_FIXED MN_HA GRANT, buf, sizeof(buf));
	for (size_t cut = 0; cut < n; cut++) {
		uint8_t *p = unit_copy(buf, cut);
		enum drop why = mip_reply_decode(p, cut, &r, &x);

		CHECK(why == DROP_SHORT || (why == DROP_NONE && !x.udp_reply.present));
		good += why == DROP_NONE;
		free(p);
	}
	CHECK_EQ(good, 4);
}

/* Behind one of every other layout. */
static void second_in_a_row(void)
{
	static const char *const before[] = {"", "00 ", "89 03 010203 ", "ff 03 63 0102 ",
					     "9a 00 0002 0102 ", "83 04 6e40652e ",
					     "88 03 03 4142 "};
	struct mip_exts x;
	char hex[128];

	for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++) {
		snprintf(hex, sizeof(hex), "%s%s%s", before[i], ASK, MN_HA);
		CHECK_EQ(request(hex, &x), DROP_NONE);
		CHECK(x.udp_request.present && x.udp_request.force);
		CHECK_EQ(x.n_mn_ha, 1);
		snprintf(hex, sizeof(hex), "%s%s%s", before[i], GRANT, MN_HA);
		CHECK_EQ(reply(hex, &x), DROP_NONE);
		CHECK(x.udp_reply.present && x.udp_reply.forced);
		CHECK_EQ(x.n_mn_ha, 1);
	}
}

static void appends(void)
{
	const struct mip_udp_request asks[] = {
	    {0}, {.force = true, .encapsulation = 4}, {.registration_required = true}};
	uint8_t buf[64];
	struct wbuf w = wb_init(buf, sizeof(buf));

	for (size_t i = 0; i < 3; i++)
		mip_udp_request_append(&w, &asks[i]);
	CHECK_BYTES(buf, w.len, "90 06 00 00 00 00 0000" ASK "90 06 00 00 40 00 0000");
	w = wb_init(buf, sizeof(buf));
	mip_udp_reply_append(&w, &(struct mip_udp_reply){.forced = true, .keepalive_s = 25});
	mip_udp_reply_append(&w, &(struct mip_udp_reply){.code = MIP_UDP_DECLINED});
	CHECK_BYTES(buf, w.len, GRANT "2c 06 00 40 0000 0000");
	w = wb_init(buf, 7);
	mip_udp_request_append(&w, &asks[0]);
	CHECK(!wb_ok(&w));
	CHECK_STR(mip_code_text(CODE_HA_UDP_UNAVAILABLE),
		  "home agent: UDP encapsulation unavailable");
}

static void data(void)
{
	static const struct {
		const char *hex;
		bool good;
		size_t left;
	} rows[] = {
	    {"04 04 0000 4500", true, 2}, {"04 04 0000", true, 0}, {"04 04 ffff 45", true, 1},
	    {"", false, 0},		  {"04", false, 0},	   {"04 04", false, 0},
	    {"04 04 00", false, 0},	  {"04 2f 0000 45", false, 0},
	    {"04 37 0000 45", false, 0},  {"04 00 0000 45", false, 0},
	    {"01 04 0000 45", false, 0},  {"03 04 0000 45", false, 0},
	};
	uint8_t buf[16];

	mip_tunnel_header(buf);
	CHECK_BYTES(buf, MIP_TUNNEL_LEN, "04 04 0000");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t n = unit_hex(rows[i].hex, buf, sizeof(buf));
		uint8_t *p = unit_copy(buf, n);
		struct rbuf inner = {.left = 99};

		CHECK_EQ(mip_tunnel_decode(p, n, &inner), rows[i].good);
		CHECK_EQ(inner.left, rows[i].good ? rows[i].left : 99);
		CHECK(!rows[i].good || inner.p == p + MIP_TUNNEL_LEN);
		free(p);
	}
}

/* Neither belongs in an order: the one that may be skipped is, the other spoils it. */
static void in_an_order(void)
{
	uint8_t buf[128];
	struct order o;
	size_t n = unit_hex("ff 01 02 80 " ORDER_ADDRS GRANT, buf, sizeof(buf));

	CHECK_EQ(order_decode(buf, n, &o), DROP_EXTENSION);
	n = unit_hex("ff 01 02 80 " ORDER_ADDRS ASK, buf, sizeof(buf));
	CHECK_EQ(order_decode(buf, n, &o), DROP_NONE);
}

UNIT_MAIN("miptunnel", {"tunnel requests", requests}, {"tunnel replies", replies},
	  {"cut everywhere", cut_everywhere}, {"second in a row", second_in_a_row},
	  {"byte for byte", appends}, {"tunnel data", data}, {"in an order", in_an_order})
