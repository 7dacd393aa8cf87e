/* SPDX-License-Identifier: MIT */
#include "tests/unit/merge_fixture.h"

#include "tests/unit/merge_cells.h"

/* The grid of merge.c, cell by cell: a node that came from agent one is at agent two. */
static const struct sa wrong = { .spi = HANDOFF_SPI, .alg = AUTH_HMAC_SHA256,
				 .key = { .len = 32 } };
static struct grid_words words;

/* Before the event. */
static struct {
	uint64_t delivered;
	unsigned sent;
	bool answered;
	struct drops drops;
} was;

static struct node *node(void)
{
	return node_find(b(), HOME);
}

static uint64_t to_node(void)
{
	return node() ? node()->delivered : 0;
}

/* The order on its way to the first agent wants no repeating. */
static bool answered(void)
{
	return node() && node_buffer(node())->merge && node_buffer(node())->merge->c.forward.done;
}

static void accepted(void)
{
	answer(1, 600);
	lab_act(&l, FA_B);
}

/* They have been carried on when this returns. */
static void carried(uint32_t outer, uint32_t first, unsigned n)
{
	packets(outer, first, n);
	l.out.n = 0;
}

static void keep(unsigned n)
{
	carried(HA_ADDR, 100, n);
}

static void reach(int s)
{
	switch ((enum row)s) {
	case NONE:
		lab_init(&l);
		l.lose = swallow;
		lab_run(&l, 10);
		l.at = FA_B;
		lab_register(&l, 600, NULL, NULL);
		reg_id = l.last_id;
		accepted();
		order_f = lab_order(&l, ORDER_FORWARD, ORDER_F_ASKED, FA_A, FA_B);
		break;
	case EXPECTED:
		start(false);
		keep(2);
		break;
	case HOLDING:
	case RELEASING:
	case DONE:
		start(false);
		accepted();
		keep(s == RELEASING ? 20 : 2);
		if (s != HOLDING)
			marker(0, 0, &order_f.kh);
		if (s == DONE)
			lab_run(&l, 1);
		break;
	case N_ROWS:
		break;
	}
	l.out.n = 0;
	was.delivered = to_node();
	was.sent = l.sent_udp[FA_B];
	was.answered = answered();
	was.drops = *agent_drops(b());
	memset(&words, 0, sizeof(words));
}

static int row(void)
{
	const struct node *n = node();

	if (n && node_buffer(n)->merge) {
		switch (node_buffer(n)->merge->state) {
		case MERGE_HOLDING: return HOLDING;
		case MERGE_RELEASING: return RELEASING;
		case MERGE_DONE: return DONE;
		}
	}
	return n && n->mv && n->mv->expect != EXPECT_NONE ? EXPECTED : NONE;
}

static void home_packet(void)
{
	keep(1);
}

static void first_packet(void)
{
	carried(A_ADDR, 1, 1);
}

static void other_packet(void)
{
	carried(CN_ADDR, 1, 1);
}

/* The node's share of the agent's memory is taken up. */
static void full(void)
{
	const struct merge *m = node_buffer(node())->merge;

	b()->c.per_node.packets = m ? m->held.packets : node()->mv ? node()->mv->held.packets : 0;
	keep(1);
}

static void marker_all(void)
{
	marker(0, 0, &order_f.kh);
}

static void marker_ahead(void)
{
	marker(0, 1, &order_f.kh);
}

static void marker_pending(void)
{
	marker(ORDER_F_PENDING, 0, &order_f.kh);
}

static void marker_forged(void)
{
	marker(0, 0, &wrong);
}

static void marker_bare(void)
{
	marker(0, 0, NULL);
}

static void reply_forward(void)
{
	reply(order_f.id, 0, &order_f.kh, A_ADDR);
}

static void reply_bare(void)
{
	reply(order_f.id, 0, NULL, A_ADDR);
}

static void reply_forged(void)
{
	reply(order_f.id, 0, &wrong, A_ADDR);
}

static void reply_stray(void)
{
	reply(order_f.id + 5, 0, &order_f.kh, A_ADDR);
}

static void reply_elsewhere(void)
{
	reply(order_f.id, 0, &order_f.kh, CN_ADDR);
}

static void reply_clock(void)
{
	reply(order_f.id + ((uint64_t)5 << 32), ORDER_ID_ORDER, &order_f.kh, A_ADDR);
}

static void registered(void)
{
	answer(1, 600);
}

static void refused(void)
{
	answer(CODE_HA_ID, 600);
}

static void registers(const struct lab_order *forward)
{
	lab_register(&l, 600, NULL, forward);
	reg_id = l.last_id;
	was.sent++; /* the Request, relayed */
	answer(1, 600);
}

static void again(void)
{
	registers(&order_f);
}

static void new_orders(void)
{
	order_f = lab_order(&l, ORDER_FORWARD, ORDER_F_ASKED, FA_A, FA_B);
	registers(&order_f);
}

