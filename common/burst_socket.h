/* SPDX-License-Identifier: MIT */
#ifndef MIP_BURST_SOCKET_H
#define MIP_BURST_SOCKET_H

#include "common/burst.h"

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
	uint32_t src, dst; /* dst and ifindex: 0: not known */
	uint16_t sport;
	unsigned ifindex;
	uint8_t tos;
	int64_t arrived;
	size_t n, size; /* bytes in all; of each of the datagrams, but the last */
};

/* Where this is not offered datagrams come one by one. */
void burst_wanted(int fd);
/* Their TOS is wanted: tunnels are among them. */
void burst_tos_wanted(int fd);
/* 0, or -errno: read dry, or an error about what was sent before. */
int burst_recv(int fd, void *buf, size_t cap, struct burst_in *in);

#endif
