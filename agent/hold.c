/* SPDX-License-Identifier: MIT */
#include "agent/ahead.h"
#include "agent/behalf.h"
#include "agent/foreign.h"

#include <string.h>

#define SENT_MAX 2 /* times a BUFFER goes out before the home agent has vouched for the node */

/* Ours it may be where the home agent in this program relays: it speaks under another address. */
static bool may_be_asked(const struct agent *a, const struct pending *p, uint32_t first_agent)
{
	return !own_addr(a, first_agent) || (p->from.home && a->c.foreign &&
					     first_agent == a->c.care_of &&
					     first_agent != a->c.home_agent);
}

/* What the node may have us send: its own order, for our address, to somebody else. */
static bool relayable(const struct agent *a, const struct pending *p, const struct rbuf *x,
		      struct order *o)
{
	return order_decode(x->p, x->left, o) == DROP_NONE && o->message == ORDER_REQUEST &&
	       (o->action == ORDER_BUFFER || o->action == ORDER_FORWARD) &&
	       o->home_addr == p->home &&
	       o->care_of == (p->from.home ? a->c.home_agent : a->c.care_of) &&
	       addr_is_unicast(o->first_agent) && may_be_asked(a, p, o->first_agent) &&
	       x->left <= ORDER_MAX;
}

static void set_order(struct relayed *r, const struct rbuf *x, uint64_t id)
{
	*r = (struct relayed){ .n = x->left, .id = id };
	memcpy(r->msg, x->p, x->left);
}

/* False: nothing in it for us to relay. */
bool hold_read(const struct agent *a, const struct pending *p, const struct mip_exts *x,
	       struct carried *c)
{
	for (unsigned i = 0; i < x->n_orders; i++) {
		struct order o;

		if (!relayable(a, p, &x->orders[i], &o))
			continue;
		if (c->first_agent && c->first_agent != o.first_agent)
			return false;
		c->first_agent = o.first_agent;
		c->asked |= o.action == ORDER_FORWARD && o.flags & ORDER_F_ASKED;
		c->early |= o.action == ORDER_FORWARD && o.flags & ORDER_F_EARLY;
		set_order(o.action == ORDER_FORWARD ? &c->forward : &c->buffer, &x->orders[i],
			  o.id);
	}
	if (!c->forward.n)
		return false;
	if (x->handoff_key.left) {
		struct rbuf k = x->handoff_key;

		c->kh.spi = HANDOFF_SPI;
		c->kh.alg = AUTH_HMAC_SHA256;
		c->kh.key.len = (uint8_t)k.left;
		rb_bytes(&k, c->kh.key.b, c->kh.key.len);
	}
	return true;
}

/* MN-FA was checked before; a Request that is older than the last registration is a recording. */
static bool proven(const struct agent *a, const struct node *n, const struct pending *p)
{
	return conf_mn_fa(a, p->home) &&
	       (!n->reg_id || (int64_t)(p->id - n->reg_id) > 0);
}

static bool same_handoff(const struct merge *m, const struct carried *c)
{
	return m && m->c.first_agent == c->first_agent && m->c.forward.id == c->forward.id;
}

/*
 * A Request without orders for us: the home agent itself may keep the node's packets, and send them
 * right behind its Reply.  Anybody's word for a node that is served elsewhere, and kept as such.
 */
static void expect_little(struct agent *a, struct pending *p)
{
	struct node *n = node_get(a, p->home);

	if (!n)
		return;
	p->expecting = (!n->up || buffer_forwarding(node_buffer(n))) && node_moving(a, n);
	hold_changed(a, n);
	node_reap(a, n);
}

void hold_request(struct agent *a, struct pending *p, const struct mip_exts *x)
{
	struct carried c = { 0 };
	struct node *n;

	if (!p->lifetime_s || !p->home || !a->c.buffers)
		return;
	if (!x->n_orders || !hold_read(a, p, x, &c)) {
		if (!p->carried.first_agent)
			expect_little(a, p);
		return;
	}
	n = node_get(a, p->home);
	if (!n)
		return;
	if (!node_moving(a, n)) {
		node_reap(a, n);
		return;
	}
	p->trusted = proven(a, n, p);
	if (p->carried.first_agent == c.first_agent && p->carried.forward.id == c.forward.id)
		return; /* the same Request once more */
	if (p->carried.first_agent && !p->trusted)
		return;
	behalf_build(a, p, &c);
	p->carried = c;
	secret_wipe(&c.kh.key);
	p->expecting = !same_handoff(n->mv->buf.merge, &p->carried);
	hold_changed(a, n);
	if (p->carried.buffer.n && p->expecting)
		send_order(a, p->carried.first_agent, p->home_agent, false, &p->from,
			   &p->carried.buffer);
	ahead_begin(a, p);
	node_reap(a, n);
}

