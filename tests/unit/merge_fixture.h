/* SPDX-License-Identifier: MIT */
#ifndef MIP_MERGE_FIXTURE_H
#define MIP_MERGE_FIXTURE_H

#include "agent/foreign.h"

#include "tests/unit/agent_lab.h"

/* Agent two alone, as a node comes to it from agent one: all others are played by hand. */
static struct lab l;
static struct lab_order order_b, order_f;
static uint64_t reg_id;

#define A_ADDR 0xc6336407u
#define B_ADDR 0xc6336487u

/* Only agent two is alive; the others are played by hand. */
static inline bool swallow(const struct lab *x, const struct lab_event *e)
{
	(void)x;
	return e->kind != LAB_RADIO && e->kind != LAB_CONTROL;
}

static inline struct agent *b(void)
{
	return l.ag[FA_B];
}

static inline const char *merge(void)
{
	struct agent_buffer_info info = lab_buffer(&l, FA_B);

	return info.merge;
}

/* Requests sent to agent one among the actions of the last call. */
static inline unsigned to_first(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i < l.out.n; i++)
		n += l.out.a[i].act == AGENT_SEND_UDP && l.out.a[i].dst == A_ADDR;
	return n;
}

static inline unsigned delivered(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i < l.out.n; i++)
		n += l.out.a[i].act == AGENT_DELIVER;
	return n;
}

static inline void request(bool with_buffer)
{
	l.at = FA_B;
	order_b = lab_order(&l, ORDER_BUFFER, 0, FA_A, FA_B);
	order_f = lab_order(&l, ORDER_FORWARD, with_buffer ? 0 : ORDER_F_ASKED, FA_A, FA_B);
	lab_register(&l, 600, with_buffer ? &order_b : NULL, &order_f);
	reg_id = l.last_id;
}

static inline void start(bool with_buffer)
{
	lab_init(&l);
	l.lose = swallow;
	lab_run(&l, 10);
	request(with_buffer);
}

static inline void answer(uint8_t code, uint16_t lifetime_s)
{
	struct mip_reply r = {.code = code,
			      .lifetime_s = lifetime_s,
			      .home_addr = HOME,
			      .home_agent = HA_ADDR,
			      .id = reg_id};
	struct sa ha = lab_mn_ha(), peer = lab_sa(3000, "between agents");
	struct instant now = lab_instant(&l);
	uint8_t buf[200];
	struct wbuf w = wb_init(buf, sizeof(buf));

	mip_reply_encode(&w, &r);
	auth_append(&w, EXT_MN_HA, 0, &ha);
	auth_append(&w, EXT_FA_HA, 0, &peer);
	agent_udp(b(), HA_ADDR, 434, B_ADDR, buf, w.len, &now, &l.out);
}

/* Agent one's Reply to the FORWARD (or the order with this id), under this key (NULL: none). */
static inline void reply(uint64_t id, uint8_t code, const struct sa *kh, uint32_t src)
{
	struct order o = {.message = ORDER_REPLY,
			  .action = code,
			  .home_addr = HOME,
			  .first_agent = A_ADDR,
			  .care_of = B_ADDR,
			  .id = id};
	struct sa fa = lab_mn_fa(FA_A);
	struct instant now = lab_instant(&l);
	uint8_t buf[200];
	struct wbuf w = wb_init(buf, sizeof(buf));

	order_encode(&w, &o);
	auth_append(&w, EXT_MN_FA, 0, &fa);
	if (kh)
		auth_append(&w, EXT_GENERAL_AUTH, GA_FA_FA, kh);
	agent_udp(b(), src, 434, B_ADDR, buf, w.len, &now, &l.out);
}

static inline void marker(uint8_t flags, uint32_t count, const struct sa *kh)
{
	struct order o = {.message = ORDER_MARKER,
			  .flags = flags,
			  .home_addr = HOME,
			  .first_agent = A_ADDR,
			  .care_of = B_ADDR,
			  .id = order_f.id,
			  .has_count = !flags,
			  .count = count};
	struct ipv4_out h = { .src = A_ADDR, .dst = B_ADDR, .ttl = 64 };
	struct instant now = lab_instant(&l);
	uint8_t msg[100], pkt[160];
	struct wbuf w = wb_init(msg, sizeof(msg));
	size_t n;

	order_encode(&w, &o);
	if (kh)
		auth_append(&w, EXT_GENERAL_AUTH, GA_FA_FA, kh);
	n = udp_build(pkt, sizeof(pkt), &h, 434, 434, msg, w.len);
	agent_tunnel(b(), A_ADDR, B_ADDR, pkt, n, &now, &l.out);
}

/* n packets of the stream from an outer source; how many went straight to the node. */
static inline unsigned packets(uint32_t outer, uint32_t first, unsigned n)
{
	unsigned out = 0;

	for (unsigned i = 0; i < n; i++) {
		struct instant now = lab_instant(&l);
		uint8_t pkt[300];
		size_t len = lab_packet(pkt, sizeof(pkt), CN_ADDR, HOME, first + i);

		agent_tunnel(b(), outer, B_ADDR, pkt, len, &now, &l.out);
		out += delivered();
		lab_act(&l, FA_B);
	}
	return out;
}

#endif
