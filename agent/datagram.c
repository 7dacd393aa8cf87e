/* SPDX-License-Identifier: MIT */
#include "agent/datagram.h"

static bool read_datagrams(struct udp_port *port, struct datagram *g)
{
	if (burst_recv(port->fd, port->d->datagram, PACKET_MAX, &g->in) < 0)
		return false;
	if (!g->in.ifindex)
		g->in.dst = port->addr;
	g->bytes = port->d->datagram;
	g->left = g->in.n;
	g->n = g->in.size;
	return true;
}

/* What a node sent on a link has come by the link's own socket, with its MAC address. */
static bool by_link(const struct daemon *d, const struct datagram *g)
{
	for (unsigned i = 0; i < d->n_links; i++)
		if (d->links[i].open && d->links[i].link.ifindex == g->in.ifindex)
			return !lan_is(d, i) || lan_from_home(g->in.src, g->bytes, g->n);
	return false;
}

bool datagram_follows(const struct datagram *g)
{
	return g->left > g->n;
}

bool datagram_next(struct daemon *d, struct datagram *g)
{
	if (datagram_follows(g)) {
		g->bytes += g->n;
		g->left -= g->n;
		g->n = g->left < g->n ? g->left : g->n;
		return true;
	}
	for (unsigned i = 0; i < d->n_udp; i++)
		while (read_datagrams(&d->udp[i], g))
			if (!by_link(d, g))
				return true;
	return false;
}
