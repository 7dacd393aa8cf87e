/* SPDX-License-Identifier: MIT */
#ifndef MIP_HANDOFF_H
#define MIP_HANDOFF_H

#include "client/mobile.h"
#include "client/orders.h"

/*
 * The handoff procedure of the node: flows F1, F2, F4, F5, F9, F12 and plain RFC 5944.
 *
 *   IDLE ─ begin ─▶ ASKING ─ granted ─▶ SETTLING ─ silent ─▶ ROAMING ─ link up ─▶ FINDING
 *     │               │ refused, no answer: leave without      ▲  ▲ │                │ agent
 *     │ sudden        ▼                                        │  │ │                ▼
 *     ├────────────────────────────────────────────────────────┘  │ │            REGISTERING
 *     │                                                            │ │                │ accepted
 *     └─ scan ─▶ ASKING ─▶ SETTLING ─▶ SCANNING ─ somebody better ─┘ │ same agent     ▼
 *                                         │ nobody                   ▼            FORWARDING
 *                                         └───────────────────▶ RELEASING             │
 *     IDLE ─ a better interface ─▶ CROSSING ─ accepted ─▶ IDLE: cross.h
 *   every state ─ its deadline ─▶ IDLE (failed, with a reason)       └──▶ IDLE (done) ◀┘
 *
 * Every handoff ends: the sum of the deadlines is HANDOFF_BOUND.
 *
 * What each event does in each state; done and failed lead to IDLE, with a report.  A look at other
 * channels (scan.c) goes through ASKING, SETTLING, SCANNING and RELEASING without one: what differs
 * then stands behind a slash.  -: nothing; drop: counted.
 *
 *                 IDLE                ASKING              SETTLING
 * user moves it   BUFFER, ASKING      refused /           refused /
 *                                     becomes a handoff   becomes a handoff
 * radio: leave    BUFFER, ASKING;     -                   -
 *                 lost: ROAMING
 * link up         FINDING             FINDING             FINDING
 *   first agent's done                RELEASE, RELEASING  RELEASE, RELEASING
 *   told again    -                   -                   -
 * link lost       ROAMING             ROAMING             ROAMING
 * roams itself    BUFFER, ASKING [9]  -                   -
 * roam fails      -                   -                   -
 *   and no link   -                   -                   -
 * another heard   registration's      -                   -
 * first heard     registration's      -                   -
 *   restarted [4] registration's      -                   -
 * granted         drop                SETTLING            - (a repeat)
 * refused         drop                ROAMING / SCANNING  - (a repeat)
 * 133             drop                BUFFER anew, once   drop
 * FORWARD's Reply drop                drop                drop
 * another Reply   drop                drop                drop
 * registered      registration's      registration's      registration's
 * denied          registration's      registration's      registration's
 * silence         -                   -                   ROAMING / SCANNING
 * scan results    -                   -                   -
 * better link     CROSSING            -                   -
 *   it is lost    -                   -                   -
 * deregister      -                   failed / -> IDLE    failed / -> IDLE
 * deadline        -                   620 ms: ROAMING /   60 ms: ROAMING /
 *                                     SCANNING            SCANNING
 *
 *                 SCANNING            ROAMING             FINDING
 * user moves it   ROAMING             refused             refused
 * radio: leave    with its results:   -                   -
 *                 ROAMING
 * link up         FINDING             FINDING             FINDING
 *   first agent's RELEASE, RELEASING  RELEASE, RELEASING  RELEASE, RELEASING
 *   told again    -                   RELEASE, RELEASING  -
 * link lost       ROAMING             -                   ROAMING
 * roams itself    -                   -                   -
 * roam fails      -                   RELEASE, RELEASING  -
 *   and no link   -                   -                   -
 * another heard   -                   -                   REGISTERING
 * first heard     -                   -                   RELEASE, RELEASING
 *   restarted [4] -                   -                   RELEASE, RELEASING
 * granted         - (a repeat)        - (a repeat)        - (a repeat)
 * refused         - (a repeat)        - (a repeat)        - (a repeat)
 * 133             drop                drop                drop
 * FORWARD's Reply drop                drop                drop
 * another Reply   drop                drop                drop
 * registered      registration's      registration's      registration's
 * denied          registration's      registration's      registration's
 * silence         -                   -                   -
 * scan results    somebody: ROAMING;  -                   -
 *                 RELEASE, RELEASING
 * better link     -                   - [5]               REGISTERING [5]
 *   it is lost    -                   -                   -
 * deregister      -> IDLE             failed              failed
 * deadline        2 s: RELEASE,       5 s: failed [3]     8 s: failed [7]
 *                 RELEASING
 *
 *                 REGISTERING         FORWARDING          RELEASING
 * user moves it   refused             done, as IDLE       refused /
 *                                                         BUFFER, ASKING
 * radio: leave    -                   done, as IDLE       -
 * link up         FINDING             done, as IDLE [1]   done, as IDLE
 *   first agent's FINDING [2]         done, as IDLE [1]   done, as IDLE
 *   told again    -                   -                   -
 * link lost       ROAMING             done, as IDLE [1]   done, as IDLE
 * roams itself    -                   done, as IDLE [9]   done, as IDLE [9]
 * roam fails      -                   -                   -
 *   and no link   -                   -                   -
 * another heard   REGISTERING [10]    -                   -
 * first heard     there [2] [10]      -                   -
 *   restarted [4] -                   REGISTERING, once   -
 * granted         noted if relayed    noted if relayed    done
 * refused         noted if relayed    noted if relayed    done
 * 133             orders anew, once   REGISTERING, once   done
 * FORWARD's Reply noted               done                drop
 * another Reply   drop                drop                drop
 * registered      FORWARDING, or done -                   registration's
 * denied          failed              registration's      registration's
 * silence         -                   -                   -
 * scan results    -                   -                   -
 * better link     -                   -                   -
 *   it is lost    -                   -                   -
 * deregister      failed              failed              failed / -> IDLE
 * deadline        8 s: failed         2 s: done [8]       620 ms: done
 *
 *                 CROSSING
 * user moves it   refused
 * radio: leave    -
 * link up         -
 *   first agent's -
 *   told again    -
 * link lost       programs' packets wait
 * roams itself    -
 * roam fails      -
 *   and no link   -
 * another heard   -
 * first heard     -
 *   restarted [4] -
 * granted         drop
 * refused         drop
 * 133             drop
 * FORWARD's Reply drop
 * another Reply   drop
 * registered      done
 * denied          failed [6]
 * silence         -
 * scan results    -
 * better link     -
 *   it is lost    failed [6]
 * deregister      failed
 * deadline        4 s: failed [6]
 *
 * [1] The agent that we are registered through is then the first of a chain.
 * [2] Another agent was asked meanwhile: the home agent may send to it by now.
 * [3] 15 s where there is no link; then [7].
 * [4] The agent that we are registered with.  In other states it is registered
 *     with again when the handoff ends there.
 * [5] Where no link is left, or no agent was found on this one for 500 ms.
 * [6] And registers by the old link again: the home agent may have accepted.
 * [7] Whom we were registered with is not here: who is heard next is registered
 *     with, or an address of our own.
 * [8] F12: 1 s, then FORWARD by F4, and 2 s.
 * [9] As a look at other channels, but nobody scans: what comes is kept until the
 *     supplicant has gone, 1 s. So it is where a scan of somebody else's is over,
 *     300 ms, and where the access point asks to go (802.11v), so long or for
 *     a scan, 2 s; then RELEASE.
 * [10] Not while one that has served, or was heard on this link, has had but one
 *     Request, 1 s: anybody can advertise.
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
	HO_CROSSING,
};
#define HANDOFF_BOUND SEC(40)

struct handoff {
	enum handoff_state state;
	struct report *rep;
	struct radio_bss target;
	bool scan;	     /* so far only a look at other channels: scan.c */
	bool scan_done;	     /* its results are in */
	/* it is not ours: somebody else is about to choose, until then at the latest */
	bool expected, expect_longer; /* longer: once */
	mtime expect_until;
	uint16_t freqs[RADIO_FREQS_MAX];
	unsigned n_freqs;
	bool has_target;
	bool sudden, granted, asked; /* asked: a BUFFER went out, the agent may be buffering */
	bool other_link; /* by another interface: the agent knows us by another address there */
	mtime signed_at;	     /* what B relays */
	bool resigned;		     /* orders were signed again after a 133, or a restart */
	bool stray;		     /* a 133 may answer what was asked before the handoff */
	struct known_agent first;    /* the agent that is being left; addr 0: none */
	struct known_agent keeper;   /* who is asked to buffer: that one, or the home agent */
	struct known_agent second;
	/* BUFFER or RELEASE with the agent on the link; FORWARD by F4 */
	struct exchange order;
	bool forward_self;	     /* F4: nobody relays FORWARD for us */
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
