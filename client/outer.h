/* SPDX-License-Identifier: MIT */
#ifndef MIP_CLIENT_OUTER_H
#define MIP_CLIENT_OUTER_H

#include "common/tunnel.h"

#include <uv.h>

/*
 * Shell: the sockets of a care-of address of our own, on its interface: IP-in-IP, and UDP from one
 * port for messages and tunnel alike (RFC 3519 4.1).  They are there while mobile_want() names one.
 */
struct daemon;
struct node_link;

/* A new address has new ones at once, while libuv still holds the handles of the old. */
struct outer {
	struct node_link *l;
	uint32_t addr; /* what they are bound to */
	struct tunnel tunnel;
	int udp;
	bool df; /* as the UDP socket is set */
	uv_poll_t tunnel_poll, udp_poll, error_poll;
	unsigned handles; /* that libuv holds */
};

/* Opens them for this address, or (0) closes them. */
void outer_want(struct node_link *l, uint32_t addr);
/* From src, by this interface, or by the one that has that address.  0 or -errno: in the tunnel
 * inside UDP for those before it, too, which wait for it or for outer_flush(); what cannot be sent
 * then is counted.  Who sent a packet that is too large for the path is told so (ICMP 3/4). */
int outer_message(struct daemon *d, unsigned link, uint32_t src, uint32_t dst, const uint8_t *p,
		  size_t n);
int outer_tunnel(struct daemon *d, unsigned link, bool udp, uint32_t src, uint32_t dst,
		 const uint8_t *p, size_t n);
/* What has come by them; it need not wait for what is sent meanwhile. */
void outer_read(struct daemon *d);
/* What is sent later, or another way, leaves behind it. */
void outer_flush(struct daemon *d);

#endif
