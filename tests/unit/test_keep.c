/* SPDX-License-Identifier: MIT */
#include "agent/foreign.h"

#include "tests/unit/agent_lab.h"

/* What a buffer keeps, and what of it goes out: Overflow, Filter, Seen, Max age, DELETE, RENEW. */
static struct lab l;
static struct order reply;

#define A_ADDR 0xc6336407u
#define B_ADDR 0xc6336487u
#define EF 46
#define CS1 8
#define AF41 34

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

static struct buffer *buf(void)
{
	return &node_find(a(), HOME)->buf;
}

static uint64_t drops(enum drop why)
{
	return agent_drops(a())->n[why];
}

/* Signs o and brings it as agent two would; the Reply's code, -1: none. */
static int obey(uint8_t action, struct order o)
{
	struct sa sa = lab_mn_fa(FA_A);
	struct instant now = lab_instant(&l);
	uint8_t msg[ORDER_MAX];
	struct wbuf w = wb_init(msg, sizeof(msg));
	uint8_t *copy;

	o.message = ORDER_REQUEST;
	o.action = action;
	o.home_addr = HOME;
	o.first_agent = A_ADDR;
	o.care_of = B_ADDR;
	o.id = lab_id(&l);
	order_encode(&w, &o);
	auth_append(&w, EXT_MN_FA, 0, &sa);
	CHECK(wb_ok(&w));
	copy = unit_copy(msg, w.len);
	agent_udp(a(), B_ADDR, 434, A_ADDR, copy, w.len, &now, &l.out);
	free(copy);
	for (unsigned i = 0; i < l.out.n; i++)
		if (l.out.a[i].act == AGENT_SEND_UDP &&
		    order_decode(l.out.a[i].p, l.out.a[i].n, &reply) == DROP_NONE) {
			CHECK(l.out.a[i].n <= w.len + ORDER_REPLY_GROW);
			return reply.action;
		}
	return -1;
}

static int plain(uint8_t action)
{
	return obey(action, (struct order){ 0 });
}

/* One packet for the node, as the home agent tunnels it. */
static void arrives(const uint8_t *pkt, size_t n)
{
	struct instant now = lab_instant(&l);
	uint8_t *copy = unit_copy(pkt, n);

	agent_tunnel(a(), HA_ADDR, A_ADDR, copy, n, &now, &l.out);
	free(copy);
}

static size_t udp_packet(uint8_t *pkt, uint32_t src, uint8_t dscp, uint16_t sport, uint16_t dport,
			 uint32_t seq)
{
	struct ipv4_out h = { .src = src, .dst = HOME, .ttl = 60, .tos = (uint8_t)(dscp << 2) };
	uint8_t payload[172] = { 0 };
	struct wbuf w = wb_init(payload, sizeof(payload));

	wb_u32(&w, seq);
	return udp_build(pkt, 300, &h, sport, dport, payload, sizeof(payload));
}

static void sends(uint8_t dscp)
{
	uint8_t pkt[300];
	size_t n = udp_packet(pkt, CN_ADDR, dscp, 5000, 5001, l.sent++);

	arrives(pkt, n);
}

static void sends_many(uint8_t dscp, unsigned n)
{
	while (n--)
		sends(dscp);
}

/* The numbers of what is kept, oldest first, as it is released here. */
static unsigned released[64], n_released;

static bool radio(const struct lab *x, const struct lab_event *e)
{
	(void)x;
	if (e->kind == LAB_RADIO && n_released < 64)
		released[n_released++] = lab_seq(e->p, e->n);
	return true;
}

static void release(struct order o)
{
	n_released = 0;
	CHECK_EQ(obey(ORDER_RELEASE, o), 0);
	l.lose = radio;
	lab_run(&l, 5);
}

static bool went(const unsigned *want, unsigned n)
{
	bool same = n == n_released;

	for (unsigned i = 0; same && i < n; i++)
		same = released[i] == want[i];
	if (!same)
		for (unsigned i = 0; i < n_released; i++)
			printf(" %u", released[i]);
	return same;
}
#define CHECK_WENT(...)                                                                            \
	CHECK(went((const unsigned[]){ __VA_ARGS__ },                                              \
		   sizeof((const unsigned[]){ __VA_ARGS__ }) / sizeof(unsigned)))

static struct order sized(uint16_t packets, uint8_t policy)
{
	return (struct order){ .has_size = true, .size_packets = packets, .has_overflow = true,
			       .overflow = policy };
}

