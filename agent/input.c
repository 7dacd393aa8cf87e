/* SPDX-License-Identifier: MIT */
#include "agent/daemon.h"

#include "agent/datagram.h"
#include "common/arrival.h"
#include "common/ecn.h"
#include "common/log.h"
#include "common/mip.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/errqueue.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/*
 * What arrives.  Order matters in a handoff: a control message is handled after the packets that
 * came before it, and before those that came after (a foreign agent must know a Registration Reply
 * when what follows it comes).  So the tunnel and the control sockets are read as one, by the
 * kernel's stamps of arrival; the TUN, which has none, is read dry before each control message.
 * On the control sockets data comes too, inside UDP: that is looked after as other data is.
 */
#define BATCH 64 /* packets of any socket in one go, then the others get their turn */
#define ERRORS_BATCH 16
#define DRY_MAX 4096 /* more than a socket buffer holds */
#define TUN_DRY_MAX (DRY_MAX * 64) /* each may stand for as many as are in a burst */

/* All that this packet of the kernel's stands for; how many that is. */
static unsigned from_tun(struct daemon *d, const struct offload *o, size_t len)
{
	struct split s;
	enum drop why = split_begin(&s, o, d->buf + TUN_HEAD, len);
	struct instant now = instant_now(); /* they came together */
	unsigned packets = 0;
	uint8_t *p;
	size_t n;

	if (why != DROP_NONE)
		d->drops.n[why]++;
	d->giveback.loaded |= o->kind != OFFLOAD_NONE;
	for (; split_next(&s, &p, &n); packets++) {
		agent_tun(d->agent, p, n, &now, &d->out);
		carry_on(d);
	}
	return packets ? packets : 1;
}

static bool read_tun(struct daemon *d, unsigned limit)
{
	for (unsigned done = 0; done < limit;) {
		struct offload o;
		ssize_t n = tun_read(&d->tun, d->buf, sizeof(d->buf), &o);

		if (n == -EAGAIN || n == -EINTR)
			return true;
		if (n <= 0) {
			log_error("%s: %s: somebody removed the TUN device", d->settings.tun,
				  strerror((int)-n));
			daemon_fail(d, EXIT_FAILED);
			return false;
		}
		done += from_tun(d, &o, (size_t)n);
	}
	return true;
}

/*
 * Time that has run out tells of what did not come, and libuv runs a timer, however late, before it
 * looks at descriptors: a packet that came in time comes first.
 */
void input_read_tun(struct daemon *d)
{
	read_tun(d, BATCH);
}

/* libuv stops a poll whose descriptor reports an error; the error has been read, so watch again. */
static void watch_again(uv_poll_t *poll, int status, uv_poll_cb cb)
{
	if (status < 0 && !uv_is_closing((uv_handle_t *)poll))
		uv_poll_start(poll, UV_READABLE, cb);
}

static void turn_ends(struct daemon *d)
{
	emit_flush(d);
	daemon_settle(d);
}

static void on_tun(uv_poll_t *poll, int status, int events)
{
	struct daemon *d = poll->data;

	(void)events;
	if (read_tun(d, BATCH))
		watch_again(poll, status, on_tun);
	turn_ends(d);
}

/* ---- the tunnel and the control sockets ---- */

struct tunnelled {
	bool waits; /* it was read, and is in the daemon's buffer */
	int64_t dry; /* nothing that arrived until then is left in the socket */
	struct tunnel_packet p;
};

static void tunnelled(struct daemon *d, struct tunnelled *t)
{
	struct instant now = instant_now();

	t->waits = false;
	agent_tunnel(d->agent, t->p.src, t->p.dst, t->p.inner, t->p.n, &now, &d->out);
	carry_on(d);
}

/* What arrived until then; the first that came later waits in *t. */
static void read_tunnel(struct daemon *d, struct tunnelled *t, int64_t until, unsigned *limit)
{
	while (*limit > 0 && (t->waits ? t->p.arrived : t->dry) <= until) {
		enum drop why = DROP_NONE;
		int64_t looked;
		int got;

		if (t->waits) {
			tunnelled(d, t);
			continue;
		}
		looked = arrival_now();
		got = tunnel_recv(&d->tunnel, d->buf, sizeof(d->buf), &t->p, &why);
		if (got < 0) {
			t->dry = looked;
			return;
		}
		--*limit;
		if (got == 0)
			d->drops.n[why]++;
		t->waits = got > 0;
	}
}

