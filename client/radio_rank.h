/* SPDX-License-Identifier: MIT */
#ifndef MIP_RADIO_RANK_H
#define MIP_RADIO_RANK_H

#include "client/radio.h"

/*
 * The candidate table of the radio decision: who is known, who is avoided, who is best, and
 * on which channels to look.  Pure; used by radio.c only.
 */
struct radio_need {
	int min_dbm;	  /* a candidate weaker than this does not help */
	int min_back_dbm; /* the same for the access point that we have just left */
	mtime max_age;	  /* MTIME_NEVER: however old */
	bool avoided_too;
};

const struct radio_bss *radio_rank_best(const struct radio *r, mtime now,
					const struct radio_need *need);
void radio_rank_store(struct radio *r, const struct radio_bss *bss, size_t n);
void radio_rank_avoid(struct radio *r, const struct mac *bssid, mtime now);
void radio_rank_forgive(struct radio *r, const struct mac *bssid);
bool radio_same_ssid(const struct radio_bss *a, const struct radio_bss *b);
/* A network with the serving SSID, other than the serving one, younger than max_age? */
bool radio_rank_known(const struct radio *r, mtime now, mtime max_age);
void radio_rank_freq(struct radio *r, uint16_t mhz);
/* The channels to scan; none: all. */
unsigned radio_rank_freqs(const struct radio *r, uint16_t out[RADIO_FREQS_MAX]);

#endif
