/* SPDX-License-Identifier: MIT */
#ifndef MIP_ICMP_H
#define MIP_ICMP_H

#include "common/packet.h"

/*
 * ICMP that is no router discovery (advert.h): echoes, errors, and what becomes of an error about a
 * packet in a tunnel at the tunnel's entrance, RFC 2003 4.  Core: no I/O.
 */
#define ECHO_TTL 64
#define ICMP_UNREACHABLE 3
#define ICMP_QUENCH 4
#define ICMP_TIME 11
#define ICMP_PARAMETER 12

/* An ICMP echo request, in one piece; and what answers it, made of it in place. */
bool icmp_is_echo(const struct ipv4 *ip);
void icmp_echo_answer(uint8_t *pkt, const struct ipv4 *ip);

/* An error without what it is about; rest: the four bytes behind the checksum. */
struct icmp_what {
	uint8_t type, code;
	uint32_t rest;
};

/* An error about the n bytes of a packet that there are, from src to the packet's source; 576 bytes
 * at most.  0: cap is too small, or pkt may not be answered with an error (RFC 1122 3.2.2). */
size_t icmp_error_build(uint8_t *buf, size_t cap, uint32_t src, const struct icmp_what *what,
			const void *pkt, size_t n);
/* Fragmentation needed (3/4), with the next hop's MTU. */
size_t icmp_frag_needed_build(uint8_t *buf, size_t cap, uint32_t src, const void *pkt, size_t n,
			      uint16_t mtu);

/* An error about a packet in a tunnel: IP-in-IP, or UDP from or to port 434 (RFC 3519). */
struct icmp_error {
	uint8_t type, code, pointer;
	struct ipv4 outer, inner; /* as far as they are quoted */
	uint16_t sport, dport;	  /* of the tunnel; 0: it is IP-in-IP */
	struct rbuf quoted;	  /* the inner packet, from its header on */
};

/* p: an ICMP message with its IP header.  DROP_TYPE: nothing that may become of a packet in a
 * tunnel, and nothing to be counted; too big (3/4) is among that, the kernel's business. */
enum drop icmp_error_decode(const uint8_t *p, size_t n, struct icmp_error *out);
/* What the sender of the packet in the tunnel is told.  in_net: where the packet goes to is in the
 * entrance's own network.  False: nothing. */
bool icmp_relay_as(const struct icmp_error *e, bool in_net, struct icmp_what *out);

#endif
