/* SPDX-License-Identifier: MIT */
#include "agent/daemon.h"

#include "common/burst_socket.h"
#include "common/icmp.h"
#include "common/log.h"
#include "common/mip.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

/* What leaves. */
#define COMPLAIN_INTERVAL SEC(1)
#define PATH_KNOWN SEC(1) /* whatever it is, it is asked for no more often */
#define PATH_USUAL 1280	  /* smaller outer packets are not looked at twice */

static void send_failed(struct daemon *d, const char *what, uint32_t dst, int err)
{
	char addr[ADDR_STRLEN];
	mtime now = instant_now().t;

	d->drops.n[DROP_SEND_FAILED]++;
	if (now - d->complained < COMPLAIN_INTERVAL)
		return;
	d->complained = now;
	log_warning("%s to %s: %s", what, addr_fmt(addr, dst), strerror(err));
}

static void send_raw(struct daemon *d, uint32_t dst, const uint8_t *pkt, size_t n)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(dst) };

	if (sendto(d->raw, pkt, n, MSG_DONTWAIT, (struct sockaddr *)&to, sizeof(to)) < 0)
		send_failed(d, "packet", dst, errno);
}

static struct udp_port *port_of(struct daemon *d, uint32_t src)
{
	for (unsigned i = 0; i < d->n_udp; i++)
		if (d->udp[i].addr == src)
			return &d->udp[i];
	return NULL;
}

static struct udp_port *port_with(struct daemon *d, int fd)
{
	for (unsigned i = 0; i < d->n_udp; i++)
		if (d->udp[i].fd == fd)
			return &d->udp[i];
	return NULL;
}

static void discover(struct udp_port *port, int how)
{
	if (port->discover != how &&
	    setsockopt(port->fd, IPPROTO_IP, IP_MTU_DISCOVER, &how, sizeof(how)) == 0)
		port->discover = how;
}

/* A message from port 434 of an address of ours.  0, or -errno. */
static int send_port(struct udp_port *port, const struct agent_action *a)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons(a->dport),
				  .sin_addr.s_addr = htonl(a->dst) };
	struct iovec iov = { (void *)a->p, a->n };
	struct msghdr m = { .msg_name = &to,
			    .msg_namelen = sizeof(to),
			    .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = control,
			    .msg_controllen = sizeof(control) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	int tos = a->tos;

	c->cmsg_level = IPPROTO_IP;
	c->cmsg_type = IP_TOS;
	c->cmsg_len = CMSG_LEN(sizeof(tos));
	memcpy(CMSG_DATA(c), &tos, sizeof(tos));
	discover(port, IP_PMTUDISC_WANT);
	return send_past_errors(port->fd, &m);
}

void emit_udp(struct daemon *d, const struct agent_action *a)
{
	struct udp_port *port = a->sport == MIP_PORT ? port_of(d, a->src) : NULL;
	struct ipv4_out h = { .src = a->src, .dst = a->dst, .ttl = 64, .tos = a->tos };
	uint8_t pkt[MIP_MSG_MAX + 64];
	size_t n;
	int rc;

	if (port != NULL) {
		rc = send_port(port, a);
		if (rc < 0)
			send_failed(d, "datagram", a->dst, -rc);
		return;
	}
	n = udp_build(pkt, sizeof(pkt), &h, a->sport, a->dport, a->p, a->n);
	if (n > 0)
		send_raw(d, a->dst, pkt, n);
}

void emit_packet(struct daemon *d, const struct agent_action *a)
{
	send_raw(d, a->dst, a->p, a->n);
}

void emit_link(struct daemon *d, const struct agent_action *a)
{
	struct agent_link *l;
	int rc = -ENETDOWN;

	if (a->link >= d->n_links)
		return;
	l = &d->links[a->link];
	if (l->open)
		rc = link_send(&l->link, &a->mac, a->p, a->n);
	if (rc >= 0)
		return;
	if (l->open && (rc == -ENXIO || rc == -ENODEV || rc == -ENETDOWN)) {
		l->down = true;
		d->link_retry = mtime_min(d->link_retry, instant_now().t + LINK_RETRY);
	}
	d->drops.n[DROP_SEND_FAILED]++;
	log_debug("%s: %s", l->name, strerror(-rc));
}

/* Too large for the path, and its sender asked not to fragment: it learns the size (RFC 2003 5.1),
 * from us. */
