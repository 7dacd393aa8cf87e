/* SPDX-License-Identifier: MIT */
#ifndef MIP_AUTH_H
#define MIP_AUTH_H

#include "common/bytes.h"

/*
 * Authentication extensions (RFC 5944 3.5 and 5.1), key derivation and replay
 * protection.  The arithmetic is nettle's; this file knows what is covered.
 */
#define AUTH_KEY_MAX 64
#define AUTH_MAC_MAX 32
#define SPI_MIN 256 /* 0..255 are reserved, RFC 5944 1.6 */

enum auth_alg {
	AUTH_HMAC_SHA256,
	AUTH_HMAC_MD5,
};

struct secret {
	uint8_t b[AUTH_KEY_MAX];
	uint8_t len; /* 0: none */
};

/* A mobility security association: what an SPI means between two peers. */
struct sa {
	uint32_t spi; /* 0: none */
	enum auth_alg alg;
	struct secret key;
};

/* Where an authentication extension stands in a message, as the walker found it. */
struct auth_ext {
	bool present;
	uint8_t type;	 /* 32, 33, 34 or 36 */
	uint8_t subtype; /* of 36 */
	size_t off;	 /* of its Type byte, from the start of the message */
	/* bytes from the start of the message that the MAC covers: through the SPI */
	size_t covered;
	uint32_t spi;
	struct rbuf mac;
};

/* Length of the authenticator in bytes: 32 or 16. */
size_t auth_mac_len(enum auth_alg alg);
/* The authenticator over p; its length, or 0 when the key is empty. */
size_t auth_mac(enum auth_alg alg, const struct secret *key, const void *p, size_t n,
		uint8_t out[AUTH_MAC_MAX]);
/* Length of a whole extension of this type with this association, header and SPI included. */
size_t auth_ext_len(uint8_t type, const struct sa *sa);

/*
 * Appends the extension (type 32, 33, 34; or 36 with a subtype, RFC 4721 layout:
 * Type SubType Length16 SPI MAC) over everything in w so far.  Marks w bad when
 * it does not fit or sa has no key.
 */
void auth_append(struct wbuf *w, uint8_t type, uint8_t subtype, const struct sa *sa);

/* Constant-time check.  False when the SPI, the length or the authenticator is wrong. */
bool auth_check(const uint8_t *msg, size_t len, const struct auth_ext *ext, const struct sa *sa);

/* HKDF-SHA-256 (RFC 5869), out_len <= 64. */
void auth_hkdf(const struct secret *ikm, const void *salt, size_t salt_len, const void *info,
	       size_t info_len, struct secret *out, size_t out_len);

/*
 * Handoff key Kh, mip-buffer(7): HKDF-SHA-256(order key, salt = Identification of the
 * FORWARD, info "mip handoff" | home | first agent | care-of), 32 bytes.
 * HANDOFF_SPI is the SPI that extension 36 carries under it.
 */
#define HANDOFF_SPI 256
void auth_handoff_key(const struct secret *order_key, uint64_t forward_id, uint32_t home,
		      uint32_t first_agent, uint32_t care_of, struct sa *out);

void auth_sha256(const void *p, size_t n, uint8_t out[32]);
/* First 32 bits of SHA-256 over p (for Seen lists and test vectors). */
uint32_t auth_sha256_32(const void *p, size_t n);

/*
 * RFC 5944 5.7.1 timestamps, the receiver's side.  Tolerance in seconds; last 0: none yet.
 * REPLAY_OK commits nothing: the caller keeps id as its last once the message is accepted.
 */
#define REPLAY_TOLERANCE_S 7
enum replay {
	REPLAY_OK,
	REPLAY_OLD,  /* not newer than the last accepted */
	REPLAY_SKEW, /* outside the tolerance */
};
enum replay replay_check(uint64_t last, uint64_t id, uint64_t ntp_now, uint32_t tolerance_s);

void secret_wipe(struct secret *s);
void key_wipe(void *p, size_t n); /* bytes that were a key */

#endif
