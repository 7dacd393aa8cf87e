/* SPDX-License-Identifier: MIT */
#ifndef MIP_CLIENT_HELPER_H
#define MIP_CLIENT_HELPER_H

#include "client/cross.h"
#include "client/hooks.h"
#include "common/conf.h"

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

/*
 * Shell: what the daemon may not do itself, since its system calls are filtered (sandbox.h): run
 * hooks and [Node] renew, and ask the resolver of the C library, which loads what nsswitch.conf(5)
 * names.  A process of its own does that, forked before the filter: the same user, no capabilities
 * unless it is root, no key, no socket but the one to the daemon, with which it ends.  It runs what
 * the configuration named at the start; a daemon that somebody has taken over cannot have it run
 * anything else.  helper.c is that process, helper_ask.c the daemon's side.
 */
#define HELPER_RENEW_TASK HOOKS_AT_ONCE /* and one for each link */
#define HELPER_LOOKUP_TASK (HELPER_RENEW_TASK + MOBILE_LINKS_MAX)
#define HELPER_TASKS (HELPER_LOOKUP_TASK + 1)
#define HELPER_BYTES_MAX (64u << 10) /* an event is 4 KiB */
#define HELPER_ADDRS_MAX 8

/* One message each, with the strings, each with its zero, and then what the program is to read. */
enum helper_what {
	HELPER_HOOK,   /* its name and its variables; with the descriptor that it writes to */
	HELPER_RENEW,  /* the interface */
	HELPER_LOOKUP, /* the host */
	HELPER_KILL,   /* with all that it has started */
};
struct helper_request {
	enum helper_what what;
	unsigned task;
	size_t words; /* bytes of the strings */
};

/* Exactly one to each request but HELPER_KILL. */
struct helper_answer {
	unsigned task;
	int error;	    /* it was not started: errno; of a lookup, getaddrinfo(3)'s code */
	int status, signum; /* its end */
	unsigned n;	    /* of a lookup */
	uint32_t addr[HELPER_ADDRS_MAX];
};

struct helper {
	struct daemon *d;
	int fd; /* -1: it has ended */
	uv_poll_t poll;
};

/* helper.c: never returns. */
_Noreturn void helper_work(int sock, const char *folder, const char *renew);

/* helper_ask.c */
/* Once, before there is a thread, as the user that both will be.  -1: said. */
int helper_start(struct helper *h, struct daemon *d);
/* -errno: it is not begun, and nothing will be answered. */
int helper_hook(struct helper *h, unsigned task, const char *words, size_t n, const char *input,
		int out);
int helper_renew(struct helper *h, unsigned link, const char *ifname);
int helper_lookup(struct helper *h, const char *name);
void helper_kill(struct helper *h, unsigned task);
void helper_close(struct helper *h); /* with all that it runs */

#endif