static void finish(void)
{
	lab_run(&l, 10);
	CHECK_EQ(a()->reserved, 0);
	CHECK_EQ(a()->pool.n_free, a()->pool.n_cells);
	lab_stop(&l);
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
	for (int i = 0; i < 30 && !node_find(a(), HOME)->old[0]; i++)
		lab_run(&l, 1);
	l.lose = swallow;
	old = node_find(a(), HOME)->old[0];
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

/* ---- Filter ---- */

static struct order filter(const struct order_rule *rules, unsigned n)
{
	struct order o = { .n_rules = n };

	memcpy(o.rules, rules, n * sizeof(*rules));
	return o;
}

static bool kept(uint32_t src, uint8_t dscp, uint16_t sport, uint16_t dport)
{
	uint8_t pkt[300];
	size_t n = udp_packet(pkt, src, dscp, sport, dport, l.sent++);
	uint32_t before = buf()->q.packets;

	arrives(pkt, n);
	return buf()->q.packets == before + 1;
}

static bool kept_icmp(void)
{
	struct ipv4_out h = { .src = CN_ADDR, .dst = HOME, .ttl = 60, .protocol = PROTO_ICMP };
	uint32_t before = buf()->q.packets;
	uint8_t pkt[100];
	size_t n = ipv4_build(pkt, sizeof(pkt), &h, "\x08\x00\x13\x88\x13\x89", 6);

	arrives(pkt, n);
	return buf()->q.packets == before + 1;
}

/* One rule in force: what of { as is, other source, EF, other source port, other destination port,
 * ICMP } is kept. */
static unsigned kept_under(struct order_rule r)
{
	unsigned k = 0;

	start();
	CHECK_EQ(obey(ORDER_BUFFER, filter(&r, 1)), 0);
	k |= kept(CN_ADDR, 0, 5000, 5001) ? 1 : 0;
	k |= kept(CN_ADDR + 256, 0, 5000, 5001) ? 2 : 0;
	k |= kept(CN_ADDR, EF, 5000, 5001) ? 4 : 0;
	k |= kept(CN_ADDR, 0, 4999, 5001) ? 8 : 0;
	k |= kept(CN_ADDR, 0, 5000, 5002) ? 16 : 0;
	k |= kept_icmp() ? 32 : 0;
	CHECK_EQ(drops(DROP_FILTERED), 6 - (unsigned)__builtin_popcount(k));
	CHECK_EQ(plain(ORDER_QUERY), 0);
	CHECK_EQ(reply.state.dropped_filter, drops(DROP_FILTERED));
	lab_stop(&l);
	return k;
}

static void filter_rules(void)
{
	const uint32_t net = CN_ADDR & 0xffffff00;

	CHECK_EQ(kept_under((struct order_rule){ .match = 1, .protocol = 17 }), 32);
	CHECK_EQ(kept_under((struct order_rule){ .match = 1, .protocol = 1 }), 31);
	CHECK_EQ(kept_under((struct order_rule){ .match = 2, .prefix_len = 24, .source = net }), 2);
	CHECK_EQ(kept_under((struct order_rule){.match = 2, .prefix_len = 32, .source = net}), 63);
	CHECK_EQ(kept_under((struct order_rule){ .match = 2, .prefix_len = 0, .source = 1 }), 0);
	CHECK_EQ(kept_under((struct order_rule){.match = 4, .sport_low = 5000, .sport_high = 5000}),
		 8 | 32);
	CHECK_EQ(kept_under((struct order_rule){.match = 4, .sport_low = 4999, .sport_high = 5000}),
		 32);
	CHECK_EQ(
	    kept_under((struct order_rule){.match = 8, .dport_low = 5002, .dport_high = 65535}),
	    63 - 16);
	CHECK_EQ(kept_under((struct order_rule){ .match = 16, .dscp = EF }), 63 - 4);
	CHECK_EQ(kept_under((struct order_rule){ .match = 16, .dscp = 0 }), 4);
	CHECK_EQ(kept_under((struct order_rule){ .match = 0 }), 0); /* no condition: everything */
	CHECK_EQ(kept_under((struct order_rule){ .match = 128 }), 63);
	CHECK_EQ(kept_under((struct order_rule){ .match = 1 | 128, .protocol = 17 }), 31);
	CHECK_EQ(kept_under((struct order_rule){ .match = 1 | 8 | 128, .protocol = 17,
						 .dport_low = 5001, .dport_high = 5001 }),
		 15);
	/* all of it must hold */
	CHECK_EQ(kept_under((struct order_rule){ .match = 31, .protocol = 17, .prefix_len = 24,
						 .source = net, .dscp = EF, .sport_low = 5000,
						 .sport_high = 5000, .dport_low = 1,
						 .dport_high = 6000 }),
		 63 - 4);
}

/* Any rule of several; RENEW brings others; from FORWARD on they say nothing. */
static void filter_life(void)
{
	static const struct order_rule two[] = { { .match = 16, .dscp = EF },
						 { .match = 16, .dscp = CS1 } };

	start();
	CHECK_EQ(obey(ORDER_BUFFER, filter(two, 2)), 0);
	CHECK(!kept(CN_ADDR, EF, 1, 1) && !kept(CN_ADDR, CS1, 1, 1) && kept(CN_ADDR, 0, 1, 1));
	CHECK_EQ(plain(ORDER_RENEW), 0); /* says nothing of them */
	CHECK(!kept(CN_ADDR, EF, 1, 1));
	CHECK_EQ(obey(ORDER_RENEW, filter(two + 1, 1)), 0);
	CHECK(kept(CN_ADDR, EF, 1, 1) && !kept(CN_ADDR, CS1, 1, 1));
	CHECK_EQ(plain(ORDER_FORWARD), 0);
	CHECK(kept(CN_ADDR, CS1, 1, 1));
	CHECK_EQ(drops(DROP_FILTERED), 4);
	CHECK_EQ(plain(ORDER_BUFFER), 0);
	CHECK(kept(CN_ADDR, CS1, 1, 1)); /* a new lease */
	lab_stop(&l);
}

/* Where in its packet a fragment lies, in eight bytes; mf: more follow. */
static bool kept_fragment(uint16_t id, unsigned off, bool mf, uint16_t dport)
{
	uint32_t before = buf()->q.packets;
	uint8_t pkt[300];
	size_t n = udp_packet(pkt, CN_ADDR, 0, off ? dport : 5000, dport, 0);
	struct wbuf w = wb_init(pkt, n);

	w.len = n;
	wb_patch16(&w, 4, id);
	wb_patch16(&w, 6, (uint16_t)(off | (mf ? 0x2000 : 0)));
	wb_patch16(&w, 10, 0);
	wb_patch16(&w, 10, inet_checksum(pkt, 20));
	arrives(pkt, n);
	return buf()->q.packets == before + 1;
}

static void fragments(void)
{
	static const struct order_rule r = {.match = 8, .dport_low = 5001, .dport_high = 5001},
				       not = {
					   .match = 8 | 128, .dport_low = 5001, .dport_high = 5001};

	start();
	CHECK_EQ(obey(ORDER_BUFFER, filter(&r, 1)), 0);
	CHECK(!kept_fragment(1, 0, true, 5001));
	CHECK(kept_fragment(2, 0, true, 5002));
	CHECK(!kept_fragment(1, 30, true, 5002)); /* it has no ports: those are data */
	CHECK(!kept_fragment(1, 60, false, 5002));
	CHECK(kept_fragment(2, 30, true, 5001));
	CHECK(kept_fragment(2, 60, false, 5001));
	CHECK(kept_fragment(3, 30, true, 5001)); /* before its first: nobody knows */
	for (uint16_t id = 10; id < 18; id++)
		CHECK(kept_fragment(id, 0, true, 5002));
	CHECK(kept_fragment(1, 60, false, 5001)); /* eight others were first since */
	lab_stop(&l);

	start();
	CHECK_EQ(obey(ORDER_BUFFER, filter(&not, 1)), 0);
	CHECK(kept_fragment(1, 0, true, 5001));
	CHECK(kept_fragment(1, 30, true, 9));
	CHECK(!kept_fragment(2, 0, true, 5002));
	CHECK(!kept_fragment(2, 30, false, 5001));
	CHECK(kept_fragment(3, 30, true, 9)); /* unknown is not "other" */
	lab_stop(&l);
}

/* ---- Seen ---- */

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

/* ---- Max age ---- */

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

UNIT_MAIN("keep", {"overflow", overflow}, {"elastic", elastic}, {"promises", promises},
	  {"renewed", renewed}, {"deleted", deleted}, {"filter rules", filter_rules},
	  {"filter's life", filter_life}, {"fragments", fragments}, {"seen", seen},
	  {"what is not seen", seen_leaves_the_rest_whole}, {"ages", ages}, {"no sense", no_sense})
