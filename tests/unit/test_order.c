/* SPDX-License-Identifier: MIT */
#include "common/order.h"
#include "tests/unit/unit.h"
#include "tests/vectors/messages.h"

#define AUTH33 "21 06 00000100 aaaa "
#define AUTH32 "20 06 00000100 aaaa "
#define AUTH34 "22 06 00000100 aaaa "
#define AUTH36 "24 02 0006 00000100 aaaa "
#define SIZE "ff 05 01 0800 1000 "
#define LEASE "ff 05 02 00001f40 "
#define STATE "ff 1f 07 02 00 00000001 00000002 00000003 00000004 00000005 00000006 00000007 "
#define COUNT "ff 05 0c 00000009 "
#define DELIVERED "ff 05 0e 0000000a "
#define RULE "1f 11 2e 18 cb007100 1388 1389 138a ffff "
#define RULE_NOT "81 06 00 00 00000000 0000 0000 0000 0000 "
#define FILTER "ff 21 03 " RULE RULE_NOT
#define SEEN "ff 09 04 deadbeef 00000001 "
#define OVERFLOW "ff 02 05 02 "
#define AGE "ff 05 06 2e 00 0064 "
#define AGE_ANY "ff 05 06 ff 00 03e8 "

static enum drop decode(const char *head, const char *exts, struct order *o)
{
	char hex[2048];
	uint8_t buf[1024];
	uint8_t *p;
	enum drop why;
	size_t n;

	snprintf(hex, sizeof(hex), "%s%s%s", head, ORDER_ADDRS, exts);
	n = unit_hex(hex, buf, sizeof(buf));
	p = unit_copy(buf, n);
	why = order_decode(p, n, o);
	free(p);
	return why;
}

static struct sa sa_of(const char *hex)
{
	struct sa sa = {.spi = 256, .alg = AUTH_HMAC_SHA256};

	sa.key.len = (uint8_t)unit_hex(hex, sa.key.b, sizeof(sa.key.b));
	return sa;
}

static void whole_request(void)
{
	struct sa sa = sa_of(KEY32);
	uint8_t buf[256], out[256];
	size_t n = unit_hex(FORWARD, buf, sizeof(buf));
	struct wbuf w = wb_init(out, sizeof(out));
	struct order o;

	CHECK_EQ(order_decode(buf, n, &o), DROP_NONE);
	CHECK_EQ(o.message, ORDER_REQUEST);
	CHECK_EQ(o.action, ORDER_FORWARD);
	CHECK_EQ(o.flags, ORDER_F_ASKED);
	CHECK_EQ(o.home_addr, 0x0a630005);
	CHECK_EQ(o.first_agent, 0xc6336407);
	CHECK_EQ(o.care_of, 0xc6336487);
	CHECK(o.id == 0xe8d4a51012345678);
	CHECK(o.has_size && o.has_lease && !o.has_state && !o.has_count && !o.has_delivered);
	CHECK_EQ(o.size_packets, 2048);
	CHECK_EQ(o.size_kib, 4096);
	CHECK_EQ(o.lease_ms, 8000);
	CHECK(o.mn_fa.present && !o.mn_ha.present && !o.fa_ha.present && !o.handoff.present);
	CHECK(auth_check(buf, n, &o.mn_fa, &sa));
	order_encode(&w, &o);
	auth_append(&w, EXT_MN_FA, 0, &sa);
	CHECK_BYTES(out, w.len, FORWARD);
}

static void reply_for_two(void)
{
	struct sa node = sa_of(KEY32), agent = sa_of(HANDOFF_KEY);
	uint8_t buf[256], out[256];
	size_t n = unit_hex(GRANTED_LESS, buf, sizeof(buf));
	struct wbuf w = wb_init(out, sizeof(out));
	struct order o;

	CHECK_EQ(order_decode(buf, n, &o), DROP_NONE);
	CHECK_EQ(o.message, ORDER_REPLY);
	CHECK_EQ(o.action, ORDER_GRANTED_LESS);
	CHECK(auth_check(buf, n, &o.mn_fa, &node) && auth_check(buf, n, &o.handoff, &agent));
	CHECK(!auth_check(buf, n, &o.handoff, &node));
	order_encode(&w, &o);
	auth_append(&w, EXT_MN_FA, 0, &node);
	auth_append(&w, EXT_GENERAL_AUTH, GA_FA_FA, &agent);
	CHECK_BYTES(out, w.len, GRANTED_LESS);
	buf[o.mn_fa.covered] ^= 1; /* 36 covers the node's authenticator too */
	CHECK(!auth_check(buf, n, &o.handoff, &agent));
}

