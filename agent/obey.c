/* SPDX-License-Identifier: MIT */
#include "agent/foreign.h"

#include <string.h>

static void meter_start(struct agent *a, struct buffer *b)
{
	b->arrived = 0;
	b->meter_from = a->now.t;
}

static void keep_all(const struct agent *a, struct buffer *b)
{
	memset(&b->filter, 0, sizeof(b->filter));
	b->overflow = a->c.overflow;
	b->n_ages = b->n_seen = 0;
}

/* A lease begins: its numbers. */
static void lease_begin(struct agent *a, struct buffer *b)
{
	meter_start(a, b);
	b->kept = b->forwarded = b->dropped = 0;
	memset(b->lost, 0, sizeof(b->lost));
	b->path_ended = b->unpaced = false;
}

/* ... by an order, which says how its packets are kept, too. */
static void lease_start(struct agent *a, struct buffer *b)
{
	lease_begin(a, b);
	keep_all(a, b);
}

static bool serving(const struct buffer *b)
{
	return b->state == BUF_SERVING || b->state == BUF_RESERVED;
}

static void note_lease(struct agent *a, const struct buffer *b, const char *what, mtime lease)
{
	out_note(a, b->node->home, "%s: %u packets, %u KiB, %lld ms", what, b->grant.packets,
		 b->grant.bytes >> 10, (long long)(lease / 1000));
}

/* What the order says of them holds from now on; of what it does not say, what held before. */
void buffer_keep_as(struct buffer *b, const struct order *o)
{
	if (o->has_overflow)
		b->overflow = (enum order_overflow)o->overflow;
	if (o->n_ages) {
		b->n_ages = o->n_ages;
		memcpy(b->ages, o->ages, sizeof(b->ages));
	}
	if (o->n_rules && (o->action == ORDER_BUFFER || o->action == ORDER_RENEW)) {
		b->filter.n = o->n_rules;
		memcpy(b->filter.rules, o->rules, sizeof(b->filter.rules));
	}
	if (o->n_seen && (o->action == ORDER_FORWARD || o->action == ORDER_RELEASE)) {
		b->n_seen = o->n_seen;
		memcpy(b->seen, o->seen, sizeof(b->seen));
		b->seen_left = b->q.packets;
	}
}

uint8_t buffer_begin(struct agent *a, struct buffer *b, const struct order *o)
{
	uint8_t code = grant_size(a, b, o);

	if (code == ORDER_NO_ROOM)
		return code;
	if (grant_lease(a, b, o))
		code = ORDER_GRANTED_LESS;
	b->by_station = false;
	if (b->state != BUF_BUFFERING) {
		lease_start(a, b);
		note_lease(a, b, "buffering", b->lease_ends - a->now.t);
		buffer_enter(a, b, BUF_BUFFERING);
	}
	buffer_keep_as(b, o);
	return code;
}

uint8_t buffer_reserve(struct agent *a, struct buffer *b, const struct order *o)
{
	mtime asked = o->has_lease && o->lease_ms ? MSEC(o->lease_ms) : a->c.lease_max;
	uint8_t code;

	if (!serving(b))
		return ORDER_PROHIBITED; /* a lease runs: the promise is kept already */
	code = grant_early(a, b, o);
	if (code == ORDER_NO_ROOM)
		return code;
	b->early_lease = mtime_min(asked, a->c.lease_max);
	if (asked > a->c.lease_max)
		code = ORDER_GRANTED_LESS;
	if (o->action == ORDER_BUFFER) { /* a new one: RENEW changes what it names, no more */
		keep_all(a, b);
		a->count.early_leases++;
	}
	buffer_keep_as(b, o);
	if (b->state != BUF_RESERVED)
		note_lease(a, b, "early lease", b->early_lease);
	buffer_enter(a, b, BUF_RESERVED);
	return code;
}

/* What it said of its packets when it reserved the lease holds. */
bool buffer_station_gone(struct agent *a, struct buffer *b)
{
	if (b->state != BUF_RESERVED)
		return false;
	a->early -= b->early;
	b->early = 0;
	b->lease_ends = a->now.t + b->early_lease;
	b->lease_lost = false;
	lease_begin(a, b);
	note_lease(a, b, "the station is gone, buffering", b->early_lease);
	buffer_enter(a, b, BUF_BUFFERING);
	b->by_station = true;
	return true;
}

