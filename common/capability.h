/* SPDX-License-Identifier: MIT */
#ifndef MIP_CAPABILITY_H
#define MIP_CAPABILITY_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Shell: what the daemons may do, capabilities(7).  A running process is never given what it was
 * started without, so nothing waits for it.
 */
void capability_look(void);	  /* they have changed; asks the kernel, what is below does not */
bool capability_has_admin(void); /* TUN, routes, rules: nothing works without */
/* Those of CAP_NET_ADMIN, CAP_NET_RAW and, where port 434 is not bound yet, CAP_NET_BIND_SERVICE
 * that are missing, as words; "": all are here. */
#define CAPABILITY_TEXT 80
const char *capability_lacking(bool bound, char text[CAPABILITY_TEXT]);

#endif
