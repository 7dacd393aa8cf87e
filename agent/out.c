/* SPDX-License-Identifier: MIT */
#include "agent/foreign.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Most that one entry's timers append: a batch of packets, its marker, orders, kernel and notes. */
#define ENTRY_ACTIONS (RELEASE_BATCH + 12)
#define ENTRY_BYTES 4096

bool out_room(const struct agent *a)
{
	return a->out->n + ENTRY_ACTIONS <= AGENT_ACTIONS_MAX &&
	       a->out->used + ENTRY_BYTES <= AGENT_OUT_BYTES &&
	       a->scratch_used + 65535 <= SCRATCH_LEN;
}

void drop(struct agent *a, enum drop why)
{
	a->drops.n[why]++;
}

static struct agent_action *append(struct agent *a, enum agent_act act)
{
	struct agent_action *x;

	assert(a->out->n < AGENT_ACTIONS_MAX);
	x = &a->out->a[a->out->n++];
	memset(x, 0, offsetof(struct agent_action, note));
	x->note[0] = 0;
	x->act = act;
	return x;
}

/* Room for n bytes in *out; what is built there lives until the next call. */
static uint8_t *bytes(struct agent *a, size_t n)
{
	uint8_t *p = a->out->bytes + a->out->used;

	assert(n <= AGENT_OUT_BYTES - a->out->used);
	a->out->used += n;
	return p;
}

static void set_bytes(struct agent *a, struct agent_action *x, const void *p, size_t n)
{
	uint8_t *copy = bytes(a, n);

	memcpy(copy, p, n);
	x->p = copy;
	x->n = n;
}

void out_udp_tos(struct agent *a, uint32_t src, const struct way *to, uint8_t tos, const void *p,
		 size_t n)
{
	struct agent_action *x = append(a, AGENT_SEND_UDP);

	x->src = src;
	x->dst = to->addr;
	x->sport = MIP_PORT;
	x->dport = to->port;
	x->tos = tos;
	set_bytes(a, x, p, n);
}

void out_udp(struct agent *a, uint32_t src, uint32_t dst, uint16_t dport, const void *p, size_t n)
{
	struct way to = { dst, dport };

	out_udp_tos(a, src, &to, TOS_CS6, p, n);
}

void out_link(struct agent *a, unsigned link, const struct mac *mac, const void *pkt, size_t n)
{
	struct agent_action *x = append(a, AGENT_SEND_LINK);

	x->link = link;
	x->mac = *mac;
	set_bytes(a, x, pkt, n);
}

void out_link_packet(struct agent *a, unsigned link, const struct mac *mac, const void *pkt,
		     size_t n)
{
	struct agent_action *x = append(a, AGENT_SEND_LINK);

	x->link = link;
	x->mac = *mac;
	x->p = pkt;
	x->n = n;
}

void out_link_udp(struct agent *a, const struct from *to, uint32_t src, uint32_t dst, uint8_t tos,
		  const void *p, size_t n)
{
	struct ipv4_out h = { .src = src, .dst = dst, .ttl = 64, .tos = tos };
	struct agent_action *x = append(a, AGENT_SEND_LINK);
	uint8_t *buf = a->out->bytes + a->out->used;

	x->link = to->link;
	x->mac = to->mac;
	x->n = udp_build(buf, AGENT_OUT_BYTES - a->out->used, &h, MIP_PORT, to->sport, p, n);
	assert(x->n);
	x->p = bytes(a, x->n);
}

void out_tunnel(struct agent *a, uint32_t src, const struct way *to, const void *inner, size_t n,
		bool clear_df)
{
	struct agent_action *x = append(a, AGENT_TUNNEL);

	x->src = src;
	x->dst = to->addr;
	x->sport = to->port ? MIP_PORT : 0;
	x->dport = to->port;
	x->clear_df = clear_df;
	x->p = inner;
	x->n = n;
}

void out_tunnel_copy(struct agent *a, uint32_t src, const struct way *to, const void *inner,
		     size_t n)
{
	uint8_t *copy = bytes(a, n);

	memcpy(copy, inner, n);
	out_tunnel(a, src, to, copy, n, true);
}

void out_tunnel_udp(struct agent *a, uint32_t src, uint32_t care_of, const struct from *to,
		    uint8_t tos, const void *p, size_t n)
{
	struct ipv4_out h = { .src = src, .dst = to->src, .ttl = 64, .tos = tos };
	uint8_t *buf = a->out->bytes + a->out->used;
	size_t len = udp_build(buf, AGENT_OUT_BYTES - a->out->used, &h, MIP_PORT, to->sport, p, n);

	assert(len);
	out_tunnel(a, src, &(struct way){ care_of, 0 }, bytes(a, len), len, true);
}

void out_way(struct agent *a, const struct way *w, const void *inner, size_t n, bool clear_df)
{
	out_tunnel(a, a->c.home_agent, w, inner, n, clear_df);
}

