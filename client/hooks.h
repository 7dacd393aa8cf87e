/* SPDX-License-Identifier: MIT */
#ifndef MIP_CLIENT_HOOKS_H
#define MIP_CLIENT_HOOKS_H

#include "client/event.h"
#include "common/mtime.h"

#include <jansson.h>
#include <sys/stat.h>
#include <uv.h>

/*
 * Shell: [Hooks] directory, programs that the helper runs at each event (event.h).  Each gets all
 * events in their order, one at a time; nobody waits for any of them.  One that takes too long is
 * killed with all that it has started, and what one leaves behind at its end is killed, too.
 */
#define HOOKS_MAX 32	 /* programs in the folder; the first ones by name */
#define HOOKS_AT_ONCE 4	 /* processes */
#define HOOK_QUEUE_MAX 8 /* events that wait for one program, of different kinds if possible */
#define HOOK_NAME_MAX 64
#define HOOK_LOGGED_MAX 2048 /* bytes of what one writes that go to the log */
#define HOOK_SAID_MAX 32 /* refusals that are remembered, so as to be said once */

struct daemon;
struct hooks;

/* A program, or the folder: root's, and nobody else's to write. */
static inline bool hooks_safe(const struct stat *st)
{
	return st->st_uid == 0 && !(st->st_mode & (S_IWGRP | S_IWOTH));
}

struct hook_event {
	enum event_kind what;
	uint64_t number; /* their order */
	json_t *o;
};

struct hook_queue {
	struct hook_event e[HOOK_QUEUE_MAX];
	unsigned n;
};

struct hook {
	char name[HOOK_NAME_MAX]; /* empty: no hook */
	bool listed, running;
	struct hook_queue queue;
};

struct hook_run {
	struct hooks *hooks;
	struct hook *hook; /* NULL: free */
	mtime kill_at;
	bool killed;
	uv_pipe_t out;	/* what it writes */
	unsigned waits; /* for its end, and for that of the pipe */
	char text[HOOK_LOGGED_MAX + 1]; /* the beginning of that */
	size_t written;
};

struct hooks {
	struct daemon *d;
	uv_async_t wake;
	struct hook_queue intake; /* not yet given to the hooks */
	uint64_t last;
	mtime retry_at; /* a handoff comes first */
	struct hook hook[HOOKS_MAX + HOOKS_AT_ONCE];
	struct hook_run run[HOOKS_AT_ONCE];
	uint64_t said[HOOK_SAID_MAX];
	unsigned n_said;
	int64_t folder_changed;
	struct {
		uint64_t run, failed, killed, replaced, dropped, refused;
	} count;
};

void hooks_open(struct hooks *h, struct daemon *d);
/* Takes a reference to o; the hooks run when the loop comes round. */
void hooks_tell(struct daemon *d, enum event_kind what, json_t *o);
void hooks_forget(struct hooks *h); /* what was said; after a change of the configuration */
mtime hooks_deadline(const struct hooks *h);
void hooks_tick(struct daemon *d, mtime now);
void hooks_stop(struct hooks *h); /* kills them */
json_t *hooks_describe(const struct hooks *h);

/* hooks_folder.c */
/* Fills h->hook anew from the folder: what is executable, root's, and nobody else's to write. */
void hooks_list(struct hooks *h, const char *folder);
/* The same question again, right before it is run. */
bool hooks_may_run(struct hooks *h, const char *folder, const char *name);
void hooks_empty(struct hooks *h, struct hook_queue *q);

/* hooks_run.c */
/* False: it could not be started, which was said. */
bool hooks_start(struct hooks *h, struct hook *k, struct hook_run *r);
/* What the helper says of the one that was started as this. */
struct helper_answer;
void hooks_ended(struct hooks *h, unsigned run, const struct helper_answer *a);

#endif
