/* SPDX-License-Identifier: MIT */
#include "tests/unit/away_fixture.h"

#include "agent/home.h"

static void packet_in_each_state(void)
{
	uint32_t to = 0;

	start_in(SERVING);
	packets(1);
	CHECK_EQ(sent(&to), 1);
	CHECK_EQ(to, lab_addr[FA_A]);
	CHECK(!node());
	lab_stop(&l);

	start_in(BUFFERING);
	packets(1);
	CHECK_EQ(l.out.n, 0);
	CHECK_EQ(queued(), 21);
	lab_stop(&l);

	start_in(DRAINING);
	packets(1);
	CHECK_EQ(sent(NULL), 0);
	CHECK_EQ(queued(), 21);
	lab_stop(&l);
}

static const struct cell {
	uint8_t action;
	int care_of;
	int code[N_STATES];
	enum buffer_state next[N_STATES];
	unsigned left[N_STATES];
} cells[] = {
	{ ORDER_BUFFER, NOWHERE, { 0, 0, 0 }, { BUF_BUFFERING, BUF_BUFFERING, BUF_BUFFERING },
	  { 0, 20, 20 } },
	{ ORDER_FORWARD, FA_A, { 141, 0, 0 }, { BUF_SERVING, BUF_DRAINING, BUF_DRAINING },
	  { 0, 20, 20 } },
	{ ORDER_FORWARD, FA_B, { 142, 142, 142 }, { BUF_SERVING, BUF_BUFFERING, BUF_DRAINING },
	  { 0, 20, 20 } },
	{ ORDER_RELEASE, NOWHERE, { 141, 0, 0 }, { BUF_SERVING, BUF_DRAINING, BUF_DRAINING },
	  { 0, 20, 20 } },
	{ ORDER_DELETE, NOWHERE, { 141, 0, 0 }, { BUF_SERVING, BUF_SERVING, BUF_DRAINING },
	  { 0, 0, 0 } },
	{ ORDER_DELETE_FORWARD, FA_A, { 141, 0, 0 }, { BUF_SERVING, BUF_DRAINING, BUF_DRAINING },
	  { 0, 0, 0 } },
	{ ORDER_DELETE_FORWARD, FA_B, { 142, 142, 142 },
	  { BUF_SERVING, BUF_BUFFERING, BUF_DRAINING }, { 0, 20, 20 } },
	{ ORDER_RENEW, NOWHERE, { 141, 0, 0 }, { BUF_SERVING, BUF_BUFFERING, BUF_DRAINING },
	  { 0, 20, 20 } },
	{ ORDER_QUERY, NOWHERE, { 0, 0, 0 }, { BUF_SERVING, BUF_BUFFERING, BUF_DRAINING },
	  { 0, 20, 20 } },
};

static void each_order_in_each_state(void)
{
	for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]); i++) {
		const struct cell *c = &cells[i];

		for (int s = 0; s < N_STATES; s++) {
			start_in(s);
			CHECK_EQ(order(c->action, c->care_of), c->code[s]);
			CHECK_EQ(state(), c->next[s]);
			CHECK_EQ(queued(), c->left[s]);
			CHECK(reply_tunnelled);
			CHECK_EQ(reply_outer, lab_addr[FA_A]);
			CHECK_EQ(reply_tos, c->action == ORDER_BUFFER ? TOS_CS1 : 0);
			CHECK(reply.mn_ha.present && !reply.mn_fa.present);
			passes(SEC(30), NULL);
			CHECK(!node());
			CHECK_EQ(ha()->reserved, 0);
			lab_stop(&l);
		}
	}
}

/* No access point would begin it. */
static void reserved_in_each_state(void)
{
	static const uint32_t left[] = { 0, 20, 20 };

	for (int s = 0; s < N_STATES; s++) {
		struct wanted x = good(ORDER_BUFFER, NOWHERE);
		struct lab_order o;
		enum buffer_state before;

		start_in(s);
		before = state();
		x.flags = ORDER_F_RESERVE;
		o = sign(&x);
		CHECK_EQ(through(lab_addr[FA_A], &o), ORDER_PROHIBITED);
		CHECK_EQ(state(), before);
		CHECK_EQ(queued(), left[s]);
		lab_stop(&l);
	}
}

static void accepted_in_each_state(void)
{
	uint32_t to = 0;

	start_in(SERVING);
	CHECK_EQ(registered(FA_B, 600, 0), 1);
	CHECK(!node());
	lab_stop(&l);

	start_in(BUFFERING);
	CHECK_EQ(registered(FA_B, 600, 0), 1);
	CHECK_EQ(state(), BUF_DRAINING);
	/* not before the Registration Reply had time to get there, not before live packets */
	packets(1);
	CHECK_EQ(passes(MSEC(10) - 1, NULL), 0);
	packets(1);
	CHECK_EQ(passes(MSEC(100), &to), 22);
	CHECK_EQ(to, lab_addr[FA_B]);
	CHECK_EQ(state(), BUF_SERVING);
	packets(1);
	CHECK_EQ(sent(&to), 1);
	lab_stop(&l);

	start_in(DRAINING);
	CHECK_EQ(registered(FA_B, 600, 0), 1);
	CHECK_EQ(state(), BUF_DRAINING);
	CHECK_EQ(passes(MSEC(10) - 1, NULL), 0);
	CHECK_EQ(passes(MSEC(100), &to), 20);
	CHECK_EQ(to, lab_addr[FA_B]);
	lab_stop(&l);
}

