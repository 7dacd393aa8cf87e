/* SPDX-License-Identifier: MIT */
#include "tests/unit/walk_fixture.h"

/* Long walks, quick ones, and walks over a bad network. */
static void ping_pong(void)
{
	start();
	for (int i = 0; i < 10; i++) {
		lab_handoff(&l, i % 2 ? FA_B : FA_A, i % 2 ? FA_A : FA_B);
		lab_run(&l, 500);
	}
	whole();
}

/* Back before the first drain has ended: agent one drains to two, which forwards back to one. */
static void quick_return(void)
{
	for (unsigned stay = 31; stay < 200; stay += 13) {
		start();
		lab_handoff(&l, FA_A, FA_B);
		lab_run(&l, stay);
		lab_handoff(&l, FA_B, FA_A);
		whole();
	}
}

/* A second between links, then back at once: each agent still drains to the other. */
static void slow_return(void)
{
	for (unsigned stay = 75; stay < 500; stay += 100) {
		lab_defaults(&l);
		l.verbose = getenv("V");
		l.backbone = MSEC(31);
		l.outage_ms = 1000;
		lab_start(&l);
		lab_settle(&l, FA_A);
		lab_run(&l, 100);
		lab_stream_start(&l);
		lab_run(&l, 500);
		for (int i = 0; i < 3; i++) {
			lab_handoff(&l, i % 2 ? FA_B : FA_A, i % 2 ? FA_A : FA_B);
			lab_run(&l, stay);
			l.outage_ms = 80;
		}
		lab_run(&l, 3000);
		CHECK_EQ(agent_drops(l.ag[FA_A])->n[DROP_LOOP], 0);
		CHECK_EQ(agent_drops(l.ag[FA_B])->n[DROP_LOOP], 0);
		whole();
	}
}

static void chain(void)
{
	for (unsigned stay = 31; stay < 200; stay += 13) {
		start();
		lab_handoff(&l, FA_A, FA_B);
		lab_run(&l, stay);
		lab_handoff(&l, FA_B, FA_C);
		whole();
	}
}

static void long_walk(void)
{
	static const int path[] = { FA_A, FA_B, FA_A, FA_B, FA_C, FA_B, FA_A, FA_C, FA_A };

	start();
	for (unsigned i = 1; i < sizeof(path) / sizeof(path[0]); i++) {
		lab_handoff(&l, path[i - 1], path[i]);
		lab_run(&l, 70);
	}
	whole();
}

/* One message of this type, from there to this agent, that is so much longer on its way. */
static struct {
	uint32_t src;
	int agent;
	uint8_t type;
	mtime by;
} tardy;

static bool dawdle(const struct lab *x, const struct lab_event *e)
{
	struct lab *y = (struct lab *)(uintptr_t)x;

	if (e->kind != LAB_UDP || e->src != tardy.src || e->agent != tardy.agent ||
	    e->p[0] != tardy.type)
		return false;
	y->lose = NULL;
	lab_post(y, e->t - y->now + tardy.by, e->kind, e->agent, e->src, e->sport, e->dst, e->p,
		 e->n);
	return true;
}

/* Both register at agent one under its buffer, and at agent two; only the order differs. */
static void leaves_a(void)
{
	struct lab_order o;

	start();
	o = lab_order(&l, ORDER_BUFFER, 0, FA_A, NOWHERE);
	lab_say(&l, o.bytes, o.n);
	lab_run(&l, 20);
	CHECK_EQ(lab_buffer(&l, FA_A).state, BUF_BUFFERING);
	l.lose = dawdle;
}

static void forwarded_to_b(void)
{
	struct lab_order f;

	l.at = FA_B;
	f = lab_order(&l, ORDER_FORWARD, ORDER_F_ASKED, FA_A, FA_B);
	lab_register(&l, 600, NULL, &f);
}

