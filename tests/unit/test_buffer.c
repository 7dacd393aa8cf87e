/* SPDX-License-Identifier: MIT */
#include "agent/foreign.h"

#include "tests/unit/agent_lab.h"

static struct lab l;
static struct order reply;
static size_t reply_len;
static bool reply_on_link;

#define A_ADDR 0xc6336407u
#define B_ADDR 0xc6336487u

/* Everything that leaves agent one is looked at, nothing arrives. */
static bool swallow(const struct lab *x, const struct lab_event *e)
{
	(void)x;
	return e->kind != LAB_RADIO && e->kind != LAB_CONTROL;
}

static void start(void)
{
	lab_init(&l);
	lab_settle(&l, FA_A);
	l.lose = swallow;
	l.mute = true;
}

static struct agent *a(void)
{
	return l.ag[FA_A];
}

static enum buffer_state state(void)
{
	struct node *n = node_find(a(), HOME);

	return n ? n->buf.state : BUF_GONE;
}

/* The code of the Reply among the actions; -1: none. */
static int code(void)
{
	for (unsigned i = 0; i < l.out.n; i++) {
		const struct agent_action *x = &l.out.a[i];
		size_t off = x->act == AGENT_SEND_LINK ? 28 : 0;

		if (x->act != AGENT_SEND_LINK && x->act != AGENT_SEND_UDP)
			continue;
		if (order_decode(x->p + off, x->n - off, &reply) != DROP_NONE)
			continue;
		reply_len = x->n - off;
		reply_on_link = off;
		return reply.action;
	}
	return -1;
}

/* As agent two would relay it. */
static int relayed(const struct lab_order *o)
{
	struct instant now = lab_instant(&l);
	uint8_t *copy = unit_copy(o->bytes, o->n);

	agent_udp(a(), B_ADDR, 434, A_ADDR, copy, o->n, &now, &l.out);
	free(copy);
	return code();
}

static int order(uint8_t action)
{
	struct lab_order o = lab_order(&l, action, 0, FA_A, FA_B);

	return relayed(&o);
}

static unsigned packets(unsigned n)
{
	unsigned out = 0;

	while (n--) {
		struct instant now = lab_instant(&l);
		uint8_t pkt[300];
		size_t len = lab_packet(pkt, sizeof(pkt), CN_ADDR, HOME, l.sent++);

		agent_tunnel(a(), HA_ADDR, A_ADDR, pkt, len, &now, &l.out);
		out += l.out.n;
	}
	return out;
}

static void tick(void)
{
	struct instant now = lab_instant(&l);

	agent_tick(a(), &now, &l.out);
}

static unsigned actions(enum agent_act act)
{
	unsigned n = 0;

	for (unsigned i = 0; i < l.out.n; i++)
		n += l.out.a[i].act == act;
	return n;
}

static void marker(uint64_t id)
{
	struct order o = {.message = ORDER_MARKER,
			  .home_addr = HOME,
			  .first_agent = A_ADDR,
			  .care_of = B_ADDR,
			  .id = id};
	struct sa peer = lab_sa(3000, "between agents");
	struct ipv4_out h = { .src = HA_ADDR, .dst = A_ADDR, .ttl = 64 };
	struct instant now = lab_instant(&l);
	uint8_t msg[100], pkt[160];
	struct wbuf w = wb_init(msg, sizeof(msg));
	size_t n;

	order_encode(&w, &o);
	auth_append(&w, EXT_FA_HA, 0, &peer);
	n = udp_build(pkt, sizeof(pkt), &h, 434, 434, msg, w.len);
	agent_tunnel(a(), HA_ADDR, A_ADDR, pkt, n, &now, &l.out);
}

/* Brings the machine to a state, with packets left where it keeps any. */
static void reach(enum buffer_state s)
{
	start();
	if (s == BUF_SERVING)
		return;
	CHECK_EQ(order(ORDER_BUFFER), 0);
	packets(20);
	if (s == BUF_BUFFERING)
		return;
	CHECK_EQ(order(ORDER_FORWARD), 0);
	if (s == BUF_PASSING)
		lab_run(&l, 300);
	else
		tick(); /* the burst */
	CHECK_EQ(state(), s);
}

struct cell {
	enum buffer_state from;
	uint8_t action;
	int code;
	enum buffer_state to;
};

