/* SPDX-License-Identifier: MIT */
#include "tests/unit/keep_fixture.h"

/* How much a buffer keeps: Size, Overflow, ELASTIC, RENEW, DELETE. */

static struct order sized(uint16_t packets, uint8_t policy)
{
	return (struct order){ .has_size = true, .size_packets = packets, .has_overflow = true,
			       .overflow = policy };
}

static void overflow(void)
{
	start();
	CHECK_EQ(obey(ORDER_BUFFER, sized(4, OVERFLOW_OLDEST)), 0);
	sends_many(0, 6);
	CHECK_EQ(drops(DROP_OVERFLOW), 2);
	release((struct order){ 0 });
	CHECK_WENT(2, 3, 4, 5);
	finish();

	start();
	CHECK_EQ(obey(ORDER_BUFFER, sized(4, OVERFLOW_NEWEST)), 0);
	sends_many(0, 6);
	CHECK_EQ(drops(DROP_OVERFLOW), 2);
	CHECK_EQ(plain(ORDER_QUERY), 0);
	CHECK_EQ(reply.state.dropped_overflow, 2);
	CHECK_EQ(reply.state.queued, 4);
	release((struct order){ 0 });
	CHECK_WENT(0, 1, 2, 3);
	finish();

	start();
	CHECK_EQ(obey(ORDER_BUFFER, sized(4, OVERFLOW_LOWEST)), 0);
	sends(EF);   /* 0 */
	sends(0);    /* 1: goes third */
	sends(CS1);  /* 2 */
	sends(0);    /* 3 */
	sends(EF);   /* 4: for 1 */
	sends(0);    /* 5: for 3, as old as it gets within the class */
	sends(AF41); /* 6: for 5 */
	sends(0);    /* 7: is itself the lowest */
	sends(AF41); /* 8: for 2 */
	sends(CS1);  /* 9: the lowest */
	CHECK_EQ(drops(DROP_OVERFLOW), 6);
	release((struct order){ 0 });
	CHECK_WENT(0, 4, 6, 8);
	finish();
}

/* ELASTIC: past the grant while nobody was promised the room. */
static void elastic(void)
{
	struct order o = sized(4, OVERFLOW_OLDEST);

	start();
	o.flags = ORDER_F_ELASTIC;
	CHECK_EQ(obey(ORDER_BUFFER, o), 0);
	sends_many(0, 50);
	CHECK_EQ(drops(DROP_OVERFLOW), 0);
	CHECK_EQ(buf()->q.packets, 50);
	CHECK_EQ(plain(ORDER_DELETE), 0);
	finish();

	/* an eighth of the pool stays for merges */
	lab_defaults(&l);
	l.conf[FA_A].buffer_total = 800 * POOL_CELL;
	lab_start(&l);
	lab_settle(&l, FA_A);
	l.lose = swallow;
	CHECK_EQ(obey(ORDER_BUFFER, o), 1);
	CHECK_EQ(reply.size_packets, 4);
	CHECK_EQ(reply.size_kib, 50);
	sends_many(0, 800);
	CHECK_EQ(buf()->q.packets, 699); /* the last began with 101 cells and a half to spare */
	CHECK_EQ(drops(DROP_OVERFLOW), 101);
	CHECK_EQ(plain(ORDER_DELETE), 0);
	finish();

	/* and nobody has more than four shares */
	lab_defaults(&l);
	l.conf[FA_A].per_node.packets = 10;
	lab_start(&l);
	lab_settle(&l, FA_A);
	l.lose = swallow;
	CHECK_EQ(obey(ORDER_BUFFER, o), 0);
	sends_many(0, 50);
	CHECK_EQ(buf()->q.packets, 40);
	CHECK_EQ(plain(ORDER_DELETE), 0);
	finish();
}

/* What a queue has taken up beyond its promise is not promised to another. */
static void promises(void)
{
	struct order o = sized(4, OVERFLOW_OLDEST);
	struct buffer *old;

	lab_defaults(&l);
	l.conf[FA_A].buffer_total = 3200 * POOL_CELL;
	lab_start(&l);
	lab_settle(&l, FA_A);
	l.lose = swallow;
	o.flags = ORDER_F_ELASTIC;
	o.size_kib = 100;
	CHECK_EQ(obey(ORDER_BUFFER, o), 0);
	for (int i = 0; i < 1000; i++, l.now += MSEC(1))
		sends(0);
	CHECK_EQ(buf()->q.packets, 1000);
	CHECK_EQ(plain(ORDER_FORWARD), 0);
	l.lose = NULL;
	lab_run(&l, 1);
	lab_register(&l, 600, NULL, NULL); /* back: a machine of its own for this stay */
	for (int i = 0; i < 30 && !node_find(a(), HOME)->mv->old[0]; i++)
		lab_run(&l, 1);
	l.lose = swallow;
	old = node_find(a(), HOME)->mv->old[0];
	CHECK(old && old->q.packets > 900);
	o.size_packets = 2048;
	o.size_kib = 4096;
	CHECK_EQ(obey(ORDER_BUFFER, o), 1);
	CHECK(buf()->reserved <= pool_free_bytes(&a()->pool));
	CHECK_EQ(a()->reserved, buf()->reserved + old->reserved);
	lab_run(&l, 9000);
	finish();
}

