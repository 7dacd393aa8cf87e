/* SPDX-License-Identifier: MIT */
#ifndef MIP_STREAM_FIXTURE_H
#define MIP_STREAM_FIXTURE_H

#include "common/packet.h"
#include "tests/unit/unit.h"

/* TCP segments and UDP datagrams, with checksums of a calculation of their own. */
#define FIN 0x01
#define SYN 0x02
#define PSH 0x08
#define ACK 0x10
#define CWR 0x80
#define TIMES "0101080a 00000001 00000002" /* TCP's timestamps */
#define ALERT "94040000"                   /* IPv4's router alert */

struct seg {
	uint8_t protocol; /* 0: TCP */
	const char *ip_options, *tcp_options;
	uint16_t id;
	uint32_t seq;
	uint8_t flags; /* 0: ACK */
	size_t payload;
	uint8_t from; /* the first byte of payload; they count up */
};

static inline uint16_t slow_sum(uint32_t s, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		s += i & 1 ? p[i] : (uint32_t)p[i] << 8;
		s = (s & 0xffff) + (s >> 16);
	}
	return (uint16_t)s;
}

static inline size_t ip_len(const uint8_t *p)
{
	return (p[0] & 15) * 4u;
}

static inline void put16(uint8_t *p, unsigned v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

/* Of the pseudo header, for all that follows the IP header. */
static inline uint16_t pseudo_of(const uint8_t *p, size_t n)
{
	uint8_t head[4] = { 0, p[9] };

	put16(head + 2, (unsigned)(n - ip_len(p)));
	return slow_sum(slow_sum(0, p + 12, 8), head, 4);
}

static inline uint8_t *check_field(uint8_t *p)
{
	return p + ip_len(p) + (p[9] == PROTO_TCP ? 16 : 6);
}

/* Puts both checksums right. */
static inline void seal(uint8_t *p, size_t n)
{
	size_t ip = ip_len(p);
	uint16_t sum;

	put16(p + 10, 0);
	put16(p + 10, (uint16_t)~slow_sum(0, p, ip));
	put16(check_field(p), 0);
	sum = (uint16_t)~slow_sum(pseudo_of(p, n), p + ip, n - ip);
	put16(check_field(p), sum || p[9] == PROTO_TCP ? sum : 0xffff);
}

static inline size_t seg_build(uint8_t *p, const struct seg *s)
{
	bool tcp = s->protocol != PROTO_UDP;
	size_t ip = 20, n;

	memset(p, 0, 120);
	if (s->ip_options)
		ip += unit_hex(s->ip_options, p + 20, 40);
	n = ip;
	unit_hex("0a630005 cb710009", p + 12, 8);
	unit_hex("1f90 0050", p + ip, 4);
	if (tcp) {
		put16(p + ip + 4, s->seq >> 16);
		put16(p + ip + 6, s->seq);
		unit_hex("00000007", p + ip + 8, 4);
		n += 20;
		if (s->tcp_options)
			n += unit_hex(s->tcp_options, p + ip + 20, 40);
		p[ip + 12] = (uint8_t)((n - ip) / 4 << 4);
		p[ip + 13] = s->flags ? s->flags : ACK;
		put16(p + ip + 14, 0x2000);
	} else {
		n += 8;
		put16(p + ip + 4, (unsigned)(8 + s->payload));
	}
	for (size_t i = 0; i < s->payload; i++)
		p[n + i] = (uint8_t)(s->from + i);
	n += s->payload;
	p[0] = (uint8_t)(0x40 | ip / 4);
	put16(p + 2, (unsigned)n);
	put16(p + 4, s->id);
	p[6] = 0x40;
	p[8] = 64;
	p[9] = tcp ? PROTO_TCP : PROTO_UDP;
	seal(p, n);
	return n;
}

#endif
