/* SPDX-License-Identifier: MIT */
#ifndef MIP_SCENARIO_H
#define MIP_SCENARIO_H

#include "tests/sim/world.h"

/*
 * What scripted flows share.  A file of them ends in a table, named in scenarios.c; each function
 * says on stdout what it misses, and returns whether all held.
 */
struct scenario {
	const char *name; /* NULL: the last */
	bool (*fn)(void);
};
extern const struct scenario flows[], flows_early[], keepers[], homes[], crowds[], dealt_keys[],
	early_forward[], kinds[], failures[], colocated[],
	networks[], cables[], pulled_cables[], natted[];

extern FILE *scenario_log; /* NULL: none */

struct world_conf usual(void); /* three agents, 10 ms apart; layer 2 takes 90 ms */
bool same(unsigned got, unsigned want, const char *what);
bool nothing_lost(struct world *w); /* nor doubled or reordered, either way */
/* The last handoff: its flow, ended, and well or not. */
bool flow_is(struct world *w, const char *flow, bool ok);
/* A node's machine at agent i is doing that. */
bool machine_is(struct world *w, unsigned i, enum buffer_state s);
/* On access point 0, registered, 500 packets a second each way. */
struct world *begin(const struct world_conf *c);
void settle(struct world *w); /* the stream ends, and all that is under way arrives */
/* Networks without an agent, all of them; and whether the invariants held. */
struct world_conf own_addresses(bool nat);
bool holds(struct world *w);
void pass(struct world *w, mtime t); /* while a stranger tunnels */
bool walks(struct world *w, const unsigned *to, unsigned n, mtime pause, const char *flow);

#endif
