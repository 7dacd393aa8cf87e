/* SPDX-License-Identifier: MIT */
#include "tests/sim/inside.h"

#include <assert.h>

/*
 * The node's other interface.  Its cable leads to one of the last networks, where no access point
 * is: what passes there is neither lost nor overtaken, until it is pulled.
 */
unsigned cable_place(const struct walker *n, unsigned link)
{
	return link == WORLD_CABLE ? n->cable.to : n->ap;
}

bool cable_passes(const struct world *w, const struct walker *n, unsigned link)
{
	return link == WORLD_CABLE ? n->cable.in : carry_on_air(w, n);
}

unsigned cable_roam(const struct walker *n, unsigned link)
{
	return link == WORLD_CABLE ? n->cable.roam : n->roam;
}

unsigned cable_link_of(const struct walker *n, const struct mac *mac)
{
	return mac_equal(mac, &n->mac)	       ? MOBILE_RADIO
	       : mac_equal(mac, &n->cable.mac) ? WORLD_CABLE
					       : WALKER_LINKS;
}

unsigned cable_serves(const struct world *w, const struct walker *n)
{
	if (!n->cable.in || (w->c.cable_metered && n->attached))
		return MOBILE_RADIO;
	return WORLD_CABLE;
}

void cable_addresses(struct world *w, struct walker *n)
{
	struct instant now = world_node_instant(w);

	for (unsigned l = 0; l < WALKER_LINKS; l++) {
		const struct net *net = &n->net[l];

		if (!net->addr)
			continue;
		mobile_address(n->mobile, l, net->addr, net->gateway, &now, &w->mout);
		carry_node(w, n);
	}
}

/* As the daemon: a cable's access point is the interface itself. */
void cable_in(struct world *w, struct walker *n, unsigned to)
{
	struct instant now = world_node_instant(w);
	struct radio_bss bss = { .bssid = n->cable.mac, .seen = now.t };

	world_log(w, "node: a cable to network %u", to);
	n->cable.in = true;
	n->cable.to = to;
	n->cable.roam++;
	mobile_count(n->mobile, n->tapped);
	mobile_connected(n->mobile, WORLD_CABLE, &bss, &now, &w->mout);
	carry_node(w, n);
	router_link_up(w, n, WORLD_CABLE);
}

void world_plug(struct world *w, unsigned to)
{
	assert(to < w->c.n_foreign);
	if (!w->me->cable.in)
		cable_in(w, w->me, to);
}

void world_pull(struct world *w)
{
	struct instant now = world_node_instant(w);
	struct walker *n = w->me;

	if (!n->cable.in)
		return;
	world_log(w, "node: the cable is pulled");
	n->cable.in = false;
	n->cable.roam++;
	mobile_count(n->mobile, n->tapped);
	mobile_disconnected(n->mobile, WORLD_CABLE, &n->cable.mac, &now, &w->mout);
	carry_node(w, n);
	if (w->c.cable_flushes && n->net[WORLD_CABLE].addr)
		router_has(w, n, WORLD_CABLE, 0, 0);
}

bool world_plugged(const struct world *w)
{
	return w->me->cable.in;
}

const char *world_cross(struct world *w, unsigned link)
{
	struct instant now = world_node_instant(w);
	const char *error = mobile_cross(w->me->mobile, link, &now, &w->mout);

	world_log(w, "node: is to use interface %u%s%s", link, error ? ": " : "",
		  error ? error : "");
	carry_node(w, w->me);
	return error;
}

void world_roam(struct world *w, unsigned to)
{
	struct walker *n = w->me;

	if (!n->attached || n->ap == to || w->radio_dead[to])
		return;
	world_log(w, "node: the supplicant leaves for access point %u", to);
	station_left(w, n, w->c.gone_after);
	n->attached = false;
	wire_push(w, (struct event){.kind = EVENT_LINK_UP,
				    .to = TO_NODE,
				    .node = n->index,
				    .host = to,
				    .mac = w->host[to].bssid,
				    .roam = ++n->roam,
				    .at = w->now + w->c.layer2_outage});
}
