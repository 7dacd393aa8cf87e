/* SPDX-License-Identifier: MIT */
#ifndef MIP_RADIO_LEVEL_H
#define MIP_RADIO_LEVEL_H

#include "client/radio.h"

/*
 * The signal half of the radio decision: samples, smoothing, steps, slope.  Pure; used by
 * radio.c only.
 */
#define RADIO_Q8 256	     /* levels are kept in 1/256 dB */
#define RADIO_WINDOW SEC(1) /* the slope is taken over this */

void radio_level_add(struct radio *r, int dbm, mtime now);
int radio_level_dbm(const struct radio *r);
bool radio_near(const struct radio *r); /* the threshold: candidates are looked for */
bool radio_fell_at_rest(const struct radio *r);
/* The sample before `back` others; the caller knows that there are so many. */
const struct radio_sample *radio_newest(const struct radio *r, unsigned back);
/* dB a second over the window; false: too few samples. */
bool radio_slope(const struct radio *r, int64_t *db_s);
mtime radio_time_left(const struct radio *r); /* until dead; MTIME_NEVER */

#endif
