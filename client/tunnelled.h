/* SPDX-License-Identifier: MIT */
#ifndef MIP_TUNNELLED_H
#define MIP_TUNNELLED_H

#include "common/mtime.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The tunnel of a co-located node: both ways by the home agent, IP-in-IP, or UDP where a NAT is on
 * the way (RFC 3519).  Behind a NAT something has to be sent now and then, or it forgets us; what
 * is sent then is an echo request, and when no answer comes the NAT has forgotten us already: the
 * node registers again.
 * Also when nothing was heard for as long, however much was sent: the NAT may have changed its
 * port.
 */
#define KEEPALIVE_DEFAULT_S 110 /* RFC 3519 4.9, where the home agent suggests nothing */
#define KEEPALIVE_MIN_S 10	/* never more often */

struct nat_tunnel {
	bool udp;	 /* how the registration that holds is tunnelled */
	mtime keepalive; /* 0: none is needed */
	mtime sent;	 /* the last of anything to the home agent */
	mtime heard;	 /* the last of anything from there */
	mtime asked;	 /* the first echo request without an answer; 0: none */
	unsigned asks;
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
