/* SPDX-License-Identifier: MIT */
#include "tests/sim/inside.h"

#include "common/mip.h"
#include "common/order.h"
#include "common/packet.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* ---- the queue of what is under way: a binary heap ---- */

static bool before(const struct event *a, const struct event *b)
{
	return a->at != b->at ? a->at < b->at : a->order < b->order;
}

void wire_push(struct world *w, struct event e)
{
	size_t i = w->n++;

	if (w->n > w->cap) {
		w->cap = w->cap ? w->cap * 2 : 256;
		w->heap = realloc(w->heap, w->cap * sizeof(*w->heap));
		assert(w->heap);
	}
	e.order = w->order++;
	for (; i && before(&e, &w->heap[(i - 1) / 2]); i = (i - 1) / 2)
		w->heap[i] = w->heap[(i - 1) / 2];
	w->heap[i] = e;
}

struct event wire_pop(struct world *w)
{
	struct event top = w->heap[0], last = w->heap[--w->n];
	size_t i = 0, child;

	while ((child = 2 * i + 1) < w->n) {
		if (child + 1 < w->n && before(&w->heap[child + 1], &w->heap[child]))
			child++;
		if (!before(&w->heap[child], &last))
			break;
		w->heap[i] = w->heap[child];
		i = child;
	}
	w->heap[i] = last;
	return top;
}

struct event wire_frame(enum frame_kind kind, enum host_kind to, unsigned host, const void *p,
			size_t n)
{
	struct event e = { .kind = kind, .to = to, .host = host, .n = n, .p = malloc(n ? n : 1) };

	assert(e.p && n <= FRAME_MAX + 40);
	memcpy(e.p, p, n);
	return e;
}

/* What a frame is, out of every tunnel. */
enum content { CONTENT_DATA, CONTENT_ICMP, CONTENT_MESSAGE };

static enum content content(const struct event *e, struct rbuf *in)
{
	struct ipv4 ip;
	struct udp udp;

	*in = rb_init(e->p, e->n);
	if (e->kind == FRAME_UDP && !mip_tunnel_decode(e->p, e->n, in))
		return CONTENT_MESSAGE;
	for (;;) {
		if (ipv4_decode(in->p, in->left, &ip) != DROP_NONE)
			return CONTENT_DATA;
		*in = ip.payload;
		if (ip.protocol == PROTO_ICMP)
			return CONTENT_ICMP;
		if (ip.protocol == PROTO_IPIP)
			continue;
		if (udp_decode(&ip, true, &udp) != DROP_NONE ||
		    (udp.dport != MIP_PORT && udp.dport != NODE_PORT))
			return CONTENT_DATA;
		*in = udp.payload;
		if (!mip_tunnel_decode(udp.payload.p, udp.payload.left, in))
			return CONTENT_MESSAGE;
	}
}

bool wire_is_signal(const struct event *e)
{
	struct rbuf in;

	return content(e, &in) != CONTENT_DATA;
}

static const char *icmp_name(const struct rbuf *icmp)
{
	switch (icmp->left ? icmp->p[0] : 10) {
	case 0:
		return "echo";
	case 8:
		return "keepalive";
	case 9:
		return "advertisement";
	default:
		return "solicitation";
	}
}

static const char *what(const struct event *e, uint64_t *id)
{
	const uint8_t *p;
	struct rbuf in;
	struct order o;
	size_t n;

	*id = 0;
	switch (content(e, &in)) {
	case CONTENT_DATA:
		return "?";
	case CONTENT_ICMP:
		return icmp_name(&in);
	case CONTENT_MESSAGE:
		break;
	}
	p = in.p;
	n = in.left;
	if (!n || p[0] != MIP_ORDER)
		return !n ? "?" : p[0] == MIP_REQUEST ? "Request" : "Reply";
	if (order_decode(p, n, &o) != DROP_NONE)
		return "malformed order";
	*id = o.id;
	if (o.message == ORDER_MARKER)
		return o.flags & ORDER_F_PENDING ? "pending marker" : "marker";
	if (o.message == ORDER_REPLY)
		return o.action <= ORDER_GRANTED_LESS ? "granted" : order_code_text(o.action);
	return order_action_name(o.action);
}

static const char *node_name(const struct world *w, char *buf, size_t size, unsigned node)
{
	if (w->c.n_nodes == 1)
		return "node";
	snprintf(buf, size, "node %u", node);
	return buf;
}

static const char *place(const struct world *w, char *buf, size_t size, enum host_kind k,
			 unsigned i)
{
	if (k == TO_NODE)
		return node_name(w, buf, size, i);
	if (k == TO_ROUTER) {
		snprintf(buf, size, "router %u", i);
		return buf;
	}
	if (k == TO_CN || i > w->c.n_foreign)
		return "correspondent";
	if (i == w->c.n_foreign)
		return "home agent";
	snprintf(buf, size, "agent %u", i);
	return buf;
}

static void tell(struct world *w, const char *from, const struct event *e, bool signal,
		 const char *fate)
{
	const char *name = "data";
	char to[16];
	uint64_t id = 0;

	if (!w->c.log || (!signal && !*fate))
		return;
	if (signal)
		name = what(e, &id);
	world_log(w, "  %s > %s: %s %llx%s", from,
		  place(w, to, sizeof(to), e->to, e->to == TO_NODE ? e->node : e->host), name,
		  (unsigned long long)(id & 0xffffffffffff), fate);
}

