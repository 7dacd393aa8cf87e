/* SPDX-License-Identifier: MIT */
#include "tests/unit/buffer_fixture.h"

/* The numbers of mip-buffer(7) at the first agent: each is what it says, not some number. */

/* Milliseconds, in which a packet of the home agent comes every so often. */
static void stream(unsigned ms, unsigned every)
{
	for (unsigned t = 0; t < ms; t++) {
		if (every && t % every == 0)
			packets(1);
		l.now += MSEC(1);
		tick();
		lab_act(&l, FA_A);
	}
}

static int forward_to(int b, bool lease, uint32_t lease_ms)
{
	struct order o = { .message = ORDER_REQUEST, .action = ORDER_FORWARD, .home_addr = HOME,
			   .first_agent = A_ADDR, .care_of = lab_addr[b], .id = lab_id(&l),
			   .has_lease = lease, .lease_ms = lease_ms };
	struct sa sa = lab_mn_fa(FA_A);
	struct instant now = lab_instant(&l);
	uint8_t msg[ORDER_MAX];
	struct wbuf w = wb_init(msg, sizeof(msg));

	order_encode(&w, &o);
	auth_append(&w, EXT_MN_FA, 0, &sa);
	agent_udp(a(), lab_addr[b], 434, A_ADDR, msg, w.len, &now, &l.out);
	return code();
}

static uint32_t left(void)
{
	return node_buffer(node_find(a(), HOME))->q.packets;
}

/* Four Replies are kept, the order's own among them. */
static void four_replies(void)
{
	struct lab_order o;

	start();
	o = lab_order(&l, ORDER_QUERY, 0, FA_A, FA_B);
	CHECK_EQ(relayed(&o), 0);
	for (int i = 0; i < 3; i++)
		CHECK_EQ(order(ORDER_QUERY), 0);
	CHECK_EQ(relayed(&o), 0);
	CHECK_EQ(reply.id, o.id);
	CHECK_EQ(order(ORDER_QUERY), 0);
	CHECK_EQ(relayed(&o), ORDER_ID_ORDER);
	lab_stop(&l);
}

/* For 60 s after the last of them. */
static void a_minute(void)
{
	struct lab_order o;

	start();
	o = lab_order(&l, ORDER_QUERY, 0, FA_A, FA_B);
	CHECK_EQ(relayed(&o), 0);
	lab_run(&l, 59999);
	CHECK_EQ(relayed(&o), 0);
	lab_run(&l, 1);
	CHECK_EQ(relayed(&o), ORDER_ID_ORDER);
	lab_stop(&l);
}

/* Whatever is answered, the Identification is used up: the same bytes do nothing later. */
static void used_up(void)
{
	struct lab_order o;

	start();
	a()->c.buffers = false;
	o = lab_order(&l, ORDER_BUFFER, 0, FA_A, FA_B);
	CHECK_EQ(relayed(&o), ORDER_PROHIBITED);
	a()->c.buffers = true;
	CHECK_EQ(relayed(&o), ORDER_ID_ORDER); /* it was told, and is nowhere kept */
	CHECK_EQ(state(), BUF_SERVING);
	o = lab_order(&l, ORDER_FORWARD, 0, FA_A, FA_C);
	CHECK_EQ(relayed(&o), ORDER_CARE_OF_REFUSED);
	for (int i = 0; i < 4; i++)
		CHECK_EQ(order(ORDER_QUERY), 0);
	CHECK_EQ(relayed(&o), ORDER_ID_ORDER);
	lab_stop(&l);
}

