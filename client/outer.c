/* SPDX-License-Identifier: MIT */
#include "client/outer.h"

#include "client/daemon.h"
#include "common/ecn.h"
#include "common/icmp.h"
#include "common/log.h"
#include "common/mip.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BATCH 64
#define SMALLEST_MTU 576 /* RFC 1191: what a path carries that does not say */

static void read_tunnel(struct outer *o)
{
	struct daemon *d = o->l->d;
	struct tunnel_packet in;
	enum drop why = DROP_NONE;
	int got;

	for (unsigned i = 0; i < BATCH && o->l->outer == o; i++) {
		struct instant now;

		got = tunnel_recv(&o->tunnel, d->buf, sizeof(d->buf), &in, &why);
		if (got < 0)
			break;
		if (got == 0) {
			mobile_dropped(d->mobile, why);
			continue;
		}
		now = instant_now();
		mobile_tunnelled(d->mobile, in.src, in.dst, false, in.inner, in.n, &now, &d->out);
		loop_carry_on(d);
	}
}

static void on_tunnel(uv_poll_t *p, int status, int events)
{
	struct outer *o = p->data;

	(void)events;
	read_tunnel(o);
	loop_turn_ends(o->l->d);
	if (status < 0 && o->l->outer == o)
		uv_poll_start(p, UV_READABLE, on_tunnel);
}

static void data(struct daemon *d, const struct burst_in *in, uint8_t *p, size_t n,
		 const struct instant *now)
{
	enum drop why = DROP_MALFORMED;
	struct rbuf inner;

	if (mip_tunnel_decode(p, n, &inner))
		why = ecn_leave(in->tos, p + MIP_TUNNEL_LEN, inner.left);
	if (why == DROP_NONE)
		mobile_tunnelled(d->mobile, in->src, in->dst, true, inner.p, inner.left, now,
				 &d->out);
	else
		mobile_dropped(d->mobile, why);
}

static void message(struct daemon *d, const struct burst_in *in, uint8_t *p, size_t n,
		    const struct instant *now)
{
	static const struct mac nobody;

	if (in->sport != MIP_PORT) {
		mobile_dropped(d->mobile, DROP_OUTER_SOURCE);
		return;
	}
	if (n > 0 && p[0] == MIP_TUNNEL)
		data(d, in, p, n, now);
	else
		mobile_udp(d->mobile, &nobody, in->src, in->dst, p, n, now, &d->out);
	loop_carry_on(d);
}

/* Datagrams of one sender. */
static void read_burst(struct outer *o, const struct burst_in *in)
{
	struct daemon *d = o->l->d;
	struct instant now = instant_now(); /* they came together */
	size_t at = 0;

	do
		message(d, in, in->bytes + at, in->n - at < in->size ? in->n - at : in->size, &now);
	while ((at += in->size) < in->n && o->l->outer == o);
	for (; at < in->n; at += in->size) /* for an address that has just gone */
		mobile_dropped(d->mobile, DROP_NOT_MINE);
}

static void read_udp(struct outer *o)
{
	struct daemon *d = o->l->d;

	for (int done = 0, some; done < BATCH && o->l->outer == o; done += some > 0 ? some : 1) {
		const struct burst_in *in;

		some = burst_recv(o->udp, o->addr, &d->ahead);
		if (some < 0 && some != -ECONNREFUSED)
			return;
		d->giveback.loaded |= some > 1;
		while ((in = burst_take(&d->ahead)) != NULL)
			read_burst(o, in);
		if (some > 0 && burst_was_last(&d->ahead))
			return;
	}
}

void outer_read(struct daemon *d)
{
	for (unsigned i = 0; i < d->n_links; i++) {
		struct outer *o = d->links[i].outer;

		if (!o)
			continue;
		read_tunnel(o);
		read_udp(o);
	}
	loop_turn_ends(d);
}

static void on_udp(uv_poll_t *p, int status, int events)
{
	struct outer *o = p->data;

	(void)events;
	read_udp(o);
	loop_turn_ends(o->l->d);
	if (status < 0 && o->l->outer == o)
		uv_poll_start(p, UV_READABLE, on_udp);
}

