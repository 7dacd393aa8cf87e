/* SPDX-License-Identifier: MIT */
#include "common/kernel.h"

#include "common/kernel_priv.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>

/* Addresses of other people's interfaces. */
struct search {
	unsigned ifindex;
	struct kernel_look *look;
	bool any, near;
};

static bool holds(uint32_t addr, uint8_t prefix_len, uint32_t other)
{
	return prefix_len && !((addr ^ other) >> (32 - prefix_len));
}

static uint32_t valid_of(struct nlmsghdr *h)
{
	struct nlattr *info = nlmsg_find_attr(h, sizeof(struct ifaddrmsg), IFA_CACHEINFO);
	const struct ifa_cacheinfo *c = info ? nla_data(info) : NULL;

	return c && nla_len(info) >= (int)sizeof(*c) ? c->ifa_valid : UINT32_MAX;
}

static int on_addr(struct nl_msg *msg, void *arg)
{
	struct nlmsghdr *h = nlmsg_hdr(msg);
	struct search *s = arg;
	struct kernel_look *l = s->look;
	struct ifaddrmsg *m = nlmsg_data(h);
	struct nlattr *local = nlmsg_find_attr(h, sizeof(*m), IFA_LOCAL);
	uint32_t addr;
	bool near;

	if (m->ifa_family != AF_INET || m->ifa_index != s->ifindex || !local || nla_len(local) != 4)
		return NL_OK;
	addr = ntohl(nla_get_u32(local));
	if (addr == l->except)
		return NL_OK;
	if (l->host && addr == l->host && m->ifa_prefixlen == 32) {
		l->host_there = true;
		return NL_OK;
	}
	near = m->ifa_prefixlen <= 32 && holds(addr, m->ifa_prefixlen, l->towards);
	if (s->near || (s->any && !near))
		return NL_OK;
	s->any = true;
	s->near = near;
	l->addr = addr;
	l->prefix_len = m->ifa_prefixlen;
	l->valid_s = valid_of(h);
	return NL_OK;
}

bool kernel_look(struct kernel *k, const char *ifname, struct kernel_look *look)
{
	struct search s = { .ifindex = if_nametoindex(ifname), .look = look };

	look->host_there = false;
	look->addr = 0;
	look->valid_s = UINT32_MAX;
	return s.ifindex && kernel_dump(k, RTM_GETADDR, on_addr, &s) >= 0 && s.any;
}

bool kernel_first_addr(struct kernel *k, const char *ifname, uint32_t except, uint32_t *out)
{
	struct kernel_look l = { .except = except };

	if (!kernel_look(k, ifname, &l))
		return false;
	*out = l.addr;
	return true;
}

int kernel_addr_for(struct kernel *k, const char *ifname, uint32_t addr, uint32_t valid_s)
{
	struct ifaddrmsg m = { .ifa_family = AF_INET,
			       .ifa_prefixlen = 32,
			       .ifa_index = if_nametoindex(ifname) };
	struct ifa_cacheinfo life = { .ifa_valid = valid_s, .ifa_prefered = valid_s };
	struct nl_msg *msg;
	char text[ADDR_STRLEN], what[64];
	int err;

	if (!m.ifa_index)
		return -ENODEV;
	msg = nlmsg_alloc_simple(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL);
	if (!msg)
		return -ENOMEM;
	if (nlmsg_append(msg, &m, sizeof(m), NLMSG_ALIGNTO) < 0 ||
	    nla_put_u32(msg, IFA_LOCAL, htonl(addr)) < 0 ||
	    nla_put_u32(msg, IFA_ADDRESS, htonl(addr)) < 0 ||
	    nla_put(msg, IFA_CACHEINFO, sizeof(life), &life) < 0 ||
	    nla_put_u8(msg, IFA_PROTO, KERNEL_PROTOCOL) < 0) {
		nlmsg_free(msg);
		return -ENOMEM;
	}
	err = kernel_request(k, msg);
	if (err == -EEXIST)
		return err;
	snprintf(what, sizeof(what), "address %s on %s", addr_fmt(text, addr), ifname);
	return kernel_verdict(true, err, what);
}