uint8_t buffer_forward(struct agent *a, struct buffer *b, const struct order *o,
		       const struct secret *key)
{
	bool nothing = serving(b) && !b->q.packets;
	uint8_t code = nothing ? ORDER_NOTHING_BUFFERED : ORDER_GRANTED;
	char addr[ADDR_STRLEN];

	if (serving(b)) {
		if (grant_size(a, b, o) == ORDER_NO_ROOM)
			return ORDER_NO_ROOM;
		grant_lease(a, b, o);
		lease_start(a, b);
		b->since = a->now.t;
	} else if (o->has_lease && grant_lease(a, b, o) && code == ORDER_GRANTED) {
		code = ORDER_GRANTED_LESS;
	}
	if (o->action == ORDER_DELETE_FORWARD)
		buffer_discard(a, b, DROP_DELETED);
	buffer_keep_as(b, o);
	if (b->forward_to != o->care_of)
		b->forwarded = 0; /* the marker counts what went to its reader */
	b->forward_to = o->care_of;
	b->forward_id = o->id;
	b->ahead = o->flags & ORDER_F_EARLY;
	auth_handoff_key(key, o->id, o->home_addr, o->first_agent, o->care_of, &b->kh);
	out_note(a, o->home_addr, "forwarding to %s: %u packets kept", addr_fmt(addr, o->care_of),
		 b->q.packets);
	buffer_enter(a, b, BUF_DRAINING);
	return code;
}

void buffer_serve(struct agent *a, struct buffer *b)
{
	grant_end(a, b);
	b->marker_in = false;
	buffer_enter(a, b, BUF_SERVING);
}

/* Nobody has ordered anything: the promise stands as before. */
static void station_back(struct agent *a, struct buffer *b)
{
	out_note(a, b->node->home, "the station is back: %u packets delivered here", b->q.packets);
	a->count.stations_back++;
	b->marker_in = false;
	b->early = b->reserved;
	a->early += b->early;
	buffer_enter(a, b, BUF_RESERVED);
}

/* The node is back before anything went elsewhere: SERVING delivers what was kept first. */
uint8_t buffer_release(struct agent *a, struct buffer *b, const struct order *o)
{
	switch (b->state) {
	case BUF_SERVING:
	case BUF_GONE:
		return ORDER_NOTHING_BUFFERED;
	case BUF_DRAINING:
	case BUF_PASSING:
		if (b->forwarded)
			return ORDER_PROHIBITED;
		break;
	case BUF_RESERVED:
		buffer_serve(a, b);
		return ORDER_GRANTED;
	case BUF_BUFFERING:
		break;
	}
	if (!o && b->by_station) {
		station_back(a, b);
		return ORDER_GRANTED;
	}
	if (o)
		buffer_keep_as(b, o);
	out_note(a, b->node->home, "released: %u packets delivered here", b->q.packets);
	buffer_serve(a, b);
	return ORDER_GRANTED;
}

/* What comes later goes where it went before: to the node, or on to where it is forwarded. */
uint8_t buffer_delete(struct agent *a, struct buffer *b)
{
	bool nothing = !b->q.packets;

	switch (b->state) {
	case BUF_SERVING:
		break;
	case BUF_RESERVED:
	case BUF_BUFFERING:
		nothing = false;
		buffer_serve(a, b);
		break;
	case BUF_DRAINING:
		nothing = false;
		break;
	case BUF_PASSING:
	case BUF_GONE:
		return ORDER_NOTHING_BUFFERED;
	}
	if (!nothing)
		out_note(a, b->node->home, "deleted: %u packets", b->q.packets);
	buffer_discard(a, b, DROP_DELETED);
	return nothing ? ORDER_NOTHING_BUFFERED : ORDER_GRANTED;
}

uint8_t buffer_renew(struct agent *a, struct buffer *b, const struct order *o)
{
	uint8_t code = ORDER_GRANTED;

	if (b->state == BUF_RESERVED)
		return buffer_reserve(a, b, o);
	if (b->state == BUF_SERVING || b->state == BUF_GONE)
		return b->lease_lost ? ORDER_LEASE_OVER : ORDER_NOTHING_BUFFERED;
	if (b->state != BUF_PASSING)
		code = grant_size(a, b, o);
	if (code == ORDER_NO_ROOM)
		return code;
	if (grant_lease(a, b, o))
		code = ORDER_GRANTED_LESS;
	buffer_keep_as(b, o);
	return code;
}

mtime buffer_lease_left(const struct agent *a, const struct buffer *b)
{
	if (b->state == BUF_RESERVED)
		return b->early_lease;
	return b->state == BUF_SERVING || b->lease_ends == MTIME_NEVER ? 0
								       : b->lease_ends - a->now.t;
}

void buffer_describe(const struct agent *a, const struct buffer *b, struct order_state *out)
{
	mtime left = buffer_lease_left(a, b);

	*out = (struct order_state){
		.state = (uint8_t)b->state,
		.queued = b->q.packets,
		.bytes = (uint32_t)b->q.bytes,
		.forwarded = (uint32_t)b->forwarded,
		.dropped_overflow = b->lost[DROP_OVERFLOW],
		.dropped_filter = b->lost[DROP_FILTERED],
		.dropped_age = b->lost[DROP_AGE],
		.lease_left_ms = left > 0 ? (uint32_t)(left / 1000) : 0,
	};
}
