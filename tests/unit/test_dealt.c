/* SPDX-License-Identifier: MIT */
#include "common/dealt.h"
#include "common/order.h"
#include "tests/unit/unit.h"
#include "tests/vectors/dealt.h"

#define HOME 0x0a630005u
#define HA 0xc0000201u
#define CARE_OF 0xc6336407u

static struct secret key_of(const char *hex)
{
	struct secret s = { 0 };

	s.len = (uint8_t)unit_hex(hex, s.b, sizeof(s.b));
	return s;
}

static struct sa mn_ha(void)
{
	return (struct sa){ .spi = 256, .key = key_of(DEALT_MN_HA) };
}

static struct sa fa_ha(void)
{
	return (struct sa){ .spi = 257, .key = key_of(DEALT_FA_HA) };
}

/* RFC 3394 4.6: 256 bits of key data under a key of 256 bits. */
static void wrap_published(void)
{
	struct secret kek = key_of(
	    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
	struct secret key = key_of(
	    "00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f");
	uint8_t out[DEALT_WRAPPED_LEN], back[DEALT_KEY_LEN];

	CHECK(dealt_wrap(&kek, key.b, out));
	CHECK_BYTES(out, sizeof(out), "28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326"
				      "cbc7f0e71a99f43bfb988b9b7a02dd21");
	CHECK(dealt_unwrap(&kek, out, back));
	CHECK(!memcmp(back, key.b, sizeof(back)));
}

static void unwrap_refuses(void)
{
	static const uint8_t zero[DEALT_KEY_LEN];
	struct secret kek = key_of(DEALT_KEK), other;
	uint8_t wrapped[DEALT_WRAPPED_LEN], out[DEALT_KEY_LEN];

	unit_hex(DEALT_WRAPPED, wrapped, sizeof(wrapped));
	CHECK(dealt_unwrap(&kek, wrapped, out));
	CHECK_BYTES(out, sizeof(out), DEALT_ORDER_KEY);
	for (size_t i = 0; i < sizeof(wrapped); i++) {
		memset(out, 0x55, sizeof(out));
		wrapped[i] ^= 1;
		CHECK(!dealt_unwrap(&kek, wrapped, out));
		CHECK(!memcmp(out, zero, sizeof(out))); /* nothing of it is left */
		wrapped[i] ^= 1;
	}
	for (size_t i = 0; i < kek.len; i++) {
		other = kek;
		other.b[i] ^= 0x80;
		CHECK(!dealt_unwrap(&other, wrapped, out));
	}
	other = (struct secret){ .len = 16 };
	CHECK(!dealt_unwrap(&other, wrapped, out));
	CHECK(!dealt_wrap(&other, out, wrapped));
}

static void derived(void)
{
	struct sa fa = fa_ha(), mn = mn_ha(), key;
	uint8_t nonce[DEALT_NONCE_LEN], out[DEALT_WRAPPED_LEN];
	struct secret kek, another;

	unit_hex(DEALT_NONCE, nonce, sizeof(nonce));
	dealt_kek(&fa, HA, CARE_OF, &kek);
	CHECK_BYTES(kek.b, kek.len, DEALT_KEK);
	dealt_order_key(&mn.key, nonce, HOME, CARE_OF, DEALT_SPI, &key);
	CHECK_EQ(key.spi, DEALT_SPI);
	CHECK_EQ(key.alg, AUTH_HMAC_SHA256);
	CHECK_BYTES(key.key.b, key.key.len, DEALT_ORDER_KEY);
	CHECK(dealt_wrap(&kek, key.key.b, out));
	CHECK_BYTES(out, sizeof(out), DEALT_WRAPPED);
	/* Everything that goes in makes a difference. */
	dealt_kek(&fa, HA, CARE_OF + 1, &another);
	CHECK(!dealt_unwrap(&another, out, key.key.b));
	dealt_kek(&fa, HA + 1, CARE_OF, &another);
	CHECK(!dealt_unwrap(&another, out, key.key.b));
	fa.spi++;
	dealt_kek(&fa, HA, CARE_OF, &another);
	CHECK(!dealt_unwrap(&another, out, key.key.b));
}

static void random_sequence(void)
{
	uint8_t seed[DEALT_SEED_LEN] = { 7 }, a[DEALT_NONCE_LEN], b[DEALT_NONCE_LEN];
	uint32_t spi_a, spi_b;

	dealt_draw(seed, 1, a, &spi_a);
	CHECK(spi_a & DEALT_SPI_BIT);
	dealt_draw(seed, 1, b, &spi_b);
	CHECK(spi_a == spi_b && !memcmp(a, b, sizeof(a)));
	dealt_draw(seed, 2, b, &spi_b);
	CHECK(spi_a != spi_b && memcmp(a, b, sizeof(a)));
	seed[31] ^= 1;
	dealt_draw(seed, 1, b, &spi_b);
	CHECK(spi_a != spi_b && memcmp(a, b, sizeof(a)));
}

static enum drop decode(const char *hex, size_t cut, struct mip_exts *x)
{
	uint8_t buf[512];
	size_t n = unit_hex(hex, buf, sizeof(buf));
	uint8_t *p = unit_copy(buf, n - cut);
	struct mip_reply m;
	enum drop why = mip_reply_decode(p, n - cut, &m, x);

	free(p);
	return why;
}

static enum drop exts(const char *hex)
{
	char all[1200];
	struct mip_exts x;

	snprintf(all, sizeof(all), "%s%s", DEALT_REPLY_FIXED, hex);
	return decode(all, 0, &x);
}

static void reply_whole(void)
{
	struct sa mn = mn_ha(), fa = fa_ha();
	uint8_t buf[512];
	struct wbuf w = wb_init(buf, sizeof(buf));
	struct mip_reply m = {
		.code = 1, .lifetime_s = 600, .home_addr = HOME, .home_agent = HA,
		.id = 0xe8d4a51012345678 };
	struct mip_exts x;

	CHECK_EQ(decode(DEALT_REPLY, 0, &x), DROP_NONE);
	CHECK(x.node_nonce.spi == DEALT_SPI && x.agent_key.spi == DEALT_SPI);
	CHECK(x.node_nonce.lifetime_s == 600 && x.agent_key.lifetime_s == 600);
	CHECK_BYTES(x.node_nonce.nonce, DEALT_NONCE_LEN, DEALT_NONCE);
	CHECK_BYTES(x.agent_key.wrapped, DEALT_WRAPPED_LEN, DEALT_WRAPPED);
	mip_reply_encode(&w, &m);
	mip_node_nonce_append(&w, &x.node_nonce);
	auth_append(&w, EXT_MN_HA, 0, &mn);
	mip_agent_key_append(&w, &x.agent_key);
	auth_append(&w, EXT_FA_HA, 0, &fa);
	CHECK(wb_ok(&w));
	CHECK_BYTES(buf, w.len, DEALT_REPLY);
}

static void reply_cut(void)
{
	struct mip_exts x;
	uint8_t buf[512];
	size_t n = unit_hex(DEALT_REPLY, buf, sizeof(buf));

	for (size_t cut = 1; cut <= n; cut++) {
		enum drop why = decode(DEALT_REPLY, cut, &x);
		size_t left = n - cut;

		/* whole extensions only: 20, 47 with 11, 85 with MN-HA, 136 with 10 */
		if (left == 20 || left == 47 || left == 85 || left == 136)
			CHECK_EQ(why, DROP_NONE);
		else
			CHECK_EQ(why, DROP_SHORT);
	}
}

#define MN DEALT_REPLY_MN_HA
#define FA DEALT_REPLY_FA_HA
#define WRAP DEALT_WRAPPED
#define N16 DEALT_NONCE

static void reply_malformed(void)
{
	CHECK_EQ(exts(DEALT_NODE_NONCE MN DEALT_AGENT_KEY FA), DROP_NONE);
	CHECK_EQ(exts(MN DEALT_AGENT_KEY), DROP_NONE);
	CHECK_EQ(exts(DEALT_NODE_NONCE MN), DROP_NONE);
	/* each on the wrong side of its authentication */
	CHECK_EQ(exts(MN DEALT_NODE_NONCE), DROP_MALFORMED);
	CHECK_EQ(exts(DEALT_AGENT_KEY MN), DROP_MALFORMED);
	CHECK_EQ(exts(MN FA DEALT_AGENT_KEY), DROP_MALFORMED);
	CHECK_EQ(exts(MN "2106 00000101 bbbb" DEALT_AGENT_KEY), DROP_MALFORMED);
	/* twice */
	CHECK_EQ(exts(DEALT_NODE_NONCE DEALT_NODE_NONCE MN), DROP_MALFORMED);
	CHECK_EQ(exts(MN DEALT_AGENT_KEY DEALT_AGENT_KEY), DROP_MALFORMED);
	/* a byte less, a byte more */
	CHECK_EQ(exts("ff180b 8badf00d" N16 "000002" MN), DROP_MALFORMED);
	CHECK_EQ(exts("ff1a0b 8badf00d" N16 "0000025800" MN), DROP_MALFORMED);
	CHECK_EQ(exts("ff010b" MN), DROP_MALFORMED);
	CHECK_EQ(exts(MN "ff300a 8badf00d 000258" WRAP), DROP_MALFORMED);
	CHECK_EQ(exts(MN "ff320a 8badf00d 00000258" WRAP "00"), DROP_MALFORMED);
	CHECK_EQ(exts(MN "ff010a"), DROP_MALFORMED);
	/* a reserved SPI, no lifetime */
	CHECK_EQ(exts("ff190b 000000ff" N16 "00000258" MN), DROP_MALFORMED);
	CHECK_EQ(exts("ff190b 00000100" N16 "00000258" MN), DROP_NONE);
	CHECK_EQ(exts("ff190b 8badf00d" N16 "00000000" MN), DROP_MALFORMED);
	CHECK_EQ(exts(MN "ff310a 000000ff 00000258" WRAP), DROP_MALFORMED);
	CHECK_EQ(exts(MN "ff310a 8badf00d 00000000" WRAP), DROP_MALFORMED);
}

/* In a Registration Request they mean nothing. */
static void not_in_requests(void)
{
	uint8_t buf[512];
	size_t n = unit_hex("010200c8 0a630005 c0000201 c6336407 e8d4a510 12345678"
			    DEALT_NODE_NONCE MN "ff020b00" DEALT_AGENT_KEY "ff010a",
			    buf, sizeof(buf));
	uint8_t *p = unit_copy(buf, n);
	struct mip_request r;
	struct mip_exts x;

	CHECK_EQ(mip_request_decode(p, n, &r, &x), DROP_NONE);
	CHECK(!x.node_nonce.spi && !x.agent_key.spi);
	free(p);
}

static void order_vector(void)
{
	struct secret k = key_of(DEALT_ORDER_KEY);
	struct sa sa = dealt_sa(DEALT_SPI, k.b);
	uint8_t buf[ORDER_MAX];
	size_t n = unit_hex(DEALT_BUFFER, buf, sizeof(buf));
	struct order o;

	CHECK_EQ(order_decode(buf, n, &o), DROP_NONE);
	CHECK_EQ(o.action, ORDER_BUFFER);
	CHECK(auth_check(buf, n, &o.mn_fa, &sa));
}

UNIT_MAIN("dealt", { "wrapped as RFC 3394 has it", wrap_published },
	  { "what was not wrapped under it", unwrap_refuses }, { "derivations", derived },
	  { "the random sequence", random_sequence }, { "a Reply with both", reply_whole },
	  { "cut at every byte", reply_cut }, { "malformed", reply_malformed },
	  { "not in Requests", not_in_requests }, { "an order under it", order_vector })
