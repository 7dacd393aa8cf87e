/* SPDX-License-Identifier: MIT */
#include "tests/unit/agent_lab.h"

/*
 * The second agent's own BUFFER, for a node that asks nothing: what the first agent refuses, and
 * what the second agent makes of it.
 */
static struct lab l;
static struct lab_order forward;

/* What is wrong with it. */
struct flaw {
	uint8_t action;
	uint32_t home, first, care_of;
	uint64_t id;
	bool no_handoff, bad_handoff, bad_inner, twice;
};

static bool swallow(const struct lab *x, const struct lab_event *e)
{
	(void)x;
	return e->kind == LAB_UDP;
}

static uint64_t drops(int agent, enum drop d)
{
	return agent_drops(l.ag[agent])->n[d];
}

static size_t build(const struct lab_order *f, const struct flaw *x, uint8_t *buf, size_t cap)
{
	struct wbuf w = wb_init(buf, cap);
	struct order o = {.message = ORDER_REQUEST, .action = x->action ? x->action : ORDER_BUFFER,
			  .home_addr = HOME ^ x->home, .first_agent = lab_addr[FA_A] ^ x->first,
			  .care_of = lab_addr[FA_B] ^ x->care_of,
			  .id = f->id + x->id};
	uint8_t inner[ORDER_MAX];
	struct sa kh = f->kh;

	memcpy(inner, f->bytes, f->n);
	if (x->bad_inner)
		inner[f->n - 1] ^= 1;
	kh.key.b[0] ^= x->bad_handoff;
	order_encode(&w, &o);
	mip_ext_append(&w, SUB_RELAYED_ORDER, inner, f->n);
	if (x->twice)
		mip_ext_append(&w, SUB_RELAYED_ORDER, inner, f->n);
	if (!x->no_handoff)
		auth_append(&w, EXT_GENERAL_AUTH, GA_FA_FA, &kh);
	assert(wb_ok(&w));
	return w.len;
}

static void send_from(uint32_t src, const uint8_t *p, size_t n)
{
	struct instant now = lab_instant(&l);
	uint8_t *copy = unit_copy(p, n);

	l.last_udp_len[FA_A] = 0;
	agent_udp(l.ag[FA_A], src, 434, lab_addr[FA_A], copy, n, &now, &l.out);
	free(copy);
	lab_act(&l, FA_A);
}

static void give(const struct flaw *x, uint32_t src)
{
	uint8_t buf[400];
	size_t n = build(&forward, x, buf, sizeof(buf));

	send_from(src, buf, n);
}

/* The code of the answer; -1: none.  It proves itself to both, and names what it answers. */
static int answer(void)
{
	struct sa fa = lab_mn_fa(FA_A);
	struct order o;

	if (!l.last_udp_len[FA_A])
		return -1;
	CHECK_EQ(order_decode(l.last_udp[FA_A], l.last_udp_len[FA_A], &o), DROP_NONE);
	CHECK_EQ(o.message, ORDER_REPLY);
	CHECK_EQ(o.flags, ORDER_F_BEHALF);
	CHECK(auth_check(l.last_udp[FA_A], l.last_udp_len[FA_A], &o.mn_fa, &fa));
	if (o.action != ORDER_AUTH_FAILED)
		CHECK(auth_check(l.last_udp[FA_A], l.last_udp_len[FA_A], &o.handoff, &forward.kh));
	return o.action;
}

/* On the link of agent one, registered or not; it has signed a FORWARD towards agent two. */
static void walk_to_a(bool visitor)
{
	lab_run(&l, 1000);
	l.at = FA_A;
	if (visitor)
		lab_settle(&l, FA_A);
	l.lose = swallow;
	forward = lab_order(&l, ORDER_FORWARD, 0, FA_A, FA_B);
}

static void start_as(bool visitor)
{
	lab_init(&l);
	walk_to_a(visitor);
}

static void start(void)
{
	start_as(true);
}

