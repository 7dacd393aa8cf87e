/* SPDX-License-Identifier: MIT */
#include "agent/merge.h"

#include "agent/ahead.h"
#include "agent/away.h"
#include "agent/foreign.h"

#include <stdlib.h>
#include <string.h>

#define SENT_MAX 6 /* once, and five repeats */

/*
 * What each event does in each state, as mip-buffer(7) has it.  Expected is hold.c.
 *
 *                       none     expected  HOLDING         RELEASING    DONE
 * home agent's packet   deliver  keep      keep            keep behind  deliver
 *   no room             deliver  [2]       -> RELEASING,   deliver      deliver
 *                                          keep            some, keep
 * first agent's packet  drop     drop [3]  deliver         deliver      deliver
 * another's packet      drop     drop      drop            drop         drop
 * marker, all came      drop     drop [3]  -> RELEASING    nothing      nothing
 * marker, some missing  drop     drop [3]  20 ms to go     nothing      nothing
 * marker with PENDING   drop     drop [3]  200 ms [1] anew nothing      nothing
 * marker, forged        drop     drop      drop            drop         drop
 * its Reply             drop     drop [3]  told to the node, and no more repeats
 *   that proves nothing drop     drop [3]  told to the node: in all three
 *   forged, stray       drop     drop      drop            drop         drop
 * Registration Reply
 *   accepts             drop     HOLDING   drop            drop         drop
 *   refuses, or none    drop     none [4]  drop            drop         drop
 *   comes for 7 s
 * registers again
 *   the same orders     HOLDING  HOLDING   nothing         nothing      nothing
 *   signed anew         HOLDING  HOLDING   sends the new   anew [5]     anew [5]
 *   another first agent HOLDING  HOLDING   anew [5]        anew [5]     anew [5]
 *   without orders      nothing  none [4]  nothing         nothing      nothing
 * deregisters, orders   its machine's: what is kept here comes to it, and is
 *   for this stay       dropped where nobody is there
 * first agent           nothing  nothing   no more repeats: in all three
 *   unreachable
 * repeat is due         nothing  BUFFER,   sends it again, five times at most: in
 *                                once      all three
 * 200 ms [1] of nothing nothing  nothing   -> RELEASING    nothing      nothing
 * nothing held any more nothing  nothing   nothing         -> DONE      nothing
 * lease over            nothing  nothing   -> RELEASING    goes on      ends
 *
 * [1] Later where B's first repeat comes later.
 * [2] The oldest goes; where the node is here all that is kept goes to it, and
 *     nothing is expected any more.
 * [3] But of what went out on ahead: the Reply to BUFFER is told to the node; F11.
 * [4] What is kept goes to the node if it is here, else it is dropped.
 * [5] It ends, and a new one is HOLDING.
 *
 * none: no merge.  expected: a Request with orders is relayed, its Reply is not
 * in, and what may overtake that is kept.  deliver: on to the machine of this
 * stay, which may itself buffer or drain.  drop: counted.  What ends hands over
 * what it has kept, in front of all that comes.
 */
static const char *const names[] = {
	[MERGE_HOLDING] = "holding", [MERGE_RELEASING] = "releasing", [MERGE_DONE] = "done",
};

const char *merge_state_name(enum merge_state s)
{
	return names[s];
}

static void enter(struct merge *m, enum merge_state s)
{
	m->state = s;
}

bool merge_holds(const struct merge *m)
{
	return m && m->state != MERGE_DONE;
}

static void merge_free(struct merge *m)
{
	m->to->merge = NULL;
	secret_wipe(&m->c.kh.key);
	free(m);
}

void merge_drop(struct agent *a, struct merge *m, enum drop why)
{
	a->drops.n[why] += m->held.packets;
	pktq_clear(&a->pool, &m->held);
	merge_free(m);
}

/* Does what comes for this machine have anywhere to go? */
static bool alive(const struct buffer *b)
{
	return b != &b->node->mv->buf || b->node->up || b->node->role == ROLE_HOME ||
	       buffer_active(b); /* where to a home agent's go its bindings say */
}

void merge_end(struct agent *a, struct merge *m)
{
	if (alive(m->to))
		buffer_append(a, m->to, &m->held);
	merge_drop(a, m, DROP_NOT_VISITOR);
}

/* The same handoff, registered once more: its orders may have been signed anew. */
static void refresh(struct merge *m, const struct pending *p)
{
	const struct carried *c = &p->carried;

	m->c.kh = c->kh;
	if (m->c.buffer.id != c->buffer.id)
		m->c.buffer = c->buffer;
	if (m->c.forward.id != c->forward.id)
		m->c.forward = c->forward;
}

