/* SPDX-License-Identifier: MIT */
#include "tests/unit/merge_fixture.h"

static void f1_order_waits(void)
{
	start(false);
	CHECK_EQ(to_first(), 0); /* nothing before the home agent has answered */
	CHECK_STR(merge(), "holding");
	CHECK_EQ(packets(HA_ADDR, 10, 1), 0); /* it may overtake the Reply */
	answer(1, 600);
	CHECK_EQ(l.out.a[0].act, AGENT_VISITOR_UP);
	CHECK_EQ(to_first(), 1);
	CHECK_EQ(packets(A_ADDR, 0, 3), 3);
	CHECK_EQ(packets(HA_ADDR, 11, 3), 0);
	marker(0, 3, &order_f.kh);
	lab_run(&l, 2);
	CHECK_STR(merge(), "done");
	CHECK_EQ(l.received, 7);
	CHECK_EQ(l.reordered, 0);
	CHECK_EQ(packets(HA_ADDR, 14, 1), 1);
	CHECK_EQ(packets(A_ADDR, 9, 1), 1); /* late, but taken until the lease ends */
	lab_run(&l, 8000);
	CHECK_STR(merge(), "none");
	CHECK_EQ(packets(A_ADDR, 15, 1), 0);
	CHECK_EQ(agent_drops(b())->n[DROP_OUTER_SOURCE], 1);
	lab_stop(&l);
}

static void f2_buffer_at_once(void)
{
	start(true);
	CHECK_EQ(to_first(), 1);
	l.sent_udp[FA_B] = 0;
	lab_run(&l, 49);
	CHECK_EQ(l.sent_udp[FA_B], 0);
	lab_run(&l, 1);
	CHECK_EQ(l.sent_udp[FA_B], 1);
	lab_run(&l, 3000);
	CHECK_EQ(l.sent_udp[FA_B], 1); /* two in all before the home agent has answered */
	lab_stop(&l);
}

/* BUFFER has done its work when FORWARD goes out, or when agent one has answered it. */
static void buffer_stops(void)
{
	start(true);
	CHECK_EQ(to_first(), 1);
	lab_run(&l, 40);
	answer(1, 600);
	CHECK_EQ(to_first(), 1);
	reply(order_f.id, 0, &order_f.kh, A_ADDR);
	l.sent_udp[FA_B] = 0;
	lab_run(&l, 3000);
	CHECK_EQ(l.sent_udp[FA_B], 0);
	lab_stop(&l);

	start(true);
	reply(order_b.id, 0, NULL, CN_ADDR); /* from somebody else: nothing */
	CHECK_EQ(l.out.n, 0);
	reply(order_b.id, 0, NULL, A_ADDR);
	CHECK_EQ(l.out.n, 1);
	CHECK_EQ(l.out.a[0].act, AGENT_SEND_LINK);
	l.sent_udp[FA_B] = 0;
	lab_run(&l, 3000);
	CHECK_EQ(l.sent_udp[FA_B], 0);
	lab_stop(&l);
}

static void repeats(void)
{
	static const unsigned at[] = { 50, 150, 350, 750, 1550 };

	start(false);
	answer(1, 600);
	l.sent_udp[FA_B] = 0;
	for (unsigned i = 0, t = 0; i < 5; i++) {
		lab_run(&l, at[i] - t - 1);
		CHECK_EQ(l.sent_udp[FA_B], i);
		lab_run(&l, 1);
		CHECK_EQ(l.sent_udp[FA_B], i + 1);
		t = at[i];
	}
	lab_run(&l, 5000);
	CHECK_EQ(l.sent_udp[FA_B], 5);
	lab_stop(&l);
}

