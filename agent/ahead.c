/* SPDX-License-Identifier: MIT */
#include "agent/ahead.h"

#include "agent/foreign.h"

#include <stdlib.h>

#define SENT_MAX 2 /* times a FORWARD goes out before the home agent has vouched for the node */

static struct ahead *find(const struct agent *a, const struct pending *p)
{
	for (struct ahead *e = a->ahead; e; e = e->next)
		if (e->home == p->home && e->first_agent == p->carried.first_agent &&
		    mac_equal(&e->from.mac, &p->from.mac))
			return e;
	return NULL;
}

/* As many as Requests may wait: each began with one. */
static struct ahead *add(struct agent *a, const struct pending *p)
{
	struct ahead *e;
	unsigned n = 0;

	for (e = a->ahead; e; e = e->next)
		n++;
	e = n < a->c.max_pending ? calloc(1, sizeof(*e)) : NULL;
	if (!e)
		return NULL;
	e->home = p->home;
	e->first_agent = p->carried.first_agent;
	pktq_init(&e->q);
	e->next = a->ahead;
	a->ahead = e;
	return e;
}

static void discard(struct agent *a, struct ahead *e)
{
	a->drops.n[DROP_NOT_ACCEPTED] += e->q.packets;
	pktq_clear(&a->pool, &e->q);
}

static void take_out(struct agent *a, struct ahead **at)
{
	struct ahead *e = *at;

	*at = e->next;
	discard(a, e);
	secret_wipe(&e->kh.key);
	free(e);
}

void ahead_free(struct agent *a)
{
	while (a->ahead)
		take_out(a, &a->ahead);
}

/* Anybody's word changes nothing for a node that is served here. */
static bool out_of_reach(struct agent *a, uint32_t home, bool proven)
{
	const struct node *n = node_find(a, home);

	return n && !proven && (n->up || buffer_active(node_buffer(n)));
}

void ahead_begin(struct agent *a, struct pending *p)
{
	struct ahead *e = find(a, p);

	if (!a->c.early_forward || !p->carried.early || !p->expecting ||
	    out_of_reach(a, p->home, p->trusted))
		return;
	if (!e)
		e = add(a, p);
	if (!e)
		return; /* as if it were not EARLY */
	e->over = false;
	e->proven |= p->trusted;
	e->from = p->from;
	e->home_agent = p->home_agent;
	e->reply_src = p->reply_src;
	e->kh = p->carried.kh;
	if (e->forward.id == p->carried.forward.id)
		return; /* it was sent, and may not be sent more often */
	e->forward = p->carried.forward;
	e->granted = e->marker_in = false;
	e->since = a->now.t;
	e->ends = a->now.t + a->c.lease_max;
	send_order(a, e->first_agent, e->home_agent, false, &e->from, &e->forward);
}

void ahead_accept(struct agent *a, const struct pending *p, struct merge *m)
{
	struct ahead *e = find(a, p), **at = &a->ahead;

	if (e && (int64_t)(e->forward.id - p->carried.forward.id) >= 0) {
		m->c.forward = e->forward;
		m->c.kh = e->kh;
		m->forwarded += e->forwarded;
		buffer_append(a, m->to, &e->q);
		if (e->granted)
			m->ends = e->ends;
		if (e->marker_in) {
			m->marker_in = true;
			m->marker_at = e->marker_at;
			m->has_count = e->has_count;
			m->marker_count = e->marker_count;
		}
	}
	while (*at) {
		if ((*at)->home == p->home)
			take_out(a, at);
		else
			at = &(*at)->next;
	}
}

void ahead_over(struct agent *a, const struct pending *p)
{
	struct ahead *e = find(a, p);

	if (!e || e->forward.id != p->carried.forward.id)
		return;
	for (unsigned i = 0; i < a->n_pending; i++) {
		const struct pending *q = &a->pending[i];

		if (q->home == p->home && q->carried.forward.id == p->carried.forward.id &&
		    mac_equal(&q->from.mac, &p->from.mac))
			return; /* the same, asked for once more */
	}
	e->over = true;
	discard(a, e);
}

static int standing(const struct ahead *e)
{
	return e->granted * 2 + e->proven;
}

static bool claims(const struct ahead *e, uint32_t first_agent, uint32_t home)
{
	return e->home == home && e->first_agent == first_agent;
}

/*
 * Whose order it is that the first agent follows: it said so, or the order is the node's own, or
 * there is no other.  Of one order it is the first who brought it: whoever copies it comes after.
 * NULL: none; several: not to be told.
 */
static struct ahead *followed(const struct agent *a, uint32_t first_agent, uint32_t home,
			      bool *several)
{
	struct ahead *found = NULL;

	*several = false;
	for (struct ahead *e = a->ahead; e; e = e->next)
		if (claims(e, first_agent, home) &&
		    (!found || standing(e) > standing(found) ||
		     (standing(e) == standing(found) && e->since <= found->since)))
			found = e;
	for (const struct ahead *e = a->ahead; e; e = e->next)
		*several |= claims(e, first_agent, home) && standing(e) == standing(found) &&
			    e->forward.id != found->forward.id;
	return found;
}

/* The allowance in bytes is one for what was delivered and what waits. */
static bool allowed(const struct agent *a, const struct ahead *e, size_t len)
{
	uint64_t all = len;

	for (const struct ahead *x = a->ahead; x; x = x->next) {
		uint64_t its = x->bytes + x->q.bytes;

		all += its < a->c.early_bytes ? its : a->c.early_bytes;
	}
	return e->bytes + e->q.bytes + len <= a->c.early_bytes && all <= a->c.early_total;
}

