/* SPDX-License-Identifier: MIT */
#include "agent/machine.h"

#define GRANT_MIN (64u << 10) /* less room than this is no help to anybody */

void grant_end(struct agent *a, struct buffer *b)
{
	a->reserved -= b->reserved;
	b->reserved = 0;
}

static uint64_t cost(const struct buffer_limits *l)
{
	return l->bytes + (uint64_t)l->packets * GRANT_OVERHEAD;
}

static uint32_t limit(uint32_t asked, uint32_t most)
{
	return asked && asked < most ? asked : most;
}

uint8_t grant_size(struct agent *a, struct buffer *b, const struct order *o)
{
	struct buffer_limits most = a->c.per_node, l;
	uint64_t pool = a->c.buffer_total, left, had = b->reserved;
	uint32_t kib_bytes = (uint32_t)o->size_kib << 10;
	bool less = o->has_size && (o->size_packets > most.packets || kib_bytes > most.bytes);

	grant_end(a, b);
	left = pool > a->reserved ? pool - a->reserved : 0;
	l.packets = limit(o->has_size ? o->size_packets : 0, most.packets);
	l.bytes = limit(o->has_size ? kib_bytes : 0, most.bytes);
	if (cost(&l) > left) {
		if (left < GRANT_MIN) {
			b->reserved = had;
			a->reserved += had;
			return ORDER_NO_ROOM;
		}
		l.packets = limit((uint32_t)(left / 4 / GRANT_OVERHEAD), l.packets);
		l.bytes = limit((uint32_t)(left / 2), l.bytes);
		less = true;
	}
	b->grant = l;
	b->elastic = o->flags & ORDER_F_ELASTIC;
	b->reserved = cost(&l);
	a->reserved += b->reserved;
	return less ? ORDER_GRANTED_LESS : ORDER_GRANTED;
}

bool grant_lease(struct agent *a, struct buffer *b, const struct order *o)
{
	mtime asked = o->has_lease && o->lease_ms ? MSEC(o->lease_ms) : a->c.lease_max;

	b->lease_ends = a->now.t + mtime_min(asked, a->c.lease_max);
	b->lease_lost = false;
	return asked > a->c.lease_max;
}
