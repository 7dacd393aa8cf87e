/* SPDX-License-Identifier: MIT */
#include "common/dealt.h"

#include <assert.h>
#include <nettle/aes.h>
#include <nettle/nist-keywrap.h>
#include <string.h>

#define INFO_MAX 32

/* RFC 3394 2.2.3.1 */
static const uint8_t wrap_iv[8] = {0xa6, 0xa6, 0xa6, 0xa6, 0xa6, 0xa6, 0xa6, 0xa6};

void dealt_draw(const uint8_t seed[DEALT_SEED_LEN], uint64_t counter,
		uint8_t nonce[DEALT_NONCE_LEN], uint32_t *spi)
{
	struct secret key = {.len = DEALT_SEED_LEN};
	uint8_t number[8], mac[AUTH_MAC_MAX];
	struct wbuf w = wb_init(number, sizeof(number));
	struct rbuf r;

	memcpy(key.b, seed, DEALT_SEED_LEN);
	wb_u64(&w, counter);
	r = rb_init(mac, auth_mac(AUTH_HMAC_SHA256, &key, number, sizeof(number), mac));
	rb_bytes(&r, nonce, DEALT_NONCE_LEN);
	*spi = rb_u32(&r) | DEALT_SPI_BIT;
	assert(rb_ok(&r));
	secret_wipe(&key);
	explicit_bzero(mac, sizeof(mac));
}

static struct wbuf label(uint8_t info[INFO_MAX], const char *text, uint32_t a, uint32_t b,
			 uint32_t spi)
{
	struct wbuf w = wb_init(info, INFO_MAX);

	wb_bytes(&w, text, strlen(text));
	wb_u32(&w, a);
	wb_u32(&w, b);
	wb_u32(&w, spi);
	assert(wb_ok(&w));
	return w;
}

void dealt_kek(const struct sa *fa_ha, uint32_t home_agent, uint32_t care_of, struct secret *out)
{
	uint8_t info[INFO_MAX];
	struct wbuf w = label(info, "mip key wrap", home_agent, care_of, fa_ha->spi);

	auth_hkdf(&fa_ha->key, NULL, 0, info, w.len, out, DEALT_KEY_LEN);
}

void dealt_order_key(const struct secret *mn_ha, const uint8_t nonce[DEALT_NONCE_LEN],
		     uint32_t home_addr, uint32_t care_of, uint32_t spi, struct sa *out)
{
	uint8_t info[INFO_MAX];
	struct wbuf w = label(info, "mip buffer key", home_addr, care_of, spi);

	out->spi = spi;
	out->alg = AUTH_HMAC_SHA256;
	auth_hkdf(mn_ha, nonce, DEALT_NONCE_LEN, info, w.len, &out->key, DEALT_KEY_LEN);
}

struct sa dealt_sa(uint32_t spi, const uint8_t key[DEALT_KEY_LEN])
{
	struct sa sa = {.spi = spi, .alg = AUTH_HMAC_SHA256, .key = {.len = DEALT_KEY_LEN}};

	memcpy(sa.key.b, key, DEALT_KEY_LEN);
	return sa;
}

bool dealt_wrap(const struct secret *kek, const uint8_t key[DEALT_KEY_LEN],
		uint8_t out[DEALT_WRAPPED_LEN])
{
	struct aes256_ctx ctx;

	if (kek->len != AES256_KEY_SIZE)
		return false;
	aes256_set_encrypt_key(&ctx, kek->b);
	aes256_keywrap(&ctx, wrap_iv, DEALT_WRAPPED_LEN, out, key);
	explicit_bzero(&ctx, sizeof(ctx));
	return true;
}

bool dealt_unwrap(const struct secret *kek, const uint8_t wrapped[DEALT_WRAPPED_LEN],
		  uint8_t key[DEALT_KEY_LEN])
{
	struct aes256_ctx ctx;
	int ok;

	if (kek->len != AES256_KEY_SIZE)
		return false;
	aes256_set_decrypt_key(&ctx, kek->b);
	ok = aes256_keyunwrap(&ctx, wrap_iv, DEALT_KEY_LEN, key, wrapped);
	explicit_bzero(&ctx, sizeof(ctx));
	if (!ok)
		explicit_bzero(key, DEALT_KEY_LEN);
	return ok;
}