static void wait(struct agent *a, struct ahead *e, const uint8_t *pkt, size_t len)
{
	bool small = e->q.packets < HELD_PACKETS && e->q.bytes + len <= HELD_BYTES;

	if ((small || e->proven || allowed(a, e, len)) && merge_room(a, &e->q, len) &&
	    pktq_push(&a->pool, &e->q, pkt, len, a->now.t))
		a->count.held++;
	else
		drop(a, DROP_EARLY);
}

static bool may_deliver(const struct agent *a, const struct ahead *e, size_t len)
{
	return a->now.t < e->since + a->c.early_max && allowed(a, e, len);
}

static void deliver(struct agent *a, struct ahead *e, uint8_t *pkt, size_t len)
{
	e->bytes += len;
	a->count.early++;
	out_link_packet(a, e->from.link, &e->from.mac, pkt, len);
}

/* What waits may go, all of it: its orders were signed anew, and have time of their own. */
static bool may_flush(const struct agent *a, const struct ahead *e)
{
	bool several;

	return e->q.packets && !e->over && may_deliver(a, e, 0) &&
	       followed(a, e->first_agent, e->home, &several) == e && !several;
}

static void flush(struct agent *a, struct ahead *e)
{
	for (unsigned i = 0; i < RELEASE_BATCH && e->q.packets; i++) {
		size_t len;
		uint8_t *p = take_packet(a, &e->q, &len, NULL);

		if (!p)
			return;
		deliver(a, e, p, len);
	}
}

bool ahead_packet(struct agent *a, uint32_t outer_src, uint32_t home, uint8_t *pkt, size_t len)
{
	const struct node *n;
	const struct merge *m;
	struct ahead *e;
	bool several;

	e = followed(a, outer_src, home, &several);
	if (!e)
		return false;
	if (out_of_reach(a, home, e->proven))
		return false;
	n = node_find(a, home);
	m = n ? merge_from(n, outer_src) : NULL;
	if (m && m->state == MERGE_HOLDING)
		return false; /* of the handoff before: that agent sends one after the other */
	e->forwarded++;
	if (e->over)
		drop(a, DROP_NOT_ACCEPTED);
	else if (several)
		drop(a, DROP_EARLY);
	else if (e->q.packets || !may_deliver(a, e, len))
		wait(a, e, pkt, len);
	else
		deliver(a, e, pkt, len);
	return true;
}

static void reply(struct agent *a, struct ahead *e, const struct order *o, const uint8_t *p,
		  size_t len)
{
	if (o->handoff.present && e->kh.spi && !auth_check(p, len, &o->handoff, &e->kh)) {
		drop(a, DROP_BAD_AUTH);
		return;
	}
	if (!rate_passes(a, o, &e->from))
		return;
	out_link_udp(a, &e->from, e->reply_src, e->home, 0, p, len);
	if ((e->kh.spi && !o->handoff.present) || o->action == ORDER_AUTH_FAILED)
		return;
	send_answered(a, e->first_agent, &e->forward);
	if (o->action > ORDER_GRANTED_LESS && o->action != ORDER_NOTHING_BUFFERED)
		return;
	e->granted = true;
	if (o->has_lease)
		e->ends = a->now.t + mtime_min(MSEC(o->lease_ms), a->c.lease_max);
}

bool ahead_reply(struct agent *a, const struct order *o, const uint8_t *p, size_t len)
{
	bool to = false;

	for (struct ahead *e = a->ahead; e; e = e->next) {
		bool its = e->forward.id == o->id;

		if (e->home != o->home_addr || e->first_agent != o->first_agent || e->over ||
		    (!its && (e->forward.done || o->action != ORDER_ID_ORDER)) || !out_room(a))
			continue;
		reply(a, e, o, p, len);
		to = true;
	}
	return to;
}

bool ahead_marker(struct agent *a, const struct order *o, const uint8_t *p, size_t len)
{
	for (struct ahead *e = a->ahead; e; e = e->next) {
		if (e->home != o->home_addr || e->first_agent != o->first_agent ||
		    e->forward.id != o->id || !e->kh.spi || !o->handoff.present ||
		    !auth_check(p, len, &o->handoff, &e->kh))
			continue;
		a->count.markers_received++;
		if (o->flags & ORDER_F_PENDING || e->marker_in)
			return true;
		e->marker_in = true;
		e->marker_at = a->now.t;
		e->has_count = o->has_count;
		e->marker_count = o->count;
		return true;
	}
	return false;
}

void ahead_unreachable(struct agent *a, uint32_t first_agent)
{
	for (struct ahead *e = a->ahead; e; e = e->next)
		if (e->first_agent == first_agent)
			e->forward.done = true;
}

static bool repeats(const struct ahead *e)
{
	return !e->over && send_again(&e->forward, SENT_MAX);
}

void ahead_tick(struct agent *a)
{
	for (struct ahead **at = &a->ahead; *at && out_room(a);) {
		struct ahead *e = *at;

		if (a->now.t >= e->ends) {
			take_out(a, at);
			continue;
		}
		if (repeats(e) && a->now.t >= e->forward.next)
			send_order(a, e->first_agent, e->home_agent, false, &e->from, &e->forward);
		if (may_flush(a, e))
			flush(a, e);
		at = &e->next;
	}
}

mtime ahead_deadline(const struct agent *a)
{
	mtime t = MTIME_NEVER;

	for (const struct ahead *e = a->ahead; e; e = e->next) {
		t = mtime_min(t, repeats(e) ? mtime_min(e->ends, e->forward.next) : e->ends);
		if (may_flush(a, e))
			t = a->now.t;
	}
	return t;
}
