/* SPDX-License-Identifier: MIT */
#ifndef MIP_WIFI_PARSE_H
#define MIP_WIFI_PARSE_H

#include "client/radio.h"

/*
 * What wpa_supplicant says on its control interface, read.  Pure: text in, values out; used by
 * wifi*.c only.  A line that is not understood is skipped, never trusted.
 */
enum wifi_said {
	WIFI_SAID_NOTHING, /* of no interest here */
	WIFI_SAID_CONNECTED,
	WIFI_SAID_DISCONNECTED,
	WIFI_SAID_AUTHENTICATING,
	WIFI_SAID_ASSOCIATING,
	WIFI_SAID_ASSOCIATED,
	WIFI_SAID_REJECTED,
	WIFI_SAID_SCAN_DONE,
	WIFI_SAID_SCAN_FAILED,
	WIFI_SAID_BEACON_LOSS,
	WIFI_SAID_TERMINATING,
};

struct wifi_line {
	enum wifi_said said;
	struct mac bssid; /* zero: not told */
	int reason;
	bool local;
	const char *text; /* behind the priority */
};
void wifi_parse_event(const char *line, struct wifi_line *out);

/* The reply to STATUS.  False: not attached, or not understood. */
bool wifi_parse_status(const char *text, struct radio_bss *out);

struct wifi_table {
	struct radio_bss list[RADIO_BSS_MAX]; /* the strongest; of our own network first */
	size_t n;
	unsigned last_id;
	bool any, end; /* of the last page: held an entry; was the last one */
};
/* One page of BSS RANGE= with WIFI_BSS_MASK, added to t.
 * `ours`: the attached network, or all zero. */
#define WIFI_BSS_MASK "0x21287" /* id bssid freq level age ssid delimiter */
void wifi_parse_bss(const char *text, const struct radio_bss *ours, mtime now,
		    struct wifi_table *t);

/* Undoes printf_encode() of wpa_supplicant, up to the end
 * of the line.  False: too long or malformed. */
bool wifi_parse_ssid(const char *s, struct radio_bss *out);

#endif
