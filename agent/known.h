/* SPDX-License-Identifier: MIT */
#ifndef MIP_KNOWN_H
#define MIP_KNOWN_H

#include "agent/internal.h"

/*
 * Whom the configuration names, nodes and other agents, found by their address: conf_node() and
 * conf_peer() in internal.h; nodes also by their NAI (RFC 2794); and what we remember of each node.
 * A node without an address of its own has one from the pool while it is bound.
 */

/* Of a->c; false: no memory. */
bool known_init(struct agent *a);
void known_free(struct agent *a);
/* Of c instead; bindings of nodes that are gone, or have another key, are due to end.  False: no
 * memory, everything stays as it was. */
bool known_renew(struct agent *a, const struct agent_conf *c);

const struct agent_node_conf *known_by_nai(const struct agent *a, const struct rbuf *nai,
					   struct seen **seen);
/* Its home address: its own, the one that it is bound with, the one that it wishes, the last one,
 * or any; 0: none is free.  It has it once it is bound: known_give(). */
uint32_t known_address(struct agent *a, const struct agent_node_conf *nc, uint32_t wish);
void known_give(struct agent *a, const struct agent_node_conf *nc, uint32_t home);
/* The address that it has now; 0: none. */
uint32_t known_home(const struct agent *a, const struct agent_node_conf *nc);
/* After a restart: home is the address of the pool that it had.  False: it may not have it now. */
bool known_again(struct agent *a, const struct agent_node_conf *nc, uint32_t home);
/* The binding with this address is over; true: another node may have it next. */
bool known_return(struct agent *a, uint32_t home);

#endif
