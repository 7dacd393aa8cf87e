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
	bool cables; /* or SEED_CABLES */
	bool down_overtaken; /* by what a foreign agent brings after a crossing */
	bool overtaken, may_lose; /* what is promised less where an agent is left unawares */
	bool legacy; /* somebody does not know the protocol, or has no key */
	unsigned walks;
};

static inline uint64_t mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15u;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return x ^ x >> 31;
}

static inline unsigned dice(struct plan *p, unsigned sides)
{
	p->rng = mix(p->rng);
	return (unsigned)(p->rng >> 33) % sides;
}

static inline mtime between(struct plan *p, mtime low, mtime high)
{
	return low + (mtime)dice(p, (unsigned)(high - low + 1));
}

/* Behind the last networks' cables there is no access point. */
static inline unsigned aps(const struct plan *p)
{
	return p->c.n_foreign - p->c.wired;
}

/* plugs.c: what a world with cables has beside; what happens to the node's; and the end of it. */
void plugs_configure(struct plan *p, uint64_t seed);
void plugs_step(struct plan *p);
void plugs_settle(struct plan *p);
bool plugs_as_planned(struct plan *p, const struct report *r);

/* promise.c: what a class promises of the streams; and, at the end, that packets pass. */
void plan_streams_are_whole(struct plan *p);
void plan_probe(struct plan *p);

#endif