static void too_big(struct daemon *d, uint32_t us, const uint8_t *p, size_t len, unsigned mtu)
{
	uint8_t icmp[576]; /* RFC 1812 4.3.2.3 */
	struct ipv4 ip;
	size_t n;

	d->drops.n[DROP_TOO_BIG]++;
	if (ipv4_decode(p, len, &ip) != DROP_NONE || !ip.df || !addr_is_unicast(ip.src))
		return;
	if (mtu == 0 || mtu > 0xffff)
		mtu = 576;
	n = icmp_frag_needed_build(icmp, sizeof(icmp), us, p, len, (uint16_t)mtu);
	if (n > 0)
		send_raw(d, ip.src, icmp, n);
}

/* Of the path inside UDP, for the packet in it; 0: unknown. */
static unsigned inner_mtu(const struct daemon *d, uint32_t src, uint32_t dst)
{
	unsigned mtu = tunnel_path_mtu(&d->tunnel, src, dst);

	return mtu > MIP_TUNNEL_OVERHEAD ? mtu - MIP_TUNNEL_OVERHEAD : 0;
}

/*
 * RFC 3519 4.8: what may be cut is cut before it goes into UDP, since many NATs let no fragments
 * through.  false: it fits.
 */
static bool must_cut(struct daemon *d, const struct agent_action *a, const struct ipv4 *ip)
{
	mtime now;

	if (ip->df || a->n + MIP_TUNNEL_OVERHEAD <= PATH_USUAL)
		return false;
	now = instant_now().t;
	if (d->path.dst != a->dst || now >= d->path.until) {
		d->path.dst = a->dst;
		d->path.mtu = inner_mtu(d, a->src, a->dst);
		d->path.until = now + PATH_KNOWN;
	}
	return d->path.mtu && a->n > d->path.mtu;
}

static void not_sent(void *arg, const struct burst_way *way, const uint8_t *p, size_t n, int err)
{
	struct daemon *d = arg;
	uint32_t src = port_with(d, way->fd)->addr;

	if (err == -EMSGSIZE)
		too_big(d, src, p + MIP_TUNNEL_LEN, n - MIP_TUNNEL_LEN,
			inner_mtu(d, src, way->dst));
	else
		send_failed(d, "tunnel packet", way->dst, -err);
}

void emit_flush(struct daemon *d)
{
	d->giveback.loaded |= d->burst.n > 1 || d->tun.gather.packets > 1;
	d->drops.n[DROP_SEND_FAILED] += tun_flush(&d->tun);
	if (!d->burst.n)
		return;
	discover(port_with(d, d->burst.way.fd),
		 d->burst.way.df ? IP_PMTUDISC_DO : IP_PMTUDISC_DONT);
	burst_send(&d->burst, not_sent, d);
}

static int add(struct daemon *d, const struct burst_way *way, const uint8_t *p, size_t n)
{
	uint8_t head[MIP_TUNNEL_LEN];

	mip_tunnel_header(head);
	if (burst_add(&d->burst, way, head, sizeof(head), p, n))
		return 0;
	emit_flush(d);
	return burst_add(&d->burst, way, head, sizeof(head), p, n) ? 0 : -EMSGSIZE;
}

/* RFC 3519 3.3, with the outer header as RFC 2003 3.1 has it. */
static int tunnel_inside_udp(struct daemon *d, const struct agent_action *a)
{
	struct udp_port *port = port_of(d, a->src);
	struct burst_way way = { .dst = a->dst, .port = a->dport };
	size_t done = 0, n;
	struct ipv4 ip;
	int rc = -EMSGSIZE;

	if (port == NULL || ipv4_decode(a->p, a->n, &ip) != DROP_NONE)
		return -EINVAL;
	way.fd = port->fd;
	way.tos = ip.tos;
	way.df = ip.df && !a->clear_df;
	if (!must_cut(d, a, &ip) || ip.header_len != IPV4_HEADER_LEN)
		return add(d, &way, a->p, a->n);
	while ((n = ipv4_fragment(a->p, a->n, d->path.mtu, &done, d->piece, sizeof(d->piece)))) {
		rc = add(d, &way, d->piece, n);
		if (rc < 0)
			return rc;
	}
	return rc;
}

void emit_tunnel(struct daemon *d, const struct agent_action *a)
{
	unsigned mtu = 0;
	int rc;

	if (a->dport) {
		rc = tunnel_inside_udp(d, a);
	} else {
		emit_flush(d);
		rc = tunnel_send(&d->tunnel, a->src, a->dst, a->p, a->n, a->clear_df, &mtu);
	}
	if (rc == -EMSGSIZE)
		too_big(d, a->src, a->p, a->n, mtu);
	else if (rc < 0)
		send_failed(d, "tunnel packet", a->dst, -rc);
}

void emit_deliver(struct daemon *d, const struct agent_action *a)
{
	d->drops.n[DROP_SEND_FAILED] += tun_write(&d->tun, a->p, a->n);
}
