/* SPDX-License-Identifier: MIT */
#include "tests/unit/buffer_fixture.h"

/* What orders are obeyed, which are refused, and with which code. */

/* The Reply waits for the radio's queue; without a word from there, 60 ms. */
static void fence(void)
{
	struct lab_order o;
	struct instant now;

	start();
	o = lab_order(&l, ORDER_BUFFER, 0, FA_A, NOWHERE);
	lab_say(&l, o.bytes, o.n);
	CHECK_EQ(l.watched, 1);
	CHECK_EQ(packets(3), 0);
	lab_run(&l, 59);
	lab_say(&l, o.bytes, o.n); /* repeated: no second Reply in the making */
	CHECK_EQ(l.watched, 1);
	CHECK_EQ(l.n_orders, 0);
	lab_run(&l, 1);
	lab_run(&l, 1);
	CHECK_EQ(l.n_orders, 1);
	CHECK(l.order.id == o.id && l.order_tos == TOS_CS1);
	lab_say(&l, o.bytes, o.n); /* now it is, and nothing is done again */
	lab_run(&l, 1);
	CHECK_EQ(l.n_orders, 2);
	CHECK_EQ(agent_counters(a())->orders, 1);
	lab_stop(&l);

	start();
	o = lab_order(&l, ORDER_BUFFER, 0, FA_A, NOWHERE);
	lab_say(&l, o.bytes, o.n);
	lab_run(&l, 5);
	now = lab_instant(&l);
	agent_queue_empty(a(), &l.mac, &now, &l.out);
	CHECK_EQ(code(), 0);
	CHECK_EQ(reply.delivered, 0);
	lab_stop(&l);
}

static void grants(void)
{
	struct order o = {.message = ORDER_REQUEST,
			  .action = ORDER_BUFFER,
			  .home_addr = HOME,
			  .first_agent = A_ADDR,
			  .has_size = true,
			  .size_packets = 10,
			  .size_kib = 0,
			  .has_lease = true,
			  .lease_ms = 500};
	struct sa sa = lab_mn_fa(FA_A);
	struct lab_order r;

	for (int i = 0; i < 3; i++) {
		struct wbuf w;

		start();
		o.id = lab_id(&l);
		o.size_packets = i == 1 ? 5000 : 10;
		o.lease_ms = i == 2 ? 60000 : 500;
		w = wb_init(r.bytes, sizeof(r.bytes));
		order_encode(&w, &o);
		auth_append(&w, EXT_MN_FA, 0, &sa);
		r.n = w.len;
		CHECK_EQ(relayed(&r), i > 0);
		CHECK(reply.has_size && reply.has_lease);
		CHECK_EQ(reply.size_packets, i == 1 ? 2048 : 10);
		CHECK_EQ(reply.size_kib, 4096);
		CHECK_EQ(reply.lease_ms, i == 2 ? 8000 : 500);
		CHECK(reply_len <= r.n + 64);
		packets(12);
		CHECK_EQ(node_buffer(node_find(a(), HOME))->q.packets, i == 1 ? 12 : 10);
		CHECK_EQ(agent_drops(a())->n[DROP_OVERFLOW], i == 1 ? 0 : 2);
		lab_stop(&l);
	}
	lab_defaults(&l);
	l.conf[FA_A].buffer_total = 10000;
	lab_start(&l);
	lab_settle(&l, FA_A);
	CHECK_EQ(order(ORDER_BUFFER), ORDER_NO_ROOM);
	CHECK_EQ(state(), BUF_SERVING);
	lab_stop(&l);
}

