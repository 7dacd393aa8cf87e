/* SPDX-License-Identifier: MIT */
#include "tests/sim/inside.h"

#include "common/packet.h"

/* What the kernel of an agent does with what its daemon hands to it. */

int kernel_host(const struct world *w, uint32_t addr)
{
	for (unsigned i = 0; i <= w->c.n_foreign; i++) {
		if (w->host[i].addr == addr)
			return (int)i;
	}
	return -1;
}

bool world_is_host(const struct world *w, uint32_t addr)
{
	return kernel_host(w, addr) >= 0;
}

static void datagram(struct world *w, unsigned from, uint32_t src, uint16_t sport, uint32_t dst,
		     const uint8_t *p, size_t n)
{
	struct event e =
	    wire_frame(FRAME_UDP, TO_AGENT, (unsigned)kernel_host(w, dst), p, n);

	e.src = src;
	e.dst = dst;
	e.sport = sport;
	wire_backbone(w, from, e);
}

static void to_node(struct world *w, unsigned i, const struct walker *to, unsigned link,
		    const void *p, size_t n)
{
	struct event e = wire_frame(FRAME_RADIO, TO_NODE, i, p, n);

	e.node = to->index;
	e.link = link;
	e.mac = w->host[i].mac;
	wire_radio(w, i, e);
}

/* One frame reaches everybody there. */
void kernel_link(struct world *w, unsigned i, const struct agent_action *a)
{
	for (unsigned k = 0; k < w->c.n_nodes && !world_plain(w, i); k++) {
		struct walker *n = &w->walkers[k];

		for (unsigned l = 0; l < WALKER_LINKS; l++)
			if (a->mac.b[0] & 1 ? cable_passes(w, n, l) && cable_place(n, l) == i
					    : cable_link_of(n, &a->mac) == l)
				to_node(w, i, n, l, a->p, a->n);
	}
}

/* The kernel of agent i routes a packet that came out of its TUN. */
void kernel_routes(struct world *w, unsigned i, const uint8_t *p, size_t n)
{
	const struct walker *to;
	struct ipv4 ip;
	struct udp u;

	if (ipv4_decode(p, n, &ip) != DROP_NONE)
		return;
	to = world_by_home(w, ip.dst);
	if (to && w->host[i].visitor[to->index]) {
		to_node(w, i, to, w->host[i].visitor_link[to->index], p, n);
	} else if (to && i < w->c.n_foreign) {
		wire_backbone(w, i, wire_frame(FRAME_ROUTED, TO_AGENT, w->c.n_foreign, p, n));
	} else if (ip.dst == WORLD_CN) {
		wire_backbone(w, i, wire_frame(FRAME_ROUTED, TO_CN, 0, p, n));
	} else if (udp_decode(&ip, true, &u) == DROP_NONE && kernel_host(w, ip.dst) >= 0) {
		datagram(w, i, ip.src, u.sport, ip.dst, u.payload.p, u.payload.left);
	}
}

/* The kernel of agent i sends a datagram of its own: to another agent, or to a node anywhere. */
void kernel_udp(struct world *w, unsigned i, const struct agent_action *a)
{
	struct ipv4_out h = { .src = a->src, .dst = a->dst, .ttl = 64, .protocol = PROTO_UDP };
	uint8_t pkt[FRAME_MAX];

	if (kernel_host(w, a->dst) >= 0)
		datagram(w, i, a->src, a->sport, a->dst, a->p, a->n);
	else if (!router_takes(w, i, a))
		kernel_routes(w, i, pkt,
			      udp_build(pkt, sizeof(pkt), &h, a->sport, a->dport, a->p, a->n));
}

void kernel_visitor(struct world *w, unsigned i, const struct agent_action *a)
{
	const struct walker *n = world_by_home(w, a->home);

	if (!n)
		return; /* check_agent_action() has said so */
	w->host[i].visitor[n->index] = a->act == AGENT_VISITOR_UP;
	w->host[i].reverse[n->index] = a->reverse;
	w->host[i].visitor_link[n->index] = cable_link_of(n, &a->mac) == WORLD_CABLE;
}