static void replies(void)
{
	struct sa wrong = { .spi = HANDOFF_SPI, .alg = AUTH_HMAC_SHA256, .key = { .len = 32 } };

	start(false);
	answer(1, 600);
	reply(order_f.id, 0, &order_f.kh, CN_ADDR);
	CHECK_EQ(l.out.n, 0);
	reply(order_f.id + 5, 0, &order_f.kh, A_ADDR);
	CHECK_EQ(l.out.n, 0);
	CHECK_EQ(agent_drops(b())->n[DROP_UNMATCHED], 2);
	reply(order_f.id, 0, &wrong, A_ADDR);
	CHECK_EQ(l.out.n, 0);
	CHECK_EQ(agent_drops(b())->n[DROP_BAD_AUTH], 1);
	reply(order_f.id, 0, NULL, A_ADDR); /* for the node to judge: it stops nothing here */
	CHECK_EQ(l.out.n, 1);
	CHECK_EQ(l.out.a[0].act, AGENT_SEND_LINK);
	l.sent_udp[FA_B] = 0;
	lab_run(&l, 50);
	CHECK_EQ(l.sent_udp[FA_B], 1);
	reply(order_f.id, 0, &order_f.kh, A_ADDR);
	CHECK_EQ(l.out.n, 1);
	lab_act(&l, FA_B);
	lab_run(&l, 1000);
	CHECK_EQ(l.sent_udp[FA_B], 1);
	CHECK_EQ(l.order.id, order_f.id);
	lab_stop(&l);
}

static void markers(void)
{
	struct sa wrong = { .spi = HANDOFF_SPI, .alg = AUTH_HMAC_SHA256, .key = { .len = 32 } };

	start(false);
	answer(1, 600);
	packets(HA_ADDR, 10, 2);
	marker(0, 0, &wrong);
	CHECK_EQ(agent_drops(b())->n[DROP_BAD_AUTH], 1);
	lab_run(&l, 100);
	CHECK_STR(merge(), "holding");
	marker(0, 5, &order_f.kh); /* five went, none is here yet */
	lab_run(&l, 10);
	CHECK_EQ(packets(A_ADDR, 0, 4), 4);
	CHECK_STR(merge(), "holding");
	lab_run(&l, 9);
	CHECK_STR(merge(), "holding");
	lab_run(&l, 2); /* 20 ms after the marker */
	CHECK_STR(merge(), "done");
	CHECK_EQ(l.received, 6);
	CHECK_EQ(l.reordered, 0);
	lab_stop(&l);
}

static void idle(void)
{
	start(false);
	answer(1, 600);
	packets(HA_ADDR, 10, 2);
	reply(order_f.id, 0, &order_f.kh, A_ADDR);
	lab_run(&l, 150);
	marker(ORDER_F_PENDING, 0, &order_f.kh);
	lab_run(&l, 150);
	CHECK_EQ(packets(A_ADDR, 1, 1), 1);
	lab_run(&l, 199);
	CHECK_STR(merge(), "holding");
	lab_run(&l, 2);
	CHECK_STR(merge(), "done");
	CHECK_EQ(l.received, 3);
	lab_stop(&l);
}

static void refused(void)
{
	start(false);
	packets(HA_ADDR, 10, 2);
	answer(CODE_HA_ID, 600);
	CHECK_EQ(to_first(), 0);
	CHECK_STR(merge(), "none");
	CHECK_EQ(agent_drops(b())->n[DROP_NOT_VISITOR], 2);
	CHECK_EQ(b()->pool.n_free, b()->pool.n_cells);
	lab_stop(&l);

	start(true); /* the home agent is silent */
	packets(HA_ADDR, 10, 2);
	lab_run(&l, 7001);
	CHECK_STR(merge(), "none");
	CHECK_EQ(l.reply.code, CODE_FA_TIMEOUT);
	CHECK_EQ(b()->pool.n_free, b()->pool.n_cells);
	lab_stop(&l);
}