/* One that came back, and a place that is refused: the place is looked at first. */
static void place_before_stay(void)
{
	struct lab_order f;

	start();
	l.lose = NULL;
	CHECK_EQ(order(ORDER_BUFFER), 0);
	lab_run(&l, 1);
	lab_register(&l, 600, NULL, NULL);
	lab_run(&l, 30);
	CHECK_EQ(state(), BUF_SERVING);
	f = lab_order(&l, ORDER_FORWARD, ORDER_F_ASKED, FA_A, FA_C); /* brought by agent two */
	CHECK_EQ(relayed(&f), ORDER_CARE_OF_REFUSED);
	f = lab_order(&l, ORDER_FORWARD, ORDER_F_ASKED, FA_A, FA_B);
	CHECK_EQ(relayed(&f), ORDER_LEASE_OVER);
	lab_stop(&l);
}

/* Packets are left, though nobody buffers any more: 0, not 141. */
static void packets_left(void)
{
	start();
	CHECK_EQ(order(ORDER_BUFFER), 0);
	packets(40);
	CHECK_EQ(order(ORDER_RELEASE), 0);
	CHECK(state() == BUF_SERVING && left() > 0);
	CHECK_EQ(order(ORDER_FORWARD), 0);
	lab_stop(&l);
	start();
	CHECK_EQ(order(ORDER_BUFFER), 0);
	packets(40);
	CHECK_EQ(order(ORDER_RELEASE), 0);
	CHECK_EQ(reserve(), 0);
	CHECK(state() == BUF_RESERVED && left() > 0);
	CHECK_EQ(order(ORDER_DELETE), 0);
	CHECK(state() == BUF_SERVING && !left() && !a()->early);
	lab_stop(&l);
}

/* As long as it waits for the end of the path. */
static void pending_every_50_ms(void)
{
	reach(BUF_DRAINING);
	lab_act(&l, FA_A);
	l.markers[FA_A] = 0;
	stream(499, 20);
	CHECK_EQ(state(), BUF_DRAINING);
	CHECK_EQ(l.markers[FA_A], 9);
	lab_stop(&l);
}

/* A stream of 50 packets a second leaves at 200, not at 100. */
static void five_ms_at_most(void)
{
	start();
	CHECK_EQ(order(ORDER_BUFFER), 0);
	stream(400, 20);
	CHECK_EQ(order(ORDER_FORWARD), 0);
	tick();
	CHECK_EQ(left(), 15);
	stream(6, 0);
	CHECK_EQ(left(), 14);
	stream(5, 0);
	CHECK_EQ(left(), 13);
	lab_stop(&l);
}

/* 100 packets would take 475 ms at that pace. */
static void half_the_lease(void)
{
	start();
	CHECK_EQ(order(ORDER_BUFFER), 0);
	stream(1000, 10);
	CHECK_EQ(left(), 100);
	CHECK_EQ(forward_to(FA_B, true, 400), 0);
	stream(100, 0);
	CHECK(left() > 20);
	stream(105, 0);
	CHECK_EQ(left(), 0);
	lab_stop(&l);
}

/* A burst that came within a millisecond is metered over 20. */
static void twenty_ms_at_least(void)
{
	start();
	CHECK_EQ(order(ORDER_BUFFER), 0);
	packets(10);
	CHECK_EQ(order(ORDER_FORWARD), 0);
	tick();
	CHECK_EQ(left(), 5);
	l.now += 999;
	tick();
	CHECK_EQ(left(), 5);
	l.now += 1;
	tick();
	CHECK_EQ(left(), 4);
	lab_stop(&l);
}

/* Of the home agent's marker nothing is heard before an early FORWARD has gone round. */
static void early_silence(void)
{
	struct lab_order f;

	for (int keyed = 0; keyed < 2; keyed++) {
		start();
		l.peer[FA_A][0].sa.spi = keyed ? l.peer[FA_A][0].sa.spi : 0;
		f = lab_order(&l, ORDER_FORWARD, ORDER_F_EARLY, FA_A, FA_B);
		CHECK_EQ(relayed(&f), ORDER_NOTHING_BUFFERED);
		lab_run(&l, keyed ? 499 : 99);
		CHECK_EQ(state(), BUF_DRAINING);
		lab_run(&l, 1);
		CHECK_EQ(state(), BUF_PASSING);
		lab_stop(&l);
	}
}

