/* SPDX-License-Identifier: MIT */
#include "agent/merge.h"

#include "agent/foreign.h"

#include <stdlib.h>
#include <string.h>

#define RTO_FIRST MSEC(50)
#define SENT_MAX 6		 /* once, and five repeats */
#define SENT_UNACCEPTED_MAX 2	 /* until the home agent has vouched for the node */

static const char *const names[] = {
	[MERGE_HOLDING] = "holding", [MERGE_RELEASING] = "releasing", [MERGE_DONE] = "done",
};

const char *merge_state_name(enum merge_state s)
{
	return names[s];
}

static void enter(struct agent *a, struct node *n, enum merge_state s)
{
	n->merge->state = s;
	n->buf.upstream = n->merge->accepted && s != MERGE_DONE;
	arm(a, a->now.t);
}

bool merge_holds(const struct node *n)
{
	return n->merge && n->merge->state != MERGE_DONE;
}

static void send_order(struct agent *a, struct merge *m, struct relayed *r)
{
	bool send = true;

	if (!rate_ok(a, RATE_RELAY_AGENT, m->first_agent, 100) ||
	    !rate_ok(a, RATE_RELAY_MAC, rate_mac(&m->from.mac), 20)) {
		drop(a, DROP_RATE); /* counts as sent: the next repeat may fare better */
		send = false;
	}
	r->rto = r->sent ? r->rto * 2 : RTO_FIRST;
	r->next = a->now.t + r->rto;
	r->sent++;
	if (send)
		out_udp(a, a->c.care_of, m->first_agent, MIP_PORT, r->msg, r->n);
}

static bool may_repeat(const struct merge *m, const struct relayed *r)
{
	return r->n && r->sent && !r->done && r->sent < (m->accepted ? SENT_MAX : SENT_UNACCEPTED_MAX);
}

/* What the node may have us send: its own order, for our address, to somebody else. */
static bool relayable(const struct agent *a, const struct pending *p, const struct rbuf *x, struct order *o)
{
	return order_decode(x->p, x->left, o) == DROP_NONE && o->message == ORDER_REQUEST &&
	       (o->action == ORDER_BUFFER || o->action == ORDER_FORWARD) && o->home_addr == p->home &&
	       o->care_of == a->c.care_of && addr_is_unicast(o->first_agent) && !own_addr(a, o->first_agent) &&
	       x->left <= ORDER_MAX;
}

static void set_order(struct relayed *r, const struct rbuf *x, uint64_t id)
{
	memcpy(r->msg, x->p, x->left);
	r->n = x->left;
	r->id = id;
}

/* Fills a fresh merge from the Request; false: nothing in it for us to relay. */
static bool read_orders(const struct agent *a, const struct pending *p, const struct mip_exts *x, struct merge *m)
{
	for (unsigned i = 0; i < x->n_orders; i++) {
		struct order o;

		if (!relayable(a, p, &x->orders[i], &o))
			continue;
		if (m->first_agent && m->first_agent != o.first_agent)
			return false;
		m->first_agent = o.first_agent;
		set_order(o.action == ORDER_FORWARD ? &m->forward : &m->buffer, &x->orders[i], o.id);
	}
	if (!m->forward.n)
		return false;
	if (x->handoff_key.left) {
		struct rbuf k = x->handoff_key;

		m->kh = (struct sa){ .spi = HANDOFF_SPI, .alg = AUTH_HMAC_SHA256, .key.len = (uint8_t)k.left };
		rb_bytes(&k, m->kh.key.b, m->kh.key.len);
	}
	return true;
}

/* The same handoff, registered once more: its orders may have been signed anew. */
static void refresh(struct merge *m, const struct merge *fresh)
{
	m->from = fresh->from;
	m->reply_src = fresh->reply_src;
	m->kh = fresh->kh;
	if (m->buffer.id != fresh->buffer.id)
		m->buffer = fresh->buffer;
	if (m->forward.id != fresh->forward.id)
		m->forward = fresh->forward;
}

/* Everything kept goes on at once: to the node, or into the queue of its next handoff. */
static void let_go(struct agent *a, struct node *n)
{
	struct merge *m = n->merge;

	if (n->up || buffer_active(&n->buf)) {
		buffer_append(a, &n->buf, &m->early);
		buffer_append(a, &n->buf, &m->held);
	}
	a->drops.n[DROP_NOT_VISITOR] += m->early.packets + m->held.packets;
	pktq_clear(&a->pool, &m->early);
	pktq_clear(&a->pool, &m->held);
	arm(a, a->now.t);
}

