/* SPDX-License-Identifier: MIT */
#include "agent/datagram.h"

/* The next that one call has brought. */
static bool take(struct daemon *d, struct datagram *g)
{
	const struct burst_in *in = burst_take(&d->ahead);

	if (!in)
		return false;
	g->in = *in;
	g->bytes = in->bytes;
	g->left = in->n;
	g->n = in->size;
	return true;
}

static bool read_some(struct udp_port *port)
{
	struct daemon *d = port->d;
	bool some = burst_recv(port->fd, port->addr, &d->ahead) > 0;

	d->giveback.loaded |= some && d->ahead.n > 1;
	return some;
}

/* What a node sent on a link has come by the link's own socket, with its MAC address. */
static bool by_link(const struct daemon *d, const struct datagram *g)
{
	for (unsigned i = 0; i < d->n_links; i++)
		if (d->links[i].open && d->links[i].link.ifindex == g->in.ifindex)
			return !lan_is(d, i) || lan_from_home(g->in.src, g->bytes, g->n);
	return false;
}

bool datagram_follows(const struct daemon *d, const struct datagram *g)
{
	return g->left > g->n || burst_waits(&d->ahead);
}

bool datagram_next(struct daemon *d, struct datagram *g)
{
	unsigned i = 0;

	if (g->left > g->n) {
		g->bytes += g->n;
		g->left -= g->n;
		g->n = g->left < g->n ? g->left : g->n;
		return true;
	}
	for (;;) {
		while (take(d, g))
			if (!by_link(d, g))
				return true;
		while (i < d->n_udp && !read_some(&d->udp[i]))
			i++;
		if (i == d->n_udp)
			return false;
	}
}
