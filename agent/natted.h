/* SPDX-License-Identifier: MIT */
#ifndef MIP_NATTED_H
#define MIP_NATTED_H

#include "agent/foreign.h"
#include "common/keepalive.h"

/*
 * A foreign agent behind a NAT, RFC 3519 4.5: one tunnel inside UDP to each home agent that sees
 * one, for all of its visitors, kept alive by an echo request in the name of one of them.
 */
struct natted {
	uint32_t home_agent;
	struct node *visitors; /* never NULL; the first speaks for all */
	struct keepalive alive;
	bool told; /* that it is silent; until something comes, or somebody registers */
	struct timer timer;
	UT_hash_handle hh;
};

/* Is a tunnel inside UDP asked for, for this care-of address of ours? */
bool natted_asks(const struct agent *a, uint32_t home_agent);
/* n's home agent tunnels inside UDP from now on, or does not. */
void natted_join(struct agent *a, struct node *n, uint16_t keepalive_s);
void natted_leave(struct agent *a, struct node *n);
/* To our care-of address, from who may be one of our home agents; false: it is none. */
bool natted_is(const struct agent *a, const struct from *f);
/* MIP Tunnel Data from there.  True: it was a control message. */
bool natted_udp(struct agent *a, const struct from *f, uint8_t *p, size_t n);
/* What a visitor sends, to its home agent, in whichever tunnel there is. */
void natted_up(struct agent *a, struct node *n, const uint8_t *pkt, size_t len);
void natted_tick(struct agent *a, struct natted *t);
void natted_free(struct agent *a);

#endif