/* The same care-of address: the node stayed, or came back. */
static void renewed_where_it_was(void)
{
	uint32_t to = 0;

	start_in(BUFFERING);
	CHECK_EQ(registered(FA_A, 600, 0), 1);
	CHECK_EQ(passes(MSEC(100), &to), 20);
	CHECK_EQ(to, lab_addr[FA_A]);
	lab_stop(&l);
}

/* A Request that left before the BUFFER: it is no word about what the BUFFER asked for. */
static void request_before_the_buffer(void)
{
	uint32_t to = 0;
	uint64_t id;

	start();
	id = lab_id(&l);
	l.now += MSEC(1);
	CHECK_EQ(order(ORDER_BUFFER, NOWHERE), 0);
	packets(5);
	CHECK_EQ(registered(FA_B, 600, id), 1);
	CHECK_EQ(state(), BUF_BUFFERING);
	CHECK_EQ(passes(MSEC(100), NULL), 0);
	CHECK_EQ(registered(FA_C, 600, 0), 1);
	CHECK_EQ(passes(MSEC(100), &to), 5);
	CHECK_EQ(to, lab_addr[FA_C]);
	lab_stop(&l);
}

/* And a BUFFER that its registration has overtaken begins nothing. */
static void buffer_after_the_request(void)
{
	struct wanted x = good(ORDER_BUFFER, NOWHERE);
	struct lab_order o;

	start();
	o = sign(&x);
	l.now += MSEC(50);
	CHECK_EQ(registered(FA_B, 600, 0), 1);
	CHECK_EQ(through(lab_addr[FA_A], &o), ORDER_ID_ORDER); /* from where it was, for 2 s */
	CHECK_EQ(state(), BUF_SERVING);
	CHECK_EQ(reply_outer, lab_addr[FA_B]);
	CHECK_EQ(dropped(DROP_REPLAY), 1);
	lab_stop(&l);
}

static void lease_over_in_each_state(void)
{
	uint32_t to = 0;

	start_in(BUFFERING);
	CHECK_EQ(passes(SEC(8) - MSEC(2), NULL), 0);
	CHECK_EQ(passes(MSEC(3), &to), 20);
	CHECK_EQ(to, lab_addr[FA_A]);
	CHECK_EQ(state(), BUF_SERVING);
	CHECK_EQ(order(ORDER_RENEW, NOWHERE), ORDER_LEASE_OVER);
	lab_stop(&l);

	start_in(DRAINING);
	node()->mv->buf.lease_ends = l.now + MSEC(1);
	order(ORDER_QUERY, NOWHERE); /* which looks at all deadlines */
	CHECK_EQ(passes(MSEC(2), &to), 20);
	CHECK_EQ(state(), BUF_SERVING);
	lab_stop(&l);
}

static void nowhere_any_more(void)
{
	for (int s = BUFFERING; s <= DRAINING; s++) {
		start_in(s);
		CHECK_EQ(registered(FA_A, 0, 0), 1);
		CHECK_EQ(state(), BUF_SERVING);
		CHECK_EQ(queued(), 0);
		CHECK_EQ(dropped(DROP_NO_BINDING), 20);
		packets(1);
		CHECK_EQ(dropped(DROP_NO_BINDING), 21);
		CHECK_EQ(ha()->reserved, 0);
		lab_stop(&l);
	}
	/* The binding runs out while the lease runs: the node may still come. */
	start();
	CHECK_EQ(registered(FA_A, 3, 0), 1);
	l.now += MSEC(1);
	CHECK_EQ(order(ORDER_BUFFER, NOWHERE), 0);
	packets(5);
	passes(SEC(4), NULL);
	packets(5);
	CHECK_EQ(queued(), 10);
	CHECK_EQ(passes(SEC(5), NULL), 0);
	CHECK_EQ(dropped(DROP_LEASE_OVER), 10);
	lab_stop(&l);
}

/* Its node is not configured any more: nothing is kept for it, no room is promised. */
static void no_node_of_ours(void)
{
	for (int s = BUFFERING; s <= DRAINING; s++) {
		struct agent_conf none = { .n_nodes = 0 };
		struct instant now;

		start_in(s);
		now = lab_instant(&l);
		CHECK(agent_reconfigure(ha(), &none, &now, &l.out));
		agent_tick(ha(), &now, &l.out);
		CHECK(!binding_find(ha(), HOME));
		CHECK_EQ(queued(), 0);
		CHECK_EQ(ha()->reserved, 0);
		CHECK_EQ(dropped(DROP_NO_BINDING), 20);
		packets(1);
		CHECK_EQ(dropped(DROP_NO_BINDING), 21);
		lab_stop(&l);
	}
}

UNIT_MAIN("away", {"packet in each state", packet_in_each_state},
	  {"each order in each state", each_order_in_each_state},
	  {"RESERVE in each state", reserved_in_each_state},
	  {"registration accepted in each state", accepted_in_each_state},
	  {"renewed where it was", renewed_where_it_was},
	  {"a Request before the BUFFER", request_before_the_buffer},
	  {"a BUFFER after the Request", buffer_after_the_request},
	  {"lease over in each state", lease_over_in_each_state},
	  {"nowhere any more", nowhere_any_more}, {"no node of ours", no_node_of_ours})
