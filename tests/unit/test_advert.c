/* SPDX-License-Identifier: MIT */
#include "common/advert.h"
#include "common/packet.h"
#include "tests/unit/unit.h"

/* Router 10.1.0.1/24, sequence 7, 1800 s, F and T, care-of 198.51.100.7; buffers; one neighbour;
 * padded. */
#define WHOLE                                                                                      \
	"09 10 76e7 01 02 001e 0a010001 00000000 "                                                 \
	"10 0a 0007 0708 1100 c6336407 13 01 18 ff 07 01 1000 00001f40 "                           \
	"ff 15 02 020000000100 020000000101 0a020001 c6336487 00"

#define AGENT "10 0a 0007 0708 1000 c6336407 "
#define HOME "10 06 0000 ffff 2000 "
#define NEIGHBOUR "020000000100 020000000101 0a020001 c6336487 "
#define NEIGHBOURS12                                                                               \
	"ff f1 02 " NEIGHBOUR NEIGHBOUR NEIGHBOUR NEIGHBOUR NEIGHBOUR NEIGHBOUR NEIGHBOUR          \
	    NEIGHBOUR NEIGHBOUR NEIGHBOUR NEIGHBOUR NEIGHBOUR

/* Decodes head and extensions with a right checksum put in. */
static enum drop decode(const char *head, const char *exts, struct advert *a)
{
	uint8_t buf[1024];
	size_t n = unit_hex(head, buf, sizeof(buf));
	struct wbuf w;
	uint8_t *p;
	enum drop why;

	n += unit_hex(exts, buf + n, sizeof(buf) - n);
	w = (struct wbuf){.p = buf, .len = n, .cap = n};
	wb_patch16(&w, 2, 0);
	wb_patch16(&w, 2, inet_checksum(buf, n));
	p = unit_copy(buf, n);
	why = advert_decode(p, n, a);
	free(p);
	return why;
}

#define BARE "09 00 0000 00 02 001e "
#define ONE "09 00 0000 01 02 001e 0a010001 00000000 "

static void whole(void)
{
	uint8_t buf[128], out[128], *p;
	size_t n = unit_hex(WHOLE, buf, sizeof(buf));
	struct wbuf w = wb_init(out, sizeof(out));
	struct advert a;

	p = unit_copy(buf, n);
	CHECK_EQ(advert_decode(p, n, &a), DROP_NONE);
	free(p);
	CHECK_EQ(a.code, 16);
	CHECK_EQ(a.icmp_lifetime_s, 30);
	CHECK_EQ(a.router, 0x0a010001);
	CHECK_EQ(a.sequence, 7);
	CHECK_EQ(a.sequence_at, 18);
	CHECK_EQ(a.rest, 0x76e7 + 7); /* whatever the sequence is */
	CHECK_EQ(a.len, n);
	CHECK_EQ(a.reg_lifetime_s, 1800);
	CHECK_EQ(a.flags, ADVERT_F | ADVERT_T);
	CHECK_EQ(a.n_care_of, 1);
	CHECK_EQ(a.care_of[0], 0xc6336407);
	CHECK(a.has_prefix && a.prefix_len == 24);
	CHECK(a.buffers && a.buffer_kib == 4096 && a.buffer_lease_ms == 8000);
	CHECK_EQ(a.n_neighbours, 1);
	CHECK_BYTES(a.neighbours[0].bssid.b, 6, "020000000100");
	CHECK_BYTES(a.neighbours[0].agent_mac.b, 6, "020000000101");
	CHECK_EQ(a.neighbours[0].agent_addr, 0x0a020001);
	CHECK_EQ(a.neighbours[0].care_of, 0xc6336487);
	advert_encode(&w, &a);
	CHECK_BYTES(out, w.len, WHOLE);
}

static void bare(void)
{
	struct advert a = {.icmp_lifetime_s = 30,
			   .sequence = 0xffff,
			   .reg_lifetime_s = 0xffff,
			   .flags = ADVERT_H,
			   .has_prefix = true,
			   .prefix_len = 24};
	uint8_t buf[32];
	struct wbuf w = wb_init(buf, sizeof(buf));
	struct advert got;

	advert_encode(&w, &a); /* a prefix of no router is not said */
	CHECK_BYTES(buf, w.len, "09 00 c6d9 00 02 001e 10 06 ffff ffff 2000");
	CHECK_EQ(advert_decode(buf, w.len, &got), DROP_NONE);
	CHECK(!got.router && !got.has_prefix && !got.buffers && !got.n_care_of &&
	      !got.n_neighbours);
	w = wb_init(buf, 15);
	advert_encode(&w, &a);
	CHECK(!wb_ok(&w));
}

