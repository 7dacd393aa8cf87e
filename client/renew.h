/* SPDX-License-Identifier: MIT */
#ifndef MIP_CLIENT_RENEW_H
#define MIP_CLIENT_RENEW_H

#include "common/mtime.h"

#include <stdbool.h>

/*
 * Shell: [Node] renew, the command that makes a DHCP client ask anew.  The helper runs it by
 * itself, by no shell; it is not waited for, and killed after RENEW_MAX; one at a time for an
 * interface.
 */
struct daemon;
struct node_link;

struct helper_answer;

struct renewal {
	bool running;
	mtime kill_at;
};

void renew_run(struct node_link *l, const char *why);
void renew_ended(struct node_link *l, const struct helper_answer *a);
void renew_stop(struct node_link *l); /* kills it */
mtime renew_deadline(const struct daemon *d);
void renew_tick(struct daemon *d, mtime now);

#endif
