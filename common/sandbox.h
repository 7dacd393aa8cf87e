/* SPDX-License-Identifier: MIT */
#ifndef MIP_SANDBOX_H
#define MIP_SANDBOX_H

#include <stdbool.h>

/*
 * Shell: the system calls that a daemon may make once it is up, seccomp(2).  Whoever takes one over
 * finds no way to start a program, to become somebody else, or to what else the kernel offers:
 * any other call ends the process, and the kernel's log has its number.  Threads that begin later
 * have the same filter.  It cannot be taken off.
 */
void sandbox_prepare(void); /* before there is an event loop */
/* When all that only the start needs is done.  A kernel without it is warned of. */
void sandbox_enter(void);
bool sandbox_is_on(void);

#endif
