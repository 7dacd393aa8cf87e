/* SPDX-License-Identifier: MIT */
#include "tests/unit/buffer_fixture.h"

static void lease_over(void)
{
	reach(BUF_BUFFERING);
	lab_run(&l, 7999);
	CHECK_EQ(state(), BUF_BUFFERING);
	lab_run(&l, 1);
	CHECK_EQ(state(), BUF_SERVING);
	lab_run(&l, 5);
	CHECK_EQ(l.received, 20);
	CHECK_EQ(l.reordered, 0);
	CHECK_EQ(order(ORDER_RENEW), ORDER_LEASE_OVER);
	CHECK_EQ(a()->reserved, 0);
	lab_stop(&l);

	/* where the registration has ended too, nobody is there to have them */
	start();
	node_find(a(), HOME)->expires = l.now + SEC(4);
	CHECK_EQ(order(ORDER_BUFFER), 0);
	packets(20);
	lab_run(&l, 8000);
	CHECK_EQ(agent_drops(a())->n[DROP_LEASE_OVER], 20);
	CHECK_EQ(state(), BUF_GONE);
	CHECK_EQ(a()->reserved, 0);
	lab_stop(&l);

	/* DRAINING: the rest at once, then the marker */
	reach(BUF_DRAINING);
	CHECK_EQ(node_buffer(node_find(a(), HOME))->q.packets, 15);
	l.now += SEC(8);
	tick();
	CHECK_EQ(actions(AGENT_TUNNEL), 16);
	CHECK_EQ(state(), BUF_PASSING);
	CHECK_EQ(packets(1), 1);
	lab_run(&l, 30);
	CHECK_EQ(state(), BUF_GONE);
	CHECK_EQ(l.down[FA_A], 1);
	lab_stop(&l);

	reach(BUF_PASSING);
	lab_run(&l, 7699);
	CHECK_EQ(state(), BUF_PASSING);
	lab_run(&l, 1);
	CHECK_EQ(state(), BUF_GONE);
	CHECK_EQ(l.down[FA_A], 1);
	lab_stop(&l);
}

static void drain_is_paced(void)
{
	start();
	CHECK_EQ(order(ORDER_BUFFER), 0);
	for (int i = 0; i < 100; i++) { /* 500 a second */
		packets(1);
		l.now += MSEC(2);
	}
	CHECK_EQ(order(ORDER_FORWARD), 0);
	tick();
	CHECK_EQ(actions(AGENT_TUNNEL), 5);
	l.now += 900;
	tick();
	CHECK_EQ(actions(AGENT_TUNNEL), 0);
	l.now += 100;
	tick();
	CHECK_EQ(actions(AGENT_TUNNEL), 1); /* one a millisecond: twice as fast as they came */
	lab_run(&l, 94);
	CHECK_EQ(node_buffer(node_find(a(), HOME))->q.packets, 0);
	CHECK_EQ(state(), BUF_DRAINING); /* silence of 100 ms, or the marker */
	lab_stop(&l);
}

static void path_end(void)
{
	struct node *n;

	reach(BUF_DRAINING);
	n = node_find(a(), HOME);
	lab_run(&l, 20);
	marker(n->reg_id); /* of the registration that we know: it proves nothing */
	CHECK(!node_buffer(n)->marker_in);
	CHECK_EQ(agent_drops(a())->n[DROP_REPLAY], 1);
	marker(l.last_id + 1);
	for (int i = 0; i < 4; i++) {
		lab_run(&l, 9);
		packets(1);
		CHECK_EQ(state(), BUF_DRAINING);
	}
	lab_run(&l, 9);
	CHECK_EQ(state(), BUF_DRAINING);
	l.markers[FA_A] = 0;
	lab_run(&l, 1);
	CHECK_EQ(state(), BUF_PASSING); /* 10 ms after the last */
	CHECK_EQ(l.markers[FA_A], 1);
	lab_run(&l, 30);
	CHECK_EQ(l.markers[FA_A], 3);
	lab_stop(&l);

	reach(BUF_DRAINING);
	lab_run(&l, 20);
	marker(l.last_id + 1);
	for (int i = 0; i < 9; i++) {
		lab_run(&l, 5);
		packets(1);
	}
	CHECK_EQ(state(), BUF_DRAINING);
	lab_run(&l, 5);
	CHECK_EQ(state(), BUF_PASSING); /* 50 ms after the marker, whatever comes */
	lab_stop(&l);

	reach(BUF_DRAINING);
	lab_run(&l, 99);
	CHECK_EQ(state(), BUF_DRAINING);
	CHECK_EQ(l.markers[FA_A], 1); /* pending, at 50 ms */
	lab_run(&l, 1);
	CHECK_EQ(state(), BUF_PASSING);
	lab_stop(&l);
}

