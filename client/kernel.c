/* SPDX-License-Identifier: MIT */
#include "client/kernel.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* behind any route that somebody else may put into the table */
#define LAST_RESORT_METRIC 4278198272u
#define TCP_HEADERS 40		       /* IPv4 and TCP without options: MSS = MTU - 40 */

static struct kernel_route last_resort(uint32_t table)
{
	return (struct kernel_route){
	    .type = KROUTE_UNREACHABLE,
	    .table = table,
	    .metric = LAST_RESORT_METRIC,
	};
}

/* Catches what slips by while the default route is being replaced: it waits with the rest. */
static struct kernel_route slipped(const struct node_kernel *n)
{
	return (struct kernel_route){
	    .type = KROUTE_UNICAST,
	    .table = NODE_TABLE,
	    .ifname = n->tun,
	    .src = n->home_addr,
	    .mtu = NODE_TUN_MTU,
	    .metric = LAST_RESORT_METRIC - 1,
	};
}

static struct kernel_route default_route(const struct node_kernel *n, const struct mobile_want *w)
{
	struct kernel_route r = {.type = KROUTE_UNICAST, .table = NODE_TABLE, .src = n->home_addr};

	if (w->uplink == UPLINK_AGENT && n->there[w->link]) {
		r.ifname = n->ifname[w->link];
		r.gateway = w->agent_addr;
		r.mtu = w->mtu;
		r.advmss = w->mtu > TCP_HEADERS ? w->mtu - TCP_HEADERS : 0;
	} else {
		r.ifname = n->tun;
		r.mtu = w->uplink == UPLINK_TUNNEL && w->mtu ? w->mtu : NODE_TUN_MTU;
		r.advmss = w->uplink == UPLINK_TUNNEL ? r.mtu - TCP_HEADERS : 0;
	}
	return r;
}

/* While held it may stay what it was; the TUN takes no more than its own. */
static int forward_route(struct node_kernel *n, const struct mobile_want *w)
{
	bool known = w->uplink != UPLINK_HELD && w->mtu && w->mtu < NODE_TUN_MTU;
	unsigned mtu = known ? w->mtu : NODE_TUN_MTU;
	struct kernel_route r = {.type = KROUTE_UNICAST,
				 .table = NODE_TABLE_FORWARD,
				 .ifname = n->tun,
				 .src = n->home_addr,
				 .mtu = mtu};

	if (mtu == n->forward_mtu || (n->forward_mtu && w->uplink == UPLINK_HELD))
		return 0;
	n->forward_mtu = mtu;
	return kernel_route(n->k, true, &r);
}

/*
 * arp_ignore lets an interface answer for its own addresses only, and this is one of them now.
 * What it asks for itself it asks in the name of that address, as neighbours expect.
 */
static void answer_arp(struct node_kernel *n, unsigned link, bool at_home)
{
	if (!n->there[link])
		return;
	if (n->home_addr)
		kernel_addr(n->k, at_home, n->ifname[link], n->home_addr, 32);
	kernel_sysctl(n->k, n->ifname[link], "arp_announce", at_home ? 0 : 2);
}

static void go_home(struct node_kernel *n, bool at_home, unsigned link)
{
	if (n->at_home == at_home && (!at_home || n->home_link == link))
		return;
	if (n->at_home)
		answer_arp(n, n->home_link, false);
	if (at_home)
		answer_arp(n, link, true);
	n->at_home = at_home;
	n->home_link = link;
}

/* Behind the default route when that comes, before it when it goes: the TUN has the older packets.
 */
static void lan_route(struct node_kernel *n)
{
	const struct mobile_want *w = &n->have;
	bool direct = n->at_home && w->uplink == UPLINK_AGENT && !n->switching && w->home_len < 32;
	uint8_t len = direct ? w->home_len : 0;
	struct kernel_route r = {.type = KROUTE_UNICAST,
				 .table = NODE_TABLE,
				 .src = n->home_addr};

	if (len == n->lan_len && (!len || w->link == n->lan_link))
		return;
	for (unsigned i = 0; i < 2; i++) {
		r.ifname = n->ifname[i ? w->link : n->lan_link];
		r.prefix_len = i ? len : n->lan_len;
		if (!r.prefix_len)
			continue;
		r.dst = n->home_addr & ~0u << (32 - r.prefix_len);
		kernel_route(n->k, i, &r);
	}
	n->lan_len = len;
	n->lan_link = w->link;
}

