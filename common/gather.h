/* SPDX-License-Identifier: MIT */
#ifndef MIP_GATHER_H
#define MIP_GATHER_H

#include "common/offload.h"

/*
 * TCP segments of a stream, or UDP datagrams of one size from one place to another, that come one
 * behind another become one large packet, out of which the kernel can make them again: the TUN
 * takes it in one call.  No receiver can tell: all headers are the same, sequence numbers follow,
 * checksums are right, and DF is set, so that the Identification means nothing (RFC 6864).
 * Core: no I/O.
 */
#define GATHER_PACKETS 64 /* as many as the kernel sends so of UDP, UDP_MAX_SEGMENTS */

struct gather {
	unsigned packets;
	size_t n;
	enum offload_kind kind; /* NONE: nothing may follow */
	uint16_t header, size;
	uint32_t next; /* TCP sequence number */
	uint8_t bytes[OFFLOAD_BYTES];
};

/* A packet, copied.  udp: datagrams may be gathered, too.  False: what is there must go first. */
bool gather_add(struct gather *g, const uint8_t *p, size_t n, bool udp);
/* Finishes what is there: g->n bytes, to be described so.  The caller sets g->packets to 0. */
void gather_end(struct gather *g, struct offload *o);

#endif