/* The marker counts what went to its reader, not to whom it was forwarded before. */
static void count_per_reader(void)
{
	struct order m;
	struct ipv4 ip;
	struct udp u;
	unsigned i;

	start();
	CHECK_EQ(order(ORDER_BUFFER), 0);
	packets(20);
	CHECK_EQ(order(ORDER_FORWARD), 0);
	tick(); /* five */
	CHECK_EQ(forward_to(FA_C, false, 0), 0);
	for (i = 0; i < 200 && state() != BUF_PASSING; i++) {
		l.now += MSEC(1);
		tick();
	}
	CHECK_EQ(state(), BUF_PASSING);
	i = l.out.n - 1;
	while (i && l.out.a[i].act != AGENT_TUNNEL)
		i--;
	CHECK_EQ(l.out.a[i].dst, lab_addr[FA_C]);
	CHECK_EQ(ipv4_decode(l.out.a[i].p, l.out.a[i].n, &ip), DROP_NONE);
	CHECK_EQ(udp_decode(&ip, true, &u), DROP_NONE);
	CHECK_EQ(order_decode(u.payload.p, u.payload.left, &m), DROP_NONE);
	CHECK(m.has_count);
	CHECK_EQ(m.count, 15);
	lab_stop(&l);
}

static unsigned apart(void)
{
	const struct moving *mv = node_find(a(), HOME)->mv;
	unsigned n = 0;

	for (int i = 0; i < OLD_MAX; i++)
		n += mv->old[i] != NULL;
	return n;
}

/* Four stays of the node that still drain; the fifth costs the oldest what is left of it. */
static void four_apart(void)
{
	start();
	l.lose = NULL;
	for (unsigned stay = 1; stay <= 5; stay++) {
		CHECK(order(ORDER_BUFFER) <= ORDER_GRANTED_LESS);
		if (stay == 1)
			stream(1000, 10); /* they take 5 ms each to leave */
		else
			packets(3);
		CHECK_EQ(order(ORDER_FORWARD), 0);
		lab_run(&l, 1);
		lab_register(&l, 600, NULL, NULL);
		for (int i = 0; i < 40 && state() != BUF_SERVING; i++)
			lab_run(&l, 1);
		CHECK_EQ(state(), BUF_SERVING);
		CHECK_EQ(apart(), stay < 4 ? stay : 4);
		CHECK_EQ(drops(DROP_LEASE_OVER) > 0, stay == 5);
	}
	lab_stop(&l);
}

/* Once half is promised: a 64th of what is left above the quarter that is promised to nobody. */
static void a_64th(void)
{
	uint64_t others;

	start();
	others = a()->c.buffer_total / 8 * 5;
	a()->reserved += others;
	CHECK_EQ(order(ORDER_BUFFER), ORDER_GRANTED_LESS);
	CHECK_EQ(reply.size_kib, (a()->c.buffer_total / 8 / 64 / 2) >> 10);
	CHECK_EQ(reply.size_packets, a()->c.buffer_total / 8 / 64 / 2 / 280);
	a()->reserved -= others;
	lab_stop(&l);
}

UNIT_MAIN("bounds", {"four Replies", four_replies}, {"a minute", a_minute},
	  {"Identification used up", used_up}, {"the place before the stay", place_before_stay},
	  {"packets left", packets_left}, {"PENDING every 50 ms", pending_every_50_ms},
	  {"drain: 5 ms at most", five_ms_at_most}, {"drain: half of the lease", half_the_lease},
	  {"drain: metered over 20 ms", twenty_ms_at_least},
	  {"early FORWARD: 500 ms of silence", early_silence},
	  {"Count is its reader's", count_per_reader}, {"four apart", four_apart},
	  {"a 64th", a_64th})
