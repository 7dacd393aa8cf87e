/* SPDX-License-Identifier: MIT */
#ifndef MIP_THROUGH_H
#define MIP_THROUGH_H

#include "client/discovery.h"

/*
 * A care-of address of our own that has to be registered through an agent: the R bit of its
 * advertisement (RFC 5944 2.1.1), and the R flag of the tunnel inside UDP that we ask for (RFC 3519
 * 3.1.2).  The home agent sees the agent's address then, or that of the NAT before it; which way we
 * are it learns from our first keepalive.  Until there is such an address, and where the agent
 * refuses it (65), we use the agent's.
 */
struct insisting {
	struct known_agent agent; /* .addr 0: none */
	bool refuses;
};

struct mobile;
struct mobile_out;
struct core_link;

/* An agent that insists was heard there; true: our own address goes through it. */
bool through_heard(struct core_link *l, const struct known_agent *a, mtime now);
/* There is an agent that insists, and it has not refused. */
bool through_wanted(const struct core_link *l);
/* A new link: nobody insists yet. */
void through_link_up(struct core_link *l);
/* The address of our own, by the agent that insists where it is, if one does. */
struct known_agent through_own(const struct mobile *m, struct known_agent own);
/* The Request, by way of the agent. */
void through_send(struct mobile *m, const struct known_agent *a, struct mobile_out *out,
		  const uint8_t *p, size_t n);
/* The agent's word on it; true: it is asked for its own address instead. */
bool through_refused(struct mobile *m, uint8_t code, const struct instant *now,
		     struct mobile_out *out);

#endif
