/* SPDX-License-Identifier: MIT */
#ifndef MIP_SHOW_H
#define MIP_SHOW_H

#include <jansson.h>

/* mipclient's text: the daemon's JSON for people.  What comes
 * from the air is printed without control characters. */
void show_status(const json_t *answer);
void show_history(const json_t *answer);
void show_report(const json_t *answer);
void show_agents(const json_t *answer);
void show_networks(const json_t *answer);
void show_event(const json_t *event);

#endif
