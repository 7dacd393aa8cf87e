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

static void on_addr(const struct kernel_said *said, void *arg)
{
	struct search *s = arg;
	struct kernel_look *l = s->look;
	uint32_t addr = said->addr;
	bool near;

	if (said->ifindex != s->ifindex || !addr || addr == l->except)
		return;
	if (l->host && addr == l->host && said->prefix_len == 32) {
		l->host_there = true;
		return;
	}
	near = said->prefix_len <= 32 && holds(addr, said->prefix_len, l->towards);
	if (s->near || (s->any && !near))
		return;
	s->any = true;
	s->near = near;
	l->addr = addr;
	l->prefix_len = said->prefix_len;
	l->valid_s = said->valid_s;
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
