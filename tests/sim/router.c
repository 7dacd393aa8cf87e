/* SPDX-License-Identifier: MIT */
#include "tests/sim/inside.h"

#include "common/mip.h"
#include "common/packet.h"

#include <assert.h>
#include <string.h>

/*
 * Networks that give addresses out: 10.(i+1).0.5 and up at access point i, 10.(i+1).1.5 and up
 * by cable, 10.(i+1).0.1 is the router.  Each is reached from everywhere, or is behind a NAT: that
 * has an address of its own, a port for each node and peer, lets in what comes from that peer to
 * that port, and knows nothing of IP-in-IP.
 */
bool router_is(const struct world *w, unsigned i)
{
	return i < w->c.n_foreign && (w->c.plain[i] || w->c.colocated || w->c.addresses);
}

uint32_t router_addr(unsigned i, const struct walker *n, unsigned link)
{
	return 0x0a000005u + ((i + 1) << 16) + (link << 8) + n->index;
}

/* Whose it is, by which of its interfaces; NULL: nobody's. */
static const struct walker *owner(const struct world *w, unsigned i, uint32_t addr, unsigned *link)
{
	for (unsigned k = 0; k < w->c.n_nodes; k++)
		for (*link = 0; *link < WALKER_LINKS; ++*link)
			if (addr == router_addr(i, &w->walkers[k], *link))
				return &w->walkers[k];
	return NULL;
}

static uint32_t outside(const struct world *w, unsigned i)
{
	return w->host[i].addr + 1;
}

int router_of(const struct world *w, uint32_t addr)
{
	for (unsigned i = 0; i < w->c.n_foreign; i++)
		if (router_is(w, i) && addr != w->host[i].link_addr &&
		    (addr >> 16 == 0x0a00 + i + 1 || addr == outside(w, i)))
			return (int)i;
	return -1;
}

unsigned router_peer(const struct world *w, uint32_t addr)
{
	int i = router_of(w, addr);
	const struct walker *n;
	unsigned link;

	if (i < 0)
		return 0;
	if (addr == outside(w, (unsigned)i))
		return AT_ROUTERS + (unsigned)i * AT_ROUTER;
	n = owner(w, (unsigned)i, addr, &link);
	return n ? AT_ROUTERS + (unsigned)i * AT_ROUTER + 1 + WALKER_LINKS * n->index + link : 0;
}

/* ---- the NAT ---- */

static bool remembers(const struct world *w, const struct nat_port *p)
{
	return p->live && (!w->c.nat_forgets || w->now - p->used < w->c.nat_forgets);
}

static uint16_t port_for(struct world *w, unsigned i, const struct walker *n, uint32_t src,
			 uint16_t sport, uint32_t peer)
{
	struct host *h = &w->host[i];
	struct nat_port *p = h->nat;

	for (; p < h->nat + h->n_nat; p++)
		if (remembers(w, p) && p->src == src && p->sport == sport && p->peer == peer)
			break;
	if (p == h->nat + h->n_nat) {
		assert(h->n_nat < NAT_PORTS_MAX);
		h->n_nat++;
		*p = (struct nat_port){
			.node = n, .src = src, .sport = sport, .peer = peer, .live = true
		};
	}
	p->used = w->now;
	return (uint16_t)(NAT_PORT + (p - h->nat));
}

bool router_hides(const struct world *w, const struct walker *n, uint32_t addr, uint16_t port)
{
	int i = router_of(w, addr);
	const struct host *h;

	if (i < 0 || !w->c.nat[i] || addr != outside(w, (unsigned)i) || port < NAT_PORT)
		return false;
	h = &w->host[i];
	return port < NAT_PORT + h->n_nat && h->nat[port - NAT_PORT].node == n;
}

void world_rebind(struct world *w, unsigned ap)
{
	world_log(w, "the NAT at access point %u forgets", ap);
	for (unsigned k = 0; k < w->host[ap].n_nat; k++)
		w->host[ap].nat[k].live = false;
	w->host[ap].rebound++;
}

