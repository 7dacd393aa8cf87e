/* SPDX-License-Identifier: MIT */
#include "common/giveback.h"

#include "common/log.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

mtime giveback_check(struct giveback *g, struct pool *p, mtime now)
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
