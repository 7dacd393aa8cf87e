/* SPDX-License-Identifier: MIT */
#ifndef MIP_MACHINE_H
#define MIP_MACHINE_H

#include "agent/internal.h"

#define FRAGMENTS_MAX 8 /* packets in fragments whose first was judged, a node */
#define TAKE_MAX 64	/* packets too old or seen that one call drops */

/* A first fragment's verdict: the later ones share it. */
struct fragment {
	bool known, matched;
	uint8_t protocol;
	uint16_t id;
	uint32_t src;
};

struct filter {
	unsigned n, next;
	struct order_rule rules[ORDER_RULES_MAX];
	struct fragment fragments[FRAGMENTS_MAX];
};

/*
 * The first agent's machine, one a node: buffer.c has the states, obey.c what orders do, keep.c
 * what is kept, drain.c sends.
 */
struct buffer {
	enum buffer_state state;
	struct node *node;
	struct pktq q;
	struct buffer_limits grant;
	uint64_t reserved; /* our share of agent.reserved */
	uint64_t early;	   /* and of agent.early */
	bool elastic, lease_lost;
	bool by_station; /* the lease was begun by the access point alone */
	mtime early_lease; /* how long the one that is reserved will be */
	mtime since, lease_ends;

	uint64_t forward_id; /* Identification of the FORWARD; with it the markers */
	uint32_t forward_spi; /* its key */
	uint64_t before_id;  /* of the order that was taken under it before the FORWARD */
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
	bool ahead;	 /* the FORWARD may have come before the home agent moved the binding */
	bool path_ended; /* nothing more comes for the old registration */
	struct merge *merge; /* feeds this machine: until it has ended our stream is not complete */

	struct filter filter;
	enum order_overflow overflow;
	unsigned n_ages, n_seen;
	struct order_age ages[ORDER_AGES_MAX];
	uint32_t seen[ORDER_SEEN_MAX];
	uint32_t seen_left; /* packets that were kept when the list came, and are still to leave */

	uint64_t kept, forwarded, dropped;
	uint32_t lost[DROP_COUNT]; /* dropped, by reason */
	struct markers markers;
};

void buffer_init(struct buffer *b, struct node *n);
void buffer_enter(struct agent *a, struct buffer *b, enum buffer_state s);
/* Orders: each gives the Reply's code. */
uint8_t buffer_begin(struct agent *a, struct buffer *b, const struct order *o);
uint8_t buffer_reserve(struct agent *a, struct buffer *b, const struct order *o);
uint8_t buffer_forward(struct agent *a, struct buffer *b, const struct order *o,
		       const struct secret *key);
uint8_t buffer_release(struct agent *a, struct buffer *b,
		       const struct order *o); /* o: NULL, none */
uint8_t buffer_delete(struct agent *a, struct buffer *b);
uint8_t buffer_renew(struct agent *a, struct buffer *b, const struct order *o);
mtime buffer_lease_left(const struct agent *a, const struct buffer *b); /* 0: none */
/* The lease ends, and what comes is delivered. */
void buffer_serve(struct agent *a, struct buffer *b);
/* How its packets are kept, as far as this order says so. */
void buffer_keep_as(struct buffer *b, const struct order *o);
void buffer_describe(const struct agent *a, const struct buffer *b, struct order_state *out);

/* The access point says that the node is gone: what is reserved begins.  False: nothing was. */
bool buffer_station_gone(struct agent *a, struct buffer *b);

/* A packet of the node's stream; direct: it came straight from the home agent. */
void buffer_input(struct agent *a, struct buffer *b, uint8_t *pkt, size_t n, bool direct);
/* All of q behind what is there. */
void buffer_append(struct agent *a, struct buffer *b, struct pktq *q);
/* The home agent's End Marker for the move with this Identification. */
void buffer_marker(struct agent *a, struct buffer *b, uint64_t id);
void buffer_path_ended(struct buffer *b);
void buffer_clear(struct agent *a, struct buffer *b, enum drop why);
bool buffer_active(const struct buffer *b);
bool buffer_forwarding(const struct buffer *b);
/* An earlier stay still drains to the same place: its packets are older than ours. */
bool buffer_blocked(const struct buffer *b);
void buffer_tick(struct agent *a, struct buffer *b);
mtime buffer_deadline(const struct agent *a, const struct buffer *b);

/* keep.c: within the grant, unless the node's Filter names it */
void buffer_keep(struct agent *a, struct buffer *b, const uint8_t *pkt, size_t n);
/* The oldest that the node still wants, as take_packet(); NULL with packets left: call again. */
uint8_t *buffer_take(struct agent *a, struct buffer *b, size_t *n);
void buffer_discard(struct agent *a, struct buffer *b, enum drop why);

/* grant.c: the node's share of the pool, and until when */
#define GRANT_OVERHEAD                                                                             \
	280 /* of the pool a packet: its cells' headers and what its last cell leaves empty */
/* Fills the grant; the Reply's code.  Another's promised share is never touched. */
uint8_t grant_size(struct agent *a, struct buffer *b, const struct order *o);
/* The same for a lease that has not begun: all of these together take a quarter of the pool. */
uint8_t grant_early(struct agent *a, struct buffer *b, const struct order *o);
/* The lease from now on; true: shorter than asked. */
bool grant_lease(struct agent *a, struct buffer *b, const struct order *o);
/* ELASTIC: may it grow past its grant, into what nobody was promised? */
bool grant_elastic(const struct agent *a, const struct buffer *b, size_t n);
void grant_end(struct agent *a, struct buffer *b);

/* drain.c */
void drain_start(struct agent *a, struct buffer *b);
void drain_forward(struct agent *a, struct buffer *b, uint8_t *pkt, size_t n);
void drain_batch(struct agent *a, struct buffer *b);
void drain_sent(struct agent *a, struct buffer *b);  /* one was sent past the queue */
mtime drain_path_end(const struct agent *a, const struct buffer *b);
void drain_marker(struct agent *a, struct buffer *b, bool pending);

#endif