/* ... or one for agent three, under the key that it has with agent one. */
static void for_agent_c(void)
{
	struct order o = { .message = ORDER_REQUEST, .action = ORDER_FORWARD, .home_addr = HOME,
			   .first_agent = lab_addr[FA_C], .care_of = lab_addr[FA_B],
			   .id = forward.id };
	struct sa sa = lab_mn_fa(FA_A);
	struct wbuf w = wb_init(forward.bytes, sizeof(forward.bytes));

	order_encode(&w, &o);
	auth_append(&w, EXT_MN_FA, 0, &sa);
	forward.n = w.len;
	auth_handoff_key(&sa.key, o.id, HOME, o.first_agent, o.care_of, &forward.kh);
}

static enum buffer_state state(void)
{
	return lab_buffer(&l, FA_A).state;
}

static void granted(void)
{
	struct flaw none = { 0 };

	start();
	give(&none, lab_addr[FA_B]);
	CHECK_EQ(answer(), ORDER_GRANTED);
	CHECK_EQ(state(), BUF_BUFFERING);
	give(&none, lab_addr[FA_B]); /* once more: the same answer, nothing done */
	CHECK_EQ(answer(), ORDER_GRANTED);
	CHECK_EQ(agent_counters(l.ag[FA_A])->orders, 1);
	/* its Identification is still to be used: FORWARD itself */
	send_from(lab_addr[FA_B], forward.bytes, forward.n);
	CHECK_EQ(state(), BUF_DRAINING);
	give(&none, lab_addr[FA_B]); /* overtaken */
	CHECK_EQ(state(), BUF_DRAINING);
	lab_stop(&l);
}

static void overtaken(void)
{
	struct flaw none = { 0 };

	start();
	send_from(lab_addr[FA_B], forward.bytes, forward.n);
	CHECK_EQ(state(), BUF_DRAINING);
	give(&none, lab_addr[FA_B]);
	CHECK_EQ(answer(), ORDER_GRANTED);
	CHECK_EQ(state(), BUF_DRAINING);
	lab_stop(&l);
}

static void refuse(struct flaw x, uint32_t src, int code, enum drop why)
{
	start();
	give(&x, src);
	CHECK_EQ(answer(), code);
	CHECK_EQ(drops(FA_A, why), 1);
	CHECK_EQ(state(), BUF_SERVING);
	lab_stop(&l);
}

static void disagrees(void)
{
	uint32_t src = lab_addr[FA_B];

	refuse((struct flaw){ .home = 1 }, src, -1, DROP_MALFORMED);
	refuse((struct flaw){ .first = 1 }, src, -1, DROP_MALFORMED);
	refuse((struct flaw){ .care_of = 1 }, src, -1, DROP_MALFORMED);
	refuse((struct flaw){ .id = 1 }, src, -1, DROP_MALFORMED);
	refuse((struct flaw){ .action = ORDER_FORWARD }, src, -1, DROP_MALFORMED);
	refuse((struct flaw){ .twice = true }, src, -1, DROP_MALFORMED);
}

static void not_authentic(void)
{
	uint32_t src = lab_addr[FA_B];

	refuse((struct flaw){ .no_handoff = true }, src, -1, DROP_NO_AUTH);
	refuse((struct flaw){ .bad_handoff = true }, src, ORDER_AUTH_FAILED, DROP_BAD_AUTH);
	refuse((struct flaw){ .bad_inner = true }, src, ORDER_AUTH_FAILED, DROP_BAD_AUTH);
}

static void from_elsewhere(void)
{
	refuse((struct flaw){ 0 }, CN_ADDR, ORDER_CARE_OF_REFUSED, DROP_CARE_OF);
	refuse((struct flaw){ 0 }, HA_ADDR, ORDER_CARE_OF_REFUSED, DROP_CARE_OF);
}

/* Nor in the node's own name: to a neighbour it may order FORWARD itself, but that is no BUFFER. */
static void from_a_node(void)
{
	struct flaw none = { 0 };

	lab_defaults(&l);
	l.conf[FA_A].n_neighbours = 1;
	l.conf[FA_A].neighbours[0].care_of = lab_addr[FA_B];
	lab_start(&l);
	walk_to_a(true);
	give(&none, HOME);
	CHECK_EQ(answer(), ORDER_CARE_OF_REFUSED);
	CHECK_EQ(drops(FA_A, DROP_CARE_OF), 1);
	CHECK_EQ(state(), BUF_SERVING);
	lab_stop(&l);
}

