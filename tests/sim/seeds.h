/* SPDX-License-Identifier: MIT */
#ifndef MIP_SEEDS_H
#define MIP_SEEDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Random worlds: all of a run follows from its 64-bit seed. */
enum seed_class {
	SEED_PLANNED, /* lossless links, planned roams: nothing lost, doubled or reordered */
	SEED_SIGNALS, /* signalling is lost, doubled and late; data is not */
	SEED_SUDDEN,  /* access points die: what was in the air is lost */
	SEED_CHAOS,   /* everything at once */
	SEED_STROLL,  /* lossless links; the nodes decide by themselves: as planned */
	SEED_OWN,     /* as one of these, among networks that have no agent, and NATs */
	SEED_CABLES,  /* as one of these, of nodes that have a cable, too */
	SEED_CLASSES,
};
#define SEED_NO_REPLAYS (1u << SEED_CLASSES) /* among the excluded */
const char *seed_class_name(enum seed_class c);
enum seed_class seed_class(uint64_t seed);

/* True: every invariant held; else why not.  hash: the run's fingerprint.
 * replays: strangers also repeat the node's Registration Requests word for word. */
bool seed_run(uint64_t seed, bool replays, FILE *log, char *why, size_t size, uint64_t *hash);

/* `seeds N [FIRST]`, `soak MINUTES`, `SEED`; excluded: classes to leave out, a bit each. */
int seeds_main(const char *mode, uint64_t a, uint64_t b, unsigned excluded, FILE *log);

#endif
