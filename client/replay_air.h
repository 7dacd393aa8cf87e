/* SPDX-License-Identifier: MIT */
#ifndef MIP_REPLAY_AIR_H
#define MIP_REPLAY_AIR_H

#include "client/replay.h"

/*
 * What the radio costs, the same for every player.  Used by replay_*.c only.
 */
#define AIR_ROAM MSEC(150)    /* without a link: as the lab measures (README) */
#define AIR_REFUSED SEC(1)    /* until a handoff that does not work is given up */
#define AIR_CHANNEL MSEC(60)  /* to look at one */
#define AIR_CHANNELS 38	      /* of 2.4 and 5 GHz: a full scan takes 2.3 s */
#define AIR_DEAF_DBM (-92)    /* a beacon below this is not heard */
#define AIR_ENTER_DBM (-88)   /* below this nobody gets in */
#define AIR_BEACONS 7	      /* missed in a row: the kernel says so ... */
#define AIR_PROBING MSEC(500) /* ... and gives the link up so much later */
#define AIR_WEAK_DBM REPLAY_WEAK_DBM
#define AIR_USELESS_DBM (-82)
#define AIR_AROUND MSEC(500) /* the level is the mean over so much before and after */
#define AIR_BACK SEC(10)

/* The level: what it was, known afterwards. */
int air_level(const struct trace *t, unsigned row, unsigned ap);
unsigned air_first(const struct trace *t); /* the access point to begin with: the strongest */

/* What becomes of one handoff: late, or excused.  left_ap was left at left_at; nobody: n_aps. */
void replay_judge(const struct trace *t, struct replay_move *m, unsigned left_ap, mtime left_at);

#endif
