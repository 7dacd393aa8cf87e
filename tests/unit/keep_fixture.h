/* SPDX-License-Identifier: MIT */
#ifndef MIP_KEEP_FIXTURE_H
#define MIP_KEEP_FIXTURE_H

#include "tests/unit/first_agent_fixture.h"

/* Orders with all that they can say, numbered packets, and which of them go out. */
static struct order reply;

#define EF 46
#define CS1 8
#define AF41 34

static inline const struct buffer *buf(void)
{
	return node_buffer(node_find(a(), HOME));
}

/* Signs o and brings it as agent two would; the Reply's code, -1: none. */
static inline int obey(uint8_t action, struct order o)
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

static inline int plain(uint8_t action)
{
	return obey(action, (struct order){ 0 });
}

/* One packet for the node, as the home agent tunnels it. */
static inline void arrives(const uint8_t *pkt, size_t n)
{
	struct instant now = lab_instant(&l);
	uint8_t *copy = unit_copy(pkt, n);

	agent_tunnel(a(), HA_ADDR, A_ADDR, copy, n, &now, &l.out);
	free(copy);
}

static inline size_t udp_packet(uint8_t *pkt, uint32_t src, uint8_t dscp, uint16_t sport,
				uint16_t dport, uint32_t seq)
{
	struct ipv4_out h = { .src = src, .dst = HOME, .ttl = 60, .tos = (uint8_t)(dscp << 2) };
	uint8_t payload[172] = { 0 };
	struct wbuf w = wb_init(payload, sizeof(payload));

	wb_u32(&w, seq);
	return udp_build(pkt, 300, &h, sport, dport, payload, sizeof(payload));
}

static inline void sends(uint8_t dscp)
{
	uint8_t pkt[300];
	size_t n = udp_packet(pkt, CN_ADDR, dscp, 5000, 5001, l.sent++);

	arrives(pkt, n);
}

static inline void sends_many(uint8_t dscp, unsigned n)
{
	while (n--)
		sends(dscp);
}

/* The numbers of what is kept, oldest first, as it is released here. */
static unsigned released[64], n_released;

static inline bool radio(const struct lab *x, const struct lab_event *e)
{
	(void)x;
	if (e->kind == LAB_RADIO && n_released < 64)
		released[n_released++] = lab_seq(e->p, e->n);
	return true;
}

static inline void release(struct order o)
{
	n_released = 0;
	CHECK_EQ(obey(ORDER_RELEASE, o), 0);
	l.lose = radio;
	lab_run(&l, 5);
}

static inline bool went(const unsigned *want, unsigned n)
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

static inline void finish(void)
{
	lab_run(&l, 10);
	CHECK_EQ(a()->reserved, 0);
	CHECK_EQ(a()->pool.n_free, a()->pool.n_cells);
	lab_stop(&l);
}

#endif
