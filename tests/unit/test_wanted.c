/* SPDX-License-Identifier: MIT */
#include "tests/unit/keep_fixture.h"

/* What of a buffer the node still wants when it goes out: Seen, Max age. */

/* As the node computes it over the copy that reached it, three hops later. */
static uint32_t word(uint32_t seq)
{
	uint8_t pkt[300];
	size_t n = udp_packet(pkt, CN_ADDR, 0, 5000, 5001, seq);

	pkt[8] = pkt[10] = pkt[11] = 0;
	return auth_sha256_32(pkt, n);
}

static void seen(void)
{
	struct order o = { .n_seen = 3, .seen = { word(3), word(1), word(77) } };

	start();
	CHECK_EQ(plain(ORDER_BUFFER), 0);
	sends_many(0, 6);
	release(o);
	CHECK_WENT(0, 2, 4, 5);
	CHECK_EQ(drops(DROP_SEEN), 2);
	finish();

	/* each word is worth one packet, and only those that were kept when it came */
	start();
	CHECK_EQ(plain(ORDER_BUFFER), 0);
	for (unsigned i = 0; i < 3; i++) {
		l.sent = 1;
		sends(0);
	}
	o = (struct order){ .n_seen = 2, .seen = { word(1), word(5) } };
	CHECK_EQ(obey(ORDER_FORWARD, o), 0);
	CHECK(reply.handoff.present);
	l.sent = 5;
	sends(0);
	lab_run(&l, 60);
	CHECK_EQ(drops(DROP_SEEN), 1);
	CHECK_EQ(buf()->forwarded, 3);
	CHECK_EQ(buf()->lost[DROP_SEEN], 1);
	lab_stop(&l);

	/* as many as fit an order */
	start();
	CHECK_EQ(plain(ORDER_BUFFER), 0);
	sends_many(0, 60);
	o = (struct order){ .n_seen = 47 };
	for (uint32_t i = 0; i < 47; i++)
		o.seen[i] = word(i);
	release(o);
	CHECK_EQ(n_released, 13);
	CHECK_EQ(released[0], 47);
	finish();
}

/* What leaves still carries its own TTL and checksum. */
static void seen_leaves_the_rest_whole(void)
{
	struct order o = { .n_seen = 1, .seen = { 1 } };
	struct instant now;
	struct ipv4 ip;

	start();
	CHECK_EQ(plain(ORDER_BUFFER), 0);
	sends(0);
	CHECK_EQ(obey(ORDER_FORWARD, o), 0);
	now = lab_instant(&l);
	agent_tick(a(), &now, &l.out);
	CHECK_EQ(l.out.a[0].act, AGENT_TUNNEL);
	CHECK_EQ(ipv4_decode(l.out.a[0].p, l.out.a[0].n, &ip), DROP_NONE);
	CHECK_EQ(ip.ttl, 59);
	CHECK_EQ(lab_seq(l.out.a[0].p, l.out.a[0].n), 0);
	lab_stop(&l);
}

static void ages(void)
{
	struct order o = { .n_ages = 2, .ages = { { EF, 100 }, { AGE_ANY_DSCP, 200 } } };

	start();
	CHECK_EQ(obey(ORDER_BUFFER, o), 0);
	sends(0); /* 0: 201 ms at the end */
	l.now += MSEC(1);
	sends(0); /* 1: 200 ms */
	l.now += MSEC(99);
	sends(EF); /* 2: 101 ms */
	l.now += MSEC(1);
	sends(EF); /* 3: 100 ms */
	sends(0);
	l.now += MSEC(100);
	release((struct order){ 0 });
	CHECK_WENT(1, 3, 4);
	CHECK_EQ(drops(DROP_AGE), 2);
	CHECK_EQ(buf()->lost[DROP_AGE], 2);
	finish();

	/* what FORWARD says of it holds instead; a class of which nothing is said waits for ever */
	start();
	CHECK_EQ(obey(ORDER_BUFFER, o), 0);
	sends(0);
	sends(EF);
	sends(CS1);
	l.now += MSEC(300);
	o = (struct order){ .n_ages = 1, .ages = { { CS1, 250 } } };
	CHECK_EQ(obey(ORDER_FORWARD, o), 0);
	lab_run(&l, 50);
	CHECK_EQ(drops(DROP_AGE), 1);
	CHECK_EQ(buf()->forwarded, 2);
	CHECK_EQ(plain(ORDER_QUERY), 0);
	CHECK_EQ(reply.state.dropped_age, 1);
	CHECK_EQ(reply.state.forwarded, 2);
	lab_stop(&l);

	/* far more of them than one call looks at */
	start();
	o = (struct order){ .n_ages = 1, .ages = { { AGE_ANY_DSCP, 10 } } };
	CHECK_EQ(obey(ORDER_BUFFER, o), 0);
	sends_many(0, 1000);
	l.now += MSEC(11);
	sends(0);
	release((struct order){ 0 });
	CHECK_WENT(1000);
	CHECK_EQ(drops(DROP_AGE), 1000);
	finish();
}

UNIT_MAIN("wanted", {"seen", seen}, {"what is not seen", seen_leaves_the_rest_whole},
	  {"ages", ages})
