/* SPDX-License-Identifier: MIT */
#include "tests/unit/icmp_fixture.h"
#include "tests/unit/own_address_fixture.h"

/* The tunnel of a co-located node, its handoffs, and the NAT on its way. */
static const struct mip_udp_reply behind_nat = { .present = true, .keepalive_s = 25 };
static const struct mip_udp_reply declined = { .present = true, .code = MIP_UDP_DECLINED };

static void both_ways(void)
{
	from_a(NULL);
	CHECK_EQ(mobile_want(n.m)->uplink, UPLINK_TUNNEL);
	CHECK_EQ(mobile_want(n.m)->mtu, 1480);
	node_program_sends(&n, 7);
	CHECK(n.tunnelled == 1 && n.data == 1 && !n.in_udp);
	CHECK(n.from == ADDR_A && n.to == HOME_AGENT);
	tunnel_brings(HOME_AGENT, ADDR_A, false, HOME);
	CHECK_EQ(n.delivered, 1);
	node_free(&n);
}

static void in_udp(void)
{
	from_a(&behind_nat);
	CHECK(look().udp_tunnel);
	CHECK_EQ(mobile_want(n.m)->mtu, 1468);
	node_program_sends(&n, 7);
	CHECK(n.tunnelled == 1 && n.in_udp);
	tunnel_brings(HOME_AGENT, ADDR_A, true, HOME);
	CHECK_EQ(n.delivered, 1);
	node_free(&n);

	from_a(&declined);
	CHECK(!look().udp_tunnel);
	node_program_sends(&n, 7);
	CHECK(!n.in_udp);
	node_free(&n);
}

static void not_for_us(void)
{
	from_a(NULL);
	tunnel_brings(HOME_AGENT + 1, ADDR_A, false, HOME);
	CHECK_EQ(node_drops(&n, DROP_OUTER_SOURCE), 1);
	tunnel_brings(HOME_AGENT, ADDR_B, false, HOME);
	CHECK_EQ(node_drops(&n, DROP_NOT_MINE), 1);
	tunnel_brings(HOME_AGENT, ADDR_A, false, HOME + 1);
	CHECK_EQ(node_drops(&n, DROP_NOT_MINE), 2);
	mobile_tunnelled(n.m, HOME_AGENT, ADDR_A, false, (const uint8_t *)"E", 1, &n.now, &n.out);
	CHECK_EQ(node_drops(&n, DROP_SHORT) + node_drops(&n, DROP_IP_HEADER), 1);
	CHECK_EQ(n.delivered, 0);
	node_free(&n);
}

static void echo_of(uint8_t identifier, size_t more)
{
	uint8_t pkt[64], icmp[16] = { [4] = identifier };
	struct ipv4_out h = { .src = HOME_AGENT, .dst = HOME, .ttl = 64, .protocol = PROTO_ICMP };
	size_t len = ipv4_build(pkt, sizeof(pkt), &h, icmp, 8 + more);

	mobile_tunnelled(n.m, HOME_AGENT, ADDR_A, true, pkt, len, &n.now, &n.out);
	node_see(&n);
}

static void echo(void)
{
	echo_of(0, 0);
}

static void keepalive(void)
{
	mtime t;

	from_a(&behind_nat);
	node_program_sends(&n, 7);
	tunnel_brings(HOME_AGENT, ADDR_A, true, HOME);
	t = n.now.t;
	node_until(&n, t + SEC(25) - 1);
	CHECK_EQ(n.echoes, 0);
	node_until(&n, t + SEC(25));
	CHECK_EQ(n.echoes, 1);
	echo();
	CHECK_EQ(n.delivered, 1); /* the answer is nobody else's business */
	echo_of(7, 0); /* but what a program has asked for is its own */
	echo_of(0, 8);
	CHECK_EQ(n.delivered, 3);
	node_until(&n, t + SEC(50) - 1);
	CHECK_EQ(n.echoes, 1);
	CHECK_EQ(n.requests, 0);
	node_free(&n);
}

/* The NAT has forgotten us, or speaks from another port: what comes back does not reach us. */
static void forgotten(void)
{
	mtime t;

	from_a(&behind_nat);
	node_program_sends(&n, 7);
	tunnel_brings(HOME_AGENT, ADDR_A, true, HOME);
	t = n.now.t;
	node_until(&n, t + SEC(28) - 1);
	CHECK_EQ(n.echoes, 3);
	CHECK_EQ(n.requests, 0);
	node_until(&n, t + SEC(28));
	CHECK_EQ(n.requests, 1);
	node_free(&n);
}

/* It has plenty to send, and hears nothing: from another port nothing of it is taken. */
static void unheard(void)
{
	mtime t;

	from_a(&behind_nat);
	tunnel_brings(HOME_AGENT, ADDR_A, true, HOME);
	t = n.now.t;
	for (unsigned i = 1; i < 25; i++) {
		node_until(&n, t + SEC(i));
		node_program_sends(&n, 7);
	}
	CHECK_EQ(n.echoes, 0);
	node_until(&n, t + SEC(25));
	CHECK_EQ(n.echoes, 1);
	node_until(&n, t + SEC(28));
	CHECK_EQ(n.echoes, 3);
	CHECK_EQ(n.requests, 1);
	node_free(&n);
}

static void no_keepalive(void)
{
	from_a(NULL);
	node_program_sends(&n, 7);
	node_until(&n, n.now.t + SEC(250));
	CHECK_EQ(n.echoes, 0);
	node_free(&n);
}

