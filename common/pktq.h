/* SPDX-License-Identifier: MIT */
#ifndef MIP_PKTQ_H
#define MIP_PKTQ_H

#include "common/mtime.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Packets kept in order.  One pool of fixed cells, given at start, serves every
 * queue of a daemon: no allocation per packet, memory bounded by construction.
 * A packet is copied in and copied out; it takes ceil((len + header) / cell) cells.
 */
#define POOL_CELL 256
#define PKTQ_CLASSES 8 /* of an IPv4 packet: the upper three bits of its DSCP */

struct pool {
	uint8_t *mem;
	/* the free list; cells never used yet lie beyond `fresh` */
	uint32_t n_cells, n_free, free_head;
	uint32_t fresh;
};

struct pktq {
	uint32_t head, tail; /* first cells; UINT32_MAX: empty */
	uint32_t packets;
	uint64_t bytes;
	uint32_t of_class[PKTQ_CLASSES];
};

/* mem: n bytes, aligned to 8, kept by the caller for the
 * pool's life (mmap'd: untouched pages cost nothing). */
void pool_init(struct pool *p, void *mem, size_t n);
size_t pool_free_bytes(const struct pool *p);
/* Bytes from the start of mem that were written to and hold nothing now; 0: a packet is there, or
 * nothing was written.  After pool_reset() nobody needs what stands in them. */
size_t pool_idle(const struct pool *p);
void pool_reset(struct pool *p);

void pktq_init(struct pktq *q);
/* False when the pool is full (nothing changed).  len 1..65535. */
bool pktq_push(struct pool *p, struct pktq *q, const void *pkt, size_t len, mtime at);
/* Length and arrival time of the oldest; 0: empty. */
size_t pktq_peek(const struct pool *p, const struct pktq *q, mtime *at);
/* Takes the oldest out into buf (cap >= its length, else it stays and 0 is returned). */
size_t pktq_pop(struct pool *p, struct pktq *q, void *buf, size_t cap, mtime *at);
/* Drops the oldest; its length, or 0 when empty. */
size_t pktq_drop(struct pool *p, struct pktq *q);
/* The lowest class that is there; PKTQ_CLASSES: empty. */
unsigned pktq_lowest(const struct pktq *q);
unsigned pktq_class(const void *pkt, size_t len);
/* Drops the oldest of the lowest class; of a class that is not among the first PKTQ_SCAN, the
 * oldest of all.  Its length, or 0 when empty. */
#define PKTQ_SCAN 4096
size_t pktq_drop_lowest(struct pool *p, struct pktq *q);
void pktq_clear(struct pool *p, struct pktq *q);
/* Moves everything in b behind what is in a; b is empty after. */
void pktq_append(struct pool *p, struct pktq *a, struct pktq *b);

#endif
