/* SPDX-License-Identifier: MIT */
#ifndef MIP_MACHINE_H
#define MIP_MACHINE_H

#include "agent/internal.h"

/* The first agent's machine, one a node; buffer.c decides, drain.c sends. */
struct buffer {
	enum buffer_state state;
	struct node *node;
	struct pktq q;
	struct buffer_limits grant;
	uint64_t reserved; /* our share of agent.reserved */
	bool elastic, lease_lost;
	mtime since, lease_ends;

	uint64_t forward_id; /* Identification of the FORWARD; with it the markers */
	uint64_t before_id;  /* of the order that was taken before the FORWARD */
	uint32_t forward_to;
	struct sa kh;
	mtime forward_at;

	uint32_t arrived; /* the meter: packets since meter_from */
	mtime meter_from, last_arrival;
	unsigned burst_left;
	bool unpaced;
	mtime next_send, next_pending;

	bool marker_in; /* the home agent's */
	uint64_t marker_id;
	mtime marker_at, last_in;
	bool path_ended; /* nothing more comes for the old registration */
	struct merge *merge; /* feeds this machine: until it has ended our stream is not complete */

	uint64_t kept, forwarded, dropped;
	struct markers markers;
};

void buffer_init(struct buffer *b, struct node *n);
/* Orders: each gives the Reply's code. */
uint8_t buffer_begin(struct agent *a, struct buffer *b, const struct order *o);
uint8_t buffer_forward(struct agent *a, struct buffer *b, const struct order *o,
		       const struct secret *key);
uint8_t buffer_release(struct agent *a, struct buffer *b);
uint8_t buffer_renew(struct agent *a, struct buffer *b, const struct order *o);
void buffer_describe(const struct agent *a, const struct buffer *b, struct order_state *out);

/* A packet of the node's stream; direct: it came straight from the home agent. */
void buffer_input(struct agent *a, struct buffer *b, uint8_t *pkt, size_t n, bool direct);
/* All of q behind what is there. */
void buffer_append(struct agent *a, struct buffer *b, struct pktq *q);
/* The home agent's End Marker for the move with this Identification. */
void buffer_marker(struct agent *a, struct buffer *b, uint64_t id);
void buffer_path_ended(struct agent *a, struct buffer *b);
void buffer_clear(struct agent *a, struct buffer *b, enum drop why);
bool buffer_active(const struct buffer *b);
bool buffer_forwarding(const struct buffer *b);
/* An earlier stay still drains to the same place: its packets are older than ours. */
bool buffer_blocked(const struct buffer *b);
bool buffer_tick(struct agent *a, struct buffer *b);
mtime buffer_deadline(const struct agent *a, const struct buffer *b);

/* grant.c: the node's share of the pool, and until when */
#define GRANT_OVERHEAD                                                                             \
	280 /* of the pool a packet: its cells' headers and what its last cell leaves empty */
/* Fills the grant; the Reply's code.  Another's promised share is never touched. */
uint8_t grant_size(struct agent *a, struct buffer *b, const struct order *o);
/* The lease from now on; true: shorter than asked. */
bool grant_lease(struct agent *a, struct buffer *b, const struct order *o);
void grant_end(struct agent *a, struct buffer *b);

/* drain.c */
void drain_start(struct agent *a, struct buffer *b);
void drain_forward(struct agent *a, struct buffer *b, uint8_t *pkt, size_t n);
bool drain_batch(struct agent *a, struct buffer *b); /* true: more is due now */
void drain_sent(struct agent *a, struct buffer *b);  /* one was sent past the queue */
mtime drain_path_end(const struct agent *a, const struct buffer *b);
void drain_marker(struct agent *a, struct buffer *b, bool pending);

#endif
