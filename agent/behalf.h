/* SPDX-License-Identifier: MIT */
#ifndef MIP_BEHALF_H
#define MIP_BEHALF_H

#include "agent/asking.h"

/*
 * A node that asks nothing: it signs a FORWARD alone, and its second agent learns of the handoff
 * from that.  The second agent gives BUFFER itself, with the signed FORWARD inside, under the
 * handoff key that only the node, the first agent and it can have.  mip-buffer(7).
 */

/* At the second agent: its own BUFFER for what c carries; false: not possible, or not wanted. */
bool behalf_build(const struct agent *a, const struct pending *p, struct carried *c);
/* A Reply to it: true when it was one, believed or not. */
bool behalf_reply(struct agent *a, const struct order *o, const uint8_t *p, size_t len);

/* At the first agent: such a BUFFER. */
void behalf_request(struct agent *a, struct asking *q);

#endif
