/* SPDX-License-Identifier: MIT */
#ifndef MIP_NOTIFY_H
#define MIP_NOTIFY_H

#include "common/mtime.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Shell: what a service manager is told, sd_notify(3).  That protocol is one datagram, and promised
 * to stay as it is; libsystemd is not where OpenRC or procd start us.  Where nobody wants to hear,
 * all of it does nothing.
 */
#define NOTIFY_STATUS 160

/* First of all: takes NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID out of the environment, so that
 * no program of ours speaks for us. */
void notify_open(void);
bool notify_wanted(void);
void notify_ready(void); /* at the start, and when the configuration was read again */
void notify_reloading(mtime now);
void notify_stopping(void);
void notify_status(const char *line); /* what is new is told */
/* Says that the loop turns, if it is time; when it has to be called again.  It is time after a
 * quarter of what the manager waits, if something else wakes us then, else after the half. */
mtime notify_alive(mtime now);

/* Pure.  A path, or "@NAME", as a sockaddr_un has it: its length; 0: it is neither. */
size_t notify_address(const char *where, char path[108]);

#endif
