/* SPDX-License-Identifier: MIT */
#include "common/pktq.h"

#include <assert.h>
#include <string.h>

#define NONE UINT32_MAX

/* A packet is a chain of cells by `next`, as the free list is; its first cell knows the last. */
struct first {
	uint32_t next;
	uint32_t last;
	uint32_t next_packet; /* first cell of the packet behind this one */
	uint32_t len;
	mtime at;
	uint8_t data[POOL_CELL - 24];
};

struct more {
	uint32_t next;
	uint8_t data[POOL_CELL - 4];
};

_Static_assert(sizeof(struct first) == POOL_CELL, "first cell");
_Static_assert(sizeof(struct more) == POOL_CELL, "other cells");

static void *cell(const struct pool *p, uint32_t i)
{
	assert(i < p->n_cells);
	return p->mem + (size_t)i * POOL_CELL;
}

void pool_init(struct pool *p, void *mem, size_t n)
{
	size_t cells = n / POOL_CELL;

	assert((uintptr_t)mem % 8 == 0);
	p->mem = mem;
	p->n_cells = cells < NONE ? (uint32_t)cells : NONE - 1;
	p->n_free = p->n_cells;
	p->free_head = NONE;
	p->fresh = 0;
}

size_t pool_free_bytes(const struct pool *p)
{
	return (size_t)p->n_free * POOL_CELL;
}

size_t pool_idle(const struct pool *p)
{
	return p->n_free == p->n_cells ? (size_t)p->fresh * POOL_CELL : 0;
}

void pool_reset(struct pool *p)
{
	assert(p->n_free == p->n_cells);
	p->free_head = NONE;
	p->fresh = 0;
}

/* The caller has seen that n_free is enough.  Used cells go first: fresh pages stay untouched. */
static uint32_t take(struct pool *p)
{
	uint32_t i = p->free_head;

	p->n_free--;
	if (i == NONE)
		return p->fresh++;
	memcpy(&p->free_head, cell(p, i), sizeof(p->free_head));
	return i;
}

static uint32_t cells_for(size_t len)
{
	size_t n_first = sizeof(((struct first *)0)->data),
	       n_more = sizeof(((struct more *)0)->data);

	return len <= n_first ? 1 : 1 + (uint32_t)((len - n_first + n_more - 1) / n_more);
}

static size_t part(size_t left, size_t room)
{
	return left < room ? left : room;
}

void pktq_init(struct pktq *q)
{
	*q = (struct pktq){.head = NONE, .tail = NONE};
}

unsigned pktq_class(const void *pkt, size_t len)
{
	return len > 1 ? ((const uint8_t *)pkt)[1] >> 5 : 0;
}

static unsigned class_of(const struct first *f)
{
	return pktq_class(f->data, f->len);
}

static void link_behind(struct pool *p, struct pktq *q, uint32_t i)
{
	struct first *tail;

	if (q->tail == NONE) {
		q->head = i;
		return;
	}
	tail = cell(p, q->tail);
	tail->next_packet = i;
}

bool pktq_push(struct pool *p, struct pktq *q, const void *pkt, size_t len, mtime at)
{
	const uint8_t *src = pkt;
	uint32_t i, *next;
	struct first *f;
	size_t n;

	assert(len >= 1 && len <= 65535);
	if (cells_for(len) > p->n_free)
		return false;
	i = take(p);
	f = cell(p, i);
	f->last = i;
	f->next_packet = NONE;
	f->len = (uint32_t)len;
	f->at = at;
	n = part(len, sizeof(f->data));
	memcpy(f->data, src, n);
	next = &f->next;
	for (size_t done = n; done < len; done += n) {
		struct more *m;

		f->last = *next = take(p);
		m = cell(p, f->last);
		n = part(len - done, sizeof(m->data));
		memcpy(m->data, src + done, n);
		next = &m->next;
	}
	*next = NONE;
	link_behind(p, q, i);
	q->tail = i;
	q->packets++;
	q->bytes += len;
	q->of_class[class_of(f)]++;
	return true;
}

size_t pktq_peek(const struct pool *p, const struct pktq *q, mtime *at)
{
	const struct first *f;

	if (q->head == NONE)
		return 0;
	f = cell(p, q->head);
	if (at)
		*at = f->at;
	return f->len;
}

size_t pktq_pop(struct pool *p, struct pktq *q, void *buf, size_t cap, mtime *at)
{
	size_t len = pktq_peek(p, q, NULL), n;
	uint8_t *dst = buf;
	const struct first *f;
	uint32_t next;

	if (!len || len > cap)
		return 0;
	f = cell(p, q->head);
	if (at)
		*at = f->at;
	n = part(len, sizeof(f->data));
	memcpy(dst, f->data, n);
	next = f->next;
	for (size_t done = n; done < len; done += n) {
		const struct more *m = cell(p, next);

		n = part(len - done, sizeof(m->data));
		memcpy(dst + done, m->data, n);
		next = m->next;
	}
	return pktq_drop(p, q);
}

/* Takes packet i out, behind prev (NONE: it is the oldest); its chain goes to the front of the
 * free list at once. */
static size_t cut(struct pool *p, struct pktq *q, uint32_t prev, uint32_t i)
{
	const struct first *f = cell(p, i);
	size_t len = f->len;
	uint32_t last = f->last;

	if (prev == NONE)
		q->head = f->next_packet;
	else
		((struct first *)cell(p, prev))->next_packet = f->next_packet;
	if (q->tail == i)
		q->tail = prev;
	q->packets--;
	q->bytes -= len;
	q->of_class[class_of(f)]--;
	p->n_free += cells_for(len);
	memcpy(cell(p, last), &p->free_head, sizeof(p->free_head));
	p->free_head = i;
	return len;
}

size_t pktq_drop(struct pool *p, struct pktq *q)
{
	return q->head == NONE ? 0 : cut(p, q, NONE, q->head);
}

unsigned pktq_lowest(const struct pktq *q)
{
	unsigned c = 0;

	while (c < PKTQ_CLASSES && !q->of_class[c])
		c++;
	return c;
}

size_t pktq_drop_lowest(struct pool *p, struct pktq *q)
{
	unsigned lowest = pktq_lowest(q);
	uint32_t prev = NONE, i = q->head;

	for (unsigned n = 0; i != NONE && n < PKTQ_SCAN; n++) {
		const struct first *f = cell(p, i);

		if (class_of(f) == lowest)
			return cut(p, q, prev, i);
		prev = i;
		i = f->next_packet;
	}
	return pktq_drop(p, q);
}

void pktq_clear(struct pool *p, struct pktq *q)
{
	while (pktq_drop(p, q))
		;
}

void pktq_append(struct pool *p, struct pktq *a, struct pktq *b)
{
	if (b->head == NONE)
		return;
	link_behind(p, a, b->head);
	a->tail = b->tail;
	a->packets += b->packets;
	a->bytes += b->bytes;
	for (unsigned c = 0; c < PKTQ_CLASSES; c++)
		a->of_class[c] += b->of_class[c];
	pktq_init(b);
}
