/* SPDX-License-Identifier: MIT */
#ifndef MIP_STATEFILE_H
#define MIP_STATEFILE_H

#include "common/conf.h"
#include "common/seal.h"

#include <uv.h>

/*
 * Shell: a file of a daemon's own that outlives it.  Read whole at the start; written whole, under
 * another name first, beside the loop, since a disk may take its time: the old file or the new one
 * is there whatever happens.  What cannot be written is said once, and hinders nothing else.
 */
#define STATEFILE_AUTO "auto" /* in $STATE_DIRECTORY, which systemd sets; without it none */
#define STATEFILE_NONE "none"
#define STATEFILE_PATH (CONF_STRING_MAX + 32)

struct statefile {
	/* set by the caller before statefile_open() */
	const char *anew;   /* what its loss means: "nodes have to register anew" */
	const char *unkept; /* and that of not writing it: "bindings would not outlive a restart" */
	void (*written)(void *arg, bool ok); /* in the loop; it may be closing */
	void *arg;

	bool on, busy, failing;
	char path[STATEFILE_PATH];
	uv_thread_t thread; /* while busy, until it says that it is done */
	uv_async_t done;
	uint8_t *bytes; /* of the thread while busy */
	size_t n;
	int err;
};

/* What the key of the configuration may be: a word above, a path that begins with "/", or nothing,
 * which is none. */
bool statefile_setting(const char *setting);
/* name: the file's in $STATE_DIRECTORY.  s->on: there is a file to keep. */
void statefile_open(struct statefile *s, const char *setting, const char *name);
/* All of it, to be freed, and its length; NULL: it was said why not, or there is none yet (*first).
 * One that others may have written, or larger than max, is set aside. */
uint8_t *statefile_read(const struct statefile *s, size_t max, size_t *n, bool *first);
/* It is not believed: PATH.damaged from now on, and a warning. */
void statefile_set_aside(const struct statefile *s, const char *why);
/* bytes/n, without the sum but with room for it, from malloc() (NULL: there was no memory); they
 * are taken.  Not while busy.  s->written() is called later, or (it could not begin) now. */
void statefile_write(struct statefile *s, uv_loop_t *loop, uint8_t *bytes, size_t n);
/* The loop is about to end: waits for what is being written. */
void statefile_stop(struct statefile *s);
/* As statefile_write(), done when it returns: the loop has ended. */
void statefile_write_now(struct statefile *s, uint8_t *bytes, size_t n);

#endif