void merge_end(struct agent *a, struct node *n)
{
	if (!n->merge)
		return;
	let_go(a, n);
	secret_wipe(&n->merge->kh.key);
	free(n->merge);
	n->merge = NULL;
	n->buf.upstream = false;
}

bool merge_begin(struct agent *a, struct node *n, const struct pending *p, const struct mip_exts *x)
{
	struct merge fresh = { .home_agent = p->home_agent, .from = p->from, .reply_src = p->reply_src };
	struct merge *m = n->merge;

	if (!read_orders(a, p, x, &fresh))
		return false;
	/* A node that gets its packets here has left nobody: a stranger's Request must not stop them. */
	if (!m && n->up && n->buf.state == BUF_SERVING && a->now.t - n->last_direct < SEC(1))
		return false;
	if (m && m->first_agent == fresh.first_agent &&
	    (m->forward.id == fresh.forward.id || !m->accepted || m->state == MERGE_HOLDING)) {
		refresh(m, &fresh);
	} else {
		merge_end(a, n);
		m = n->merge = malloc(sizeof(*m));
		if (!m)
			return false;
		*m = fresh;
		pktq_init(&m->held);
		pktq_init(&m->early);
		m->ends = a->now.t + a->c.lease_max;
		enter(a, n, MERGE_HOLDING);
	}
	if (m->buffer.n && !m->buffer.sent && !m->forward.sent)
		send_order(a, m, &m->buffer);
	if (m->accepted && !m->forward.sent)
		send_order(a, m, &m->forward);
	return true;
}

void merge_accept(struct agent *a, struct node *n)
{
	struct merge *m = n->merge;

	if (!m->accepted) {
		m->accepted = true;
		m->last_event = a->now.t;
		m->ends = a->now.t + a->c.lease_max;
		m->buffer.done = true;
		enter(a, n, m->state);
	}
	if (!m->forward.sent)
		send_order(a, m, &m->forward);
}

void merge_abort(struct agent *a, struct node *n)
{
	if (n->merge && !n->merge->accepted)
		merge_end(a, n);
}

void merge_unreachable(struct agent *a, struct node *n)
{
	n->merge->buffer.done = n->merge->forward.done = true;
	arm(a, a->now.t);
}

static bool room(const struct agent *a, const struct pktq *q, size_t len)
{
	return q->packets < a->c.per_node.packets && q->bytes + len <= a->c.per_node.bytes &&
	       pool_free_bytes(&a->pool) > a->reserved + len + GRANT_OVERHEAD;
}

static bool flush(struct agent *a, struct node *n, struct pktq *q, uint32_t from)
{
	for (unsigned i = 0; i < RELEASE_BATCH; i++) {
		size_t len;
		uint8_t *p = take_packet(a, q, &len);

		if (!p)
			break;
		node_sink(a, n, p, len, from);
	}
	return q->packets;
}

/* A full hold queue gives up order, not packets; only while nobody is there to have them, it overflows. */
static void make_room(struct agent *a, struct node *n)
{
	struct merge *m = n->merge;

	if (!n->up && !buffer_active(&n->buf)) {
		if (pktq_drop(&a->pool, &m->held))
			drop(a, DROP_OVERFLOW);
		return;
	}
	if (m->accepted && m->state == MERGE_HOLDING) {
		a->count.released_early++;
		enter(a, n, MERGE_RELEASING);
	}
	if (!flush(a, n, &m->early, m->first_agent))
		flush(a, n, &m->held, 0);
}

void merge_hold(struct agent *a, struct node *n, uint8_t *pkt, size_t len)
{
	struct merge *m = n->merge;

	if (!room(a, &m->held, len))
		make_room(a, n);
	if (pktq_push(&a->pool, &m->held, pkt, len, a->now.t))
		a->count.held++;
	else
		drop(a, DROP_OVERFLOW);
}

void merge_forwarded(struct agent *a, struct node *n, uint8_t *pkt, size_t len)
{
	struct merge *m = n->merge;

	m->forwarded++;
	m->last_event = a->now.t;
	arm(a, merge_deadline(a, n));
	if (m->accepted && !m->early.packets) {
		node_sink(a, n, pkt, len, m->first_agent);
		return;
	}
	if (!room(a, &m->early, len) || !pktq_push(&a->pool, &m->early, pkt, len, a->now.t))
		drop(a, DROP_OVERFLOW);
}

