/* SPDX-License-Identifier: MIT */
#ifndef MIP_CLIENT_LEND_H
#define MIP_CLIENT_LEND_H

#include "common/addr.h"
#include "common/mtime.h"

/*
 * Shell: an address whose lease still runs, on an interface until a DHCP client brings one.
 * As a /32, beside which the client's own, with its subnet, can be put and taken away; and with a
 * way to the gateway of its own, since the main table's may still be the last network's:
 *   428  from that address: lookup 440 (of the first interface, 441 of the next)
 */
#define LEND_RULE 428
#define LEND_TABLE 440

struct node_link;

struct lending {
	uint32_t addr, gateway; /* 0: nothing is lent */
	/* what was there before: no word of a client's on this network */
	uint32_t under, under_gateway;
};

/* until: the lease's end, mtime as instant_now() has it.  It is told as any address that comes. */
void lend_put(struct node_link *l, uint32_t addr, uint32_t gateway, const struct mac *mac,
	      mtime until);
/* Somebody else removed the way to the gateway: again. */
void lend_again(struct node_link *l);
void lend_take(struct node_link *l); /* nothing is lent: does nothing */
/* A client has brought this one, with its gateway. */
bool lend_is_over(const struct lending *t, uint32_t addr, uint32_t gateway, bool anew);

#endif
