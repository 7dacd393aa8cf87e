/* SPDX-License-Identifier: MIT */
#ifndef MIP_REPLAY_RIVALS_H
#define MIP_REPLAY_RIVALS_H

#include "client/replay.h"

/*
 * What the models of wpa_supplicant and iwd share: written anew from what their sources and manuals
 * say.  One of them plays at a time.
 */
#define REFUSED_MAX 8

struct refused {
	struct mac bssid;
	mtime until;
};

struct rival {
	struct radio_bss serving, list[TRACE_APS_MAX];
	size_t n;
	bool attached, scanning, results; /* a scan has just ended */
	bool changed;
	int average_dbm, last_event_dbm; /* 0: none yet */
	struct refused refused[REFUSED_MAX];
	unsigned n_refused;
	uint16_t near[RADIO_FREQS_MAX]; /* channels of the neighbours that are announced */
	unsigned n_near;
	mtime at;	  /* the next scan */
	mtime last_scan;
	bool short_now;	  /* wpa_supplicant: the short interval */
	unsigned shorts;
	bool low, full;	  /* iwd: the signal is; the scan of all channels was it */
	mtime earliest;
};

extern struct rival rival;

void *rival_start(const struct radio_conf *conf);
void rival_detached(void *p, mtime now);
void rival_neighbours(void *p, const struct radio_neighbour *list, size_t n, mtime now);
void rival_beacon_loss(void *p, mtime now);
mtime rival_due(const void *p);
void rival_store(const struct radio_bss *list, size_t n, mtime now);
void rival_refuse(const struct mac *to, mtime until);
bool rival_is_refused(const struct mac *to, mtime now);
bool rival_serves(const struct radio_bss *b);
/* mac80211's report of one threshold: -1 below, 1 above, 0 nothing new. */
int rival_reported(int average_dbm, int threshold, int hysteresis);
void rival_take(struct play_order *out, const struct radio_bss *to, const char *rule);

#endif