static void grid_of_orders(void)
{
	static const struct cell cells[] = {
		{ BUF_SERVING, ORDER_BUFFER, 0, BUF_BUFFERING },
		{ BUF_SERVING, ORDER_FORWARD, 141, BUF_DRAINING },
		{ BUF_SERVING, ORDER_RELEASE, 141, BUF_SERVING },
		{ BUF_SERVING, ORDER_RENEW, 141, BUF_SERVING },
		{ BUF_SERVING, ORDER_QUERY, 0, BUF_SERVING },
		{ BUF_SERVING, ORDER_DELETE, 141, BUF_SERVING },
		{ BUF_SERVING, ORDER_DELETE_FORWARD, 141, BUF_DRAINING },
		{ BUF_BUFFERING, ORDER_BUFFER, 0, BUF_BUFFERING },
		{ BUF_BUFFERING, ORDER_FORWARD, 0, BUF_DRAINING },
		{ BUF_BUFFERING, ORDER_RELEASE, 0, BUF_SERVING },
		{ BUF_BUFFERING, ORDER_RENEW, 0, BUF_BUFFERING },
		{ BUF_BUFFERING, ORDER_QUERY, 0, BUF_BUFFERING },
		{ BUF_BUFFERING, ORDER_DELETE, 0, BUF_SERVING },
		{ BUF_BUFFERING, ORDER_DELETE_FORWARD, 0, BUF_DRAINING },
		{ BUF_DRAINING, ORDER_BUFFER, 0, BUF_BUFFERING },
		{ BUF_DRAINING, ORDER_FORWARD, 0, BUF_DRAINING },
		{ BUF_DRAINING, ORDER_RELEASE, 129, BUF_DRAINING },
		{ BUF_DRAINING, ORDER_RENEW, 0, BUF_DRAINING },
		{ BUF_DRAINING, ORDER_QUERY, 0, BUF_DRAINING },
		{ BUF_DRAINING, ORDER_DELETE, 0, BUF_DRAINING },
		{ BUF_DRAINING, ORDER_DELETE_FORWARD, 0, BUF_DRAINING },
		{ BUF_PASSING, ORDER_BUFFER, 0, BUF_BUFFERING },
		{ BUF_PASSING, ORDER_FORWARD, 0, BUF_DRAINING },
		{ BUF_PASSING, ORDER_RELEASE, 129, BUF_PASSING },
		{ BUF_PASSING, ORDER_RENEW, 0, BUF_PASSING },
		{ BUF_PASSING, ORDER_QUERY, 0, BUF_PASSING },
		{ BUF_PASSING, ORDER_DELETE, 141, BUF_PASSING },
		{ BUF_PASSING, ORDER_DELETE_FORWARD, 0, BUF_DRAINING },
	};

	for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]); i++) {
		const struct cell *c = &cells[i];
		int got;

		reach(c->from);
		got = order(c->action);
		if (got != c->code || state() != c->to)
			printf("\n    %s in %s: code %d, then %s\n", order_action_name(c->action),
			       buffer_state_name(c->from), got, buffer_state_name(state()));
		CHECK(got == c->code && state() == c->to);
		if (c->action >= ORDER_DELETE && c->action != ORDER_DELETE_FORWARD &&
		    (got < 128 || got == 141))
			CHECK(reply.has_state && reply.state.state == c->to);
		if (c->action == ORDER_DELETE || c->action == ORDER_DELETE_FORWARD)
			CHECK_EQ(node_find(a(), HOME)->buf.q.packets, 0);
		lab_stop(&l);
	}
}

/* A packet, the home agent's marker, the node's return, the lease's end: what each state does. */
static void grid_of_events(void)
{
	struct node *n;

	reach(BUF_SERVING);
	CHECK_EQ(packets(1), 1);
	CHECK_EQ(l.out.a[0].act, AGENT_DELIVER);
	marker(l.last_id + 1);
	CHECK(node_find(a(), HOME)->buf.marker_in);
	lab_stop(&l);

	reach(BUF_BUFFERING);
	n = node_find(a(), HOME);
	CHECK_EQ(packets(1), 0);
	CHECK_EQ(n->buf.q.packets, 21);
	marker(l.last_id + 1);
	CHECK(n->buf.marker_in && state() == BUF_BUFFERING);
	lab_run(&l, 1);
	l.lose = NULL;
	lab_register(&l, 600, NULL, NULL);
	lab_run(&l, 30);
	CHECK_EQ(state(), BUF_SERVING);
	CHECK_EQ(l.received, 21);
	lab_stop(&l);

	reach(BUF_DRAINING);
	n = node_find(a(), HOME);
	packets(1);
	CHECK_EQ(actions(AGENT_TUNNEL), 0); /* behind what is kept */
	l.lose = NULL;
	lab_run(&l, 1);
	lab_register(&l, 600, NULL, NULL);
	lab_run(&l, 21);
	CHECK_EQ(state(), BUF_SERVING);
	CHECK(n->old[0]);
	lab_run(&l, 50);
	CHECK(!n->old[0]); /* all sent, its marker three times: nothing is left of it */
	CHECK_EQ(agent_counters(a())->forwarded, 21);
	lab_stop(&l);

	reach(BUF_PASSING);
	CHECK_EQ(packets(1), 1);
	CHECK(l.out.a[0].act == AGENT_TUNNEL && l.out.a[0].dst == B_ADDR && l.out.a[0].clear_df);
	lab_stop(&l);
}

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
	CHECK_EQ(node_find(a(), HOME)->buf.q.packets, 15);
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
		CHECK_EQ(node_find(a(), HOME)->buf.q.packets, i == 1 ? 12 : 10);
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
	CHECK_EQ(node_find(a(), HOME)->buf.q.packets, 0);
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
	CHECK(!n->buf.marker_in);
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

UNIT_MAIN("buffer", {"state x order", grid_of_orders}, {"state x event", grid_of_events},
	  {"lease over in every state", lease_over}, {"fence", fence}, {"grants", grants},
	  {"refused", refused}, {"BUFFER behind its FORWARD", overtaken},
	  {"FORWARD too late", too_late}, {"Delivered", counted},
	  {"refused again", refused_again}, {"forged", forged}, {"paced", drain_is_paced},
	  {"path end", path_end}, {"no loop", no_loop})
