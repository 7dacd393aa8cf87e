/* SPDX-License-Identifier: MIT */
#include "agent/agent.h"

#include "tests/unit/agent_lab.h"

static struct lab l;

static void whole(unsigned lost)
{
	CHECK_EQ(l.sent - l.received, lost);
	CHECK_EQ(l.duplicated, 0);
	CHECK_EQ(l.reordered, 0);
}

static void finish(void)
{
	lab_run(&l, 1500);
	l.streaming = false;
	lab_run(&l, 200);
}

static void f1(void)
{
	lab_init(&l);
	l.verbose = getenv("V");
	lab_settle(&l, FA_A);
	CHECK_EQ(l.n_replies, 1);
	CHECK_EQ(l.reply.code, 1);
	CHECK_EQ(l.reply.lifetime_s, 600);
	lab_stream_start(&l);
	lab_run(&l, 500);
	lab_handoff(&l, FA_A, FA_B);
	CHECK_EQ(l.order.action, ORDER_GRANTED);
	CHECK_EQ(l.order_tos, TOS_CS1);
	finish();
	CHECK_EQ(l.n_replies, 2);
	whole(0);
	CHECK_EQ(l.order.id, l.last_id - 1);
	if (l.verbose)
		lab_drops(&l);
	lab_stop(&l);
}

UNIT_MAIN("agent", { "F1", f1 })
