/* SPDX-License-Identifier: MIT */
#ifndef MIP_OWN_ADDRESS_FIXTURE_H
#define MIP_OWN_ADDRESS_FIXTURE_H

#include "tests/unit/node_fixture.h"

/* A node on networks that give it an address and have no agent, and its home agent's words. */
#define ADDR_A 0x0a010005u
#define GATE_A 0x0a010001u
#define ADDR_B 0x0a020005u
#define GATE_B 0x0a020001u
#define PATIENCE MSEC(50)

static struct node n;

static inline struct mac mac_of(uint32_t addr)
{
	return (struct mac){ { 2, 1, (uint8_t)(addr >> 24), (uint8_t)(addr >> 16),
			       (uint8_t)(addr >> 8), (uint8_t)addr } };
}

static inline void answers_from(uint32_t addr, struct mac mac)
{
	mobile_gateway(n.m, MOBILE_RADIO, addr, &mac, &n.now, &n.out);
	node_see(&n);
}

static inline void gateway_answers(uint32_t gateway)
{
	answers_from(gateway, mac_of(gateway));
}

/* Nobody asks yet whose gateway that is. */
static inline void brought(uint32_t addr, uint32_t gateway, uint32_t valid_s)
{
	mobile_address(n.m, MOBILE_RADIO, addr, gateway, &n.now, &n.out);
	mobile_lease(n.m, MOBILE_RADIO, valid_s, &n.now);
	node_see(&n);
}

/* As the shell does: it asks at once. */
static inline void leased(uint32_t addr, uint32_t gateway, uint32_t valid_s)
{
	brought(addr, gateway, valid_s);
	if (gateway)
		gateway_answers(gateway);
}

static inline void told(uint32_t addr, uint32_t gateway)
{
	leased(addr, gateway, UINT32_MAX);
}

static inline void message(uint32_t to, const uint8_t *p, size_t len)
{
	uint8_t *copy = unit_copy(p, len);
	static const struct mac nobody;

	mobile_udp(n.m, &nobody, HOME_AGENT, to, copy, len, &n.now, &n.out);
	node_see(&n);
	free(copy);
}

/* The home agent's word on the last Request; udp: NULL: no word on a UDP tunnel. */
static inline void home_says(uint8_t code, const struct mip_udp_reply *udp)
{
	struct mip_request req;
	struct mip_exts x;
	uint8_t buf[256];
	struct wbuf w = wb_init(buf, sizeof(buf));
	struct mip_reply m;

	CHECK_EQ(mip_request_decode(n.request, n.request_len, &req, &x), DROP_NONE);
	m = (struct mip_reply){ .code = code,
				.lifetime_s = req.lifetime_s,
				.home_addr = HOME,
				.home_agent = HOME_AGENT,
				.id = req.id };
	mip_reply_encode(&w, &m);
	if (udp)
		mip_udp_reply_append(&w, udp);
	auth_append(&w, EXT_MN_HA, 0, &n.conf.home_sa);
	message(req.care_of == HOME ? ADDR_A : req.care_of, buf, w.len);
}

/* What the home agent sends in the tunnel: a packet for a program, its last byte is the mark. */
static inline void tunnel_brings(uint32_t src, uint32_t dst, bool udp, uint32_t inner_dst)
{
	uint8_t pkt[64], payload[8] = { 1 }, *copy;
	struct ipv4_out h = {
		.src = 0xcb007109, .dst = inner_dst, .ttl = 64, .protocol = PROTO_TCP
	};
	size_t len = ipv4_build(pkt, sizeof(pkt), &h, payload, sizeof(payload));

	copy = unit_copy(pkt, len);
	mobile_tunnelled(n.m, src, dst, udp, copy, len, &n.now, &n.out);
	node_see(&n);
	free(copy);
}

/* Its Reply to the last order, in the tunnel. */
static inline void home_answers_order(uint8_t code)
{
	struct order o, r;
	uint8_t buf[256], pkt[300], *copy;
	struct wbuf w = wb_init(buf, sizeof(buf));
	struct ipv4_out h = { .src = HOME_AGENT, .dst = HOME, .ttl = 64, .protocol = PROTO_UDP };
	size_t len;

	CHECK_EQ(order_decode(n.order, n.order_len, &o), DROP_NONE);
	r = (struct order){ .message = ORDER_REPLY,
			    .action = code,
			    .home_addr = HOME,
			    .first_agent = o.first_agent,
			    .care_of = o.care_of,
			    .id = o.id };
	order_encode(&w, &r);
	auth_append(&w, EXT_MN_HA, 0, &n.conf.home_sa);
	len = udp_build(pkt, sizeof(pkt), &h, MIP_PORT, MIP_PORT, buf, w.len);
	copy = unit_copy(pkt, len);
	mobile_tunnelled(n.m, HOME_AGENT, n.from, n.in_udp, copy, len, &n.now, &n.out);
	node_see(&n);
	free(copy);
}

static inline struct order ordered(void)
{
	struct order o = { 0 };

	CHECK_EQ(order_decode(n.order, n.order_len, &o), DROP_NONE);
	return o;
}

static inline struct mip_request asked(struct mip_exts *x)
{
	struct mip_request r = { 0 };

	CHECK_EQ(mip_request_decode(n.request, n.request_len, &r, x), DROP_NONE);
	return r;
}

static inline struct mobile_info look(void)
{
	static struct mobile_info i;

	mobile_info(n.m, n.now.t, &i);
	return i;
}

/* On access point A with address A, and registered from it; the home agent keeps what comes. */
static inline void from_a(const struct mip_udp_reply *udp)
{
	node_init(&n);
	told(ADDR_A, GATE_A);
	node_link_up(&n, &bssid_a);
	gateway_answers(GATE_A);
	node_until(&n, n.now.t + PATIENCE);
	node_scan(&n);
	home_says(1, udp);
	CHECK_EQ(ordered().action, ORDER_QUERY);
	home_answers_order(ORDER_GRANTED);
	node_until(&n, n.now.t + MSEC(10));
	node_forget(&n);
}

#endif
