/* SPDX-License-Identifier: MIT */
#include "tests/unit/early_fixture.h"

/* F11 at the second agent: what it does before the home agent has answered. */

static unsigned sent_before(mtime ms)
{
	unsigned before = l.sent_udp[FA_B];

	lab_run(&l, (unsigned)ms);
	return l.sent_udp[FA_B] - before;
}

/* It goes out with the Request, and once more: two transmissions before the answer. */
static void two_transmissions(void)
{
	start_early();
	CHECK_EQ(l.sent_udp[FA_B], 2); /* the Request, FORWARD */
	CHECK_EQ(sent_before(49), 0);
	CHECK_EQ(sent_before(1), 1);
	CHECK_EQ(sent_before(5000), 0);
	lab_register(&l, 600, NULL, &order_f); /* asked once more: only the Request */
	CHECK_EQ(sent_before(1000), 0);
	CHECK_EQ(l.sent_udp[FA_B], 4);
	lab_stop(&l);
}

static void reply_ends_the_repeats(void)
{
	start_early();
	reply(order_f.id, ORDER_GRANTED, &order_f.kh, A_ADDR);
	lab_act(&l, FA_B);
	CHECK_EQ(sent_before(1000), 0);
	CHECK_EQ(l.n_orders, 1); /* and the node has it */
	answer(1, 600);
	lab_act(&l, FA_B);
	CHECK_EQ(sent_before(1000), 0); /* nor afterwards */
	lab_stop(&l);
}

static void unreachable_ends_the_repeats(void)
{
	struct instant now;

	start_early();
	now = lab_instant(&l);
	agent_unreachable(b(), A_ADDR, 1, &now, &l.out);
	CHECK_EQ(sent_before(1000), 0);
	lab_stop(&l);
}

static void needs_both(void)
{
	begin(true);
	ask_early(0); /* the node does not want it */
	CHECK_EQ(l.sent_udp[FA_B], 1);
	CHECK_EQ(early(0, 1, &l.mac), 0);
	CHECK_EQ(drops(DROP_OUTER_SOURCE), 1);
	lab_stop(&l);
	begin(false);
	ask_early(ORDER_F_EARLY); /* the agent does not */
	CHECK_EQ(l.sent_udp[FA_B], 1);
	CHECK_EQ(early(0, 1, &l.mac), 0);
	lab_stop(&l);
}

/* Delivered at once; what the home agent sends waits for the marker and its count. */
static void order_is_kept(void)
{
	start_early();
	CHECK_EQ(early(0, 3, &l.mac), 3);
	CHECK_EQ(packets(HA_ADDR, 5, 1), 0); /* overtakes the Reply */
	answer(1, 600);
	lab_act(&l, FA_B);
	CHECK_STR(merge(), "holding");
	CHECK_EQ(packets(A_ADDR, 3, 2), 2);
	CHECK_EQ(packets(HA_ADDR, 6, 1), 0);
	marker(0, 5, &order_f.kh);
	lab_run(&l, 1);
	CHECK_STR(merge(), "done");
	lab_run(&l, 5);
	CHECK_EQ(l.received, 4); /* 3 to 6; 0 to 2 went before */
	CHECK_EQ(l.reordered, 0);
	lab_stop(&l);
}

static void marker_before_the_answer(void)
{
	struct sa wrong;

	start_early();
	CHECK_EQ(early(0, 2, &l.mac), 2);
	marker(ORDER_F_PENDING, 0, &order_f.kh);
	wrong = order_f.kh;
	wrong.key.b[0] ^= 1;
	marker(0, 2, &wrong);
	CHECK_EQ(packets(HA_ADDR, 2, 1), 0);
	marker(0, 2, &order_f.kh);
	answer(1, 600);
	lab_act(&l, FA_B);
	lab_run(&l, 1);
	CHECK_STR(merge(), "done");
	lab_stop(&l);
}

