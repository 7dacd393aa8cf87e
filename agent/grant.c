/* SPDX-License-Identifier: MIT */
#include "agent/foreign.h"

/*
 * Who comes first gets what he asks for, until half of the pool is promised.  From there on each
 * gets a 64th of what is left to promise: some hundred nodes find room, if little of it, where
 * seven would have taken all.  A quarter is promised to nobody: merges and ELASTIC live on it.
 */
#define GRANT_SHARE 64
#define GRANT_MIN (8u << 10) /* less than this is no help to anybody */

/* Of a node's share: half a second at 500 packets a second, in which its own order may come. */
#define EARLY_PART 8

void grant_end(struct agent *a, struct buffer *b)
{
	a->reserved -= b->reserved;
	a->early -= b->early;
	b->reserved = b->early = 0;
}

static uint64_t cost(const struct buffer_limits *l)
{
	return l->bytes + (uint64_t)l->packets * GRANT_OVERHEAD;
}

/* What is promised to this machine and not yet taken up. */
static uint64_t unused(const struct buffer *b)
{
	uint64_t used = b->q.bytes + (uint64_t)b->q.packets * GRANT_OVERHEAD;

	return b->reserved > used ? b->reserved - used : 0;
}

/* Bytes that may be promised to b: free, or its own already, and not due to another. */
static uint64_t left_for(const struct agent *a, const struct buffer *b)
{
	uint64_t due = 0, own = b->q.bytes + (uint64_t)b->q.packets * GRANT_OVERHEAD, left;

	for (const struct moving *mv = a->moving; mv; mv = mv->next) {
		due += &mv->buf == b ? 0 : unused(&mv->buf);
		for (unsigned i = 0; i < OLD_MAX; i++)
			due += mv->old[i] && mv->old[i] != b ? unused(mv->old[i]) : 0;
	}
	left = pool_free_bytes(&a->pool) + own;
	left = left > due ? left - due : 0;
	return left < a->c.buffer_total - a->reserved ? left : a->c.buffer_total - a->reserved;
}

/* An eighth of the pool stays for merges, and nobody has more than four shares. */
bool grant_elastic(const struct agent *a, const struct buffer *b, size_t n)
{
	uint64_t due = a->reserved - b->reserved + unused(b), floor = a->c.buffer_total / 8;

	return b->elastic && b->q.packets / 4 < a->c.per_node.packets &&
	       (b->q.bytes + n) / 4 < a->c.per_node.bytes &&
	       pool_free_bytes(&a->pool) > due + floor + n + GRANT_OVERHEAD;
}

static uint32_t limit(uint32_t asked, uint32_t most)
{
	return asked && asked < most ? asked : most;
}

/* What one node may be promised of what is left. */
static uint64_t share_of(const struct agent *a, uint64_t left)
{
	uint64_t quarter = a->c.buffer_total / 4, share;

	left = left > quarter ? left - quarter : 0;
	share = left / GRANT_SHARE;
	return left > quarter + share ? left - quarter : share;
}

static void promise(struct agent *a, struct buffer *b, uint64_t bytes)
{
	b->reserved = bytes;
	a->reserved += bytes;
}

/* Of `most` and of `left` bytes; had: its promise so far, which stands when there is no room. */
static uint8_t grant(struct agent *a, struct buffer *b, const struct order *o, uint64_t had,
		     struct buffer_limits most, uint64_t left)
{
	struct buffer_limits l;
	uint32_t kib_bytes = (uint32_t)o->size_kib << 10;
	bool less = o->has_size && (o->size_packets > most.packets || kib_bytes > most.bytes);

	l.packets = limit(o->has_size ? o->size_packets : 0, most.packets);
	l.bytes = limit(o->has_size ? kib_bytes : 0, most.bytes);
	if (cost(&l) > left) {
		if (left < GRANT_MIN) {
			promise(a, b, had);
			return ORDER_NO_ROOM;
		}
		l.packets = limit((uint32_t)(left / 2 / GRANT_OVERHEAD), l.packets);
		l.bytes = limit((uint32_t)(left / 2), l.bytes);
		less = true;
	}
	b->grant = l;
	b->elastic = o->flags & ORDER_F_ELASTIC;
	promise(a, b, cost(&l));
	return less ? ORDER_GRANTED_LESS : ORDER_GRANTED;
}

/* What was reserved is given whoever came meanwhile: it was promised. */
uint8_t grant_size(struct agent *a, struct buffer *b, const struct order *o)
{
	bool early = b->state == BUF_RESERVED;
	struct buffer_limits was = b->grant;
	uint64_t had = b->reserved;
	uint8_t code;

	grant_end(a, b);
	code = grant(a, b, o, had, a->c.per_node, share_of(a, left_for(a, b)));
	if (!early || code == ORDER_GRANTED || b->reserved > had)
		return code;
	grant_end(a, b);
	promise(a, b, had);
	b->grant = was;
	b->elastic = o->flags & ORDER_F_ELASTIC;
	return ORDER_GRANTED_LESS;
}

uint8_t grant_early(struct agent *a, struct buffer *b, const struct order *o)
{
	uint64_t had = b->reserved, early = b->early, left, quarter = a->c.buffer_total / 4;
	struct buffer_limits most = { (a->c.per_node.packets + EARLY_PART - 1) / EARLY_PART,
				      (a->c.per_node.bytes + EARLY_PART - 1) / EARLY_PART };
	uint8_t code;

	grant_end(a, b);
	left = share_of(a, left_for(a, b));
	quarter = quarter > a->early ? quarter - a->early : 0;
	code = grant(a, b, o, had, most, left < quarter ? left : quarter);
	b->early = code == ORDER_NO_ROOM ? early : b->reserved;
	a->early += b->early;
	return code;
}

bool grant_lease(struct agent *a, struct buffer *b, const struct order *o)
{
	mtime asked = o->has_lease && o->lease_ms ? MSEC(o->lease_ms) : a->c.lease_max;

	b->lease_ends = a->now.t + mtime_min(asked, a->c.lease_max);
	b->lease_lost = false;
	return asked > a->c.lease_max;
}
