/* SPDX-License-Identifier: MIT */
#ifndef MIP_KERNEL_SAID_H
#define MIP_KERNEL_SAID_H

#include <linux/netlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What the kernel says by rtnetlink of links, addresses, routes, rules and neighbours, read.  Pure:
 * bytes in, values out.  Whether it is the kernel that says it, and each length, is looked at here
 * and nowhere else; what is cut short says nothing.
 */
enum kernel_thing {
	KERNEL_LINK,
	KERNEL_ADDRESS,
	KERNEL_ROUTE,
	KERNEL_RULE,
	KERNEL_NEIGHBOUR,
};

struct kernel_said {
	struct nlmsghdr *message;
	enum kernel_thing thing;
	bool gone;   /* it was there; else it is there, or is as it says now */
	uint32_t by; /* whose request that was: kernel_port(); 0: the kernel's own doing */
	bool ipv4;
	bool ours;	     /* it bears our tag */
	unsigned ifindex;    /* of all but a rule; 0: none */
	bool up;	     /* a link */
	uint8_t prefix_len;  /* of an address; of a route's destination */
	uint32_t addr;	     /* an address, a neighbour's; 0: none */
	bool unresolved;     /* a neighbour: its MAC is being asked for, packets may wait for it */
	uint32_t valid_s;    /* and for how long; UINT32_MAX: for ever */
	uint32_t table;	     /* a route's */
	uint32_t gateway;    /* 0: none */
	uint32_t metric;     /* 0: none */
	bool unicast;	     /* no blackhole or the like */
	uint32_t priority;   /* a rule's */
};

/* A whole message, of its nlmsg_len bytes, aligned.  False: it says nothing of these things. */
bool kernel_said(struct nlmsghdr *h, struct kernel_said *out);

/* The n bytes of one datagram, aligned, that netlink port `from` sent: the kernel's is 0, and of
 * nobody else anything is heard. */
struct kernel_words {
	struct nlmsghdr *next;
	int left;
};
struct kernel_words kernel_words(void *p, size_t n, uint32_t from);
bool kernel_next(struct kernel_words *w, struct kernel_said *out);

#endif
