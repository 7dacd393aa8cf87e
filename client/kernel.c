/* SPDX-License-Identifier: MIT */
#include "client/kernel.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* behind any route that somebody else may put into the table */
#define LAST_RESORT_METRIC 4278198272u
#define TCP_HEADERS 40		       /* IPv4 and TCP without options: MSS = MTU - 40 */

static struct kernel_route last_resort(void)
{
	return (struct kernel_route){
	    .type = KROUTE_UNREACHABLE,
	    .table = NODE_TABLE,
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

	if (w->uplink == UPLINK_AGENT && n->has_radio) {
		r.ifname = n->radio;
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

/*
 * arp_ignore lets the radio answer for its own addresses only, and this is one of them now.  What
 * it asks for itself it asks in the name of that address, as neighbours expect.
 */
static void radio_at_home(struct node_kernel *n, bool at_home)
{
	n->at_home = at_home;
	if (n->home_addr)
		kernel_addr(n->k, at_home, n->radio, n->home_addr, 32);
	kernel_sysctl(n->k, n->radio, "arp_announce", at_home ? 0 : 2);
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
				 .ifname = n->radio,
				 .src = n->home_addr};

	if (len == n->lan_len)
		return;
	for (unsigned i = 0; i < 2; i++) {
		r.prefix_len = i ? len : n->lan_len;
		if (!r.prefix_len)
			continue;
		r.dst = n->home_addr & ~0u << (32 - r.prefix_len);
		kernel_route(n->k, i, &r);
	}
	n->lan_len = len;
}

static int rules(struct node_kernel *n, bool add)
{
	const struct kernel_rule link = {
	    .priority = NODE_RULE_LINK,
	    .table = 254, /* main */
	    .suppress_default = true,
	};
	const struct kernel_rule home = {.priority = NODE_RULE_HOME, .table = NODE_TABLE};
	int a = kernel_rule(n->k, add, &link);
	int b = kernel_rule(n->k, add, &home);

	return a < 0 ? a : b;
}

/* The home address from now on.  While it takes another one's place packets wait in the TUN. */
static int home_address(struct node_kernel *n, uint32_t addr)
{
	uint32_t was = n->home_addr;
	struct kernel_route wait;
	int err = kernel_addr(n->k, true, n->tun, addr, 32);

	n->home_addr = addr;
	node_kernel_forget(n);
	wait = slipped(n);
	if (err == 0)
		err = kernel_route(n->k, true, &wait);
	if (was)
		kernel_addr(n->k, false, n->tun, was, 32);
	else if (err == 0)
		err = rules(n, true);
	return err;
}

int node_kernel_start(struct node_kernel *n, const char *tun, const char *radio, uint32_t home_addr)
{
	struct kernel_route unreachable = last_resort();
	int err;

	memset(n, 0, sizeof(*n));
	snprintf(n->tun, sizeof(n->tun), "%s", tun);
	snprintf(n->radio, sizeof(n->radio), "%s", radio);
	n->k = kernel_open();
	if (n->k == NULL)
		return -EIO;
	err = kernel_purge(n->k);
	if (err == 0)
		err = kernel_link_up(n->k, tun, NODE_TUN_MTU);
	if (err == 0)
		err = kernel_route(n->k, true, &unreachable);
	if (err == 0 && home_addr)
		err = home_address(n, home_addr);
	return err;
}

static void aside_rules(struct node_kernel *n, bool add)
{
	const struct kernel_rule rule[] = {
		{ .priority = NODE_RULE_LOOKUP, .table = 254, .suppress_default = true },
		{ .priority = NODE_RULE_LOOKUP + 1,
		  .table = NODE_TABLE,
		  .from = n->aside_from,
		  .from_len = 32 },
		{ .priority = NODE_RULE_LOOKUP + 2,
		  .table = 254,
		  .dport = n->aside == ASIDE_QUESTIONS ? 53 : 0 },
	};

	if (n->aside == ASIDE_NOBODY)
		return;
	for (size_t i = 0; i < 3; i++) /* the last one comes last, and goes first */
		kernel_rule(n->k, add, &rule[add ? i : 2 - i]);
}

static void let_pass(struct node_kernel *n)
{
	enum kernel_aside to = n->have.by_link ? ASIDE_ALL
			       : n->looking_up ? ASIDE_QUESTIONS
					       : ASIDE_NOBODY;

	if (!n->home_addr)
		to = ASIDE_NOBODY;
	if (to == n->aside && (to == ASIDE_NOBODY || n->aside_from == n->home_addr))
		return;
	aside_rules(n, false);
	n->aside = to;
	n->aside_from = n->home_addr;
	aside_rules(n, true);
}

void node_kernel_lookup(struct node_kernel *n, bool on)
{
	n->looking_up = on;
	if (n->k != NULL)
		let_pass(n);
}

void node_kernel_stop(struct node_kernel *n)
{
	if (n->k == NULL)
		return;
	if (n->home_addr)
		rules(n, false);
	if (n->has_radio && kernel_ifindex(n->k, n->radio) > 0) {
		kernel_addr(n->k, false, n->radio, NODE_LINK_ADDR, 32);
		if (n->home_addr)
			kernel_addr(n->k, false, n->radio, n->home_addr, 32);
	}
	kernel_purge(n->k); /* all that is left carries our protocol number */
	if (n->home_addr)
		kernel_addr(n->k, false, n->tun, n->home_addr, 32);
	kernel_sysctl_restore(n->k);
	kernel_close(n->k);
	n->k = NULL;
}

void node_kernel_forget(struct node_kernel *n)
{
	n->applied = false;
	n->lan_len = 0;
}

void node_kernel_radio(struct node_kernel *n, bool there)
{
	uint32_t other;

	n->has_radio = there;
	node_kernel_forget(n);
	n->at_home &= there;
	if (!there)
		return;
	/* Loose: replies come by the radio while the route to their sender may go by the TUN.
	 * No ARP for the home address while away: RFC 5944 4.6. */
	kernel_sysctl(n->k, n->radio, "rp_filter", 2);
	kernel_sysctl(n->k, n->radio, "arp_ignore", 1);
	radio_at_home(n, n->at_home); /* else perhaps a killed daemon's */
	/* Even loose, the kernel drops what arrives on an interface without any address. */
	if (!kernel_first_addr(n->k, n->radio, NODE_LINK_ADDR, &other))
		kernel_addr(n->k, true, n->radio, NODE_LINK_ADDR, 32);
}

static void neighbour(struct node_kernel *n, const struct mobile_want *w)
{
	if (n->has_radio && w->agent_addr != 0)
		kernel_neigh(n->k, true, n->radio, w->agent_addr, &w->agent_mac);
}

static void care_of_rule(struct node_kernel *n, bool add, uint32_t care_of)
{
	const struct kernel_rule r = {
		.priority = NODE_RULE_CARE_OF, .table = 254, .from = care_of, .from_len = 32
	};

	if (care_of)
		kernel_rule(n->k, add, &r);
}

static void install(struct node_kernel *n, const struct mobile_want *want)
{
	const struct mobile_want *have = &n->have;
	bool same_agent = n->applied && have->agent_addr == want->agent_addr &&
			  mac_equal(&have->agent_mac, &want->agent_mac);
	bool same_route = n->applied && have->uplink == want->uplink && have->mtu == want->mtu &&
			  (want->uplink == UPLINK_HELD || have->agent_addr == want->agent_addr);
	bool to_agent = want->uplink == UPLINK_AGENT && have->uplink == UPLINK_HELD && n->has_radio;
	struct kernel_route r;

	if (n->has_radio && n->at_home != want->at_home)
		radio_at_home(n, want->at_home);
	if (want->care_of != have->care_of) {
		care_of_rule(n, true, want->care_of);
		care_of_rule(n, false, have->care_of);
	}
	if (n->has_radio && have->agent_addr != 0 && have->agent_addr != want->agent_addr)
		n->old_agent = have->agent_addr;
	if (!same_route && to_agent)
		n->switching = kernel_neigh_hold(n->k, n->radio, want->agent_addr) == 0;
	if (n->switching && want->uplink == UPLINK_HELD) {
		n->switching = false;
		same_agent = false;
	}
	if (!same_agent && !n->switching)
		neighbour(n, want);
	if (!same_route && n->home_addr) {
		r = default_route(n, want);
		kernel_route(n->k, true, &r);
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
	let_pass(n);
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
	if (n->old_agent != 0 && n->old_agent != n->have.agent_addr && n->has_radio)
		kernel_neigh(n->k, false, n->radio, n->old_agent, NULL);
	n->old_agent = 0;
}
