/* SPDX-License-Identifier: MIT */
#include "common/gather.h"

#include "common/packet.h"

#include <string.h>

#define TCP_HEADER_LEN 20
#define TCP_ACK 0x10
#define TCP_ENDS 0x09 /* FIN, PSH: what has one is the last */
#define TCP_CHECKSUM 16
#define UDP_HEADER_LEN 8
#define UDP_LENGTH 4
#define UDP_CHECKSUM 6

/* What may be put together. */
struct part {
	enum offload_kind kind;
	uint16_t header, payload;
	uint32_t seq;
	uint8_t flags;
};

static bool look_tcp(const struct ipv4 *ip, struct part *out)
{
	struct rbuf r = ip->payload;
	size_t header;

	rb_skip(&r, 4);
	out->seq = rb_u32(&r);
	rb_skip(&r, 4);
	header = (size_t)(rb_u8(&r) >> 4) * 4;
	out->flags = rb_u8(&r);
	if (!rb_ok(&r) || header < TCP_HEADER_LEN || header >= ip->payload.left ||
	    (out->flags & ~TCP_ENDS) != TCP_ACK)
		return false;
	out->kind = OFFLOAD_TCP;
	out->header = (uint16_t)(IPV4_HEADER_LEN + header);
	return true;
}

static bool look_udp(const struct ipv4 *ip, struct part *out)
{
	struct rbuf r = ip->payload;

	rb_skip(&r, UDP_LENGTH);
	if (rb_u16(&r) != ip->payload.left || ip->payload.left <= UDP_HEADER_LEN || !rb_u16(&r))
		return false;
	out->kind = OFFLOAD_UDP;
	out->header = IPV4_HEADER_LEN + UDP_HEADER_LEN;
	return true;
}

/* A wrong checksum must stay wrong: the kernel would calculate a right one. */
static bool look(const uint8_t *p, size_t n, bool udp, struct part *out)
{
	struct ipv4 ip = { 0 }; /* the compiler looks at all of it at once, whatever was decoded */

	*out = (struct part){ .kind = OFFLOAD_NONE };
	if (ipv4_decode(p, n, &ip) != DROP_NONE || ip.header_len != IPV4_HEADER_LEN || !ip.df ||
	    ip.mf || ip.frag_off || ip.total_len != n)
		return false;
	if (ip.protocol == PROTO_TCP ? !look_tcp(&ip, out)
				     : ip.protocol != PROTO_UDP || !udp || !look_udp(&ip, out))
		return false;
	out->payload = (uint16_t)(n - out->header);
	return !inet_transport_checksum(ip.src, ip.dst, ip.protocol, ip.payload.p,
					ip.payload.left);
}

static bool same(const uint8_t *a, const uint8_t *b, size_t from, size_t to)
{
	return !memcmp(a + from, b + from, to - from);
}

/* All but lengths, checksums, Identification, and, of TCP, sequence number, FIN and PSH. */
static bool same_headers(const struct gather *g, const uint8_t *p, const struct part *t)
{
	const uint8_t *a = g->bytes;

	if (!same(a, p, 0, 2) || !same(a, p, 6, 10) || !same(a, p, 12, 24))
		return false;
	return t->kind == OFFLOAD_UDP ||
	       (t->seq == g->next && same(a, p, 28, 33) && same(a, p, 34, 36) &&
		same(a, p, 38, t->header));
}

static void follows(struct gather *g, const struct part *t)
{
	bool last = t->payload < g->size || (t->flags & TCP_ENDS);

	g->next = t->seq + t->payload;
	if (last)
		g->kind = OFFLOAD_NONE;
}

bool gather_add(struct gather *g, const uint8_t *p, size_t n, bool udp)
{
	struct part t;
	bool good;

	if (g->packets && g->kind == OFFLOAD_NONE)
		return false;
	good = n <= sizeof(g->bytes) && look(p, n, udp, &t);
	if (!g->packets) {
		g->n = n < sizeof(g->bytes) ? n : sizeof(g->bytes);
		memcpy(g->bytes, p, g->n);
		g->packets = 1;
		g->kind = OFFLOAD_NONE;
		if (good) {
			g->kind = t.kind;
			g->header = t.header;
			g->size = t.payload;
			follows(g, &t);
		}
		return true;
	}
	if (!good || t.kind != g->kind || t.header != g->header || t.payload > g->size ||
	    t.payload > sizeof(g->bytes) - g->n || g->packets == GATHER_PACKETS ||
	    !same_headers(g, p, &t))
		return false;
	memcpy(g->bytes + g->n, p + t.header, t.payload);
	g->n += t.payload;
	g->packets++;
	if (t.kind == OFFLOAD_TCP)
		memcpy(g->bytes + 33, p + 33, 1); /* FIN and PSH are the last one's */
	follows(g, &t);
	return true;
}

void gather_end(struct gather *g, struct offload *o)
{
	struct wbuf w = { .p = g->bytes, .len = g->n, .cap = g->n };
	struct rbuf r = rb_init(g->bytes, g->n);
	size_t len = g->n - IPV4_HEADER_LEN;
	uint32_t src, dst;
	bool tcp;

	*o = (struct offload){ .kind = OFFLOAD_NONE };
	if (g->packets < 2)
		return;
	rb_skip(&r, 9);
	tcp = rb_u8(&r) == PROTO_TCP;
	rb_skip(&r, 2);
	src = rb_u32(&r);
	dst = rb_u32(&r);
	*o = (struct offload){ .kind = tcp ? OFFLOAD_TCP : OFFLOAD_UDP,
			       .unfinished = true,
			       .start = IPV4_HEADER_LEN,
			       .field = tcp ? TCP_CHECKSUM : UDP_CHECKSUM,
			       .header = g->header,
			       .size = g->size };
	wb_patch16(&w, 2, (uint16_t)g->n);
	wb_patch16(&w, 10, 0);
	wb_patch16(&w, 10, inet_checksum(g->bytes, IPV4_HEADER_LEN));
	if (!tcp)
		wb_patch16(&w, IPV4_HEADER_LEN + UDP_LENGTH, (uint16_t)len);
	wb_patch16(&w, IPV4_HEADER_LEN + o->field,
		   inet_pseudo_sum(src, dst, tcp ? PROTO_TCP : PROTO_UDP, len));
}
