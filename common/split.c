/* SPDX-License-Identifier: MIT */
#include "common/split.h"

#include "common/packet.h"

#include <string.h>

#define TCP_HEADER_LEN 20
#define UDP_HEADER_LEN 8
#define TCP_FIRST_ONLY 0x80  /* CWR: RFC 3168 6.1.2 */
#define TCP_LAST_ONLY 0x09   /* FIN, PSH */
#define TCP_SEQ 4
#define TCP_OFFSET 12 /* and the flags behind it */
#define TCP_CHECKSUM 16
#define UDP_LENGTH 4
#define UDP_CHECKSUM 6

static struct wbuf edit(uint8_t *p, size_t n)
{
	return (struct wbuf){ .p = p, .len = n, .cap = n };
}

/* What the kernel left to the card: the sum from start to the end, the pseudo header's in it. */
static enum drop finish(const struct offload *o, uint8_t *pkt, size_t n)
{
	size_t start = o->start;
	struct wbuf w;
	uint16_t sum;

	if (start + o->field + 2 > n)
		return DROP_MALFORMED;
	sum = inet_checksum(pkt + start, n - start);
	w = edit(pkt + start, n - start);
	wb_patch16(&w, o->field, sum ? sum : 0xffff); /* 0 would mean "none" in UDP */
	return DROP_NONE;
}

/* Bytes of the header behind the IP header; 0: that cannot be. */
static size_t second_header(const struct ipv4 *ip, enum offload_kind kind)
{
	struct rbuf r = ip->payload;
	size_t n = UDP_HEADER_LEN;

	if (ip->mf || ip->frag_off || ip->protocol != (kind == OFFLOAD_TCP ? PROTO_TCP : PROTO_UDP))
		return 0;
	if (kind == OFFLOAD_TCP) {
		rb_skip(&r, TCP_OFFSET);
		n = (size_t)(rb_u8(&r) >> 4) * 4;
		if (n < TCP_HEADER_LEN)
			return 0;
	}
	return n < ip->payload.left ? n : 0;
}

enum drop split_begin(struct split *s, const struct offload *o, uint8_t *pkt, size_t n)
{
	enum drop why = DROP_NONE;
	struct ipv4 ip;
	size_t second;

	*s = (struct split){ .pkt = pkt, .o = *o };
	if (o->kind == OFFLOAD_NONE) {
		if (o->unfinished)
			why = finish(o, pkt, n);
		s->left = why == DROP_NONE ? n : 0;
		return why;
	}
	why = ipv4_decode(pkt, n, &ip);
	if (why != DROP_NONE)
		return why;
	second = second_header(&ip, o->kind);
	if (!second || !o->size)
		return DROP_MALFORMED;
	s->ip = ip.header_len;
	s->all = ip.header_len + second;
	s->left = ip.total_len - s->all;
	memcpy(s->head, pkt, s->all);
	return DROP_NONE;
}

static void ip_header(const struct split *s, uint8_t *p, size_t n)
{
	struct rbuf id = rb_init(s->head + 4, 2);
	struct wbuf w = edit(p, s->ip);

	wb_patch16(&w, 2, (uint16_t)n);
	wb_patch16(&w, 4, (uint16_t)(rb_u16(&id) + s->at / s->o.size));
	wb_patch16(&w, 10, 0);
	wb_patch16(&w, 10, inet_checksum(p, s->ip));
}

static size_t tcp_header(const struct split *s, uint8_t *tcp, bool last)
{
	struct rbuf seq = rb_init(s->head + s->ip + TCP_SEQ, 4);
	struct rbuf flags = rb_init(s->head + s->ip + TCP_OFFSET, 2);
	unsigned clear = (s->at ? TCP_FIRST_ONLY : 0) | (last ? 0 : TCP_LAST_ONLY);
	struct wbuf w = wb_init(tcp + TCP_SEQ, 4);

	wb_u32(&w, rb_u32(&seq) + (uint32_t)s->at);
	w = edit(tcp, TCP_HEADER_LEN);
	wb_patch16(&w, TCP_OFFSET, (uint16_t)(rb_u16(&flags) & ~clear));
	return TCP_CHECKSUM;
}

static size_t udp_header(uint8_t *udp, size_t n)
{
	struct wbuf w = edit(udp, UDP_HEADER_LEN);

	wb_patch16(&w, UDP_LENGTH, (uint16_t)n);
	return UDP_CHECKSUM;
}

static void second(const struct split *s, uint8_t *p, size_t n, bool last)
{
	bool tcp = s->o.kind == OFFLOAD_TCP;
	size_t len = n - s->ip;
	size_t field = tcp ? tcp_header(s, p + s->ip, last) : udp_header(p + s->ip, len);
	struct rbuf r = rb_init(p + 12, 8);
	struct wbuf w = edit(p + s->ip, len);
	uint32_t src = rb_u32(&r), dst = rb_u32(&r);
	uint16_t sum;

	wb_patch16(&w, field, 0);
	sum = inet_transport_checksum(src, dst, tcp ? PROTO_TCP : PROTO_UDP, p + s->ip, len);
	wb_patch16(&w, field, sum || tcp ? sum : 0xffff);
}

/* The headers are written over the end of the payload before, which is gone. */
bool split_next(struct split *s, uint8_t **p, size_t *n)
{
	size_t some = s->all && s->left > s->o.size ? s->o.size : s->left;

	if (!some)
		return false;
	*p = s->pkt + s->at;
	*n = s->all + some;
	if (s->all) {
		memcpy(*p, s->head, s->all);
		ip_header(s, *p, *n);
		second(s, *p, *n, some == s->left);
	}
	s->at += some;
	s->left -= some;
	return true;
}
