/* SPDX-License-Identifier: MIT */
#include "agent/home.h"

#include "agent/away.h"

#include <stdlib.h>

struct binding *binding_find(const struct agent *a, uint32_t home)
{
	struct binding *b = NULL;

	HASH_FIND(hh, a->bindings, &home, sizeof(home), b);
	return b;
}

static struct binding *binding_add(struct agent *a, uint32_t home)
{
	struct binding *b;

	if (HASH_COUNT(a->bindings) >= a->c.max_bindings)
		return NULL;
	b = calloc(1, sizeof(*b));
	if (!b)
		return NULL;
	if (!timers_join(&a->timers, &b->timer, TIMER_BINDING)) {
		free(b);
		return NULL;
	}
	b->home = home;
	HASH_ADD(hh, a->bindings, home, sizeof(b->home), b);
	if (!b->hh.tbl) {
		timers_leave(&a->timers, &b->timer);
		free(b);
		return NULL;
	}
	return b;
}

static void binding_wait(struct agent *a, struct binding *b)
{
	mtime t = b->markers ? markers_deadline(b->markers) : MTIME_NEVER;

	timer_set(&a->timers, &b->timer, mtime_min(t, b->expires));
}

/*
 * The old care-of address hears where its stream ends.  The marker is appended after every
 * packet that went there and before any that goes to the new one: that is its meaning.
 * Without an association nobody could believe it, and its agent goes by silence.
 */
static void moved(struct agent *a, struct binding *b, uint32_t to, uint64_t id)
{
	const struct sa *sa = conf_peer(a, b->care_of);
	struct order o = {
		.message = ORDER_MARKER,
		.home_addr = b->home,
		.first_agent = b->care_of,
		.care_of = to,
		.id = id,
	};

	b->old_care_of = b->care_of;
	b->old_until = a->now.t + PREVIOUS_CARE_OF;
	if (!sa)
		return;
	if (!b->markers)
		b->markers = calloc(1, sizeof(*b->markers));
	if (b->markers)
		markers_start(a, b->markers, &o, a->c.home_agent, b->care_of, EXT_FA_HA, sa);
	else
		drop(a, DROP_LIMIT);
}

bool binding_set(struct agent *a, const struct mip_request *r, uint16_t lifetime_s)
{
	struct binding *b = binding_find(a, r->home_addr);
	char addr[ADDR_STRLEN];
	bool new = !b;

	if (new)
		b = binding_add(a, r->home_addr);
	if (!b)
		return false;
	if (!new && b->care_of != r->care_of)
		moved(a, b, r->care_of, r->id);
	new |= b->care_of != r->care_of;
	b->care_of = r->care_of;
	b->reverse = r->flags & MIP_T;
	b->lifetime_s = lifetime_s;
	b->expires = lifetime_s == LIFETIME_INFINITE ? MTIME_NEVER : a->now.t + SEC(lifetime_s);
	binding_wait(a, b);
	if (new)
		out_note(a, b->home, "bound to %s, lifetime %u s", addr_fmt(addr, b->care_of),
			 lifetime_s);
	return true;
}

static void binding_remove(struct agent *a, struct binding *b, const char *why)
{
	out_note(a, b->home, "binding %s", why);
	HASH_DEL(a->bindings, b);
	timers_leave(&a->timers, &b->timer);
	free(b->markers);
	free(b);
}

void binding_delete(struct agent *a, uint32_t home, uint32_t care_of)
{
	struct binding *b = binding_find(a, home);

	if (b && (!care_of || b->care_of == care_of))
		binding_remove(a, b, "removed: deregistered");
}

/* RFC 2003 3.2: what would run in a circle is never encapsulated. */
static bool would_loop(const struct agent *a, const struct binding *b, const struct ipv4 *ip)
{
	return own_addr(a, ip->src) || ip->src == b->care_of;
}

