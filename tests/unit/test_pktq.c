/* SPDX-License-Identifier: MIT */
#include "common/pktq.h"
#include "tests/unit/unit.h"

static uint8_t content(unsigned seed, size_t i)
{
	return (uint8_t)(seed * 31 + i * 7 + (i >> 8));
}

static bool push(struct pool *p, struct pktq *q, unsigned seed, size_t len)
{
	uint8_t *pkt = malloc(len);
	bool ok;

	for (size_t i = 0; i < len; i++)
		pkt[i] = content(seed, i);
	ok = pktq_push(p, q, pkt, len, seed);
	free(pkt);
	return ok;
}

/* True when the oldest is exactly this one. */
static bool pop(struct pool *p, struct pktq *q, unsigned seed, size_t len)
{
	uint8_t *buf = malloc(len);
	mtime at = -1, at_pop = -1;
	bool same = pktq_peek(p, q, &at) == len && pktq_pop(p, q, buf, len, &at_pop) == len;

	for (size_t i = 0; same && i < len; i++)
		same = buf[i] == content(seed, i);
	free(buf);
	return same && at == seed && at_pop == seed;
}

static void lengths(void)
{
	/* Cells are 256 bytes: 232 of data in the first, 252 in each other. */
	static const struct {
		size_t len, cells;
	} rows[] = {
	    {1, 1},   {231, 1}, {232, 1},  {233, 2},	 {484, 2},
	    {485, 3}, {736, 3}, {1500, 7}, {65535, 261},
	};
	size_t size = 300 * POOL_CELL;
	void *mem = malloc(size);
	struct pool p;
	struct pktq q;

	pool_init(&p, mem, size);
	pktq_init(&q);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CHECK(push(&p, &q, (unsigned)i, rows[i].len));
		CHECK_EQ(pool_free_bytes(&p), size - rows[i].cells * POOL_CELL);
		CHECK_EQ(q.packets, 1);
		CHECK_EQ(q.bytes, rows[i].len);
		CHECK(pop(&p, &q, (unsigned)i, rows[i].len));
		CHECK_EQ(pool_free_bytes(&p), size);
		CHECK_EQ(q.packets, 0);
		CHECK_EQ(q.bytes, 0);
	}
	free(mem);
}

static void empty(void)
{
	uint8_t mem[POOL_CELL] __attribute__((aligned(8))), buf[8];
	struct pool p;
	struct pktq q, r;
	mtime at = 5;

	pool_init(&p, mem, sizeof(mem));
	pktq_init(&q);
	pktq_init(&r);
	CHECK_EQ(pktq_peek(&p, &q, &at), 0);
	CHECK_EQ(pktq_pop(&p, &q, buf, 8, &at), 0);
	CHECK_EQ(pktq_drop(&p, &q), 0);
	pktq_clear(&p, &q);
	pktq_append(&p, &q, &r);
	CHECK_EQ(q.packets, 0);
	CHECK_EQ(at, 5);
	pool_init(&p, mem, 255);
	CHECK(!push(&p, &q, 1, 1));
	CHECK_EQ(pool_free_bytes(&p), 0);
}

static void order_and_times(void)
{
	size_t size = 64 * POOL_CELL;
	void *mem = malloc(size);
	struct pool p;
	struct pktq a, b;

	pool_init(&p, mem, size);
	pktq_init(&a);
	pktq_init(&b);
	for (unsigned i = 0; i < 10; i++) { /* two queues, cells interleaved */
		CHECK(push(&p, &a, i, 100 + i * 60));
		CHECK(push(&p, &b, 100 + i, 40 + i));
	}
	for (unsigned i = 0; i < 10; i++) {
		CHECK(pop(&p, &a, i, 100 + i * 60));
		CHECK(pop(&p, &b, 100 + i, 40 + i));
	}
	CHECK_EQ(pool_free_bytes(&p), size);
	free(mem);
}

