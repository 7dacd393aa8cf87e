/* SPDX-License-Identifier: MIT */
#ifndef MIP_WIFI_PARSE_H
#define MIP_WIFI_PARSE_H

#include "client/mobile.h"

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
	WIFI_SAID_NEIGHBOUR, /* text is for wifi_parse_neighbour() */
	WIFI_SAID_TRANSITION, /* asked; the two below are told as this one */
	WIFI_SAID_TRANSITION_LISTED,
	WIFI_SAID_IMMINENT,
};

struct wifi_line {
	enum wifi_said said;
	struct mac bssid; /* zero: not told */
	int reason;
	int network; /* its number there; -1: not told */
	bool local;
	const char *text; /* behind the priority */
	struct mobile_transition asked;
};
void wifi_parse_event(const char *line, struct wifi_line *out);

/* The reply to STATUS; the network's number, -1: not told.  False: not attached, or not
 * understood. */
bool wifi_parse_status(const char *text, struct radio_bss *out, int *network);
/* The reply to GET_NETWORK or GET, bgscan: is there one? */
bool wifi_parse_bgscan(const char *text);

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

/* RRM-NEIGHBOR-REP-RECEIVED.  False: not understood. */
bool wifi_parse_neighbour(const char *text, struct radio_neighbour *out);

/* ---- wifi_element.c ---- */
/* The reply to BSS with WIFI_LOAD_MASK: its BSS Load element (IEEE 802.11-2020, 9.4.2.27), if there
 * is one and it is whole.  False: *out is as it was. */
#define WIFI_LOAD_MASK "0x400" /* ie */
bool wifi_parse_load(const char *text, struct radio_bss *out);
/* The centre of a channel, MHz, by its global operating class (IEEE 802.11-2020, table E-4) or, in
 * a class of a country's own, by its number alone; 0: there is none such. */
uint16_t wifi_channel_mhz(unsigned op_class, unsigned channel);

#endif
