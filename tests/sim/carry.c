/* SPDX-License-Identifier: MIT */
#include "tests/sim/inside.h"

#include "common/mip.h"
#include "common/packet.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* ---- carrying out ---- */

void carry_agent(struct world *w, unsigned i)
{
	struct agent_out *out = &w->aout;
	struct instant now = world_instant(w, world_skew(w, i));
	bool queue_empty = false;
	struct mac watched = { { 0 } };
	int to;

	for (unsigned k = 0; k < out->n; k++) {
		const struct agent_action *a = &out->a[k];
		struct event e;

		check_agent_action(w, i, a);
		switch (a->act) {
		case AGENT_SEND_UDP:
			kernel_udp(w, i, a);
			break;
		case AGENT_SEND_PACKET:
			break; /* no wire of this world loses a packet and says so */
		case AGENT_SEND_LINK:
			kernel_link(w, i, a);
			break;
		case AGENT_TUNNEL:
			if (router_takes(w, i, a))
				break;
			to = kernel_host(w, a->dst);
			if (to >= 0 && a->dport)
				kernel_datagram(w, i, a);
			if (a->dport || !kernel_tunnels(w, i, a->dst))
				break;
			e = wire_frame(FRAME_TUNNEL, TO_AGENT, (unsigned)to, a->p, a->n);
			e.src = a->src;
			e.dst = a->dst;
			wire_backbone(w, i, e);
			break;
		case AGENT_DELIVER:
			kernel_routes(w, i, a->p, a->n);
			break;
		case AGENT_VISITOR_UP:
		case AGENT_VISITOR_DOWN:
			kernel_visitor(w, i, a);
			break;
		case AGENT_QUEUE_WATCH:
			queue_empty = true; /* this radio has no queue */
			watched = a->mac;
			break;
		case AGENT_PROXY_UP:
		case AGENT_PROXY_MUTE:
		case AGENT_PROXY_DOWN:
		case AGENT_ANNOUNCE:
			break; /* nobody speaks ARP here */
		case AGENT_NOTE:
			world_log(w, "agent %u: %s", i, a->note);
			break;
		}
	}
	if (queue_empty) {
		agent_queue_empty(w->host[i].agent, &watched, &now, out);
		carry_agent(w, i);
	}
}

bool carry_on_air(const struct world *w, const struct walker *n)
{
	return n->attached && !n->scanning && !w->radio_dead[n->ap];
}

void carry_frame(struct world *w, struct walker *by, unsigned link, const struct mac *to,
		 const uint8_t *p, size_t n)
{
	unsigned at = cable_place(by, link);
	struct event e;

	check_node_sends(w, by, p, n);
	if (!cable_passes(w, by, link))
		return;
	if (!(to->b[0] & 1) && !mac_equal(to, &w->host[at].mac))
		return; /* to somebody who is not on this link */
	e = wire_frame(FRAME_RADIO, TO_AGENT, at, p, n);
	e.mac = link == WORLD_CABLE ? by->cable.mac : by->mac;
	e.node = by->index;
	e.link = link;
	wire_radio(w, at, e);
}

static void roam(struct world *w, struct walker *n, const struct mac *bssid)
{
	for (unsigned i = 0; i < w->c.n_foreign + w->c.home_link; i++) {
		struct event e = {.kind = EVENT_LINK_UP,
				  .to = TO_NODE,
				  .node = n->index,
				  .host = i,
				  .at = w->now + w->c.layer2_outage};

		if (!mac_equal(&w->host[i].bssid, bssid) && !mac_equal(&w->host[i].bssid2, bssid))
			continue;
		e.mac = *bssid;
		world_log(w, "node: leaves for access point %u", i);
		station_left(w, n, w->c.gone_after);
		n->attached = false;
		e.roam = ++n->roam;
		wire_push(w, e);
	}
}

static void sockets(struct walker *n)
{
	const uint32_t *care_of = mobile_want(n->mobile)->care_of;

	for (unsigned l = 0; l < WALKER_LINKS; l++)
		n->net[l].outer = care_of[l] == n->net[l].addr ? care_of[l] : 0;
}

/* What it has asked its radio. */
static void tell(struct world *w, struct walker *n, bool signal, bool queue)
{
	struct instant now = world_node_instant(w);

	if (signal) {
		mobile_signal(n->mobile, n->dbm, &now, &w->mout);
		carry_node(w, n);
	}
	if (queue) {
		mobile_backlog(n->mobile, 0, &now, &w->mout); /* this radio has none */
		carry_node(w, n);
	}
}

