/* SPDX-License-Identifier: MIT */
#ifndef MIP_BURST_SOCKET_H
#define MIP_BURST_SOCKET_H

#include "common/burst.h"

#include <sys/socket.h>

/*
 * Shell: bursts out of a UDP socket, and into one (UDP_GRO: datagrams of one sender that came one
 * behind another are read in one call).
 */
#define BURST_CONTROL_SPACE CMSG_SPACE(sizeof(int)) /* room for its size among control messages */

/* One was not sent: it is the one with this error; way as it was added. */
typedef void burst_failed(void *arg, const struct burst_way *way, const uint8_t *p, size_t n,
			  int err);

/* Sends what is there; each that is not sent is told, in order. */
void burst_send(struct burst *b, burst_failed *failed, void *arg);

/* Where this is not offered datagrams come one by one. */
void burst_wanted(int fd);
/* The size of each of the datagrams in these n bytes, but the last; n: there is one. */
size_t burst_size(struct msghdr *m, size_t n);

#endif
