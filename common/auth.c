/* SPDX-License-Identifier: MIT */
#include "common/auth.h"

#include <assert.h>
#include <nettle/hkdf.h>
#include <nettle/hmac.h>
#include <nettle/memops.h>
#include <string.h>

#define GENERAL_AUTH 36 /* the long layout */

size_t auth_mac_len(enum auth_alg alg)
{
	switch (alg) {
	case AUTH_HMAC_SHA256:
		return 32;
	case AUTH_HMAC_MD5:
		return 16;
	}
	return 0;
}

size_t auth_mac(enum auth_alg alg, const struct secret *key, const void *p, size_t n,
		uint8_t out[AUTH_MAC_MAX])
{
	struct hmac_sha256_ctx sha256;
	struct hmac_md5_ctx md5;

	if (!key->len || key->len > AUTH_KEY_MAX)
		return 0;
	switch (alg) {
	case AUTH_HMAC_SHA256:
		hmac_sha256_set_key(&sha256, key->len, key->b);
		hmac_sha256_update(&sha256, n, p);
		hmac_sha256_digest(&sha256, SHA256_DIGEST_SIZE, out);
		explicit_bzero(&sha256, sizeof(sha256));
		return SHA256_DIGEST_SIZE;
	case AUTH_HMAC_MD5:
		hmac_md5_set_key(&md5, key->len, key->b);
		hmac_md5_update(&md5, n, p);
		hmac_md5_digest(&md5, MD5_DIGEST_SIZE, out);
		explicit_bzero(&md5, sizeof(md5));
		return MD5_DIGEST_SIZE;
	}
	return 0;
}

static size_t header_len(uint8_t type)
{
	return type == GENERAL_AUTH ? 4 : 2;
}

size_t auth_ext_len(uint8_t type, const struct sa *sa)
{
	return header_len(type) + 4 + auth_mac_len(sa->alg);
}

void auth_append(struct wbuf *w, uint8_t type, uint8_t subtype, const struct sa *sa)
{
	size_t body = 4 + auth_mac_len(sa->alg);
	uint8_t mac[AUTH_MAC_MAX];
	size_t n;

	if (w->bad || !sa->spi || w->cap - w->len < auth_ext_len(type, sa)) {
		w->bad = true;
		return;
	}
	wb_u8(w, type);
	if (type == GENERAL_AUTH) {
		wb_u8(w, subtype);
		wb_u16(w, (uint16_t)body);
	} else {
		wb_u8(w, (uint8_t)body);
	}
	wb_u32(w, sa->spi);
	n = auth_mac(sa->alg, &sa->key, w->p, w->len, mac);
	if (!n)
		w->bad = true;
	wb_bytes(w, mac, n);
}

bool auth_check(const uint8_t *msg, size_t len, const struct auth_ext *ext, const struct sa *sa)
{
	uint8_t mac[AUTH_MAC_MAX];
	size_t n;

	if (!ext->present || !sa->spi || ext->spi != sa->spi || ext->covered > len)
		return false;
	if (ext->mac.bad || ext->mac.left != auth_mac_len(sa->alg))
		return false;
	n = auth_mac(sa->alg, &sa->key, msg, ext->covered, mac);
	return n == ext->mac.left && memeql_sec(mac, ext->mac.p, n);
}

/* Without a key to begin with *out has none, and nothing authenticates with it. */
void auth_hkdf(const struct secret *ikm, const void *salt, size_t salt_len, const void *info,
	       size_t info_len, struct secret *out, size_t out_len)
{
	struct hmac_sha256_ctx ctx;
	uint8_t prk[SHA256_DIGEST_SIZE];

	assert(out_len && out_len <= AUTH_KEY_MAX);
	*out = (struct secret){.len = 0};
	if (!ikm->len)
		return;
	hmac_sha256_set_key(&ctx, salt_len, salt);
	hkdf_extract(&ctx, (nettle_hash_update_func *)hmac_sha256_update,
		     (nettle_hash_digest_func *)hmac_sha256_digest, sizeof(prk), ikm->len, ikm->b,
		     prk);
	hmac_sha256_set_key(&ctx, sizeof(prk), prk);
	hkdf_expand(&ctx, (nettle_hash_update_func *)hmac_sha256_update,
		    (nettle_hash_digest_func *)hmac_sha256_digest, sizeof(prk), info_len, info,
		    out_len, out->b);
	out->len = (uint8_t)out_len;
	explicit_bzero(&ctx, sizeof(ctx));
	explicit_bzero(prk, sizeof(prk));
}

void auth_handoff_key(const struct secret *order_key, uint64_t forward_id, uint32_t home,
		      uint32_t first_agent, uint32_t care_of, struct sa *out)
{
	static const char label[] = "mip handoff";
	uint8_t salt[8], info[sizeof(label) - 1 + 12];
	struct wbuf s = wb_init(salt, sizeof(salt)), w = wb_init(info, sizeof(info));

	wb_u64(&s, forward_id);
	wb_bytes(&w, label, sizeof(label) - 1);
	wb_u32(&w, home);
	wb_u32(&w, first_agent);
	wb_u32(&w, care_of);
	assert(wb_ok(&s) && wb_ok(&w));
	out->spi = HANDOFF_SPI;
	out->alg = AUTH_HMAC_SHA256;
	auth_hkdf(order_key, salt, sizeof(salt), info, sizeof(info), &out->key, 32);
}

void auth_sha256(const void *p, size_t n, uint8_t out[32])
{
	struct sha256_ctx ctx;

	sha256_init(&ctx);
	sha256_update(&ctx, n, p);
	sha256_digest(&ctx, SHA256_DIGEST_SIZE, out);
}

uint32_t auth_sha256_32(const void *p, size_t n)
{
	uint8_t md[SHA256_DIGEST_SIZE];
	struct rbuf r;

	auth_sha256(p, n, md);
	r = rb_init(md, sizeof(md));
	return rb_u32(&r);
}

/*
 * Differences, not magnitudes: the NTP seconds wrap in February 2036.
 * last 0 means that nothing was accepted yet.
 */
enum replay replay_check(uint64_t last, uint64_t id, uint64_t ntp_now, uint32_t tolerance_s)
{
	uint64_t ahead = id - ntp_now, behind = ntp_now - id;

	if (last && (int64_t)(id - last) <= 0)
		return REPLAY_OLD;
	if ((ahead < behind ? ahead : behind) > (uint64_t)tolerance_s << 32)
		return REPLAY_SKEW;
	return REPLAY_OK;
}

void secret_wipe(struct secret *s)
{
	explicit_bzero(s, sizeof(*s));
}

void key_wipe(void *p, size_t n)
{
	explicit_bzero(p, n);
}