void carry_node(struct world *w, struct walker *n)
{
	struct mobile_out *out = &w->mout;
	struct mac roam_to;
	bool roaming = false, queue_asked = false, sampled = false;

	sockets(n);
	for (unsigned k = 0; k < out->n; k++) {
		const struct mobile_action *a = &out->a[k];

		switch (a->act) {
		case MOBILE_SEND:
			carry_frame(w, n, a->link, &a->mac, a->p, a->n);
			break;
		case MOBILE_ROAM:
			roaming = true;
			roam_to = a->bss.bssid;
			break;
		case MOBILE_TAP:
			n->tap[a->link] = a->on;
			break;
		case MOBILE_NOTE:
			world_log(w, "node: %s", a->text);
			break;
		case MOBILE_BACKLOG:
			queue_asked = true;
			break;
		case MOBILE_SCAN:
			radio_scan_begins(w, n, a);
			break;
		case MOBILE_SAMPLE:
			sampled = w->c.automatic;
			break;
		case MOBILE_THRESHOLDS:
			n->n_thresholds = a->n_dbm;
			memcpy(n->thresholds, a->dbm, sizeof(n->thresholds));
			break;
		case MOBILE_UDP:
		case MOBILE_TUNNEL:
			router_node_sends(w, n, a);
			break;
		case MOBILE_DELIVER:
			check_node_gets(w, n, a->p, a->n);
			stream_arrived(w, &n->down, a->p, a->n, "node");
			break;
		case MOBILE_PROBE:
			router_probed(w, n, a);
			break;
		case MOBILE_ADDRESS:
			router_lent(w, n, a);
			break;
		case MOBILE_RENEW:
			world_log(w, "node: %s", a->text);
			n->asked++;
			break;
		case MOBILE_ANNOUNCE:
		case MOBILE_EVENT:
			break;
		}
	}
	if (roaming)
		roam(w, n, &roam_to);
	tell(w, n, sampled, queue_asked);
}

/* ---- what arrives ---- */

static void node_hears(struct world *w, const struct event *e)
{
	struct walker *n = &w->walkers[e->node];
	struct instant now = world_node_instant(w);
	struct ipv4 ip;
	struct udp udp;

	if (!cable_passes(w, n, e->link) ||
	    !mac_equal(&e->mac, &w->host[cable_place(n, e->link)].mac) ||
	    ipv4_decode(e->p, e->n, &ip) != DROP_NONE)
		return; /* it left while this was in the air */
	if (router_of(w, ip.dst) >= 0) {
		router_node_hears(w, n, e);
		return;
	}
	mobile_count(n->mobile, n->tapped);
	if (ip.protocol == PROTO_ICMP) {
		mobile_icmp(n->mobile, e->link, &e->mac, ip.src, ip.payload.p, ip.payload.left,
			    &now, &w->mout);
	} else if (udp_decode(&ip, true, &udp) == DROP_NONE && udp.dport == 434) {
		mobile_udp(n->mobile, &e->mac, ip.src, ip.dst, udp.payload.p, udp.payload.left,
			   &now, &w->mout);
	} else {
		n->tapped++;
		stream_arrived(w, &n->down, e->p, e->n, "node");
		if (!n->tap[e->link])
			return;
		mobile_downlink(n->mobile, n->tapped, &now, &w->mout);
	}
	carry_node(w, n);
}

/* Not one that the kernel routes on. */
static bool to_agent(const struct host *h, uint32_t dst)
{
	return dst == h->link_addr || dst == h->addr || !addr_is_unicast(dst);
}

static void agent_hears_radio(struct world *w, struct event *e)
{
	struct host *h = &w->host[e->host];
	struct instant now = world_instant(w, world_skew(w, e->host));
	const struct walker *from;
	struct ipv4 ip;
	struct udp udp;

	if (ipv4_decode(e->p, e->n, &ip) != DROP_NONE || world_plain(w, e->host))
		return;
	from = world_by_home(w, ip.src);
	if (world_by_mac(w, &e->mac) && wire_is_signal(e))
		check_heard(w, e);
	if (ip.protocol == PROTO_ICMP)
		agent_solicit(h->agent, 0, &e->mac, ip.src, ip.payload.p, ip.payload.left, &now,
			      &w->aout);
	else if (to_agent(h, ip.dst) && udp_decode(&ip, true, &udp) == DROP_NONE &&
		 udp.dport == MIP_PORT)
		agent_link_udp(h->agent, 0, &e->mac, ip.src, udp.sport, ip.dst, ip.ttl,
			       udp.payload.p, udp.payload.left, &now, &w->aout);
	else if (from && h->visitor[from->index] && h->reverse[from->index])
		/* the rule sends it into the TUN */
		agent_tun(h->agent, e->p, e->n, &now, &w->aout);
	else if (from && h->visitor[from->index] && e->host == w->c.n_foreign) {
		kernel_routes(w, e->host, e->p, e->n); /* at home: like any host */
		return;
	} else {
		world_log(w, "agent %u: no way for the node's packet", e->host);
		return;
	}
	carry_agent(w, e->host);
}