/* Whoever recorded one has as many answers as any repeat, 10 a second, and no more. */
static void recorded(uint32_t src, struct flaw x, int code)
{
	unsigned answers = 0;

	for (unsigned i = 0; i < 20; i++) {
		give(&x, src);
		answers += answer() == code;
	}
	CHECK_EQ(answers, 10);
	lab_stop(&l);
}

static void recorded_often(void)
{
	start();
	recorded(CN_ADDR, (struct flaw){ 0 }, ORDER_CARE_OF_REFUSED);
	start_as(false);
	recorded(lab_addr[FA_B], (struct flaw){ 0 }, ORDER_NOT_SERVED);
	start();
	for_agent_c();
	recorded(lab_addr[FA_B], (struct flaw){ .first = lab_addr[FA_A] ^ lab_addr[FA_C] },
		 ORDER_NOT_ME);
}

static void from_the_link(void)
{
	struct flaw none = { 0 };
	uint8_t buf[400];
	size_t n;

	start();
	n = build(&forward, &none, buf, sizeof(buf));
	lab_say(&l, buf, n);
	CHECK_EQ(drops(FA_A, DROP_CARE_OF), 1);
	CHECK_EQ(state(), BUF_SERVING);
	lab_stop(&l);
}

static void not_a_forward(void)
{
	struct flaw none = { 0 };

	start();
	forward = lab_order(&l, ORDER_BUFFER, 0, FA_A, FA_B);
	give(&none, lab_addr[FA_B]);
	CHECK_EQ(answer(), -1);
	CHECK_EQ(drops(FA_A, DROP_MALFORMED), 1);
	lab_stop(&l);
}

static void not_this_agent(void)
{
	struct flaw x = { .first = lab_addr[FA_A] ^ lab_addr[FA_C] };

	start();
	for_agent_c();
	give(&x, lab_addr[FA_B]);
	CHECK_EQ(answer(), ORDER_NOT_ME);
	CHECK_EQ(drops(FA_A, DROP_NOT_MINE), 1);
	lab_stop(&l);
}

static void old(void)
{
	struct flaw none = { 0 };
	struct lab_order newer;

	start();
	newer = lab_order(&l, ORDER_QUERY, 0, FA_A, NOWHERE);
	lab_say(&l, newer.bytes, newer.n);
	give(&none, lab_addr[FA_B]);
	CHECK_EQ(answer(), ORDER_ID_ORDER);
	CHECK_EQ(drops(FA_A, DROP_REPLAY), 1);
	lab_stop(&l);
	start();
	lab_run(&l, 8000);
	give(&none, lab_addr[FA_B]);
	CHECK_EQ(answer(), ORDER_ID_ORDER);
	CHECK_EQ(drops(FA_A, DROP_STALE), 1);
	lab_stop(&l);
}

static void not_served(void)
{
	struct flaw none = { 0 };

	start_as(false);
	give(&none, lab_addr[FA_B]);
	CHECK_EQ(answer(), ORDER_NOT_SERVED);
	lab_stop(&l);
}

static void switched_off_or_full(void)
{
	struct flaw none = { 0 };

	for (int full = 0; full < 2; full++) {
		lab_defaults(&l);
		l.conf[FA_A].buffers = full;
		l.conf[FA_A].buffer_total = full ? 4096 : 8u << 20;
		lab_start(&l);
		lab_run(&l, 1000);
		lab_settle(&l, FA_A);
		l.lose = swallow;
		forward = lab_order(&l, ORDER_FORWARD, 0, FA_A, FA_B);
		give(&none, lab_addr[FA_B]);
		CHECK_EQ(answer(), full ? ORDER_NO_ROOM : ORDER_PROHIBITED);
		lab_stop(&l);
	}
}

/* ---- the second agent ---- */

static void register_at_b(uint8_t flags)
{
	lab_init(&l);
	l.lose = swallow;
	lab_run(&l, 10);
	l.at = FA_B;
	forward = lab_order(&l, ORDER_FORWARD, flags, FA_A, FA_B);
	lab_register(&l, 600, NULL, &forward);
}

