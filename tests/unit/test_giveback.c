/* SPDX-License-Identifier: MIT */
#include "common/giveback.h"

#include "tests/unit/unit.h"

#include <sys/mman.h>
#include <unistd.h>

#define SIZE (32u << 20)

static size_t resident(const void *mem)
{
	static unsigned char in[SIZE / 4096];
	size_t n = 0;

	CHECK_EQ(mincore((void *)(uintptr_t)mem, SIZE, in), 0);
	for (size_t i = 0; i < sizeof(in); i++)
		n += in[i] & 1;
	return n * 4096;
}

static unsigned fill(struct pool *p, struct pktq *q)
{
	uint8_t pkt[POOL_CELL - 24] = { 0x45 };
	unsigned n = 0;

	while (pktq_push(p, q, pkt, sizeof(pkt), 0))
		n++;
	return n;
}

static void gives_back(void)
{
	uint8_t *mem = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct giveback g = { 0 };
	struct pktq q;
	struct pool p;
	unsigned n;

	CHECK(mem != MAP_FAILED && sysconf(_SC_PAGESIZE) == 4096);
	pool_init(&p, mem, SIZE);
	pktq_init(&q);
	CHECK_EQ(giveback_check(&g, &p, SEC(1)), MTIME_NEVER); /* untouched */
	n = fill(&p, &q);
	CHECK(n == SIZE / POOL_CELL && resident(mem) == SIZE);
	CHECK_EQ(giveback_check(&g, &p, SEC(1)), MTIME_NEVER); /* in use */
	pktq_clear(&p, &q);
	CHECK_EQ(pool_idle(&p), SIZE);
	CHECK_EQ(giveback_check(&g, &p, SEC(2)), SEC(7));
	CHECK_EQ(giveback_check(&g, &p, SEC(7) - 1), SEC(7));
	CHECK_EQ(resident(mem), SIZE);
	CHECK_EQ(giveback_check(&g, &p, SEC(7)), MTIME_NEVER);
	CHECK_EQ(resident(mem), 0);
	CHECK_EQ(pool_idle(&p), 0);
	CHECK_EQ(giveback_check(&g, &p, SEC(8)), MTIME_NEVER); /* and that was all */
	CHECK_EQ(fill(&p, &q), n); /* whole again */
	CHECK(pktq_drop(&p, &q));
	CHECK_EQ(pool_idle(&p), 0);
	munmap(mem, SIZE);
}

/* Somebody comes while it waits: the time begins anew. */
static void used_again(void)
{
	uint8_t *mem = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct giveback g = { 0 };
	uint8_t pkt[1] = { 0 };
	struct pktq q;
	struct pool p;

	pool_init(&p, mem, SIZE);
	pktq_init(&q);
	pktq_push(&p, &q, pkt, 1, 0);
	pktq_drop(&p, &q);
	CHECK_EQ(giveback_check(&g, &p, SEC(1)), SEC(6));
	pktq_push(&p, &q, pkt, 1, 0);
	CHECK_EQ(giveback_check(&g, &p, SEC(6)), MTIME_NEVER);
	pktq_drop(&p, &q);
	CHECK_EQ(giveback_check(&g, &p, SEC(9)), SEC(14));
	munmap(mem, SIZE);
}

/* Buffers that begin and end anywhere, with something beside them. */
static void buffers(void)
{
	uint8_t *mem = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct giveback g = { 0 };
	struct pool p;

	pool_init(&p, mem + SIZE / 2, SIZE / 2);
	giveback_buffer(&g, mem + 100, 3 * 4096); /* two pages are all its own, */
	giveback_buffer(&g, mem + 5 * 4096, 4096); /* one, */
	giveback_buffer(&g, mem + 7 * 4096 + 1, 4096); /* and none */
	memset(mem, 1, 9 * 4096);
	CHECK_EQ(giveback_check(&g, &p, SEC(1)), MTIME_NEVER); /* nobody said that it was used */
	g.loaded = true;
	CHECK_EQ(giveback_check(&g, &p, SEC(1)), SEC(6));
	g.loaded = true;
	CHECK_EQ(giveback_check(&g, &p, SEC(2)), SEC(6));
	g.loaded = true;
	CHECK_EQ(giveback_check(&g, &p, SEC(4)), SEC(9));
	CHECK_EQ(giveback_check(&g, &p, SEC(9) - 1), SEC(9));
	CHECK_EQ(resident(mem), 9 * 4096);
	CHECK_EQ(giveback_check(&g, &p, SEC(9)), MTIME_NEVER);
	CHECK_EQ(resident(mem), 6 * 4096);
	for (size_t i = 0; i < 9 * 4096; i++)
		if ((i < 4096 || i >= 3 * 4096) && i / 4096 != 5 && mem[i] != 1)
			CHECK(!"what is beside it is as it was");
	CHECK_EQ(giveback_check(&g, &p, SEC(20)), MTIME_NEVER);
	munmap(mem, SIZE);
}

UNIT_MAIN("giveback", {"gives back", gives_back}, {"used again", used_again},
	  {"buffers", buffers})