/* Every way in which an order is refused. */
static void refused(void)
{
	struct lab_order o;
	struct instant now;

	start();
	o = lab_order(&l, ORDER_BUFFER, 0, FA_A, FA_B);
	o.bytes[o.n - 1] ^= 1;
	CHECK_EQ(relayed(&o), ORDER_AUTH_FAILED);
	CHECK_EQ(relayed(&o), -1); /* one a second a peer */
	CHECK_EQ(agent_drops(a())->n[DROP_BAD_AUTH], 2);
	o = lab_order(&l, ORDER_BUFFER, 0, FA_B, FA_B); /* another agent's, with its key */
	CHECK_EQ(relayed(&o), -1);
	CHECK_EQ(agent_drops(a())->n[DROP_NO_KEY], 1);
	/* relayed by somebody else than the care-of address */
	o = lab_order(&l, ORDER_FORWARD, 0, FA_A, FA_C);
	CHECK_EQ(relayed(&o), ORDER_CARE_OF_REFUSED);
	o = lab_order(&l, ORDER_FORWARD, 0, FA_A, FA_A);
	CHECK_EQ(relayed(&o), ORDER_CARE_OF_REFUSED);
	CHECK_EQ(state(), BUF_SERVING);
	o = lab_order(&l, ORDER_BUFFER, 0, FA_A, FA_B);
	o = lab_order(&l, ORDER_BUFFER, 0, FA_A, FA_B);
	CHECK_EQ(relayed(&o), 0);
	l.now -= MSEC(20); /* an older one */
	l.last_id -= (uint64_t)1 << 26;
	o = lab_order(&l, ORDER_FORWARD, 0, FA_A, FA_B);
	CHECK_EQ(relayed(&o), ORDER_ID_ORDER);
	CHECK(reply.id > l.last_id && reply.handoff.present);
	CHECK_EQ(state(), BUF_BUFFERING);
	l.now += SEC(30);
	CHECK_EQ(relayed(&o), ORDER_ID_ORDER); /* too old by now */
	CHECK_EQ(reply.id, lab_instant(&l).ntp);
	now = lab_instant(&l);
	for (size_t i = 0; i < o.n; i++) {
		uint8_t *copy = unit_copy(o.bytes, i);

		agent_udp(a(), B_ADDR, 434, A_ADDR, copy, i, &now, &l.out);
		CHECK_EQ(l.out.n, 0);
		free(copy);
	}
	lab_stop(&l);

	lab_init(&l);
	lab_run(&l, 10);
	CHECK_EQ(order(ORDER_BUFFER), ORDER_NOT_SERVED);
	lab_stop(&l);
	lab_init(&l); /* signed before this agent started */
	l.now = 1;
	o = lab_order(&l, ORDER_QUERY, 0, FA_A, FA_B);
	CHECK_EQ(relayed(&o), 140);
	l.now = -SEC(1);
	l.last_id = 0;
	o = lab_order(&l, ORDER_QUERY, 0, FA_A, FA_B);
	l.now = 0;
	CHECK_EQ(relayed(&o), ORDER_ID_ORDER);
	lab_stop(&l);
}

/* As the node itself sends it by way of its new agent; the code that comes out of agent one's
 * tunnel to where it signed that it is, -1: none does. */
static int by_the_node(struct lab_order *o, int at)
{
	struct instant now = lab_instant(&l);
	struct ipv4 ip;
	struct udp u;

	agent_udp(a(), HOME, 5434, A_ADDR, o->bytes, o->n, &now, &l.out);
	CHECK_EQ(actions(AGENT_SEND_UDP), 0);
	for (unsigned i = 0; i < l.out.n; i++) {
		const struct agent_action *x = &l.out.a[i];

		if (x->act != AGENT_TUNNEL || x->dst != lab_addr[at] ||
		    ipv4_decode(x->p, x->n, &ip) != DROP_NONE || ip.dst != HOME ||
		    udp_decode(&ip, true, &u) != DROP_NONE || u.dport != 5434 ||
		    order_decode(u.payload.p, u.payload.left, &reply) != DROP_NONE)
			continue;
		CHECK(x->src == A_ADDR && ip.src == A_ADDR && x->clear_df);
		CHECK(u.payload.left <= o->n + ORDER_REPLY_GROW);
		return reply.action;
	}
	return -1;
}

