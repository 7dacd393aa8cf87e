/* SPDX-License-Identifier: MIT */
#include "tests/unit/buffer_fixture.h"

/* The early lease at the agent, and what its access points tell; the cells: test_buffer_grid.c. */
static struct node *node(void)
{
	return node_find(a(), HOME);
}

/* On a registration with the agent itself: obeyed when that is accepted. */
static void rides(void)
{
	struct lab_order o;

	start();
	l.lose = NULL;
	o = lab_order(&l, ORDER_BUFFER, ORDER_F_RESERVE, FA_A, FA_A);
	lab_register(&l, 600, &o, NULL);
	lab_run(&l, 5);
	CHECK_EQ(state(), BUF_SERVING);
	lab_run(&l, 30);
	CHECK_EQ(state(), BUF_RESERVED);
	CHECK(l.order.id == o.id && l.order.action == 0 && l.order.has_size && l.order.has_lease);
	CHECK_EQ(l.order.size_packets, 256);
	CHECK_EQ(l.order.lease_ms, 8000);
	lab_say(&l, o.bytes, o.n); /* once more: the same answer, and nothing else */
	CHECK_EQ(agent_counters(a())->early_leases, 1);
	o = lab_order(&l, ORDER_BUFFER, ORDER_F_RESERVE, FA_A, FA_B); /* for another place */
	lab_register(&l, 600, &o, NULL);
	lab_run(&l, 30);
	CHECK_EQ(agent_counters(a())->early_leases, 1);
	lab_stop(&l);
}

/* Neither through another agent, nor for who is no visitor. */
static void from_the_node_alone(void)
{
	struct lab_order o;

	start();
	o = lab_order(&l, ORDER_BUFFER, ORDER_F_RESERVE, FA_A, FA_B);
	CHECK_EQ(relayed(&o), ORDER_PROHIBITED);
	CHECK_EQ(state(), BUF_SERVING);
	lab_stop(&l);
	lab_init(&l);
	lab_run(&l, 10);
	CHECK_EQ(reserve(), ORDER_NOT_SERVED);
	lab_stop(&l);
}

/* A quarter of the pool at most, and never less than was promised. */
static void room(void)
{
	uint64_t early;

	lab_defaults(&l);
	l.conf[FA_A].buffer_total = 1u << 20;
	lab_start(&l);
	lab_settle(&l, FA_A);
	CHECK_EQ(reserve(), ORDER_GRANTED_LESS);
	early = a()->early;
	CHECK(early && early <= (1u << 20) / 4 && early == a()->reserved);
	a()->early += 1u << 18; /* others have all of it */
	CHECK_EQ(reserve(), ORDER_NO_ROOM);
	CHECK_EQ(state(), BUF_RESERVED); /* what was promised stands */
	a()->reserved = (1u << 20) - 1;
	CHECK_EQ(order(ORDER_BUFFER), ORDER_GRANTED_LESS);
	CHECK_EQ(node_buffer(node())->reserved, early);
	CHECK_EQ(state(), BUF_BUFFERING);
	a()->early = 0;
	lab_stop(&l);
}

/* The lease's time runs from its beginning; its end takes the reservation with it. */
static void time_runs(void)
{
	reach(BUF_RESERVED);
	lab_run(&l, 20000);
	CHECK_EQ(state(), BUF_RESERVED);
	station(STATION_GONE);
	CHECK_EQ(state(), BUF_BUFFERING);
	CHECK_EQ(a()->early, 0);
	packets(5);
	lab_run(&l, 7999);
	CHECK_EQ(state(), BUF_BUFFERING);
	lab_run(&l, 1);
	CHECK_EQ(state(), BUF_SERVING);
	CHECK_EQ(agent_drops(a())->n[DROP_LEASE_OVER], 5);
	CHECK_EQ(a()->reserved, 0);
	lab_stop(&l);
}

/* An order that comes after the access point's word allocates anew and drops nothing. */
static void order_follows(void)
{
	reach(BUF_RESERVED);
	station(STATION_GONE);
	packets(5);
	CHECK_EQ(order(ORDER_BUFFER), 0);
	CHECK_EQ(node_buffer(node())->q.packets, 5);
	CHECK_EQ(node_buffer(node())->grant.packets, 2048);
	station(STATION_JOINED); /* the node's own lease: only the node ends it */
	CHECK_EQ(state(), BUF_BUFFERING);
	CHECK_EQ(order(ORDER_FORWARD), 0);
	CHECK_EQ(state(), BUF_DRAINING);
	lab_stop(&l);
}

/* hostapd has not seen it come back, but the node speaks on our link. */
static void node_speaks(void)
{
	reach(BUF_RESERVED);
	station(STATION_GONE);
	packets(5);
	lab_run(&l, 19);
	CHECK_EQ(reserve(), ORDER_PROHIBITED); /* may have been under way */
	lab_run(&l, 1);
	CHECK_EQ(reserve(), 0);
	CHECK_EQ(state(), BUF_RESERVED);
	CHECK(!node()->gone);
	tick();
	CHECK_EQ(actions(AGENT_DELIVER), 5);
	lab_stop(&l);
}

/* Another link of the same agent: the route follows, before the packets. */
static void other_link(void)
{
	struct instant now;

	lab_defaults(&l);
	l.conf[FA_A].n_links = 2;
	lab_start(&l);
	lab_settle(&l, FA_A);
	CHECK_EQ(reserve(), 0);
	station(STATION_GONE);
	packets(2);
	now = lab_instant(&l);
	agent_station(a(), 1, &l.mac, STATION_JOINED, &now, &l.out);
	CHECK_EQ(actions(AGENT_VISITOR_UP), 1);
	CHECK_EQ(node()->link, 1);
	agent_station(a(), 2, &l.mac, STATION_GONE, &now, &l.out); /* no such link */
	CHECK_EQ(state(), BUF_RESERVED);
	lab_stop(&l);
}

/* The reservation ends with the registration. */
static void registration_over(void)
{
	start();
	l.lose = NULL;
	lab_register(&l, 10, NULL, NULL);
	lab_run(&l, 30);
	CHECK_EQ(reserve(), 0);
	CHECK(a()->reserved);
	lab_run(&l, 10000);
	CHECK_EQ(state(), BUF_GONE);
	CHECK(!a()->reserved && !a()->early);
	lab_stop(&l);
}

/* Advertisements to a station that joins: at once, and not without end. */
static void advertised(void)
{
	unsigned n = 0;

	start();
	station(STATION_JOINED);
	CHECK_EQ(actions(AGENT_SEND_LINK), 1);
	for (int i = 1; i < 8; i++) {
		l.now += MSEC(1);
		tick();
		CHECK_EQ(actions(AGENT_SEND_LINK), i == 2 || i == 4);
		CHECK(!l.out.n || mac_equal(&l.out.a[0].mac, &l.mac));
	}
	l.now += SEC(2);
	for (int i = 0; i < 20; i++) {
		station(STATION_JOINED);
		n += actions(AGENT_SEND_LINK);
		for (int k = 0; k < 2; k++) {
			l.now += MSEC(2);
			tick();
			n += actions(AGENT_SEND_LINK);
		}
	}
	CHECK_EQ(n, 3 * 10); /* ten joins a second */
	lab_stop(&l);
}

UNIT_MAIN("trigger", {"rides on a registration", rides},
	  {"from the node alone", from_the_node_alone}, {"room", room}, {"time", time_runs},
	  {"an order follows", order_follows},
	  {"the node speaks", node_speaks}, {"another link", other_link},
	  {"registration over", registration_over}, {"advertised", advertised})