void world_agent_gone(struct world *w, unsigned i)
{
	world_log(w, "agent %u is gone", i);
	w->c.plain[i] = true;
}

/* ---- packets ---- */

bool router_takes(struct world *w, unsigned from, const struct agent_action *a)
{
	int to = router_of(w, a->dst);
	uint8_t buf[FRAME_MAX + MIP_TUNNEL_LEN];
	struct event e;

	if (to < 0)
		return false;
	assert(a->n <= FRAME_MAX);
	if (a->act == AGENT_TUNNEL && a->dport) {
		mip_tunnel_header(buf);
		memcpy(buf + MIP_TUNNEL_LEN, a->p, a->n);
		e = wire_frame(FRAME_UDP, TO_ROUTER, (unsigned)to, buf, a->n + MIP_TUNNEL_LEN);
	} else {
		e = wire_frame(a->act == AGENT_TUNNEL ? FRAME_TUNNEL : FRAME_UDP, TO_ROUTER,
			       (unsigned)to, a->p, a->n);
	}
	e.src = a->src;
	e.dst = a->dst;
	e.sport = a->sport;
	e.dport = a->dport;
	wire_backbone(w, from, e);
	return true;
}

static void to_node(struct world *w, unsigned i, uint32_t addr, const uint8_t *pkt, size_t n)
{
	struct event e = wire_frame(FRAME_RADIO, TO_NODE, i, pkt, n);

	e.node = owner(w, i, addr, &e.link)->index;
	e.mac = w->host[i].mac;
	wire_radio(w, i, e);
}

/* To which of the nodes, and under its own address and port; NULL: nobody. */
static const struct walker *inwards(struct world *w, const struct event *e, uint32_t *dst,
				    uint16_t *dport)
{
	struct host *h = &w->host[e->host];
	struct nat_port *p;
	unsigned link;

	*dst = e->dst;
	*dport = e->dport;
	if (!w->c.nat[e->host])
		return owner(w, e->host, e->dst, &link);
	if (e->dst != outside(w, e->host) || e->kind != FRAME_UDP || e->dport < NAT_PORT ||
	    e->dport >= NAT_PORT + h->n_nat)
		return NULL;
	p = &h->nat[e->dport - NAT_PORT];
	if (!remembers(w, p) || p->peer != e->src)
		return NULL;
	p->used = w->now;
	*dst = p->src;
	*dport = p->sport;
	return p->node;
}

static void from_backbone(struct world *w, const struct event *e)
{
	struct ipv4_out h = { .src = e->src, .ttl = 64, .protocol = PROTO_IPIP };
	uint8_t pkt[FRAME_MAX + 40];
	uint16_t dport;
	const struct walker *to = inwards(w, e, &h.dst, &dport);
	size_t n;

	if (!to) {
		world_log(w, "router %u: nobody is there", e->host);
		return;
	}
	n = e->kind == FRAME_UDP
		? udp_build(pkt, sizeof(pkt), &h, e->sport, dport, e->p, e->n)
		: ipv4_build(pkt, sizeof(pkt), &h, e->p, e->n);
	to_node(w, e->host, h.dst, pkt, n);
}

static void from_node(struct world *w, const struct event *e)
{
	const struct walker *n = &w->walkers[e->node];
	bool nat = w->c.nat[e->host];
	struct event out;
	struct ipv4 ip;
	struct udp u;
	int to;

	if (ipv4_decode(e->p, e->n, &ip) != DROP_NONE || ip.src != router_addr(e->host, n, e->link))
		return;
	to = kernel_host(w, ip.dst);
	if (to < 0 || (nat && ip.protocol != PROTO_UDP)) {
		world_log(w, "router %u: no way for it", e->host);
		return;
	}
	if (ip.protocol == PROTO_IPIP) {
		out = wire_frame(FRAME_TUNNEL, TO_AGENT, (unsigned)to, ip.payload.p,
				 ip.payload.left);
		out.src = ip.src;
	} else if (udp_decode(&ip, true, &u) == DROP_NONE) {
		out = wire_frame(FRAME_UDP, TO_AGENT, (unsigned)to, u.payload.p, u.payload.left);
		out.src = nat ? outside(w, e->host) : ip.src;
		out.sport = nat ? port_for(w, e->host, n, ip.src, u.sport, ip.dst) : u.sport;
	} else {
		return;
	}
	out.dst = ip.dst;
	wire_backbone(w, e->host, out);
}

