/* SPDX-License-Identifier: MIT */
#ifndef MIP_CLIENT_RESOLVE_H
#define MIP_CLIENT_RESOLVE_H

#include "common/mtime.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * The home agent's address, where mipclient.conf gives a name: asked for at the start, after a
 * change of the network, and while the home agent does not answer.  Shell, by the resolver of the C
 * library in the helper.  The last good address is used until there is another.
 */
struct resolve {
	bool asking; /* the helper has it, the kernel lets questions out on the link */
	bool again;  /* the network has changed meanwhile */
	bool failed; /* the last one, which was said */
	mtime at;    /* of the next one; MTIME_NEVER: when the home agent does not answer */
	mtime asked, wait;
	uint32_t addr; /* 0: not known */
};

struct daemon;
struct helper_answer;

void resolve_open(struct daemon *d);
/* The settings are other ones. */
void resolve_reload(struct daemon *d);
/* The link is another one, or has another address. */
void resolve_network(struct daemon *d);
void resolve_answered(struct daemon *d, const struct helper_answer *a);
mtime resolve_deadline(const struct daemon *d);
void resolve_tick(struct daemon *d, mtime now);

#endif