static void all_extensions(void)
{
	struct order o = {.message = ORDER_MARKER,
			  .flags = ORDER_F_PENDING,
			  .home_addr = 0x0a630005,
			  .first_agent = 0xc6336407,
			  .care_of = 0xc6336487,
			  .id = 0xe8d4a51012345678,
			  .has_size = true,
			  .has_lease = true,
			  .has_state = true,
			  .has_count = true,
			  .has_delivered = true,
			  .size_packets = 2048,
			  .size_kib = 4096,
			  .lease_ms = 8000,
			  .state = {2, 1, 2, 3, 4, 5, 6, 7},
			  .count = 9,
			  .delivered = 10};
	uint8_t buf[256];
	struct wbuf w = wb_init(buf, sizeof(buf));
	struct order got;

	order_encode(&w, &o);
	CHECK_BYTES(buf, w.len, "ff 03 00 80 " ORDER_ADDRS SIZE LEASE STATE COUNT DELIVERED);
	CHECK_EQ(order_decode(buf, w.len, &got), DROP_NONE);
	CHECK_EQ(got.state.state, 2);
	CHECK_EQ(got.state.queued, 1);
	CHECK_EQ(got.state.bytes, 2);
	CHECK_EQ(got.state.forwarded, 3);
	CHECK_EQ(got.state.dropped_overflow, 4);
	CHECK_EQ(got.state.dropped_filter, 5);
	CHECK_EQ(got.state.dropped_age, 6);
	CHECK_EQ(got.state.lease_left_ms, 7);
	CHECK_EQ(got.count, 9);
	CHECK_EQ(got.delivered, 10);
	o.lease_ms = 0xffffffff;
	w = wb_init(buf, sizeof(buf));
	order_encode(&w, &o);
	CHECK(!wb_ok(&w));
}

static void what_is_kept(void)
{
	struct order o, got;
	uint8_t buf[256];
	struct wbuf w = wb_init(buf, sizeof(buf));

	CHECK_EQ(decode("ff010100", FILTER OVERFLOW AGE AGE_ANY, &o), DROP_NONE);
	CHECK_EQ(o.n_rules, 2);
	CHECK_EQ(o.rules[0].match, 0x1f);
	CHECK_EQ(o.rules[0].protocol, 17);
	CHECK_EQ(o.rules[0].dscp, 46);
	CHECK_EQ(o.rules[0].prefix_len, 24);
	CHECK_EQ(o.rules[0].source, 0xcb007100);
	CHECK(o.rules[0].sport_low == 5000 && o.rules[0].sport_high == 5001);
	CHECK(o.rules[0].dport_low == 5002 && o.rules[0].dport_high == 65535);
	CHECK(o.rules[1].match == (MATCH_PROTOCOL | MATCH_INVERT) && o.rules[1].protocol == 6);
	CHECK(o.has_overflow && o.overflow == OVERFLOW_LOWEST);
	CHECK_EQ(o.n_ages, 2);
	CHECK(o.ages[0].dscp == 46 && o.ages[0].ms == 100);
	CHECK(o.ages[1].dscp == AGE_ANY_DSCP && o.ages[1].ms == 1000);
	CHECK_EQ(o.n_seen, 0);
	CHECK(order_sensible(&o));
	order_encode(&w, &o);
	CHECK_BYTES(buf, w.len, "ff 01 01 00 " ORDER_ADDRS FILTER OVERFLOW AGE AGE_ANY);

	CHECK_EQ(decode("ff010200", SEEN, &o), DROP_NONE);
	CHECK(o.n_seen == 2 && o.seen[0] == 0xdeadbeef && o.seen[1] == 1);
	CHECK(order_sensible(&o));
	w = wb_init(buf, sizeof(buf));
	order_encode(&w, &o);
	CHECK_BYTES(buf, w.len, "ff 01 02 00 " ORDER_ADDRS SEEN);

	/* the longest list that a Request can carry */
	o.n_seen = ORDER_SEEN_MAX;
	for (unsigned i = 0; i < ORDER_SEEN_MAX; i++)
		o.seen[i] = i;
	w = wb_init(buf, sizeof(buf));
	order_encode(&w, &o);
	CHECK_EQ(w.len, 251);
	CHECK_EQ(order_decode(buf, w.len, &got), DROP_NONE);
	CHECK(got.n_seen == ORDER_SEEN_MAX && got.seen[55] == 55);
}

