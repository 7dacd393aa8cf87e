/* SPDX-License-Identifier: MIT */
#ifndef MIP_HOME_H
#define MIP_HOME_H

#include "agent/internal.h"

/*
 * Home agent, RFC 5944 3.8: home.c answers, udptunnel.c says who has
 * his packets inside UDP, bindings.c keeps, and sends to the node, reverse.c takes what it sends.
 */

/* What a Request asks of RFC 3519, and where the tunnel to the node will end. */
struct udp_answer {
	bool granted;
	bool awaited; /* a keepalive will say */
	struct mip_udp_reply reply;
	struct way to;
};
/* src, sport: of its datagram; by_agent: a foreign agent has brought it, and vouched for it.
 * CODE_ACCEPTED: nothing to say against it. */
uint8_t udp_judge(const struct agent *a, const struct mip_request *r, const struct mip_exts *x,
		  const struct way *from, bool by_agent, struct udp_answer *out);
/* A co-located node's own, whatever stands between us. */
bool udp_by_itself(const struct mip_request *r, const struct mip_exts *x);
/* A co-located node's that had to go through an agent, which vouches for nothing in it: R. */
bool udp_through(const struct mip_request *r, const struct mip_exts *x);
/* An agent's own wish, which it vouches for. */
bool udp_of_agent(const struct mip_request *r, const struct mip_exts *x);

/* The Reply to a Registration Request into buf; 0: none is sent. */
size_t home_answer(struct agent *a, const struct from *f, const uint8_t *p, size_t n, uint8_t *buf,
		   size_t cap);

/* May a node be bound there? */
bool care_of_ok(const struct agent *a, uint32_t home, uint32_t care_of, bool co_located);

struct binding *binding_find(const struct agent *a, uint32_t home);
/* False when the table is full. */
bool binding_set(struct agent *a, const struct mip_request *r, const struct udp_answer *udp,
		 uint16_t lifetime_s);
bool binding_ready(const struct binding *b); /* its tunnel has another end */
/* Its agent, which has proved itself, was behind `before` of its NAT and is elsewhere: so are all
 * that it serves.  The one walk over all bindings, and as seldom as a NAT forgets a port. */
void bindings_follow(struct agent *a, const struct binding *b, const struct way *before);
/* A keepalive of the node's by a way that it may tell us: R. */
void binding_told(struct agent *a, struct binding *b, const struct way *from);
/* It visits the foreign agent in this very program. */
bool binding_visits_us(const struct agent *a, const struct binding *b);
/* As it was before a restart; false when the table is full, or it is not allowed any more. */
bool binding_restore(struct agent *a, const struct agent_kept *k);
/* care_of 0: whatever it is. */
void binding_delete(struct agent *a, uint32_t home, uint32_t care_of);
/* Packets.  False: not for a home address of ours. */
bool home_tun(struct agent *a, const struct ipv4 *ip, uint8_t *pkt, size_t n);
void home_reverse(struct agent *a, const struct way *outer, const struct ipv4 *ip, uint8_t *pkt,
		  size_t len);
/* MIP Tunnel Data.  True: it was a control message. */
bool home_udp(struct agent *a, const struct from *f, uint8_t *p, size_t n);
/* Into the tunnel to the node, or to its agent. */
void binding_send(struct agent *a, struct binding *b, const uint8_t *pkt, size_t n);
/* An order inside its reverse tunnel; false: it did not come by that. */
bool home_order(struct agent *a, const struct way *outer, const struct ipv4 *ip,
		const struct udp *u);
void bindings_free(struct agent *a);
void binding_tick(struct agent *a, struct binding *b);
/* It ends with the next tick: there may be thousands of them. */
void binding_revoke(struct agent *a, struct binding *b);

#endif