static bool is_order(const struct event *e)
{
	struct ipv4 ip;
	struct udp udp;

	return e->kind == FRAME_UDP
		   ? e->n && (e->p[0] == MIP_ORDER || (e->p[0] == MIP_TUNNEL && wire_is_signal(e)))
		   : ipv4_decode(e->p, e->n, &ip) == DROP_NONE &&
			 udp_decode(&ip, true, &udp) == DROP_NONE && udp.dport == MIP_PORT;
}

static void agent_hears(struct world *w, struct event *e)
{
	struct host *h = &w->host[e->host];
	struct instant now = world_instant(w, world_skew(w, e->host));

	if (e->kind == FRAME_RADIO) {
		agent_hears_radio(w, e);
		return;
	}
	if (router_of(w, e->src) >= 0 && wire_is_signal(e))
		check_heard(w, e);
	if (w->c.home_silent && e->host == w->c.n_foreign && is_order(e))
		return;
	if (e->kind == FRAME_TUNNEL)
		agent_tunnel(h->agent, e->src, e->dst, e->p, e->n, &now, &w->aout);
	else if (e->kind == FRAME_UDP)
		agent_udp(h->agent, e->src, e->sport, e->dst, e->p, e->n, &now, &w->aout);
	else
		agent_tun(h->agent, e->p, e->n, &now, &w->aout); /* routed to the home network */
	carry_agent(w, e->host);
}

void carry_link_up(struct world *w, struct walker *n, unsigned ap, const struct mac *bssid)
{
	struct instant now = world_node_instant(w);
	bool second = mac_equal(bssid, &w->host[ap].bssid2);
	struct radio_bss bss = radio_bss(w, ap, second, w->c.automatic ? radio_dbm(w, n, ap) : -50);

	world_log(w, "node: link up on access point %u", ap);
	n->roam++;
	n->attached = true;
	n->dbm = bss.signal_dbm;
	n->ap = ap;
	mobile_count(n->mobile, n->tapped);
	mobile_connected(n->mobile, MOBILE_RADIO, &bss, &now, &w->mout);
	carry_node(w, n);
	station_joined(w, n);
	router_link_up(w, n, MOBILE_RADIO);
}

/* What the supplicant does with an access point that is not there: it takes another one. */
static void roam_ends(struct world *w, const struct event *e)
{
	struct walker *n = &w->walkers[e->node];
	struct instant now = world_node_instant(w);
	struct event again = *e;

	if (e->roam != n->roam)
		return;
	if (!w->radio_dead[e->host]) {
		carry_link_up(w, n, e->host, &e->mac);
		return;
	}
	mobile_roam_failed(n->mobile, "the access point does not answer", &now, &w->mout);
	carry_node(w, n);
	if (e->roam != n->roam)
		return;
	again.host = (e->host + 1) % world_aps(w);
	again.mac = w->host[again.host].bssid;
	again.at = w->now + MSEC(300);
	wire_push(w, again);
}

void carry_event(struct world *w, struct event *e)
{
	switch (e->kind) {
	case EVENT_LINK_UP:
		roam_ends(w, e);
		break;
	case EVENT_STREAM:
		stream_tick(w);
		break;
	case EVENT_AIR:
		radio_moves(w);
		break;
	case EVENT_STATION_GONE:
		station_gone(w, e);
		break;
	case EVENT_ADDRESS:
		router_address(w, e);
		break;
	case EVENT_LENT:
		router_lends(w, e);
		break;
	case EVENT_GATEWAY:
		router_gateway(w, e);
		break;
	case EVENT_SCANNED:
		radio_scan_ends(w, &w->walkers[e->node]);
		break;
	case FRAME_TUNNEL:
	case FRAME_UDP:
	case FRAME_ROUTED:
	case FRAME_RADIO:
		if (e->to == TO_NODE)
			node_hears(w, e);
		else if (e->to == TO_ROUTER)
			router_hears(w, e);
		else if (e->to == TO_CN)
			stream_cn_hears(w, e);
		else
			agent_hears(w, e);
		break;
	}
	free(e->p);
}
