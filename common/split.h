/* SPDX-License-Identifier: MIT */
#ifndef MIP_SPLIT_H
#define MIP_SPLIT_H

#include "common/drop.h"
#include "common/offload.h"

/*
 * A large TCP or UDP packet of the kernel's becomes the packets that it stands for, with the
 * checksums that nobody has calculated so far.  Core: no I/O.
 */
#define SPLIT_HEADERS 120 /* IPv4 and TCP, with all options */

/* Zero: nothing is left. */
struct split {
	uint8_t *pkt;
	size_t left;	/* bytes of payload */
	size_t at;	/* what was handed out of them */
	size_t ip, all; /* bytes of headers; all 0: it is one packet, as it stands */
	struct offload o;
	uint8_t head[SPLIT_HEADERS];
};

/* pkt stays the caller's, and is written into; nobody else may do that until split_next() is false.
 * Not DROP_NONE: it cannot be, and nothing is left of it. */
enum drop split_begin(struct split *s, const struct offload *o, uint8_t *pkt, size_t n);
/* The next packet, inside of pkt: it may be changed, and is there until the next call. */
bool split_next(struct split *s, uint8_t **p, size_t *n);
static inline bool split_more(const struct split *s)
{
	return s->left > 0;
}

#endif