void node_kernel_add(struct node_kernel *n, const char *ifname)
{
	if (n->n_links < MOBILE_LINKS_MAX)
		snprintf(n->ifname[n->n_links++], sizeof(n->ifname[0]), "%s", ifname);
}

/* The ends of our tables. */
static int last_resorts(struct node_kernel *n)
{
	const struct kernel_route unreachable[] = {last_resort(NODE_TABLE),
						   last_resort(NODE_TABLE_FORWARD)};
	int err = 0;

	for (unsigned i = 0; i < 2 && err == 0; i++)
		err = kernel_route(n->k, true, &unreachable[i]);
	return err;
}

/* The home address from now on.  While it takes another one's place packets wait in the TUN. */
static int home_address(struct node_kernel *n, uint32_t addr)
{
	const struct mobile_want none = {.uplink = UPLINK_HELD};
	uint32_t was = n->home_addr;
	struct kernel_route wait;
	int err = kernel_addr(n->k, true, n->tun, addr, 32);

	n->home_addr = addr;
	n->forward_mtu = 0;
	node_kernel_forget(n);
	wait = slipped(n);
	if (err == 0)
		err = kernel_route(n->k, true, &wait);
	if (err == 0)
		err = forward_route(n, &none);
	if (was)
		kernel_addr(n->k, false, n->tun, was, 32);
	return err < 0 ? err : node_kernel_rules(n, was);
}

int node_kernel_start(struct node_kernel *n, const char *tun, uint32_t home_addr)
{
	int err;

	memset(n, 0, sizeof(*n));
	snprintf(n->tun, sizeof(n->tun), "%s", tun);
	n->k = kernel_open();
	if (n->k == NULL)
		return -EIO;
	err = kernel_purge(n->k);
	if (err == 0)
		err = kernel_link_up(n->k, tun, NODE_TUN_MTU);
	/* What the tunnel brings may be of those who are reached by the radio. */
	if (err == 0)
		err = kernel_sysctl(n->k, tun, "rp_filter", 2);
	if (err == 0)
		err = last_resorts(n);
	if (err == 0 && home_addr)
		err = home_address(n, home_addr);
	return err;
}

void node_kernel_stop(struct node_kernel *n)
{
	if (n->k == NULL)
		return;
	for (unsigned i = 0; i < n->n_links; i++) {
		if (!n->there[i] || kernel_ifindex(n->k, n->ifname[i]) <= 0)
			continue;
		kernel_addr(n->k, false, n->ifname[i], NODE_LINK_ADDR, 32);
		if (n->home_addr)
			kernel_addr(n->k, false, n->ifname[i], n->home_addr, 32);
	}
	kernel_purge(n->k); /* all that is left carries our protocol number */
	if (n->home_addr)
		kernel_addr(n->k, false, n->tun, n->home_addr, 32);
	kernel_sysctl_restore(n->k);
	kernel_close(n->k);
	n->k = NULL;
}

void node_kernel_repair(struct node_kernel *n)
{
	struct kernel_route wait = slipped(n);

	last_resorts(n);
	if (n->home_addr) {
		kernel_addr(n->k, true, n->tun, n->home_addr, 32);
		kernel_route(n->k, true, &wait);
		n->forward_mtu = 0;
		forward_route(n, &n->have);
	}
	node_kernel_rules_again(n);
	for (unsigned i = 0; i < n->n_links; i++)
		if (n->there[i])
			node_kernel_link(n, i, true);
	node_kernel_forget(n);
}

void node_kernel_forget(struct node_kernel *n)
{
	n->applied = false;
	n->lan_len = 0;
}

void node_kernel_link(struct node_kernel *n, unsigned link, bool there)
{
	const char *ifname = n->ifname[link];
	uint32_t other;

	n->there[link] = there;
	n->up[link] &= there;
	node_kernel_forget(n);
	n->at_home &= there || n->home_link != link;
	if (!there)
		return;
	/* Loose: replies come by the radio while the route to their sender may go by the TUN.
	 * No ARP for the home address while away: RFC 5944 4.6. */
	kernel_sysctl(n->k, ifname, "rp_filter", 2);
	kernel_sysctl(n->k, ifname, "arp_ignore", 1);
	/* else it has perhaps a killed daemon's */
	answer_arp(n, link, n->at_home && n->home_link == link);
	/* Even loose, the kernel drops what arrives on an interface without any address. */
	if (!kernel_first_addr(n->k, ifname, NODE_LINK_ADDR, &other))
		node_kernel_stand_in(n, link);
}

