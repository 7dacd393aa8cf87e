/* SPDX-License-Identifier: MIT */
#ifndef MIP_HANDOFF_STEPS_H
#define MIP_HANDOFF_STEPS_H

#include "client/core.h"

/*
 * What the parts of the handoff procedure share: handoff.c (leaving, time, the end), ask.c
 * (orders), arrive.c (the new link and its agent), first_agent.c (its Replies).
 */
void handoff_enter(struct handoff *h, enum handoff_state to, mtime deadline); /* the one door */
void handoff_end(struct mobile *m, bool ok, const struct instant *now, struct mobile_out *out);
void handoff_because(struct mobile *m, const char *why); /* the first reason stays */
void handoff_describe(struct report_end *e, const struct radio_bss *bss,
		      const struct known_agent *a);

struct report *handoff_new_report(struct mobile *m, const struct instant *now);
/* Everything that a procedure needs before its first order: the uplink waits from here on. */
void handoff_prepare(struct mobile *m, struct report *rep, const char *trigger, bool sudden,
		     const struct instant *now, struct mobile_out *out);
void handoff_aim(struct mobile *m, const struct radio_bss *target);
bool handoff_same_agent(const struct handoff *h);
/* The registration that there was counts no more: the next agent is a new one. */
void handoff_alone(struct mobile *m);
void handoff_nobody_here(struct mobile *m, const struct instant *now, struct mobile_out *out);
/* With the agent that we were leaving after all: it stops buffering and delivers. */
void handoff_release(struct mobile *m, const struct instant *now, struct mobile_out *out);

/* Orders to the first agent need its capability and a key. */
bool handoff_can_order(const struct mobile *m, const struct known_agent *a);
/* Starts the exchange of BUFFER or RELEASE with the first agent; false: no room, a bug. */
bool handoff_sign(struct mobile *m, uint8_t action, const struct instant *now);
void handoff_send_order(struct mobile *m, const struct instant *now, struct mobile_out *out);
/* BUFFER came to nothing. */
void handoff_not_kept(struct mobile *m);
void handoff_unanswered(struct mobile *m, const struct instant *now, struct mobile_out *out);
/* Give the old link up and roam. */
void handoff_leave(struct mobile *m, const struct instant *now, struct mobile_out *out);
/* The second agent, so far known by a neighbour's word alone, is heard itself. */
void handoff_second_heard(struct mobile *m, const struct known_agent *a, const struct instant *now,
			  struct mobile_out *out);
/* A Request is due: what rides on it is signed anew if it has grown old. */
void handoff_freshen(struct mobile *m, const struct instant *now);
/* F4: FORWARD to the first agent by way of the second, which only routes it. */
void handoff_order_forward(struct mobile *m, const struct instant *now, struct mobile_out *out);
/* The same where whoever was to relay it has not done so; once registered, if we are not yet. */
void handoff_order_itself(struct mobile *m, const struct instant *now, struct mobile_out *out);
/* F12: the home agent has our FORWARD. */
bool handoff_via_home(const struct handoff *h);
/* The old link is silent after the grant. */
void handoff_settled(struct mobile *m, const struct instant *now, struct mobile_out *out);

/*
 * scan.c: a look at other channels while the agent buffers.  The radio is deaf to its own
 * channel meanwhile, and an access point keeps only a few packets for a station that sleeps; and
 * a radio that scans in software does not go while packets wait to be sent.
 */
void scan_begin(struct mobile *m, const uint16_t *freqs, unsigned n, const struct instant *now,
		struct mobile_out *out);
/*
 * The supplicant may be about to move us by itself, for at most `wait`: what comes is kept, and
 * nobody is told to go.
 */
void scan_expect(struct mobile *m, const char *sign, mtime wait, const struct instant *now,
		 struct mobile_out *out);
void scan_expect_longer(struct mobile *m, mtime until);
/* It has not moved us, and now we look ourselves. */
void scan_instead(struct mobile *m, const uint16_t *freqs, unsigned n, const struct instant *now,
		  struct mobile_out *out);
void scan_go(struct mobile *m, const struct instant *now, struct mobile_out *out);
/* It becomes a handoff: to target, or (NULL) to whoever takes us. */
void scan_promote(struct mobile *m, const struct radio_bss *target, const char *trigger,
		  const struct instant *now, struct mobile_out *out);
/* Nobody better: back to work. */
void scan_end(struct mobile *m, const struct instant *now, struct mobile_out *out);

#endif
