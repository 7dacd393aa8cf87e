/* SPDX-License-Identifier: MIT */
#include "tests/unit/buffer_fixture.h"

#include "tests/unit/bad_orders.h"

/*
 * Every order, in each state, spoilt in every way: the right code, or none, the right reason, and
 * nothing changed.
 */
static const enum buffer_state states[] = { BUF_SERVING, BUF_RESERVED, BUF_BUFFERING,
					    BUF_DRAINING, BUF_PASSING };
#define STATES (sizeof(states) / sizeof(states[0]))

static struct {
	enum buffer_state state;
	struct pktq q;
	struct buffer_limits grant;
	enum order_overflow overflow;
	mtime lease_ends;
	uint32_t forward_to;
	uint64_t forward_id, reserved, early, up, orders, last_id, drops;
	unsigned filters, ages, seen;
	bool elastic;
} was;

static uint64_t all_drops(void)
{
	uint64_t n = 0;

	for (int why = 1; why < DROP_COUNT; why++)
		n += drops((enum drop)why);
	return n;
}

static struct seen *known(void)
{
	struct seen *s = NULL;

	CHECK(conf_node(a(), HOME, &s));
	return s;
}

static const struct buffer *buf(void)
{
	return node_buffer(node_find(a(), HOME));
}

static void look(void)
{
	const struct buffer *b = buf();

	memset(&was, 0, sizeof(was));
	was.state = b->state;
	was.q = b->q;
	was.grant = b->grant;
	was.overflow = b->overflow;
	was.lease_ends = b->lease_ends;
	was.forward_to = b->forward_to;
	was.forward_id = b->forward_id;
	was.reserved = a()->reserved;
	was.early = a()->early;
	was.up = l.up[FA_A] - l.down[FA_A];
	was.orders = agent_counters(a())->orders;
	was.last_id = known()->order_id;
	was.drops = all_drops();
	was.filters = b->filter.n;
	was.ages = b->n_ages;
	was.seen = b->n_seen;
	was.elastic = b->elastic;
	memset(a()->rates, 0, sizeof(a()->rates)); /* answers are looked at one by one */
}

/* taken: the order was authentic and new, so it cannot come again. */
static bool unchanged(bool taken)
{
	const struct buffer *b = buf();
	bool same = b->state == was.state && b->q.packets == was.q.packets &&
		    b->q.bytes == was.q.bytes && b->grant.packets == was.grant.packets &&
		    b->grant.bytes == was.grant.bytes && b->lease_ends == was.lease_ends &&
		    b->overflow == was.overflow && b->forward_to == was.forward_to &&
		    b->forward_id == was.forward_id && b->filter.n == was.filters &&
		    b->n_ages == was.ages && b->n_seen == was.seen && b->elastic == was.elastic;

	return same && a()->reserved == was.reserved && a()->early == was.early &&
	       l.up[FA_A] - l.down[FA_A] == was.up &&
	       agent_counters(a())->orders == was.orders + taken &&
	       (taken || known()->order_id == was.last_id);
}

static void begin(enum buffer_state s)
{
	asked.first_agent = A_ADDR;
	asked.auth = EXT_MN_FA;
	asked.other_auth = EXT_MN_HA;
	asked.sa = lab_mn_fa(FA_A);
	reach(s);
}

static void each_field(void)
{
	for (size_t st = 0; st < STATES; st++) {
		begin(states[st]);
		for (size_t i = 0; i < KINDS * sizeof(table) / sizeof(table[0]); i++) {
			const struct kind *k = &kinds[i % KINDS];
			const struct spoilt *s = &table[i / KINDS];
			struct lab_order o = spoil(k, s);
			uint64_t before = drops(s->why);
			int got;

			if (s->places && !forwards(k))
				continue;
			look();
			got = relayed(&o);
			if (got != s->code || drops(s->why) != before + 1 ||
			    all_drops() != was.drops + 1 || !unchanged(got == 134 || got == 142)) {
				printf("\n    %s, %s %02x: %s: %d", buffer_state_name(states[st]),
				       order_action_name(k->action), k->flags, s->what, got);
				CHECK(false);
			}
		}
		lab_stop(&l);
	}
}

/* At every byte: what was signed, and what is signed as it stands. */
static void cut(void)
{
	for (size_t i = 0; i < KINDS * STATES; i++) {
		bool border[ORDER_MAX + 1] = { false };
		struct lab_order o = { .n = 0 }, cut_short;
		size_t body;

		begin(states[i / KINDS]);
		body = rich(&kinds[i % KINDS], o.bytes, sizeof(o.bytes), border);
		for (size_t n = 0; n < 2 * body; n++) {
			struct wbuf w = wb_init(cut_short.bytes, sizeof(cut_short.bytes));

			if (n >= body && border[n - body])
				continue; /* a whole order, if another one */
			wb_bytes(&w, o.bytes, n % body);
			if (n >= body)
				finish_with(&w, SIGNED);
			cut_short.n = w.len;
			look();
			CHECK_EQ(relayed(&cut_short), -1);
			CHECK(unchanged(false));
			CHECK_EQ(all_drops(), was.drops + 1);
		}
		lab_stop(&l);
	}
}

