/* SPDX-License-Identifier: MIT */
#include "agent/datagram.h"

#include "common/arrival.h"

#include <netinet/in.h>
#include <string.h>

static bool read_datagrams(struct udp_port *port, struct datagram *g)
{
	_Alignas(struct cmsghdr) char control[256];
	struct sockaddr_in from = { 0 };
	struct iovec iov = { port->d->datagram, PACKET_MAX };
	struct msghdr m = { .msg_name = &from,
			    .msg_namelen = sizeof(from),
			    .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = control,
			    .msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(port->fd, &m, MSG_DONTWAIT);

	if (n < 0)
		return false;
	g->bytes = port->d->datagram;
	g->left = (size_t)n;
	g->n = burst_size(&m, g->left);
	g->src = ntohl(from.sin_addr.s_addr);
	g->sport = ntohs(from.sin_port);
	g->dst = port->addr;
	g->ifindex = 0;
	g->arrived = arrival_of(&m);
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c != NULL; c = CMSG_NXTHDR(&m, c)) {
		struct in_pktinfo info;

		if (c->cmsg_level != IPPROTO_IP || c->cmsg_type != IP_PKTINFO)
			continue;
		memcpy(&info, CMSG_DATA(c), sizeof(info));
		g->ifindex = (unsigned)info.ipi_ifindex;
		g->dst = ntohl(info.ipi_addr.s_addr);
	}
	return true;
}

/* What a node sent on a link has come by the link's own socket, with its MAC address. */
static bool by_link(const struct daemon *d, const struct datagram *g)
{
	for (unsigned i = 0; i < d->n_links; i++)
		if (d->links[i].open && d->links[i].link.ifindex == g->ifindex)
			return !lan_is(d, i) || lan_from_home(g->src, g->bytes, g->n);
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
