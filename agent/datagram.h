/* SPDX-License-Identifier: MIT */
#ifndef MIP_AGENT_DATAGRAM_H
#define MIP_AGENT_DATAGRAM_H

#include "agent/daemon.h"

/*
 * Shell: what comes to port 434 of our addresses, messages and tunnels, one by one, though the
 * kernel may hand over several of one sender at once (UDP_GRO), each as long but for the last; and
 * one call several of those.
 */
struct datagram {
	struct burst_in in;
	size_t n, left; /* bytes of it; and of those behind it, too */
	uint8_t *bytes;
};

/* The next of any of these sockets, in the daemon's buffer of datagrams; *g is zero at first, and
 * then the one before.  False: read dry. */
bool datagram_next(struct daemon *d, struct datagram *g);
/* One is in the buffer that is lost when nobody asks for it. */
bool datagram_follows(const struct daemon *d, const struct datagram *g);

#endif