void router_hears(struct world *w, const struct event *e)
{
	if (e->kind == FRAME_RADIO)
		from_node(w, e);
	else
		from_backbone(w, e);
}

/* ---- the node's end ---- */

static unsigned bound_to(const struct walker *n, uint32_t addr)
{
	return addr && n->net[WORLD_CABLE].outer == addr ? WORLD_CABLE : MOBILE_RADIO;
}

/* What its kernel makes of it: by that interface, from an address that it has, to the router. */
void router_node_sends(struct world *w, struct walker *n, const struct mobile_action *a)
{
	struct ipv4_out h = { .src = a->src, .dst = a->dst, .ttl = 64, .protocol = PROTO_IPIP };
	uint8_t pkt[FRAME_MAX + 40], in[FRAME_MAX + MIP_TUNNEL_LEN];
	unsigned link = bound_to(n, a->src), at = cable_place(n, link);
	struct event e;
	size_t len;

	assert(a->n <= FRAME_MAX);
	mip_tunnel_header(in);
	memcpy(in + MIP_TUNNEL_LEN, a->p, a->n);
	if (a->act == MOBILE_UDP)
		len = udp_build(pkt, sizeof(pkt), &h, NODE_PORT, MIP_PORT, a->p, a->n);
	else if (a->on)
		len = udp_build(pkt, sizeof(pkt), &h, NODE_PORT, MIP_PORT, in,
				MIP_TUNNEL_LEN + a->n);
	else
		len = ipv4_build(pkt, sizeof(pkt), &h, a->p, a->n);
	if (a->act == MOBILE_UDP)
		check_node_sends(w, n, pkt, len);
	else
		check_node_sends(w, n, a->p, a->n);
	if (!cable_passes(w, n, link) || !router_is(w, at) || a->src != n->net[link].outer ||
	    a->src != router_addr(at, n, link)) {
		world_log(w, "node: no way from that address");
		return;
	}
	e = wire_frame(FRAME_RADIO, TO_ROUTER, at, pkt, len);
	e.mac = n->mac;
	e.node = n->index;
	e.link = link;
	wire_radio(w, at, e);
}

/* As the daemon's sockets: bound to the address that it has, and UDP from port 434 alone. */
void router_node_hears(struct world *w, struct walker *n, const struct event *e)
{
	static const struct mac nobody;
	struct instant now = world_node_instant(w);
	struct rbuf in;
	struct ipv4 ip;
	struct udp u;

	if (ipv4_decode(e->p, e->n, &ip) != DROP_NONE || ip.dst != n->net[e->link].outer)
		return;
	if (ip.protocol == PROTO_IPIP)
		mobile_tunnelled(n->mobile, ip.src, ip.dst, false, ip.payload.p, ip.payload.left,
				 &now, &w->mout);
	else if (udp_decode(&ip, true, &u) != DROP_NONE || u.sport != MIP_PORT ||
		 u.dport != NODE_PORT)
		return;
	else if (mip_tunnel_decode(u.payload.p, u.payload.left, &in))
		mobile_tunnelled(n->mobile, ip.src, ip.dst, true, in.p, in.left, &now, &w->mout);
	else
		mobile_udp(n->mobile, &nobody, ip.src, ip.dst, u.payload.p, u.payload.left, &now,
			   &w->mout);
	carry_node(w, n);
}
