/* SPDX-License-Identifier: MIT */
#ifndef MIP_WORLD_H
#define MIP_WORLD_H

#include "agent/agent.h"
#include "client/mobile.h"

#include <stdio.h>

/*
 * A small world on virtual time around the real cores: nodes, their home agent, foreign agents
 * each with one access point, and a correspondent that streams numbered packets both ways with
 * every node.  Deterministic: the same calls and seed give the same run, byte for byte.
 *
 * What is said of "the node" concerns the one that world_use() chose last, at first the first.
 */
#define WORLD_FOREIGN_MAX 5
#define WORLD_NODES_MAX 200
#define WORLD_PACKETS_MAX 65536
#define WORLD_HOME 0x0a630005u	     /* 10.99.0.5, and the following */
#define WORLD_CN 0xcb007109u	     /* 203.0.113.9 */
#define WORLD_HOME_AGENT 0xc0000201u /* 192.0.2.1 */

/* What a wire does to a frame beside its delay; all zero: it keeps everything, in order. */
struct world_wire {
	unsigned loss, twice, late; /* permille */
	mtime jitter; /* a late frame comes up to this much later: others overtake it */
	mtime lag;    /* every frame, in order among themselves */
};

struct world_conf {
	unsigned n_foreign, n_nodes;     /* nodes: 0 is one */
	bool buffer;		     /* the node asks for buffering */
	mtime backbone;		     /* one way, between any two hosts of it */
	mtime leg[WORLD_FOREIGN_MAX + 2]; /* more, at each end; home agent, then correspondent */
	mtime radio;		     /* one way */
	mtime layer2_outage;	     /* of a roam */
	struct world_wire backbone_signal, backbone_data, radio_signal, radio_data;
	bool legacy[WORLD_FOREIGN_MAX]; /* a foreign agent that does not buffer */
	bool no_key[WORLD_FOREIGN_MAX]; /* no key for it is configured at the node, nor there */
	bool named; /* of one node: by its name, with a home address of the home agent's pool */
	bool no_deal;		     /* the home agent deals none */
	uint16_t lifetime_s, size_packets; /* asked for; 0: the usual */
	/* Networks without an agent, where a router gives addresses out; those behind a NAT. */
	bool plain[WORLD_FOREIGN_MAX], nat[WORLD_FOREIGN_MAX];
	bool agent_nat[WORLD_FOREIGN_MAX]; /* a NAT is before that foreign agent itself */
	bool addresses;	   /* they are given out everywhere, also beside agents */
	bool colocated;	   /* and the nodes want no agent */
	mtime dhcp;	   /* from the link being up to the address being told */
	uint32_t lease_s;  /* of an address; 0: it has no end */
	mtime nat_forgets; /* a port that nothing passes for so long; 0: none */
	/* The last networks are behind cables, and no access point is there; a node has one. */
	unsigned wired;
	mtime cable;	     /* one way */
	bool cable_metered, cable_flushes; /* its address goes with the link */
	bool home_link; /* access point n_foreign: the home agent's own link */
	bool home_silent, home_refuses; /* it knows no orders, or grants none */
	bool home_remembers; /* it has a state file */
	bool replays;		     /* strangers repeat Requests as they are, too */
	bool neighbours;	     /* agents name each other in advertisements */
	bool two_aps;		     /* each agent has a second access point on its link */
	bool automatic;		     /* the nodes decide by signal: world_stroll() */
	bool no_early;		     /* ... nor for early leases */
	bool hostapd[WORLD_FOREIGN_MAX]; /* its access point tells of its stations, */
	mtime gone_after;	     /* of one that is silent after so long */
	enum ask ask;		     /* who asks for the buffer */
	bool forward_early[2];		     /* F11: the node allows it, the agents do it */
	bool rigid;		     /* the node does not ask for ELASTIC */
	uint32_t share;		     /* packets a node at each agent; 0: the usual */
	uint64_t seed;
	int clock_skew_s[WORLD_FOREIGN_MAX + 1]; /* of the foreign agents, last: of the node */
	FILE *log;		     /* NULL: none */
};

struct world_count {
	unsigned sent, received, lost, duplicated, reordered;
	mtime longest_gap;
};

struct world;
struct world *world_new(const struct world_conf *c);
void world_free(struct world *w);

