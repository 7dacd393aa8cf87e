/* SPDX-License-Identifier: MIT */
#ifndef MIP_DEALT_H
#define MIP_DEALT_H

#include "common/auth.h"

/*
 * Keys that the home agent deals to a node and to the foreign agent which it registers through:
 * mip-buffer(7), "Keys dealt by the home agent".  Pure: the randomness comes from the caller.
 */
#define DEALT_KEY_LEN 32
#define DEALT_WRAPPED_LEN 40 /* RFC 3394: eight bytes more than what is in it */
#define DEALT_NONCE_LEN 16
#define DEALT_SEED_LEN 32
#define DEALT_FOR_EVER 0xffffffffu /* lifetime */
/* The home agent deals no other SPI, and configured ones never have this bit. */
#define DEALT_SPI_BIT 0x80000000u

/* SUB_AGENT_KEY and SUB_NODE_NONCE of a Registration Reply. */
struct dealt_agent {
	uint32_t spi, lifetime_s;
	uint8_t wrapped[DEALT_WRAPPED_LEN];
};
struct dealt_node {
	uint32_t spi, lifetime_s;
	uint8_t nonce[DEALT_NONCE_LEN];
};

/* The number counter of the random sequence that seed begins: a nonce, and an SPI. */
void dealt_draw(const uint8_t seed[DEALT_SEED_LEN], uint64_t counter,
		uint8_t nonce[DEALT_NONCE_LEN], uint32_t *spi);

/* What wraps keys from this home agent to the foreign agent with this care-of address. */
void dealt_kek(const struct sa *fa_ha, uint32_t home_agent, uint32_t care_of, struct secret *out);

/* The key of the node's orders to the agent with this care-of address. */
void dealt_order_key(const struct secret *mn_ha, const uint8_t nonce[DEALT_NONCE_LEN],
		     uint32_t home_addr, uint32_t care_of, uint32_t spi, struct sa *out);
/* A dealt key as an association: HMAC-SHA-256. */
struct sa dealt_sa(uint32_t spi, const uint8_t key[DEALT_KEY_LEN]);

/* RFC 3394 under a kek of 32 bytes; false: another length, or it was not wrapped under it. */
bool dealt_wrap(const struct secret *kek, const uint8_t key[DEALT_KEY_LEN],
		uint8_t out[DEALT_WRAPPED_LEN]);
bool dealt_unwrap(const struct secret *kek, const uint8_t wrapped[DEALT_WRAPPED_LEN],
		  uint8_t key[DEALT_KEY_LEN]);

#endif