static bool is_data(const struct datagram *g)
{
	return g->n > 0 && g->bytes[0] == MIP_TUNNEL;
}

static void control_message(struct daemon *d, const struct datagram *g)
{
	enum drop why = DROP_NONE;
	struct instant now;

	if (is_data(g) && g->n > MIP_TUNNEL_LEN)
		why = ecn_leave(g->in.tos, g->bytes + MIP_TUNNEL_LEN, g->n - MIP_TUNNEL_LEN);
	if (why != DROP_NONE) {
		d->drops.n[why]++;
		return;
	}
	now = instant_now();
	agent_udp(d->agent, g->in.src, g->in.sport, g->in.dst, g->bytes, g->n, &now, &d->out);
	carry_on(d);
}

/* all: until nothing is left; else what comes meanwhile is for the next event. */
static void read_in_order(struct daemon *d, unsigned limit, bool all)
{
	struct tunnelled t = { .dry = INT64_MIN };
	struct datagram g = { 0 };
	bool dry = false; /* no message has come since what waits was read */
	bool came = false;

	while (limit > 0 || datagram_follows(d, &g)) {
		bool follows = datagram_follows(d, &g);
		int64_t looked = follows ? 0 : arrival_now();
		unsigned before = DRY_MAX;

		if (came && !all && !follows && !t.waits && burst_was_last(&d->ahead))
			return;
		if (!datagram_next(d, &g)) {
			if (t.waits && dry) /* stamped before a clock went back */
				tunnelled(d, &t);
			read_tunnel(d, &t, looked, &limit);
			if (!t.waits)
				return;
			dry = true;
			continue;
		}
		dry = false;
		came = true;
		limit -= limit > 0;
		if (!is_data(&g)) {
			t.dry = INT64_MIN; /* the stamp is older than the place in the queue */
			if (!t.waits)
				read_tun(d, TUN_DRY_MAX); /* it has the same buffer */
		}
		read_tunnel(d, &t, g.in.arrived, &before);
		control_message(d, &g);
	}
	if (t.waits)
		tunnelled(d, &t);
}

