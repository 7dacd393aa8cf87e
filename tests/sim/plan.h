/* SPDX-License-Identifier: MIT */
#ifndef MIP_PLAN_H
#define MIP_PLAN_H

#include "tests/sim/seeds.h"
#include "tests/sim/world.h"

#define NODES_MAX 4

/* One random world's dice, apart from the world's own. */
struct plan {
	struct world *w;
	struct world_conf c;
	enum seed_class class;
	uint64_t rng;
	bool own;    /* class is the one that SEED_OWN is like */
	bool overtaken, may_lose; /* what is promised less where an agent is left unawares */
	bool legacy; /* somebody does not know the protocol, or has no key */
	unsigned walks;
};

/* promise.c: what a class promises of the streams; and, at the end, that packets pass. */
void plan_streams_are_whole(struct plan *p);
void plan_probe(struct plan *p);

#endif
