/* SPDX-License-Identifier: MIT */
#ifndef MIP_KERNEL_PRIV_H
#define MIP_KERNEL_PRIV_H

#include "common/kernel.h"
#include "common/kernel_said.h"

#include <netlink/msg.h>
#include <netlink/netlink.h>

/* Shared by kernel*.c alone. */
#ifndef IFA_PROTO /* headers before Linux 5.18 */
#define IFA_PROTO 11
#endif
#define KERNEL_SYSCTL_MAX 32 /* a handful of keys on two interfaces */

struct kernel_saved {
	char path[96];
	int value;
};

struct kernel {
	struct nl_sock *sk;
	int error; /* errno of the last refusal: libnl folds several into one */
	struct kernel_saved saved[KERNEL_SYSCTL_MAX];
	unsigned saved_count;
};

/* Sends msg, frees it, awaits the answer: 0 or -errno. */
int kernel_request(struct kernel *k, struct nl_msg *msg);
#define KERNEL_GETPROXY (-1)
/* Calls fn for every object of a dump request (RTM_GET*, KERNEL_GETPROXY), IPv4 alone. */
typedef void kernel_found(const struct kernel_said *said, void *arg);
int kernel_dump(struct kernel *k, int type, kernel_found *fn, void *arg);
/* 0 when err is 0 or says that the wanted state is there
 * already, else logs `what` and returns err. */
int kernel_verdict(bool add, int err, const char *what);
/* The queue of packets that wait for a neighbour on this interface holds at least so many bytes. */
int kernel_neigh_queue(struct kernel *k, const char *ifname, int bytes);
/* NULL: no memory. */
struct nl_addr *kernel_nl_addr(uint32_t addr, uint8_t prefix_len);

#endif
