/* SPDX-License-Identifier: MIT */
#ifndef MIP_BUFFER_FIXTURE_H
#define MIP_BUFFER_FIXTURE_H

#include "tests/unit/first_agent_fixture.h"

/* The node's machine at agent one, and orders that agent two relays. */
static struct order reply;
static size_t reply_len;

static inline enum buffer_state state(void)
{
	struct node *n = node_find(a(), HOME);

	return n ? node_buffer(n)->state : BUF_GONE;
}

/* The code of the Reply among the actions; -1: none. */
static inline int code(void)
{
	for (unsigned i = 0; i < l.out.n; i++) {
		const struct agent_action *x = &l.out.a[i];
		size_t off = x->act == AGENT_SEND_LINK ? 28 : 0;

		if (x->act != AGENT_SEND_LINK && x->act != AGENT_SEND_UDP)
			continue;
		if (order_decode(x->p + off, x->n - off, &reply) != DROP_NONE)
			continue;
		reply_len = x->n - off;
		return reply.action;
	}
	return -1;
}

/* As agent two would relay it. */
static inline int relayed(const struct lab_order *o)
{
	struct instant now = lab_instant(&l);
	uint8_t *copy = unit_copy(o->bytes, o->n);

	agent_udp(a(), B_ADDR, 434, A_ADDR, copy, o->n, &now, &l.out);
	free(copy);
	return code();
}

static inline int order(uint8_t action)
{
	struct lab_order o = lab_order(&l, action, 0, FA_A, FA_B);

	return relayed(&o);
}

static inline int reserve(void)
{
	struct lab_order o = lab_order(&l, ORDER_BUFFER, ORDER_F_RESERVE, FA_A, NOWHERE);

	struct instant now = lab_instant(&l);

	agent_link_udp(a(), 0, &l.mac, HOME, 434, lab_link[FA_A], 255, o.bytes, o.n, &now, &l.out);
	return code();
}

static inline void station(enum station_event event)
{
	struct instant now = lab_instant(&l);

	agent_station(a(), 0, &l.mac, event, &now, &l.out);
}

static inline unsigned packets(unsigned n)
{
	unsigned out = 0;

	while (n--) {
		struct instant now = lab_instant(&l);
		uint8_t pkt[300];
		size_t len = lab_packet(pkt, sizeof(pkt), CN_ADDR, HOME, l.sent++);

		agent_tunnel(a(), HA_ADDR, A_ADDR, pkt, len, &now, &l.out);
		out += l.out.n;
	}
	return out;
}

static inline void tick(void)
{
	struct instant now = lab_instant(&l);

	agent_tick(a(), &now, &l.out);
}

static inline unsigned actions(enum agent_act act)
{
	unsigned n = 0;

	for (unsigned i = 0; i < l.out.n; i++)
		n += l.out.a[i].act == act;
	return n;
}

static inline void marker(uint64_t id)
{
	struct order o = {.message = ORDER_MARKER,
			  .home_addr = HOME,
			  .first_agent = A_ADDR,
			  .care_of = B_ADDR,
			  .id = id};
	struct sa peer = lab_sa(3000, "between agents");
	struct ipv4_out h = { .src = HA_ADDR, .dst = A_ADDR, .ttl = 64 };
	struct instant now = lab_instant(&l);
	uint8_t msg[100], pkt[160];
	struct wbuf w = wb_init(msg, sizeof(msg));
	size_t n;

	order_encode(&w, &o);
	auth_append(&w, EXT_FA_HA, 0, &peer);
	n = udp_build(pkt, sizeof(pkt), &h, 434, 434, msg, w.len);
	agent_tunnel(a(), HA_ADDR, A_ADDR, pkt, n, &now, &l.out);
}

/* Brings the machine to a state, with packets left where it keeps any. */
static inline void reach(enum buffer_state s)
{
	start();
	if (s == BUF_SERVING)
		return;
	if (s == BUF_RESERVED) {
		CHECK_EQ(reserve(), 0);
		CHECK_EQ(state(), s);
		return;
	}
	CHECK_EQ(order(ORDER_BUFFER), 0);
	packets(20);
	if (s == BUF_BUFFERING)
		return;
	CHECK_EQ(order(ORDER_FORWARD), 0);
	if (s == BUF_PASSING)
		lab_run(&l, 300);
	else
		tick(); /* the burst */
	CHECK_EQ(state(), s);
}

#endif
