/* SPDX-License-Identifier: MIT */
#ifndef MIP_PERSIST_H
#define MIP_PERSIST_H

#include "agent/agent.h"
#include "common/statefile.h"

/*
 * The home agent's state file (state.h says what is in it): read at the start, written as a whole
 * when something changed, beside the loop, and once more at the end.
 *
 * A node that moved is in it at once, as long as that writes no more than 3 MB a second; one that
 * was only heard again, within ten seconds: what that changes is when its binding ends.  A move
 * that is lost with a killed agent nobody misses until the node renews its binding.  Some 190 bytes
 * a node, up to 350 while one is kept for.  Of 100,000 nodes, if some of them always move, it is
 * 19 MB each seven seconds, and the loop stands still for some 60 ms; of a thousand, 190 KB each
 * 60 ms, and less than a millisecond.
 */
#define PERSIST_RATE 3072 /* bytes a millisecond */
#define PERSIST_MOVED_MIN MSEC(20)
#define PERSIST_HEARD SEC(10)
#define PERSIST_AGAIN SEC(5) /* after it could not be written */

struct persist {
	struct statefile file;
	struct agent_changes kept;  /* in the file */
	struct agent_changes going; /* in what is being written */
	mtime last;		    /* when that was begun */
	size_t size;		    /* and how large it is */
};

struct daemon;

/* What it says of earlier runs goes to the core, which has heard nothing yet. */
void persist_open(struct daemon *d);
mtime persist_deadline(const struct daemon *d);
void persist_tick(struct daemon *d, mtime now);
/* The loop has ended: what is not written yet is, now. */
void persist_close(struct daemon *d);

#endif
