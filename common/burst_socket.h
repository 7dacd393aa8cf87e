/* SPDX-License-Identifier: MIT */
#ifndef MIP_BURST_SOCKET_H
#define MIP_BURST_SOCKET_H

#include "common/burst.h"
#include "common/tunnel.h"

#include <stdbool.h>
#include <sys/types.h>

/*
 * Shell: bursts out of a UDP socket, and into one (UDP_GRO: datagrams of one sender that came one
 * behind another are read in one call).
 */
/*
 * 0, or -errno.  An ICMP error about an earlier datagram is reported once by whatever is sent next,
 * -EMSGSIZE among them, and nothing is sent then: again is the answer, so often that a flood of
 * errors does not come in between each time.
 */
#define ERRORS_PASSED 16
struct msghdr;
int send_past_errors(int fd, const struct msghdr *m);

/* One was not sent: it is the one with this error; way as it was added. */
typedef void burst_failed(void *arg, const struct burst_way *way, const uint8_t *p, size_t n,
			  int err);

/* Sends what is there; each that is not sent is told, in order. */
void burst_send(struct burst *b, burst_failed *failed, void *arg);

/* What came, as far as the socket was asked for it (IP_PKTINFO, arrival.h). */
struct burst_in {
	uint8_t *bytes;	   /* until the next are read */
	uint32_t src, dst; /* where nothing is known: whose socket it is */
	uint16_t sport;
	unsigned ifindex; /* 0: not known */
	uint8_t tos;
	int64_t arrived;
	size_t n, size; /* bytes in all; of each of the datagrams, but the last */
};

/* What one system call has brought, of which some may not have been looked at. */
#define BURST_AHEAD 16
struct burst_ahead {
	unsigned n, at;
	struct burst_in in[BURST_AHEAD];
	/* Not a power of two apart: their first bytes would be one another's in the cache. */
	uint8_t bytes[BURST_AHEAD][PACKET_MAX + 1 + 576];
};

/* Where this is not offered datagrams come one by one. */
void burst_wanted(int fd);
/* Their TOS is wanted: tunnels are among them. */
void burst_tos_wanted(int fd);
/* How many, in place of those that were there; or -errno: read dry, or an error about what was sent
 * before.  addr: the socket's own. */
int burst_recv(int fd, uint32_t addr, struct burst_ahead *a);
/* The next of them, each once; NULL: there is none. */
const struct burst_in *burst_take(struct burst_ahead *a);
bool burst_waits(const struct burst_ahead *a);
/* The last burst_recv() left nothing that was there then. */
bool burst_was_last(const struct burst_ahead *a);

#endif