static void no_sense(void)
{
	static const struct {
		const char *exts;
		bool sensible;
	} rows[] = {
	    {FILTER SEEN, false},
	    {"ff 02 05 01 ", true},
	    {"ff 02 05 03 ", false},
	    {"ff 05 06 3f000000 ", true},
	    {"ff 05 06 40000000 ", false},
	    {"ff 11 03 20000000 00000000 00000000 00000000 ", false}, /* an unknown match bit */
	    {"ff 11 03 02000021 00000000 00000000 00000000 ", false},
	    {"ff 11 03 01000021 00000000 00000000 00000000 ", true}, /* not looked at */
	    {"ff 11 03 10004000 00000000 00000000 00000000 ", false},
	    {"ff 11 03 04000000 00000000 00020001 00000000 ", false},
	    {"ff 11 03 08000000 00000000 00020001 00000000 ", true},
	    {"ff 11 03 08000000 00000000 00000000 00020001 ", false},
	    {"ff 11 03 80000000 00000000 00000000 00000000 ", true},
	};
	struct order o;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CHECK_EQ(decode("ff010100", rows[i].exts, &o), DROP_NONE);
		CHECK_EQ(order_sensible(&o), rows[i].sensible);
	}
}

static void headers(void)
{
	struct order o = {.count = 77};
	char head[16];

	for (unsigned action = 0; action < 256; action++) {
		snprintf(head, sizeof(head), "ff01%02x00", action);
		CHECK_EQ(decode(head, "", &o),
			 action >= 1 && action <= 7 ? DROP_NONE : DROP_MALFORMED);
		snprintf(head, sizeof(head), "ff02%02x00", action);
		CHECK_EQ(decode(head, "", &o), DROP_NONE);
		snprintf(head, sizeof(head), "ff03%02x00", action);
		CHECK_EQ(decode(head, "", &o), action ? DROP_MALFORMED : DROP_NONE);
		snprintf(head, sizeof(head), "ff%02x0100", action);
		if (action < 1 || action > 3)
			CHECK_EQ(decode(head, "", &o), DROP_MALFORMED);
	}
	o.count = 77;
	CHECK_EQ(decode("01010100", "", &o), DROP_TYPE);
	CHECK_EQ(order_decode(NULL, 0, &o), DROP_SHORT);
	CHECK_EQ(o.count, 77);
	CHECK_EQ(decode("ff0101ff", "", &o), DROP_NONE); /* other flags are ignored */
}

