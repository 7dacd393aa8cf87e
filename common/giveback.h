/* SPDX-License-Identifier: MIT */
#ifndef MIP_GIVEBACK_H
#define MIP_GIVEBACK_H

#include "common/pktq.h"

/*
 * The memory of a pool that has been empty for a while goes back to the system; the shell asks
 * whenever it sets its timer.
 */
#define GIVEBACK_AFTER SEC(5) /* longer than between the two halves of a handoff */

struct giveback {
	mtime due; /* 0: the pool is in use, or untouched */
};

/* When to ask again.  The pool's memory is mapped, and begins with a page. */
mtime giveback_check(struct giveback *g, struct pool *p, mtime now);

#endif
