/* SPDX-License-Identifier: MIT */
#include "tests/unit/colocated_fixture.h"

/* Packets of a co-located node's, both ways. */
static const struct way natted = {NAT_ADDR, NAT_PORT}, open_way = {OPEN, 0};

static void to_the_node(void)
{
	struct way to;

	lab_init(&l);
	moved(behind(NAT_PORT));
	packets(1);
	CHECK_EQ(sent(&to), 1);
	CHECK(way_equal(&to, &natted));
	CHECK(!l.out.a[0].clear_df);
	moved(in_the_open());
	packets(1);
	CHECK_EQ(sent(&to), 1);
	CHECK(way_equal(&to, &open_way));
	CHECK_EQ(binding().to_node, 2);
	lab_stop(&l);
}

/* RFC 2003 3.2; behind a NAT others may have the node's address there, or the NAT's. */
static void loops(void)
{
	static const struct {
		uint32_t src;
		bool open, nat; /* it is tunnelled */
	} rows[] = {
	    {CN_ADDR, true, true}, {HA_ADDR, true, true}, {OPEN, false, true},
	    {CARE_OF, true, true}, {NAT_ADDR, true, true},
	};
	uint8_t pkt[300];
	struct way to;

	for (int nat = 0; nat < 2; nat++)
		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
			bool goes_on = nat ? rows[i].nat : rows[i].open;
			struct instant now;
			size_t n;

			lab_init(&l);
			moved(nat ? behind(NAT_PORT) : in_the_open());
			now = lab_instant(&l);
			n = lab_packet(pkt, sizeof(pkt), rows[i].src, HOME, 1);
			agent_tun(ha(), pkt, n, &now, &l.out);
			CHECK_EQ(sent(&to), goes_on);
			CHECK_EQ(dropped(DROP_LOOP), !goes_on);
			lab_stop(&l);
		}
}

/* The very address and port that the Request came from, and the home address inside. */
static void from_the_node(void)
{
	static const struct {
		struct way from;
		uint32_t inner;
		enum drop nat, open;
	} rows[] = {
	    {{NAT_ADDR, NAT_PORT}, HOME, DROP_NONE, DROP_OUTER_SOURCE},
	    {{NAT_ADDR, NAT_PORT + 1}, HOME, DROP_OUTER_SOURCE, DROP_OUTER_SOURCE},
	    {{NAT_ADDR + 1, NAT_PORT}, HOME, DROP_OUTER_SOURCE, DROP_OUTER_SOURCE},
	    {{NAT_ADDR, 0}, HOME, DROP_OUTER_SOURCE, DROP_OUTER_SOURCE},
	    {{CARE_OF, 0}, HOME, DROP_OUTER_SOURCE, DROP_OUTER_SOURCE},
	    {{CARE_OF, NAT_PORT}, HOME, DROP_OUTER_SOURCE, DROP_OUTER_SOURCE},
	    {{NAT_ADDR, NAT_PORT}, HOME + 1, DROP_INNER_SOURCE, DROP_INNER_SOURCE},
	    {{NAT_ADDR, NAT_PORT}, NAT_ADDR, DROP_INNER_SOURCE, DROP_INNER_SOURCE},
	    {{NAT_ADDR, NAT_PORT}, HA_ADDR, DROP_INNER_SOURCE, DROP_INNER_SOURCE},
	    {{OPEN, 0}, HOME, DROP_OUTER_SOURCE, DROP_NONE},
	    {{OPEN, MIP_PORT}, HOME, DROP_OUTER_SOURCE, DROP_OUTER_SOURCE},
	    {{OPEN, 0}, OPEN, DROP_INNER_SOURCE, DROP_INNER_SOURCE},
	};

	for (int nat = 0; nat < 2; nat++)
		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
			enum drop want = nat ? rows[i].nat : rows[i].open;

			lab_init(&l);
			moved(nat ? behind(NAT_PORT) : in_the_open());
			uplink(rows[i].from, rows[i].inner);
			CHECK_EQ(delivered(), want == DROP_NONE);
			for (enum drop d = DROP_NONE + 1; d < DROP_COUNT; d++)
				CHECK_EQ(dropped(d), d == want);
			CHECK_EQ(binding().from_node, want == DROP_NONE);
			lab_stop(&l);
		}
}

