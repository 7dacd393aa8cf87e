/* SPDX-License-Identifier: MIT */
#ifndef MIP_TIMER_H
#define MIP_TIMER_H

#include "common/mtime.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * The deadlines of all entries of the agent's tables: a heap, so that neither an event nor a tick
 * looks at entries that it is not about.  Each entry holds its timer; what is due at the same time
 * comes in the order in which it was set.  Whoever takes an entry up joins, so that setting a timer
 * never fails.
 */
enum timer_kind { TIMER_NODE, TIMER_BINDING, TIMER_NATTED };

struct timer {
	mtime at;
	uint64_t turn; /* when it was set, by the count of all */
	uint32_t pos;  /* in the heap, from 1; 0: not set */
	enum timer_kind kind;
};

struct timers {
	struct timer **heap; /* heap[0] is not used */
	uint32_t n, members, room;
	uint64_t turns;
};

void timers_free(struct timers *h);
/* False: no memory. */
bool timers_join(struct timers *h, struct timer *t, enum timer_kind kind);
void timers_leave(struct timers *h, struct timer *t);
/* MTIME_NEVER: off.  The same time again keeps its turn. */
void timer_set(struct timers *h, struct timer *t, mtime at);
/* The earliest; NULL: none is set. */
struct timer *timers_first(const struct timers *h);
mtime timers_deadline(const struct timers *h);

#endif
