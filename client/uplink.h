/* SPDX-License-Identifier: MIT */
#ifndef MIP_UPLINK_H
#define MIP_UPLINK_H

#include "common/drop.h"
#include "common/mtime.h"
#include "common/pktq.h"

#include <stdbool.h>

/*
 * What the machine's own programs send while the node is between links waits here and leaves
 * in order once it is registered.  mip-buffer(7), section "Ordering", uplink.
 *
 *   DIRECT ── hold ──▶ HELD ── release ──▶ DRAINING ── empty for 2 ms, or 1 s ──▶ DIRECT
 *                        ▲                    │
 *                        └────── hold ────────┘
 *
 * In DIRECT the kernel's route goes by the radio; stragglers still read from the TUN are
 * sent at once.
 */
enum uplink_state {
	UP_DIRECT,
	UP_HELD,
	UP_DRAINING,
};

struct uplink {
	enum uplink_state state;
	struct pool *pool;
	struct pktq q;
	uint32_t limit;	 /* packets */
	mtime last;	 /* last packet that came while DRAINING */
	mtime started;	 /* of DRAINING */
	uint32_t queued; /* since hold() */
	uint32_t dropped;
};

void uplink_init(struct uplink *u, struct pool *pool, uint32_t limit);
void uplink_hold(struct uplink *u);
void uplink_release(struct uplink *u, mtime now);
/* True: send it at once.  False: kept, or dropped (*why !=
 * DROP_NONE; then the oldest or this one was given up). */
bool uplink_packet(struct uplink *u, const void *pkt, size_t n, mtime now, enum drop *why);
/* Next packet to send now into buf, or 0.  Packets that waited
 * longer than UPLINK_AGE are dropped, counted in *aged. */
#define UPLINK_AGE SEC(8)
size_t uplink_next(struct uplink *u, void *buf, size_t cap, mtime now, unsigned *aged);
/* True once: the queue has run dry and the plain route may be used again (state is DIRECT now). */
bool uplink_drained(struct uplink *u, mtime now);
mtime uplink_deadline(const struct uplink *u);

#endif
