/* SPDX-License-Identifier: MIT */
#ifndef MIP_KEYS_H
#define MIP_KEYS_H

#include "common/dealt.h"
#include "common/mtime.h"

/*
 * Keys dealt by the home agent, mip-buffer(7).  deal.c is the home agent's side: a draw for each
 * registration that it accepts.  keys.c is the foreign agent's: the last two that were dealt for
 * a visitor, the older until the node uses the newer.  They sign orders and nothing else.
 */
struct agent;
struct node;

struct draw { /* spi 0: none */
	uint32_t spi;
	uint8_t nonce[DEALT_NONCE_LEN];
};

struct dealt_key {
	uint32_t spi; /* 0: none */
	uint8_t key[DEALT_KEY_LEN];
	mtime expires;
	uint64_t last_id; /* highest Identification accepted under it; 0: none */
};

struct keys {
	struct dealt_key older, newer;
};

/* Another one than *d was. */
void deal_draw(struct agent *a, struct draw *d);
/* What the Reply says to the node and to its agent. */
void deal_fill(const struct agent *a, const struct draw *d, const struct sa *mn_ha,
	       const struct sa *fa_ha, uint32_t home_addr, uint32_t care_of, uint32_t lifetime_s,
	       struct dealt_node *node, struct dealt_agent *agent);

void keys_take(struct agent *a, struct node *n, const struct sa *fa_ha,
	       const struct dealt_agent *d);
/* The key with this SPI, unless it has expired; NULL: none. */
struct dealt_key *keys_find(const struct agent *a, struct keys *k, uint32_t spi);
/* The node has signed with it: what is older goes. */
void keys_used(struct keys *k, const struct dealt_key *used);
void keys_wipe(struct keys *k);
bool keys_any(const struct keys *k, mtime now);

#endif