static void small_buffer_keeps_it(void)
{
	uint8_t mem[4 * POOL_CELL] __attribute__((aligned(8))), buf[300];
	struct pool p;
	struct pktq q;

	pool_init(&p, mem, sizeof(mem));
	pktq_init(&q);
	CHECK(push(&p, &q, 3, 300));
	CHECK_EQ(pktq_pop(&p, &q, buf, 299, NULL), 0);
	CHECK_EQ(q.packets, 1);
	CHECK_EQ(pktq_peek(&p, &q, NULL), 300);
	CHECK(pop(&p, &q, 3, 300));
}

static void exhaustion(void)
{
	size_t size = 8 * POOL_CELL;
	void *mem = malloc(size);
	struct pool p;
	struct pktq q;

	pool_init(&p, mem, size);
	pktq_init(&q);
	CHECK(push(&p, &q, 1, 1500)); /* 7 cells */
	CHECK(!push(&p, &q, 2, 233)); /* 2 wanted, 1 left: nothing changes */
	CHECK_EQ(q.packets, 1);
	CHECK_EQ(q.bytes, 1500);
	CHECK_EQ(pool_free_bytes(&p), POOL_CELL);
	CHECK(push(&p, &q, 3, 232));
	CHECK(!push(&p, &q, 4, 1));
	CHECK_EQ(pktq_drop(&p, &q), 1500);
	CHECK(push(&p, &q, 5, 1500)); /* all of it from the free list */
	CHECK(pop(&p, &q, 3, 232));
	CHECK(pop(&p, &q, 5, 1500));
	CHECK(push(&p, &q, 6, 1736)); /* 7 * 252 - 28: all 8 cells in one chain again */
	CHECK(pop(&p, &q, 6, 1736));
	CHECK(!push(&p, &q, 7, 232 + 7 * 252 + 1));
	CHECK(push(&p, &q, 7, 232 + 7 * 252));
	CHECK_EQ(pool_free_bytes(&p), 0);
	pktq_clear(&p, &q);
	CHECK_EQ(pool_free_bytes(&p), size);
	CHECK_EQ(pktq_peek(&p, &q, NULL), 0);
	free(mem);
}

static void appends(void)
{
	size_t size = 32 * POOL_CELL;
	void *mem = malloc(size);
	struct pool p;
	struct pktq a, b;

	pool_init(&p, mem, size);
	pktq_init(&a);
	pktq_init(&b);
	CHECK(push(&p, &b, 1, 500) && push(&p, &b, 2, 20));
	pktq_append(&p, &a, &b); /* into an empty one */
	CHECK_EQ(a.packets, 2);
	CHECK_EQ(a.bytes, 520);
	CHECK(b.packets == 0 && b.bytes == 0 && !pktq_peek(&p, &b, NULL));
	CHECK(push(&p, &b, 3, 300));
	pktq_append(&p, &a, &b);
	pktq_append(&p, &a, &b); /* of an empty one */
	CHECK(push(&p, &a, 4, 40));
	CHECK(push(&p, &b, 5, 50)); /* b is usable after */
	CHECK(pop(&p, &a, 1, 500) && pop(&p, &a, 2, 20) && pop(&p, &a, 3, 300) &&
	      pop(&p, &a, 4, 40));
	CHECK(pop(&p, &b, 5, 50));
	CHECK_EQ(pool_free_bytes(&p), size);
	free(mem);
}

/* The free list is gone round many times, with lengths that never fit evenly. */
static void round_and_round(void)
{
	size_t size = 37 * POOL_CELL;
	void *mem = malloc(size);
	unsigned in = 0, out = 0;
	struct pool p;
	struct pktq q;

	pool_init(&p, mem, size);
	pktq_init(&q);
	for (unsigned step = 0; step < 5000; step++) {
		while (push(&p, &q, in, 1 + in * 53 % 1700))
			in++;
		for (unsigned i = 0; i < 1 + step % 5 && out < in; i++, out++)
			CHECK(pop(&p, &q, out, 1 + out * 53 % 1700));
		CHECK_EQ(q.packets, in - out);
	}
	CHECK(in > 5000);
	pktq_clear(&p, &q);
	CHECK_EQ(q.bytes, 0);
	CHECK_EQ(pool_free_bytes(&p), size);
	free(mem);
}

