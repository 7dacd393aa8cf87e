/* SPDX-License-Identifier: MIT */
#include "client/radio_level.h"

#include <string.h>

/*
 * A fall is followed twice as fast as a rise: leaving late costs packets, coming back to
 * trust a link late costs nothing.  At 50 ms a sample the time constants are 175 and 375 ms,
 * and noise of 3 dB pulls the level down by less than 1 dB.
 */
#define FALL_DIV 4
#define RISE_DIV 8
#define GAP SEC(1)	 /* after a silence the next sample is the level */
#define STEP_FAR 2	 /* this many samples far below the threshold are a step ... */
#define STEP_BELOW 3	 /* ... as are this many just below it, */
#define STEP_LAG_DB 3	 /* when the smoothed level lags them by so much */
#define STEP_SPREAD_DB 6 /* and they agree */
#define SLOPE_MIN_SAMPLES 5
#define SLOPE_MIN_SPAN MSEC(200)
#define SLOPE_LATE MSEC(400) /* the late part of the window must fall, too */
#define SLOPE_MIN_DB_S 2

int radio_level_dbm(const struct radio *r)
{
	return (r->level_q8 - (r->level_q8 < 0 ? RADIO_Q8 / 2 : -RADIO_Q8 / 2)) / RADIO_Q8;
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

/* Do the last n samples agree on a level at or below `top`,
 * far from the smoothed one?  One outlier never does. */
static bool stepped(const struct radio *r, unsigned n, int top)
{
	int hi = INT16_MIN, lo = INT16_MAX;

	if (r->n_samples < n)
		return false;
	for (unsigned i = 0; i < n; i++) {
		int dbm = radio_newest(r, i)->dbm;

		hi = dbm > hi ? dbm : hi;
		lo = dbm < lo ? dbm : lo;
	}
	return hi <= top && hi - lo <= STEP_SPREAD_DB && radio_level_dbm(r) - hi >= STEP_LAG_DB;
}

static void smooth(struct radio *r, int dbm)
{
	const struct radio_conf *c = &r->conf;
	int diff = dbm * RADIO_Q8 - r->level_q8;

	/* the first of a burst may be an outlier: the second may lift it at once */
	if (r->n_samples == 1 || (r->n_samples == 2 && diff > 0)) {
		r->level_q8 = dbm * RADIO_Q8;
		return;
	}
	r->level_q8 += diff / (diff < 0 ? FALL_DIV : RISE_DIV);
	if (stepped(r, STEP_FAR, c->leave_below_dbm - c->hysteresis_db) ||
	    stepped(r, STEP_BELOW, c->leave_below_dbm - 1)) {
		int a = radio_newest(r, 0)->dbm, b = radio_newest(r, 1)->dbm;

		r->level_q8 = (a > b ? a : b) * RADIO_Q8;
	}
}

void radio_level_add(struct radio *r, int dbm, mtime now)
{
	if (r->n_samples && now - radio_newest(r, 0)->at > GAP)
		r->n_samples = 0;
	if (r->n_samples == RADIO_SAMPLES) {
		r->n_samples--;
		memmove(&r->samples[0], &r->samples[1], r->n_samples * sizeof(r->samples[0]));
	}
	r->samples[r->n_samples++] = (struct radio_sample){ now, dbm };
	smooth(r, dbm);
}

/*
 * Every 5 dB, so that the first or second beacon after a step crosses one, and one just above
 * leave_below: with the kernel's hysteresis of 2 dB that one fires at leave_below itself.
 */
unsigned radio_thresholds(const struct radio *r, int32_t out[RADIO_THRESHOLDS_MAX])
{
	static const int8_t above[] = { -10, -5, 0, 2, 5, 10, 15, 20, 25, 30, 35, 40 };
	unsigned n = 0;

	for (size_t i = 0; i < sizeof(above) / sizeof(above[0]); i++) {
		int dbm = r->conf.leave_below_dbm + above[i];

		if (dbm >= -120 && dbm < 0)
			out[n++] = dbm;
	}
	return n;
}
