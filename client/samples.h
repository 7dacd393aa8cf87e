/* SPDX-License-Identifier: MIT */
#ifndef MIP_SAMPLES_H
#define MIP_SAMPLES_H

#include "client/report.h"

/*
 * The signal of the last seconds, so that a report can show what led to it and what came of it.
 * Pure.  It asks for no sample of its own: a radio at rest is not measured.
 */
#define SAMPLES_EVERY                                                                              \
	MSEC(100)	      /* of one access point; what comes between is not needed to see it */
#define SAMPLES_BEFORE SEC(5) /* the trigger */
#define SAMPLES_AFTER SEC(2)  /* the end */
#define SAMPLES_MAX 96

struct samples {
	struct signal_sample {
		mtime at;
		struct mac bssid;
		int16_t dbm;
	} at[SAMPLES_MAX]; /* a ring */
	unsigned n;	   /* so many so far */
};

void samples_add(struct samples *s, const struct mac *bssid, int dbm, mtime now);
/* Into r what belongs to it, the last REPORT_SAMPLES_MAX; until is its end. */
void samples_into(const struct samples *s, struct report *r, mtime until);

#endif