/* F4: the kernel has the node on our link still, so what is refused goes through a tunnel, too;
 * but not what nobody signed for. */
static void refused_by_tunnel(void)
{
	struct lab_order o, old;
	struct instant now;

	start();
	CHECK_EQ(order(ORDER_BUFFER), 0);
	o = lab_order(&l, ORDER_FORWARD, ORDER_F_ASKED, FA_A, FA_C);
	CHECK_EQ(by_the_node(&o, FA_C), ORDER_CARE_OF_REFUSED);
	CHECK_EQ(by_the_node(&o, FA_C), ORDER_CARE_OF_REFUSED); /* repeated */
	old = o;
	o.bytes[o.n - 1] ^= 1;
	now = lab_instant(&l);
	agent_udp(a(), HOME, 5434, A_ADDR, o.bytes, o.n, &now, &l.out);
	CHECK_EQ(code(), ORDER_AUTH_FAILED);
	CHECK_EQ(actions(AGENT_TUNNEL), 0);
	o = lab_order(&l, ORDER_FORWARD, ORDER_F_ASKED, FA_A, FA_A); /* no place for a tunnel */
	agent_udp(a(), HOME, 5434, A_ADDR, o.bytes, o.n, &now, &l.out);
	CHECK_EQ(actions(AGENT_TUNNEL), 0);
	CHECK_EQ(order(ORDER_FORWARD), 0);
	CHECK_EQ(by_the_node(&old, FA_C), ORDER_CARE_OF_REFUSED); /* though it forwards to B */
	o = lab_order(&l, ORDER_FORWARD, ORDER_F_ASKED, FA_A, FA_C);
	CHECK_EQ(order(ORDER_QUERY), 0);
	CHECK_EQ(by_the_node(&o, FA_C), ORDER_ID_ORDER);
	lab_stop(&l);
}

/* BUFFER, lost once, comes behind its FORWARD: it was obeyed already, and nothing is signed anew.
 */
static void overtaken(void)
{
	struct lab_order early, b, f;

	start();
	early = lab_order(&l, ORDER_BUFFER, 0, FA_A, FA_B); /* of a handoff before */
	CHECK_EQ(order(ORDER_QUERY), 0);
	b = lab_order(&l, ORDER_BUFFER, 0, FA_A, FA_B);
	f = lab_order(&l, ORDER_FORWARD, 0, FA_A, FA_B);
	CHECK_EQ(relayed(&f), ORDER_NOTHING_BUFFERED);
	CHECK_EQ(relayed(&b), 0);
	CHECK(reply.id == b.id && reply.has_size && reply.has_lease && reply.has_delivered);
	CHECK_EQ(state(), BUF_DRAINING);
	CHECK_EQ(relayed(&b), 0);
	CHECK_EQ(agent_counters(a())->orders, 2);
	CHECK_EQ(relayed(&early), ORDER_ID_ORDER);
	b = lab_order(&l, ORDER_BUFFER, 0, FA_A,
		      FA_C); /* towards somebody else: newer, and obeyed */
	CHECK_EQ(relayed(&b), 0);
	CHECK_EQ(state(), BUF_BUFFERING);
	lab_stop(&l);

	start();
	b = lab_order(&l, ORDER_BUFFER, 0, FA_A, FA_C);
	f = lab_order(&l, ORDER_FORWARD, 0, FA_A, FA_B);
	CHECK_EQ(relayed(&f), ORDER_NOTHING_BUFFERED);
	CHECK_EQ(relayed(&b), ORDER_ID_ORDER); /* not of this handoff */
	lab_stop(&l);
}

/* FORWARD of a walk that the node has come back from, late: no agent forwards to one that forwards
 * here. */
