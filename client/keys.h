/* SPDX-License-Identifier: MIT */
#ifndef MIP_CLIENT_KEYS_H
#define MIP_CLIENT_KEYS_H

#include "client/orders.h"
#include "common/dealt.h"

/*
 * The node's side of the keys that its home agent deals, mip-buffer(7): for each agent that it
 * registered through lately the current one, which signs, and the one before, whose Replies may
 * still be under way.
 */
#define KEYS_AGENTS_MAX 8 /* those left longer ago than seven others have no business with us */

struct node_key { /* sa.spi 0: none */
	struct sa sa;
	struct order_clock clock; /* no clock is compared: only the Identifications count */
	mtime expires;
};

struct agent_keys {
	uint32_t care_of; /* 0: unused */
	unsigned turn;	  /* the lowest was dealt longest ago */
	struct node_key current, previous;
};

struct node_keys {
	struct agent_keys agent[KEYS_AGENTS_MAX];
	unsigned turn;
};

/* A Registration Reply through the agent with this care-of address brought it; sent: when its
 * Request was. */
void node_keys_take(struct node_keys *k, const struct secret *mn_ha, uint32_t home_addr,
		    uint32_t care_of, const struct dealt_node *d, mtime sent);
/* What signs now; NULL: none. */
struct node_key *node_keys_current(struct node_keys *k, uint32_t care_of);
struct node_key *node_keys_by_spi(struct node_keys *k, uint32_t care_of, uint32_t spi);
/* The agent was restarted: it knows them no more. */
void node_keys_forget(struct node_keys *k, uint32_t care_of);
void node_keys_expire(struct node_keys *k, mtime now);
void node_keys_wipe(struct node_keys *k);

#endif
