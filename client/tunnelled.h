/* SPDX-License-Identifier: MIT */
#ifndef MIP_TUNNELLED_H
#define MIP_TUNNELLED_H

#include "common/keepalive.h"

/*
 * The tunnel of a co-located node: both ways by the home agent, IP-in-IP, or UDP where a NAT is on
 * the way (RFC 3519).  Behind a NAT it is kept alive; when that has forgotten us the node registers
 * again.
 */
struct nat_tunnel {
	bool udp; /* how the registration that holds is tunnelled */
	struct keepalive alive;
	unsigned errors; /* told to programs, in the second that began then */
	mtime errors_since;
};

struct mobile;
struct mobile_out;

/* A whole packet to the home agent, in the tunnel. */
void tunnelled_send(struct mobile *m, struct mobile_out *out, const uint8_t *p, size_t n,
		    mtime now);
/* A registration was accepted: what its Reply says of the tunnel. */
void tunnelled_accepted(struct mobile *m, mtime now);
void tunnelled_due(struct mobile *m, const struct instant *now, struct mobile_out *out);
mtime tunnelled_deadline(const struct mobile *m);

#endif
