/* SPDX-License-Identifier: MIT */
#include "agent/timer.h"

#include <assert.h>
#include <stdlib.h>

#define ROOM_MIN 64 /* below it nothing is given back */

void timers_free(struct timers *h)
{
	free(h->heap);
	*h = (struct timers){ 0 };
}

static bool resize(struct timers *h, uint32_t room)
{
	struct timer **p = realloc(h->heap, ((size_t)room + 1) * sizeof(struct timer *));

	if (!p)
		return false;
	h->heap = p;
	h->room = room;
	return true;
}

bool timers_join(struct timers *h, struct timer *t, enum timer_kind kind)
{
	if (h->members == h->room && !resize(h, h->room ? h->room * 2 : ROOM_MIN))
		return false;
	h->members++;
	*t = (struct timer){ .at = MTIME_NEVER, .kind = kind };
	return true;
}

void timers_leave(struct timers *h, struct timer *t)
{
	timer_set(h, t, MTIME_NEVER);
	h->members--;
	if (h->room > ROOM_MIN && h->members < h->room / 4)
		resize(h, h->room / 2); /* if not, it stays as large as it was */
}

static bool before(const struct timer *a, const struct timer *b)
{
	return a->at != b->at ? a->at < b->at : a->turn < b->turn;
}

static void put(struct timers *h, uint32_t pos, struct timer *t)
{
	h->heap[pos] = t;
	t->pos = pos;
}

static void up(struct timers *h, uint32_t pos, struct timer *t)
{
	while (pos > 1 && before(t, h->heap[pos / 2])) {
		put(h, pos, h->heap[pos / 2]);
		pos /= 2;
	}
	put(h, pos, t);
}

static void down(struct timers *h, uint32_t pos, struct timer *t)
{
	for (uint32_t child = pos * 2; child <= h->n; child = pos * 2) {
		if (child < h->n && before(h->heap[child + 1], h->heap[child]))
			child++;
		if (!before(h->heap[child], t))
			break;
		put(h, pos, h->heap[child]);
		pos = child;
	}
	put(h, pos, t);
}

/* t lies at pos, or has just been changed there. */
static void place(struct timers *h, uint32_t pos, struct timer *t)
{
	if (pos > 1 && before(t, h->heap[pos / 2]))
		up(h, pos, t);
	else
		down(h, pos, t);
}

static void take_out(struct timers *h, struct timer *t)
{
	struct timer *last = h->heap[h->n--];

	if (last != t)
		place(h, t->pos, last);
	t->pos = 0;
}

void timer_set(struct timers *h, struct timer *t, mtime at)
{
	if (at == t->at)
		return;
	t->at = at;
	t->turn = ++h->turns;
	if (at == MTIME_NEVER) {
		take_out(h, t);
	} else if (t->pos) {
		place(h, t->pos, t);
	} else {
		assert(h->n < h->members);
		up(h, ++h->n, t);
	}
}

struct timer *timers_first(const struct timers *h)
{
	return h->n ? h->heap[1] : NULL;
}

mtime timers_deadline(const struct timers *h)
{
	return h->n ? h->heap[1]->at : MTIME_NEVER;
}