/* A smaller grant drops nothing that is there, and no more than comes. */
static void renewed(void)
{
	start();
	CHECK_EQ(plain(ORDER_BUFFER), 0);
	sends_many(0, 20);
	CHECK_EQ(obey(ORDER_RENEW, (struct order){ .has_size = true, .size_packets = 5,
						   .has_lease = true, .lease_ms = 3000 }), 0);
	CHECK(reply.has_size && reply.size_packets == 5 && reply.has_lease && reply.has_state);
	CHECK_EQ(reply.lease_ms, 3000);
	CHECK_EQ(reply.state.queued, 20);
	CHECK_EQ(reply.state.state, BUF_BUFFERING);
	CHECK_EQ(drops(DROP_OVERFLOW), 0);
	sends(0);
	CHECK_EQ(drops(DROP_OVERFLOW), 1);
	CHECK_EQ(buf()->q.packets, 20);
	CHECK_EQ(obey(ORDER_RENEW, sized(30, OVERFLOW_NEWEST)), 0);
	sends_many(0, 11);
	CHECK_EQ(buf()->q.packets, 30);
	CHECK_EQ(drops(DROP_OVERFLOW), 2);
	CHECK_EQ(obey(ORDER_RENEW, (struct order){ .has_lease = true, .lease_ms = 100 }), 0);
	lab_run(&l, 99);
	CHECK_EQ(buf()->state, BUF_BUFFERING);
	lab_run(&l, 1);
	CHECK_EQ(buf()->state, BUF_SERVING);
	CHECK_EQ(plain(ORDER_RENEW), ORDER_LEASE_OVER);
	finish();
}

static void reserves(struct order o)
{
	struct sa sa = lab_mn_fa(FA_A);
	uint8_t msg[ORDER_MAX];
	struct wbuf w = wb_init(msg, sizeof(msg));

	o.message = ORDER_REQUEST;
	o.action = ORDER_BUFFER;
	o.flags = ORDER_F_RESERVE;
	o.home_addr = HOME;
	o.first_agent = A_ADDR;
	o.id = lab_id(&l);
	order_encode(&w, &o);
	auth_append(&w, EXT_MN_FA, 0, &sa);
	CHECK(wb_ok(&w));
	lab_say(&l, msg, w.len);
	CHECK_EQ(buf()->state, BUF_RESERVED);
}

/* RENEW of an early lease changes what it names; a second RESERVE takes the place of the first. */
static void renewed_early(void)
{
	start();
	reserves((struct order){ .has_overflow = true, .overflow = OVERFLOW_NEWEST, .n_ages = 1,
				 .ages = { { .dscp = EF, .ms = 100 } }, .n_rules = 1,
				 .rules = { { .match = 1, .protocol = 6 } } });
	CHECK_EQ(obey(ORDER_RENEW, (struct order){ .has_lease = true, .lease_ms = 3000 }), 0);
	CHECK_EQ(buf()->state, BUF_RESERVED);
	CHECK_EQ(buf()->early_lease, SEC(3));
	CHECK_EQ(buf()->overflow, OVERFLOW_NEWEST);
	CHECK(buf()->n_ages == 1 && buf()->filter.n == 1);
	CHECK_EQ(agent_counters(a())->early_leases, 1);
	reserves((struct order){ 0 });
	CHECK_EQ(buf()->overflow, OVERFLOW_OLDEST);
	CHECK(buf()->n_ages == 0 && buf()->filter.n == 0);
	CHECK_EQ(agent_counters(a())->early_leases, 2);
	lab_stop(&l);
}

