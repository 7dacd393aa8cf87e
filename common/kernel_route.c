/* SPDX-License-Identifier: MIT */
#include "common/kernel.h"

#include "common/kernel_priv.h"
#include "common/log.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>

/*
 * Messages are put together here and not by libnl-route: it cannot tag a neighbour, cannot
 * invert a rule, and removes a route by all its attributes where we mean its key and next hop.
 */
#define ADD_FLAGS (NLM_F_CREATE | NLM_F_REPLACE)
#define HOLD_BYTES (8 << 20) /* 2048 packets with the kernel's overhead, and room */

static struct nl_msg *message(int type, int flags)
{
	struct nl_msg *msg = nlmsg_alloc_simple(type, flags);

	if (!msg)
		fatal("out of memory");
	return msg;
}

/* A message is a page; what we put never fills it. */
static void put_u32(struct nl_msg *msg, int attr, uint32_t value)
{
	if (nla_put_u32(msg, attr, value) < 0)
		fatal("netlink message too long");
}

static void put_u8(struct nl_msg *msg, int attr, uint8_t value)
{
	if (nla_put_u8(msg, attr, value) < 0)
		fatal("netlink message too long");
}

static uint8_t route_type(enum kernel_route_type type)
{
	switch (type) {
	case KROUTE_UNICAST:
		return RTN_UNICAST;
	case KROUTE_BLACKHOLE:
		return RTN_BLACKHOLE;
	case KROUTE_UNREACHABLE:
		return RTN_UNREACHABLE;
	}
	return RTN_UNSPEC;
}

static void put_metrics(struct nl_msg *msg, const struct kernel_route *r)
{
	struct nlattr *nest = nla_nest_start(msg, RTA_METRICS);

	if (!nest)
		fatal("netlink message too long");
	if (r->mtu)
		put_u32(msg, RTAX_MTU, r->mtu);
	if (r->advmss)
		put_u32(msg, RTAX_ADVMSS, r->advmss);
	nla_nest_end(msg, nest);
}

static struct nl_msg *route_message(bool add, const struct kernel_route *r, unsigned ifindex)
{
	struct nl_msg *msg = message(add ? RTM_NEWROUTE : RTM_DELROUTE, add ? ADD_FLAGS : 0);
	bool direct = r->type == KROUTE_UNICAST && !r->gateway;
	struct rtmsg m = {
		.rtm_family = AF_INET,
		.rtm_dst_len = r->prefix_len,
		.rtm_table = r->table < 256 ? (uint8_t)r->table : RT_TABLE_UNSPEC,
		.rtm_protocol = KERNEL_PROTOCOL,
		.rtm_scope = !add ? RT_SCOPE_NOWHERE : direct ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE,
		.rtm_type = route_type(r->type),
		.rtm_flags = r->gateway ? RTNH_F_ONLINK : 0,
	};

	if (nlmsg_append(msg, &m, sizeof(m), NLMSG_ALIGNTO) < 0)
		fatal("netlink message too long");
	put_u32(msg, RTA_TABLE, r->table);
	if (r->prefix_len)
		put_u32(msg, RTA_DST, htonl(r->dst));
	if (ifindex)
		put_u32(msg, RTA_OIF, ifindex);
	if (r->gateway)
		put_u32(msg, RTA_GATEWAY, htonl(r->gateway));
	if (r->metric)
		put_u32(msg, RTA_PRIORITY, r->metric);
	if (add && r->src)
		put_u32(msg, RTA_PREFSRC, htonl(r->src));
	if (add && (r->mtu || r->advmss))
		put_metrics(msg, r);
	return msg;
}

int kernel_route(struct kernel *k, bool add, const struct kernel_route *r)
{
	bool unicast = r->type == KROUTE_UNICAST;
	unsigned ifindex = unicast ? if_nametoindex(r->ifname) : 0;
	char dst[ADDR_STRLEN], via[ADDR_STRLEN], what[128];
	int err;

	if (unicast && !ifindex)
		err = -ENODEV;
	else
		err = kernel_request(k, route_message(add, r, ifindex));
	snprintf(what, sizeof(what), "route %s/%u via %s dev %s table %u", addr_fmt(dst, r->dst),
		 r->prefix_len, addr_fmt(via, r->gateway), unicast ? r->ifname : "none", r->table);
	return kernel_verdict(add, err, what);
}

static struct nl_msg *rule_message(bool add, const struct kernel_rule *r)
{
	struct nl_msg *msg = message(add ? RTM_NEWRULE : RTM_DELRULE,
				     add ? NLM_F_CREATE | NLM_F_EXCL : 0);
	struct fib_rule_hdr h = {
		.family = AF_INET,
		.dst_len = r->to_len,
		.src_len = r->from_len,
		.table = r->table < 256 ? (uint8_t)r->table : RT_TABLE_UNSPEC,
		.action = r->table ? FR_ACT_TO_TBL : r->go_to ? FR_ACT_GOTO : FR_ACT_NOP,
		.flags = r->not ? FIB_RULE_INVERT : 0,
	};
	struct fib_rule_port_range dport = { r->dport, r->dport };

