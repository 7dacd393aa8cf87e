/* SPDX-License-Identifier: MIT */
#ifndef MIP_COMMON_START_H
#define MIP_COMMON_START_H

#include <stdbool.h>

/* How both daemons start: the words on the command line, the way into the background. */

#define EXIT_CONFIG 78 /* sysexits(3): EX_CONFIG */

struct start {
	const char *program;	     /* set by the caller */
	const char *config, *socket; /* the defaults; socket is NULL then where -S was not given */
	const char *user;	     /* NULL: -u was not given */
	bool check, verbose, foreground;
};

/* -1: go on; else the exit code. */
int start_line(struct start *s, int argc, char *argv[]);

/* Before a key is read: none ever appears in a core dump, and nobody but root traces the process.
 */
void start_secretly(void);

/* Returns in the process that is the daemon; its starter waits until start_done(), or exits with
 * EXIT_FAILED when the daemon has ended without.  What it returns is for start_done(). */
int start_process(bool foreground);
void start_done(int up);

/* What ps(1) and pidof(8) call this process from now on: at most as long as the program's name. */
void start_name(const char *name);

#endif