static struct merge *begin(struct agent *a, struct buffer *b, const struct pending *p)
{
	struct merge *m = malloc(sizeof(*m));

	if (!m)
		return NULL;
	*m = (struct merge){ .to = b, .c = p->carried };
	pktq_init(&m->held);
	m->last_event = a->now.t;
	m->ends = a->now.t + a->c.lease_max;
	b->merge = m;
	enter(m, MERGE_HOLDING);
	if (b->node->role == ROLE_HOME)
		away_behind(a, m);
	return m;
}

/* At once, since what comes from that agent now is another stream's. */
static void release_complete(struct merge *m)
{
	if (m->state == MERGE_HOLDING && m->marker_in && m->has_count &&
	    m->forwarded >= m->marker_count)
		enter(m, MERGE_RELEASING);
}

void merge_accept(struct agent *a, struct node *n, const struct pending *p)
{
	struct merge *m = node_buffer(n)->merge;
	struct moving *mv;
	bool goes_on = m && m->c.first_agent == p->carried.first_agent &&
		       (m->c.forward.id == p->carried.forward.id || m->state == MERGE_HOLDING);

	if (!p->carried.forward.n || (m && p->at < m->asked_at))
		return; /* the Reply to an older one, late */
	if (goes_on) {
		refresh(m, p);
	} else {
		if (m)
			merge_end(a, m);
		mv = node_moving(a, n);
		m = mv ? begin(a, &mv->buf, p) : NULL;
		if (!m)
			return;
	}
	m->from = p->from;
	m->reply_src = p->reply_src;
	m->asked_at = p->at;
	m->idle = send_rto(a, m->c.first_agent, n->home_agent);
	m->idle = m->idle > a->c.merge_idle ? m->idle : a->c.merge_idle;
	m->c.buffer.done = true;
	if (merge_holds(m))
		pktq_append(&a->pool, &m->held, &n->mv->held);
	ahead_accept(a, p, m);
	release_complete(m);
	if (!m->c.forward.sent)
		send_order(a, m->c.first_agent, n->home_agent, true, &m->from, &m->c.forward);
}

bool merge_room(const struct agent *a, const struct pktq *q, size_t len)
{
	return q->packets < a->c.per_node.packets && q->bytes + len <= a->c.per_node.bytes &&
	       pool_free_bytes(&a->pool) > a->reserved + len + GRANT_OVERHEAD;
}

static void sink(struct agent *a, struct merge *m, uint8_t *pkt, size_t len)
{
	if (alive(m->to))
		buffer_input(a, m->to, pkt, len, false); /* merge_hold() has seen what is direct */
	else
		drop(a, DROP_NOT_VISITOR);
}

static bool flush(struct agent *a, struct merge *m)
{
	for (unsigned i = 0; i < RELEASE_BATCH; i++) {
		size_t len;
		uint8_t *p = take_packet(a, &m->held, &len, NULL);

		if (!p)
			break;
		sink(a, m, p, len);
	}
	return m->held.packets;
}

/* A full hold queue gives up order, not packets; it overflows only while nobody is there. */
static void make_room(struct agent *a, struct merge *m)
{
	if (!alive(m->to)) {
		if (pktq_drop(&a->pool, &m->held))
			drop(a, DROP_OVERFLOW);
		return;
	}
	if (m->state == MERGE_HOLDING) {
		a->count.released_early++;
		enter(m, MERGE_RELEASING);
	}
	flush(a, m);
}

void merge_hold(struct agent *a, struct merge *m, uint8_t *pkt, size_t len, bool direct)
{
	if (direct)
		m->to->last_in = a->now.t;
	if (!merge_room(a, &m->held, len))
		make_room(a, m);
	if (pktq_push(&a->pool, &m->held, pkt, len, a->now.t))
		a->count.held++;
	else
		drop(a, DROP_OVERFLOW);
}

/* What feeds the node's machines, the oldest first; the last is this stay's. */
static struct merge *nth(const struct node *n, unsigned i)
{
	if (i == OLD_MAX || !n->mv)
		return node_buffer(n)->merge;
	return n->mv->old[i] ? n->mv->old[i]->merge : NULL;
}

/*
 * Both stays of a node that came here twice from the same agent may have a stream from it: that
 * agent sends the second when the first is out, so the oldest that is not complete has it.
 */
