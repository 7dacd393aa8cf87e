/* SPDX-License-Identifier: MIT */
#include "common/packet.h"

#include <string.h>

#define UDP_HEADER_LEN 8

/* Sum of 16-bit words; an odd last byte counts as the high half of one.  In the machine's own order
 * of bytes, eight at a time, and turned round in the end: RFC 1071 2 (B), (C). */
static uint32_t sum(uint32_t s, const uint8_t *p, size_t n)
{
	uint64_t all = 0, eight;
	uint16_t two;
	uint8_t word[2] = { 0 };

	for (; n >= sizeof(eight); p += sizeof(eight), n -= sizeof(eight)) {
		memcpy(&eight, p, sizeof(eight));
		all += (eight & 0xffffffff) + (eight >> 32);
	}
	for (; n >= sizeof(two); p += sizeof(two), n -= sizeof(two)) {
		memcpy(&two, p, sizeof(two));
		all += two;
	}
	if (n) {
		word[0] = *p;
		memcpy(&two, word, sizeof(two));
		all += two;
	}
	while (all >> 16)
		all = (all & 0xffff) + (all >> 16);
	two = (uint16_t)all;
	memcpy(word, &two, sizeof(two));
	return s + ((uint32_t)word[0] << 8 | word[1]);
}

static uint16_t fold(uint32_t s)
{
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return (uint16_t)~s;
}

uint16_t inet_checksum(const void *p, size_t n)
{
	return fold(sum(0, p, n));
}

static uint32_t pseudo(uint32_t src, uint32_t dst, uint8_t protocol, size_t n)
{
	return (src >> 16) + (src & 0xffff) + (dst >> 16) + (dst & 0xffff) + protocol + (uint32_t)n;
}

uint16_t inet_pseudo_sum(uint32_t src, uint32_t dst, uint8_t protocol, size_t n)
{
	return (uint16_t)~fold(pseudo(src, dst, protocol, n));
}

uint16_t inet_transport_checksum(uint32_t src, uint32_t dst, uint8_t protocol, const void *p,
				 size_t n)
{
	return fold(sum(pseudo(src, dst, protocol, n), p, n));
}

static uint16_t udp_checksum(uint32_t src, uint32_t dst, const uint8_t *p, size_t n)
{
	return inet_transport_checksum(src, dst, PROTO_UDP, p, n);
}

enum drop ipv4_quoted(const void *p, size_t n, struct ipv4 *out)
{
	struct rbuf r = rb_init(p, n);
	size_t there;
	struct ipv4 ip;
	uint8_t vhl = rb_u8(&r);
	uint16_t frag;

	ip.tos = rb_u8(&r);
	ip.total_len = rb_u16(&r);
	ip.id = rb_u16(&r);
	frag = rb_u16(&r);
	ip.ttl = rb_u8(&r);
	ip.protocol = rb_u8(&r);
	rb_skip(&r, 2);
	ip.src = rb_u32(&r);
	ip.dst = rb_u32(&r);
	if (!rb_ok(&r))
		return DROP_SHORT;
	ip.header_len = (size_t)(vhl & 15) * 4;
	if (vhl >> 4 != 4 || ip.header_len < IPV4_HEADER_LEN || ip.total_len < ip.header_len)
		return DROP_IP_HEADER;
	ip.df = frag & 0x4000;
	ip.mf = frag & 0x2000;
	ip.frag_off = (uint16_t)((frag & 0x1fff) * 8);
	rb_skip(&r, ip.header_len - IPV4_HEADER_LEN);
	if (!rb_ok(&r))
		return DROP_SHORT;
	there = (size_t)(ip.total_len - ip.header_len);
	ip.payload = rb_take(&r, there < r.left ? there : r.left);
	*out = ip;
	return DROP_NONE;
}

enum drop ipv4_decode(const void *p, size_t n, struct ipv4 *out)
{
	struct ipv4 ip;
	enum drop why = ipv4_quoted(p, n, &ip);

	if (why == DROP_NONE && ip.total_len > n)
		why = DROP_SHORT;
	if (why == DROP_NONE && inet_checksum(p, ip.header_len))
		why = DROP_IP_HEADER;
	if (why == DROP_NONE)
		*out = ip;
	return why;
}

enum drop udp_decode(const struct ipv4 *ip, bool check, struct udp *out)
{
	struct rbuf r = ip->payload;
	const uint8_t *start = r.p;
	uint16_t len, checksum;
	struct udp u;

	if (ip->protocol != PROTO_UDP)
		return DROP_TYPE;
	if (ip->frag_off || ip->mf)
		return DROP_MALFORMED;
	u.sport = rb_u16(&r);
	u.dport = rb_u16(&r);
	len = rb_u16(&r);
	checksum = rb_u16(&r);
	if (!rb_ok(&r))
		return DROP_SHORT;
	if (len < UDP_HEADER_LEN)
		return DROP_MALFORMED;
	u.payload = rb_take(&r, len - UDP_HEADER_LEN);
	if (!rb_ok(&r))
		return DROP_SHORT;
	if (check && checksum && udp_checksum(ip->src, ip->dst, start, len))
		return DROP_UDP_CHECKSUM;
	*out = u;
	return DROP_NONE;
}