static void on_error(uv_poll_t *p, int status, int events)
{
	struct outer *o = p->data;
	struct daemon *d = o->l->d;

	(void)events;
	for (unsigned i = 0; i < BATCH && o->l->outer == o; i++) {
		ssize_t n = tunnel_error(&o->tunnel, d->buf, sizeof(d->buf));
		struct instant now = instant_now();

		if (n < 0)
			break;
		mobile_tunnel_error(d->mobile, d->buf, (size_t)n, &now, &d->out);
		loop_carry_on(d);
	}
	loop_turn_ends(d);
	if (status < 0 && o->l->outer == o)
		uv_poll_start(p, UV_READABLE, on_error);
}

static int set_int(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value)) < 0 ? -errno : 0;
}

static int open_udp(struct outer *o, const char *ifname, uint32_t addr)
{
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(addr) };
	int err = 0;

	o->udp = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (o->udp < 0)
		return -errno;
	if (setsockopt(o->udp, SOL_SOCKET, SO_BINDTODEVICE, ifname,
		       (socklen_t)strlen(ifname) + 1) < 0)
		err = -errno;
	if (!err && bind(o->udp, (struct sockaddr *)&sa, sizeof(sa)) < 0)
		err = -errno;
	if (!err)
		err = set_int(o->udp, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT);
	o->df = false;
	if (!err)
		tunnel_buffers(o->udp); /* what has waited leaves in one burst */
	burst_tos_wanted(o->udp);
	if (err)
		close(o->udp);
	else
		burst_wanted(o->udp);
	return err;
}

static int watch(struct outer *o, uv_poll_t *p, int fd, uv_poll_cb cb)
{
	int err = uv_poll_init(&o->l->d->loop, p, fd);

	p->data = o;
	o->handles++;
	return err < 0 ? err : uv_poll_start(p, UV_READABLE, cb);
}

static void on_closed(uv_handle_t *h)
{
	struct outer *o = h->data;

	if (--o->handles == 0)
		free(o);
}

static void shut(struct outer *o)
{
	o->l->outer = NULL;
	uv_close((uv_handle_t *)&o->tunnel_poll, on_closed);
	uv_close((uv_handle_t *)&o->udp_poll, on_closed);
	uv_close((uv_handle_t *)&o->error_poll, on_closed);
	tunnel_close(&o->tunnel);
	close(o->udp);
}

static struct outer *open_both(struct node_link *l, uint32_t addr)
{
	struct outer *o = calloc(1, sizeof(*o));
	char text[ADDR_STRLEN];
	int err = o ? open_udp(o, l->ifname, addr) : -ENOMEM;

	if (!err) {
		err = tunnel_open(&o->tunnel, 0, l->ifname, 0);
		if (err)
			close(o->udp);
	}
	if (err) {
		log_debug("%s on %s: %s", addr_fmt(text, addr), l->ifname, strerror(-err));
		free(o);
		return NULL;
	}
	o->l = l;
	o->addr = addr;
	l->d->burst.most = 0;
	if (watch(o, &o->tunnel_poll, o->tunnel.rx, on_tunnel) < 0 ||
	    watch(o, &o->udp_poll, o->udp, on_udp) < 0 ||
	    watch(o, &o->error_poll, o->tunnel.errors, on_error) < 0)
		fatal("%s: no poll", l->ifname);
	return o;
}

void outer_want(struct node_link *l, uint32_t addr)
{
	if (addr == (l->outer ? l->outer->addr : 0))
		return;
	outer_flush(l->d);
	if (l->outer)
		shut(l->outer);
	if (addr && !l->d->stopping)
		l->outer = open_both(l, addr);
}

/* Each address has its own, on its own interface; two networks may give the same one. */
static struct outer *outer_of(struct daemon *d, unsigned link, uint32_t addr)
{
	struct outer *o = d->links[link].outer;

	if (o && o->addr == addr)
		return o;
	for (unsigned i = 0; i < d->n_links; i++)
		if (d->links[i].outer && d->links[i].outer->addr == addr)
			return d->links[i].outer;
	return NULL;
}