/* The first agent's Reply.  It always goes to the node; what it changes here, it must prove. */
void merge_reply(struct agent *a, struct node *n, const struct order *o, const uint8_t *p, size_t len)
{
	struct merge *m = n->merge;
	bool forward = o->id == m->forward.id || o->action == ORDER_ID_ORDER;

	if (!forward && (!m->buffer.n || o->id != m->buffer.id)) {
		drop(a, DROP_UNMATCHED);
		return;
	}
	if (o->handoff.present && m->kh.spi && !auth_check(p, len, &o->handoff, &m->kh)) {
		drop(a, DROP_BAD_AUTH);
		return;
	}
	out_link_udp(a, &m->from, m->reply_src, n->home, 0, p, len);
	if (m->kh.spi && !o->handoff.present)
		return;
	if (!forward) {
		m->buffer.done = true;
		return;
	}
	if (o->action == ORDER_AUTH_FAILED)
		return;
	m->forward.done = true;
	m->last_event = a->now.t;
	if (o->has_lease)
		m->ends = a->now.t + mtime_min(MSEC(o->lease_ms), a->c.lease_max);
}

void merge_marker(struct agent *a, struct node *n, const struct order *o, const uint8_t *p, size_t len)
{
	struct merge *m = n->merge;
	enum drop why = DROP_NONE;

	if (o->id != m->forward.id || o->care_of != a->c.care_of)
		why = DROP_UNMATCHED;
	else if (!m->kh.spi)
		why = DROP_NO_KEY; /* by timers alone */
	else if (!o->handoff.present)
		why = DROP_NO_AUTH;
	else if (!auth_check(p, len, &o->handoff, &m->kh))
		why = DROP_BAD_AUTH;
	if (why != DROP_NONE) {
		drop(a, why);
		return;
	}
	a->count.markers_received++;
	arm(a, a->now.t);
	if (o->flags & ORDER_F_PENDING) {
		m->last_event = a->now.t;
	} else if (!m->marker_in) {
		m->marker_in = true;
		m->marker_at = a->now.t;
		m->has_count = o->has_count;
		m->marker_count = o->count;
	}
}

/* When the first agent's stream counts as complete. */
static mtime release_at(const struct agent *a, const struct merge *m)
{
	mtime t = m->ends;

	if (!m->accepted)
		return t;
	if (m->marker_in && m->has_count && m->forwarded >= m->marker_count)
		return m->marker_at;
	if (m->marker_in)
		t = mtime_min(t, m->marker_at + a->c.merge_after_marker);
	return mtime_min(t, m->last_event + a->c.merge_idle);
}

static void repeat(struct agent *a, struct merge *m, struct relayed *r)
{
	if (!may_repeat(m, r) || a->now.t < r->next)
		return;
	send_order(a, m, r);
	if (r == &m->forward)
		m->last_event = a->now.t;
}

bool merge_tick(struct agent *a, struct node *n)
{
	struct merge *m = n->merge;

	repeat(a, m, &m->buffer);
	repeat(a, m, &m->forward);
	if (m->accepted && m->early.packets)
		return flush(a, n, &m->early, m->first_agent);
	switch (m->state) {
	case MERGE_HOLDING:
		if (a->now.t < release_at(a, m))
			return false;
		if (!m->accepted) {
			merge_end(a, n);
			return false;
		}
		enter(a, n, MERGE_RELEASING);
		return true;
	case MERGE_RELEASING:
		if (flush(a, n, &m->held, 0))
			return true;
		enter(a, n, MERGE_DONE);
		return false;
	case MERGE_DONE:
		if (a->now.t >= m->ends)
			merge_end(a, n);
		return false;
	}
	return false;
}

mtime merge_deadline(const struct agent *a, const struct node *n)
{
	const struct merge *m = n->merge;
	mtime t = m->ends;

	if (m->accepted && m->early.packets)
		return a->now.t;
	if (may_repeat(m, &m->buffer))
		t = mtime_min(t, m->buffer.next);
	if (may_repeat(m, &m->forward))
		t = mtime_min(t, m->forward.next);
	switch (m->state) {
	case MERGE_HOLDING:
		return mtime_min(t, release_at(a, m));
	case MERGE_RELEASING:
		return a->now.t;
	case MERGE_DONE:
		return t;
	}
	return t;
}
