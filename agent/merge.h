/* SPDX-License-Identifier: MIT */
#ifndef MIP_MERGE_H
#define MIP_MERGE_H

#include "agent/internal.h"

/*
 * The second agent's side of a handoff: it relays the node's orders to the first agent
 * and puts the two streams in order (mip-buffer(7) section 3).
 */
enum merge_state {
	MERGE_HOLDING,	 /* keeps what comes straight from the home agent */
	MERGE_RELEASING, /* the first agent is done: what was kept goes out, what comes queues behind */
	MERGE_DONE,	 /* in order; late packets from the first agent are still taken */
};

struct relayed {
	uint8_t msg[ORDER_MAX];
	size_t n; /* 0: none */
	uint64_t id;
	unsigned sent;
	bool done;
	mtime next, rto;
};

struct merge {
	enum merge_state state;
	uint32_t first_agent, home_agent;
	struct from from; /* the node: where its Replies go */
	uint32_t reply_src;
	struct relayed buffer, forward;
	struct sa kh; /* spi 0: the node gave none */
	bool accepted;
	struct pktq held, early;
	uint32_t forwarded;
	bool marker_in, has_count;
	uint32_t marker_count;
	mtime marker_at, last_event, ends;
};

const char *merge_state_name(enum merge_state s);

/* A Registration Request is being relayed: false when it has no order that we may relay. */
bool merge_begin(struct agent *a, struct node *n, const struct pending *p, const struct mip_exts *x);
void merge_accept(struct agent *a, struct node *n);
/* The registration failed. */
void merge_abort(struct agent *a, struct node *n);
void merge_end(struct agent *a, struct node *n);
void merge_unreachable(struct agent *a, struct node *n);
bool merge_holds(const struct node *n);
void merge_hold(struct agent *a, struct node *n, uint8_t *pkt, size_t len);
void merge_forwarded(struct agent *a, struct node *n, uint8_t *pkt, size_t len);
void merge_reply(struct agent *a, struct node *n, const struct order *o, const uint8_t *p, size_t len);
void merge_marker(struct agent *a, struct node *n, const struct order *o, const uint8_t *p, size_t len);
bool merge_tick(struct agent *a, struct node *n);
mtime merge_deadline(const struct agent *a, const struct node *n);

#endif