static struct event copy_of(const struct event *e)
{
	struct event copy = wire_frame(e->kind, e->to, e->host, e->p, e->n);

	copy.src = e->src;
	copy.dst = e->dst;
	copy.sport = e->sport;
	copy.dport = e->dport;
	copy.mac = e->mac;
	copy.node = e->node;
	copy.link = e->link;
	return copy;
}

void world_tamper(struct world *w, const struct world_tamper *t)
{
	w->tamper = *t;
	w->tampered = 0;
}

unsigned world_tampered(const struct world *w)
{
	return w->tampered;
}

/* Is it one of those that a scenario is after? */
static bool tampered(struct world *w, const char *from, const struct event *e)
{
	const struct world_tamper *t = &w->tamper;
	char to[16];
	uint64_t id;

	if (w->tampered >= t->times || strcmp(from, t->from) || strcmp(what(e, &id), t->name) ||
	    strcmp(place(w, to, sizeof(to), e->to, e->to == TO_NODE ? e->node : e->host), t->to))
		return false;
	w->tampered++;
	return true;
}

static void tamper(struct world *w, const char *from, struct event e, mtime delay)
{
	struct event copy;

	e.at = w->now + delay;
	switch (w->tamper.fate) {
	case FATE_LOST:
		tell(w, from, &e, true, " TAKEN AWAY");
		free(e.p);
		return;
	case FATE_DOUBLED:
		tell(w, from, &e, true, " AND ONCE MORE");
		copy = copy_of(&e);
		copy.at = e.at + w->tamper.late;
		wire_push(w, copy);
		break;
	case FATE_LATE:
		tell(w, from, &e, true, " HELD BACK");
		e.at += w->tamper.late;
		break;
	}
	wire_push(w, e);
}

/*
 * A wire keeps order: nothing arrives before what was sent earlier on it, but for what is late.
 * Data and signalling each have their own order, as on a fair queue.
 */
static void send_on(struct world *w, const char *from, struct event e, mtime *wire, mtime delay,
		    const struct world_wire *c, bool signal)
{
	struct event copy;

	if (signal && w->tamper.times && tampered(w, from, &e)) {
		tamper(w, from, e, delay);
		return;
	}
	if (c->loss && world_dice(w, 1000) < c->loss) {
		tell(w, from, &e, signal, " LOST");
		free(e.p);
		return;
	}
	e.at = w->now + delay + c->lag;
	if (c->twice && world_dice(w, 1000) < c->twice) {
		copy = copy_of(&e);
		copy.at = e.at + (mtime)world_dice(w, (unsigned)c->jitter + 1);
		wire_push(w, copy);
		tell(w, from, &e, signal, " TWICE");
	}
	if (c->late && world_dice(w, 1000) < c->late) {
		e.at += (mtime)world_dice(w, (unsigned)c->jitter + 1);
		tell(w, from, &e, signal, " LATE");
		wire_push(w, e);
		return;
	}
	tell(w, from, &e, signal, "");
	if (e.at < *wire)
		e.at = *wire;
	*wire = e.at;
	wire_push(w, e);
}

void wire_backbone(struct world *w, unsigned from, struct event e)
{
	unsigned to = e.to == TO_CN ? w->c.n_foreign + 1 : e.host;
	bool signal = wire_is_signal(&e);
	mtime delay = w->c.backbone + w->c.leg[from] + w->c.leg[to];
	char name[16];
	const char *by =
	    place(w, name, sizeof(name), world_plain(w, from) ? TO_ROUTER : TO_AGENT, from);

	if (w->cut[from][to]) {
		tell(w, by, &e, signal, " CUT");
		free(e.p);
		return;
	}
	send_on(w, by, e, &w->path_free[signal][from][to], delay,
		signal ? &w->c.backbone_signal : &w->c.backbone_data, signal);
}

/* A cable's two directions are apart. */
static void wire_cable(struct world *w, const char *from, struct event e, bool signal)
{
	static const struct world_wire whole;
	struct walker *n = &w->walkers[e.node];

	send_on(w, from, e, &n->cable.wire[e.to == TO_NODE][signal], w->c.cable, &whole, signal);
}

void wire_radio(struct world *w, unsigned ap, struct event e)
{
	bool signal = wire_is_signal(&e), down = e.to == TO_NODE;
	const struct walker *n = &w->walkers[e.node];
	enum host_kind there = world_plain(w, ap) ? TO_ROUTER : TO_AGENT;
	const char *from;
	char name[16];

	if (down && (!cable_passes(w, n, e.link) || cable_place(n, e.link) != ap)) {
		if (!signal)
			tell(w, place(w, name, sizeof(name), there, ap), &e, signal,
			     " INTO THE AIR");
		free(e.p); /* nobody there hears it */
		return;
	}
	from = place(w, name, sizeof(name), down ? there : TO_NODE, down ? ap : e.node);
	if (e.link == WORLD_CABLE)
		wire_cable(w, from, e, signal);
	else
		send_on(w, from, e, &w->host[ap].radio_free[signal], w->c.radio,
			signal ? &w->c.radio_signal : &w->c.radio_data, signal);
}