/* RFC 1624: HC' = ~(~HC + ~m + m') */
uint16_t inet_checksum_mend(uint16_t checksum, uint16_t old, uint16_t new)
{
	return fold((uint32_t)(uint16_t)~checksum + (uint16_t)~old + new);
}

void ipv4_ttl_add(uint8_t *p, int delta)
{
	struct rbuf r = rb_init(p + 8, 4);
	struct wbuf w = wb_init(p + 8, 4);
	uint16_t old = rb_u16(&r), checksum = rb_u16(&r);
	uint16_t new = (uint16_t)(old + delta * 256);

	wb_u16(&w, new);
	wb_u16(&w, inet_checksum_mend(checksum, old, new));
}

static void put_header(struct wbuf *w, const struct ipv4_out *h, uint8_t protocol, size_t n)
{
	wb_u8(w, 0x45);
	wb_u8(w, h->tos);
	wb_u16(w, (uint16_t)(IPV4_HEADER_LEN + n));
	wb_u16(w, h->id);
	wb_u16(w, h->df ? 0x4000 : 0);
	wb_u8(w, h->ttl);
	wb_u8(w, protocol);
	wb_u16(w, 0);
	wb_u32(w, h->src);
	wb_u32(w, h->dst);
	if (wb_ok(w))
		wb_patch16(w, 10, inet_checksum(w->p, IPV4_HEADER_LEN));
}

static bool fits(size_t cap, size_t headers, size_t n)
{
	return n <= 65535 - headers && cap >= headers && cap - headers >= n;
}

size_t ipv4_build(uint8_t *buf, size_t cap, const struct ipv4_out *h, const void *payload, size_t n)
{
	struct wbuf w = wb_init(buf, cap);

	if (!fits(cap, IPV4_HEADER_LEN, n))
		return 0;
	put_header(&w, h, h->protocol, n);
	wb_bytes(&w, payload, n);
	return wb_ok(&w) ? w.len : 0;
}

size_t udp_build(uint8_t *buf, size_t cap, const struct ipv4_out *h, uint16_t sport, uint16_t dport,
		 const void *payload, size_t n)
{
	struct wbuf w = wb_init(buf, cap);
	uint16_t checksum;

	if (!fits(cap, IPV4_HEADER_LEN + UDP_HEADER_LEN, n))
		return 0;
	put_header(&w, h, PROTO_UDP, UDP_HEADER_LEN + n);
	wb_u16(&w, sport);
	wb_u16(&w, dport);
	wb_u16(&w, (uint16_t)(UDP_HEADER_LEN + n));
	wb_u16(&w, 0);
	wb_bytes(&w, payload, n);
	if (!wb_ok(&w))
		return 0;
	checksum = udp_checksum(h->src, h->dst, buf + IPV4_HEADER_LEN, UDP_HEADER_LEN + n);
	wb_patch16(&w, IPV4_HEADER_LEN + 6, checksum ? checksum : 0xffff); /* 0 would mean "none" */
	return w.len;
}

/* RFC 791 3.2; a fragment may be cut again. */
size_t ipv4_fragment(const void *pkt, size_t n, size_t mtu, size_t *done, uint8_t *buf, size_t cap)
{
	size_t most = mtu > IPV4_HEADER_LEN ? (mtu - IPV4_HEADER_LEN) & ~(size_t)7 : 0;
	struct wbuf w = wb_init(buf, cap);
	struct rbuf piece;
	struct ipv4 ip;
	bool last;

	if (!most || ipv4_decode(pkt, n, &ip) != DROP_NONE || ip.df ||
	    ip.header_len != IPV4_HEADER_LEN || *done >= ip.payload.left ||
	    ip.frag_off + ip.payload.left > 65535 - IPV4_HEADER_LEN)
		return 0;
	rb_skip(&ip.payload, *done);
	last = ip.payload.left <= most;
	piece = rb_take(&ip.payload, last ? ip.payload.left : most);
	wb_bytes(&w, pkt, IPV4_HEADER_LEN);
	wb_bytes(&w, piece.p, piece.left);
	if (!wb_ok(&w))
		return 0;
	wb_patch16(&w, 2, (uint16_t)w.len);
	wb_patch16(&w, 6, (uint16_t)((ip.frag_off + *done) / 8 | (!last || ip.mf ? 0x2000 : 0)));
	wb_patch16(&w, 10, 0);
	wb_patch16(&w, 10, inet_checksum(buf, IPV4_HEADER_LEN));
	*done += piece.left;
	return w.len;
}
