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

/* What a candidate must be, as the last decision wanted it. */
struct radio_need {
	bool any; /* whatever its signal */
	bool avoided_too, asked_only;
	int level_dbm, margin_db; /* its score must be so much better than the serving signal */
	int serving_db;		  /* load and band of the serving one */
	int floor_dbm;		  /* a weaker one must be better by so much more */
	int below_floor_db;
	int back_db;		  /* the one that we came from must be better by so much more */
	mtime max_age;		  /* MTIME_NEVER: however old */
};

/* Frames sent in one second, as the kernel counts them. */
struct radio_window {
	mtime from;
	struct radio_traffic first, last;
	unsigned bad; /* windows in a row in which too little got through */
	uint32_t per_s;
	uint32_t best_kbit;
};

struct radio_near {
	struct radio_neighbour n;
	mtime at;
};

struct radio {
	struct radio_conf conf;
	enum radio_rule rule;
	char why[128]; /* of the last decision */
	mtime deadline;

	/* the serving link */
	bool attached;
	struct radio_bss serving;
	struct radio_sample samples[RADIO_SAMPLES]; /* oldest first */
	unsigned n_samples;
	int level_q8;	   /* smoothed, 1/256 dB */
	mtime stepped_at;  /* it fell at once then */
	int calm_q8;	   /* the level that the last movement was measured from */
	mtime watch_until; /* sampled at least until then */
	bool sampling; /* often; */
	bool slowly;   /* now and then: near the threshold */
	bool low; /* below leave_below, with hysteresis */
	mtime lost_until;

	/* scans */
	bool scanning, scan_failed;
	bool bgscan; /* the supplicant's */
	mtime scan_at, scan_until, scan_next;
	bool last_resort;    /* the one that runs is of all channels although traffic flows */
	unsigned scan_shift; /* fruitless scans in a row: the pause doubles */
	int scan_level_q8;   /* level when the last one was begun */

	/* handoffs */
	mtime attached_at;
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
	unsigned n_freqs, turn;
	struct radio_need need;

	/* what the network and the past say */
	struct radio_near near[RADIO_NEIGHBOURS_MAX];
	unsigned n_near;
	struct radio_neighbour asked[RADIO_NEIGHBOURS_MAX]; /* by the transition request */
	unsigned n_asked;
	bool asked_imminent;
	mtime asked_until; /* 0: none runs */
	struct radio_memory memory[RADIO_MEMORY_MAX]; /* the last used first */
	unsigned n_memory;
	bool saving;
	struct radio_window tx;
	bool tx_known;
	mtime tx_at; /* when the counters were last told */
};

#endif