/* Without T nothing comes by the tunnel but keepalives: RFC 3024. */
static void no_reverse_tunnel(void)
{
	lab_init(&l);
	moved(behind(NAT_PORT));
	binding_find(ha(), HOME)->reverse = false;
	uplink(natted, HOME);
	CHECK_EQ(dropped(DROP_OUTER_SOURCE), 1);
	lab_stop(&l);
}

static void not_tunnelled(void)
{
	static const struct {
		const char *hex;
		uint32_t dst;
		enum drop why;
	} rows[] = {
	    {"04", HA_ADDR, DROP_SHORT},
	    {"04 04 00", HA_ADDR, DROP_SHORT},
	    {"04 2f 0000 00000800 45", HA_ADDR, DROP_MALFORMED},
	    {"04 37 0000 45", HA_ADDR, DROP_MALFORMED},
	    {"04 04 0000", HA_ADDR, DROP_IP_HEADER},
	    {"04 04 0000 45000014 00000000 40110000 0a630005 cb007109", HA_ADDR, DROP_IP_HEADER},
	    {"04 04 0000 45", HA_ADDR + 1, DROP_NOT_MINE},
	};
	uint8_t buf[64], pkt[300];
	size_t n;

	lab_init(&l);
	moved(behind(NAT_PORT));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t before = dropped(rows[i].why);
		struct instant now = lab_instant(&l);
		uint8_t *copy;

		n = unit_hex(rows[i].hex, buf, sizeof(buf));
		copy = unit_copy(buf, n);
		agent_udp(ha(), NAT_ADDR, NAT_PORT, rows[i].dst, copy, n, &now, &l.out);
		CHECK_EQ(dropped(rows[i].why), before + 1);
		CHECK_EQ(l.out.n, 0);
		free(copy);
	}
	n = lab_packet(pkt, sizeof(pkt), HOME, CN_ADDR, 7);
	ipv4_ttl_add(pkt, -60);
	tunnel(natted, pkt, n);
	CHECK_EQ(dropped(DROP_TTL), 1);
	lab_stop(&l);
}

/* A foreign agent takes none but from the home agents that it speaks to. */
static void at_a_foreign_agent(void)
{
	uint8_t buf[] = {4, 4, 0, 0, 0x45};
	struct instant now;

	lab_init(&l);
	now = lab_instant(&l);
	agent_udp(l.ag[FA_A], NAT_ADDR, NAT_PORT, lab_addr[FA_A], buf, sizeof(buf), &now, &l.out);
	CHECK_EQ(agent_drops(l.ag[FA_A])->n[DROP_OUTER_SOURCE], 1);
	lab_stop(&l);
}

/* The NAT gives another port: nothing until the node registers; the old one for 2 s more. */
static void another_port(void)
{
	const struct way later = {NAT_ADDR, NAT_PORT + 1};
	struct way to;

	lab_init(&l);
	moved(behind(NAT_PORT));
	uplink(later, HOME);
	CHECK_EQ(dropped(DROP_OUTER_SOURCE), 1);
	packets(1);
	CHECK(sent(&to) == 1 && way_equal(&to, &natted));
	moved(behind(NAT_PORT + 1));
	CHECK_EQ(l.out.a[0].act, AGENT_NOTE);
	packets(1);
	CHECK(sent(&to) == 1 && way_equal(&to, &later));
	uplink(later, HOME);
	CHECK(delivered());
	uplink(natted, HOME);
	CHECK(delivered());
	CHECK_EQ(ha()->count.previous_care_of, 1);
	l.now += SEC(2);
	uplink(natted, HOME);
	CHECK(!delivered());
	CHECK_EQ(dropped(DROP_OUTER_SOURCE), 2);
	/* a renewal moves nothing, and says nothing */
	moved(behind(NAT_PORT + 1));
	CHECK_EQ(l.out.n, 1);
	lab_stop(&l);
}