mtime world_now(const struct world *w);
void world_run(struct world *w, mtime until); /* absolute; the world begins at 0 */
void world_use(struct world *w, unsigned node);
void world_stream(struct world *w, bool on, mtime every); /* both directions */
/* From now on the node decides by itself: it walks towards access point `to` (they stand in a row,
 * one step apart) at `speed` steps a second. */
void world_stroll(struct world *w, unsigned to, double speed);
void world_attach(struct world *w, unsigned ap);	     /* the radio comes up there, at once */
void world_scan(struct world *w); /* the node hears of every access point */
/* To the other access point of the agent that it is at (two of them on one link). */
void world_other_ap(struct world *w);
void world_walk(struct world *w, unsigned ap); /* a planned handoff: `mipclient handoff` */
void world_kill_radio(struct world *w);	       /* the access point dies without warning */
/* All access points at once, or all again. */
void world_all_radios(struct world *w, bool alive);
/* The access point sends the node away; it comes to `to` by itself. */
void world_kick(struct world *w, unsigned to);
/* cable.c: the node's cable leads to network `to` of the wired ones; and is pulled. */
void world_plug(struct world *w, unsigned to);
void world_pull(struct world *w);
bool world_plugged(const struct world *w);
/* A user's word: to the cable, or the radio; or as preferred. */
#define WORLD_CABLE 1
const char *world_cross(struct world *w, unsigned link);
/* The supplicant goes to another access point by itself, and says so once it is there. */
void world_roam(struct world *w, unsigned to);
void world_revive_radio(struct world *w, unsigned ap);
void world_cut(struct world *w, unsigned from, unsigned to, bool cut); /* backbone, one way */
/* It remembers nothing, but for a home agent that has a state file. */
void world_restart_agent(struct world *w, unsigned i);
void world_restart_node(struct world *w);
/* A message of the node's is sent again by a stranger near access point ap, or across the
 * backbone, as it was or with some bytes changed. */
void world_forge(struct world *w, unsigned ap, bool on_link, bool changed);
/* Another sends what is for the node, or what it would send: in every tunnel that there is. */
void world_intrude(struct world *w);
/* The NAT at access point ap, or before its agent, has forgotten everybody: what comes has another
 * port. */
void world_rebind(struct world *w, unsigned ap);
/* Nobody hears an agent there any more; its network goes on. */
void world_agent_gone(struct world *w, unsigned i);
/* The node's radio has no address any more; the router gives one out anew, after its time. */
void world_address_lost(struct world *w);
void world_lossy(struct world *w, unsigned permille); /* signalling, everywhere */
/* What becomes of the next messages with this name in the log ("FORWARD", "Reply") on this way. */
enum world_fate { FATE_LOST, FATE_DOUBLED, FATE_LATE };
struct world_tamper {
	const char *name, *from, *to; /* "node", "agent 1", "home agent" */
	enum world_fate fate;
	unsigned times;
	mtime late; /* so much later, or the second one */
};
void world_tamper(struct world *w, const struct world_tamper *t);
unsigned world_tampered(const struct world *w); /* how often it came to that */
/* The home agent starts anew, and takes nobody; or somebody again. */
void world_refuse(struct world *w, bool refuse);
void world_heal(struct world *w); /* nothing is cut, lost or late any more; every radio works */
struct mobile *world_node(struct world *w);
/* foreign agents from 0; n_foreign: the home agent */
struct agent *world_agent(struct world *w, unsigned i);
/* the node's host route stands at foreign agent i */
bool world_kernel_has_visitor(const struct world *w, unsigned i);

/* Count what was sent so far; call when nothing is in flight any more. */
void world_count(const struct world *w, struct world_count *down, struct world_count *up);

/* Its registration ended, or began anew, in the middle of the stream. */
bool world_lapsed(const struct world *w);
void world_log_missing(struct world *w);
/* The longest time from a registration that its second agent saw accepted until that had the
 * first agent's Reply to FORWARD; MTIME_NEVER: it came to none. */
mtime world_forwarding(const struct world *w);
/* Packets, of all nodes, that found no room at an agent since that was started. */
uint64_t world_overflowed(const struct world *w);

/* The first invariant that did not hold (check.c), NULL: all did. */
const char *world_violated(const struct world *w);
void world_violate(struct world *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* At the end, after a quiet time: the kernel is as the last binding says. */
void world_check_end(struct world *w);
void world_log(struct world *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Over every event that happened, in order. */
uint64_t world_hash(const struct world *w);
unsigned world_dice(struct world *w, unsigned sides); /* 0 .. sides-1 */

#endif
