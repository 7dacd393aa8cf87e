/* SPDX-License-Identifier: MIT */
#ifndef MIP_PERSIST_H
#define MIP_PERSIST_H

#include "agent/agent.h"
#include "common/conf.h"

#include <uv.h>

/*
 * The home agent's state file (state.h says what is in it): read at the start, written as a whole
 * when something changed, beside the loop, and once more at the end.
 *
 * A node that moved is in it within a second; one that was only heard again, within ten: what that
 * changes is when its binding ends.  92 bytes a node, up to 350 while one is kept for.  At the
 * limit of 16384 nodes that is 1.5 MB a second, if some of them always move, and the loop stands
 * still for some 10 ms meanwhile; with a thousand, 92 KB and less than a millisecond.
 */
#define PERSIST_AUTO "auto"
#define PERSIST_NONE "none"
#define PERSIST_MOVED SEC(1)
#define PERSIST_HEARD SEC(10)
#define PERSIST_AGAIN SEC(5) /* after it could not be written */
#define PERSIST_PATH (CONF_STRING_MAX + 32)

struct persist_job { /* all that the thread beside the loop has */
	const char *path;
	uint8_t *bytes;
	size_t n;
	int err; /* 0: written */
};

struct persist {
	bool on, busy, failing;
	char path[PERSIST_PATH];
	struct agent_changes kept; /* in the file */
	struct agent_changes going; /* in what is being written */
	mtime last;		   /* when that was begun */
	uv_work_t work;
	struct persist_job job;
};

struct daemon;

/* What it says of earlier runs goes to the core, which has heard nothing yet. */
void persist_open(struct daemon *d);
mtime persist_deadline(const struct daemon *d);
void persist_tick(struct daemon *d, mtime now);
/* The loop has ended: what is not written yet is, now. */
void persist_close(struct daemon *d);

#endif