static void largest(void)
{
	struct advert a = {.router = 0x0a010001,
			   .flags = ADVERT_F,
			   .n_care_of = ADVERT_CARE_OF_MAX,
			   .care_of = {1, 2, 3, 4},
			   .n_neighbours = ADVERT_NEIGHBOURS_MAX,
			   .buffers = true};
	uint8_t buf[512];
	struct wbuf w = wb_init(buf, sizeof(buf));
	struct advert got;

	advert_encode(&w, &a);
	CHECK(wb_ok(&w) && w.len % 2 == 0);
	CHECK_EQ(advert_decode(buf, w.len, &got), DROP_NONE);
	CHECK_EQ(got.n_care_of, 4);
	CHECK_EQ(got.care_of[3], 4);
	CHECK_EQ(got.n_neighbours, 12);
}

static void rules(void)
{
	static const struct {
		const char *head, *exts;
		enum drop why;
	} rows[] = {
	    {BARE, AGENT, DROP_NONE},
	    {BARE, HOME, DROP_NONE},
	    {BARE, "10 0a 0007 0708 121f c6336407 ", DROP_NONE}, /* reserved bits */
	    {BARE, "", DROP_TYPE}, /* a router, no agent */
	    {BARE, "00", DROP_TYPE},
	    {BARE, "88 02 0102 ff 01 07", DROP_TYPE},
	    {BARE, "18 04 01020304 " AGENT, DROP_EXTENSION},
	    {BARE, AGENT "7f 00", DROP_EXTENSION},
	    {BARE, "88 02 0102 00 " AGENT "ff 00 ff 03 63 0102", DROP_NONE},
	    {BARE, AGENT AGENT, DROP_MALFORMED},
	    {BARE, "10 06 0000 ffff 1000", DROP_MALFORMED}, /* F without a care-of address */
	    {BARE, "10 0a 0000 ffff 0100 c6336407", DROP_MALFORMED}, /* neither F nor H */
	    {BARE, "10 05 0000 ffff 20", DROP_MALFORMED},
	    {BARE, "10 08 0000 ffff 2000 0102", DROP_MALFORMED},
	    {BARE, "10 0a 0000 ffff 1000 c63364", DROP_SHORT},
	    {BARE, AGENT "88", DROP_SHORT},
	    {"09 01 0000 00 02 001e ", AGENT, DROP_MALFORMED}, /* code 1 */
	    {"09 10 0000 00 02 001e ", AGENT, DROP_NONE},
	    {"08 00 0000 00 02 001e ", AGENT, DROP_TYPE},
	    {"09 00 0000 01 01 001e 0a010001 ", AGENT, DROP_MALFORMED},
	    {"09 00 0000 ff ff 001e ", AGENT, DROP_SHORT},
	    {"09 00 0000 01 03 001e 0a010001 00000000 ffffffff ", AGENT, DROP_NONE},
	    {ONE, AGENT "13 01 20", DROP_NONE},
	    {ONE, "13 01 18 " AGENT, DROP_NONE},
	    {ONE, AGENT "13 01 21", DROP_MALFORMED},
	    {ONE, AGENT "13 02 1818", DROP_MALFORMED},
	    {ONE, AGENT "13 01 18 13 01 18", DROP_MALFORMED},
	    {BARE, AGENT "13 00", DROP_NONE},
	};
	struct advert a;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		a.sequence = 4711;
		CHECK_EQ(decode(rows[i].head, rows[i].exts, &a), rows[i].why);
		CHECK(rows[i].why == DROP_NONE || a.sequence == 4711);
	}
}

/* Ours under the experimental number, another's under the same number, and too many. */
static void experimental(void)
{
	struct advert a;

	CHECK_EQ(decode(BARE, AGENT "ff 06 01 1000 00001f ff 08 01 1000 00001f40 00", &a),
		 DROP_NONE);
	CHECK(!a.buffers);
	CHECK_EQ(decode(BARE, AGENT "ff 07 01 1000 00001f40 ff 07 01 0001 00000001", &a),
		 DROP_NONE);
	CHECK(a.buffers && a.buffer_kib == 4096 && a.buffer_lease_ms == 8000);
	CHECK_EQ(decode(BARE, AGENT "ff 14 02 020000000100 020000000101 0a020001 c63364", &a),
		 DROP_NONE);
	CHECK_EQ(a.n_neighbours, 0);
	CHECK_EQ(decode(BARE, AGENT "ff 15 02 " NEIGHBOUR "ff 29 02 " NEIGHBOUR NEIGHBOUR, &a),
		 DROP_NONE);
	CHECK_EQ(a.n_neighbours, 3);
	CHECK_EQ(decode(BARE, AGENT NEIGHBOURS12 NEIGHBOURS12, &a), DROP_NONE);
	CHECK_EQ(a.n_neighbours, 12);
	CHECK_EQ(
	    decode(BARE, "10 1a 0007 0708 1000 00000001 00000002 00000003 00000004 00000005", &a),
	    DROP_NONE);
	CHECK_EQ(a.n_care_of, 4);
}