/* Refused: what still comes is dropped and counted, also after the entry is gone. */
static void refused(void)
{
	start_early();
	CHECK_EQ(early(0, 1, &l.mac), 1);
	answer(128, 0);
	lab_act(&l, FA_B);
	CHECK_EQ(early(1, 4, &l.mac), 0);
	CHECK_EQ(drops(DROP_NOT_ACCEPTED), 4);
	CHECK_EQ(sent_before(1000), 0);
	lab_run(&l, 8000);
	CHECK_EQ(early(5, 1, &l.mac), 0);
	CHECK_EQ(drops(DROP_NOT_VISITOR), 1); /* and forgotten when the lease is over */
	lab_stop(&l);
}

static void request_dies(void)
{
	lab_defaults(&l);
	l.conf[FA_B].early_forward = true;
	l.conf[FA_B].early_bytes = 200;
	lab_start(&l);
	l.lose = swallow;
	ask_early(ORDER_F_EARLY);
	CHECK_EQ(early(0, 4, &l.mac), 1);
	lab_run(&l, 7001);
	CHECK_EQ(drops(DROP_NOT_ACCEPTED), 3); /* what waited */
	CHECK_EQ(early(4, 1, &l.mac), 0);
	CHECK_EQ(drops(DROP_NOT_ACCEPTED), 4);
	lab_stop(&l);
}

/* Refused once, asked again with the same orders: they hold, and are not sent again. */
static void asked_again(void)
{
	start_early();
	reply(order_f.id, ORDER_GRANTED, &order_f.kh, A_ADDR);
	answer(133, 0);
	CHECK_EQ(early(0, 1, &l.mac), 0);
	lab_run(&l, 100);
	l.sent_udp[FA_B] = 0;
	lab_register(&l, 600, NULL, &order_f);
	CHECK_EQ(l.sent_udp[FA_B], 1);
	CHECK_EQ(early(1, 1, &l.mac), 1);
	lab_stop(&l);
}

static void signed_anew(void)
{
	start_early();
	CHECK_EQ(early(0, 2, &l.mac), 2);
	reply(order_f.id + 5, ORDER_ID_ORDER, &order_f.kh, A_ADDR);
	lab_act(&l, FA_B);
	lab_run(&l, 5);
	CHECK_EQ(l.order.action, ORDER_ID_ORDER);
	CHECK_EQ(sent_before(1000), 0);
	l.sent_udp[FA_B] = 0;
	ask_early(ORDER_F_EARLY);
	CHECK_EQ(l.sent_udp[FA_B], 2);
	CHECK_EQ(early(2, 1, &l.mac), 1);
	answer(1, 600);
	lab_act(&l, FA_B);
	marker(0, 3, &order_f.kh); /* counted through */
	CHECK_STR(merge(), "releasing");
	lab_stop(&l);
}

/* Whoever copies the order brings it to another station: not before A has told whose it follows. */
static void copied(void)
{
	struct mac own = l.mac, other;

	lab_defaults(&l);
	l.conf[FA_B].early_forward = true;
	l.node[FA_B].sa.spi = 0;
	lab_start(&l);
	l.lose = swallow;
	own = other = l.mac;
	other.b[5] = 7;
	l.mac = other;
	ask_early(ORDER_F_EARLY); /* an order of its own making, first */
	l.mac = own;
	ask_early(ORDER_F_EARLY);
	CHECK_EQ(early(0, 1, &own), 0);
	CHECK_EQ(drops(DROP_EARLY), 1);
	reply(order_f.id, ORDER_GRANTED, &order_f.kh, A_ADDR);
	CHECK_EQ(early(1, 1, &other), 0);
	CHECK_EQ(early(2, 1, &own), 1);
	lab_stop(&l);
}

/* Word for word, with the handoff key: A's Reply is right for both, and the first is the node's. */
static void copied_word_for_word(void)
{
	struct mac own, other, third;

	lab_defaults(&l);
	l.conf[FA_B].early_forward = true;
	l.node[FA_B].sa.spi = 0;
	lab_start(&l);
	l.lose = swallow;
	own = other = third = l.mac;
	other.b[5] = 7;
	third.b[5] = 8;
	ask_early(ORDER_F_EARLY);
	lab_run(&l, 1);
	l.mac = other;
	lab_register(&l, 600, NULL, &order_f);
	CHECK_EQ(early(0, 1, &own), 1);
	reply(order_f.id, ORDER_GRANTED, &order_f.kh, A_ADDR);
	CHECK_EQ(early(1, 1, &own), 1);
	lab_run(&l, 1);
	l.mac = third; /* an order of its own making: A grants it nothing */
	ask_early(ORDER_F_EARLY);
	CHECK_EQ(early(2, 1, &own), 1);
	lab_stop(&l);
}