static void asks_by_itself(void)
{
	struct flaw none = { 0 };
	uint8_t want[400];
	size_t n;

	register_at_b(0);
	n = build(&forward, &none, want, sizeof(want));
	CHECK_EQ(l.sent_udp[FA_B], 2);
	CHECK_EQ(l.last_udp_len[FA_B], n);
	CHECK(!memcmp(l.last_udp[FA_B], want, n));
	lab_run(&l, 5000);
	CHECK_EQ(l.sent_udp[FA_B], 3); /* twice, before the home agent has answered */
	lab_stop(&l);
	register_at_b(ORDER_F_ASKED); /* the node did */
	CHECK_EQ(l.sent_udp[FA_B], 1);
	lab_stop(&l);
}

static void reply_to_b(uint8_t code, uint8_t flags, const struct sa *kh)
{
	struct order o = { .message = ORDER_REPLY, .action = code, .flags = flags,
			   .home_addr = HOME, .first_agent = lab_addr[FA_A],
			   .care_of = lab_addr[FA_B], .id = forward.id };
	struct sa fa = lab_mn_fa(FA_A);
	struct instant now = lab_instant(&l);
	uint8_t buf[200];
	struct wbuf w = wb_init(buf, sizeof(buf));

	order_encode(&w, &o);
	auth_append(&w, EXT_MN_FA, 0, &fa);
	if (kh)
		auth_append(&w, EXT_GENERAL_AUTH, GA_FA_FA, kh);
	agent_udp(l.ag[FA_B], lab_addr[FA_A], 434, lab_addr[FA_B], buf, w.len, &now, &l.out);
	lab_act(&l, FA_B);
	lab_run(&l, 2);
}

/* Its Reply is for itself, except that the node must sign anew. */
static void reply_is_its_own(void)
{
	register_at_b(0);
	reply_to_b(ORDER_GRANTED, ORDER_F_BEHALF, &forward.kh);
	CHECK_EQ(l.n_orders, 0);
	lab_run(&l, 1000);
	CHECK_EQ(l.sent_udp[FA_B], 2); /* no repeat */
	lab_stop(&l);
	register_at_b(0);
	reply_to_b(ORDER_ID_ORDER, ORDER_F_BEHALF, &forward.kh);
	CHECK_EQ(l.n_orders, 1);
	lab_stop(&l);
}

static void reply_must_be_proven(void)
{
	struct sa wrong;

	register_at_b(0);
	wrong = forward.kh;
	wrong.key.b[3] ^= 1;
	reply_to_b(ORDER_GRANTED, ORDER_F_BEHALF, &wrong);
	CHECK_EQ(drops(FA_B, DROP_BAD_AUTH), 1);
	reply_to_b(ORDER_ID_ORDER, ORDER_F_BEHALF, NULL);
	CHECK_EQ(drops(FA_B, DROP_NO_AUTH), 1);
	CHECK_EQ(l.n_orders, 0);
	lab_run(&l, 1000);
	CHECK_EQ(l.sent_udp[FA_B], 3);
	reply_to_b(ORDER_GRANTED, ORDER_F_BEHALF, &forward.kh);
	reply_to_b(ORDER_GRANTED, ORDER_F_BEHALF, &forward.kh);
	CHECK_EQ(drops(FA_B, DROP_UNMATCHED), 1);
	lab_stop(&l);
}

UNIT_MAIN("behalf", { "granted, repeated, overtaken", granted },
	  { "its FORWARD was faster", overtaken }, { "disagrees with its order", disagrees },
	  { "not authentic", not_authentic }, { "from another address", from_elsewhere },
	  { "in a node's name", from_a_node },
	  { "recorded, and sent often", recorded_often }, { "from the link", from_the_link },
	  { "no FORWARD inside", not_a_forward }, { "another first agent", not_this_agent },
	  { "old", old }, { "not served here", not_served }, { "its Reply", reply_is_its_own },
	  { "switched off, or full", switched_off_or_full }, { "the second agent asks",
	  asks_by_itself }, { "that proves nothing", reply_must_be_proven })