static void second_in_a_row(void)
{
	static const char *const exts[] = {
	    "13 01 18 ", "ff 07 01 1000 00001f40 ", ("ff 15 02 " NEIGHBOUR), "88 02 0102 ", "00 ",
	    AGENT};
	struct advert a;
	char hex[512];

	for (size_t i = 0; i < 6; i++)
		for (size_t j = 0; j < 6; j++) {
			bool has[6] = {0};

			has[i] = has[j] = true;
			if (i == j && (i == 0 || i == 5))
				continue;
			snprintf(hex, sizeof(hex), "%s%s%s", exts[i], exts[j], has[5] ? "" : AGENT);
			CHECK_EQ(decode(ONE, hex, &a), DROP_NONE);
			CHECK_EQ(a.sequence, 7);
			CHECK_EQ(a.care_of[0], 0xc6336407);
			CHECK_EQ(a.has_prefix, has[0]);
			CHECK_EQ(a.buffers, has[1]);
			CHECK_EQ(a.n_neighbours, has[2] ? 1 + (i == j) : 0);
		}
}

/* Cut anywhere, with the checksum put right: refused, or shorter by whole extensions. */
static void cut_everywhere(void)
{
	uint8_t buf[128];
	size_t n = unit_hex(WHOLE, buf, sizeof(buf));
	struct advert a;

	for (size_t cut = 0; cut < n; cut++) {
		uint8_t *p = unit_copy(buf, cut);
		enum drop why = advert_decode(p, cut, &a);

		/* What is cut off adds up to 0 only when it is the padding. */
		CHECK(why != DROP_NONE || cut == n - 1);
		if (cut >= 8) {
			struct wbuf w = {.p = p, .len = cut, .cap = cut};

			wb_patch16(&w, 2, 0);
			wb_patch16(&w, 2, inet_checksum(p, cut));
			why = advert_decode(p, cut, &a);
			CHECK(why == DROP_SHORT || (cut == 16 && why == DROP_TYPE) ||
			      (why == DROP_NONE && a.sequence == 7 && a.n_care_of == 1));
			CHECK(why != DROP_NONE || cut == 28 || cut == 31 || cut == 40 ||
			      cut == n - 1);
		}
		free(p);
	}
}

static void checksum(void)
{
	uint8_t buf[128];
	size_t n = unit_hex(WHOLE, buf, sizeof(buf));
	struct advert a;

	for (size_t i = 0; i < n; i++) {
		buf[i] ^= 1;
		CHECK(advert_decode(buf, n, &a) != DROP_NONE);
		buf[i] ^= 1;
	}
}

static void solicitations(void)
{
	uint8_t buf[16], *p;
	struct wbuf w = wb_init(buf, sizeof(buf));

	solicit_encode(&w);
	CHECK_BYTES(buf, w.len, "0a 00 f5ff 00000000");
	for (size_t cut = 0; cut < 8; cut++) {
		p = unit_copy(buf, cut);
		CHECK_EQ(solicit_decode(p, cut), DROP_SHORT);
		free(p);
	}
	CHECK_EQ(solicit_decode(buf, 8), DROP_NONE);
	buf[7] = 1;
	CHECK_EQ(solicit_decode(buf, 8), DROP_MALFORMED);
	unit_hex("08 00 f7ff 00000000", buf, 8);
	CHECK_EQ(solicit_decode(buf, 8), DROP_TYPE);
	unit_hex("0a 01 f5fe 00000000", buf, 8);
	CHECK_EQ(solicit_decode(buf, 8), DROP_MALFORMED);
}

static void sequences(void)
{
	CHECK_EQ(advert_next_sequence(0), 1);
	CHECK_EQ(advert_next_sequence(255), 256);
	CHECK_EQ(advert_next_sequence(0xfffe), 0xffff);
	CHECK_EQ(advert_next_sequence(0xffff), 256);
	CHECK(!advert_is_reboot(0xffff, 256)); /* rolled over */
	CHECK(!advert_is_reboot(0xfff0, 300));
	CHECK(advert_is_reboot(0xffff, 255));
	CHECK(advert_is_reboot(256, 0));
	CHECK(advert_is_reboot(5, 4));
	CHECK(!advert_is_reboot(5, 5) && !advert_is_reboot(5, 6) && !advert_is_reboot(0, 0xffff));
}

UNIT_MAIN("advert", {"whole", whole}, {"bare", bare}, {"largest", largest}, {"rules", rules},
	  {"experimental number", experimental}, {"second in a row", second_in_a_row},
	  {"cut everywhere", cut_everywhere}, {"checksum", checksum},
	  {"solicitations", solicitations}, {"sequence numbers", sequences})