static bool error(const struct err *x)
{
	uint8_t buf[2000], *copy;
	size_t len = err_build(buf, sizeof(buf), x);
	unsigned before = n.delivered;

	copy = unit_copy(buf, len);
	mobile_tunnel_error(n.m, copy, len, &n.now, &n.out);
	free(copy);
	if (n.out.n == 1 && n.out.a[0].act == MOBILE_DELIVER)
		CHECK(err_is(n.out.a[0].p, n.out.a[0].n, HOME_AGENT, 3, x->type == 11 ? 1 : x->code,
			     0, x));
	node_see(&n);
	return n.delivered == before + 1;
}

/* About what programs sent, in the tunnel as it is: they are told. */
static void errors(void)
{
	const struct err good = { .type = 3, .src = ADDR_A, .dst = HOME_AGENT, .inner_src = HOME,
				  .inner_dst = 0xcb007109 };
	struct err x;

	for (int udp = 0; udp < 2; udp++) {
		from_a(udp ? &behind_nat : NULL);
		x = good;
		x.port = udp ? MIP_PORT : 0;
		x.from = 40123;
		CHECK(error(&x));
		x.type = 11;
		CHECK(error(&x));
		x.port = udp ? 0 : MIP_PORT;
		CHECK(!error(&x));
		x.port = udp ? MIP_PORT : 0;
		x.src = ADDR_B;
		CHECK(!error(&x));
		x.src = ADDR_A;
		x.dst = HOME_AGENT + 1;
		CHECK(!error(&x));
		x.dst = HOME_AGENT;
		x.inner_src = HOME + 1;
		CHECK(!error(&x));
		CHECK_EQ(node_drops(&n, DROP_UNMATCHED), 4);
		x.inner_src = HOME;
		x.type = 3;
		x.code = 3;
		CHECK(!error(&x));
		CHECK_EQ(node_drops(&n, DROP_TYPE), 1);
		x.code = 4;
		CHECK(!error(&x));
		CHECK_EQ(node_drops(&n, DROP_TYPE), 1);
		x.code = 1;
		for (unsigned i = 0; i < 8; i++)
			CHECK(error(&x));
		CHECK(!error(&x)); /* ten a second */
		CHECK_EQ(node_drops(&n, DROP_RATE), 1);
		CHECK_EQ(look().errors_relayed, 10);
		node_until(&n, n.now.t + SEC(1));
		CHECK(error(&x));
		node_free(&n);
	}
}

static void leave(void)
{
	node_ask(&n);
	CHECK(n.orders == 1 && n.tunnelled == 1 && n.from == ADDR_A);
	CHECK_EQ(ordered().action, ORDER_BUFFER);
	CHECK_EQ(ordered().first_agent, HOME_AGENT);
	home_answers_order(ORDER_GRANTED);
	CHECK_EQ(n.roams, 0);
	node_program_sends(&n, 1); /* it waits */
	CHECK_EQ(n.data, 0);
	node_until(&n, n.now.t + MSEC(10));
	CHECK_EQ(n.roams, 1);
	node_forget(&n);
}

/* To another network: the registration from there is the FORWARD. */
static void f7(void)
{
	from_a(NULL);
	leave();
	node_link_up(&n, &bssid_b);
	node_until(&n, n.now.t + MSEC(200));
	CHECK_EQ(n.requests, 0); /* the gateway of before is not here */
	told(ADDR_B, GATE_B);
	node_until(&n, n.now.t + 1);
	CHECK_EQ(n.requests, 1);
	tunnel_brings(HOME_AGENT, ADDR_B, true, HOME); /* before the Reply, however tunnelled */
	CHECK_EQ(n.delivered, 1);
	CHECK_EQ(n.data, 0);
	home_says(1, &behind_nat);
	node_until(&n, n.now.t + 1);
	CHECK(n.data == 1 && n.in_udp && n.from == ADDR_B);
	CHECK(node_report(&n).ok && node_report(&n).flow == FLOW_F7);
	CHECK_EQ(n.orders, 0); /* a QUERY needs nobody: the home agent is known to keep */
	node_free(&n);
}

/* To another access point of the same network: nothing moves, the home agent lets go. */
static void same_network(void)
{
	from_a(NULL);
	leave();
	node_link_up(&n, &bssid_b);
	gateway_answers(GATE_A);
	node_until(&n, n.now.t + PATIENCE);
	CHECK_EQ(n.requests, 0);
	CHECK_EQ(ordered().action, ORDER_RELEASE);
	home_answers_order(ORDER_GRANTED);
	node_until(&n, n.now.t + 1);
	CHECK_EQ(n.data, 1);
	CHECK(node_report(&n).ok);
	node_free(&n);
}

/* To an agent: its registration is the FORWARD as well, and nothing rides on it. */
static void to_an_agent(void)
{
	struct mip_exts x;

	from_a(NULL);
	leave();
	node_link_up(&n, &bssid_b);
	node_advert(&n, true, 1);
	CHECK_EQ(n.messages, 0);
	CHECK_EQ(n.requests, 1);
	CHECK_EQ(asked(&x).care_of, CARE_OF_B);
	CHECK_EQ(asked(&x).flags & MIP_D, 0);
	CHECK_EQ(x.n_orders, 0);
	node_reply(&n, true, 0, 600, 0, -1);
	CHECK(node_report(&n).ok && node_report(&n).flow == FLOW_F7);
	node_until(&n, n.now.t + MSEC(10));
	CHECK_EQ(mobile_want(n.m)->uplink, UPLINK_AGENT);
	node_free(&n);
}

UNIT_MAIN("tunnelled", { "both ways", both_ways }, { "in UDP", in_udp },
	  { "for somebody else", not_for_us }, { "keepalive", keepalive },
	  { "no answer: registered again", forgotten },
	  { "nothing heard: registered again", unheard }, { "no NAT, no keepalive", no_keepalive },
	  { "errors", errors }, { "F7: to another network", f7 },
	  { "to another access point of the network", same_network },
	  { "to an agent", to_an_agent })