static void deleted(void)
{
	start();
	CHECK_EQ(plain(ORDER_BUFFER), 0);
	sends_many(0, 20);
	CHECK_EQ(plain(ORDER_DELETE), 0);
	CHECK(reply.has_state && reply.state.queued == 0 && reply.state.state == BUF_SERVING);
	CHECK_EQ(drops(DROP_DELETED), 20);
	sends(0); /* and where it went before is here */
	CHECK(l.out.n == 1 && l.out.a[0].act == AGENT_DELIVER);
	finish();

	start();
	CHECK_EQ(plain(ORDER_BUFFER), 0);
	sends_many(0, 20);
	CHECK_EQ(plain(ORDER_FORWARD), 0);
	CHECK_EQ(plain(ORDER_DELETE), 0);
	CHECK_EQ(drops(DROP_DELETED), 20);
	CHECK_EQ(buf()->state, BUF_DRAINING);
	sends(0); /* where it went before is agent two */
	CHECK(l.out.n == 1 && l.out.a[0].act == AGENT_TUNNEL && l.out.a[0].dst == B_ADDR);
	lab_run(&l, 9000);
	CHECK(!node_find(a(), HOME));
	finish();

	start();
	CHECK_EQ(plain(ORDER_BUFFER), 0);
	sends_many(0, 20);
	CHECK_EQ(plain(ORDER_DELETE_FORWARD), 0);
	CHECK(reply.handoff.present);
	CHECK_EQ(drops(DROP_DELETED), 20);
	CHECK_EQ(buf()->state, BUF_DRAINING);
	sends(0);
	CHECK(l.out.n == 1 && l.out.a[0].act == AGENT_TUNNEL && l.out.a[0].dst == B_ADDR);
	lab_run(&l, 200);
	CHECK_EQ(buf()->state, BUF_PASSING);
	CHECK_EQ(plain(ORDER_QUERY), 0);
	CHECK_EQ(reply.state.forwarded, 1);
	lab_run(&l, 8000);
	CHECK(!node_find(a(), HOME));
	finish();
}

/* Well-formed, without sense: 134, and nothing is done. */
static void no_sense(void)
{
	struct order o = { .n_rules = 1, .n_seen = 1 };

	start();
	CHECK_EQ(obey(ORDER_BUFFER, o), ORDER_MALFORMED);
	CHECK_EQ(buf()->state, BUF_SERVING);
	CHECK_EQ(obey(ORDER_FORWARD, o), ORDER_MALFORMED);
	CHECK_EQ(buf()->state, BUF_SERVING);
	CHECK_EQ(obey(ORDER_BUFFER, sized(4, 3)), ORDER_MALFORMED);
	o = (struct order){ .n_rules = 1, .rules = { { .match = 32 } } };
	CHECK_EQ(obey(ORDER_BUFFER, o), ORDER_MALFORMED);
	o = (struct order){ .n_ages = 1, .ages = { { 64, 1 } } };
	CHECK_EQ(obey(ORDER_BUFFER, o), ORDER_MALFORMED);
	CHECK_EQ(drops(DROP_MALFORMED), 5);
	CHECK_EQ(a()->reserved, 0);
	CHECK_EQ(plain(ORDER_BUFFER), 0);
	lab_stop(&l);
}

/* What the agent's configuration says holds where the order says nothing, for each lease anew. */
static void configured_overflow(void)
{
	lab_defaults(&l);
	l.conf[FA_A].overflow = OVERFLOW_NEWEST;
	lab_start(&l);
	lab_settle(&l, FA_A);
	CHECK_EQ(obey(ORDER_BUFFER, (struct order){ .has_size = true, .size_packets = 4 }), 0);
	sends_many(0, 6);
	CHECK_EQ(drops(DROP_OVERFLOW), 2);
	release((struct order){ 0 });
	CHECK_WENT(0, 1, 2, 3);
	CHECK_EQ(obey(ORDER_BUFFER, sized(4, OVERFLOW_OLDEST)), 0);
	sends_many(0, 6);
	release((struct order){ 0 });
	CHECK_WENT(8, 9, 10, 11);
	CHECK_EQ(obey(ORDER_BUFFER, (struct order){ .has_size = true, .size_packets = 4 }), 0);
	sends_many(0, 6);
	release((struct order){ 0 });
	CHECK_WENT(12, 13, 14, 15);
	finish();

	lab_defaults(&l);
	l.conf[FA_A].overflow = OVERFLOW_LOWEST;
	lab_start(&l);
	lab_settle(&l, FA_A);
	CHECK_EQ(obey(ORDER_BUFFER, (struct order){ .has_size = true, .size_packets = 3 }), 0);
	sends(EF);
	sends(CS1);
	sends(AF41);
	sends(EF);
	release((struct order){ 0 });
	CHECK_WENT(0, 2, 3);
	finish();
}

UNIT_MAIN("keep", {"overflow", overflow}, {"overflow as configured", configured_overflow},
	  {"elastic", elastic}, {"promises", promises},
	  {"renewed", renewed}, {"renewed early", renewed_early}, {"deleted", deleted},
	  {"no sense", no_sense})
