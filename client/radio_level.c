/* SPDX-License-Identifier: MIT */
#include "client/radio_level.h"

#include <string.h>

/*
 * One beacon fades by several dB, and two samples of one beacon say the same twice.  So the level
 * is a mean: of the first few samples, then with a time constant, at 50 ms a sample 0.4 s; noise of
 * 3 dB moves it by 1.  What falls far and stays there for two beacons is a step, taken at once.
 */
#define NEAR_DB 8	  /* above leave_below: candidates are looked for ahead of need */
#define MEAN MSEC(375)
#define MEAN_FIRST 8	 /* the first ones count 1/2, 1/3 ... of this */
#define OUTLIER_DB 12
#define GAP SEC(1)	 /* after a silence it begins anew */
#define STEP_SAMPLES 3
#define STEP_SPAN MSEC(100)
#define STEP_DB 6	 /* so far below the level ... */
#define STEP_SPREAD_DB 8 /* ... and of one mind */
#define SLOPE_MIN_SAMPLES 5
#define SLOPE_MIN_SPAN MSEC(200)
#define SLOPE_LATE MSEC(400) /* the late part of the window must fall, too */
#define SLOPE_MIN_DB_S 2
#define SAVING_ABOVE 10 /* dB above leave_below */

int radio_level_dbm(const struct radio *r)
{
	return (r->level_q8 - (r->level_q8 < 0 ? RADIO_Q8 / 2 : -RADIO_Q8 / 2)) / RADIO_Q8;
}

bool radio_near(const struct radio *r)
{
	return radio_level_dbm(r) < r->conf.leave_below_dbm + NEAR_DB;
}

const struct radio_sample *radio_newest(const struct radio *r, unsigned back)
{
	return &r->samples[r->n_samples - 1 - back];
}

/* Least squares over the samples of the last `window`: dB/s; false: too few to tell. */
static bool slope_over(const struct radio *r, mtime window, int64_t *out)
{
	int64_t n = 0, st = 0, sy = 0, stt = 0, sty = 0, t = 0;

	for (unsigned i = 0; i < r->n_samples; i++) {
		const struct radio_sample *s = radio_newest(r, i);

		if (radio_newest(r, 0)->at - s->at > window)
			break;
		t = (s->at - radio_newest(r, 0)->at) / 1000;
		n++;
		st += t;
		sy += s->dbm;
		stt += t * t;
		sty += t * s->dbm;
	}
	if (n < SLOPE_MIN_SAMPLES || -t * 1000 < SLOPE_MIN_SPAN)
		return false;
	*out = (n * sty - st * sy) * 1000 / (n * stt - st * st);
	return true;
}

bool radio_slope(const struct radio *r, int64_t *db_s)
{
	return slope_over(r, RADIO_WINDOW, db_s);
}

/* Until dead, along the flatter of two lines: a step that is over is not a fall. */
mtime radio_time_left(const struct radio *r)
{
	int64_t whole, late;
	int64_t above_q8 = r->level_q8 - r->conf.dead_dbm * RADIO_Q8;

	if (above_q8 <= 0)
		return 0;
	if (!slope_over(r, RADIO_WINDOW, &whole) || !slope_over(r, SLOPE_LATE, &late))
		return MTIME_NEVER;
	if (late > whole)
		whole = late;
	if (whole > -SLOPE_MIN_DB_S)
		return MTIME_NEVER;
	return SEC(1) * above_q8 / (-whole * RADIO_Q8);
}

/* At rest beacons are all that is heard, one each 102 ms: two of them far below are a step, too. */
bool radio_fell_at_rest(const struct radio *r)
{
	int far = r->conf.leave_below_dbm - STEP_DB;

	return r->n_samples == 2 && radio_newest(r, 0)->dbm <= far &&
	       radio_newest(r, 1)->dbm <= far &&
	       radio_newest(r, 0)->at - radio_newest(r, 1)->at >= STEP_SPAN;
}

/* Do the last samples agree on a level below the threshold, far from the mean? */
static bool stepped(const struct radio *r, int *to)
{
	int hi = INT16_MIN, lo = INT16_MAX, sum = 0;

	if (radio_fell_at_rest(r)) {
		*to = (radio_newest(r, 0)->dbm + radio_newest(r, 1)->dbm) / 2;
		return true;
	}
	if (r->n_samples < STEP_SAMPLES ||
	    radio_newest(r, 0)->at - radio_newest(r, STEP_SAMPLES - 1)->at < STEP_SPAN)
		return false;
	for (unsigned i = 0; i < STEP_SAMPLES; i++) {
		int dbm = radio_newest(r, i)->dbm;

		hi = dbm > hi ? dbm : hi;
		lo = dbm < lo ? dbm : lo;
		sum += dbm;
	}
	*to = sum / STEP_SAMPLES;
	return hi < r->conf.leave_below_dbm && hi - lo <= STEP_SPREAD_DB &&
	       radio_level_dbm(r) - hi >= STEP_DB;
}

/* The first sample after a silence, which two others do not bear out. */
static bool was_outlier(const struct radio *r)
{
	int first = r->samples[0].dbm + OUTLIER_DB;

	return r->n_samples == 3 && r->samples[1].dbm >= first && r->samples[2].dbm >= first;
}

static void smooth(struct radio *r, int dbm, mtime since)
{
	int64_t diff = dbm * RADIO_Q8 - r->level_q8;
	int to;

	if (was_outlier(r))
		r->level_q8 = (r->samples[1].dbm + r->samples[2].dbm) * RADIO_Q8 / 2;
	else if (r->n_samples < MEAN_FIRST && since < MEAN)
		r->level_q8 += (int)(diff / (r->n_samples + 1));
	else
		r->level_q8 += (int)(diff * since / (since + MEAN));
	if (stepped(r, &to)) {
		r->level_q8 = to * RADIO_Q8;
		r->stepped_at = radio_newest(r, 0)->at;
	}
}

void radio_level_add(struct radio *r, int dbm, mtime now)
{
	mtime since = r->n_samples ? now - radio_newest(r, 0)->at : GAP;

	if (since > GAP)
		r->n_samples = 0;
	if (r->n_samples == RADIO_SAMPLES) {
		r->n_samples--;
		memmove(&r->samples[0], &r->samples[1], r->n_samples * sizeof(r->samples[0]));
	}
	r->samples[r->n_samples++] = (struct radio_sample){ now, dbm };
	smooth(r, dbm, r->n_samples == 1 ? 0 : since);
}

/*
 * Every 5 dB, so that the first or second beacon after a step crosses one, and one just above
 * leave_below: with the kernel's hysteresis of 2 dB that one fires at leave_below itself.
 * To save power, and where wpa_supplicant's bgscan scans all channels for each of them, only those
 * from where it begins to matter.
 */
unsigned radio_thresholds(const struct radio *r, int32_t out[RADIO_THRESHOLDS_MAX])
{
	static const int8_t above[] = { -10, -5, 0, 2, 5, 10, 15, 20, 25, 30, 35, 40 };
	unsigned n = 0;

	for (size_t i = 0; i < sizeof(above) / sizeof(above[0]); i++) {
		int dbm = r->conf.leave_below_dbm + above[i];

		if ((r->saving || r->bgscan) && above[i] > SAVING_ABOVE)
			break;
		if (dbm >= -120 && dbm < 0)
			out[n++] = dbm;
	}
	return n;
}