void out_way_udp(struct agent *a, const struct way *w, const struct from *to, uint8_t tos,
		 const void *p, size_t n)
{
	struct ipv4_out h = { .src = a->c.home_agent, .dst = to->home, .ttl = 64, .tos = tos };
	uint8_t *buf = a->out->bytes + a->out->used;
	size_t len = udp_build(buf, AGENT_OUT_BYTES - a->out->used, &h, MIP_PORT, to->sport, p, n);

	assert(len);
	out_way(a, w, bytes(a, len), len, true);
}

bool out_error(struct agent *a, uint32_t src, const struct icmp_what *what, const struct rbuf *pkt)
{
	uint8_t *buf = a->out->bytes + a->out->used;
	size_t n = icmp_error_build(buf, AGENT_OUT_BYTES - a->out->used, src, what, pkt->p,
				    pkt->left);
	struct agent_action *x;
	struct ipv4 ip;

	if (!n || ipv4_decode(buf, n, &ip) != DROP_NONE)
		return false;
	x = append(a, AGENT_SEND_PACKET);
	x->src = src;
	x->dst = ip.dst;
	x->p = bytes(a, n);
	x->n = n;
	return true;
}

void out_deliver(struct agent *a, uint32_t home, const void *pkt, size_t n)
{
	struct agent_action *x = append(a, AGENT_DELIVER);

	x->home = home;
	x->p = pkt;
	x->n = n;
}

void out_kernel(struct agent *a, enum agent_act act, const struct node *n)
{
	struct agent_action *x = append(a, act);

	x->home = n->home;
	x->link = n->link;
	x->mac = n->mac;
	x->reverse = n->reverse;
}

void out_lan(struct agent *a, enum agent_act act, uint32_t home, const struct mac *mac)
{
	struct agent_action *x = append(a, act);

	x->home = home;
	x->link = a->c.home_link;
	x->mac = *mac;
}

void out_note(struct agent *a, uint32_t home, const char *fmt, ...)
{
	struct agent_action *x = append(a, AGENT_NOTE);
	char addr[ADDR_STRLEN];
	va_list ap;
	int n;

	x->home = home;
	n = snprintf(x->note, sizeof(x->note), "%s ", addr_fmt(addr, home));
	va_start(ap, fmt);
	vsnprintf(x->note + n, sizeof(x->note) - (size_t)n, fmt, ap);
	va_end(ap);
}

uint8_t *take_packet(struct agent *a, struct pktq *q, size_t *n, mtime *at)
{
	uint8_t *p = a->scratch + a->scratch_used;

	if (a->out->n + 8 > AGENT_ACTIONS_MAX)
		return NULL;
	*n = pktq_pop(&a->pool, q, p, SCRATCH_LEN - a->scratch_used, at);
	if (!*n)
		return NULL;
	a->scratch_used += *n;
	return p;
}

static size_t marker_build(const struct order *o, uint32_t src, uint32_t dst, uint8_t auth_type,
			   const struct sa *sa, uint8_t *pkt, size_t cap)
{
	uint8_t msg[ORDER_LEN + 7 + 40];
	struct wbuf w = wb_init(msg, sizeof(msg));
	struct ipv4_out h = { .src = src, .dst = dst, .ttl = 64 };

	order_encode(&w, o);
	auth_append(&w, auth_type, auth_type == EXT_GENERAL_AUTH ? GA_FA_FA : 0, sa);
	return wb_ok(&w) ? udp_build(pkt, cap, &h, MIP_PORT, MIP_PORT, msg, w.len) : 0;
}

static void marker_send(struct agent *a, uint32_t src, const struct way *to, const uint8_t *pkt,
			size_t n)
{
	out_tunnel_copy(a, src, to, pkt, n);
	a->count.markers_sent++;
}

void marker_once(struct agent *a, const struct order *o, uint32_t src, uint32_t dst,
		 uint8_t auth_type, const struct sa *sa)
{
	uint8_t pkt[MARKER_PKT_MAX];
	size_t n = marker_build(o, src, dst, auth_type, sa, pkt, sizeof(pkt));

	if (n)
		marker_send(a, src, &(struct way){ dst, 0 }, pkt, n);
}

void markers_start(struct agent *a, struct markers *m, const struct order *o, uint32_t src,
		   const struct way *to, uint8_t auth_type, const struct sa *sa)
{
	/* A first agent's goes to where it forwards, the home agent's to the first agent. */
	uint32_t dst = src == o->first_agent ? o->care_of : o->first_agent;

	m->n = marker_build(o, src, dst, auth_type, sa, m->pkt, sizeof(m->pkt));
	m->src = src;
	m->to = *to;
	m->start = a->now.t;
	m->sent = 0;
	if (!m->n)
		return;
	m->sent = 1;
	marker_send(a, src, to, m->pkt, m->n);
}

mtime markers_deadline(const struct markers *m)
{
	static const mtime at[] = { 0, MSEC(10), MSEC(30) };

	return m->sent && m->sent < 3 ? m->start + at[m->sent] : MTIME_NEVER;
}

void markers_tick(struct agent *a, struct markers *m)
{
	if (a->now.t < markers_deadline(m))
		return;
	m->sent++;
	marker_send(a, m->src, &m->to, m->pkt, m->n);
}
