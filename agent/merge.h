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
	MERGE_RELEASING, /* the first agent is done: what was kept goes out, what comes queues
			    behind */
	MERGE_DONE,	 /* in order; late packets from the first agent are still taken */
};

struct merge {
	enum merge_state state;
	struct buffer *to; /* the machine that it feeds */
	struct carried c;
	struct from from; /* the node: where its Replies go */
	uint32_t reply_src;
	mtime asked_at;
	mtime idle; /* no sign of life for so long: it is over */
	struct pktq held;
	uint32_t forwarded;
	bool marker_in, has_count;
	uint32_t marker_count;
	mtime marker_at, last_event, ends;
};

const char *merge_state_name(enum merge_state s);

/* The home agent has accepted p: what it carries begins, or goes on. */
void merge_accept(struct agent *a, struct node *n, const struct pending *p);
/* Frees m; what it kept goes on at once. */
void merge_end(struct agent *a, struct merge *m);
/* Frees m and what it kept. */
void merge_drop(struct agent *a, struct merge *m, enum drop why);
bool merge_holds(const struct merge *m); /* m may be NULL */
bool merge_room(const struct agent *a, const struct pktq *q, size_t len);
/* direct: it came straight from the home agent, so the path to us has not ended. */
void merge_hold(struct agent *a, struct merge *m, uint8_t *pkt, size_t len, bool direct);
/* The merge that a packet from this agent belongs to; NULL: none. */
struct merge *merge_from(const struct node *n, uint32_t first_agent);
/* The one that this Reply or marker of its first agent answers; NULL: none. */
struct merge *merge_asked(const struct node *n, const struct order *o);
void merge_forwarded(struct agent *a, struct merge *m, uint8_t *pkt, size_t len);
void merge_reply(struct agent *a, struct merge *m, const struct order *o, const uint8_t *p,
		 size_t len);
void merge_marker(struct agent *a, struct merge *m, const struct order *o, const uint8_t *p,
		  size_t len);
void merge_tick(struct agent *a, struct merge *m);
mtime merge_deadline(const struct agent *a, const struct merge *m);

/*
 * hold.c: a Registration Request with orders before its Reply is in.  Nobody has vouched for it
 * yet, so it changes nothing for a visitor that has its packets here; only the node's own, proven
 * by MN-FA, or one for a home address that is not served here, makes us keep what may overtake the
 * Reply.
 */
/* What may overtake a Reply: 50 ms of 20 Mbit/s.  Not more, since anybody can make us keep it. */
#define HELD_PACKETS 128
#define HELD_BYTES (128u << 10)
enum expect {
	EXPECT_NONE,
	EXPECT_LITTLE,	/* a Request without orders: what its home agent may have kept */
	EXPECT_CLAIMED, /* one with orders */
	EXPECT_PROVEN,
};

/* What a Request has for us to relay; false: nothing. */
bool hold_read(const struct agent *a, const struct pending *p, const struct mip_exts *x,
	       struct carried *c);
void hold_request(struct agent *a, struct pending *p, const struct mip_exts *x);
/* The Requests that wait for this node have changed. */
void hold_changed(struct agent *a, struct node *n);
/* One of them was accepted: none of the others counts any more. */
void hold_accepted(struct agent *a, struct node *n);
bool hold_wanted(const struct node *n);
bool hold_source(const struct agent *a, const struct node *n, const struct way *outer);
/* from: the home agent that tunnelled it here; 0: nobody did */
void hold_packet(struct agent *a, struct node *n, uint32_t from, uint8_t *pkt, size_t len);
void hold_release(struct agent *a, struct node *n);
void hold_repeat(struct agent *a, struct pending *p);
mtime hold_deadline(const struct pending *p);
/* A first agent's Reply to a BUFFER that was sent on ahead; false: to none of them. */
bool hold_reply(struct agent *a, struct node *n, const struct order *o, const uint8_t *p,
		size_t len);

/* send.c: orders on their way to a first agent; accepted: the home agent has accepted the node */
void send_order(struct agent *a, uint32_t first_agent, uint32_t home_agent, bool accepted,
		const struct from *node, struct relayed *r);
/* A Reply that we believe is in: no repeats any more. */
void send_answered(struct agent *a, uint32_t first_agent, struct relayed *r);
/* Until the first repeat: twice the way there and back, as measured; else to the home agent. */
mtime send_rto(struct agent *a, uint32_t first_agent, uint32_t home_agent);
void rtt_measured(struct agent *a, uint32_t addr, mtime t);
bool send_again(const struct relayed *r, unsigned most); /* it wants repeating at r->next */

#endif
