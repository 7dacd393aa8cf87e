/* SPDX-License-Identifier: MIT */
#include "tests/unit/away_fixture.h"

/* The home agent as first agent: whole walks, 500 packets a second. */

static void asks(int fa)
{
	struct wanted x = good(ORDER_BUFFER, NOWHERE);
	struct lab_order o = sign(&x);
	struct ipv4_out h = { .src = HOME, .dst = HA_ADDR, .ttl = 63 };
	uint8_t pkt[400];
	size_t n = udp_build(pkt, sizeof(pkt), &h, 5434, 434, o.bytes, o.n);
	struct instant now = lab_instant(&l);

	agent_tun(l.ag[fa], pkt, n, &now, &l.out);
	lab_act(&l, fa);
}

/* The Reply, a datagram of the node's port, is no packet of the stream. */
static bool is_reply(const struct lab *x, const struct lab_event *e)
{
	(void)x;
	return e->kind == LAB_RADIO && e->n < 150;
}

static void walk(bool legacy_b)
{
	lab_defaults(&l);
	l.lose = is_reply;
	l.conf[FA_A].buffers = false;
	l.conf[FA_B].buffers = !legacy_b;
	lab_start(&l);
	lab_settle(&l, FA_A);
	lab_stream_start(&l);
	lab_run(&l, 500);
	asks(FA_A);
	lab_run(&l, 40);
	l.at = NOWHERE;
	lab_run(&l, 90);
	l.at = FA_B;
	lab_register(&l, 600, NULL, NULL);
	lab_run(&l, 1000);
	l.streaming = false;
	lab_run(&l, 100);
	CHECK_EQ(l.received, l.sent);
	CHECK_EQ(l.duplicated, 0);
	CHECK_EQ(l.reordered, 0);
	lab_stop(&l);
}

static void whole_walks(void)
{
	walk(false);
	walk(true);
}

static unsigned delivered(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i < l.out.n; i++)
		n += l.out.a[i].act == AGENT_DELIVER;
	return n;
}

/* What the home agent lets go may be at agent two before its Registration Reply is. */
static void overtakes_the_reply(void)
{
	struct agent *b;
	uint8_t request[300], answer[300], pkt[300];
	size_t n, len;
	struct instant now;

	start();
	b = l.ag[FA_B];
	l.at = FA_B;
	lab_register(&l, 600, NULL, NULL);
	n = l.last_udp_len[FA_B];
	CHECK(n && n < sizeof(request));
	memcpy(request, l.last_udp[FA_B], n);
	now = lab_instant(&l);
	agent_udp(ha(), lab_addr[FA_B], 434, HA_ADDR, request, n, &now, &l.out);
	n = 0;
	for (unsigned i = 0; i < l.out.n; i++) {
		if (l.out.a[i].act != AGENT_SEND_UDP)
			continue;
		n = l.out.a[i].n;
		memcpy(answer, l.out.a[i].p, n);
	}
	CHECK(n > 0);
	for (uint32_t seq = 0; seq < 200; seq++) {
		len = lab_packet(pkt, sizeof(pkt), CN_ADDR, HOME, seq);
		agent_tunnel(b, HA_ADDR, lab_addr[FA_B], pkt, len, &now, &l.out);
		CHECK_EQ(delivered(), 0);
	}
	len = lab_packet(pkt, sizeof(pkt), CN_ADDR, HOME, 200);
	agent_tunnel(b, CN_ADDR, lab_addr[FA_B], pkt, len, &now, &l.out); /* from anybody else */
	CHECK_EQ(agent_drops(b)->n[DROP_OUTER_SOURCE], 1);
	agent_udp(b, HA_ADDR, 434, lab_addr[FA_B], answer, n, &now, &l.out);
	len = delivered();
	while (agent_deadline(b) <= l.now) {
		agent_tick(b, &now, &l.out);
		len += delivered();
	}
	CHECK_EQ(len, 200);
	lab_stop(&l);
}

UNIT_MAIN("away_walk", {"whole walks", whole_walks}, {"overtakes the Reply", overtakes_the_reply})
