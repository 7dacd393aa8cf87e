/* SPDX-License-Identifier: MIT */
#include "tests/sim/inside.h"

#include "common/mip.h"
#include "common/packet.h"

#include <string.h>

/* What somebody does who has no key. */
#define STRANGER_ADDR 0xcb007142u /* 203.0.113.66 */

/* An agent without a key for the node takes who brings a Request first for the node, as RFC 5944
 * has it; mip-buffer(7) says so.  First is who reaches the home agent. */
static bool unheard_of(const struct world *w, unsigned ap, const struct overheard *h)
{
	return h->p[28] == MIP_REQUEST && ap < w->c.n_foreign && w->c.no_key[ap] && !h->answered;
}

void world_forge(struct world *w, unsigned ap, bool on_link, bool changed)
{
	unsigned have = w->n_heard < HEARD_MAX ? w->n_heard : HEARD_MAX;
	struct overheard *h;
	struct event e;
	uint8_t msg[1500];
	size_t n, most = sizeof(msg);

	if (!have)
		return;
	h = &w->heard[world_dice(w, have)];
	if (!h->arrived)
		return;
	n = h->n - 28;
	memcpy(msg, h->p + 28, n);
	if (on_link && !changed && unheard_of(w, ap, h))
		return;
	if (!w->c.replays && msg[0] == MIP_REQUEST) {
		changed = true;
		most = MIP_REQUEST_LEN; /* behind it there is also what nobody signed */
	}
	if (changed)
		msg[world_dice(w, (unsigned)(most < n ? most : n))] ^=
		    (uint8_t)(1 + world_dice(w, 255));
	if (on_link) {
		uint8_t pkt[1600];
		struct ipv4_out ip = {.src = h->home,
				      .dst = w->host[ap].link_addr,
				      .ttl = 255,
				      .protocol = PROTO_UDP};

		n = udp_build(pkt, sizeof(pkt), &ip, MIP_PORT, MIP_PORT, msg, n);
		e = wire_frame(FRAME_RADIO, TO_AGENT, ap, pkt, n);
		e.mac = (struct mac){ { 2, 6, 6, 6, 6, 6 } };
	} else {
		e = wire_frame(FRAME_UDP, TO_AGENT, ap, msg, n);
		e.src = WORLD_CN;
		e.dst = w->host[ap].addr;
		e.sport = MIP_PORT;
	}
	world_log(w, "a stranger %s a message of the node's to agent %u %s",
		  changed ? "changes" : "repeats", ap, on_link ? "on its link" : "from afar");
	e.at = w->now + MSEC(1);
	wire_push(w, e);
}

/* A packet that nobody sent, as from the node or to it. */
static size_t made_up(uint8_t *buf, uint32_t src, uint32_t dst)
{
	return stream_numbered(buf, src, dst, WORLD_PACKETS_MAX - 1);
}

static void to_home_agent(struct world *w, uint32_t outer, uint16_t sport)
{
	uint8_t pkt[FRAME_MAX];
	size_t n;
	struct event e;

	mip_tunnel_header(pkt);
	n = made_up(pkt + MIP_TUNNEL_LEN, w->me->home, WORLD_CN);
	if (sport)
		e = wire_frame(FRAME_UDP, TO_AGENT, w->c.n_foreign, pkt, MIP_TUNNEL_LEN + n);
	else
		e = wire_frame(FRAME_TUNNEL, TO_AGENT, w->c.n_foreign, pkt + MIP_TUNNEL_LEN, n);
	e.src = outer;
	e.dst = WORLD_HOME_AGENT;
	e.sport = sport;
	e.at = w->now + MSEC(1);
	wire_push(w, e);
}

static void to_node(struct world *w, uint32_t outer, uint32_t addr, bool udp)
{
	struct agent_action a = {
		.act = AGENT_TUNNEL, .src = outer, .dst = addr, .sport = MIP_PORT
	};
	uint8_t pkt[FRAME_MAX];

	a.n = made_up(pkt, STRANGER_ADDR, w->me->home);
	a.p = pkt;
	a.dport = udp ? NODE_PORT : 0;
	router_takes(w, w->c.n_foreign + 1, &a);
}

void world_intrude(struct world *w)
{
	world_log(w, "a stranger tunnels");
	to_home_agent(w, STRANGER_ADDR, 0);
	to_home_agent(w, STRANGER_ADDR, NODE_PORT);
	for (unsigned i = 0; i < w->c.n_foreign; i++)
		if (w->c.nat[i]) /* from behind the same NAT */
			to_home_agent(w, w->host[i].addr + 1, NAT_PORT - 1);
	for (unsigned l = 0; l < WALKER_LINKS; l++) {
		uint32_t addr = w->me->net[l].addr;

		if (!addr)
			continue;
		to_home_agent(w, addr + 100, 0);
		to_node(w, STRANGER_ADDR, addr, false);
		to_node(w, STRANGER_ADDR, addr, true);
	}
}
