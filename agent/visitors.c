/* SPDX-License-Identifier: MIT */
#include "agent/foreign.h"

#include "agent/away.h"
#include "agent/natted.h"

#include <stdlib.h>

struct node *node_look(const struct agent *a, enum role role, uint32_t home)
{
	const uint32_t key[2] = { home, role };
	struct node *n = NULL;

	HASH_FIND(hh, a->nodes, key, sizeof(key), n);
	return n;
}

bool node_quiet(const struct node *n)
{
	return !n->mv || (n->mv->buf.state == BUF_BUFFERING && !n->mv->buf.merge &&
			  n->mv->expect == EXPECT_NONE && !n->mv->held.packets);
}

void node_touch(struct agent *a, struct node *n)
{
	if (n->touched)
		return;
	n->touched = true;
	n->next_touched = a->touched;
	a->touched = n;
}

struct node *node_as(struct agent *a, enum role role, uint32_t home)
{
	struct node *n = node_look(a, role, home);

	if (n)
		node_touch(a, n);
	return n;
}

struct node *node_find(struct agent *a, uint32_t home)
{
	return node_as(a, ROLE_VISITOR, home);
}

uint32_t node_agent(const struct agent *a, const struct node *n)
{
	return n->role == ROLE_HOME ? a->c.home_agent : a->c.care_of;
}

/* Entries are visitors, what is pending, and nodes of ours: their limits bound this table too. */
static bool room(const struct agent *a)
{
	return HASH_COUNT(a->nodes) < a->c.max_visitors + a->c.max_pending +
					  (a->c.home ? a->c.max_bindings : 0);
}

struct node *node_get(struct agent *a, uint32_t home)
{
	return node_make(a, ROLE_VISITOR, home);
}

struct node *node_make(struct agent *a, enum role role, uint32_t home)
{
	struct node *n = node_as(a, role, home);

	if (n)
		return n;
	if (room(a))
		n = calloc(1, sizeof(*n));
	if (!n || !timers_join(&a->timers, &n->timer, TIMER_NODE)) {
		drop(a, DROP_LIMIT);
		free(n);
		return NULL;
	}
	n->home = home;
	n->role = role;
	n->key = (uint64_t)role << 32 | home;
	HASH_ADD(hh, a->nodes, key, sizeof(n->key), n);
	if (!n->hh.tbl) {
		drop(a, DROP_LIMIT);
		timers_leave(&a->timers, &n->timer);
		free(n);
		return NULL;
	}
	node_touch(a, n);
	return n;
}

static void node_release(struct agent *a, struct node *n)
{
	struct node **at = &a->touched;

	while (n->touched && *at != n)
		at = &(*at)->next_touched;
	if (n->touched)
		*at = n->next_touched;
	timers_leave(&a->timers, &n->timer);
	station_forget(a, n);
	moving_free(a, n);
	keys_wipe(&n->keys);
	free(n);
}

void nodes_free(struct agent *a)
{
	struct node *n = a->nodes, *next;

	HASH_CLEAR(hh, a->nodes);
	for (; n; n = next) {
		next = n->hh.next;
		node_release(a, n);
	}
}

/* Nothing at all any more. */
static bool over(const struct agent *a, const struct node *n)
{
	bool old = false;

	for (unsigned i = 0; n->mv && i < OLD_MAX; i++)
		old |= n->mv->old[i] != NULL;
	return !n->up && !old && !node_buffer(n)->merge && !buffer_active(node_buffer(n)) &&
	       (!n->mv || n->mv->expect == EXPECT_NONE) && !away_needed(a, n);
}

void node_reap(struct agent *a, struct node *n)
{
	if (!over(a, n))
		return;
	HASH_DEL(a->nodes, n);
	node_release(a, n);
}

void visitor_down(struct agent *a, struct node *n)
{
	keys_wipe(&n->keys);
	if (!n->up)
		return;
	n->up = false;
	natted_leave(a, n);
	if (n->mv)
		n->mv->fence.on = false;
	if (n->mv && (n->mv->buf.state == BUF_SERVING || n->mv->buf.state == BUF_RESERVED))
		buffer_clear(a, &n->mv->buf, DROP_NOT_VISITOR);
	a->n_visitors--;
	out_kernel(a, AGENT_VISITOR_DOWN, n);
}

