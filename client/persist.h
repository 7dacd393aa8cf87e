/* SPDX-License-Identifier: MIT */
#ifndef MIP_CLIENT_PERSIST_H
#define MIP_CLIENT_PERSIST_H

#include "client/event.h"
#include "common/mtime.h"
#include "common/statefile.h"

/*
 * Past handoffs outlive the daemon in a file, [Daemon] state; history.h says what is in it.  It is
 * written some seconds after a handoff, when what followed is known, and at the end: a crash costs
 * the report of one that was still warm.
 */
#define PERSIST_AFTER SEC(3)  /* a handoff */
#define PERSIST_AGAIN SEC(60) /* after it could not be written */

struct persist {
	struct statefile file;
	bool changed;
	mtime due; /* of changed */
};

struct daemon;

/* What it says of earlier runs goes to the core. */
void persist_open(struct daemon *d);
void persist_event(struct daemon *d, enum event_kind what); /* MOBILE_EVENT */
mtime persist_deadline(const struct daemon *d);
void persist_tick(struct daemon *d, mtime now);
/* The loop has ended: what is not written yet is, now. */
void persist_close(struct daemon *d);

#endif
