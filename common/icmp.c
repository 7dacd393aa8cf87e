/* SPDX-License-Identifier: MIT */
#include "common/icmp.h"

#include "common/addr.h"
#include "common/mip.h"

#define HEADER_LEN 8
#define FRAG_NEEDED 4
#define ECHO 8
#define ERROR_MAX 576 /* RFC 1812 4.3.2.3 */
#define QUOTE_MIN 8   /* RFC 792: by these the sender finds who sent it */

bool icmp_is_echo(const struct ipv4 *ip)
{
	struct rbuf r = ip->payload;

	return ip->protocol == PROTO_ICMP && !ip->frag_off && !ip->mf &&
	       r.left >= HEADER_LEN && rb_u8(&r) == ECHO;
}

/* Whatever else it says stays, a wrong checksum too: that is for whoever asked. */
void icmp_echo_answer(uint8_t *pkt, const struct ipv4 *ip)
{
	struct wbuf addrs = wb_init(pkt + 12, 8), icmp = wb_init(pkt + ip->header_len, 4);
	struct rbuf r = rb_init(pkt + ip->header_len, 4);
	uint16_t old = rb_u16(&r), checksum = rb_u16(&r), new = old & 0xff;

	ipv4_ttl_add(pkt, ECHO_TTL - ip->ttl);
	wb_u32(&addrs, ip->dst);
	wb_u32(&addrs, ip->src);
	wb_u16(&icmp, new);
	wb_u16(&icmp, inet_checksum_mend(checksum, old, new));
}

/* RFC 1122 3.2.2: no error about an ICMP error, a later fragment, or multicast and broadcast. */
static bool may_answer(const struct ipv4 *ip)
{
	struct rbuf r = ip->payload;
	uint8_t type = rb_u8(&r);

	if (ip->frag_off || !addr_is_unicast(ip->src) || !addr_is_unicast(ip->dst))
		return false;
	if (ip->protocol != PROTO_ICMP)
		return true;
	/* Echo, router discovery, timestamps, address masks are no errors. */
	return rb_ok(&r) && (type == 0 || (type >= 8 && type <= 10) || (type >= 13 && type <= 18));
}

size_t icmp_error_build(uint8_t *buf, size_t cap, uint32_t src, const struct icmp_what *what,
			const void *pkt, size_t n)
{
	uint8_t icmp[ERROR_MAX - IPV4_HEADER_LEN];
	struct wbuf w = wb_init(icmp, sizeof(icmp));
	struct ipv4 ip;
	struct ipv4_out h;

	if (ipv4_quoted(pkt, n, &ip) != DROP_NONE || inet_checksum(pkt, ip.header_len) ||
	    !may_answer(&ip))
		return 0;
	h = (struct ipv4_out){
	    .src = src, .dst = ip.src, .ttl = 64, .tos = TOS_CS6, .protocol = PROTO_ICMP};
	wb_u8(&w, what->type);
	wb_u8(&w, what->code);
	wb_u16(&w, 0);
	wb_u32(&w, what->rest);
	n = ip.header_len + ip.payload.left;
	if (n > sizeof(icmp) - HEADER_LEN)
		n = sizeof(icmp) - HEADER_LEN;
	wb_bytes(&w, pkt, n);
	wb_patch16(&w, 2, inet_checksum(icmp, w.len));
	return ipv4_build(buf, cap, &h, icmp, w.len);
}

size_t icmp_frag_needed_build(uint8_t *buf, size_t cap, uint32_t src, const void *pkt, size_t n,
			      uint16_t mtu)
{
	struct icmp_what what = { .type = ICMP_UNREACHABLE, .code = FRAG_NEEDED, .rest = mtu };

	return icmp_error_build(buf, cap, src, &what, pkt, n);
}

/* Port 434's own messages have errors of their own, which others read. */
static enum drop leave_udp(struct icmp_error *e, struct rbuf *r)
{
	e->sport = rb_u16(r);
	e->dport = rb_u16(r);
	rb_skip(r, 4);
	if (!rb_ok(r) || !r->left)
		return DROP_SHORT;
	if ((e->sport != MIP_PORT && e->dport != MIP_PORT) || !e->dport ||
	    !mip_tunnel_decode(r->p, r->left, r))
		return DROP_TYPE;
	return DROP_NONE;
}

