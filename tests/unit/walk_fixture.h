/* SPDX-License-Identifier: MIT */
#ifndef MIP_WALK_FIXTURE_H
#define MIP_WALK_FIXTURE_H

/* A node with a stream of packets that walks between agents. */
#include "agent/agent.h"
#include "agent/internal.h"
#include "tests/unit/agent_lab.h"

static struct lab l;

static inline void begin(void)
{
	lab_settle(&l, FA_A);
	CHECK_EQ(l.n_replies, 1);
	CHECK_EQ(l.reply.code, 1);
	lab_stream_start(&l);
	lab_run(&l, 500);
	CHECK_EQ(l.sent - l.received, 6); /* 11 ms of it are under way */
}

static inline void start(void)
{
	lab_init(&l);
	l.verbose = getenv("V");
	begin();
}

static inline void finish(void)
{
	l.streaming = false;
	lab_run(&l, 1000);
	if (l.verbose)
		lab_drops(&l);
	lab_stop(&l);
}

static inline void whole(void)
{
	lab_run(&l, 1000);
	l.streaming = false;
	lab_run(&l, 400);
	CHECK_EQ(l.sent - l.received, 0);
	CHECK_EQ(l.duplicated, 0);
	CHECK_EQ(l.reordered, 0);
	finish();
}

#endif
