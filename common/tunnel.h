/* SPDX-License-Identifier: MIT */
#ifndef MIP_TUNNEL_H
#define MIP_TUNNEL_H

#include "common/addr.h"
#include "common/drop.h"

#include <stddef.h>
#include <sys/types.h>

/*
 * Shell: the IP-in-IP outer sockets (RFC 2003 in user space, on any
 * kernel that has TUN).  The seam behind which a kernel offload may stand later.
 * All descriptors are non-blocking and close-on-exec; errors are -errno.
 */
#define TUNNEL_OVERHEAD 20
#define PACKET_MAX 65535
#define TUNNEL_GRO_MAX 8

struct tunnel {
	int rx;	      /* raw, protocol 4 */
	int tx_df;    /* raw, outer DF set, path MTU discovery */
	int tx_clear; /* raw, outer DF clear: the kernel may fragment the outer packet */
	int errors;   /* raw, ICMP errors about what went into tunnels */
	/* interfaces that tunnel_close gives their GRO back */
	unsigned gro_off[TUNNEL_GRO_MAX], gro_count;
};

/* local: 0, or bind receive and send to this address.  device: NULL, or SO_BINDTODEVICE.  mark: 0,
 * or SO_MARK. Turns GRO off on the device (or the one with the local address, or later the one that
 * is caught at merging packets). -EEXIST when the kernel's own tunl0 is up: it would deliver a
 * second copy. */
int tunnel_open(struct tunnel *t, uint32_t local, const char *device, uint32_t mark);
void tunnel_close(struct tunnel *t);

/*
 * Encapsulates and sends.  TOS copied from inner, outer DF as RFC 2003 3.1 (set when the inner's is
 * set) unless clear_df.  0, or -errno; -EMSGSIZE: *mtu is the largest inner packet that would fit
 * (0 unknown).
 */
int tunnel_send(struct tunnel *t, uint32_t src, uint32_t dst, const void *inner, size_t n,
		bool clear_df, unsigned *mtu);

/* Room for the bursts of a handoff in a socket of the caller's own that carries tunnels. */
int tunnel_buffers(int fd);

/* The path MTU that the kernel holds for the way that outer packets take; 0: unknown. */
unsigned tunnel_path_mtu(const struct tunnel *t, uint32_t src, uint32_t dst);

/* A packet out of a tunnel: *inner points into the caller's buffer, and has what was marked on the
 * way (ecn.h); arrived as in arrival.h. */
struct tunnel_packet {
	uint32_t src, dst; /* outer */
	uint8_t *inner;
	size_t n;
	int64_t arrived;
};

/* 1; 0: it is to be ignored, *why; -EAGAIN: read dry. */
int tunnel_recv(struct tunnel *t, void *buf, size_t cap, struct tunnel_packet *out,
		enum drop *why);

/* The next ICMP message, for icmp_error_decode(): its length, or -EAGAIN: read dry. */
ssize_t tunnel_error(const struct tunnel *t, void *buf, size_t cap);

#endif