static void extension_rules(void)
{
	static const struct {
		const char *exts;
		enum drop why;
	} rows[] = {
	    {SIZE LEASE AUTH33, DROP_NONE},
	    {LEASE SIZE AUTH32, DROP_NONE},
	    {"00 " SIZE "00 00 " AUTH34, DROP_NONE},
	    {"ff 03 63 0102 c8 02 0102 " SIZE AUTH33, DROP_NONE}, /* unknown: skipped */
	    {FILTER OVERFLOW AGE AGE_ANY AUTH33, DROP_NONE},
	    {SEEN OVERFLOW AGE AGE_ANY AUTH33, DROP_NONE},
	    {FILTER SEEN AUTH33, DROP_NONE}, /* for the agent to answer 134 */
	    {FILTER FILTER, DROP_MALFORMED},
	    {SEEN SEEN, DROP_MALFORMED},
	    {OVERFLOW OVERFLOW, DROP_MALFORMED},
	    {AGE AGE AGE AGE AGE AGE AGE AGE, DROP_NONE},
	    {AGE AGE AGE AGE AGE AGE AGE AGE AGE, DROP_MALFORMED},
	    {"ff 01 03 ", DROP_MALFORMED},
	    {"ff 10 03 1f112e18 cb007100 13881389 138aff ", DROP_MALFORMED},
	    {"ff 12 03 " RULE "00 ", DROP_MALFORMED},
	    {"ff 81 03 " RULE RULE RULE RULE RULE RULE RULE RULE, DROP_NONE},
	    {"ff 91 03 " RULE RULE RULE RULE RULE RULE RULE RULE RULE, DROP_MALFORMED},
	    {"ff 01 04 ", DROP_MALFORMED},
	    {"ff 04 04 010203 ", DROP_MALFORMED},
	    {"ff 01 05 ", DROP_MALFORMED},
	    {"ff 03 05 0101 ", DROP_MALFORMED},
	    {"ff 04 06 ff0000 ", DROP_MALFORMED},
	    {"ff 06 06 ff00000000 ", DROP_MALFORMED},
	    {SIZE SIZE AUTH33, DROP_MALFORMED},
	    {LEASE LEASE AUTH33, DROP_MALFORMED},
	    {COUNT COUNT, DROP_MALFORMED},
	    {DELIVERED DELIVERED, DROP_MALFORMED},
	    {STATE STATE, DROP_MALFORMED},
	    {"ff 04 01 080010 ", DROP_MALFORMED},
	    {"ff 06 01 0800100000 ", DROP_MALFORMED},
	    {"ff 04 02 000001 ", DROP_MALFORMED},
	    {"ff 06 02 0000000100 ", DROP_MALFORMED},
	    {"ff 05 02 ffffffff ", DROP_MALFORMED},
	    {"ff 05 02 fffffffe ", DROP_NONE},
	    {"ff 1e 07 02 00 00000001 00000002 00000003 00000004 00000005 00000006 000000 ",
	     DROP_MALFORMED},
	    {"ff 20 07 02 00 00000001 00000002 00000003 00000004 00000005 00000006 0000000700 ",
	     DROP_MALFORMED},
	    {"ff 04 0c 000009 ", DROP_MALFORMED},
	    {"ff 06 0c 0000000900 ", DROP_MALFORMED},
	    {"ff 01 0e ", DROP_MALFORMED},
	    {"ff 00 ", DROP_MALFORMED},
	    {AUTH33 AUTH36, DROP_NONE},
	    {AUTH36 AUTH33, DROP_NONE},
	    {AUTH33 AUTH33, DROP_MALFORMED},
	    {AUTH36 AUTH36, DROP_MALFORMED},
	    {AUTH32 AUTH33 AUTH32, DROP_MALFORMED},
	    {AUTH33 SIZE, DROP_MALFORMED},
	    {AUTH33 "c8 00", DROP_MALFORMED},
	    {AUTH33 "00", DROP_MALFORMED},
	    {AUTH33 "00 " AUTH36, DROP_MALFORMED},
	    {"24 01 0006 00000100 aaaa", DROP_EXTENSION}, /* another subtype of 36 */
	    {"21 03 000001", DROP_MALFORMED},
	    {"7f 00 0000", DROP_EXTENSION},
	    {"26 00 0000", DROP_EXTENSION},
	    {SIZE "ff", DROP_SHORT},
	};
	struct order o;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		CHECK_EQ(decode("ff020000", rows[i].exts, &o), rows[i].why);
}