static void too_late(void)
{
	struct lab_order f;

	start();
	l.lose = NULL;
	CHECK_EQ(order(ORDER_BUFFER), 0);
	f = lab_order(&l, ORDER_FORWARD, ORDER_F_ASKED, FA_A, FA_B);
	lab_run(&l, 1);
	lab_register(&l, 600, NULL, NULL);
	lab_run(&l, 30);
	CHECK_EQ(state(), BUF_SERVING);
	CHECK_EQ(relayed(&f), ORDER_LEASE_OVER);
	CHECK_EQ(state(), BUF_SERVING);
	CHECK_EQ(order(ORDER_BUFFER), 0);
	f = lab_order(&l, ORDER_FORWARD, ORDER_F_ASKED, FA_A, FA_B);
	CHECK_EQ(relayed(&f), 0);
	CHECK_EQ(state(), BUF_DRAINING);
	lab_stop(&l);
}

/* Delivered: from the registration that a FORWARD rides on; any other goes on with it. */
static void counted(void)
{
	struct lab_order f;

	start();
	l.lose = NULL;
	packets(3);
	CHECK_EQ(order(ORDER_QUERY), 0);
	CHECK(reply.has_delivered);
	CHECK_EQ(reply.delivered, 3);
	lab_register(&l, 600, NULL, NULL);
	lab_run(&l, 30);
	packets(1);
	CHECK_EQ(order(ORDER_QUERY), 0);
	CHECK_EQ(reply.delivered, 4);
	f = lab_order(&l, ORDER_FORWARD, ORDER_F_ASKED, FA_B, FA_A);
	lab_register(&l, 600, NULL, &f);
	lab_run(&l, 30);
	CHECK_EQ(order(ORDER_QUERY), 0);
	CHECK_EQ(reply.delivered, 0);
	lab_run(&l, 400); /* B does not answer: what it may have is waited for no longer */
	packets(2);
	lab_register(&l, 600, NULL, &f);
	lab_run(&l, 30);
	CHECK_EQ(order(ORDER_QUERY), 0);
	CHECK_EQ(reply.delivered, 2);
	lab_stop(&l);
}

/* A refusal is remembered where there is no visitor to remember it with. */
static void refused_again(void)
{
	struct lab_order b, f;

	lab_init(&l);
	lab_run(&l, 10);
	b = lab_order(&l, ORDER_BUFFER, 0, FA_A, FA_B);
	f = lab_order(&l, ORDER_FORWARD, 0, FA_A, FA_B);
	CHECK_EQ(relayed(&b), ORDER_NOT_SERVED);
	CHECK_EQ(relayed(&f), ORDER_NOT_SERVED);
	for (int i = 0; i < 3; i++) {
		CHECK_EQ(relayed(&b), ORDER_NOT_SERVED);
		CHECK_EQ(relayed(&f), ORDER_NOT_SERVED);
	}
	CHECK_EQ(agent_counters(a())->orders, 2);
	lab_settle(&l, FA_A);
	l.lose = swallow;
	CHECK_EQ(relayed(&b), ORDER_NOT_SERVED); /* it was, and an order is taken once */
	CHECK_EQ(order(ORDER_BUFFER), 0);
	lab_stop(&l);
}

/* Every byte of an order is signed. */
static void forged(void)
{
	struct lab_order o;

	start();
	o = lab_order(&l, ORDER_BUFFER, 0, FA_A, FA_B);
	for (size_t i = 0; i < o.n; i++) {
		struct lab_order bad = o;

		bad.bytes[i] ^= 0x10;
		relayed(&bad);
		CHECK_EQ(state(), BUF_SERVING);
	}
	CHECK_EQ(relayed(&o), 0);
	lab_stop(&l);
}

UNIT_MAIN("obey", {"fence", fence}, {"grants", grants}, {"refused", refused},
	  {"refused, by the node's own way", refused_by_tunnel},
	  {"BUFFER behind its FORWARD", overtaken}, {"FORWARD too late", too_late},
	  {"Delivered", counted}, {"refused again", refused_again}, {"forged", forged})
