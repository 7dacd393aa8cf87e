/* SPDX-License-Identifier: MIT */
#include "tests/sim/inside.h"

/* hostapd's part: what the access points of an agent tell it of their stations. */

static void tell(struct world *w, const struct walker *n, unsigned ap, enum station_event event)
{
	struct instant now = world_instant(w, world_skew(w, ap));

	world_log(w, "access point %u: the station %s", ap,
		  event == STATION_JOINED ? "has joined" : "is gone");
	agent_station(w->host[ap].agent, 0, &n->mac, event, &now, &w->aout);
	carry_agent(w, ap);
}

void station_joined(struct world *w, const struct walker *n)
{
	if (w->c.hostapd[n->ap])
		tell(w, n, n->ap, STATION_JOINED);
}

void station_left(struct world *w, const struct walker *n, mtime after)
{
	struct event e = {.kind = EVENT_STATION_GONE,
			  .to = TO_AGENT,
			  .node = n->index,
			  .host = n->ap,
			  .at = w->now + after};

	if (n->attached && w->c.hostapd[n->ap])
		wire_push(w, e);
}

/* Where it is again by now, or at the other access point of that link, nobody says so. */
void station_gone(struct world *w, const struct event *e)
{
	const struct walker *n = &w->walkers[e->node];

	if (!n->attached || n->ap != e->host)
		tell(w, n, e->host, STATION_GONE);
}

/* It is sent away, and comes to access point `to` by itself. */
void world_kick(struct world *w, unsigned to)
{
	struct instant now = world_node_instant(w);
	struct walker *n = w->me;
	struct event e = {.kind = EVENT_LINK_UP,
			  .to = TO_NODE,
			  .node = n->index,
			  .host = to,
			  .mac = w->host[to].bssid,
			  .roam = n->roam + 1,
			  .at = w->now + w->c.layer2_outage};

	station_left(w, n, 0);
	n->attached = false;
	n->roam++;
	wire_push(w, e);
	mobile_count(n->mobile, n->tapped);
	mobile_disconnected(n->mobile, MOBILE_RADIO, &w->host[n->ap].bssid, &now, &w->mout);
	carry_node(w, n);
}