void binding_send(struct agent *a, struct binding *b, const uint8_t *pkt, size_t n)
{
	struct ipv4 ip;

	if (ipv4_decode(pkt, n, &ip) != DROP_NONE || would_loop(a, b, &ip)) {
		drop(a, DROP_LOOP);
		return;
	}
	b->to_node++;
	out_tunnel(a, a->c.home_agent, b->care_of, pkt, n, false);
}

bool home_tun(struct agent *a, const struct ipv4 *ip, uint8_t *pkt, size_t n)
{
	struct binding *b = binding_find(a, ip->dst);

	if (away_input(a, ip, pkt, n))
		return true;
	if (!b) {
		if (a->c.foreign)
			return false;
		drop(a, DROP_NO_BINDING);
		return true;
	}
	if (a->c.foreign && b->care_of == a->c.care_of)
		return false; /* our own visitor: no tunnel to ourselves */
	binding_send(a, b, pkt, n);
	return true;
}

/* RFC 3024 4.3, and for 2 s what the node sent through the agent that it has just left. */
static enum drop reversed(struct agent *a, const struct binding *b, uint32_t home,
			  uint32_t outer_src)
{
	const struct node *n = b ? NULL : node_as(a, ROLE_HOME, home);

	if (n && n->up && outer_src == n->old_care_of && a->now.t < n->old_until) {
		a->count.previous_care_of++;
		return DROP_NONE;
	}
	if (!b)
		return DROP_INNER_SOURCE;
	if (!b->reverse)
		return DROP_OUTER_SOURCE;
	if (outer_src == b->care_of)
		return DROP_NONE;
	if (outer_src != b->old_care_of || a->now.t >= b->old_until)
		return DROP_OUTER_SOURCE;
	a->count.previous_care_of++;
	return DROP_NONE;
}

void home_reverse(struct agent *a, uint32_t outer_src, const struct ipv4 *ip, uint8_t *pkt,
		  size_t len)
{
	struct binding *b = binding_find(a, ip->src);
	struct node *n = node_as(a, ROLE_HOME, ip->dst);
	struct merge *m = n ? merge_from(n, outer_src) : NULL;
	enum drop why;

	if (m) { /* to a node at home: what the agent that it left had kept */
		merge_forwarded(a, m, pkt, len);
		return;
	}
	why = reversed(a, b, ip->src, outer_src);
	if (why != DROP_NONE) {
		drop(a, why);
		return;
	}
	if (b)
		b->from_node++;
	out_deliver(a, ip->src, pkt, len);
}

bool home_order(struct agent *a, uint32_t outer_src, const struct ipv4 *ip, const struct udp *u)
{
	struct from f = { .src = ip->src, .dst = ip->dst, .sport = u->sport };
	enum drop why;

	if (ip->dst != a->c.home_agent || !u->payload.left || u->payload.p[0] != MIP_ORDER)
		return false;
	if (ip->src == outer_src) { /* another agent's */
		orders_marker(a, outer_src, ROLE_HOME, u->payload.p, u->payload.left);
		return true;
	}
	why = reversed(a, binding_find(a, ip->src), ip->src, outer_src);
	if (why != DROP_NONE)
		drop(a, why);
	else
		orders_message(a, &f, u->payload.p, u->payload.left);
	return true;
}

static void binding_markers(struct agent *a, struct binding *b)
{
	if (!b->markers)
		return;
	markers_tick(a, b->markers);
	if (markers_deadline(b->markers) != MTIME_NEVER)
		return;
	free(b->markers);
	b->markers = NULL;
}

void binding_tick(struct agent *a, struct binding *b)
{
	binding_markers(a, b);
	if (a->now.t >= b->expires)
		binding_remove(a, b, "expired");
	else
		binding_wait(a, b);
}

void bindings_free(struct agent *a)
{
	struct binding *b = a->bindings, *next;

	HASH_CLEAR(hh, a->bindings);
	for (; b; b = next) {
		next = b->hh.next;
		timers_leave(&a->timers, &b->timer);
		free(b->markers);
		free(b);
	}
}