/*
 * The node registered here while an earlier stay's packets still go to where it was: they
 * go on by themselves, with the merge that feeds them, and this stay gets a machine of its own.
 */
static void detach(struct agent *a, struct moving *mv)
{
	struct buffer *b;

	if (mv->old[OLD_MAX - 1]) {
		moving_drop_old(a, mv, 0);
		for (unsigned i = 1; i < OLD_MAX; i++)
			mv->old[i - 1] = mv->old[i];
		mv->old[OLD_MAX - 1] = NULL;
	}
	b = malloc(sizeof(*b));
	if (!b) {
		if (mv->buf.merge)
			merge_drop(a, mv->buf.merge, DROP_LIMIT);
		buffer_clear(a, &mv->buf, DROP_LIMIT);
	} else {
		*b = mv->buf;
		if (b->merge)
			b->merge->to = b;
		buffer_path_ended(b);
		for (unsigned i = 0; i < OLD_MAX; i++) {
			if (mv->old[i])
				continue;
			mv->old[i] = b;
			break;
		}
	}
	buffer_init(&mv->buf, mv->node);
}

/* The node is back: what its machine was doing for the stay before (mip-buffer(7) 2 and 3.6). */
static void returned(struct agent *a, struct node *n)
{
	switch (node_buffer(n)->state) {
	case BUF_DRAINING:
	case BUF_PASSING:
		detach(a, n->mv);
		break;
	case BUF_BUFFERING:
		n->came_back = true;
		buffer_release(a, &n->mv->buf, NULL);
		break;
	case BUF_SERVING:
	case BUF_RESERVED:
	case BUF_GONE:
		break;
	}
}

/*
 * Did this Request leave before the node did?  Then it brings nobody back.  It came before the
 * order that began the lease, or the home agent has marked the end of the path for a newer one.
 * That a FORWARD came since proves nothing: it may be late, and of the stay before.
 */
static bool overtaken(const struct node *n, const struct pending *p)
{
	const struct buffer *b = node_buffer(n);

	if (b->state != BUF_BUFFERING && !buffer_forwarding(b))
		return false;
	return p->at <= b->since || (b->marker_in && (int64_t)(b->marker_id - p->id) > 0);
}

/* It has been elsewhere, although we never heard that it left.  Once for each FORWARD: a Request
 * may be repeated. */
static bool came_again(struct node *n, const struct pending *p)
{
	uint64_t id = p->carried.forward.n ? p->carried.forward.id : n->came_by;
	bool again = id != n->came_by;

	n->came_by = id;
	return again;
}

static void tunnelled(struct agent *a, struct node *n, const struct mip_udp_reply *udp)
{
	if (udp)
		natted_join(a, n, udp->keepalive_s);
	else
		natted_leave(a, n);
}

void visitor_accept(struct agent *a, const struct pending *p, uint16_t lifetime_s,
		    const struct mip_udp_reply *udp)
{
	struct node *n = node_get(a, p->home);
	bool changed, stay, late;

	if (!n)
		return;
	if (n->up && (int64_t)(p->id - n->reg_id) <= 0 && !mac_equal(&n->mac, &p->from.mac))
		return; /* a copy of the Request that the node is here with */
	hold_accepted(a, n);
	late = overtaken(n, p);
	changed = !n->up || !mac_equal(&n->mac, &p->from.mac) || n->link != p->from.link ||
		  n->reverse != p->reverse;
	stay = n->up && mac_equal(&n->mac, &p->from.mac) &&
	       (node_buffer(n)->state == BUF_SERVING || node_buffer(n)->state == BUF_RESERVED);
	if (!late) {
		returned(a, n);
		n->gone = false;
		station_place(a, n, &p->from.mac);
		n->link = p->from.link;
		n->reverse = p->reverse;
	}
	if (!n->up)
		a->n_visitors++;
	/* never back: a Reply that came twice may find an older Request, by its lower half */
	if (!n->up || (int64_t)(p->id - n->reg_id) > 0)
		n->reg_id = p->id;
	n->up = true;
	n->home_agent = p->home_agent;
	if (!late)
		tunnelled(a, n, udp);
	n->lifetime_s = lifetime_s;
	n->expires = lifetime_s == LIFETIME_INFINITE ? MTIME_NEVER : a->now.t + SEC(lifetime_s);
	if (n->mv && n->mv->buf.marker_in && (int64_t)(n->mv->buf.marker_id - n->reg_id) <= 0)
		n->mv->buf.marker_in = false;
	if (!late && (!stay || came_again(n, p)))
		n->delivered_reg = 0;
	if (changed && !late)
		out_kernel(a, AGENT_VISITOR_UP, n);
	if (!stay)
		out_note(a, n->home, "registered, lifetime %u s", lifetime_s);
	merge_accept(a, n, p);
	hold_release(a, n);
}