/* Whose packets wait in the burst. */
static struct outer *outer_with(struct daemon *d, int udp)
{
	for (unsigned i = 0; i < d->n_links; i++)
		if (d->links[i].outer && d->links[i].outer->udp == udp)
			return d->links[i].outer;
	return NULL;
}

static struct sockaddr_in to_port(uint32_t dst)
{
	return (struct sockaddr_in){ .sin_family = AF_INET,
				     .sin_port = htons(MIP_PORT),
				     .sin_addr.s_addr = htonl(dst) };
}

static void set_df(struct outer *o, bool df)
{
	if (df != o->df)
		set_int(o->udp, IPPROTO_IP, IP_MTU_DISCOVER,
			df ? IP_PMTUDISC_DO : IP_PMTUDISC_DONT);
	o->df = df;
}

int outer_message(struct daemon *d, unsigned link, uint32_t src, uint32_t dst, const uint8_t *p,
		  size_t n)
{
	struct outer *o = outer_of(d, link, src);
	struct sockaddr_in to = to_port(dst);

	if (!o)
		return -ENOTCONN;
	outer_flush(d);
	set_df(o, false);
	return sendto(o->udp, p, n, 0, (struct sockaddr *)&to, sizeof(to)) < 0 ? -errno : 0;
}

/* RFC 2003 5.1: its sender learns what fits. */
static void too_big(struct daemon *d, uint32_t from, const uint8_t *p, size_t n, unsigned mtu)
{
	uint8_t icmp[SMALLEST_MTU];
	size_t len;

	mobile_dropped(d->mobile, DROP_TOO_BIG);
	len = icmp_frag_needed_build(icmp, sizeof(icmp), from, p, n,
				     (uint16_t)(mtu ? mtu : SMALLEST_MTU));
	if (len)
		path_deliver(d, icmp, len);
}

static void not_sent(void *arg, const struct burst_way *way, const uint8_t *p, size_t n, int err)
{
	struct daemon *d = arg;
	struct outer *o = outer_with(d, way->fd);
	unsigned mtu;

	if (err != -EMSGSIZE) {
		mobile_dropped(d->mobile, DROP_SEND_FAILED);
		return;
	}
	mtu = o ? tunnel_path_mtu(&o->tunnel, o->addr, way->dst) : 0;
	mtu -= mtu > MIP_TUNNEL_OVERHEAD ? MIP_TUNNEL_OVERHEAD : mtu;
	too_big(d, way->dst, p + MIP_TUNNEL_LEN, n - MIP_TUNNEL_LEN, mtu);
}

void outer_flush(struct daemon *d)
{
	struct outer *o = d->burst.n ? outer_with(d, d->burst.way.fd) : NULL;

	if (!o)
		return;
	set_df(o, d->burst.way.df);
	burst_send(&d->burst, not_sent, d);
}

static int in_udp(struct outer *o, uint32_t dst, const uint8_t *p, size_t n)
{
	struct daemon *d = o->l->d;
	struct burst_way way = { .fd = o->udp, .dst = dst, .port = MIP_PORT };
	uint8_t head[MIP_TUNNEL_LEN];
	struct ipv4 ip;

	if (ipv4_decode(p, n, &ip) != DROP_NONE)
		return -EINVAL;
	way.tos = ip.tos; /* as IP-in-IP: RFC 2003 3.1 */
	way.df = ip.df;
	mip_tunnel_header(head);
	if (burst_add(&d->burst, &way, head, sizeof(head), p, n))
		return 0;
	outer_flush(d);
	return burst_add(&d->burst, &way, head, sizeof(head), p, n) ? 0 : -EMSGSIZE;
}

int outer_tunnel(struct daemon *d, unsigned link, bool udp, uint32_t src, uint32_t dst,
		 const uint8_t *p, size_t n)
{
	struct outer *o = outer_of(d, link, src);
	unsigned mtu = 0;
	int err;

	if (!o)
		return -ENOTCONN;
	if (udp)
		return in_udp(o, dst, p, n);
	outer_flush(d);
	err = tunnel_send(&o->tunnel, src, dst, p, n, false, &mtu);
	if (err != -EMSGSIZE)
		return err;
	too_big(d, dst, p, n, mtu);
	return 0;
}