/* What the node may not have us send. */
static void not_relayed(void)
{
	static const struct {
		int to, care_of;
	} rows[] = { { FA_B, FA_B }, { FA_A, FA_C }, { FA_A, NOWHERE } };

	for (size_t i = 0; i < 3; i++) {
		lab_init(&l);
		l.lose = swallow;
		lab_run(&l, 10);
		l.at = FA_B;
		order_f = lab_order(&l, ORDER_FORWARD, 0, rows[i].to, rows[i].care_of);
		lab_register(&l, 600, NULL, &order_f);
		reg_id = l.last_id;
		CHECK_STR(merge(), "none");
		answer(1, 600);
		CHECK_EQ(to_first(), 0);
		lab_stop(&l);
	}
}

static void unreachable(void)
{
	struct instant now;

	start(false);
	answer(1, 600);
	now = lab_instant(&l);
	agent_unreachable(b(), A_ADDR, 1, &now, &l.out);
	l.sent_udp[FA_B] = 0;
	lab_run(&l, 3000);
	CHECK_EQ(l.sent_udp[FA_B], 0);
	CHECK_STR(merge(), "done");
	lab_stop(&l);
}

/* A full hold queue gives up order, not packets. */
static void full(void)
{
	lab_defaults(&l);
	l.conf[FA_B].per_node.packets = 10;
	lab_start(&l);
	l.lose = swallow;
	lab_run(&l, 10);
	request(false);
	answer(1, 600);
	packets(HA_ADDR, 0, 12);
	lab_run(&l, 2);
	CHECK_EQ(agent_drops(b())->n[DROP_OVERFLOW], 0);
	CHECK_EQ(l.received, 12);
	CHECK_EQ(l.reordered, 0);
	CHECK_EQ(agent_counters(b())->released_early, 1);
	lab_stop(&l);
}

/* The Request again, the Reply having been lost on the radio: the merge goes on as it was. */
static void registered_again(void)
{
	start(false);
	answer(1, 600);
	packets(HA_ADDR, 10, 2);
	lab_run(&l, 100);
	lab_register(&l, 600, NULL, &order_f);
	CHECK_EQ(to_first(), 0);
	CHECK_STR(merge(), "holding");
	CHECK_EQ(lab_buffer(&l, FA_B).held, 2);
	CHECK_EQ(packets(A_ADDR, 0, 1), 1);
	lab_stop(&l);
}

/*
 * On to a third agent while the first still drains: what the home agent sends here is held, and is
 * a sign all the same that the path to us has not ended.
 */
static void held_on_the_way(void)
{
	struct lab_order o;
	struct instant now;

	start(false);
	answer(1, 600);
	o = lab_order(&l, ORDER_FORWARD, 0, FA_B, FA_C);
	now = lab_instant(&l);
	agent_udp(b(), lab_addr[FA_C], 434, B_ADDR, o.bytes, o.n, &now, &l.out);
	for (unsigned i = 0; i < 10; i++) {
		lab_run(&l, 30);
		marker(ORDER_F_PENDING, 0, &order_f.kh);
		packets(HA_ADDR, 10 + i, 1);
		CHECK_STR(merge(), "holding");
	}
	marker(0, 0, &order_f.kh);
	lab_run(&l, 99);
	CHECK_STR(merge(), "done");
	CHECK_EQ(lab_buffer(&l, FA_B).queued, 0);
	CHECK_EQ(lab_buffer(&l, FA_B).state, BUF_DRAINING);
	lab_run(&l, 2);
	CHECK_EQ(lab_buffer(&l, FA_B).state, BUF_PASSING);
	lab_stop(&l);
}

UNIT_MAIN("merge", {"F1: FORWARD waits for the home agent", f1_order_waits},
	  {"F2: BUFFER does not", f2_buffer_at_once}, {"BUFFER stops", buffer_stops},
	  {"repeats", repeats}, {"replies", replies}, {"markers", markers}, {"idle", idle},
	  {"registration refused", refused}, {"not relayed", not_relayed},
	  {"unreachable", unreachable}, {"full", full}, {"registered again", registered_again},
	  {"held on the way to a third agent", held_on_the_way})
