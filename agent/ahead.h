/* SPDX-License-Identifier: MIT */
#ifndef MIP_AHEAD_H
#define MIP_AHEAD_H

#include "agent/merge.h"

/*
 * Flow F11 at the second agent: a FORWARD that the node allows to be EARLY goes out together with
 * its Registration Request, and what the first agent sends is put on the node's link before the
 * home agent has answered.  Bounded in time and bytes, and in orders: two transmissions; what
 * comes when the time is up waits, within the same bytes; beyond them no more than what a Request
 * that proves nothing may have us keep.  The first agent has checked the node's own signature for
 * this care-of address; we deliver to the station that brought the order, and change nothing for a
 * node that is served here unless the Request proved itself.
 */
struct ahead {
	struct ahead *next;
	uint32_t home, home_agent, first_agent, reply_src;
	struct from from;
	struct relayed forward;
	struct sa kh;	/* spi 0: the node gave none */
	bool proven;	/* MN-FA was checked */
	bool granted;	/* the first agent said so */
	bool over;	/* the registration failed */
	mtime since, ends;
	uint64_t bytes;	 /* delivered */
	struct pktq q;	 /* what may not be delivered yet */
	uint32_t forwarded;
	bool marker_in, has_count;
	uint32_t marker_count;
	mtime marker_at;
};

/* p carries a FORWARD that may be early: send it, or keep to what was sent before. */
void ahead_begin(struct agent *a, struct pending *p);
/* The home agent has accepted p: m goes on where its early part is; the node's others end. */
void ahead_accept(struct agent *a, const struct pending *p, struct merge *m);
/* p is no more, and was not accepted. */
void ahead_over(struct agent *a, const struct pending *p);
/* A packet of the first agent's tunnel: true when it was delivered or dropped here. */
bool ahead_packet(struct agent *a, uint32_t outer_src, uint32_t home, uint8_t *pkt, size_t len);
/* The first agent's Reply and marker; false: to none of them. */
bool ahead_reply(struct agent *a, const struct order *o, const uint8_t *p, size_t len);
bool ahead_marker(struct agent *a, const struct order *o, const uint8_t *p, size_t len);
void ahead_unreachable(struct agent *a, uint32_t first_agent);
void ahead_tick(struct agent *a);
mtime ahead_deadline(const struct agent *a);
void ahead_free(struct agent *a);

#endif
