/* SPDX-License-Identifier: MIT */
#include "common/kernel_priv.h"

#include <linux/rtnetlink.h>
#include <net/if.h>

struct gateway {
	unsigned ifindex;
	uint32_t found, metric;
};

static void on_route(const struct kernel_said *said, void *arg)
{
	struct gateway *g = arg;

	if (said->table != RT_TABLE_MAIN || said->prefix_len || !said->unicast || !said->gateway ||
	    said->ifindex != g->ifindex || (g->found && said->metric >= g->metric))
		return;
	g->found = said->gateway;
	g->metric = said->metric;
}

uint32_t kernel_gateway(struct kernel *k, const char *ifname)
{
	struct gateway g = { .ifindex = if_nametoindex(ifname) };

	if (!g.ifindex || kernel_dump(k, RTM_GETROUTE, on_route, &g) < 0)
		return 0;
	return g.found;
}
