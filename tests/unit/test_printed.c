/* SPDX-License-Identifier: MIT */
#include "agent/agent.h"
#include "tests/unit/agent_lab_base.h"
#include "tests/vectors/messages.h"

/*
 * The handoff that mip-buffer(7) prints byte for byte, at agents with its keys; and the addresses
 * and ports that it names.  tests/conformance compares the manual with tests/vectors.
 */
static struct lab l;
static struct mac mac = { { 2, 0, 0, 0, 9, 9 } };

#define CLOCK 0xe8d4a51010000000u /* of the agents, at the first message */

static struct instant at(unsigned ms)
{
	return (struct instant){ .t = SEC(100) + MSEC(ms),
				 .ntp = CLOCK + (uint64_t)ms * 4294967u };
}

static struct sa keyed(uint32_t spi, const char *hex)
{
	struct sa s = { .spi = spi, .alg = AUTH_HMAC_SHA256 };

	s.key.len = (uint8_t)unit_hex(hex, s.key.b, sizeof(s.key.b));
	return s;
}

/* known: B stands in A's configuration. */
static void start_as(bool known)
{
	struct instant boot = at(0);

	boot.t -= SEC(50);
	boot.ntp -= (uint64_t)50 << 32;
	lab_defaults(&l);
	l.node[HA].sa = keyed(258, WALK_MN_HA);
	l.node[FA_A].sa = keyed(256, KEY32);
	l.conf[FA_B].n_nodes = 0;
	if (known)
		l.peer[FA_A][l.conf[FA_A].n_peers++].addr = lab_addr[FA_B];
	for (int i = 0; i < N_AGENTS; i++) {
		for (unsigned j = 0; j < l.conf[i].n_peers; j++)
			l.peer[i][j].sa = keyed(257, WALK_FA_HA);
		l.pool[i] = malloc(l.conf[i].buffer_total);
		l.ag[i] = agent_new(&l.conf[i], l.pool[i], &boot);
		assert(l.ag[i] && l.pool[i]);
	}
}

static void start(void)
{
	start_as(false);
}

static size_t hex(const char *s, uint8_t *buf)
{
	return unit_hex(s, buf, 400);
}

static void udp(int to, uint32_t src, const uint8_t *p, size_t n, unsigned ms)
{
	struct instant now = at(ms);
	uint8_t *copy = unit_copy(p, n);

	agent_udp(l.ag[to], src, 434, lab_addr[to], copy, n, &now, &l.out);
	free(copy);
}

static void given(int to, uint32_t src, const char *bytes, unsigned ms)
{
	uint8_t buf[400];
	size_t n = hex(bytes, buf);

	udp(to, src, buf, n, ms);
}

/* The nth action of this kind. */
static const struct agent_action *action(enum agent_act act, unsigned nth)
{
	static const struct agent_action none = { .n = 0 };

	for (unsigned i = 0; i < l.out.n; i++)
		if (l.out.a[i].act == act && !nth--)
			return &l.out.a[i];
	CHECK(false);
	return &none;
}

/* By routing, between two ports 434. */
static void sent(unsigned nth, uint32_t src, uint32_t dst, const char *bytes)
{
	const struct agent_action *x = action(AGENT_SEND_UDP, nth);

	CHECK(x->src == src && x->dst == dst && x->sport == 434 && x->dport == 434);
	CHECK_BYTES(x->p, x->n, bytes);
}

/* A datagram in a tunnel, whose inner addresses are those of the outer header. */
static void marker(unsigned nth, uint32_t src, uint32_t dst, const char *bytes)
{
	const struct agent_action *x = action(AGENT_TUNNEL, nth);
	struct ipv4 ip;
	struct udp u;

	CHECK(x->src == src && x->dst == dst && x->clear_df);
	CHECK_EQ(ipv4_decode(x->p, x->n, &ip), DROP_NONE);
	CHECK_EQ(udp_decode(&ip, true, &u), DROP_NONE);
	CHECK(ip.src == src && ip.dst == dst && ip.ttl == 64 && u.sport == 434 && u.dport == 434);
	CHECK_BYTES(u.payload.p, u.payload.left, bytes);
}

/* Through this agent, to the home agent and back; id: of the Request. */
static void accepted(int fa, const uint8_t *request, size_t n, unsigned ms)
{
	struct instant now = at(ms);
	uint8_t buf[400];
	size_t len;

	agent_link_udp(l.ag[fa], 0, &mac, HOME, 434, lab_link[fa], 255, request, n, &now, &l.out);
	len = action(AGENT_SEND_UDP, 0)->n;
	memcpy(buf, action(AGENT_SEND_UDP, 0)->p, len);
	udp(HA, lab_addr[fa], buf, len, ms);
}

static void reply_to(int fa, unsigned ms)
{
	const struct agent_action *x = action(AGENT_SEND_UDP, 0);
	size_t len = x->n;
	uint8_t buf[400];

	memcpy(buf, x->p, len);
	udp(fa, HA_ADDR, buf, len, ms);
}

/* Registered at A, a second before. */
static void at_first_agent(void)
{
	struct mip_request m = { .flags = MIP_T, .lifetime_s = 600, .home_addr = HOME,
				 .home_agent = HA_ADDR, .care_of = lab_addr[FA_A],
				 .id = CLOCK - ((uint64_t)1 << 32) };
	struct sa ha = keyed(258, WALK_MN_HA), fa = keyed(256, KEY32);
	uint8_t buf[200];
	struct wbuf w = wb_init(buf, sizeof(buf));

	mip_request_encode(&w, &m);
	auth_append(&w, EXT_MN_HA, 0, &ha);
	auth_append(&w, EXT_MN_FA, 0, &fa);
	accepted(FA_A, buf, w.len, 0);
	reply_to(FA_A, 0);
	CHECK_EQ(action(AGENT_VISITOR_UP, 0)->home, HOME);
}

