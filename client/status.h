/* SPDX-License-Identifier: MIT */
#ifndef MIP_STATUS_H
#define MIP_STATUS_H

#include "client/daemon.h"
#include "common/notify.h"

/* Shell: what `mipclient status` and the events of `mipclient watch` say, as JSON. */
void status_fill(struct daemon *d, mtime now, json_t *o); /* adds every field to o */
/* The same in one line, for the service manager. */
void status_line(struct daemon *d, char line[NOTIFY_STATUS]);
/* What an event says of where the node is. */
json_t *status_where(struct daemon *d, mtime now);

#endif
