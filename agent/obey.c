/* SPDX-License-Identifier: MIT */
#include "agent/foreign.h"

#include <string.h>

static void meter_start(struct agent *a, struct buffer *b)
{
	b->arrived = 0;
	b->meter_from = a->now.t;
}

/* A lease begins: its numbers, and how its packets are kept. */
static void lease_start(struct agent *a, struct buffer *b)
{
	meter_start(a, b);
	b->kept = b->forwarded = b->dropped = 0;
	memset(b->lost, 0, sizeof(b->lost));
	memset(&b->filter, 0, sizeof(b->filter));
	b->overflow = OVERFLOW_OLDEST;
	b->n_ages = b->n_seen = 0;
	b->path_ended = b->unpaced = false;
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
	if (b->state != BUF_BUFFERING) {
		lease_start(a, b);
		out_note(a, o->home_addr, "buffering: %u packets, %u KiB, %lld ms",
			 b->grant.packets, b->grant.bytes >> 10,
			 (long long)((b->lease_ends - a->now.t) / 1000));
		buffer_enter(a, b, BUF_BUFFERING);
	}
	buffer_keep_as(b, o);
	return code;
}

uint8_t buffer_forward(struct agent *a, struct buffer *b, const struct order *o,
		       const struct secret *key)
{
	bool nothing = b->state == BUF_SERVING && !b->q.packets;
	uint8_t code = nothing ? ORDER_NOTHING_BUFFERED : ORDER_GRANTED;
	char addr[ADDR_STRLEN];

	if (b->state == BUF_SERVING) {
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
	case BUF_BUFFERING:
		break;
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
	case BUF_BUFFERING:
		nothing = false;
		buffer_serve(a, b);
		break;
	case BUF_DRAINING:
		nothing = false;
		arm(a, a->now.t);
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

void buffer_describe(const struct agent *a, const struct buffer *b, struct order_state *out)
{
	mtime left = b->lease_ends == MTIME_NEVER ? 0 : b->lease_ends - a->now.t;

	*out = (struct order_state){
		.state = (uint8_t)b->state,
		.queued = b->q.packets,
		.bytes = (uint32_t)b->q.bytes,
		.forwarded = (uint32_t)b->forwarded,
		.dropped_overflow = b->lost[DROP_OVERFLOW],
		.dropped_filter = b->lost[DROP_FILTERED],
		.dropped_age = b->lost[DROP_AGE],
		.lease_left_ms = left > 0 && b->state != BUF_SERVING ? (uint32_t)(left / 1000) : 0,
	};
}
