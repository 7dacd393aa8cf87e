/* SPDX-License-Identifier: MIT */
#include "tests/unit/keep_fixture.h"

/* What a buffer need not keep: Filter. */

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

UNIT_MAIN("filter", {"rules", filter_rules}, {"their life", filter_life},
	  {"fragments", fragments})