	if (nlmsg_append(msg, &h, sizeof(h), NLMSG_ALIGNTO) < 0)
		fatal("netlink message too long");
	put_u32(msg, FRA_TABLE, r->table);
	if (r->go_to)
		put_u32(msg, FRA_GOTO, r->go_to);
	put_u32(msg, FRA_PRIORITY, r->priority);
	put_u8(msg, FRA_PROTOCOL, KERNEL_PROTOCOL);
	if (r->from_len)
		put_u32(msg, FRA_SRC, htonl(r->from));
	if (r->to_len)
		put_u32(msg, FRA_DST, htonl(r->to));
	if (r->iif && nla_put_string(msg, FRA_IIFNAME, r->iif) < 0)
		fatal("netlink message too long");
	if (r->mark_mask) {
		put_u32(msg, FRA_FWMARK, r->mark);
		put_u32(msg, FRA_FWMASK, r->mark_mask);
	}
	if (r->dport && nla_put(msg, FRA_DPORT_RANGE, sizeof(dport), &dport) < 0)
		fatal("netlink message too long");
	if (r->suppress_default)
		put_u32(msg, FRA_SUPPRESS_PREFIXLEN, 0);
	return msg;
}

int kernel_rule(struct kernel *k, bool add, const struct kernel_rule *r)
{
	char from[ADDR_STRLEN], to[ADDR_STRLEN], what[128];
	int err;

	assert(r->priority);
	err = kernel_request(k, rule_message(add, r));
	snprintf(what, sizeof(what), "rule %u%s from %s/%u to %s/%u iif %s mark %#x table %u",
		 r->priority, r->not ? " not" : "", addr_fmt(from, r->from), r->from_len,
		 addr_fmt(to, r->to), r->to_len, r->iif ? r->iif : "any", r->mark, r->table);
	return kernel_verdict(add, err, what);
}

static struct nl_msg *neigh_message(bool add, uint16_t state, uint8_t flags, unsigned ifindex,
				    uint32_t addr, const struct mac *mac)
{
	struct nl_msg *msg = message(add ? RTM_NEWNEIGH : RTM_DELNEIGH, add ? ADD_FLAGS : 0);
	struct ndmsg m = {
		.ndm_family = AF_INET,
		.ndm_ifindex = (int)ifindex,
		.ndm_state = state,
		.ndm_flags = flags,
	};

	if (nlmsg_append(msg, &m, sizeof(m), NLMSG_ALIGNTO) < 0)
		fatal("netlink message too long");
	put_u32(msg, NDA_DST, htonl(addr));
	if (mac && nla_put(msg, NDA_LLADDR, sizeof(mac->b), mac->b) < 0)
		fatal("netlink message too long");
	if (add)
		put_u8(msg, NDA_PROTOCOL, KERNEL_PROTOCOL);
	return msg;
}

static int neigh_request(struct kernel *k, bool add, uint16_t state, const char *ifname,
			 uint32_t addr, const struct mac *mac)
{
	unsigned ifindex = if_nametoindex(ifname);
	char text[ADDR_STRLEN], what[64];
	int err = -ENODEV;

	if (ifindex)
		err = kernel_request(k, neigh_message(add, state, 0, ifindex, addr, mac));
	snprintf(what, sizeof(what), "neighbour %s on %s", addr_fmt(text, addr), ifname);
	return kernel_verdict(add, err, what);
}

int kernel_neigh(struct kernel *k, bool add, const char *ifname, uint32_t addr,
		 const struct mac *mac)
{
	assert(!add || mac);
	return neigh_request(k, add, NUD_PERMANENT, ifname, addr, add ? mac : NULL);
}

int kernel_proxy(struct kernel *k, bool add, const char *ifname, uint32_t addr)
{
	unsigned ifindex = if_nametoindex(ifname);
	char text[ADDR_STRLEN], what[64];
	int err = -ENODEV;

	if (ifindex)
		err = kernel_request(k, neigh_message(add, NUD_PERMANENT, NTF_PROXY, ifindex, addr,
						      NULL));
	snprintf(what, sizeof(what), "proxy entry %s on %s", addr_fmt(text, addr), ifname);
	return kernel_verdict(add, err, what);
}

/*
 * An entry that is set incomplete by hand has no timer: it queues, asks nobody and never fails.
 * The usual queue would hold some ninety packets and then drop the oldest.
 */
int kernel_neigh_hold(struct kernel *k, const char *ifname, uint32_t addr)
{
	int err = kernel_neigh_queue(k, ifname, HOLD_BYTES);

	return err ? err : neigh_request(k, true, NUD_INCOMPLETE, ifname, addr, NULL);
}

struct unresolved {
	unsigned ifindex, n;
	uint32_t addr[16];
};

static void on_neighbour(const struct kernel_said *said, void *arg)
{
	struct unresolved *u = arg;

	if (said->unresolved && !said->ours && said->ifindex == u->ifindex &&
	    u->n < sizeof(u->addr) / sizeof(*u->addr))
		u->addr[u->n++] = said->addr;
}

int kernel_neigh_give_up(struct kernel *k, const char *ifname)
{
	struct unresolved u = { .ifindex = if_nametoindex(ifname) };
	int err = u.ifindex ? kernel_dump(k, RTM_GETNEIGH, on_neighbour, &u) : 0;

	if (err == -EINTR) /* somebody changed the table meanwhile: what we saw was so */
		err = 0;
	for (unsigned i = 0; i < u.n && !err; i++)
		err = neigh_request(k, false, 0, ifname, u.addr[i], NULL);
	return err;
}
