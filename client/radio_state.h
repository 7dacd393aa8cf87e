/* SPDX-License-Identifier: MIT */
#ifndef MIP_RADIO_STATE_H
#define MIP_RADIO_STATE_H

/*
 * The inside of struct radio, here only so that it can be embedded: nobody but radio.c and
 * radio_rank.c looks into it.  Included by radio.h.
 */
#include "client/radio.h"

#define RADIO_SAMPLES 24 /* the last second at 50 ms, and some */
#define RADIO_AVOID_MAX 8

struct radio_sample {
	mtime at;
	int dbm;
};

struct radio_avoid {
	struct mac bssid;
	mtime until;
	mtime span; /* of the last time; the next failure doubles it */
};

struct radio {
	struct radio_conf conf;
	enum radio_rule rule;
	mtime deadline;

	/* the serving link */
	bool attached;
	struct radio_bss serving;
	struct radio_sample samples[RADIO_SAMPLES]; /* oldest first */
	unsigned n_samples;
	int level_q8;	   /* smoothed, 1/256 dB */
	int calm_q8;	   /* the level that the last movement was measured from */
	mtime watch_until; /* sampled at least until then */
	bool sampling;
	bool low; /* below leave_below, with hysteresis */
	mtime lost_until;

	/* scans */
	bool scanning, scan_failed;
	mtime scan_at, scan_until, scan_next;
	unsigned scan_shift; /* fruitless scans in a row: the pause doubles */
	int scan_level_q8;   /* level when the last one was begun */

	/* handoffs */
	bool leaving;
	mtime leave_until;
	mtime hold_until;
	struct mac came_from; /* the access point before this one */
	mtime came_until;     /* it needs to be better than the others until then */
	struct radio_avoid avoid[RADIO_AVOID_MAX];

	/* candidates: what the supplicant knows, so that what we choose it can join */
	struct radio_bss bss[RADIO_BSS_MAX];
	size_t n_bss;
	uint16_t freqs[RADIO_FREQS_MAX]; /* where this SSID was ever seen; newest first */
	unsigned n_freqs;
};

#endif
