/* SPDX-License-Identifier: MIT */
#ifndef MIP_PACKET_H
#define MIP_PACKET_H

#include "common/bytes.h"
#include "common/drop.h"

/* IPv4 packets: parsing, the few header edits we make, and building our own small ones. */
#define IPV4_HEADER_LEN 20
#define PROTO_ICMP 1
#define PROTO_IPIP 4
#define PROTO_TCP 6
#define PROTO_UDP 17
#define TOS_CS1 0x20 /* background: the fence's Reply, mip-buffer(7) */
#define TOS_CS6 0xc0 /* network control */

struct ipv4 {
	uint8_t tos, ttl, protocol;
	uint16_t total_len, id, frag_off; /* frag_off in bytes */
	bool df, mf;
	uint32_t src, dst;
	size_t header_len;
	struct rbuf payload;
};

struct udp {
	uint16_t sport, dport;
	struct rbuf payload;
};

/* n may exceed the total length (link padding).  The header checksum is checked. */
enum drop ipv4_decode(const void *p, size_t n, struct ipv4 *out);
/* The same of what an ICMP error quotes: the payload may be cut short, and the header checksum is
 * not checked. */
enum drop ipv4_quoted(const void *p, size_t n, struct ipv4 *out);
/* check: false when the checksum is known not to be filled in yet (a local, offloaded packet). */
enum drop udp_decode(const struct ipv4 *ip, bool check, struct udp *out);

/*
 * The next piece of pkt, of at most mtu bytes, into buf; *done: how much of its payload the pieces
 * before it had, at first 0.  0: that was all, or it cannot be: DF is set, there are options, mtu
 * leaves no room for 8 bytes, it is of a packet longer than there are, or the piece does not fit
 * into cap.
 */
size_t ipv4_fragment(const void *pkt, size_t n, size_t mtu, size_t *done, uint8_t *buf,
		     size_t cap);

uint16_t inet_checksum(const void *p, size_t n);
/* The same when one of its words has changed. */
uint16_t inet_checksum_mend(uint16_t checksum, uint16_t old, uint16_t new);
/* Of the n bytes of TCP or UDP at p, the pseudo header included; 0: the one in there is right. */
uint16_t inet_transport_checksum(uint32_t src, uint32_t dst, uint8_t protocol, const void *p,
				 size_t n);
/* The pseudo header's sum alone, as it stands in a checksum that is to be finished. */
uint16_t inet_pseudo_sum(uint32_t src, uint32_t dst, uint8_t protocol, size_t n);
/* Changes the TTL in place by delta, with the header
 * checksum.  The caller has decoded the header. */
void ipv4_ttl_add(uint8_t *p, int delta);

struct ipv4_out {
	uint32_t src, dst;
	uint8_t ttl, tos, protocol;
	bool df;
	uint16_t id;
};
/* Build header + payload into buf; the length, or 0 when cap is too small. */
size_t ipv4_build(uint8_t *buf, size_t cap, const struct ipv4_out *h, const void *payload,
		  size_t n);
size_t udp_build(uint8_t *buf, size_t cap, const struct ipv4_out *h, uint16_t sport, uint16_t dport,
		 const void *payload, size_t n);

#endif