/* Each extension behind each other one reads the same as alone. */
static void second_in_a_row(void)
{
	static const char *const exts[] = {SIZE,	LEASE, STATE,	 COUNT, DELIVERED,
					   FILTER,	SEEN,  OVERFLOW, AGE,	"ff 03 63 0102 ",
					   "c8 01 00 ", "00 "};
	struct order o;
	char hex[512];

	for (size_t i = 0; i < sizeof(exts) / sizeof(exts[0]); i++)
		for (size_t j = 0; j < sizeof(exts) / sizeof(exts[0]); j++) {
			snprintf(hex, sizeof(hex), "%s%s%s", exts[i], exts[j], AUTH33);
			if (i == j && i < 8) {
				CHECK_EQ(decode("ff020000", hex, &o), DROP_MALFORMED);
				continue;
			}
			CHECK_EQ(decode("ff020000", hex, &o), DROP_NONE);
			CHECK_EQ(o.has_size, i == 0 || j == 0);
			CHECK_EQ(o.has_lease, i == 1 || j == 1);
			CHECK_EQ(o.has_state, i == 2 || j == 2);
			CHECK_EQ(o.has_count, i == 3 || j == 3);
			CHECK_EQ(o.has_delivered, i == 4 || j == 4);
			CHECK_EQ(o.n_rules, i == 5 || j == 5 ? 2 : 0);
			CHECK_EQ(o.n_seen, i == 6 || j == 6 ? 2 : 0);
			CHECK_EQ(o.has_overflow, i == 7 || j == 7);
			CHECK_EQ(o.n_ages, (i == 8) + (j == 8));
			CHECK(!o.n_rules || o.rules[1].protocol == 6);
			CHECK(!o.n_seen || o.seen[0] == 0xdeadbeef);
			CHECK(!o.n_ages || o.ages[0].ms == 100);
			CHECK(!o.has_size || (o.size_packets == 2048 && o.size_kib == 4096));
			CHECK(!o.has_lease || o.lease_ms == 8000);
			CHECK(!o.has_state || (o.state.queued == 1 && o.state.lease_left_ms == 7));
			CHECK(!o.has_count || o.count == 9);
			CHECK(!o.has_delivered || o.delivered == 10);
		}
}

/* No cut message can be taken for a signed one. */
static void cut_everywhere(void)
{
	static const char *const rows[] = {
	    FORWARD, GRANTED_LESS,
	    "ff 02 00 00 " ORDER_ADDRS SIZE LEASE STATE COUNT DELIVERED AUTH33,
	    "ff 01 01 00 " ORDER_ADDRS FILTER OVERFLOW AGE AUTH33,
	    "ff 01 02 00 " ORDER_ADDRS SEEN AUTH33};
	struct sa sa = sa_of(KEY32), agent = sa_of(HANDOFF_KEY);
	uint8_t buf[256];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t n = unit_hex(rows[i], buf, sizeof(buf));

		for (size_t cut = 0; cut < n; cut++) {
			uint8_t *p = unit_copy(buf, cut);
			struct order o;
			enum drop why = order_decode(p, cut, &o);

			CHECK(why == DROP_SHORT || why == DROP_NONE);
			if (why == DROP_NONE && i == 1 && cut == n - 40)
				CHECK(auth_check(p, cut, &o.mn_fa,
						 &sa)); /* all that the node reads */
			else if (why == DROP_NONE)
				CHECK(!o.mn_fa.present && !auth_check(p, cut, &o.mn_fa, &sa));
			CHECK(why != DROP_NONE || !auth_check(p, cut, &o.handoff, &agent));
			free(p);
		}
	}
}

static void length_limits(void)
{
	uint8_t *p = calloc(1, 512);
	struct order o;

	p[0] = 255;
	p[1] = ORDER_REQUEST;
	p[2] = ORDER_BUFFER;
	CHECK_EQ(order_decode(p, ORDER_MAX, &o), DROP_NONE);
	CHECK_EQ(order_decode(p, ORDER_MAX + 1, &o), DROP_MALFORMED);
	p[1] = ORDER_REPLY;
	CHECK_EQ(order_decode(p, ORDER_MAX + ORDER_REPLY_GROW, &o), DROP_NONE);
	CHECK_EQ(order_decode(p, ORDER_MAX + ORDER_REPLY_GROW + 1, &o), DROP_MALFORMED);
	free(p);
}

static void words(void)
{
	CHECK_STR(order_action_name(ORDER_BUFFER), "BUFFER");
	CHECK_STR(order_action_name(ORDER_QUERY), "QUERY");
	CHECK_STR(order_action_name(0), "unknown");
	CHECK_STR(order_action_name(8), "unknown");
	CHECK_STR(order_code_text(ORDER_NO_ROOM), "no room");
	for (unsigned c = 0; c < 256; c++)
		CHECK(order_code_text((uint8_t)c) != NULL);
}

UNIT_MAIN("order", {"a whole Request", whole_request}, {"a Reply for two", reply_for_two},
	  {"all extensions byte for byte", all_extensions}, {"what is kept", what_is_kept},
	  {"no sense", no_sense}, {"headers", headers}, {"extension rules", extension_rules},
	  {"second in a row", second_in_a_row}, {"cut everywhere", cut_everywhere},
	  {"length limits", length_limits}, {"words", words})
