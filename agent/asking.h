/* SPDX-License-Identifier: MIT */
#ifndef MIP_ASKING_H
#define MIP_ASKING_H

#include "agent/foreign.h"

/* The first agent's side of an order: orders.c checks it and acts, answer.c replies. */

/* An order under way through its checks. */
struct asking {
	struct from *f;
	const uint8_t *p;
	size_t n;
	struct order o;
	bool behalf;  /* the second agent's own BUFFER */
	bool home;    /* of us as its home agent */
	struct sa sa; /* that it is signed with, and the Reply; spi 0: unknown to us */
	struct dealt_key *dealt; /* it is this one, else a configured key with what we have seen */
	struct seen *seen;
	uint64_t *last_id; /* of the orders accepted under it */
	struct node *node; /* NULL: none with this home address */
};

/* Whoever recorded an order could have it answered again and again: 10 a second, node and peer. */
bool asking_may_repeat(struct agent *a, const struct asking *q);
/* An answer that is not kept: the order was not acted upon. */
void asking_answer(struct agent *a, const struct asking *q, uint8_t code, uint64_t id);
/* ... nor its Identification used up: it may come as often as somebody likes.  False: too often. */
bool asking_refuse(struct agent *a, const struct asking *q, uint8_t code);
/* It was answered 140 before. */
bool asking_refused(const struct asking *q);
/* The Reply that is kept for this very order; NULL: none. */
const struct memo *asking_memo(const struct asking *q);
/* True: the order came before, and its Reply was sent again (or still waits). */
bool asking_repeated(struct agent *a, const struct asking *q);
/* Sends the Reply, when the fence lets it, and keeps it for repetitions. */
void asking_remember(struct agent *a, struct asking *q, uint8_t code);

/* orders.c: what an order is checked for */
bool orders_key(struct agent *a, struct asking *q, uint32_t spi); /* fills q->sa and the like */
void orders_auth_failed(struct agent *a, const struct asking *q);
bool orders_in_time(const struct agent *a, const struct asking *q);
uint64_t orders_next_id(const struct agent *a, const struct asking *q); /* for a 133 */
bool orders_care_of_ok(const struct agent *a, const struct asking *q);

#endif
