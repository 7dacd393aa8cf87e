/* SPDX-License-Identifier: MIT */
#include "tests/sim/inside.h"

#include "client/handoff.h"
#include "common/mip.h"
#include "common/order.h"
#include "common/packet.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/*
 * What holds before and after every step, whatever the links do.  A run ends at the first that
 * does not.
 */
/* ---- what the node signs ---- */

static void order_signed(struct world *w, struct walker *by, const uint8_t *p, size_t n)
{
	struct order o;

	if (order_decode(p, n, &o) != DROP_NONE) {
		world_violate(w, "the node sends a malformed order");
		return;
	}
	if (n > ORDER_MAX)
		world_violate(w, "an order of %zu bytes", n);
	by->orders[by->n_orders++ % SIGNED_MAX] = (struct signed_order){
	    .id = o.id,
	    .n = n,
	    .care_of = o.action == ORDER_FORWARD || o.action == ORDER_DELETE_FORWARD ? o.care_of
										      : 0};
}

static void request_signed(struct world *w, struct walker *by, const uint8_t *p, size_t n)
{
	struct mip_request r;
	struct mip_exts x;

	if (mip_request_decode(p, n, &r, &x) != DROP_NONE) {
		world_violate(w, "the node sends a malformed Request");
		return;
	}
	for (unsigned i = 0; i < x.n_orders; i++)
		order_signed(w, by, x.orders[i].p, x.orders[i].left);
	for (unsigned i = 0; i < by->n_care_of; i++)
		if (by->care_of[i] == r.care_of)
			return;
	if (by->n_care_of < CARE_OF_MAX)
		by->care_of[by->n_care_of++] = r.care_of;
}

void check_node_sends(struct world *w, struct walker *by, const uint8_t *pkt, size_t n)
{
	struct overheard *h;
	struct ipv4 ip;
	struct udp u;

	if (ipv4_decode(pkt, n, &ip) != DROP_NONE) {
		world_violate(w, "the node sends what is no IP packet");
		return;
	}
	if (ip.protocol != PROTO_UDP || udp_decode(&ip, true, &u) != DROP_NONE ||
	    u.dport != MIP_PORT)
		return;
	if (u.payload.left > MIP_MSG_MAX || n > sizeof(h->p))
		world_violate(w, "the node sends a message of %zu bytes", u.payload.left);
	else if (u.payload.p[0] == MIP_ORDER)
		order_signed(w, by, u.payload.p, u.payload.left);
	else
		request_signed(w, by, u.payload.p, u.payload.left);
	h = &w->heard[w->n_heard++ % HEARD_MAX];
	h->n = n < sizeof(h->p) ? n : sizeof(h->p);
	memcpy(h->p, pkt, h->n);
	h->home = by->home;
	h->arrived = h->answered = false;
}

static void heard(struct world *w, const uint8_t *p, size_t n, size_t skip)
{
	for (unsigned k = 0; k < HEARD_MAX && k < w->n_heard; k++)
		if (w->heard[k].n == n + skip && !memcmp(w->heard[k].p + skip, p, n))
			w->heard[k].arrived = true;
}

/* One of the node's own frames reached the agent that it was for. */
void check_heard(struct world *w, const struct event *e)
{
	struct rbuf inner;

	if (e->kind != FRAME_UDP)
		heard(w, e->p, e->n, 0);
	else if (mip_tunnel_decode(e->p, e->n, &inner))
		heard(w, inner.p, inner.left, 0);
	else
		heard(w, e->p, e->n, 28);
}

/* The home agent answers: a Request may have another upper half than its Reply, RFC 5944 5.7. */
static void answered(struct world *w, const uint8_t *p, size_t n)
{
	struct mip_request r;
	struct mip_reply m;
	struct mip_exts x;

	if (mip_reply_decode(p, n, &m, &x) != DROP_NONE)
		return;
	for (unsigned k = 0; k < HEARD_MAX && k < w->n_heard; k++) {
		struct overheard *h = &w->heard[k];

		if (h->home == m.home_addr &&
		    mip_request_decode(h->p + 28, h->n - 28, &r, &x) == DROP_NONE &&
		    (uint32_t)r.id == (uint32_t)m.id)
			h->answered = true;
	}
}

/* ---- what agents do ---- */

/* In its tunnel: only what its correspondent has sent comes to a node's programs. */
void check_node_gets(struct world *w, const struct walker *n, const uint8_t *pkt, size_t len)
{
	struct ipv4 ip;

	if (ipv4_decode(pkt, len, &ip) != DROP_NONE || ip.dst != n->home)
		world_violate(w, "the node gets another's packet");
	else if (ip.src != WORLD_CN)
		world_violate(w, "the node takes what a stranger has tunnelled");
}