/* The header of the inner one went through the tunnel as data: it is as it was sent. */
static enum drop inner(struct icmp_error *e)
{
	struct rbuf r = e->outer.payload;
	enum drop why = DROP_NONE;
	size_t whole;

	if (e->outer.frag_off)
		return DROP_SHORT;
	if (e->outer.protocol == PROTO_UDP)
		why = leave_udp(e, &r);
	else if (e->outer.protocol != PROTO_IPIP)
		why = DROP_TYPE;
	if (why != DROP_NONE)
		return why;
	e->quoted = r;
	why = ipv4_quoted(r.p, r.left, &e->inner);
	if (why != DROP_NONE)
		return why;
	if (inet_checksum(r.p, e->inner.header_len))
		return DROP_IP_HEADER;
	whole = (size_t)(e->inner.total_len - e->inner.header_len);
	return e->inner.payload.left < (whole < QUOTE_MIN ? whole : QUOTE_MIN) ? DROP_SHORT
									     : DROP_NONE;
}

enum drop icmp_error_decode(const uint8_t *p, size_t n, struct icmp_error *out)
{
	struct icmp_error e = { 0 };
	enum drop why;
	struct ipv4 ip;
	struct rbuf r;
	size_t quoted;

	why = ipv4_decode(p, n, &ip);
	if (why != DROP_NONE)
		return why;
	r = ip.payload;
	e.type = rb_u8(&r);
	e.code = rb_u8(&r);
	rb_skip(&r, 2);
	e.pointer = rb_u8(&r);
	quoted = (size_t)rb_u8(&r) * 4; /* RFC 4884: else extensions follow */
	rb_skip(&r, 2);
	if (!rb_ok(&r))
		return DROP_SHORT;
	if (ip.protocol != PROTO_ICMP || ip.frag_off || ip.mf ||
	    (e.type == ICMP_UNREACHABLE ? e.code == FRAG_NEEDED
					: e.type != ICMP_QUENCH && e.type != ICMP_TIME &&
						  e.type != ICMP_PARAMETER))
		return DROP_TYPE;
	if (inet_checksum(ip.payload.p, ip.payload.left))
		return DROP_MALFORMED;
	if (quoted && quoted < r.left)
		r = rb_take(&r, quoted);
	why = ipv4_quoted(r.p, r.left, &e.outer);
	if (why == DROP_NONE)
		why = inner(&e);
	if (why == DROP_NONE)
		*out = e;
	return why;
}

static bool unreachable(uint8_t code, struct icmp_what *out)
{
	*out = (struct icmp_what){ .type = ICMP_UNREACHABLE, .code = code };
	return true;
}

/* RFC 2003 4.1; of what came after it, RFC 1812 5.2.7.1, the network's codes and the others. */
static bool relay_unreachable(uint8_t code, bool in_net, struct icmp_what *out)
{
	switch (code) {
	case 0:	 /* network unreachable */
	case 2:	 /* protocol: not the sender's, who knows nothing of tunnels */
	case 6:	 /* network unknown */
	case 9:	 /* network prohibited */
	case 11: /* network unreachable for this TOS */
		return unreachable(in_net ? 1 : 0, out);
	case 3: /* port */
	case 5: /* source route failed */
		return false;
	default:
		return unreachable(1, out);
	}
}

/* RFC 2003 4.5: the outer header has the inner one's TOS, and mostly its DF; no options. */
static bool relay_parameter(const struct icmp_error *e, struct icmp_what *out)
{
	bool copied = (e->pointer == 1 && e->outer.tos == e->inner.tos) ||
		      (e->pointer == 6 && e->outer.df == e->inner.df);

	*out = (struct icmp_what){ .type = ICMP_PARAMETER, .rest = (uint32_t)e->pointer << 24 };
	return e->code == 0 && copied;
}

bool icmp_relay_as(const struct icmp_error *e, bool in_net, struct icmp_what *out)
{
	switch (e->type) {
	case ICMP_UNREACHABLE:
		return relay_unreachable(e->code, in_net, out);
	case ICMP_TIME: /* 4.4; the other code is the exit's, which waits for a fragment: no loop */
		return e->code == 0 && unreachable(1, out);
	case ICMP_PARAMETER:
		return relay_parameter(e, out);
	default: /* 4.2 */
		return false;
	}
}
