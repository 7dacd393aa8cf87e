/* SPDX-License-Identifier: MIT */
#include "common/kernel_priv.h"

#include <arpa/inet.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

struct gateway {
	unsigned ifindex;
	uint32_t found, metric;
};

static int on_route(struct nl_msg *msg, void *arg)
{
	struct nlmsghdr *h = nlmsg_hdr(msg);
	struct gateway *g = arg;
	struct rtmsg *m = nlmsg_data(h);
	struct nlattr *via = nlmsg_find_attr(h, sizeof(*m), RTA_GATEWAY);
	struct nlattr *oif = nlmsg_find_attr(h, sizeof(*m), RTA_OIF);
	struct nlattr *priority = nlmsg_find_attr(h, sizeof(*m), RTA_PRIORITY);
	uint32_t metric = priority && nla_len(priority) == 4 ? nla_get_u32(priority) : 0;

	if (m->rtm_family != AF_INET || m->rtm_table != RT_TABLE_MAIN || m->rtm_dst_len ||
	    m->rtm_type != RTN_UNICAST || !via || nla_len(via) != 4 || !oif || nla_len(oif) != 4 ||
	    nla_get_u32(oif) != g->ifindex || (g->found && metric >= g->metric))
		return NL_OK;
	g->found = ntohl(nla_get_u32(via));
	g->metric = metric;
	return NL_OK;
}

uint32_t kernel_gateway(struct kernel *k, const char *ifname)
{
	struct gateway g = { .ifindex = if_nametoindex(ifname) };

	if (!g.ifindex || kernel_dump(k, RTM_GETROUTE, on_route, &g) < 0)
		return 0;
	return g.found;
}