/* Its Reply comes when it has registered elsewhere: the home agent's marker says so. */
static void renewal_before_the_marker(void)
{
	leaves_a();
	tardy.src = HA_ADDR;
	tardy.agent = FA_A;
	tardy.type = MIP_REPLY;
	tardy.by = MSEC(120);
	lab_register(&l, 600, NULL, NULL);
	l.at = NOWHERE;
	lab_run(&l, 80);
	forwarded_to_b();
	lab_run(&l, 50);
	CHECK_EQ(lab_buffer(&l, FA_A).state, BUF_DRAINING);
	lab_run(&l, 250);
	CHECK(!l.lose);
	CHECK_EQ(lab_buffer(&l, FA_A).state, BUF_PASSING);
	lab_run(&l, 8000);
	CHECK_EQ(l.down[FA_A], 1);
	whole();
}

/* It is here again, and the FORWARD that comes before its Reply is of the stay before. */
static void forward_before_the_reply(void)
{
	unsigned before;

	leaves_a();
	tardy.src = lab_addr[FA_B];
	tardy.agent = FA_A;
	tardy.type = MIP_ORDER;
	tardy.by = MSEC(15);
	l.at = NOWHERE;
	lab_run(&l, 80);
	forwarded_to_b();
	l.at = NOWHERE;
	lab_run(&l, 35);
	l.at = FA_A;
	lab_register(&l, 600, NULL, NULL);
	lab_run(&l, 15);
	CHECK_EQ(lab_buffer(&l, FA_A).state, BUF_DRAINING);
	lab_run(&l, 185);
	CHECK_EQ(lab_buffer(&l, FA_A).state, BUF_SERVING);
	before = l.received;
	lab_run(&l, 200);
	CHECK_EQ(l.received - before, 100);
	finish();
}

static uint32_t rng;

static uint32_t dice(uint32_t sides)
{
	rng ^= rng << 13;
	rng ^= rng >> 17;
	rng ^= rng << 5;
	return rng % sides;
}

/* One control message in four is lost, one in eight comes twice; data is left alone. */
static bool bad_network(const struct lab *x, const struct lab_event *e)
{
	struct lab *y = (struct lab *)(uintptr_t)x;
	uint32_t d;

	if (e->kind == LAB_RADIO || e->kind == LAB_UPLINK || (e->kind == LAB_TUNNEL && e->n > 150))
		return false;
	d = dice(8);
	if (d == 2) {
		y->lose = NULL;
		lab_post(y, e->t - y->now + MSEC(dice(40)), e->kind, e->agent, e->src, e->sport,
			 e->dst, e->p, e->n);
		y->lose = bad_network;
	}
	return d < 2;
}

static void all_given_back(void)
{
	struct agent_visitor_info v;
	struct agent_buffer_info b;

	for (int i = 0; i < N_AGENTS; i++) {
		CHECK(!agent_buffer_at(l.ag[i], 0, &b));
		CHECK(!agent_visitor_at(l.ag[i], 0, &v));
		CHECK_EQ(l.up[i] > 0, l.down[i] > 0);
		CHECK_EQ(l.ag[i]->reserved, 0);
		CHECK_EQ(l.ag[i]->pool.n_free, l.ag[i]->pool.n_cells);
	}
}

/* Whatever is lost or doubled of the signalling: no packet twice, nothing kept for ever. */
static void any_walk(void)
{
	for (uint32_t seed = 1; seed <= 300; seed++) {
		rng = seed * 2654435761u | 1;
		lab_init(&l);
		lab_settle(&l, FA_A);
		lab_stream_start(&l);
		l.lose = bad_network;
		for (int from = FA_A, i = 0; i < 8; i++) {
			int to = FA_A + (int)dice(3);

			if (to == from)
				continue;
			lab_handoff(&l, from, to);
			lab_run(&l, 20 + dice(300));
			from = to;
		}
		l.streaming = false;
		lab_run(&l, 700000);
		if (l.duplicated)
			printf("\n    seed %u: %u packets twice\n", seed, l.duplicated);
		CHECK_EQ(l.duplicated, 0);
		all_given_back();
		lab_stop(&l);
	}
}

UNIT_MAIN("agent_walk", {"ten walks there and back", ping_pong},
	  {"back before the drain has ended", quick_return},
	  {"back after a long way, while both drain", slow_return}, {"on to a third agent", chain},
	  {"a Reply from before the walk", renewal_before_the_marker},
	  {"back before the FORWARD", forward_before_the_reply},
	  {"a long walk, quickly", long_walk}, {"any walk over a bad network", any_walk})
