/* SPDX-License-Identifier: MIT */
#ifndef MIP_HANDOFF_H
#define MIP_HANDOFF_H

#include "client/mobile.h"
#include "client/orders.h"

/*
 * The handoff procedure of the node: flows F1, F2, F5 and plain RFC 5944, mip-buffer(7).
 *
 *   IDLE ─ begin ─▶ ASKING ─ granted ─▶ SETTLING ─ silent ─▶ ROAMING ─ link up ─▶ FINDING
 *     │               │ refused, no answer: leave without      ▲  ▲ │                │ agent
 *     │ sudden        ▼                                        │  │ │                ▼
 *     ├────────────────────────────────────────────────────────┘  │ │            REGISTERING
 *     │                                                            │ │                │ accepted
 *     └─ scan ─▶ ASKING ─▶ SETTLING ─▶ SCANNING ─ somebody better ─┘ │ same agent     ▼
 *                                         │ nobody                   ▼            FORWARDING
 *                                         └───────────────────▶ RELEASING             │
 *   every state ─ its deadline ─▶ IDLE (failed, with a reason)       └──▶ IDLE (done) ◀┘
 *
 * Every handoff ends: the sum of the deadlines is HANDOFF_BOUND.
 */
enum handoff_state {
	HO_IDLE,
	HO_ASKING,
	HO_SETTLING,
	HO_SCANNING,
	HO_ROAMING,
	HO_FINDING,
	HO_REGISTERING,
	HO_FORWARDING,
	HO_RELEASING,
};
#define HANDOFF_BOUND SEC(40)

struct handoff {
	enum handoff_state state;
	struct report *rep;
	struct radio_bss target;
	bool scan;	     /* so far only a look at other channels: scan.c */
	bool scan_done;	     /* its results are in */
	uint16_t freqs[RADIO_FREQS_MAX];
	unsigned n_freqs;
	bool has_target;
	bool sudden, granted, asked; /* asked: a BUFFER went out, the agent may be buffering */
	bool resigned;		     /* orders were signed again after a 133 */
	struct known_agent first;    /* the agent that is being left; addr 0: none */
	struct known_agent second;
	struct exchange order;	     /* BUFFER or RELEASE with the agent on the link */
	uint64_t buffer_id, forward_id; /* of the relayed orders; 0: none */
	mtime deadline;		     /* of the state */
	mtime settle_from;	     /* the later of the grant and the last downlink packet */
	/* downlink packets from the first agent, when the link to it was given up */
	uint64_t received;
	/* every packet from the first agent was counted: `received` means something */
	bool counted;
	bool has_delivered;
	/* what the first agent says it sent us, until the link is given up */
	uint32_t delivered;
	bool tap;
	bool queue_dry;		     /* the radio has sent what it had when the grant came */
	mtime ask_queue;	     /* when to look again */
};

struct mobile;

const char *handoff_state_name(enum handoff_state s);
void handoff_begin(struct mobile *m, const struct radio_bss *target, const char *trigger,
		   bool sudden, const struct instant *now, struct mobile_out *out);
/* Layer 2 came up on bss while a handoff is running. */
void handoff_link_up(struct mobile *m, const struct radio_bss *bss, const struct instant *now,
		     struct mobile_out *out);
void handoff_link_lost(struct mobile *m, const struct instant *now, struct mobile_out *out);
void handoff_roam_failed(struct mobile *m, const char *why, const struct instant *now,
			 struct mobile_out *out);
void handoff_agent(struct mobile *m, const struct known_agent *a, const struct instant *now,
		   struct mobile_out *out);
void handoff_registered(struct mobile *m, const struct instant *now, struct mobile_out *out);
void handoff_denied(struct mobile *m, const struct instant *now, struct mobile_out *out);
/* An authenticated Reply of the first agent; false: it answers nothing that was asked. */
bool handoff_reply(struct mobile *m, const struct order *o, const struct instant *now,
		   struct mobile_out *out);
void handoff_backlog(struct mobile *m, uint32_t packets, const struct instant *now);
void handoff_downlink(struct mobile *m, const struct instant *now, struct mobile_out *out);
void handoff_step(struct mobile *m, enum report_step s, mtime now, struct mobile_out *out);
void handoff_abort(struct mobile *m, const char *why, const struct instant *now,
		   struct mobile_out *out);
void handoff_tick(struct mobile *m, const struct instant *now, struct mobile_out *out);
mtime handoff_deadline(const struct mobile *m);

#endif
