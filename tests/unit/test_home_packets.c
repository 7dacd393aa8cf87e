/* SPDX-License-Identifier: MIT */
#include "tests/unit/home_fixture.h"

/* What the home agent does with packets, and the End Marker of a binding that moves. */
static void tun(uint32_t src, uint32_t dst)
{
	struct instant now = lab_instant(&l);
	uint8_t pkt[300];
	size_t n = lab_packet(pkt, sizeof(pkt), src, dst, 1);

	agent_tun(l.ag[HA], pkt, n, &now, &l.out);
}

/* Of the home agent's host, to the node. */
static void ours(uint8_t protocol, uint16_t sport)
{
	struct ipv4_out h = { .src = HA_ADDR, .dst = HOME, .ttl = 64, .protocol = protocol };
	struct instant now = lab_instant(&l);
	uint8_t pkt[300], payload[40] = { 0 };
	size_t n = sport ? udp_build(pkt, sizeof(pkt), &h, sport, 5000, payload, sizeof(payload))
			 : ipv4_build(pkt, sizeof(pkt), &h, payload, sizeof(payload));

	agent_tun(l.ag[HA], pkt, n, &now, &l.out);
}

static void reverse(uint32_t outer, uint32_t inner)
{
	struct instant now = lab_instant(&l);
	uint8_t pkt[300];
	size_t n = lab_packet(pkt, sizeof(pkt), inner, CN_ADDR, 1);

	agent_tunnel(l.ag[HA], outer, HA_ADDR, pkt, n, &now, &l.out);
}

static void packets(void)
{
	struct mip_request m = good();

	lab_init(&l);
	tun(CN_ADDR, HOME);
	CHECK_EQ(l.out.n, 0);
	CHECK_EQ(dropped(DROP_NO_BINDING), 1);
	reverse(lab_addr[FA_A], HOME);
	CHECK_EQ(dropped(DROP_INNER_SOURCE), 1);
	CHECK_EQ(ask(&m), 1);
	tun(CN_ADDR, HOME);
	CHECK_EQ(l.out.n, 1);
	CHECK_EQ(l.out.a[0].act, AGENT_TUNNEL);
	CHECK_EQ(l.out.a[0].src, HA_ADDR);
	CHECK_EQ(l.out.a[0].dst, lab_addr[FA_A]);
	CHECK(!l.out.a[0].clear_df);
	tun(HA_ADDR, HOME); /* of a program there */
	CHECK_EQ(l.out.n, 1);
	tun(lab_addr[FA_A], HOME); /* RFC 2003 3.2 */
	CHECK_EQ(dropped(DROP_LOOP), 1);
	ours(PROTO_IPIP, 0);
	CHECK_EQ(dropped(DROP_LOOP), 2);
	ours(PROTO_UDP, MIP_PORT);
	CHECK_EQ(dropped(DROP_LOOP), 3);
	ours(PROTO_UDP, 5434);
	CHECK_EQ(dropped(DROP_LOOP), 3);
	reverse(lab_addr[FA_A], HOME);
	CHECK_EQ(l.out.a[0].act, AGENT_DELIVER);
	reverse(lab_addr[FA_B], HOME);
	CHECK_EQ(dropped(DROP_OUTER_SOURCE), 1);
	reverse(lab_addr[FA_A], HOME + 1);
	CHECK_EQ(dropped(DROP_INNER_SOURCE), 2);
	m.flags = 0;
	m.id++;
	CHECK_EQ(ask(&m), 1);
	reverse(lab_addr[FA_A], HOME); /* not granted any more */
	CHECK_EQ(dropped(DROP_OUTER_SOURCE), 2);
	lab_stop(&l);
}

static unsigned markers(mtime t, uint32_t to)
{
	struct instant now;
	unsigned n = 0;

	l.now = t;
	now = lab_instant(&l);
	agent_tick(l.ag[HA], &now, &l.out);
	for (unsigned i = 0; i < l.out.n; i++)
		n += l.out.a[i].act == AGENT_TUNNEL && l.out.a[i].dst == to;
	return n;
}

/* The marker: inside the tunnel to the old care-of address, at 0, 10 and 30 ms. */
static void moved(void)
{
	struct sa peer = lab_sa(3000, "between agents");
	struct mip_request m = good();
	struct order o;
	struct ipv4 ip;
	struct udp u;

	lab_init(&l);
	CHECK_EQ(ask(&m), 1);
	m.id++;
	m.care_of = lab_addr[FA_B];
	sign(&m, true);
	CHECK_EQ(ask_from(lab_addr[FA_B], HA_ADDR), 1);
	CHECK_EQ(l.out.a[0].act, AGENT_TUNNEL);
	CHECK_EQ(l.out.a[0].src, HA_ADDR);
	CHECK_EQ(l.out.a[0].dst, lab_addr[FA_A]);
	CHECK_EQ(ipv4_decode(l.out.a[0].p, l.out.a[0].n, &ip), DROP_NONE);
	CHECK(ip.src == HA_ADDR && ip.dst == lab_addr[FA_A]);
	CHECK_EQ(udp_decode(&ip, true, &u), DROP_NONE);
	CHECK(u.sport == 434 && u.dport == 434);
	CHECK_EQ(order_decode(u.payload.p, u.payload.left, &o), DROP_NONE);
	CHECK_EQ(o.message, ORDER_MARKER);
	CHECK_EQ(o.id, m.id);
	CHECK(o.home_addr == HOME && o.first_agent == lab_addr[FA_A] &&
	      o.care_of == lab_addr[FA_B]);
	CHECK(auth_check(u.payload.p, u.payload.left, &o.fa_ha, &peer));
	CHECK_EQ(markers(MSEC(9), lab_addr[FA_A]), 0);
	CHECK_EQ(markers(MSEC(10), lab_addr[FA_A]), 1);
	CHECK_EQ(markers(MSEC(29), lab_addr[FA_A]), 0);
	CHECK_EQ(markers(MSEC(30), lab_addr[FA_A]), 1);
	CHECK_EQ(markers(MSEC(60), lab_addr[FA_A]), 0);
	m.id++; /* a renewal moves nothing */
	sign(&m, true);
	CHECK_EQ(ask_from(lab_addr[FA_B], HA_ADDR), 1);
	CHECK_EQ(l.out.n, 1);
	lab_stop(&l);
}

UNIT_MAIN("home_packets", {"packets", packets}, {"moved", moved})