static void untouched_until_used(void)
{
	size_t size = 16 * POOL_CELL;
	uint8_t *mem = malloc(size);
	struct pool p;
	struct pktq q;
	bool clean = true;

	memset(mem, 0x5a, size);
	pool_init(&p, mem, size);
	pktq_init(&q);
	for (unsigned i = 0; i < 1000; i++) {
		CHECK(push(&p, &q, i, 300) && push(&p, &q, i, 100));
		CHECK(pop(&p, &q, i, 300) && pop(&p, &q, i, 100));
	}
	for (size_t i = 3 * POOL_CELL; i < size; i++)
		clean = clean && mem[i] == 0x5a;
	CHECK(clean);
	free(mem);
}

/* Ten packets of these classes; which goes first, which next. */
static void lowest_class_first(void)
{
	static const uint8_t tos[] = {0xb8, 0x28, 0x00, 0xb8, 0x20, 0x00, 0xe0, 0x1c, 0xb8, 0x48};
	static const uint8_t goes[] = {2, 5, 7, 1, 4, 9, 0, 3, 8, 6};
	size_t size = 64 * POOL_CELL;
	uint8_t pkt[300], *mem = malloc(size);
	struct pool p;
	struct pktq q, more;

	pool_init(&p, mem, size);
	pktq_init(&q);
	pktq_init(&more);
	CHECK_EQ(pktq_lowest(&q), PKTQ_CLASSES);
	CHECK_EQ(pktq_drop_lowest(&p, &q), 0);
	for (size_t i = 0; i < sizeof(tos); i++) {
		memset(pkt, 0, sizeof(pkt));
		pkt[1] = tos[i];
		CHECK(pktq_push(&p, i < 5 ? &q : &more, pkt, 100 + i, (mtime)i));
	}
	pktq_append(&p, &q, &more);
	for (size_t i = 0; i < sizeof(goes); i++) {
		CHECK_EQ(pktq_lowest(&q), tos[goes[i]] >> 5);
		CHECK_EQ(pktq_drop_lowest(&p, &q), 100u + goes[i]);
		CHECK_EQ(q.packets, sizeof(goes) - 1 - i);
	}
	CHECK_EQ(pool_free_bytes(&p), size);
	pkt[1] = 0xb8;
	CHECK(pktq_push(&p, &q, pkt, 300, 1)); /* the tail was found again */
	CHECK(pktq_push(&p, &q, pkt, 299, 2));
	CHECK_EQ(pktq_drop(&p, &q), 300);
	CHECK_EQ(pktq_drop(&p, &q), 299);
	CHECK_EQ(pktq_drop(&p, &q), 0);
	free(mem);
}

/* Where the lowest class is too far behind, the oldest goes: the work for a packet is bounded. */
static void scan_is_bounded(void)
{
	size_t size = (PKTQ_SCAN + 2) * POOL_CELL;
	uint8_t pkt[40] = {0, 0xb8}, *mem = malloc(size);
	struct pool p;
	struct pktq q;

	pool_init(&p, mem, size);
	pktq_init(&q);
	for (unsigned i = 0; i < PKTQ_SCAN; i++)
		pktq_push(&p, &q, pkt, 40, 0);
	pkt[1] = 0;
	pktq_push(&p, &q, pkt, 20, 0);
	CHECK_EQ(pktq_drop_lowest(&p, &q), 40);
	CHECK_EQ(pktq_drop_lowest(&p, &q), 20);
	free(mem);
}

UNIT_MAIN("pktq", {"lengths and cells", lengths}, {"empty", empty},
	  {"order and times", order_and_times}, {"too small a buffer", small_buffer_keeps_it},
	  {"exhaustion", exhaustion}, {"append", appends}, {"round and round", round_and_round},
	  {"lowest class first", lowest_class_first}, {"bounded", scan_is_bounded},
	  {"untouched until used", untouched_until_used})
