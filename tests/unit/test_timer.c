/* SPDX-License-Identifier: MIT */
#include "agent/timer.h"

#include "tests/unit/unit.h"

#define MANY 5000

static struct timers h;
static struct timer t[MANY];

static void start(unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		CHECK(timers_join(&h, &t[i], i % 2 ? TIMER_BINDING : TIMER_NODE));
}

static struct timer *next(void)
{
	struct timer *x = timers_first(&h);

	if (x)
		timer_set(&h, x, MTIME_NEVER);
	return x;
}

static void order(void)
{
	start(5);
	CHECK(!timers_first(&h));
	CHECK_EQ(timers_deadline(&h), MTIME_NEVER);
	timer_set(&h, &t[0], 30);
	timer_set(&h, &t[1], 10);
	timer_set(&h, &t[2], 20);
	timer_set(&h, &t[3], 10);
	CHECK_EQ(timers_deadline(&h), 10);
	CHECK(next() == &t[1]); /* of two at the same time, who was set first */
	CHECK(next() == &t[3]);
	timer_set(&h, &t[0], 20);
	timer_set(&h, &t[2], 20); /* the same again: it keeps its turn */
	CHECK(next() == &t[2]);
	CHECK(next() == &t[0]);
	CHECK(!next());
	timer_set(&h, &t[4], MTIME_NEVER);
	CHECK(!next());
	timers_free(&h);
}

/* As a list that is searched would have it, whatever is set, moved and taken out. */
static void against_a_list(void)
{
	uint32_t seed = 1;

	start(MANY);
	for (int step = 0; step < 60000; step++) {
		struct timer *first = NULL;
		unsigned i;

		seed = seed * 1664525u + 1013904223u;
		i = (seed >> 8) % MANY;
		timer_set(&h, &t[i], seed % 5 ? (seed >> 4) % 997 : MTIME_NEVER);
		if (step % 100)
			continue;
		for (i = 0; i < MANY; i++)
			if (t[i].pos && (!first || t[i].at < first->at ||
					 (t[i].at == first->at && t[i].turn < first->turn)))
				first = &t[i];
		CHECK(timers_first(&h) == first);
		CHECK(next() == first);
	}
	timers_free(&h);
}

/* Who leaves is never heard of again, and its room is given back. */
static void leaves(void)
{
	uint32_t most;

	start(MANY);
	for (unsigned i = 0; i < MANY; i++)
		timer_set(&h, &t[i], MANY - i);
	most = h.room;
	for (unsigned i = 1; i < MANY; i++)
		timers_leave(&h, &t[i]);
	CHECK(h.room < most / 16);
	CHECK_EQ(h.members, 1);
	CHECK(next() == &t[0]);
	CHECK(!next());
	timers_leave(&h, &t[0]);
	timers_free(&h);
}

UNIT_MAIN("timer", {"order", order}, {"against a list", against_a_list}, {"leaves", leaves})
