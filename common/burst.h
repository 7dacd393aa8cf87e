/* SPDX-License-Identifier: MIT */
#ifndef MIP_BURST_H
#define MIP_BURST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * UDP datagrams to one place, one behind another, that the kernel takes in one call (UDP_SEGMENT):
 * all are of one size, but for the last one, which may be smaller.  What does not fit that waits
 * until those before it are gone; so the order is kept.  Core: no I/O.
 */
#define BURST_PACKETS 64  /* UDP_MAX_SEGMENTS of every kernel that has UDP_SEGMENT */
#define BURST_BYTES 65507 /* of one UDP datagram, which the kernel takes it for */

/* What they have in common. */
struct burst_way {
	int fd;
	uint32_t dst;
	uint16_t port;
	uint8_t tos;
	bool df;
};

struct burst {
	struct burst_way way;
	unsigned most; /* packets: 1 where the kernel cannot send more; 0: not asked yet */
	unsigned n;
	size_t used, size; /* bytes: of all; of each but the last */
	uint8_t bytes[BURST_BYTES];
};

/* The head and the packet behind it become one more datagram; both are copied.  False: those before
 * it must go first.  One that is larger than BURST_BYTES is never taken. */
bool burst_add(struct burst *b, const struct burst_way *way, const uint8_t *head, size_t head_len,
	       const uint8_t *p, size_t n);
/* Datagram i < b->n. */
const uint8_t *burst_at(const struct burst *b, unsigned i, size_t *n);

#endif