static void three_packets(void)
{
	struct ipv4_out h = { .src = CN_ADDR, .dst = HOME, .ttl = 60 };
	struct instant now = at(20);
	uint8_t pkt[100];
	size_t n = udp_build(pkt, sizeof(pkt), &h, 5000, 5001, (const uint8_t *)"hello", 5);

	for (int i = 0; i < 3; i++) {
		uint8_t *copy = unit_copy(pkt, n);

		agent_tunnel(l.ag[FA_A], HA_ADDR, lab_addr[FA_A], copy, n, &now, &l.out);
		free(copy);
	}
}

static void ticks(unsigned ms)
{
	struct instant now = at(ms);

	agent_tick(l.ag[FA_A], &now, &l.out);
}

static void finish(void)
{
	for (int i = 0; i < N_AGENTS; i++) {
		agent_free(l.ag[i]);
		free(l.pool[i]);
	}
}

static void a_whole_handoff(void)
{
	const uint32_t to_a = lab_addr[FA_A], to_b = lab_addr[FA_B];
	uint8_t request[400];
	size_t n = hex(WALK_REQUEST, request);

	start();
	at_first_agent();
	accepted(FA_B, request, n, 10); /* B relays it, and asks by itself */
	reply_to(FA_B, 60);
	sent(0, to_b, to_a, WALK_FORWARD);
	finish();

	start();
	at_first_agent();
	accepted(FA_B, request, n, 10);
	CHECK_EQ(l.out.a[0].act, AGENT_TUNNEL); /* before the Reply goes: the path ends here */
	marker(0, HA_ADDR, to_a, WALK_HOME_MARKER);
	finish();
}

static void by_second_agent(void)
{
	struct instant now = at(10);
	uint8_t request[400];
	size_t n = hex(WALK_REQUEST, request);

	start();
	agent_link_udp(l.ag[FA_B], 0, &mac, HOME, 434, lab_link[FA_B], 255, request, n, &now,
		       &l.out);
	CHECK_EQ(action(AGENT_SEND_UDP, 0)->dst, HA_ADDR);
	CHECK_BYTES(request, n, WALK_REQUEST);
	sent(1, lab_addr[FA_B], lab_addr[FA_A], WALK_BUFFER);
	finish();
}

static void by_first_agent(void)
{
	const uint32_t to_a = lab_addr[FA_A], to_b = lab_addr[FA_B];

	start();
	at_first_agent();
	given(FA_A, to_b, WALK_BUFFER, 10);
	sent(0, to_a, to_b, WALK_BUFFER_REPLY);
	three_packets();
	given(FA_A, to_b, WALK_FORWARD, 70);
	sent(0, to_a, to_b, WALK_FORWARD_REPLY);
	ticks(70);
	CHECK_EQ(action(AGENT_TUNNEL, 2)->dst, to_b);
	ticks(120);
	marker(0, to_a, to_b, WALK_PENDING);
	ticks(170);
	marker(0, to_a, to_b, WALK_MARKER);
	finish();
}

/* What B passes on: from its own address on the link, to the port of the Request. */
static void to_the_node(void)
{
	struct instant now = at(10);
	const struct agent_action *x;
	uint8_t request[400];
	size_t n = hex(WALK_REQUEST, request);
	struct ipv4 ip;
	struct udp u;

	start();
	at_first_agent();
	agent_link_udp(l.ag[FA_B], 0, &mac, HOME, 5434, lab_link[FA_B], 255, request, n, &now,
		       &l.out);
	n = action(AGENT_SEND_UDP, 0)->n;
	memcpy(request, action(AGENT_SEND_UDP, 0)->p, n);
	udp(HA, lab_addr[FA_B], request, n, 20);
	reply_to(FA_B, 30);
	given(FA_B, lab_addr[FA_A], WALK_FORWARD_REPLY, 80);
	x = action(AGENT_SEND_LINK, 0);
	CHECK(mac_equal(&x->mac, &mac));
	CHECK_EQ(ipv4_decode(x->p, x->n, &ip), DROP_NONE);
	CHECK_EQ(udp_decode(&ip, true, &u), DROP_NONE);
	CHECK(ip.src == lab_link[FA_B] && ip.dst == HOME && ip.ttl == 64);
	CHECK(u.sport == 434 && u.dport == 5434);
	CHECK_BYTES(u.payload.p, u.payload.left, WALK_FORWARD_REPLY);
	finish();
}

/* It counts from B's address alone, also where A would forward to B on the node's own word. */
static void not_from_elsewhere(void)
{
	const struct agent_action *x;
	struct order o;

	start_as(true);
	at_first_agent();
	given(FA_A, CN_ADDR, WALK_BUFFER, 10);
	x = action(AGENT_SEND_UDP, 0);
	CHECK_EQ(order_decode(x->p, x->n, &o), DROP_NONE);
	CHECK_EQ(o.action, ORDER_CARE_OF_REFUSED);
	given(FA_A, lab_addr[FA_B], WALK_BUFFER, 20);
	x = action(AGENT_SEND_UDP, 0);
	CHECK_EQ(order_decode(x->p, x->n, &o), DROP_NONE);
	CHECK_EQ(o.action, ORDER_GRANTED);
	finish();
}

UNIT_MAIN("printed", {"registered, forwarded, the path's end", a_whole_handoff},
	  {"the second agent's BUFFER", by_second_agent},
	  {"the first agent's Replies and markers", by_first_agent},
	  {"passed on to the node", to_the_node},
	  {"B's own, from elsewhere", not_from_elsewhere})
