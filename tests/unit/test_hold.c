/* SPDX-License-Identifier: MIT */
#include "tests/unit/merge_fixture.h"

/* What a Registration Request may change here before the home agent has vouched for it. */

/* Agent two holds no key for the node: whoever is on its link may say that it is that node. */
static void start_keyless(void)
{
	lab_defaults(&l);
	l.node[FA_B].sa.spi = 0;
	lab_start(&l);
	l.lose = swallow;
	lab_run(&l, 10);
}

static void stranger_asks(void)
{
	struct lab_order b0 = order_b, f0 = order_f;
	struct mac own = l.mac;
	uint64_t id = reg_id;

	l.mac.b[5] = 7;
	request(true);
	l.mac = own;
	order_b = b0;
	order_f = f0;
	reg_id = id;
}

static void settle_here(void)
{
	l.at = FA_B;
	lab_register(&l, 600, NULL, NULL);
	reg_id = l.last_id;
	answer(1, 600);
	lab_act(&l, FA_B);
}

/* A Request in a visitor's name, with orders, must not stop the visitor's packets. */
static void stranger(void)
{
	start_keyless();
	settle_here();
	CHECK_EQ(packets(HA_ADDR, 0, 1), 1);
	lab_run(&l, 5000); /* idle or not */
	stranger_asks();
	CHECK_STR(merge(), "none");
	CHECK_EQ(packets(HA_ADDR, 1, 1), 1);
	lab_run(&l, 2000);
	CHECK_EQ(packets(HA_ADDR, 2, 1), 1);
	CHECK_EQ(packets(CN_ADDR, 3, 1), 0); /* the home agent is the one that answered */
	lab_run(&l, 7000);
	CHECK_EQ(packets(HA_ADDR, 3, 1), 1);
	lab_stop(&l);
}

/* Nor touch the handoff that brought the node here. */
static void stranger_in_a_merge(void)
{
	start_keyless();
	request(true);
	answer(1, 600);
	lab_act(&l, FA_B);
	CHECK_EQ(packets(HA_ADDR, 10, 2), 0);
	stranger_asks();
	CHECK_STR(merge(), "holding");
	CHECK_EQ(packets(A_ADDR, 0, 3), 3);
	reply(order_f.id, 0, &order_f.kh, A_ADDR);
	CHECK_EQ(l.out.n, 1);
	CHECK(mac_equal(&l.out.a[0].mac, &l.mac));
	marker(0, 3, &order_f.kh);
	lab_run(&l, 2);
	CHECK_STR(merge(), "done");
	CHECK_EQ(l.received, 5);
	CHECK_EQ(l.reordered, 0);
	CHECK_EQ(packets(HA_ADDR, 12, 1), 1);
	lab_stop(&l);
}

/* Nor what is kept for a node that is on its way. */
static void stranger_while_buffering(void)
{
	struct lab_order o;
	struct instant now;

	lab_init(&l); /* with the key, for BUFFER; the stranger's Request is a recording */
	l.lose = swallow;
	lab_run(&l, 10);
	request(true);
	answer(1, 600);
	lab_run(&l, 2000);
	CHECK_STR(merge(), "done");
	o = lab_order(&l, ORDER_BUFFER, 0, FA_B, NOWHERE);
	now = lab_instant(&l);
	agent_link_udp(b(), 0, &l.mac, HOME, 5434, lab_link[FA_B], 255, o.bytes, o.n, &now, &l.out);
	CHECK_EQ(packets(HA_ADDR, 20, 3), 0);
	l.mac.b[5] = 7;
	l.last_id = reg_id - 1;
	l.now -= MSEC(2010);
	lab_register(&l, 600, &order_b, &order_f);
	l.now += MSEC(2010);
	CHECK_EQ(packets(HA_ADDR, 23, 3), 0);
	CHECK_EQ(lab_buffer(&l, FA_B).queued, 6);
	CHECK_EQ(lab_buffer(&l, FA_B).held, 0);
	lab_stop(&l);
}

/* The very Request that brought the node here, sent again by another station. */
static void copied(void)
{
	struct agent_visitor_info v;

	start_keyless();
	settle_here();
	l.last_id--;
	l.now -= MSEC(1);
	l.mac.b[5] = 7;
	lab_register(&l, 600, NULL, NULL);
	l.now += MSEC(1);
	l.mac.b[5] = 9;
	CHECK_EQ(l.last_id, reg_id);
	answer(1, 600);
	for (unsigned i = 0; i < l.out.n; i++)
		CHECK(l.out.a[i].act != AGENT_VISITOR_UP);
	CHECK(agent_visitor_at(b(), 0, &v));
	CHECK(mac_equal(&v.mac, &l.mac));
	lab_stop(&l);
}

/* A home address that nobody serves here: what may overtake the Reply is kept, and little of it. */
static void nobody(void)
{
	start_keyless();
	l.peer[FA_B][0].sa.spi = 0; /* and the home agent is anybody, too */
	request(true);
	CHECK_EQ(packets(HA_ADDR, 0, 130), 0);
	CHECK_EQ(lab_buffer(&l, FA_B).held, 128);
	CHECK_EQ(agent_drops(b())->n[DROP_OVERFLOW], 2);
	CHECK_EQ(packets(CN_ADDR, 130, 1), 0);
	CHECK_EQ(agent_drops(b())->n[DROP_OUTER_SOURCE], 1);
	lab_run(&l, 7001);
	CHECK_EQ(agent_drops(b())->n[DROP_NOT_VISITOR], 128);
	CHECK_STR(merge(), "none");
	CHECK(!node_find(b(), HOME));
	CHECK_EQ(b()->pool.n_free, b()->pool.n_cells);
	lab_stop(&l);
}

/* A home agent that we share a key with tunnels here only what it has bound to us. */
static void known_home_agent(void)
{
	start_keyless();
	request(true);
	CHECK_EQ(packets(HA_ADDR, 0, 2049), 0);
	CHECK_EQ(lab_buffer(&l, FA_B).held, 2048);
	CHECK_EQ(agent_drops(b())->n[DROP_OVERFLOW], 1);
	lab_stop(&l);
}

UNIT_MAIN("hold", {"a stranger's request", stranger},
	  {"a stranger in a merge", stranger_in_a_merge},
	  {"a stranger while buffering", stranger_while_buffering}, {"a copied request", copied},
	  {"nobody's request", nobody}, {"a known home agent", known_home_agent})