/* The visitor's own time, RFC 5944; a lease that runs comes first. */
static void expire(struct agent *a, struct node *n)
{
	struct moving *mv = n->mv;

	if (mv && mv->buf.state == BUF_GONE) {
		if (mv->buf.merge)
			merge_drop(a, mv->buf.merge, DROP_LEASE_OVER);
		buffer_clear(a, &mv->buf, DROP_LEASE_OVER);
		buffer_init(&mv->buf, n);
		visitor_down(a, n);
		out_note(a, n->home, "gone");
	} else if (n->up && a->now.t >= n->expires && !buffer_active(node_buffer(n))) {
		visitor_down(a, n);
		out_note(a, n->home, "registration expired");
	}
}

/* One machine and what feeds it. */
static void machine_tick(struct agent *a, struct buffer *b)
{
	buffer_tick(a, b);
	if (b->merge && out_room(a))
		merge_tick(a, b->merge);
}

/* All was sent, nothing feeds it, and its marker is out: nothing will ever come. */
static bool finished(const struct buffer *b)
{
	return b->state == BUF_GONE || (b->state == BUF_PASSING && !b->merge &&
					markers_deadline(&b->markers) == MTIME_NEVER);
}

static void moving_tick(struct agent *a, struct moving *mv)
{
	if (mv->fence.on && a->now.t >= mv->fence.until)
		fence_lift(a, mv->node);
	for (unsigned i = 0; i < OLD_MAX; i++) {
		if (!mv->old[i] || !out_room(a))
			continue;
		machine_tick(a, mv->old[i]);
		if (finished(mv->old[i]))
			moving_drop_old(a, mv, i);
	}
	if (out_room(a))
		machine_tick(a, &mv->buf);
}

static mtime machine_deadline(const struct agent *a, const struct buffer *b)
{
	mtime t = buffer_deadline(a, b);

	return b->merge ? mtime_min(t, merge_deadline(a, b->merge)) : t;
}

static mtime node_deadline(const struct agent *a, const struct node *n)
{
	const struct moving *mv = n->mv;
	/* who is away has no entry but for what is asked for, or merged */
	bool ends = n->up || (n->role == ROLE_HOME && !node_buffer(n)->merge);
	mtime t = ends && !buffer_active(node_buffer(n)) ? n->expires : MTIME_NEVER;

	if (over(a, n))
		return a->now.t;
	t = mtime_min(t, proxy_deadline(a, n));
	if (!mv)
		return t;
	t = mtime_min(t, mtime_min(moving_deadline(mv), machine_deadline(a, &mv->buf)));
	if (mv->fence.on)
		t = mtime_min(t, mv->fence.until);
	for (unsigned i = 0; i < OLD_MAX; i++)
		if (mv->old[i])
			t = mtime_min(t, machine_deadline(a, mv->old[i]));
	return t;
}

static void wait(struct agent *a, struct node *n)
{
	mtime t = node_deadline(a, n);

	timer_set(&a->timers, &n->timer, t > a->now.t ? t : a->now.t);
}

void nodes_settle(struct agent *a)
{
	for (struct node *n; (n = a->touched) != NULL;) {
		a->touched = n->next_touched;
		n->touched = false;
		wait(a, n);
	}
}

void node_tick(struct agent *a, struct node *n)
{
	node_touch(a, n);
	if (n->mv)
		moving_tick(a, n->mv);
	if (!out_room(a))
		return;
	proxy_settle(a, n);
	expire(a, n);
	moving_age(a, n);
	node_reap(a, n);
}
