/* SPDX-License-Identifier: MIT */
#include "tests/sim/inside.h"

/* What a router tells of itself: the addresses that it gives out, and its ARP answers. */
static void later(struct world *w, enum frame_kind kind, const struct walker *n, unsigned link,
		  mtime after, uint32_t addr)
{
	wire_push(w, (struct event){.kind = kind,
				    .to = TO_NODE,
				    .node = n->index,
				    .link = link,
				    .host = cable_place(n, link),
				    .roam = cable_roam(n, link),
				    .src = addr,
				    .at = w->now + after});
}

void router_link_up(struct world *w, const struct walker *n, unsigned link)
{
	if (router_is(w, cable_place(n, link)))
		later(w, EVENT_ADDRESS, n, link, w->c.dhcp, 0);
}

static mtime answer_after(const struct world *w, unsigned link)
{
	return 2 * (link == WORLD_CABLE ? w->c.cable : w->c.radio);
}

static bool outdated(const struct world *w, const struct event *e)
{
	const struct walker *n = &w->walkers[e->node];

	return cable_roam(n, e->link) != e->roam ||
	       !(e->link == WORLD_CABLE ? n->cable.in : n->attached);
}

/* Whose MAC the gateway has is asked at once. */
void router_has(struct world *w, struct walker *n, unsigned link, uint32_t addr, uint32_t gateway)
{
	struct net *net = &n->net[link];
	uint32_t valid_s = w->c.lease_s && addr && !net->lent ? w->c.lease_s : UINT32_MAX;
	struct instant now = world_node_instant(w);

	net->addr = addr;
	net->gateway = gateway;
	mobile_address(n->mobile, link, addr, gateway, &now, &w->mout);
	mobile_lease(n->mobile, link, valid_s, &now);
	carry_node(w, n);
	if (gateway && cable_passes(w, n, link))
		later(w, EVENT_GATEWAY, n, link, answer_after(w, link), gateway);
}

void router_address(struct world *w, const struct event *e)
{
	struct walker *n = &w->walkers[e->node];

	if (outdated(w, e))
		return;
	world_log(w, "node: an address at access point %u", e->host);
	n->net[e->link].lent = false;
	router_has(w, n, e->link, router_addr(e->host, n, e->link), w->host[e->host].link_addr);
}

void world_address_lost(struct world *w)
{
	world_log(w, "node: its address is gone");
	router_has(w, w->me, MOBILE_RADIO, 0, 0);
	if (w->me->attached)
		router_link_up(w, w->me, MOBILE_RADIO);
}

void router_probed(struct world *w, const struct walker *n, const struct mobile_action *a)
{
	unsigned at = cable_place(n, a->link);

	if (cable_passes(w, n, a->link) && router_is(w, at) && a->dst == w->host[at].link_addr &&
	    (mac_is_zero(&a->mac) || mac_equal(&a->mac, &w->host[at].mac)))
		later(w, EVENT_GATEWAY, n, a->link, answer_after(w, a->link), a->dst);
}

/* As the daemon: it is told of once it is there. */
void router_lent(struct world *w, struct walker *n, const struct mobile_action *a)
{
	if (a->on)
		later(w, EVENT_LENT, n, a->link, 0, a->src);
	else if (n->net[a->link].lent)
		n->net[a->link] = (struct net){ 0 };
}

void router_lends(struct world *w, const struct event *e)
{
	struct walker *n = &w->walkers[e->node];

	if (outdated(w, e))
		return;
	world_log(w, "node: an address that is still leased, at access point %u", e->host);
	n->net[e->link].lent = true;
	router_has(w, n, e->link, e->src, w->host[e->host].link_addr);
}

void router_gateway(struct world *w, const struct event *e)
{
	struct walker *n = &w->walkers[e->node];
	struct instant now = world_node_instant(w);

	if (outdated(w, e) || !cable_passes(w, n, e->link))
		return;
	mobile_gateway(n->mobile, e->link, e->src, &w->host[e->host].mac, &now, &w->mout);
	carry_node(w, n);
}
