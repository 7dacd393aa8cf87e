/* SPDX-License-Identifier: MIT */
#ifndef MIP_EARLY_H
#define MIP_EARLY_H

#include "common/mtime.h"
#include "common/order.h"

/*
 * The early lease (mip-buffer(7), F3): room that the agent which serves us promises while all is
 * well, so that its access point can begin to buffer when it loses us and we cannot ask any more.
 * Asked for after a registration by an order of its own, and renewed with the next one.
 */
enum early_state {
	EARLY_NONE,
	EARLY_ASKED,
	EARLY_GRANTED,
	EARLY_REFUSED, /* until the next registration */
};
const char *early_state_name(enum early_state s); /* "granted" */

struct early {
	enum early_state state;
	bool riding; /* on the registration under way */
	uint8_t msg[ORDER_MAX];
	size_t len;
	uint64_t id;
};

struct mobile;

/* Registered: asks, unless that rode on the Request and only the answer is wanted.  False: no early
 * lease is wanted, or it cannot be signed. */
bool early_ask(struct mobile *m, const struct instant *now);
/* A renewal is about to be sent: the order rides on it. */
void early_ride(struct mobile *m, const struct instant *now);
/* The Reply to it, 133 apart. */
void early_answered(struct mobile *m, uint8_t code);
void early_unheard(struct mobile *m);
/* Another agent, or a handoff: what was promised is used up, or elsewhere. */
void early_forget(struct mobile *m);
/* Idle, registered, and nothing was asked since: after a handoff that ended where it began. */
void early_due(struct mobile *m, const struct instant *now);

#endif
