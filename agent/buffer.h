/* SPDX-License-Identifier: MIT */
#ifndef MIP_BUFFER_H
#define MIP_BUFFER_H

#include "common/drop.h"
#include "common/mtime.h"
#include "common/pktq.h"

#include <stdbool.h>

/*
 * The handoff buffer of one node at its first agent: mip-buffer(7) section 2.
 * One machine, one door (buffer.c: enter()).  Packets live in the agent's pool.
 * The state x event grid is drawn in buffer.c.
 */
enum buffer_state {
	BUF_SERVING,
	BUF_BUFFERING,
	BUF_DRAINING,
	BUF_PASSING,
	BUF_RESERVED, /* SERVING, and a lease is promised that has not begun */
	BUF_GONE,
};
const char *buffer_state_name(enum buffer_state s);

/* Both limits hold.  The reason they suffice: mipagent.conf(5). */
struct buffer_limits {
	uint32_t packets;
	uint32_t bytes;
};

#endif