static size_t ping(uint8_t *pkt, uint32_t src, uint32_t dst)
{
	struct ipv4_out h = {.src = src, .dst = dst, .ttl = 64, .protocol = PROTO_ICMP};
	uint8_t icmp[] = {8, 0, 0xf7, 0xfe, 0, 0, 0, 1};

	return ipv4_build(pkt, 64, &h, icmp, sizeof(icmp));
}

/* The answer to a keepalive, by the same way. */
static bool answered(struct way to)
{
	const struct agent_action *x = &l.out.a[0];
	struct ipv4 ip;

	return l.out.n == 1 && x->act == AGENT_TUNNEL && x->src == HA_ADDR && x->dst == to.addr &&
	       x->dport == to.port && ipv4_decode(x->p, x->n, &ip) == DROP_NONE &&
	       ip.src == HA_ADDR && ip.dst == HOME && ip.payload.p[0] == 0 &&
	       !inet_checksum(ip.payload.p, ip.payload.left);
}

static void keepalives(void)
{
	uint8_t pkt[64];
	size_t n = ping(pkt, HOME, HA_ADDR);

	lab_init(&l);
	moved(behind(NAT_PORT));
	tunnel(natted, pkt, n);
	CHECK(answered(natted));
	binding_find(ha(), HOME)->reverse = false; /* RFC 3519 asks for no T */
	tunnel(natted, pkt, n);
	CHECK(answered(natted));
	CHECK_EQ(ha()->count.keepalives, 2);
	/* from elsewhere, for another, to another */
	tunnel((struct way){NAT_ADDR, NAT_PORT + 1}, pkt, n);
	CHECK_EQ(l.out.n, 0);
	n = ping(pkt, HOME + 1, HA_ADDR);
	tunnel(natted, pkt, n);
	CHECK_EQ(l.out.n, 0);
	binding_find(ha(), HOME)->reverse = true;
	n = ping(pkt, HOME, CN_ADDR);
	tunnel(natted, pkt, n);
	CHECK_EQ(l.out.a[0].act, AGENT_DELIVER);
	CHECK_EQ(ha()->count.keepalives, 2);
	moved(in_the_open());
	n = ping(pkt, HOME, HA_ADDR);
	tunnel(open_way, pkt, n);
	CHECK(answered(open_way));
	binding_find(ha(), HOME)->reverse = false; /* as any packet by IP-in-IP then */
	n = ping(pkt, HOME, HA_ADDR);
	tunnel(open_way, pkt, n);
	CHECK_EQ(l.out.n, 0);
	lab_stop(&l);
}

static void keepalive_flood(void)
{
	unsigned n_answers = 0;
	uint8_t pkt[64];
	size_t n = ping(pkt, HOME, HA_ADDR);

	lab_init(&l);
	moved(behind(NAT_PORT));
	for (unsigned i = 0; i < 3000; i++) {
		l.now += MSEC(1);
		tunnel(natted, pkt, n);
		n_answers += answered(natted);
		CHECK(l.out.n <= 1);
	}
	CHECK(n_answers >= 30 && n_answers <= 40);
	CHECK_EQ(ha()->count.keepalives, n_answers);
	CHECK_EQ(dropped(DROP_RATE), 3000 - n_answers);
	uplink(natted, HOME); /* the node's packets are no keepalives */
	CHECK(delivered());
	lab_stop(&l);
}

UNIT_MAIN("reverse", {"to the node", to_the_node}, {"loops", loops},
	  {"from the node", from_the_node}, {"no reverse tunnel", no_reverse_tunnel},
	  {"not tunnelled", not_tunnelled}, {"at a foreign agent", at_a_foreign_agent},
	  {"another port", another_port}, {"keepalives", keepalives},
	  {"keepalive flood", keepalive_flood})