void hold_changed(struct agent *a, struct node *n)
{
	enum expect e = EXPECT_NONE, one;

	if (!n->mv)
		return;
	for (unsigned i = 0; i < a->n_pending; i++) {
		const struct pending *p = &a->pending[i];

		if (p->home != n->home || !p->expecting)
			continue;
		one = p->trusted ? EXPECT_PROVEN
		      : p->carried.first_agent ? EXPECT_CLAIMED : EXPECT_LITTLE;
		e = one > e ? one : e;
	}
	n->mv->expect = e;
	if (!hold_wanted(n))
		hold_release(a, n);
}

void hold_accepted(struct agent *a, struct node *n)
{
	for (unsigned i = 0; i < a->n_pending; i++) {
		struct pending *p = &a->pending[i];

		if (p->home != n->home)
			continue;
		p->expecting = false;
		p->carried.buffer.done = true;
	}
	if (n->mv)
		n->mv->expect = EXPECT_NONE;
}

bool hold_wanted(const struct node *n)
{
	const struct buffer *b = node_buffer(n);

	if (!n->mv || n->mv->expect == EXPECT_NONE)
		return false;
	switch (b->state) {
	case BUF_SERVING:
	case BUF_RESERVED:
		return n->mv->expect == EXPECT_PROVEN || (!n->up && !buffer_active(b));
	case BUF_BUFFERING:
		return n->mv->expect == EXPECT_PROVEN;
	case BUF_DRAINING:
	case BUF_PASSING:
		return b->path_ended;
	case BUF_GONE:
		return true;
	}
	return false;
}

/* Until the Reply is in, the home agent is who the Request says; what it sends is kept only. */
bool hold_source(const struct agent *a, const struct node *n, const struct way *outer)
{
	if (!hold_wanted(n))
		return false;
	for (unsigned i = 0; i < a->n_pending; i++) {
		const struct pending *p = &a->pending[i];

		if (p->home == n->home && p->expecting && p->home_agent == outer->addr &&
		    (p->udp || !outer->port))
			return true;
	}
	return false;
}

/* A home agent that we share a key with tunnels here only what it has a binding for: then the
 * claim is as good as proven. */
static bool full(const struct agent *a, const struct moving *mv, bool known, size_t len)
{
	if (!merge_room(a, &mv->held, len))
		return true;
	return mv->expect != EXPECT_PROVEN && !known &&
	       (mv->held.packets >= HELD_PACKETS || mv->held.bytes + len > HELD_BYTES);
}

/* Full: order is given up, where the node can have them; else the oldest go. */
void hold_packet(struct agent *a, struct node *n, uint32_t from, uint8_t *pkt, size_t len)
{
	struct moving *mv = n->mv; /* hold_wanted() has said so */
	bool known = from && conf_peer(a, from);

	if (full(a, mv, known, len) && (n->up || buffer_active(&mv->buf))) {
		mv->expect = EXPECT_NONE;
		hold_release(a, n);
		node_sink(a, n, pkt, len, true);
		return;
	}
	while (mv->held.packets && full(a, mv, known, len)) {
		pktq_drop(&a->pool, &mv->held);
		drop(a, DROP_OVERFLOW);
	}
	if (!full(a, mv, known, len) && pktq_push(&a->pool, &mv->held, pkt, len, a->now.t))
		a->count.held++;
	else
		drop(a, DROP_OVERFLOW);
}

void hold_release(struct agent *a, struct node *n)
{
	struct moving *mv = n->mv;

	if (!mv || !mv->held.packets)
		return;
	if (n->up || buffer_active(&mv->buf)) {
		buffer_append(a, &mv->buf, &mv->held);
		return;
	}
	a->drops.n[DROP_NOT_VISITOR] += mv->held.packets;
	pktq_clear(&a->pool, &mv->held);
}

void hold_repeat(struct agent *a, struct pending *p)
{
	if (a->now.t >= hold_deadline(p))
		send_order(a, p->carried.first_agent, p->home_agent, false, &p->from,
			   &p->carried.buffer);
}

mtime hold_deadline(const struct pending *p)
{
	return send_again(&p->carried.buffer, SENT_MAX) ? p->carried.buffer.next : MTIME_NEVER;
}

bool hold_reply(struct agent *a, struct node *n, const struct order *o, const uint8_t *p,
		size_t len)
{
	bool to = false;

	for (unsigned i = 0; i < a->n_pending; i++) {
		struct pending *q = &a->pending[i];
		struct relayed *r = &q->carried.buffer;
		bool its = r->id == o->id;

		if (q->home != n->home || q->carried.first_agent != o->first_agent || !r->sent ||
		    q->carried.behalf ||
		    (!its && (r->done || o->action != ORDER_ID_ORDER)) || !out_room(a))
			continue;
		to = true;
		if (!rate_passes(a, o, &q->from))
			continue;
		out_link_udp(a, &q->from, q->reply_src, n->home, 0, p, len);
		r->done |= its && o->action != ORDER_AUTH_FAILED;
	}
	return to;
}
