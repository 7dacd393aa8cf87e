/* SPDX-License-Identifier: MIT */
#include "agent/away.h"

#include "agent/home.h"

/*
 * Whose MAC address a home address has on the home link: RFC 5944 4.6.
 *
 *                      the node's             ours                   going back
 * BUFFER on the link   -> ours, announced     -                      -> ours
 * first binding        -> ours, announced     -                      -> ours
 * at home, its streams in order               -> going back, muted   1 ms without a packet, or
 *                                                                    1 s: -> the node's, announced
 * binding ends         -                      -> the node's          -
 *   elsewhere
 *
 * Ours from BUFFER on, before the node has left: who speaks to it directly would lose what it sends
 * afterwards.  And until what was kept, here and at the agent that it left, is out: what comes by
 * the link could not be held.  While the one way is exchanged for the other a packet on the longer
 * one must not be overtaken, hence the silence: longer than a daemon's turn takes, and shorter than
 * the pause of a stream of 500 packets a second, so that the next one does not come as the way
 * changes.  And hence the steps: what the kernel is told takes it milliseconds, in which a packet
 * would wait; so the entry goes before that silence, and the route by which we get what comes for
 * the node after the last announcement.  Where the binding ends without the node on the link nobody
 * knows its MAC address, or it has none there.
 */
#define QUIET MSEC(1)
#define QUIET_MAX SEC(1)

static const struct mac our_own; /* the shell knows it */

static void announce(struct agent *a, const struct announcement *x)
{
	out_lan(a, AGENT_ANNOUNCE, x->home, &x->mac);
}

static void announced(struct agent *a, struct announcement *x)
{
	if (x->down)
		out_lan(a, AGENT_PROXY_DOWN, x->home, &x->mac);
	x->left = 0;
}

/* One that has not been said to the end gives way to a newer one for the same address. */
static void announce_start(struct agent *a, uint32_t home, const struct mac *mac, bool down)
{
	struct announcement *x = NULL;

	for (unsigned i = 0; i < ANNOUNCEMENTS_MAX && !x; i++)
		if (a->announcements[i].left && a->announcements[i].home == home)
			x = &a->announcements[i];
	if (!x)
		x = &a->announcements[a->next_announcement++ % ANNOUNCEMENTS_MAX];
	if (x->left && x->home != home)
		announced(a, x);
	*x = (struct announcement){ home, *mac, 2, down, a->now.t + MSEC(10) };
	announce(a, x);
	a->announce_at = mtime_min(a->announce_at, x->at);
}

/* Twice more, 10 and 30 ms after the first: RFC 5944 4.6 wants it repeated a few times. */
void proxy_tick(struct agent *a)
{
	a->announce_at = MTIME_NEVER;
	for (unsigned i = 0; i < ANNOUNCEMENTS_MAX; i++) {
		struct announcement *x = &a->announcements[i];

		if (x->left && a->now.t >= x->at && out_room(a)) {
			announce(a, x);
			x->at += MSEC(20);
			if (--x->left == 0)
				announced(a, x);
		}
		if (x->left)
			a->announce_at = mtime_min(a->announce_at, x->at);
	}
}

static void take(struct agent *a, uint32_t home)
{
	out_lan(a, AGENT_PROXY_UP, home, &our_own);
	announce_start(a, home, &our_own, false);
}

static bool answers(const struct node *n)
{
	return n->proxied && !n->muted;
}

void proxy_leaves(struct agent *a, struct node *n)
{
	n->returning = MTIME_NEVER;
	if (answers(n))
		return;
	n->proxied = n->unannounced = true;
	n->muted = false;
	take(a, n->home);
}

void proxy_bound(struct agent *a, uint32_t home)
{
	struct node *n = node_as(a, ROLE_HOME, home);

	if (!a->c.home_on_link)
		return;
	if (!n || !answers(n))
		take(a, home);
	if (n)
		n->proxied = n->muted = n->unannounced = false; /* the binding says so now */
}

void proxy_unbound(struct agent *a, uint32_t home)
{
	const struct node *n = node_look(a, ROLE_HOME, home);

	if (a->c.home_on_link && !(n && n->up)) /* else its return has seen to it */
		out_lan(a, AGENT_PROXY_DOWN, home, &our_own);
}

void proxy_arrived(struct agent *a, struct node *n, bool was_bound, bool changed)
{
	n->returning = MTIME_NEVER;
	n->proxied |= was_bound;
	/* Also where we have no proxy entry: one of before our start may be remembered. */
	n->unannounced |= was_bound || changed;
	proxy_settle(a, n);
}

/* Nothing is under way to it that a neighbour's next packet could overtake. */
static bool in_order(const struct node *n)
{
	const struct buffer *b = node_buffer(n);

	return !merge_holds(b->merge) && !buffer_active(b);
}

static mtime due(const struct node *n)
{
	mtime since = n->passed > n->returning ? n->passed : n->returning;

	return n->proxied ? mtime_min(since + QUIET, n->returning + QUIET_MAX) : 0;
}

void proxy_settle(struct agent *a, struct node *n)
{
	if (n->role != ROLE_HOME || !n->up || !n->unannounced)
		return;
	if (!in_order(n)) {
		n->returning = MTIME_NEVER;
		return;
	}
	if (n->returning == MTIME_NEVER) {
		n->returning = a->now.t;
		if (answers(n))
			out_lan(a, AGENT_PROXY_MUTE, n->home, &n->mac);
		n->muted = n->proxied;
	}
	if (a->now.t < due(n))
		return;
	announce_start(a, n->home, &n->mac, n->proxied);
	n->proxied = n->muted = n->unannounced = false;
}

mtime proxy_deadline(const struct agent *a, const struct node *n)
{
	if (n->role != ROLE_HOME || !n->up || !n->unannounced || !in_order(n))
		return MTIME_NEVER;
	return n->returning == MTIME_NEVER ? a->now.t : due(n);
}
