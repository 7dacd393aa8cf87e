/* SPDX-License-Identifier: MIT */
#ifndef MIP_LOOKUP_H
#define MIP_LOOKUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* From an address to the number of its entry in a table that does not change: the agent's
 * configuration, built once when it starts. */
struct lookup {
	struct lookup_slot {
		uint32_t addr, entry; /* from 1; 0: empty */
	} *slots;
	size_t mask;
};

/* Room for n addresses; false: no memory. */
bool lookup_init(struct lookup *l, size_t n);
void lookup_free(struct lookup *l);
/* Nothing, where the address is there already. */
void lookup_put(struct lookup *l, uint32_t addr, size_t entry);
bool lookup_get(const struct lookup *l, uint32_t addr, size_t *entry);

#endif