static void no_loop(void)
{
	struct instant now;
	uint8_t pkt[300];
	struct ipv4 ip;
	size_t n;

	reach(BUF_PASSING);
	now = lab_instant(&l);
	n = lab_packet(pkt, sizeof(pkt), B_ADDR, HOME, 1);
	agent_tunnel(a(), HA_ADDR, A_ADDR, pkt, n, &now, &l.out);
	CHECK_EQ(l.out.n, 0);
	CHECK_EQ(agent_drops(a())->n[DROP_LOOP], 1);
	n = lab_packet(pkt, sizeof(pkt), CN_ADDR, HOME, 1);
	ipv4_ttl_add(pkt, -59);
	agent_tunnel(a(), HA_ADDR, A_ADDR, pkt, n, &now, &l.out);
	CHECK_EQ(l.out.n, 0);
	CHECK_EQ(agent_drops(a())->n[DROP_TTL], 1);
	n = lab_packet(pkt, sizeof(pkt), CN_ADDR, HOME, 1);
	agent_tunnel(a(), HA_ADDR, A_ADDR, pkt, n, &now, &l.out);
	CHECK_EQ(ipv4_decode(l.out.a[0].p, l.out.a[0].n, &ip), DROP_NONE);
	CHECK_EQ(ip.ttl, 59);
	agent_tunnel(a(), B_ADDR, A_ADDR, pkt, n, &now, &l.out);
	CHECK_EQ(agent_drops(a())->n[DROP_OUTER_SOURCE], 1);
	lab_stop(&l);
}

/* F8, F12: to the home agent goes what its host's programs say, and nothing that it tunnelled. */
static void no_loop_at_home(void)
{
	struct ipv4_out h = { .src = HA_ADDR, .dst = HOME, .ttl = 60, .protocol = PROTO_IPIP };
	struct lab_order o;
	struct instant now;
	uint8_t pkt[300];
	uint8_t inner[40];
	size_t n;

	reach(BUF_BUFFERING);
	o = lab_order(&l, ORDER_FORWARD, 0, FA_A, HA);
	now = lab_instant(&l);
	agent_udp(a(), HA_ADDR, 434, A_ADDR, o.bytes, o.n, &now, &l.out);
	CHECK_EQ(code(), ORDER_GRANTED);
	for (unsigned i = 0; i < 100 && state() == BUF_DRAINING; i++, l.now += MSEC(10))
		tick();
	CHECK_EQ(state(), BUF_PASSING);
	now = lab_instant(&l);
	n = lab_packet(pkt, sizeof(pkt), HA_ADDR, HOME, 1);
	agent_tunnel(a(), HA_ADDR, A_ADDR, pkt, n, &now, &l.out);
	CHECK(l.out.n == 1 && l.out.a[0].act == AGENT_TUNNEL && l.out.a[0].dst == HA_ADDR);
	memcpy(inner, pkt, sizeof(inner));
	n = ipv4_build(pkt, sizeof(pkt), &h, inner, sizeof(inner));
	agent_tunnel(a(), HA_ADDR, A_ADDR, pkt, n, &now, &l.out);
	CHECK_EQ(l.out.n, 0);
	n = udp_build(pkt, sizeof(pkt), &h, MIP_PORT, 5001, "from our port", 13);
	agent_tunnel(a(), HA_ADDR, A_ADDR, pkt, n, &now, &l.out);
	CHECK_EQ(l.out.n, 0);
	CHECK_EQ(agent_drops(a())->n[DROP_LOOP], 2);
	lab_stop(&l);
}

UNIT_MAIN("buffer", {"lease over in every state", lease_over}, {"paced", drain_is_paced},
	  {"path end", path_end}, {"no loop", no_loop},
	  {"no loop at home", no_loop_at_home})
