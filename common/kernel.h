/* SPDX-License-Identifier: MIT */
#ifndef MIP_KERNEL_H
#define MIP_KERNEL_H

#include "common/addr.h"

/*
 * Shell: the verbs with which both daemons configure the kernel, over libnl-route.
 * Every object is tagged with our protocol number, so that kernel_purge() removes what a killed
 * daemon left behind and nothing of anybody else's.  All verbs are idempotent: adding what is
 * there, or removing what is not, is 0.  Errors are -errno, said once here with log_error.
 */
/* of routes, rules, neighbours; free in rtnetlink.h (99 is Open/R's): mipclientd(8) */
#define KERNEL_PROTOCOL 143

struct kernel;

struct kernel *kernel_open(void); /* NULL: said */
void kernel_close(struct kernel *k);
/* Who we are in the kernel's notifications of what we changed (nlmsg_pid). */
uint32_t kernel_port(const struct kernel *k);

/* Removes every route, rule, neighbour, proxy entry and address tagged with KERNEL_PROTOCOL, in all
 * tables.  Addresses bear no tag on older kernels, nor those of kernel_addr(): those on our TUN go
 * with it, others are removed by their value. */
int kernel_purge(struct kernel *k);

/* What others have put where ours goes: rules of these priorities, routes in these tables.  0 or
 * -errno, not said; -EOPNOTSUPP: a kernel without policy routing. */
struct kernel_claim {
	struct kernel_span {
		uint32_t first, last;
	} priorities, tables[2];
};
struct kernel_strangers {
	unsigned rules, routes; /* how many */
	uint32_t rule, table;	/* priority of the first, table of the first */
};
int kernel_strangers(struct kernel *k, const struct kernel_claim *claim,
		     struct kernel_strangers *out);

int kernel_link_up(struct kernel *k, const char *ifname, unsigned mtu /* 0: leave */);
unsigned kernel_ifindex(struct kernel *k, const char *ifname); /* 0: no such interface */

/* add: true adds, false removes.  An interface that is gone has nothing left to remove: 0.
 * The kernel forgets routes and neighbours of an interface that is set down: add them again after.
 */
/* 192.0.0.8, RFC 7600: stands for "no address".  Of the scope of its link: nobody's source, and
 * what flushes the global ones leaves it. */
#define KERNEL_NO_ADDR 0xc0000008u
int kernel_addr(struct kernel *k, bool add, const char *ifname, uint32_t addr, uint8_t prefix_len);
/* Any IPv4 address on the interface?  *out the first one not equal to `except`. */
bool kernel_first_addr(struct kernel *k, const char *ifname, uint32_t except, uint32_t *out);

/* The address that somebody else gave the interface. */
struct kernel_look {
	uint32_t towards; /* the one whose subnet holds this, else the first one; 0: that */
	uint32_t except, host; /* not this one, nor this one as a /32; 0: none */
	uint32_t addr;
	uint8_t prefix_len;
	uint32_t valid_s; /* UINT32_MAX: for ever */
	bool host_there;  /* .host as a /32 */
};
bool kernel_look(struct kernel *k, const char *ifname, struct kernel_look *look);
/* A /32 that goes by itself after so many seconds; bears our tag where the kernel knows such tags
 * (Linux 5.18).  Not beside another's /32: -EEXIST. */
int kernel_addr_for(struct kernel *k, const char *ifname, uint32_t addr, uint32_t valid_s);
/* Of the default route in the main table by that interface (of several, the lowest metric); 0:
 * none. */
uint32_t kernel_gateway(struct kernel *k, const char *ifname);

enum kernel_route_type { KROUTE_UNICAST, KROUTE_BLACKHOLE, KROUTE_UNREACHABLE };
struct kernel_route {
	enum kernel_route_type type;
	uint32_t table;
	uint32_t dst;
	uint8_t prefix_len;
	const char *ifname; /* unicast */
	uint32_t gateway;   /* 0: none; else onlink */
	uint32_t src;	    /* preferred source, 0: none */
	unsigned mtu, advmss; /* 0: none */
	uint32_t metric;
};
/* Add replaces an existing one of the same table, prefix and metric atomically, whatever its next
 * hop, but for a lookup in the very instant, which may find the old one dead and the new one not
 * yet (one in 30000 flips in a flood): where none may be lost, let a route of a higher metric stand
 * beneath.  Remove takes away only a route with this next hop and device, so the old one can be
 * removed after the new one replaced it. */
int kernel_route(struct kernel *k, bool add, const struct kernel_route *r);

struct kernel_rule {
	uint32_t priority;
	uint32_t table;	/* 0: no look-up: on to the rule at */
	uint32_t go_to; /* this priority, a later one; 0: to the next, whatever matches */
	uint32_t from, to; /* 0: any */
	uint8_t from_len, to_len;
	const char *iif; /* NULL: any */
	uint32_t mark, mark_mask; /* mask 0: none */
	uint16_t dport; /* 0: any */
	bool not; /* invert */
	/* FRA_SUPPRESS_PREFIXLEN 0: the table's default route does not count */
	bool suppress_default;
};
int kernel_rule(struct kernel *k, bool add, const struct kernel_rule *r);

/* Permanent neighbour entry, tagged NDA_PROTOCOL. */
int kernel_neigh(struct kernel *k, bool add, const char *ifname, uint32_t addr,
		 const struct mac *mac);
/* The interface answers ARP for addr, tagged as well; where its route goes by another one. */
int kernel_proxy(struct kernel *k, bool add, const char *ifname, uint32_t addr);
/* From now on packets to addr wait in the neighbour's own queue, without ARP, until kernel_neigh()
 * adds its MAC: how a route is switched without letting one packet overtake another.  0 or -errno.
 */
int kernel_neigh_hold(struct kernel *k, const char *ifname, uint32_t addr);
/* Drops what waits on the interface for neighbours that the kernel itself asks for, 16 of them at
 * most: what was sent in the instant when the link went would leave, late and overtaken, should it
 * come back within three seconds.  0 or -errno. */
int kernel_neigh_give_up(struct kernel *k, const char *ifname);

/* /proc/sys/net/ipv4/conf/IFNAME/KEY: sets it and
 * remembers the old value for kernel_sysctl_restore. */
int kernel_sysctl(struct kernel *k, const char *ifname, const char *key, int value);
/* The same in neigh/IFNAME. */
int kernel_neigh_sysctl(struct kernel *k, const char *ifname, const char *key, int value);
void kernel_sysctl_restore(struct kernel *k);

#endif
