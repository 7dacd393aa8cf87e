/* SPDX-License-Identifier: MIT */
#ifndef MIP_WORLD_H
#define MIP_WORLD_H

#include "agent/agent.h"
#include "client/mobile.h"

#include <stdio.h>

/*
 * A small world on virtual time around the real cores: one node, its home agent, foreign
 * agents each with one access point, and a correspondent that streams numbered packets both ways.
 * Deterministic: the same calls and seed give the same run, byte for byte.
 */
#define WORLD_FOREIGN_MAX 5
#define WORLD_PACKETS_MAX 65536
#define WORLD_HOME 0x0a630005u	     /* 10.99.0.5 */
#define WORLD_CN 0xcb007109u	     /* 203.0.113.9 */
#define WORLD_HOME_AGENT 0xc0000201u /* 192.0.2.1 */

struct world_conf {
	unsigned n_foreign;
	bool buffer;		     /* the node asks for buffering */
	mtime backbone;		     /* one way, between any two hosts of it */
	mtime radio;		     /* one way */
	mtime layer2_outage;	     /* of a roam */
	unsigned backbone_loss_permille, radio_loss_permille;
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
void world_stream(struct world *w, bool on, mtime every); /* both directions */
void world_attach(struct world *w, unsigned ap);	     /* the radio comes up there, at once */
void world_walk(struct world *w, unsigned ap); /* a planned handoff: `mipclient handoff` */
void world_kill_radio(struct world *w);	       /* the access point dies without warning */
struct mobile *world_node(struct world *w);
/* foreign agents from 0; n_foreign: the home agent */
struct agent *world_agent(struct world *w, unsigned i);
/* the node's host route stands at foreign agent i */
bool world_kernel_has_visitor(const struct world *w, unsigned i);

/* Count what was sent so far; call when nothing is in flight any more. */
void world_count(const struct world *w, struct world_count *down, struct world_count *up);

#endif