struct merge *merge_from(const struct node *n, uint32_t first_agent)
{
	struct merge *found = NULL;

	for (unsigned i = 0; i <= OLD_MAX; i++) {
		struct merge *m = nth(n, i);

		if (!m || m->c.first_agent != first_agent)
			continue;
		found = m;
		if (m->state == MERGE_HOLDING)
			break;
	}
	return found;
}

struct merge *merge_asked(const struct node *n, const struct order *o)
{
	bool any = o->message == ORDER_REPLY && o->action == ORDER_ID_ORDER;

	for (unsigned i = OLD_MAX + 1; i-- > 0;) {
		struct merge *m = nth(n, i);

		if (m && m->c.first_agent == o->first_agent &&
		    (any || m->c.forward.id == o->id ||
		     (m->c.buffer.n && m->c.buffer.id == o->id)))
			return m;
	}
	return NULL;
}

void merge_forwarded(struct agent *a, struct merge *m, uint8_t *pkt, size_t len)
{
	m->forwarded++;
	m->last_event = a->now.t;
	sink(a, m, pkt, len);
	release_complete(m);
}

/* The first agent's Reply.  It always goes to the node; what it changes here, it must prove. */
void merge_reply(struct agent *a, struct merge *m, const struct order *o, const uint8_t *p,
		 size_t len)
{
	const struct sa *kh = &m->c.kh;

	if (o->handoff.present && kh->spi && !auth_check(p, len, &o->handoff, kh)) {
		drop(a, DROP_BAD_AUTH);
		return;
	}
	if (!rate_passes(a, o, &m->from))
		return;
	if (m->from.on_link)
		out_link_udp(a, &m->from, m->reply_src, m->to->node->home, 0, p, len);
	else
		away_reply(a, &m->from, 0, p, len);
	if ((kh->spi && !o->handoff.present) || o->action == ORDER_AUTH_FAILED ||
	    (o->id != m->c.forward.id && o->action != ORDER_ID_ORDER))
		return;
	send_answered(a, m->c.first_agent, &m->c.forward);
	m->last_event = a->now.t;
	if (o->has_lease)
		m->ends = a->now.t + mtime_min(MSEC(o->lease_ms), a->c.lease_max);
}

void merge_marker(struct agent *a, struct merge *m, const struct order *o, const uint8_t *p,
		  size_t len)
{
	enum drop why = DROP_NONE;

	if (o->care_of != node_agent(a, m->to->node))
		why = DROP_UNMATCHED;
	else if (!m->c.kh.spi)
		why = DROP_NO_KEY; /* by timers alone */
	else if (!o->handoff.present)
		why = DROP_NO_AUTH;
	else if (!auth_check(p, len, &o->handoff, &m->c.kh))
		why = DROP_BAD_AUTH;
	if (why != DROP_NONE) {
		drop(a, why);
		return;
	}
	a->count.markers_received++;
	if (o->flags & ORDER_F_PENDING) {
		m->last_event = a->now.t;
	} else if (!m->marker_in) {
		m->marker_in = true;
		m->marker_at = a->now.t;
		m->has_count = o->has_count;
		m->marker_count = o->count;
		release_complete(m);
	}
}

/* When the first agent's stream counts as complete. */
static mtime release_at(const struct agent *a, const struct merge *m)
{
	mtime t = m->ends;

	if (m->marker_in)
		t = mtime_min(t, m->marker_at + a->c.merge_after_marker);
	return mtime_min(t, m->last_event + m->idle);
}

void merge_tick(struct agent *a, struct merge *m)
{
	struct relayed *f = &m->c.forward;

	if (send_again(f, SENT_MAX) && a->now.t >= f->next) {
		send_order(a, m->c.first_agent, m->to->node->home_agent, true, &m->from, f);
		m->last_event = a->now.t;
	}
	switch (m->state) {
	case MERGE_HOLDING:
		if (a->now.t < release_at(a, m))
			return;
		enter(m, MERGE_RELEASING);
		return;
	case MERGE_RELEASING:
		if (!flush(a, m))
			enter(m, MERGE_DONE);
		return;
	case MERGE_DONE:
		if (a->now.t >= m->ends)
			merge_end(a, m);
		return;
	}
}

mtime merge_deadline(const struct agent *a, const struct merge *m)
{
	mtime t = m->ends;

	if (send_again(&m->c.forward, SENT_MAX))
		t = mtime_min(t, m->c.forward.next);
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