static void link_message(struct world *w, unsigned i, const struct agent_action *a)
{
	const struct walker *to = world_by_mac(w, &a->mac);
	struct ipv4 ip;
	struct udp u;

	if (ipv4_decode(a->p, a->n, &ip) != DROP_NONE)
		world_violate(w, "agent %u sends what is no IP packet on its link", i);
	else if (udp_decode(&ip, true, &u) == DROP_NONE)
		check_reply(w, i, to ? to->index : STRANGER, u.payload.p, u.payload.left);
	else if (to && ip.dst != to->home && addr_is_unicast(ip.dst) && ip.protocol != PROTO_ICMP)
		world_violate(w, "agent %u gives a node another's packet", i);
}

static bool signed_for(const struct walker *n, uint32_t care_of)
{
	for (unsigned k = 0; k < SIGNED_MAX && k < n->n_orders; k++)
		if (n->orders[k].care_of == care_of)
			return true;
	return false;
}

/* Whom a copied Request was from; and a home agent: which of them it has accepted, or refused for
 * the sake of its own clock. */
static bool has_forgotten(const struct world *w, unsigned i)
{
	return w->host[i].starts > 1 && !(i == w->c.n_foreign && w->c.home_remembers);
}

static void tunnelled(struct world *w, unsigned i, const struct agent_action *a)
{
	bool home = i == w->c.n_foreign, asked = false;
	const struct walker *node;
	struct ipv4 ip;
	int at;

	if (a->n > 1480 || ipv4_decode(a->p, a->n, &ip) != DROP_NONE) {
		world_violate(w, "agent %u tunnels what is no packet", i);
		return;
	}
	if (a->src != w->host[i].addr)
		world_violate(w, "agent %u tunnels under a strange address", i);
	at = kernel_host(w, a->dst); /* behind a NAT, too */
	if (a->dst == a->src)
		world_violate(w, "agent %u tunnels to itself", i);
	node = world_by_home(w, ip.dst);
	if (node) {
		for (unsigned k = 0; k < node->n_care_of; k++)
			asked |= home && at >= 0 && node->care_of[k] == w->host[at].addr;
		for (unsigned k = 0; k < node->n_care_of; k++)
			asked |= home && node->care_of[k] == a->dst;
		asked |= home && a->dport && router_hides(w, node, a->dst, a->dport);
		/* nothing signs where a Request comes from, and who forgets believes a copy */
		asked |= home && a->dport && a->dst == WORLD_CN && has_forgotten(w, i);
		if (!asked && (home || !signed_for(node, a->dst)))
			world_violate(w, "agent %u forwards where the node signed for nothing", i);
	} else if (ip.dst == WORLD_CN || (world_by_home(w, ip.src) && world_is_host(w, ip.dst))) {
		if (home || a->dst != WORLD_HOME_AGENT)
			world_violate(w, "agent %u: uplink in a tunnel to elsewhere", i);
	} else if (ip.dst != a->dst && !(a->dport && at >= 0 && ip.dst == w->host[at].addr)) {
		world_violate(w, "agent %u tunnels what is nobody's", i);
	}
}

void check_agent_action(struct world *w, unsigned i, const struct agent_action *a)
{
	const struct walker *node = world_by_home(w, a->home);
	struct ipv4 ip;

	if (w->aout.n > AGENT_ACTIONS_MAX || w->aout.used > AGENT_OUT_BYTES)
		world_violate(w, "agent %u: too many actions", i);
	forwarding_action(w, i, a);
	switch (a->act) {
	case AGENT_SEND_UDP:
		if (i == w->c.n_foreign)
			answered(w, a->p, a->n);
		check_reply_afar(w, i, a->dst, a->p, a->n);
		break;
	case AGENT_SEND_PACKET:
		world_violate(w, "agent %u relays an error that nobody sent", i);
		break;
	case AGENT_SEND_LINK:
		link_message(w, i, a);
		break;
	case AGENT_TUNNEL:
		tunnelled(w, i, a);
		break;
	case AGENT_DELIVER:
		if (ipv4_decode(a->p, a->n, &ip) != DROP_NONE)
			world_violate(w, "agent %u delivers what is no packet", i);
		else if (i == w->c.n_foreign
			     ? ip.dst != WORLD_CN && !world_is_host(w, ip.dst) &&
				       !(w->c.home_link && world_by_home(w, ip.dst))
			     : !world_by_home(w, ip.dst))
			world_violate(w, "agent %u delivers to somebody else", i);
		break;
	case AGENT_VISITOR_UP:
		if (!node || (cable_link_of(node, &a->mac) == WALKER_LINKS &&
			      !has_forgotten(w, i) && !has_forgotten(w, w->c.n_foreign)))
			world_violate(w, "agent %u: a stranger has the node's route", i);
		break;
	case AGENT_VISITOR_DOWN:
		if (!node)
			world_violate(w, "agent %u: no such visitor", i);
		break;
	case AGENT_QUEUE_WATCH:
	case AGENT_PROXY_UP:
	case AGENT_PROXY_MUTE:
	case AGENT_PROXY_DOWN:
	case AGENT_ANNOUNCE:
	case AGENT_NOTE:
		break;
	}
}

/* ---- what holds between two steps ---- */

