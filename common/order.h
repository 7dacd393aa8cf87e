/* SPDX-License-Identifier: MIT */
#ifndef MIP_ORDER_H
#define MIP_ORDER_H

#include "common/mip.h"

/* Buffer Control messages, mip-buffer(7): UDP port 434, type 255, 24 bytes and extensions. */
#define ORDER_LEN 24
#define ORDER_MAX 254	    /* a whole Request: it must fit a relayed-order extension */
#define ORDER_REPLY_GROW 64 /* a Reply is never longer than its Request plus this */

enum order_message {
	ORDER_REQUEST = 1,
	ORDER_REPLY = 2,
	ORDER_MARKER = 3,
};

enum order_action {
	ORDER_BUFFER = 1,
	ORDER_FORWARD = 2,
	ORDER_RELEASE = 3,
	ORDER_DELETE = 4,
	ORDER_DELETE_FORWARD = 5,
	ORDER_RENEW = 6,
	ORDER_QUERY = 7,
};

enum order_code {
	ORDER_GRANTED = 0,
	ORDER_GRANTED_LESS = 1,
	ORDER_UNSPECIFIED = 128,
	ORDER_PROHIBITED = 129,
	ORDER_NO_ROOM = 130,
	ORDER_AUTH_FAILED = 131,
	ORDER_ID_ORDER = 133,
	ORDER_MALFORMED = 134,
	ORDER_NOT_ME = 136,
	ORDER_NOT_SERVED = 140,
	ORDER_NOTHING_BUFFERED = 141,
	ORDER_CARE_OF_REFUSED = 142,
	ORDER_LEASE_OVER = 143,
};

enum { /* flags */
	ORDER_F_ASKED = 0x80,	/* Request: the node's own BUFFER was granted before it left */
	ORDER_F_ELASTIC = 0x40, /* Request: may grow past the grant while the agent has room */
	ORDER_F_RESERVE = 0x20, /* BUFFER: an early lease, which a later BUFFER or the access point
				   starts */
	ORDER_F_EARLY = 0x10, /* FORWARD: may be relayed together with the Registration Request */
	ORDER_F_BEHALF = 0x80, /* Reply: to the second agent's own BUFFER */
	ORDER_F_PENDING = 0x80, /* Marker: not yet, still waiting */
};

/* Overflow: which packet goes when a buffer is full. */
enum order_overflow {
	OVERFLOW_OLDEST = 0,
	OVERFLOW_NEWEST = 1,
	OVERFLOW_LOWEST =
	    2, /* the lowest class first (upper three bits of the DSCP), oldest within it */
};

enum { /* what a Filter rule looks at: all of it must hold */
	MATCH_PROTOCOL = 1,
	MATCH_SOURCE = 2,
	MATCH_SPORT = 4,
	MATCH_DPORT = 8,
	MATCH_DSCP = 16,
	MATCH_INVERT = 128, /* ... and the rule matches when it does not */
	MATCH_ALL = 0x9f,
};

struct order_rule {
	uint8_t match, protocol, dscp, prefix_len;
	uint32_t source;
	uint16_t sport_low, sport_high, dport_low, dport_high;
};

#define AGE_ANY_DSCP 0xff
struct order_age {
	uint8_t dscp;
	uint16_t ms;
};

#define ORDER_RULES_MAX 8
#define ORDER_SEEN_MAX 56 /* what fits a Request */
#define ORDER_AGES_MAX 8

struct order_state {
	uint8_t state;
	uint32_t queued, bytes, forwarded, dropped_overflow, dropped_filter, dropped_age,
	    lease_left_ms;
};

struct order {
	uint8_t message; /* enum order_message */
	uint8_t action;	 /* Request: enum order_action; Reply: enum order_code; Marker: 0 */
	uint8_t flags;
	uint32_t home_addr, first_agent, care_of;
	uint64_t id;
	bool has_size, has_lease, has_state, has_count, has_delivered;
	uint16_t size_packets, size_kib; /* 0: the agent's default */
	uint32_t lease_ms;		 /* 0: the agent's default */
	struct order_state state;
	uint32_t count;	    /* SUB_COUNT, in A's End Marker */
	uint32_t delivered; /* SUB_DELIVERED, in Replies */
	bool has_overflow;
	uint8_t overflow; /* enum order_overflow */
	unsigned n_rules, n_seen, n_ages;
	struct order_rule rules[ORDER_RULES_MAX]; /* SUB_FILTER: what need not be buffered */
	uint32_t seen[ORDER_SEEN_MAX];		  /* auth_sha256_32() of what the node has */
	struct order_age ages[ORDER_AGES_MAX];	  /* SUB_MAX_AGE */
	/* SUB_RELAYED_ORDER, in the second agent's own BUFFER; .left == 0: none */
	struct rbuf relayed;
	struct auth_ext mn_ha, mn_fa, fa_ha, handoff; /* handoff: extension 36 subtype 2 */
};

/* A whole message.  DROP_NONE, or why not; *out only on
 * success.  A Lease of 0xffffffff is malformed. */
enum drop order_decode(const uint8_t *msg, size_t len, struct order *out);

/* False: well-formed, but no sense in it (ORDER_MALFORMED): Seen with Filter, an unknown policy or
 * match bit, a prefix, DSCP or range of ports that cannot be. */
bool order_sensible(const struct order *o);

/* Appends the fixed part and the has_x and n_x extensions; authentication is the caller's
 * (auth_append). */
void order_encode(struct wbuf *w, const struct order *o);

/* What signs the orders of a node to an agent. */
enum order_key {
	ORDER_KEY_NONE,
	ORDER_KEY_CONFIGURED,
	ORDER_KEY_DEALT,
};
const char *order_key_name(enum order_key k);

const char *order_action_name(uint8_t action); /* "BUFFER" */
const char *order_code_text(uint8_t code);

#endif
