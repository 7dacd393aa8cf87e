/* SPDX-License-Identifier: MIT */
#ifndef MIP_EVENT_TEXT_H
#define MIP_EVENT_TEXT_H

#include <jansson.h>

/* One event of `mipclient watch` as one line for people, without control characters.  Pure. */
#define EVENT_TEXT_MAX 256
void event_text(const json_t *event, char out[EVENT_TEXT_MAX]);

/* "3 lost", or that it is not known; "gap 12.1 ms". */
#define OUTCOME_TEXT_MAX 48
void lost_text(const json_t *report, char out[OUTCOME_TEXT_MAX]);
void gap_text(const json_t *report, char out[OUTCOME_TEXT_MAX]);

/* An SSID is whatever its owner wrote: no escape sequence of his may reach the terminal. */
#define SAFE_MAX 64
const char *safe_text(char buf[SAFE_MAX], const char *s);

#endif
