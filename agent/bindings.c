/* SPDX-License-Identifier: MIT */
#include "agent/home.h"

#include "agent/away.h"
#include "agent/known.h"

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
 * Without an association nobody could believe it, and its agent goes by silence; a co-located node
 * that has left has no use for it.
 */
static void moved(struct agent *a, struct binding *b, uint32_t to, uint64_t id)
{
	const struct sa *sa = b->co_located ? NULL : conf_peer(a, b->care_of);
	struct order o = {
		.message = ORDER_MARKER,
		.home_addr = b->home,
		.first_agent = b->care_of,
		.care_of = to,
		.id = id,
	};

	b->old_to = b->to;
	b->old_until = a->now.t + PREVIOUS_CARE_OF;
	if (!sa)
		return;
	if (!b->markers)
		b->markers = calloc(1, sizeof(*b->markers));
	if (b->markers)
		markers_start(a, b->markers, &o, a->c.home_agent, &b->to, EXT_FA_HA, sa);
	else
		drop(a, DROP_LIMIT);
}

static void bound_note(struct agent *a, const struct binding *b)
{
	char care_of[ADDR_STRLEN], to[ADDR_STRLEN];

	addr_fmt(care_of, b->care_of);
	if (b->to.port)
		out_note(a, b->home, "bound to %s, inside UDP to %s:%u, lifetime %u s", care_of,
			 addr_fmt(to, b->to.addr), b->to.port, b->lifetime_s);
	else
		out_note(a, b->home, "bound to %s, lifetime %u s", care_of, b->lifetime_s);
}

bool binding_ready(const struct binding *b)
{
	return !b->through || b->to.port;
}

/* Where its first keepalive will say it, the one that it has serves until then. */
static struct way way_to(const struct binding *b, const struct mip_request *r,
			 const struct udp_answer *udp)
{
	bool same = b->co_located && b->care_of == r->care_of && b->to.port &&
		    (b->to.addr == udp->to.addr || b->to.addr == r->care_of);

	if (!udp->awaited)
		return udp->to;
	return same ? b->to : (struct way){ udp->to.addr, 0 };
}

bool binding_set(struct agent *a, const struct mip_request *r, const struct udp_answer *udp,
		 uint16_t lifetime_s)
{
	struct binding *b = binding_find(a, r->home_addr);
	bool new = !b, moves;
	struct way to;

	if (new)
		b = binding_add(a, r->home_addr);
	if (!b)
		return false;
	to = way_to(b, r, udp);
	moves = b->care_of != r->care_of || !way_equal(&b->to, &to);
	if (!new && moves)
		moved(a, b, r->care_of, r->id);
	b->revoked = false; /* with a new registration it is that node's who has the address now */
	b->care_of = r->care_of;
	b->to = to;
	b->through = udp->awaited ? udp->to.addr : 0;
	b->awaited = udp->awaited;
	b->co_located = r->flags & MIP_D;
	b->reverse = r->flags & MIP_T;
	b->lifetime_s = lifetime_s;
	b->expires = lifetime_s == LIFETIME_INFINITE ? MTIME_NEVER : a->now.t + SEC(lifetime_s);
	binding_wait(a, b);
	if (new)
		proxy_bound(a, b->home);
	if (moves) {
		bound_note(a, b);
		kept_moved(a);
	}
	return true;
}

void bindings_follow(struct agent *a, const struct binding *b, const struct way *before)
{
	for (struct binding *o = a->bindings; o; o = o->hh.next) {
		if (o->care_of != b->care_of || o->co_located || !way_equal(&o->to, before))
			continue;
		o->old_to = o->to;
		o->old_until = a->now.t + PREVIOUS_CARE_OF;
		o->to = b->to;
	}
	kept_moved(a);
}

void binding_told(struct agent *a, struct binding *b, const struct way *from)
{
	bool first = !b->to.port;
	struct seen *seen;

	if (!b->awaited || !from->port || (from->addr != b->through && from->addr != b->care_of))
		return;
	b->awaited = false;
	if (way_equal(&b->to, from))
		return;
	if (!first) {
		b->old_to = b->to;
		b->old_until = a->now.t + PREVIOUS_CARE_OF;
	}
	b->to = *from;
	bound_note(a, b);
	kept_moved(a);
	if (first && conf_node(a, b->home, &seen))
		away_moved(a, b->home, seen->reg_id);
}

