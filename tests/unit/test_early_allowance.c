/* SPDX-License-Identifier: MIT */
#include "tests/unit/early_fixture.h"

/* F11 at the second agent: how much it takes before the home agent has answered. */

/* What goes to this station by itself, in order from 0. */
static unsigned went(const struct mac *to)
{
	unsigned out = 0;
	bool more = true;

	while (more) {
		struct instant now = lab_instant(&l);

		more = agent_tick(b(), &now, &l.out);
		for (unsigned k = 0; k < l.out.n; k++)
			out += l.out.a[k].act == AGENT_SEND_LINK &&
			       mac_equal(&l.out.a[k].mac, to) &&
			       lab_seq(l.out.a[k].p, l.out.a[k].n) == out;
	}
	return out;
}

static void allowance_in_bytes(void)
{
	lab_defaults(&l);
	l.conf[FA_B].early_forward = true;
	l.conf[FA_B].early_bytes = 2000; /* ten of them */
	l.conf[FA_B].per_node.packets = 5;
	lab_start(&l);
	l.lose = swallow;
	ask_early(ORDER_F_EARLY);
	CHECK_EQ(early(0, 12, &l.mac), 10);
	CHECK_EQ(drops(DROP_EARLY), 0); /* two wait */
	CHECK_EQ(early(12, 5, &l.mac), 0);
	CHECK_EQ(drops(DROP_EARLY), 2);
	answer(1, 600);
	lab_act(&l, FA_B);
	lab_run(&l, 5);
	CHECK_EQ(l.received, 5); /* what waited: 10 to 14 */
	CHECK_EQ(l.last_seq, 14);
	lab_stop(&l);
}

static void allowance_in_time(void)
{
	start_early();
	lab_run(&l, 1999);
	CHECK_EQ(early(0, 1, &l.mac), 1);
	lab_run(&l, 1);
	CHECK_EQ(early(1, 1, &l.mac), 0);
	answer(1, 600);
	lab_act(&l, FA_B);
	lab_run(&l, 5);
	CHECK_EQ(l.received, 1);
	lab_stop(&l);
}

/* B has no key for the node: it proves nothing. */
static void start_unproven(void)
{
	lab_defaults(&l);
	l.conf[FA_B].early_forward = true;
	l.node[FA_B].sa.spi = 0;
	lab_start(&l);
	l.lose = swallow;
	ask_early(ORDER_F_EARLY);
}

/* Time is up: what comes waits, in the room of what may not be delivered any more. */
static void allowance_waits(void)
{
	start_unproven();
	CHECK_EQ(early(0, 100, &l.mac), 100);
	lab_run(&l, 2000);
	CHECK_EQ(early(100, 500, &l.mac), 0);
	CHECK_EQ(drops(DROP_EARLY), 0);
	answer(1, 600);
	lab_act(&l, FA_B);
	lab_run(&l, 100);
	CHECK_EQ(l.received, 500);
	CHECK_EQ(l.reordered, 0);
	lab_stop(&l);
}

/* Orders signed anew have time of their own: what waits goes first, then what comes. */
static void waits_until_signed_anew(void)
{
	start_unproven();
	lab_run(&l, 2000);
	CHECK_EQ(early(0, 40, &l.mac), 0);
	lab_run(&l, 1000);
	CHECK_EQ(went(&l.mac), 0);
	ask_early(ORDER_F_EARLY);
	CHECK_EQ(went(&l.mac), 40);
	CHECK_EQ(early(40, 1, &l.mac), 1);
	answer(1, 600);
	lab_act(&l, FA_B);
	CHECK_EQ(packets(A_ADDR, 41, 1), 1);
	lab_stop(&l);
}

/* Not where another station claims the node, before A has said whose new order it follows. */
static void waits_among_several(void)
{
	struct mac own, other;

	lab_defaults(&l);
	own = other = l.mac;
	other.b[5] = 7;
	l.conf[FA_B].early_forward = true;
	l.node[FA_B].sa.spi = 0;
	lab_start(&l);
	l.lose = swallow;
	l.mac = other;
	ask_early(ORDER_F_EARLY);
	l.mac = own;
	ask_early(ORDER_F_EARLY);
	reply(order_f.id, ORDER_GRANTED, &order_f.kh, A_ADDR);
	lab_run(&l, 2000);
	CHECK_EQ(early(0, 10, &own), 0);
	ask_early(ORDER_F_EARLY);
	CHECK_EQ(went(&own), 0);
	reply(order_f.id, ORDER_GRANTED, &order_f.kh, A_ADDR);
	CHECK_EQ(went(&own), 10);
	lab_stop(&l);
}

/* What is over it waits no longer than what overtakes a Reply. */
static void allowance_is_one(void)
{
	lab_defaults(&l);
	l.conf[FA_B].early_forward = true;
	l.conf[FA_B].early_bytes = 60000; /* 300 of them */
	l.node[FA_B].sa.spi = 0;
	lab_start(&l);
	l.lose = swallow;
	ask_early(ORDER_F_EARLY);
	CHECK_EQ(early(0, 100, &l.mac), 100);
	lab_run(&l, 2000);
	CHECK_EQ(early(100, 200, &l.mac), 0);
	CHECK_EQ(drops(DROP_EARLY), 0);
	CHECK_EQ(early(300, 100, &l.mac), 0);
	CHECK_EQ(drops(DROP_EARLY), 100);
	lab_stop(&l);
}

static void allowance_of_the_agent(void)
{
	lab_defaults(&l);
	l.conf[FA_B].early_forward = true;
	l.conf[FA_B].early_total = 700;
	lab_start(&l);
	l.lose = swallow;
	ask_early(ORDER_F_EARLY);
	CHECK_EQ(early(0, 5, &l.mac), 3);
	lab_stop(&l);
}

UNIT_MAIN("early allowance", { "bounded in bytes", allowance_in_bytes },
	  { "bounded in time", allowance_in_time }, { "waits", allowance_waits },
	  { "until signed anew", waits_until_signed_anew },
	  { "among several", waits_among_several }, { "one for both", allowance_is_one },
	  { "bounded an agent", allowance_of_the_agent })
