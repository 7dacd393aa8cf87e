/* SPDX-License-Identifier: MIT */
#include "tests/sim/inside.h"

#include "common/mip.h"
#include "common/packet.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* What the kernel of an agent does with what its daemon hands to it. */

static bool natted(const struct world *w, unsigned i)
{
	return i < w->c.n_foreign && w->c.agent_nat[i];
}

static uint32_t nat_addr(const struct world *w, unsigned i)
{
	return w->host[i].addr + 2;
}

static uint16_t nat_port(const struct world *w, unsigned i)
{
	return (uint16_t)(AGENT_NAT_PORT + w->host[i].rebound);
}

int kernel_host(const struct world *w, uint32_t addr)
{
	for (unsigned i = 0; i <= w->c.n_foreign; i++) {
		if (w->host[i].addr == addr || (natted(w, i) && nat_addr(w, i) == addr))
			return (int)i;
	}
	return -1;
}

bool kernel_tunnels(const struct world *w, unsigned from, uint32_t dst)
{
	int to = kernel_host(w, dst);

	return to >= 0 && !natted(w, from) && !natted(w, (unsigned)to);
}

bool world_is_host(const struct world *w, uint32_t addr)
{
	return kernel_host(w, addr) >= 0;
}

/* A private address is reached by nobody, and through a NAT by its port alone. */
static void datagram(struct world *w, unsigned from, uint32_t src, uint16_t sport, uint32_t dst,
		     uint16_t dport, const uint8_t *p, size_t n)
{
	unsigned to = (unsigned)kernel_host(w, dst);
	struct event e = wire_frame(FRAME_UDP, TO_AGENT, to, p, n);
	bool mine = src == w->host[from].addr;

	e.src = natted(w, from) ? nat_addr(w, from) : src;
	e.sport = natted(w, from) && mine ? nat_port(w, from) : sport;
	e.dst = w->host[to].addr;
	if (natted(w, to) && (dst != nat_addr(w, to) || dport != nat_port(w, to))) {
		world_log(w, "the NAT before agent %u lets nothing in", to);
		free(e.p);
		return;
	}
	wire_backbone(w, from, e);
}

void kernel_datagram(struct world *w, unsigned from, const struct agent_action *a)
{
	uint8_t buf[FRAME_MAX + MIP_TUNNEL_LEN];

	assert(a->n <= FRAME_MAX);
	mip_tunnel_header(buf);
	memcpy(buf + MIP_TUNNEL_LEN, a->p, a->n);
	if (a->act == AGENT_TUNNEL)
		datagram(w, from, a->src, a->sport, a->dst, a->dport, buf, a->n + MIP_TUNNEL_LEN);
	else
		datagram(w, from, a->src, a->sport, a->dst, a->dport, a->p, a->n);
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
		datagram(w, i, ip.src, u.sport, ip.dst, u.dport, u.payload.p, u.payload.left);
	}
}

/* The kernel of agent i sends a datagram of its own: to another agent, or to a node anywhere. */
void kernel_udp(struct world *w, unsigned i, const struct agent_action *a)
{
	struct ipv4_out h = { .src = a->src, .dst = a->dst, .ttl = 64, .protocol = PROTO_UDP };
	uint8_t pkt[FRAME_MAX];

	if (kernel_host(w, a->dst) >= 0)
		kernel_datagram(w, i, a);
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
