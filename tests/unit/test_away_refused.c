/* SPDX-License-Identifier: MIT */
#include "tests/unit/away_fixture.h"

/* The home agent as first agent: who is refused. */

static void no_right_to_ask(void)
{
	struct wanted x;
	struct lab_order o;

	start();
	x = good(ORDER_BUFFER, NOWHERE);
	x.auth = 0;
	o = sign(&x);
	CHECK_EQ(through(lab_addr[FA_A], &o), -1);
	CHECK_EQ(dropped(DROP_NO_AUTH), 1);
	x = good(ORDER_BUFFER, NOWHERE);
	x.auth = EXT_MN_FA;
	o = sign(&x);
	CHECK_EQ(through(lab_addr[FA_A], &o), -1);
	CHECK_EQ(dropped(DROP_NO_AUTH), 2);
	x = good(ORDER_BUFFER, NOWHERE);
	x.sa.spi++;
	o = sign(&x);
	CHECK_EQ(through(lab_addr[FA_A], &o), ORDER_AUTH_FAILED);
	CHECK_EQ(dropped(DROP_NO_KEY), 1);
	l.now += SEC(1);
	x = good(ORDER_BUFFER, NOWHERE);
	x.sa.key.b[0] ^= 1;
	o = sign(&x);
	CHECK_EQ(through(lab_addr[FA_A], &o), ORDER_AUTH_FAILED);
	CHECK_EQ(through(lab_addr[FA_A], &o), -1); /* once a second */
	CHECK_EQ(dropped(DROP_BAD_AUTH), 2);
	x = good(ORDER_BUFFER, NOWHERE);
	x.first_agent = lab_addr[FA_A];
	o = sign(&x);
	CHECK_EQ(through(lab_addr[FA_A], &o), ORDER_NOT_ME);
	CHECK_EQ(dropped(DROP_NOT_MINE), 1);
	CHECK(!node());
	lab_stop(&l);
}

static void said_before(void)
{
	struct wanted x = good(ORDER_BUFFER, NOWHERE);
	struct lab_order o, late;

	start();
	o = sign(&x);
	CHECK_EQ(through(lab_addr[FA_A], &o), 0);
	packets(3);
	CHECK_EQ(through(lab_addr[FA_A], &o), 0); /* the same Reply */
	CHECK_EQ(queued(), 3);
	CHECK_EQ(ha()->count.orders, 1);
	x.id = o.id - 1;
	late = sign(&x);
	CHECK_EQ(through(lab_addr[FA_A], &late), ORDER_ID_ORDER);
	CHECK((int64_t)(reply.id - o.id) > 0);
	x.id = o.id + ((uint64_t)30 << 32);
	late = sign(&x);
	CHECK_EQ(through(lab_addr[FA_A], &late), ORDER_ID_ORDER);
	CHECK_EQ(dropped(DROP_REPLAY), 1);
	CHECK_EQ(dropped(DROP_STALE), 1);
	/* and when its entry is forgotten it is old all the same */
	registered(FA_B, 600, 0);
	passes(SEC(20), NULL);
	CHECK(!node());
	CHECK_EQ(through(lab_addr[FA_B], &o), ORDER_ID_ORDER);
	CHECK_EQ(state(), BUF_SERVING);
	lab_stop(&l);
}

static void not_through_its_tunnel(void)
{
	struct wanted x = good(ORDER_BUFFER, NOWHERE);
	struct lab_order o;
	struct instant now;

	start();
	o = sign(&x);
	CHECK_EQ(through(lab_addr[FA_C], &o), -1);
	CHECK_EQ(dropped(DROP_OUTER_SOURCE), 1);
	CHECK(!node());
	/* By routing it may come from anywhere: it is signed.  Its Reply goes to the node. */
	now = lab_instant(&l);
	agent_udp(ha(), HOME, 5434, HA_ADDR, o.bytes, o.n, &now, &l.out);
	CHECK_EQ(code(), 0);
	CHECK(reply_tunnelled);
	CHECK_EQ(reply_outer, lab_addr[FA_A]);
	lab_stop(&l);
}

static void not_bound(void)
{
	struct wanted x = good(ORDER_BUFFER, NOWHERE);
	struct lab_order o;
	struct instant now;

	start();
	registered(FA_A, 0, 0);
	o = sign(&x);
	now = lab_instant(&l);
	agent_udp(ha(), CN_ADDR, 434, HA_ADDR, o.bytes, o.n, &now, &l.out);
	CHECK_EQ(code(), ORDER_NOT_SERVED);
	CHECK(!node());
	lab_stop(&l);
}

static void switched_off(void)
{
	start();
	ha()->c.buffers = false;
	CHECK_EQ(order(ORDER_QUERY, NOWHERE), ORDER_PROHIBITED);
	CHECK_EQ(order(ORDER_BUFFER, NOWHERE), ORDER_PROHIBITED);
	lab_stop(&l);
}

UNIT_MAIN("away_refused", {"no right to ask", no_right_to_ask}, {"said before", said_before},
	  {"not through its tunnel", not_through_its_tunnel}, {"not bound", not_bound},
	  {"switched off", switched_off})
