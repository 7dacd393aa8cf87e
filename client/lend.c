/* SPDX-License-Identifier: MIT */
#include "client/lend.h"

#include "client/daemon.h"
#include "common/log.h"

static struct kernel_rule rule_of(const struct node_link *l)
{
	return (struct kernel_rule){ .priority = LEND_RULE,
				     .table = LEND_TABLE + l->index,
				     .from = l->lending.addr,
				     .from_len = 32 };
}

static struct kernel_route route_of(const struct node_link *l)
{
	return (struct kernel_route){ .type = KROUTE_UNICAST,
				      .table = LEND_TABLE + l->index,
				      .ifname = l->ifname,
				      .gateway = l->lending.gateway,
				      .src = l->lending.addr };
}

/*
 * The neighbour is known, and must not be asked for: the kernel would ask in the name of the first
 * address that it has, perhaps another network's.
 */
static void install(struct node_link *l, const struct mac *mac)
{
	struct kernel *k = l->d->kernel.k;
	struct kernel_rule rule = rule_of(l);
	struct kernel_route route = route_of(l);

	kernel_neigh(k, true, l->ifname, l->lending.gateway, mac);
	kernel_route(k, true, &route);
	kernel_rule(k, true, &rule);
}

void lend_again(struct node_link *l)
{
	struct kernel_rule rule = rule_of(l);
	struct kernel_route route = route_of(l);

	if (!l->lending.addr)
		return;
	kernel_route(l->d->kernel.k, true, &route);
	kernel_rule(l->d->kernel.k, true, &rule);
}

void lend_put(struct node_link *l, uint32_t addr, uint32_t gateway, const struct mac *mac,
	      mtime until)
{
	mtime left = until - instant_now().t;
	char text[ADDR_STRLEN], by[ADDR_STRLEN];

	lend_take(l);
	if (!l->open || left < SEC(1))
		return;
	if (kernel_addr_for(l->d->kernel.k, l->ifname, addr, (uint32_t)(left / SEC(1))) < 0)
		return; /* a client's, by now */
	l->lending = (struct lending){ .addr = addr,
				       .gateway = gateway,
				       .under = l->address.addr,
				       .under_gateway = l->address.gateway };
	install(l, mac);
	log_info("%s: %s, leased for another %d s, and its gateway %s is here: used until a DHCP "
		 "client brings one",
		 l->ifname, addr_fmt(text, addr), (int)(left / SEC(1)), addr_fmt(by, gateway));
}

void lend_take(struct node_link *l)
{
	const struct mobile_want *want = &l->d->kernel.have;
	struct kernel *k = l->d->kernel.k;
	struct kernel_rule rule = rule_of(l);
	struct kernel_route route = route_of(l);
	struct lending was = l->lending;

	if (!was.addr)
		return;
	kernel_rule(k, false, &rule);
	kernel_route(k, false, &route);
	if (want->link != l->index || want->agent_addr != was.gateway)
		kernel_neigh(k, false, l->ifname, was.gateway, NULL);
	kernel_addr(k, false, l->ifname, was.addr, 32);
	l->lending = (struct lending){ 0 };
}

bool lend_is_over(const struct lending *t, uint32_t addr, uint32_t gateway, bool anew)
{
	return addr && gateway && (anew || addr != t->under || gateway != t->under_gateway);
}