/* The configuration may be another one than it was then. */
static bool allowed(const struct agent *a, const struct agent_kept *k)
{
	return care_of_ok(a, k->home_addr, k->care_of, k->co_located) &&
	       !(k->to_port && a->c.home_udp == UDP_TUNNEL_NO) &&
	       !(a->c.home_reverse_mandatory && !k->reverse);
}

bool binding_restore(struct agent *a, const struct agent_kept *k)
{
	struct binding *b = allowed(a, k) ? binding_add(a, k->home_addr) : NULL;

	if (!b)
		return false;
	b->care_of = k->care_of;
	b->to = (struct way){k->to_addr, k->to_port};
	b->co_located = k->co_located;
	b->reverse = k->reverse;
	b->lifetime_s = k->lifetime_s;
	b->expires = k->left == MTIME_NEVER ? MTIME_NEVER : a->now.t + k->left;
	binding_wait(a, b);
	proxy_bound(a, b->home);
	return true;
}

static void binding_remove(struct agent *a, struct binding *b, const char *why)
{
	uint32_t home = b->home;

	out_note(a, home, "binding %s", why);
	kept_moved(a);
	proxy_unbound(a, home);
	HASH_DEL(a->bindings, b);
	timers_leave(&a->timers, &b->timer);
	free(b->markers);
	free(b);
	if (known_return(a, home))
		away_moved(a, home, 0); /* what is kept is not for the next who has the address */
}

void binding_delete(struct agent *a, uint32_t home, uint32_t care_of)
{
	struct binding *b = binding_find(a, home);

	if (b && (!care_of || b->care_of == care_of))
		binding_remove(a, b, "removed: deregistered");
}

/*
 * RFC 2003 3.2: what would run in a circle is never encapsulated.  Behind a NAT care_of is no
 * address here: another host may have it, as a neighbour of ours or of the node's.  What programs
 * of this very host send goes to their node like anybody's; what we have sent ourselves, by a
 * tunnel's protocol or from our port, comes here when a care-of address is a home address, too.
 */
static bool is_ours(const struct agent *a, const struct ipv4 *ip)
{
	return own_addr(a, ip->src) && is_tunnels(ip);
}

static bool would_loop(const struct agent *a, const struct binding *b, const struct ipv4 *ip)
{
	return is_ours(a, ip) || (ip->src == b->care_of && b->to.addr == b->care_of);
}

void binding_send(struct agent *a, struct binding *b, const uint8_t *pkt, size_t n)
{
	struct ipv4 ip;

	if (ipv4_decode(pkt, n, &ip) != DROP_NONE || would_loop(a, b, &ip)) {
		drop(a, DROP_LOOP);
		return;
	}
	if (!binding_ready(b)) {
		drop(a, DROP_NO_TUNNEL);
		return;
	}
	b->to_node++;
	out_way(a, &b->to, pkt, n, false);
}

bool binding_visits_us(const struct agent *a, const struct binding *b)
{
	return a->c.foreign && b->care_of == a->c.care_of && !b->co_located && !b->to.port;
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
	if (binding_visits_us(a, b))
		return false; /* our own visitor: no tunnel to ourselves */
	binding_send(a, b, pkt, n);
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

void binding_revoke(struct agent *a, struct binding *b)
{
	b->revoked = true;
	timer_set(&a->timers, &b->timer, a->now.t);
}

/* Nothing is kept for the node any more, either. */
static void binding_end(struct agent *a, struct binding *b)
{
	uint32_t home = b->home;

	binding_remove(a, b, "removed: the configuration has changed");
	away_moved(a, home, 0);
}

void binding_tick(struct agent *a, struct binding *b)
{
	binding_markers(a, b);
	if (b->revoked)
		binding_end(a, b);
	else if (a->now.t >= b->expires)
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
