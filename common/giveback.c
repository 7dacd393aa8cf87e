/* SPDX-License-Identifier: MIT */
#include "common/giveback.h"

#include "common/log.h"

#include <assert.h>
#include <errno.h>
#include <malloc.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

void giveback_buffer(struct giveback *g, uint8_t *p, size_t n)
{
	unsigned i = 0;

	while (i < GIVEBACK_BUFFERS && g->buffers[i].n)
		i++;
	assert(i < GIVEBACK_BUFFERS);
	g->buffers[i].p = p;
	g->buffers[i].n = n;
}

/* The pages that are all its own. */
static void empty(uint8_t *p, size_t n)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t before = (page - (uintptr_t)p % page) % page;

	if (n < before + page)
		return;
	n = (n - before) / page * page;
	if (madvise(p + before, n, MADV_DONTNEED) < 0)
		log_warning("the buffers' memory is kept: %s", strerror(errno));
}

#define STACK (128u << 10) /* what it had at its start; below that there is nothing for 1 MiB */

/* What was deeper than we are now. */
__attribute__((noinline)) static void forget_stack(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	uintptr_t here = (uintptr_t)__builtin_frame_address(0) / page * page - page;

	if (madvise((void *)(here - STACK), STACK, MADV_DONTNEED) < 0 && errno != ENOMEM)
		log_debug("stack: %s", strerror(errno));
}

static void forget_rest(void)
{
	forget_stack();
#ifdef __GLIBC__
	malloc_trim(0);
#endif
}

static mtime check_buffers(struct giveback *g, mtime now)
{
	/* Under load the timer need not be set anew each time. */
	if (g->loaded && g->buffers_due < now + GIVEBACK_AFTER / 2)
		g->buffers_due = now + GIVEBACK_AFTER;
	g->loaded = false;
	if (!g->buffers_due)
		return MTIME_NEVER;
	if (now < g->buffers_due)
		return g->buffers_due;
	for (unsigned i = 0; i < GIVEBACK_BUFFERS && g->buffers[i].n; i++)
		empty(g->buffers[i].p, g->buffers[i].n);
	forget_rest();
	g->buffers_due = 0;
	return MTIME_NEVER;
}

static mtime check_pool(struct giveback *g, struct pool *p, mtime now)
{
	size_t n = pool_idle(p);

	if (!n) {
		g->due = 0;
		return MTIME_NEVER;
	}
	if (!g->due)
		g->due = now + GIVEBACK_AFTER;
	if (now < g->due)
		return g->due;
	g->due = 0;
	pool_reset(p);
	if (madvise(p->mem, n, MADV_DONTNEED) < 0)
		log_warning("the buffers' memory is kept: %s", strerror(errno));
	return MTIME_NEVER;
}

mtime giveback_check(struct giveback *g, struct pool *p, mtime now)
{
	return mtime_min(check_pool(g, p, now), check_buffers(g, now));
}
