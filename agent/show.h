/* SPDX-License-Identifier: MIT */
#ifndef MIP_AGENT_SHOW_H
#define MIP_AGENT_SHOW_H

#include <jansson.h>

/* mipagent(1): the daemon's answers as text. */
void show_status(const json_t *answer);
void show_bindings(const json_t *answer);
void show_visitors(const json_t *answer);
void show_buffers(const json_t *answer);
void show_drops(const json_t *answer);
void show_reload(const json_t *answer);
void show_event(const json_t *event);

#endif