/* Of the past, of the future, and what was refused for that comes again in time. */
static void identification(void)
{
	static const int seconds[] = { -3600, -8, 8, 3600 };

	for (size_t i = 0; i < KINDS * STATES; i++) {
		begin(states[i / KINDS]);
		for (size_t k = 0; k < 4; k++) {
			struct lab_order o = { .n = 0 };
			struct order m = plain(&kinds[i % KINDS]);
			struct wbuf w = wb_init(o.bytes, sizeof(o.bytes));

			m.id += (uint64_t)((int64_t)seconds[k] * ((int64_t)1 << 32));
			order_encode(&w, &m);
			finish_with(&w, SIGNED);
			o.n = w.len;
			for (int again = 0; again < 2; again++) {
				look();
				CHECK_EQ(relayed(&o), ORDER_ID_ORDER);
				CHECK(reply.id > was.last_id && unchanged(false));
				CHECK_EQ(all_drops(), was.drops + 1);
			}
		}
		lab_stop(&l);
	}
}

/* Word for word: the same Reply, until it is forgotten; then 133.  Nothing is done again. */
static void replayed(void)
{
	for (size_t i = 0; i < KINDS * STATES; i++) {
		struct lab_order o = { .n = 0 };
		struct order m;
		struct wbuf w = wb_init(o.bytes, sizeof(o.bytes));
		int first;

		begin(states[i / KINDS]);
		m = plain(&kinds[i % KINDS]);
		order_encode(&w, &m);
		finish_with(&w, SIGNED);
		o.n = w.len;
		first = relayed(&o);
		CHECK(first >= 0);
		look();
		CHECK_EQ(relayed(&o), first);
		CHECK(unchanged(false) && all_drops() == was.drops);
		for (int k = 0; k < 4; k++)
			CHECK_EQ(order(ORDER_QUERY), 0);
		look();
		CHECK_EQ(relayed(&o), ORDER_ID_ORDER);
		CHECK(unchanged(false) && all_drops() == was.drops + 1);
		lab_stop(&l);
	}
}

static void says_nobody(void)
{
	for (size_t k = 0; k < KINDS; k++) {
		struct lab_order o = lab_order(&l, kinds[k].action, kinds[k].flags, FA_A, FA_B);
		uint64_t orders = agent_counters(a())->orders;

		CHECK_EQ(relayed(&o), ORDER_NOT_SERVED);
		CHECK_EQ(agent_counters(a())->orders, orders + 1);
		CHECK(!node_find(a(), HOME) && !a()->n_moving && !a()->reserved);
	}
}

/* Its lease is over after a FORWARD, or it has deregistered. */
static void from_one_that_left(void)
{
	reach(BUF_DRAINING);
	lab_run(&l, 8100);
	CHECK_EQ(l.down[FA_A], 1);
	says_nobody();
	lab_stop(&l);

	start();
	l.lose = NULL;
	lab_register(&l, 0, NULL, NULL);
	lab_run(&l, 50);
	says_nobody();
	lab_stop(&l);
}

/* From the link, by another agent, with a place put in on the way. */
static void by_whom(void)
{
	for (size_t i = 0; i < KINDS * STATES; i++) {
		const struct kind *k = &kinds[i % KINDS];
		struct lab_order o;
		struct instant now;

		begin(states[i / KINDS]);
		o = lab_order(&l, k->action, k->flags, FA_A, FA_B);
		o.bytes[15] = 0x47; /* the third agent brings it to itself */
		look();
		now = lab_instant(&l);
		agent_udp(a(), lab_addr[FA_C], 434, A_ADDR, o.bytes, o.n, &now, &l.out);
		CHECK_EQ(code(), ORDER_AUTH_FAILED);
		CHECK(unchanged(false) && drops(DROP_BAD_AUTH) == 1);
		o.bytes[15] = 0x87;
		if (forwards(k)) {
			agent_udp(a(), lab_addr[FA_C], 434, A_ADDR, o.bytes, o.n, &now, &l.out);
			CHECK_EQ(code(), ORDER_CARE_OF_REFUSED);
			CHECK(unchanged(true) && drops(DROP_CARE_OF) == 1);
			o = lab_order(&l, k->action, k->flags, FA_A, FA_B);
			look();
			agent_link_udp(a(), 0, &l.mac, HOME, 434, lab_link[FA_A], 255, o.bytes,
				       o.n, &now, &l.out);
			CHECK_EQ(code(), ORDER_CARE_OF_REFUSED);
			CHECK(unchanged(true) && drops(DROP_CARE_OF) == 2);
		}
		lab_stop(&l);
	}
}

UNIT_MAIN("bad orders", {"each field", each_field}, {"cut at every byte", cut},
	  {"Identification", identification}, {"replayed", replayed},
	  {"from one that left", from_one_that_left}, {"by whom", by_whom})