static void from_another(void)
{
	struct lab_order f = lab_order(&l, ORDER_FORWARD, ORDER_F_ASKED, FA_C, FA_B);

	registers(&f);
}

static void plain(void)
{
	registers(NULL);
}

static void say(const struct lab_order *o)
{
	struct instant now = lab_instant(&l);

	agent_link_udp(b(), 0, &l.mac, HOME, 5434, lab_link[FA_B], 255, o->bytes, o->n, &now,
		       &l.out);
}

static void buffer_here(void)
{
	struct lab_order o = lab_order(&l, ORDER_BUFFER, 0, FA_B, NOWHERE);

	say(&o);
}

/* As agent three relays it: the node is there. */
static void goes_on(void)
{
	struct lab_order o = lab_order(&l, ORDER_FORWARD, 0, FA_B, FA_C);
	struct instant now = lab_instant(&l);

	agent_udp(b(), lab_addr[FA_C], 434, B_ADDR, o.bytes, o.n, &now, &l.out);
}

static void deregisters(void)
{
	lab_register(&l, 0, NULL, NULL);
	reg_id = l.last_id;
	was.sent++;
	answer(0, 0);
}

static void unreachable(void)
{
	struct instant now = lab_instant(&l);

	agent_unreachable(b(), A_ADDR, 1, &now, &l.out);
}

static void runs(unsigned ms)
{
	lab_run(&l, ms);
	l.out.n = 0;
}

static void at_once(void)
{
	runs(0);
}

static void repeat(void)
{
	runs(50);
}

static void silence(void)
{
	reply_forward();
	lab_act(&l, FA_B);
	runs(200);
}

static void lease_over(void)
{
	runs(8000);
}

static void happen(int e)
{
	static void (*const what[N_EVENTS])(void) = {
		[HOME_PACKET] = home_packet, [FIRST_PACKET] = first_packet,
		[OTHER_PACKET] = other_packet, [FULL] = full, [MARKER] = marker_all,
		[MARKER_AHEAD] = marker_ahead, [PENDING] = marker_pending,
		[MARKER_FORGED] = marker_forged, [MARKER_BARE] = marker_bare,
		[REPLY] = reply_forward, [REPLY_BARE] = reply_bare,
		[REPLY_FORGED] = reply_forged, [REPLY_STRAY] = reply_stray,
		[REPLY_ELSEWHERE] = reply_elsewhere, [REPLY_CLOCK] = reply_clock,
		[ACCEPTED] = registered, [REFUSED] = refused, [AGAIN] = again,
		[NEW_ORDERS] = new_orders, [FROM_ANOTHER] = from_another, [PLAIN] = plain,
		[BUFFER_HERE] = buffer_here, [GOES_ON] = goes_on, [DEREGISTERS] = deregisters,
		[UNREACHABLE] = unreachable, [TICK] = at_once, [REPEAT] = repeat,
		[SILENCE] = silence, [LEASE_OVER] = lease_over,
	};

	if (what[e])
		what[e]();
	else
		grid_say(&words, "no such event");
}

static unsigned tells_node(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i < l.out.n; i++)
		n += l.out.a[i].act == AGENT_SEND_LINK;
	return n;
}

/* What went to the node and to other agents, what is kept here now, and what was dropped. */
static const char *did(void)
{
	const struct node *n = node();
	const uint64_t now = to_node();
	const struct buffer *buf = n ? node_buffer(n) : NULL;
	unsigned held = buf && buf->merge ? buf->merge->held.packets
			: n && n->mv	  ? n->mv->held.packets
					  : 0;

	if (now > was.delivered)
		grid_say(&words, "delivers %u", (unsigned)(now - was.delivered));
	lab_act(&l, FA_B);
	if (l.sent_udp[FA_B] != was.sent)
		grid_say(&words, "sends %u", l.sent_udp[FA_B] - was.sent);
	if (tells_node())
		grid_say(&words, "tells");
	if (held)
		grid_say(&words, "holds %u", held);
	if (answered() != was.answered)
		grid_say(&words, "answered");
	if (buf && (buf->state != BUF_SERVING || buf->q.packets))
		grid_say(&words, "%s:%u", buffer_state_name(buf->state), buf->q.packets);
	for (int d = 1; d < DROP_COUNT; d++)
		if (agent_drops(b())->n[d] != was.drops.n[d])
			grid_say(&words, "drop:%s:%u", drop_name((enum drop)d),
				 (unsigned)(agent_drops(b())->n[d] - was.drops.n[d]));
	return words.text;
}

static void leave(void)
{
	lab_stop(&l);
}

static const char *name(int s)
{
	return row_names[s];
}

static void grid(void)
{
	static const struct grid g = {
		.n_states = N_ROWS, .n_events = N_EVENTS, .state = name, .event = events,
		.reach = reach, .happen = happen, .now = row, .did = did, .leave = leave,
	};

	grid_play(&g, cells[0]);
}

UNIT_MAIN("merge's grid", {"state x event", grid})
