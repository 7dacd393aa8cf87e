/* SPDX-License-Identifier: MIT */
#include "common/kernel_said.h"

#include "common/kernel_priv.h"

#include <arpa/inet.h>
#include <limits.h>
#include <linux/fib_rules.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

static uint32_t number(struct nlmsghdr *h, size_t header, int attr, uint32_t absent)
{
	struct nlattr *a = nlmsg_find_attr(h, (int)header, attr);

	return a && nla_len(a) == 4 ? nla_get_u32(a) : absent;
}

static uint32_t address(struct nlmsghdr *h, size_t header, int attr)
{
	return ntohl(number(h, header, attr, 0));
}

static bool tagged(struct nlmsghdr *h, size_t header, int attr)
{
	struct nlattr *a = nlmsg_find_attr(h, (int)header, attr);

	return a && nla_len(a) == 1 && nla_get_u8(a) == KERNEL_PROTOCOL;
}

static void link_said(struct nlmsghdr *h, struct kernel_said *out)
{
	const struct ifinfomsg *m = nlmsg_data(h);

	out->ifindex = (unsigned)m->ifi_index;
	out->up = m->ifi_flags & IFF_UP;
}

static uint32_t valid_of(struct nlmsghdr *h)
{
	struct nlattr *info = nlmsg_find_attr(h, sizeof(struct ifaddrmsg), IFA_CACHEINFO);
	const struct ifa_cacheinfo *c = info ? nla_data(info) : NULL;

	return c && nla_len(info) >= (int)sizeof(*c) ? c->ifa_valid : UINT32_MAX;
}

static void address_said(struct nlmsghdr *h, struct kernel_said *out)
{
	const struct ifaddrmsg *m = nlmsg_data(h);

	out->ipv4 = m->ifa_family == AF_INET;
	out->ours = tagged(h, sizeof(*m), IFA_PROTO);
	out->ifindex = m->ifa_index;
	out->prefix_len = m->ifa_prefixlen;
	out->addr = address(h, sizeof(*m), IFA_LOCAL);
	out->valid_s = valid_of(h);
}

static void route_said(struct nlmsghdr *h, struct kernel_said *out)
{
	const struct rtmsg *m = nlmsg_data(h);

	out->ipv4 = m->rtm_family == AF_INET;
	out->ours = m->rtm_protocol == KERNEL_PROTOCOL;
	out->ifindex = number(h, sizeof(*m), RTA_OIF, 0);
	out->prefix_len = m->rtm_dst_len;
	out->table = number(h, sizeof(*m), RTA_TABLE, m->rtm_table);
	out->gateway = address(h, sizeof(*m), RTA_GATEWAY);
	out->metric = number(h, sizeof(*m), RTA_PRIORITY, 0);
	out->unicast = m->rtm_type == RTN_UNICAST;
}

static void rule_said(struct nlmsghdr *h, struct kernel_said *out)
{
	const struct fib_rule_hdr *m = nlmsg_data(h);

	out->ipv4 = m->family == AF_INET;
	out->ours = tagged(h, sizeof(*m), FRA_PROTOCOL);
	out->priority = number(h, sizeof(*m), FRA_PRIORITY, 0);
}

static void neighbour_said(struct nlmsghdr *h, struct kernel_said *out)
{
	const struct ndmsg *m = nlmsg_data(h);

	out->ipv4 = m->ndm_family == AF_INET;
	out->ours = tagged(h, sizeof(*m), NDA_PROTOCOL);
	out->ifindex = (unsigned)m->ndm_ifindex;
	out->addr = address(h, sizeof(*m), NDA_DST);
	out->unresolved = m->ndm_state == NUD_INCOMPLETE;
}

/* By their RTM_NEW*; RTM_DEL* is the number behind it. */
static const struct {
	uint16_t type;
	enum kernel_thing thing;
	size_t header; /* what stands before the attributes */
	void (*read)(struct nlmsghdr *h, struct kernel_said *out);
} things[] = {
	{ RTM_NEWLINK, KERNEL_LINK, sizeof(struct ifinfomsg), link_said },
	{ RTM_NEWADDR, KERNEL_ADDRESS, sizeof(struct ifaddrmsg), address_said },
	{ RTM_NEWROUTE, KERNEL_ROUTE, sizeof(struct rtmsg), route_said },
	{ RTM_NEWRULE, KERNEL_RULE, sizeof(struct fib_rule_hdr), rule_said },
	{ RTM_NEWNEIGH, KERNEL_NEIGHBOUR, sizeof(struct ndmsg), neighbour_said },
};

bool kernel_said(struct nlmsghdr *h, struct kernel_said *out)
{
	for (size_t i = 0; i < sizeof(things) / sizeof(*things); i++) {
		bool gone = h->nlmsg_type == things[i].type + 1;

		if (!gone && h->nlmsg_type != things[i].type)
			continue;
		if (!nlmsg_valid_hdr(h, (int)things[i].header))
			return false;
		*out = (struct kernel_said){.message = h,
					    .thing = things[i].thing,
					    .gone = gone,
					    .by = h->nlmsg_pid};
		things[i].read(h, out);
		return true;
	}
	return false;
}

struct kernel_words kernel_words(void *p, size_t n, uint32_t from)
{
	return (struct kernel_words){ p, from == 0 && n <= INT_MAX ? (int)n : 0 };
}

bool kernel_next(struct kernel_words *w, struct kernel_said *out)
{
	while (nlmsg_ok(w->next, w->left)) {
		struct nlmsghdr *h = w->next;

		w->next = nlmsg_next(h, &w->left);
		if (kernel_said(h, out))
			return true;
	}
	return false;
}
