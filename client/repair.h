/* SPDX-License-Identifier: MIT */
#ifndef MIP_CLIENT_REPAIR_H
#define MIP_CLIENT_REPAIR_H

#include "common/kernel_said.h"
#include "common/mtime.h"

#include <stdbool.h>

/*
 * Shell: what is ours in the kernel comes back when somebody else removes it (systemd-networkd
 * does, and whoever flushes): rules and routes with our protocol number, the home address, the one
 * that stands for none.  At once the first time; after that the less often the more often it is
 * needed, so that two that do not agree do not spend their days with it.
 */
#define REPAIR_PAUSE_MIN MSEC(5) /* who flushes goes round more than once */
#define REPAIR_PAUSE_MAX SEC(1)
#define REPAIR_QUIET SEC(60) /* after that it is the first time again */

struct daemon;

struct repair {
	mtime at; /* MTIME_NEVER: nothing is to be done */
	mtime last, pause;
	bool said;
};

void repair_init(struct repair *r);
/* Does this word of rtnetlink's say that somebody else removed something of ours? */
bool repair_needed(const struct daemon *d, const struct kernel_said *said);
/* Somebody did; or, not sure, he may have. */
void repair_want(struct daemon *d, bool sure);
mtime repair_deadline(const struct daemon *d);
void repair_tick(struct daemon *d, mtime now);

#endif
