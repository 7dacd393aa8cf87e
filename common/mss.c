/* SPDX-License-Identifier: MIT */
#include "common/mss.h"

#include "common/bytes.h"
#include "common/packet.h"

#define HEADERS 40 /* of IPv4 and TCP without options: RFC 6691 */
#define TCP_HEADER 20
#define CHECKSUM_AT 16
#define SYN 0x002
#define OPTION_END 0
#define OPTION_NOP 1
#define OPTION_MSS 2

/* The options of a SYN; nothing of anything else. */
static struct rbuf syn_options(const struct ipv4 *ip)
{
	struct rbuf tcp = ip->payload, none = { .left = 0 };
	size_t header;
	uint16_t word;

	rb_take(&tcp, 12); /* ports, sequence, acknowledgement */
	word = rb_u16(&tcp);
	rb_take(&tcp, TCP_HEADER - 14);
	header = (size_t)(word >> 12) * 4;
	if (!rb_ok(&tcp) || !(word & SYN) || header < TCP_HEADER)
		return none;
	return rb_take(&tcp, header - TCP_HEADER);
}

/* Where the MSS stands; NULL: nowhere. */
static const uint8_t *find(struct rbuf options)
{
	while (options.left) {
		uint8_t kind = rb_u8(&options), len;
		struct rbuf body;

		if (kind == OPTION_END)
			break;
		if (kind == OPTION_NOP)
			continue;
		len = rb_u8(&options);
		if (!rb_ok(&options) || len < 2)
			break;
		body = rb_take(&options, len - 2u);
		if (kind == OPTION_MSS && len == 4 && rb_ok(&options))
			return body.p;
	}
	return NULL;
}

static uint16_t number(const uint8_t *p)
{
	struct rbuf r = rb_init(p, 2);

	return rb_u16(&r);
}

static void put(uint8_t *p, uint16_t v)
{
	struct wbuf w = wb_init(p, 2);

	wb_u16(&w, v);
}

static uint16_t swapped(uint16_t v, bool odd)
{
	return (uint16_t)(odd ? v << 8 | v >> 8 : v);
}

bool mss_clamp(uint8_t *pkt, size_t n, unsigned mtu)
{
	struct ipv4 ip;
	const uint8_t *at;
	uint16_t was, is;
	uint32_t sum;
	uint8_t *tcp;
	bool odd;

	if (mtu <= HEADERS || ipv4_decode(pkt, n, &ip) != DROP_NONE ||
	    ip.protocol != PROTO_TCP || ip.frag_off)
		return false;
	at = find(syn_options(&ip));
	if (!at)
		return false;
	was = number(at);
	is = (uint16_t)(mtu - HEADERS);
	if (was <= is)
		return false;
	tcp = pkt + ip.header_len;
	odd = (at - tcp) & 1; /* then it lies across two words */
	sum = (uint16_t)~number(tcp + CHECKSUM_AT);
	sum += (uint16_t)~swapped(was, odd);
	sum += swapped(is, odd);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	put(pkt + (at - pkt), is);
	put(tcp + CHECKSUM_AT, (uint16_t)~sum);
	return true;
}
