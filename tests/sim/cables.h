/* SPDX-License-Identifier: MIT */
#ifndef MIP_SIM_CABLES_H
#define MIP_SIM_CABLES_H

#include "tests/sim/scenario.h"

/*
 * Make before break: a radio among three access points, and a cable to network WIRED.  The stream
 * is 500 packets a second each way, or every 12 ms, longer than the node waits for silence.
 */
#define WIRED 3

enum radios { RADIOS_PLAIN, RADIOS_NAT, RADIOS_AGENTS, RADIOS };
#define EACH_RADIO(r) (enum radios r = RADIOS_PLAIN; r < RADIOS; r++)

struct world_conf cables_of(enum radios r, bool nat);
unsigned cables_link(struct world *w);
bool cables_registered(struct world *w);
void cables_wait(struct world *w, mtime t);
/* All is quiet: is the kernel as it should be?  ok: and what was seen before. */
bool cables_end(struct world *w, bool ok, const char *with);

#endif
