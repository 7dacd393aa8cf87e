/* SPDX-License-Identifier: MIT */
#ifndef MIP_KNOWN_H
#define MIP_KNOWN_H

#include "agent/internal.h"

/* Whom the configuration names, nodes and other agents, found by their address: conf_node() and
 * conf_peer() in internal.h; and what we remember of each node. */

/* Of a->c; false: no memory. */
bool known_init(struct agent *a);
void known_free(struct agent *a);
/* Of c instead; bindings of nodes that are gone, or have another key, are due to end.  False: no
 * memory, everything stays as it was. */
bool known_renew(struct agent *a, const struct agent_conf *c);

#endif