static void node_state(struct world *w, struct walker *n)
{
	const struct mobile_want *want = mobile_want(n->mobile);
	mtime now = w->now + SEC(1000);
	struct report r;

	if (want->uplink == UPLINK_AGENT && !want->agent_addr)
		world_violate(w, "the node's route leads to nobody");
	if (mobile_report(n->mobile, 0, &r) && !r.ended && now > r.at[STEP_TRIGGER] + HANDOFF_BOUND)
		world_violate(w, "handoff %u does not end", r.number);
	if (w->streaming && !n->lapsed && w->c.backbone_signal.loss) {
		struct mobile_info m;

		mobile_info(n->mobile, now, &m);
		n->lapsed = m.state != MOBILE_REGISTERED && m.state != MOBILE_HANDING_OFF &&
			    m.state != MOBILE_AT_HOME;
	}
}

/* Of many nodes only every 32nd step is looked at: they are there for their number. */
void check_state(struct world *w)
{
	unsigned step = w->c.n_nodes > 8 ? 32 : 1;

	if (w->mout.n >= MOBILE_ACTIONS_MAX - 1)
		world_violate(w, "the node: too many actions");
	if (step > 1 && w->order % step)
		return;
	for (unsigned i = 0; i <= w->c.n_foreign; i++)
		check_queues(w, i);
	for (unsigned k = 0; k < w->c.n_nodes; k++)
		node_state(w, &w->walkers[k]);
}

/* The network of the interface that is the best. */
static unsigned place(const struct world *w, const struct walker *n)
{
	return cable_place(n, cable_serves(w, n));
}

/* On its home link, the last one. */
static bool at_home(const struct world *w, const struct walker *n)
{
	return place(w, n) == w->c.n_foreign;
}

/* Where both are to be had an agent may have spoken too late. */
static bool is_own(const struct world *w, const struct walker *n, bool colocated)
{
	return world_own(w, place(w, n)) || (colocated && router_is(w, place(w, n)));
}

static void check_bindings(struct world *w)
{
	struct agent_binding_info b;
	unsigned n = 0, away = 0;

	while (agent_binding_at(w->host[w->c.n_foreign].agent, n, &b)) {
		const struct walker *of = world_by_home(w, b.home_addr);

		if (!of || at_home(w, of) ||
		    b.care_of !=
			    (is_own(w, of, b.co_located) ? of->net[cable_serves(w, of)].addr
							 : w->host[place(w, of)].addr))
			world_violate(w, "at the end: the binding leads elsewhere");
		n++;
	}
	for (unsigned k = 0; k < w->c.n_nodes; k++)
		away += !at_home(w, &w->walkers[k]);
	if (n != away)
		world_violate(w, "at the end: %u bindings", n);
}

static void node_at_end(struct world *w, const struct walker *n)
{
	bool own; /* a care-of address of its own */
	struct mobile_info m;
	struct report r;
	unsigned at = place(w, n);

	mobile_info(n->mobile, w->now + SEC(1000), &m);
	own = is_own(w, n, m.colocated);
	if (m.state != (at_home(w, n) ? MOBILE_AT_HOME : MOBILE_REGISTERED))
		world_violate(w, "at the end: the node is %s", mobile_state_name(m.state));
	if (!n->attached || m.link != cable_serves(w, n) ||
	    m.agent != (own ? WORLD_HOME_AGENT : w->host[at].link_addr) ||
	    (own && m.udp_tunnel != w->c.nat[at]))
		world_violate(w, "at the end: the node thinks it is elsewhere");
	if (m.uplink != (own ? UPLINK_TUNNEL : UPLINK_AGENT))
		world_violate(w, "at the end: the uplink is held");
	if (mobile_report(n->mobile, 0, &r) && !r.ended)
		world_violate(w, "at the end: a handoff is running");
	for (unsigned i = 0; i <= w->c.n_foreign; i++) {
		bool there = i == at && !own;

		if (w->host[i].visitor[n->index] != there)
			world_violate(w, "at the end: agent %u %s the route", i,
				      there ? "lacks" : "still has");
		if (there && !at_home(w, n) && !w->host[i].reverse[n->index])
			world_violate(w, "at the end: agent %u has no way back", i);
	}
}

void world_check_end(struct world *w)
{
	struct agent_buffer_info b;

	for (unsigned k = 0; k < w->c.n_nodes; k++)
		node_at_end(w, &w->walkers[k]);
	check_bindings(w);
	for (unsigned i = 0; i <= w->c.n_foreign; i++)
		for (size_t k = 0; agent_buffer_at(w->host[i].agent, k, &b); k++) {
			const struct walker *of = world_by_home(w, b.home_addr);

			/* a promise to who is there is no buffer yet */
			if (b.state == BUF_RESERVED && of && place(w, of) == i && !b.queued &&
			    !b.held)
				continue;
			world_violate(w, "at the end: agent %u is %s, %u queued, %u held, merge %s",
				      i, buffer_state_name(b.state), b.queued, b.held, b.merge);
		}
}
