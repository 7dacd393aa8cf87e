/* SPDX-License-Identifier: MIT */
#ifndef MIP_RADIO_RANK_H
#define MIP_RADIO_RANK_H

#include "client/radio.h"

#define RADIO_NEAR_DEAD_DB 6 /* above dead: no time to be choosy */

/*
 * The inside of the radio decision: the candidate table (radio_rank.c), what a candidate is worth
 * and why it is excluded (radio_weigh.c), what the network and the past say (radio_hints.c).  Pure;
 * used by radio*.c only.
 */
void radio_rank_store(struct radio *r, const struct radio_bss *bss, size_t n);
void radio_rank_avoid(struct radio *r, const struct mac *bssid, mtime now);
void radio_rank_forgive(struct radio *r, const struct mac *bssid);
/* Until when; 0: it is not. */
mtime radio_rank_avoided(const struct radio *r, const struct mac *bssid, mtime now);
bool radio_same_ssid(const struct radio_bss *a, const struct radio_bss *b);
bool radio_rank_candidate(const struct radio *r, const struct radio_bss *b);
/* A network with the serving SSID, other than the serving one, younger than max_age? */
bool radio_rank_known(const struct radio *r, mtime now, mtime max_age);
void radio_rank_freq(struct radio *r, uint16_t mhz);
/* The channels to scan, the most promising first; none: all.  few: only so many as a stream bears,
 * the others in turn. */
unsigned radio_rank_freqs(struct radio *r, bool few, uint16_t out[RADIO_FREQS_MAX]);
mtime radio_age(const struct radio_bss *b, mtime now);

/* The score, in dB, and what it is the sum of. */
int radio_weigh(const struct radio *r, const struct radio_bss *b, mtime now,
		int term[RADIO_TERMS]);
/* Of the serving access point's load and band: what a candidate's are compared with. */
int radio_weigh_serving(const struct radio *r);
enum radio_exclusion radio_excludes(const struct radio *r, const struct radio_bss *b,
				    const struct radio_need *need, mtime now);
const struct radio_bss *radio_rank_best(const struct radio *r, mtime now,
					const struct radio_need *need);

/* Does traffic flow; do frames get lost where the signal says that they need not? */
bool radio_flows(const struct radio *r, mtime now);
bool radio_failing(const struct radio *r, mtime now);
void radio_traffic_forget(struct radio *r);
/* What the network says of it; NULL: nothing, or too long ago. */
const struct radio_neighbour *radio_hint(const struct radio *r, const struct mac *bssid, mtime now);
bool radio_asked_for(const struct radio *r, const struct mac *bssid);
const struct radio_memory *radio_memory_of(const struct radio *r, const struct mac *bssid);

/* radio.c and radio_decide.c of one another: sample from now on; is the signal below the threshold;
 * so near death that there is no time to be choosy. */
void radio_watch(struct radio *r, mtime now);
void radio_judge(struct radio *r, mtime now);
bool radio_near_dead(const struct radio *r);

#endif
