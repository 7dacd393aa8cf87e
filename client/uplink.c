/* SPDX-License-Identifier: MIT */
#include "client/uplink.h"

/* The queue must have been empty this long before the route switches: a burst that is being written
 * would otherwise be split over both paths and overtake itself. */
#define UPLINK_QUIET MSEC(2)
/* a sender that never pauses must not be kept in user space for ever */
#define UPLINK_DRAIN_MAX SEC(1)

/*
 * What each event does in each state.  -: nothing.
 *
 *                 DIRECT    HELD                    DRAINING
 * hold            -> HELD   -                       -> HELD
 * release         -         -> DRAINING             -
 * packet          sent      kept                    sent, or kept behind what waits
 *   one too many  sent      the oldest is dropped   the oldest is dropped
 * next            -         -                       the oldest is sent; dropped after 8 s
 * empty for 2 ms  -         -                       -> DIRECT
 * never, for 1 s  -         -                       -> DIRECT when it is empty
 */
static void enter(struct uplink *u, enum uplink_state to)
{
	u->state = to;
}

void uplink_init(struct uplink *u, struct pool *pool, uint32_t limit)
{
	*u = (struct uplink){ .pool = pool, .limit = limit };
	pktq_init(&u->q);
	enter(u, UP_HELD);
}

void uplink_hold(struct uplink *u)
{
	if (u->state == UP_DIRECT) {
		u->queued = 0;
		u->dropped = 0;
	}
	enter(u, UP_HELD);
}

void uplink_release(struct uplink *u, mtime now)
{
	if (u->state != UP_HELD)
		return;
	u->started = u->last = now;
	enter(u, UP_DRAINING);
}

bool uplink_packet(struct uplink *u, const void *pkt, size_t n, mtime now, enum drop *why)
{
	*why = DROP_NONE;
	switch (u->state) {
	case UP_DIRECT:
		return true;
	case UP_DRAINING:
		u->last = now;
		if (u->q.packets == 0)
			return true;
		break;
	case UP_HELD:
		break;
	}
	while (u->q.packets >= u->limit || !pktq_push(u->pool, &u->q, pkt, n, now)) {
		u->dropped++;
		*why = DROP_UPLINK_FULL;
		if (!pktq_drop(u->pool, &u->q))
			return false;
	}
	u->queued++;
	return false;
}

size_t uplink_next(struct uplink *u, void *buf, size_t cap, mtime now, unsigned *aged)
{
	mtime at;

	*aged = 0;
	if (u->state == UP_HELD)
		return 0;
	while (pktq_peek(u->pool, &u->q, &at) > 0 && now - at > UPLINK_AGE) {
		pktq_drop(u->pool, &u->q);
		u->dropped++;
		++*aged;
	}
	return pktq_pop(u->pool, &u->q, buf, cap, &at);
}

bool uplink_drained(struct uplink *u, mtime now)
{
	if (u->state != UP_DRAINING || u->q.packets > 0)
		return false;
	if (now - u->last < UPLINK_QUIET && now - u->started < UPLINK_DRAIN_MAX)
		return false;
	enter(u, UP_DIRECT);
	return true;
}

mtime uplink_deadline(const struct uplink *u)
{
	if (u->state != UP_DRAINING)
		return MTIME_NEVER;
	if (u->q.packets > 0)
		return u->last; /* at once */
	return mtime_min(u->last + UPLINK_QUIET, u->started + UPLINK_DRAIN_MAX);
}
