/* SPDX-License-Identifier: MIT */
#ifndef MIP_GIVEBACK_H
#define MIP_GIVEBACK_H

#include "common/pktq.h"

/*
 * The memory of a pool that has been empty for a while goes back to the system, and so do buffers
 * that are needed under load alone; the shell asks whenever it sets its timer.
 */
#define GIVEBACK_AFTER SEC(5) /* longer than between the two halves of a handoff */
#define GIVEBACK_BUFFERS 5

struct giveback {
	mtime due; /* 0: the pool is in use, or untouched */
	mtime buffers_due;
	bool loaded; /* the shell says so: the buffers were used; false again when it was seen */
	struct {
		uint8_t *p;
		size_t n;
	} buffers[GIVEBACK_BUFFERS];
};

/* The next buffer: static memory, whose contents are nobody's whenever giveback_check() is called.
 */
void giveback_buffer(struct giveback *g, uint8_t *p, size_t n);
/* When to ask again.  The pool's memory is mapped, and begins with a page. */
mtime giveback_check(struct giveback *g, struct pool *p, mtime now);

#endif
