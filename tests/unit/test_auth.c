/* SPDX-License-Identifier: MIT */
#include "common/auth.h"
#include "common/mip.h"
#include "tests/unit/unit.h"
#include "tests/vectors/messages.h"

static struct secret key_of(const char *hex)
{
	struct secret s = {0};

	s.len = (uint8_t)unit_hex(hex, s.b, sizeof(s.b));
	return s;
}

static struct sa sa_of(uint32_t spi, enum auth_alg alg, const char *hex)
{
	return (struct sa){.spi = spi, .alg = alg, .key = key_of(hex)};
}

#define X4 "aaaaaaaa"
#define D10 "dddddddddddddddddddd"
#define D50 D10 D10 D10 D10 D10

static void hmac_vectors(void)
{
	static const struct {
		enum auth_alg alg;
		const char *key, *data, *mac;
	} rows[] = {
	    /* RFC 2104 */
	    {AUTH_HMAC_MD5, "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "4869205468657265",
	     "9294727a3638bb1c13f48ef8158bfc9d"},
	    {AUTH_HMAC_MD5, "4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
	     "750c783e6ab0b503eaa86e310a5db738"},
	    {AUTH_HMAC_MD5, X4 X4 X4 X4, D50, "56be34521d144c88dbb8c733f0e8b3f6"},
	    /* RFC 4231 cases 1 to 3 */
	    {AUTH_HMAC_SHA256, "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "4869205468657265",
	     "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
	    {AUTH_HMAC_SHA256, "4a656665",
	     "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
	     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
	    {AUTH_HMAC_SHA256, X4 X4 X4 X4 X4, D50,
	     "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
	};
	uint8_t data[64], mac[AUTH_MAC_MAX];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct secret key = key_of(rows[i].key);
		size_t n = unit_hex(rows[i].data, data, sizeof(data));

		n = auth_mac(rows[i].alg, &key, data, n, mac);
		CHECK_EQ(n, auth_mac_len(rows[i].alg));
		CHECK_BYTES(mac, n, rows[i].mac);
	}
}

static void hkdf_vectors(void)
{
	struct secret ikm = key_of("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"), out, none = {0};
	uint8_t salt[13], info[10];

	unit_hex("000102030405060708090a0b0c", salt, sizeof(salt));
	unit_hex("f0f1f2f3f4f5f6f7f8f9", info, sizeof(info));
	auth_hkdf(&ikm, salt, 13, info, 10, &out, 42); /* RFC 5869 A.1 */
	CHECK_BYTES(out.b, out.len,
		    "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
		    "34007208d5b887185865");
	auth_hkdf(&ikm, salt, 13, info, 10, &out, 64);
	CHECK_BYTES(out.b, out.len,
		    "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
		    "34007208d5b887185865b4b0a85a993b89b9b65683d60f0106d28fff039d0b6f");
	auth_hkdf(&ikm, NULL, 0, NULL, 0, &out, 42); /* A.3 */
	CHECK_BYTES(out.b, out.len,
		    "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
		    "9d201395faa4b61a96c8");
	auth_hkdf(&none, salt, 13, info, 10, &out, 32);
	CHECK_EQ(out.len, 0);
}

static void handoff_key(void)
{
	struct secret order_key = key_of(KEY32);
	struct sa sa;

	auth_handoff_key(&order_key, 0xe8d4a51012345678, 0x0a630005, 0xc6336407, 0xc6336487, &sa);
	CHECK_EQ(sa.spi, 256);
	CHECK_EQ(sa.alg, AUTH_HMAC_SHA256);
	CHECK_BYTES(sa.key.b, sa.key.len, HANDOFF_KEY);
	CHECK_EQ(auth_sha256_32("abc", 3), 0xba7816bf);
}

static void appends(void)
{
	struct sa md5 = sa_of(256, AUTH_HMAC_MD5, KEY16), sha = sa_of(256, AUTH_HMAC_SHA256, KEY32);
	struct sa fa = sa_of(257, AUTH_HMAC_MD5, KEY16);
	uint8_t buf[128];
	size_t fixed = unit_hex(REQUEST_FIXED, buf, sizeof(buf));
	struct wbuf w = {.p = buf, .len = fixed, .cap = sizeof(buf)};

	auth_append(&w, EXT_MN_HA, 0, &md5);
	CHECK(wb_ok(&w));
	CHECK_BYTES(buf, w.len, REQUEST_MD5);
	CHECK_EQ(w.len - fixed, auth_ext_len(EXT_MN_HA, &md5));
	w.len = fixed;
	auth_append(&w, EXT_MN_HA, 0, &sha);
	auth_append(&w, EXT_MN_FA, 0, &fa);
	CHECK_BYTES(buf, w.len, REQUEST_TWO);
	w.len = fixed;
	auth_append(&w, EXT_GENERAL_AUTH, GA_FA_FA, &sha);
	CHECK_BYTES(buf, w.len, REQUEST_36);
	CHECK_EQ(w.len - fixed, auth_ext_len(EXT_GENERAL_AUTH, &sha));
}

static void append_refuses(void)
{
	struct sa sa = sa_of(256, AUTH_HMAC_SHA256, KEY32), none = {0}, keyless = {.spi = 256};
	uint8_t buf[64] = {0};
	struct wbuf w;

	for (size_t cap = 24; cap <= 62; cap++) {
		w = (struct wbuf){.p = buf, .len = 24, .cap = cap};

		auth_append(&w, EXT_MN_HA, 0, &sa);
		CHECK_EQ(w.bad, cap < 62);
	}

	w = wb_init(buf, sizeof(buf));
	auth_append(&w, EXT_MN_HA, 0, &none);
	CHECK(w.bad);
	w = wb_init(buf, sizeof(buf));
	auth_append(&w, EXT_MN_HA, 0, &keyless);
	CHECK(w.bad);
}

static void checks(void)
{
	struct sa ha = sa_of(256, AUTH_HMAC_SHA256, KEY32), fa = sa_of(257, AUTH_HMAC_MD5, KEY16);
	struct sa other = sa_of(258, AUTH_HMAC_SHA256, KEY32),
		  md5 = sa_of(256, AUTH_HMAC_MD5, KEY32);
	struct sa none = {0};
	uint8_t buf[128];
	size_t n = unit_hex(REQUEST_TWO, buf, sizeof(buf));
	struct mip_request m;
	struct mip_exts x;

	CHECK_EQ(mip_request_decode(buf, n, &m, &x), DROP_NONE);
	CHECK(auth_check(buf, n, &x.mn_ha, &ha));
	CHECK(auth_check(buf, n, &x.mn_fa, &fa));
	CHECK_EQ(x.mn_ha.off, 24);
	CHECK_EQ(x.mn_ha.covered, 30);
	CHECK_EQ(x.mn_fa.off, 62);
	CHECK_EQ(x.mn_fa.covered, 68);
	CHECK(!auth_check(buf, n, &x.mn_ha, &other));
	CHECK(!auth_check(buf, n, &x.mn_ha, &md5)); /* right SPI, wrong length */
	CHECK(!auth_check(buf, n, &x.mn_ha, &none));
	CHECK(!auth_check(buf, n, &x.fa_ha, &ha));  /* absent */
	CHECK(!auth_check(buf, 29, &x.mn_ha, &ha)); /* covers more than there is */
	for (size_t i = 0; i < n; i++) {
		buf[i] ^= 0x40;
		CHECK(!auth_check(buf, n, &x.mn_fa, &fa));
		CHECK_EQ(auth_check(buf, n, &x.mn_ha, &ha), i >= 62);
		buf[i] ^= 0x40;
	}
	CHECK(auth_check(buf, n, &x.mn_fa, &fa));
}

#define NTP(s) ((uint64_t)(s) << 32)

static void replays(void)
{
	uint64_t now = NTP(1000) + 5;

	CHECK_EQ(replay_check(0, now, now, 7), REPLAY_OK);
	CHECK_EQ(replay_check(now, now, now, 7), REPLAY_OLD);
	CHECK_EQ(replay_check(now, now - 1, now, 7), REPLAY_OLD);
	CHECK_EQ(replay_check(now - 1, now, now, 7), REPLAY_OK);
	CHECK_EQ(replay_check(0, now + NTP(7), now, 7), REPLAY_OK);
	CHECK_EQ(replay_check(0, now + NTP(7) + 1, now, 7), REPLAY_SKEW);
	CHECK_EQ(replay_check(0, now - NTP(7), now, 7), REPLAY_OK);
	CHECK_EQ(replay_check(0, now - NTP(7) - 1, now, 7), REPLAY_SKEW);
	CHECK_EQ(replay_check(0, now + NTP(30), now, UINT32_MAX), REPLAY_OK);
	/* February 2036: the seconds start again at 0 */
	CHECK_EQ(replay_check(NTP(0xffffffff), NTP(1), NTP(2), 7), REPLAY_OK);
	CHECK_EQ(replay_check(NTP(1), NTP(0xffffffff), NTP(2), 7), REPLAY_OLD);
}

static void wipes(void)
{
	struct secret s = key_of(KEY32);

	secret_wipe(&s);
	CHECK_EQ(s.len, 0);
	for (size_t i = 0; i < sizeof(s.b); i++)
		CHECK_EQ(s.b[i], 0);
}

UNIT_MAIN("auth", {"HMAC vectors", hmac_vectors}, {"HKDF vectors", hkdf_vectors},
	  {"handoff key", handoff_key}, {"extensions byte for byte", appends},
	  {"append refuses", append_refuses}, {"every byte is covered", checks},
	  {"replay window", replays}, {"wipe", wipes})