void node_kernel_stand_in(struct node_kernel *n, unsigned link)
{
	if (n->up[link])
		kernel_addr(n->k, true, n->ifname[link], NODE_LINK_ADDR, 32);
}

void node_kernel_up(struct node_kernel *n, unsigned link)
{
	n->up[link] = true;
	node_kernel_link(n, link, true);
}

void node_kernel_down(struct node_kernel *n, unsigned link)
{
	n->up[link] = false;
	kernel_neigh_give_up(n->k, n->ifname[link]);
}

static void neighbour(struct node_kernel *n, const struct mobile_want *w)
{
	if (n->there[w->link] && w->agent_addr != 0)
		kernel_neigh(n->k, true, n->ifname[w->link], w->agent_addr, &w->agent_mac);
}

/* Two interfaces may have the same one: its rule goes with the last of them. */
static bool is_care_of(const struct node_kernel *n, const struct mobile_want *w, uint32_t addr)
{
	bool is = false;

	for (unsigned i = 0; i < n->n_links; i++)
		is |= w->care_of[i] == addr;
	return is;
}

static void install(struct node_kernel *n, const struct mobile_want *want)
{
	const struct mobile_want *have = &n->have;
	bool same_link = n->applied && have->link == want->link;
	bool same_agent = same_link && have->agent_addr == want->agent_addr &&
			  mac_equal(&have->agent_mac, &want->agent_mac);
	bool same_route = n->applied && have->uplink == want->uplink && have->mtu == want->mtu &&
			  (want->uplink == UPLINK_HELD ||
			   (have->agent_addr == want->agent_addr && same_link));
	bool to_agent = want->uplink == UPLINK_AGENT && have->uplink == UPLINK_HELD &&
			n->there[want->link];
	struct kernel_route r;

	go_home(n, want->at_home, want->link);
	for (unsigned i = 0; i < n->n_links; i++) {
		if (want->care_of[i] == have->care_of[i])
			continue;
		node_kernel_care_of(n, true, want->care_of[i]);
		if (!is_care_of(n, want, have->care_of[i]))
			node_kernel_care_of(n, false, have->care_of[i]);
	}
	if (n->there[have->link] && have->agent_addr != 0 &&
	    (have->agent_addr != want->agent_addr || !same_link)) {
		n->old_agent = have->agent_addr;
		n->old_link = have->link;
	}
	if (!same_route && to_agent)
		n->switching = kernel_neigh_hold(n->k, n->ifname[want->link],
						 want->agent_addr) == 0;
	if (n->switching && want->uplink == UPLINK_HELD) {
		n->switching = false;
		same_agent = false;
	}
	if (!same_agent && !n->switching)
		neighbour(n, want);
	if (!same_route && n->home_addr) {
		r = default_route(n, want);
		kernel_route(n->k, true, &r);
		forward_route(n, want);
	}
	n->have = *want;
	n->applied = true;
	if (!same_route && to_agent && !n->switching) /* holding failed: as it was */
		neighbour(n, want);
	lan_route(n);
}

void node_kernel_install(struct node_kernel *n, const struct mobile_want *want)
{
	if (want->home_addr && want->home_addr != n->home_addr)
		home_address(n, want->home_addr);
	install(n, want);
	node_kernel_let_pass(n);
}

void node_kernel_switched(struct node_kernel *n)
{
	if (!n->switching)
		return;
	n->switching = false;
	neighbour(n, &n->have);
	lan_route(n);
}

void node_kernel_remove(struct node_kernel *n)
{
	bool in_use = n->old_agent == n->have.agent_addr && n->old_link == n->have.link;

	if (n->old_agent != 0 && !in_use && n->there[n->old_link])
		kernel_neigh(n->k, false, n->ifname[n->old_link], n->old_agent, NULL);
	n->old_agent = 0;
}
