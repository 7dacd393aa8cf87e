/* SPDX-License-Identifier: MIT */
#ifndef MIP_REGISTRATION_H
#define MIP_REGISTRATION_H

#include "client/discovery.h"
#include "common/mip.h"
#include "common/order.h"

/*
 * The registration exchange of a mobile node through a foreign agent: RFC 5944 3.6.
 * A repair is what RFC 5944 3.6.2.3 tells: 69 asks for less, 133 takes the home agent's clock; both
 * send at once, once.  So does 129 where the home agent had chosen the home address: RFC 2794.
 * The state x event grid is drawn in registration.c.
 */
enum reg_state {
	REG_NONE,
	REG_REQUESTING,
	REG_BOUND,
	REG_RENEWING,
	REG_DEREGISTERING,
	REG_HOME, /* on the home link: no binding is wanted */
};
const char *reg_state_name(enum reg_state s);

#define REG_UNHEARD 4 /* so many Requests without an answer: is there anybody? */

struct reg_conf {
	uint32_t home_addr, home_agent;
	struct sa home_sa;
	uint16_t lifetime_s;
	bool reverse;
	bool udp, udp_forced; /* a UDP tunnel is asked for where the care-of address is our own */
	const char *nai; /* RFC 2794: goes with each Request; NULL: none */
	bool assigned;	 /* home_addr is the home agent's to choose; 0: it has not yet */
};

/* What rides on the requests of a handoff, after MN-HA: signed orders, and the handoff key. */
struct reg_riders {
	uint8_t order[MIP_ORDERS_MAX][ORDER_MAX];
	size_t len[MIP_ORDERS_MAX];
	unsigned n;
	bool has_key;
	uint8_t key[32];
};

struct registration {
	enum reg_state state;
	struct known_agent agent;
	struct sa agent_sa;    /* MN-FA with it; spi 0: none */
	/* home agent's NTP time minus ours, whole seconds in the high 32 bits */
	int64_t clock_offset;
	uint64_t last_id;
	uint8_t serial; /* of Requests: makes their Identifications differ below */
	uint64_t floor; /* of the last order to the home agent: one clock for both */
	uint32_t home_addr;  /* of the last acceptance */
	bool anew;	     /* it was refused, and another is asked for */
	uint16_t ask_s;	       /* lifetime to ask for with this agent */
	uint16_t asked_s, granted_s;
	mtime sent, backoff, deadline, expires;
	unsigned tries;	       /* of this exchange */
	bool repaired;	       /* a repair was made in this exchange */
	bool has_code;
	uint8_t code;
	bool udp;	      /* the home agent tunnels in UDP: RFC 3519 */
	uint16_t keepalive_s; /* as it suggests; 0: nothing */
	struct dealt_node dealt; /* with the last acceptance; spi 0: nothing */
	struct reg_riders riders;
};

void reg_init(struct registration *r);
/* Begin with this agent, at once (the caller has a link-layer
 * indication, RFC 5944 3.6).  riders may be NULL. */
void reg_start(struct registration *r, const struct reg_conf *c, const struct known_agent *agent,
	       const struct sa *agent_sa, const struct reg_riders *riders, mtime now);
/* Forget the agent and the binding (the link went, and nobody is asked). */
/* Before its time: it stays bound. */
void reg_renew(struct registration *r, mtime now);
/* The home agent is somewhere else: asks there at once, if it asks anybody. */
void reg_again(struct registration *r, mtime now);
/* Some Requests of this exchange are out, and the home agent has not said a word. */
bool reg_unheard(const struct registration *r);
void reg_stop(struct registration *r);
void reg_deregister(struct registration *r, mtime now);

/* Encodes the next request when one is due: length, 0: nothing to send now. */
size_t reg_due(struct registration *r, const struct reg_conf *c, const struct instant *now,
	       uint8_t *buf, size_t cap);

enum reg_result {
	REG_IGNORED,	  /* *why says it */
	REG_ACCEPTED,
	REG_GONE,	  /* deregistered */
	REG_ARRIVED,	  /* the same, on the home link: at home */
	REG_REPAIRED,	  /* a new request is due at once */
	REG_DENIED,	  /* r->code; the next try is scheduled */
};
/* A Registration Reply from src. */
enum reg_result reg_reply(struct registration *r, const struct reg_conf *c, const uint8_t *msg,
			  size_t n, const struct instant *now, enum drop *why);
mtime reg_deadline(const struct registration *r);
/* Bound, or at home: packets come. */
bool reg_serves(const struct registration *r, mtime now);
bool reg_is_bound(const struct registration *r, mtime now);

#endif
