/* SPDX-License-Identifier: MIT */
#ifndef MIP_ICMP_FIXTURE_H
#define MIP_ICMP_FIXTURE_H

#include "common/icmp.h"
#include "common/mip.h"
#include "tests/unit/unit.h"

/* What a router in the middle of a tunnel says of a packet in it. */
#define ROUTER 0xc0000263u

struct err {
	uint8_t type, code;
	uint32_t rest;
	uint32_t src, dst;	   /* of the tunnel */
	uint16_t port;		   /* of its end; 0: it is IP-in-IP */
	uint16_t from;		   /* of its entrance; 0: 434 */
	uint8_t tos, outer_tos;
	bool df, outer_df;
	uint32_t inner_src, inner_dst;
	uint8_t inner_protocol; /* 0: TCP */
	size_t inner_payload;	/* 0: 100 */
	size_t quoted;		/* bytes; 0: all */
};

/* The packet in the tunnel. */
static inline size_t err_inner(uint8_t *buf, size_t cap, const struct err *e)
{
	const struct ipv4_out h = { .src = e->inner_src,
				    .dst = e->inner_dst,
				    .ttl = 61,
				    .tos = e->tos,
				    .df = e->df,
				    .protocol = e->inner_protocol ? e->inner_protocol
								   : PROTO_TCP };
	uint8_t payload[1400];

	for (size_t i = 0; i < sizeof(payload); i++)
		payload[i] = (uint8_t)(3 + i);
	return ipv4_build(buf, cap, &h, payload, e->inner_payload ? e->inner_payload : 100);
}

/* The ICMP message, with its IP header. */
static inline size_t err_build(uint8_t *buf, size_t cap, const struct err *e)
{
	const struct ipv4_out h = { .src = e->src,
				    .dst = e->dst,
				    .ttl = 1,
				    .tos = e->outer_tos,
				    .df = e->outer_df,
				    .protocol = PROTO_IPIP };
	const struct ipv4_out to_us = {
		.src = ROUTER, .dst = e->src, .ttl = 60, .protocol = PROTO_ICMP
	};
	uint8_t inner[1500], outer[1600], icmp[1700];
	struct wbuf w = wb_init(icmp, sizeof(icmp));
	size_t n = err_inner(inner + MIP_TUNNEL_LEN, sizeof(inner) - MIP_TUNNEL_LEN, e);

	mip_tunnel_header(inner);
	if (e->port)
		n = udp_build(outer, sizeof(outer), &h, e->from ? e->from : MIP_PORT, e->port,
			      inner, n + MIP_TUNNEL_LEN);
	else
		n = ipv4_build(outer, sizeof(outer), &h, inner + MIP_TUNNEL_LEN, n);
	wb_u8(&w, e->type);
	wb_u8(&w, e->code);
	wb_u16(&w, 0);
	wb_u32(&w, e->rest);
	wb_bytes(&w, outer, e->quoted && e->quoted < n ? e->quoted : n);
	assert(n && wb_ok(&w));
	wb_patch16(&w, 2, inet_checksum(icmp, w.len));
	return ipv4_build(buf, cap, &to_us, icmp, w.len);
}

/* It is an ICMP error from src about that packet, to who sent it. */
static inline bool err_is(const uint8_t *p, size_t n, uint32_t src, uint8_t type, uint8_t code,
			  uint32_t rest, const struct err *about)
{
	uint8_t inner[1500];
	size_t len = err_inner(inner, sizeof(inner), about), some;
	struct ipv4 ip;
	struct rbuf r;

	if (ipv4_decode(p, n, &ip) != DROP_NONE || ip.protocol != PROTO_ICMP || ip.src != src ||
	    ip.dst != about->inner_src || n > 576 || inet_checksum(ip.payload.p, ip.payload.left))
		return false;
	r = ip.payload;
	if (rb_u8(&r) != type || rb_u8(&r) != code)
		return false;
	rb_skip(&r, 2);
	if (rb_u32(&r) != rest)
		return false;
	some = r.left < len ? r.left : len;
	return some >= IPV4_HEADER_LEN + 8 && r.left == some && !memcmp(r.p, inner, some);
}

#endif
