/* SPDX-License-Identifier: MIT */
#include "tests/unit/merge_fixture.h"

/* When the second agent repeats an order: after twice the way to the first agent and back. */

/* A handoff from agent one, accepted so much later; its FORWARD is out. */
static void handoff(unsigned ms)
{
	request(false);
	lab_run(&l, ms);
	answer(1, 600);
	lab_act(&l, FA_B);
	l.sent_udp[FA_B] = 0;
}

static void begin(void)
{
	lab_init(&l);
	l.lose = swallow;
	lab_run(&l, 10);
}

/* The repeats of the FORWARD come then, and no sooner. */
static void repeats_at(const unsigned *at, unsigned n)
{
	unsigned t = 0;

	for (unsigned i = 0; i < n; i++) {
		lab_run(&l, at[i] - 1 - t);
		CHECK_EQ(l.sent_udp[FA_B], i);
		lab_run(&l, 1);
		CHECK_EQ(l.sent_udp[FA_B], i + 1);
		t = at[i];
	}
	lab_run(&l, 12000);
	CHECK_EQ(l.sent_udp[FA_B], n);
}

static void nothing_known(void)
{
	begin();
	handoff(0);
	repeats_at((const unsigned[]){ 50, 150, 350, 750, 1550 }, 5);
	lab_stop(&l);
}

/* The way to the home agent stands for it until there is better. */
static void by_home_agent(void)
{
	begin();
	handoff(120);
	lab_run(&l, 9000);
	handoff(120);
	repeats_at((const unsigned[]){ 240, 720, 1680, 3600, 7440 }, 5);
	lab_stop(&l);
}

static void by_first_agent(void)
{
	begin();
	handoff(120);
	lab_run(&l, 9000);
	handoff(120);
	lab_run(&l, 100);
	reply(order_f.id, ORDER_GRANTED, &order_f.kh, A_ADDR);
	lab_run(&l, 9000);
	handoff(120);
	repeats_at((const unsigned[]){ 200, 600, 1400, 3000, 6200 }, 5);
	lab_stop(&l);
}

/* Karn: it cannot be told which of two was answered. */
static void repeated_says_nothing(void)
{
	begin();
	handoff(0);
	lab_run(&l, 140);
	CHECK_EQ(l.sent_udp[FA_B], 1);
	reply(order_f.id, ORDER_GRANTED, &order_f.kh, A_ADDR);
	lab_run(&l, 9000);
	handoff(0);
	repeats_at((const unsigned[]){ 50, 150, 350, 750, 1550 }, 5);
	lab_stop(&l);
}

static void forged_says_nothing(void)
{
	struct sa wrong;

	begin();
	handoff(120);
	lab_run(&l, 9000);
	handoff(120);
	wrong = order_f.kh;
	wrong.key.b[0] ^= 1;
	lab_run(&l, 10);
	reply(order_f.id, ORDER_GRANTED, &wrong, A_ADDR);
	lab_run(&l, 9000);
	handoff(120);
	repeats_at((const unsigned[]){ 240, 720, 1680, 3600, 7440 }, 5);
	lab_stop(&l);
}

/* Not for ever, whatever was measured. */
static void a_second_at_most(void)
{
	begin();
	handoff(3000);
	lab_run(&l, 9000);
	handoff(0);
	repeats_at((const unsigned[]){ 1000, 3000, 7000 }, 3);
	lab_stop(&l);
}

/* A first agent far away: what the home agent sends waits for its answer. */
static void merge_is_patient(void)
{
	begin();
	handoff(150);
	lab_run(&l, 9000);
	handoff(150);
	CHECK_EQ(packets(HA_ADDR, 0, 1), 0);
	lab_run(&l, 299);
	CHECK_STR(merge(), "holding");
	reply(order_f.id, ORDER_GRANTED, &order_f.kh, A_ADDR);
	lab_run(&l, 299);
	CHECK_STR(merge(), "holding");
	lab_run(&l, 2);
	CHECK_STR(merge(), "done");
	lab_stop(&l);
}

UNIT_MAIN("send", { "nothing is known", nothing_known },
	  { "the home agent stands for the first agent", by_home_agent },
	  { "twice the first agent's own", by_first_agent },
	  { "what was repeated says nothing", repeated_says_nothing },
	  { "what is forged says nothing", forged_says_nothing },
	  { "a second at most", a_second_at_most }, { "the merge waits as long", merge_is_patient })
