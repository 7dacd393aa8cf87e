/* SPDX-License-Identifier: MIT */
#ifndef MIP_EVENT_H
#define MIP_EVENT_H

#include <stdbool.h>

/*
 * What the node tells of itself, to who watches and to hooks.  Names are IEEE 802.21's where it has
 * one; the table of their fields is what mipclient(1) prints (tests/unit/test_event.c) and what
 * each event is held against before it is told (tell.c).
 */
enum event_kind {
	TELL_LINK_DETECTED,
	TELL_LINK_UP,
	TELL_LINK_GOING_DOWN,
	TELL_LINK_DOWN,
	TELL_LINK_PARAMETERS, /* to who watches alone */
	TELL_HANDOVER_ANNOUNCED,
	TELL_ANNOUNCEMENT_OVER,
	TELL_HANDOVER_IMMINENT,
	TELL_HANDOVER_STEP, /* to who watches alone */
	TELL_BUFFER_GRANTED,
	TELL_HANDOVER_COMPLETE,
	TELL_REGISTERED,
	TELL_DEREGISTERED,
	TELL_POWER,
	TELL_COUNT,
};

enum event_type { FIELD_STRING, FIELD_INTEGER, FIELD_NUMBER, FIELD_BOOLEAN, FIELD_OBJECT };

struct event_field {
	const char *name;
	enum event_type type;
	bool null; /* where it is not known */
};
#define EVENT_FIELDS_MAX 24

/* Beside these each event has "event", its name, and "time" (RFC 3339, UTC, with milliseconds). */
struct event_spec {
	const char *name;
	bool hooks; /* hooks are run for it */
	struct event_field fields[EVENT_FIELDS_MAX]; /* up to one without a name */
};
extern const struct event_spec event_specs[TELL_COUNT];

#endif
