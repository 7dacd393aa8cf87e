/* SPDX-License-Identifier: MIT */
#ifndef MIP_AWAY_H
#define MIP_AWAY_H

#include "agent/asking.h"

/*
 * The home agent as first agent: its nodes' machines, and where what they let go leaves by.
 * away.c has the states; visitors.c, buffer.c and drain.c run them as any node's.
 */

/* A Request that is accepted, and where the node was bound before it. */
struct accepted {
	const struct from *f;
	const struct mip_request *r;
	const struct mip_exts *x;
	const uint8_t *p; /* the Request */
	size_t n;
	const struct sa *sa; /* MN-HA */
	uint32_t care_of;    /* that it was bound to; 0: to none */
	struct way to;	     /* by this tunnel, */
	bool reverse;	     /* with a reverse one; */
	bool co_located;     /* it was the node's own */
};

/* Is it bound to another's care-of address, or on its home link? */
bool away_reachable(const struct agent *a, const struct node *n);
/* True: somebody still asks for this entry. */
bool away_needed(const struct agent *a, const struct node *n);
/* The node for an order that is worth acting upon, made where there is none yet; NULL: not served.
 */
struct node *away_node(struct agent *a, uint32_t home);
/* The Reply's code. */
uint8_t away_act(struct agent *a, const struct asking *q);
/* A packet for it, out of the TUN.  False: nothing is kept or held, the binding alone decides. */
bool away_input(struct agent *a, const struct ipv4 *ip, uint8_t *pkt, size_t len);
/* Into the tunnel to where it is bound. */
void away_deliver(struct agent *a, struct node *n, uint8_t *pkt, size_t len);
/* A Reply to it, behind what was sent to it. */
void away_reply(struct agent *a, const struct from *to, uint8_t tos, const uint8_t *p, size_t n);
/* How long what was kept waits after a registration, so that its Reply is there first. */
mtime away_guard(const struct agent *a, const struct node *n);
void away_drained(struct agent *a, struct buffer *b);
/* It comes home from where its packets still drained to: they are held behind those from there. */
void away_behind(struct agent *a, struct merge *m);
/* A registration with this Identification was accepted: the FORWARD. */
void away_moved(struct agent *a, uint32_t home, uint64_t id);

/* proxy.c: ARP on the home link */
void proxy_leaves(struct agent *a, struct node *n); /* it is there, and BUFFER was granted */
void proxy_bound(struct agent *a, uint32_t home);   /* and was not before */
void proxy_unbound(struct agent *a, uint32_t home);
void proxy_arrived(struct agent *a, struct node *n, bool was_bound, bool changed);
/* It has its address back when it is time. */
void proxy_settle(struct agent *a, struct node *n);
mtime proxy_deadline(const struct agent *a, const struct node *n);
void proxy_tick(struct agent *a); /* repeats of what was announced */

/* homelink.c */
bool homelink_is(const struct agent *a, unsigned link);
/* A Registration Request from a node on the home link. */
void homelink_request(struct agent *a, const struct from *f, const uint8_t *p, size_t n);
/* Its deregistration, there.  False: no memory. */
bool homelink_arrived(struct agent *a, const struct accepted *q);

/* second.c: what rides on an accepted Request that came from the node itself */
void away_second(struct agent *a, const struct accepted *q);

#endif
