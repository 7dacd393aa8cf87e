/* SPDX-License-Identifier: MIT */
#ifndef MIP_HOSTAPD_PARSE_H
#define MIP_HOSTAPD_PARSE_H

#include "common/addr.h"

#include <stdbool.h>

/*
 * What hostapd says on its control interface, read.  Pure: text in, values out; used by hostapd.c
 * only.  A line that is not understood is skipped, never trusted.
 */
enum hostapd_said {
	HOSTAPD_SAID_NOTHING, /* of no interest here */
	HOSTAPD_SAID_JOINED,  /* its port is open */
	/* it left, was sent away, fell silent, or lost too many frames: hostapd has one word for
	 * all of them */
	HOSTAPD_SAID_LEFT,
	HOSTAPD_SAID_ENDING, /* hostapd itself, or this access point of it */
};

struct hostapd_line {
	enum hostapd_said said;
	struct mac mac; /* of a station that joined or left */
};
void hostapd_parse_event(const char *line, struct hostapd_line *out);

/* The reply to STA-FIRST or STA-NEXT.  False: no more of them, or not understood. */
bool hostapd_parse_station(const char *text, struct mac *mac, bool *open);

#endif
