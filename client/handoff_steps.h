/* SPDX-License-Identifier: MIT */
#ifndef MIP_HANDOFF_STEPS_H
#define MIP_HANDOFF_STEPS_H

#include "client/core.h"

/*
 * What the three parts of the handoff procedure share: handoff.c (leaving, time, the end),
 * arrive.c (the new link and its agent), first_agent.c (its Replies).
 */
void handoff_enter(struct handoff *h, enum handoff_state to, mtime deadline); /* the one door */
void handoff_end(struct mobile *m, bool ok, const struct instant *now, struct mobile_out *out);
void handoff_because(struct mobile *m, const char *why); /* the first reason stays */
void handoff_describe(struct report_end *e, const struct radio_bss *bss,
		      const struct known_agent *a);

/* Orders to the first agent need its capability and a key. */
bool handoff_can_order(const struct mobile *m, const struct known_agent *a);
/* Starts the exchange of BUFFER or RELEASE with the first agent; false: no room, a bug. */
bool handoff_sign(struct mobile *m, uint8_t action, const struct instant *now);
void handoff_send_order(struct mobile *m, const struct instant *now, struct mobile_out *out);
/* Give the old link up and roam. */
void handoff_leave(struct mobile *m, const struct instant *now, struct mobile_out *out);
/* The old link is silent after the grant. */
void handoff_settled(struct mobile *m, const struct instant *now, struct mobile_out *out);

#endif
