/* SPDX-License-Identifier: MIT */
#ifndef MIP_STATUS_H
#define MIP_STATUS_H

#include "client/daemon.h"

/* Shell: what `mipclient status` and the events of `mipclient watch` say, as JSON. */
void status_fill(struct daemon *d, mtime now, json_t *o); /* adds every field to o */
json_t *status_signal(struct daemon *d, mtime now, int dbm);
/* "attached", "registered" and their opposites, with where we are now. */
json_t *status_event(struct daemon *d, mtime now, const char *name);

#endif