/* ICMP errors about what we sent, with the destination that we sent it to. */
static void read_errors(struct udp_port *port)
{
	struct daemon *d = port->d;
	char control[512], data[64];
	struct sockaddr_in to;

	for (int i = 0; i < ERRORS_BATCH; i++) {
		struct iovec iov = { data, sizeof(data) };
		struct msghdr m = { .msg_name = &to,
				    .msg_namelen = sizeof(to),
				    .msg_iov = &iov,
				    .msg_iovlen = 1,
				    .msg_control = control,
				    .msg_controllen = sizeof(control) };
		struct instant now = instant_now();

		if (recvmsg(port->fd, &m, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
			return;
		for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c != NULL; c = CMSG_NXTHDR(&m, c)) {
			struct sock_extended_err e;

			if (c->cmsg_level != IPPROTO_IP || c->cmsg_type != IP_RECVERR)
				continue;
			memcpy(&e, CMSG_DATA(c), sizeof(e));
			if (e.ee_origin != SO_EE_ORIGIN_ICMP || e.ee_type != ICMP_DEST_UNREACH ||
			    e.ee_code == ICMP_FRAG_NEEDED)
				continue;
			agent_unreachable(d->agent, ntohl(to.sin_addr.s_addr), e.ee_code, &now,
					  &d->out);
			carry_out(d);
		}
	}
}

void input_read_dry(struct daemon *d)
{
	read_in_order(d, DRY_MAX, true);
	read_tun(d, TUN_DRY_MAX);
	emit_flush(d);
}

static void on_tunnel(uv_poll_t *poll, int status, int events)
{
	struct daemon *d = poll->data;

	(void)events;
	read_in_order(d, BATCH, false);
	watch_again(poll, status, on_tunnel);
	turn_ends(d);
}

static void on_udp(uv_poll_t *poll, int status, int events)
{
	struct udp_port *port = poll->data;

	(void)events;
	if (status < 0) /* or it would cost a system call for each event */
		read_errors(port);
	read_in_order(port->d, BATCH, false);
	watch_again(poll, status, on_udp);
	turn_ends(port->d);
}

/* They come late anyway: in no order with anything else. */
static void on_error(uv_poll_t *poll, int status, int events)
{
	struct daemon *d = poll->data;
	ssize_t n;

	(void)events;
	for (unsigned i = 0; i < BATCH; i++) {
		struct instant now = instant_now();

		n = tunnel_error(&d->tunnel, d->buf, sizeof(d->buf));
		if (n < 0)
			break;
		agent_icmp(d->agent, d->buf, (size_t)n, &now, &d->out);
		carry_out(d);
	}
	watch_again(poll, status, on_error);
	turn_ends(d);
}

/* ---- open and close ---- */

static int udp_open(struct daemon *d, uint32_t addr)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_port = htons(MIP_PORT) };
	struct udp_port *p = &d->udp[d->n_udp];
	int one = 1, tos = TOS_CS6;
	char text[ADDR_STRLEN];

	for (unsigned i = 0; i < d->n_udp; i++)
		if (d->udp[i].addr == addr)
			return 0;
	sin.sin_addr.s_addr = htonl(addr);
	p->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	/* Each link has a socket on this port too, bound to its device. */
	setsockopt(p->fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	setsockopt(p->fd, IPPROTO_IP, IP_PKTINFO, &one, sizeof(one));
	setsockopt(p->fd, IPPROTO_IP, IP_RECVERR, &one, sizeof(one));
	arrival_wanted(p->fd);
	burst_tos_wanted(p->fd);
	/* A link's own socket, which has the same messages, would get several as one. */
	if (d->n_links == 0)
		burst_wanted(p->fd);
	setsockopt(p->fd, IPPROTO_IP, IP_TOS, &tos, sizeof(tos));
	tunnel_buffers(p->fd); /* with less it works, but for the largest bursts */
	if (p->fd < 0 || bind(p->fd, (struct sockaddr *)&sin, sizeof(sin)) < 0) {
		const char *remedy = errno == EADDRNOTAVAIL
					 ? "no interface of this host has the address"
				     : errno == EADDRINUSE ? "another program holds the port"
							   : strerror(errno);

		log_error("UDP %s port %d: %s", addr_fmt(text, addr), MIP_PORT, remedy);
		if (p->fd >= 0)
			close(p->fd);
		return -1;
	}
	p->d = d;
	p->addr = addr;
	p->discover = -1;
	p->poll.data = p;
	uv_poll_init(&d->loop, &p->poll, p->fd);
	uv_poll_start(&p->poll, UV_READABLE, on_udp);
	d->n_udp++;
	return 0;
}

static int tunnel_start(struct daemon *d)
{
	bool both = d->conf.home && d->conf.foreign && d->conf.home_agent != d->conf.care_of;
	uint32_t local = both ? 0 : d->conf.home ? d->conf.home_agent : d->conf.care_of;
	int rc = tunnel_open(&d->tunnel, local, NULL, 0);

	if (rc == -EEXIST)
		log_error("the kernel's own tunl0 is up and would answer our tunnels: ip link set "
			  "tunl0 down");
	else if (rc < 0)
		log_error("tunnel sockets: %s", strerror(-rc));
	if (rc < 0)
		return -1;
	d->raw = socket(AF_INET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_RAW);
	if (d->raw < 0) {
		log_error("raw socket: %s", strerror(errno));
		return -1;
	}
	uv_poll_init(&d->loop, &d->tunnel_poll, d->tunnel.rx);
	d->tunnel_poll.data = d;
	uv_poll_start(&d->tunnel_poll, UV_READABLE, on_tunnel);
	uv_poll_init(&d->loop, &d->error_poll, d->tunnel.errors);
	d->error_poll.data = d;
	uv_poll_start(&d->error_poll, UV_READABLE, on_error);
	return 0;
}

int input_ports(struct daemon *d)
{
	if (d->conf.home && udp_open(d, d->conf.home_agent) < 0)
		return -1;
	return d->conf.foreign ? udp_open(d, d->conf.care_of) : 0;
}

int input_open(struct daemon *d)
{
	if (tunnel_start(d) < 0)
		return -1;
	uv_poll_init(&d->loop, &d->tun_poll, d->tun.fd);
	d->tun_poll.data = d;
	uv_poll_start(&d->tun_poll, UV_READABLE, on_tun);
	return 0;
}

void input_close(struct daemon *d)
{
	for (unsigned i = 0; i < d->n_udp; i++)
		close(d->udp[i].fd);
	if (d->raw >= 0)
		close(d->raw);
	if (d->monitor >= 0)
		close(d->monitor);
	tunnel_close(&d->tunnel);
}
