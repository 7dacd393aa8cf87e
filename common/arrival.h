/* SPDX-License-Identifier: MIT */
#ifndef MIP_ARRIVAL_H
#define MIP_ARRIVAL_H

#include <stdint.h>
#include <sys/socket.h>

/*
 * Shell: when the kernel took a packet in.  Sockets are read one after another; this tells which
 * of two packets on two of them came first.
 */
#define ARRIVAL_NEVER INT64_MAX
#define ARRIVAL_SPACE CMSG_SPACE(2 * sizeof(int64_t)) /* room for it among control messages */

void arrival_wanted(int fd);
int64_t arrival_now(void);
/* Nanoseconds of the wall clock; ARRIVAL_NEVER: it was not stamped. */
int64_t arrival_of(struct msghdr *m);

#endif