/* Two with orders of their own, and a copy: none is better than the others. */
static void copied_and_made_up(void)
{
	struct lab_order first;
	struct mac own, other;

	lab_defaults(&l);
	l.conf[FA_B].early_forward = true;
	l.node[FA_B].sa.spi = 0;
	lab_start(&l);
	l.lose = swallow;
	own = other = l.mac;
	ask_early(ORDER_F_EARLY);
	first = order_f;
	for (unsigned i = 0; i < 2; i++) {
		lab_run(&l, 1);
		other.b[5] = (uint8_t)i;
		l.mac = other;
		if (i)
			lab_register(&l, 600, NULL, &first);
		else
			ask_early(ORDER_F_EARLY);
	}
	CHECK_EQ(early(0, 1, &own), 0);
	CHECK_EQ(drops(DROP_EARLY), 1);
	lab_stop(&l);
}

/* A node that is served here keeps its packets: a Request that anybody can make takes none. */
static void visitor_keeps(void)
{
	struct mac own, other;

	lab_defaults(&l);
	l.conf[FA_B].early_forward = true;
	l.node[FA_B].sa.spi = 0;
	lab_start(&l);
	l.lose = swallow;
	request(false);
	answer(1, 600);
	lab_act(&l, FA_B);
	CHECK_EQ(packets(A_ADDR, 0, 1), 1);
	own = other = l.mac;
	other.b[5] = 7;
	l.mac = other;
	ask_early(ORDER_F_EARLY);
	l.mac = own;
	CHECK_EQ(early(1, 1, &other), 0);
	CHECK_EQ(packets(A_ADDR, 2, 1), 1);
	lab_stop(&l);
}

static void forged_reply(void)
{
	struct sa wrong;

	start_early();
	wrong = order_f.kh;
	wrong.key.b[0] ^= 1;
	reply(order_f.id, ORDER_GRANTED, &wrong, A_ADDR);
	CHECK_EQ(drops(DROP_BAD_AUTH), 1);
	CHECK_EQ(sent_before(60), 1); /* it goes on repeating */
	lab_stop(&l);
}

/* Nothing signs it, so anybody can send it, as often as he likes. */
static void refused_by_the_first_agent(void)
{
	start_early();
	reply(order_f.id, ORDER_AUTH_FAILED, NULL, A_ADDR);
	lab_act(&l, FA_B);
	reply(order_f.id, ORDER_AUTH_FAILED, NULL, A_ADDR);
	lab_act(&l, FA_B);
	CHECK_EQ(drops(DROP_RATE), 1);
	lab_run(&l, 999);
	CHECK_EQ(l.n_orders, 1);
	lab_run(&l, 1);
	reply(order_f.id, ORDER_AUTH_FAILED, NULL, A_ADDR);
	lab_act(&l, FA_B);
	lab_run(&l, 5);
	CHECK_EQ(l.n_orders, 2);
	lab_stop(&l);
}

UNIT_MAIN("early forward", { "two transmissions", two_transmissions },
	  { "a Reply ends the repeats", reply_ends_the_repeats },
	  { "so does ICMP", unreachable_ends_the_repeats }, { "both must want it", needs_both },
	  { "order is kept", order_is_kept },
	  { "A's marker before the answer", marker_before_the_answer }, { "refused", refused },
	  { "the Request dies", request_dies }, { "asked again", asked_again },
	  { "signed anew", signed_anew }, { "copied by a stranger", copied },
	  { "copied word for word", copied_word_for_word },
	  { "copied and made up", copied_and_made_up },
	  { "a visitor keeps its packets", visitor_keeps }, { "forged Reply", forged_reply },
	  { "131 once a second", refused_by_the_first_agent })
