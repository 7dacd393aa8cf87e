/* SPDX-License-Identifier: MIT */
#include "client/radio.h"
#include "client/radio_level.h"
#include "client/radio_rank.h"

#include <stdio.h>
#include <string.h>

#define STALE MSEC(500)	  /* a line through samples older than this predicts nothing */
#define SLOWLY_DB 4	  /* above leave_below: sampled now and then */
#define STEP_FOR SEC(1)	  /* so long after a step a candidate of old is good enough */
#define JUDGE_SAMPLES 3	  /* fewer do not judge the threshold */
#define SCAN_LIMIT SEC(8) /* all channels of two bands take 3 to 5 s */
#define SCAN_SHIFT_MAX 5
#define SCAN_MOVED_DB 3	    /* so much another level: the next scan need not wait out its pause */
#define LEAVE_LIMIT SEC(20) /* nobody said how the handoff ended */
#define MARGIN_SLOPE 2	  /* each dB below leave_below takes so much from the margin, */
#define MARGIN_LEAST_DB 4 /* down to what is no noise */
#define FLOOR_DB 5	  /* below leave_below: a candidate this weak helps only near death, */
#define WEAKER_DB 6	  /* and must be better by so much more */
#define NOWHERE 100	  /* or not at all */
#define BACK_DB 32	  /* to where we have just come from */
#define HELD_DB 3	  /* below leave_below: it has become too weak to be held */
#define FRESH MSEC(1500)  /* what is older is looked at once more, where there is time */
#define AHEAD_DB 4	  /* above leave_below: a candidate is kept fresh ahead of need */
#define SAVING 4  /* with the screen off they are so much longer while the signal is good */
#define HURRY 8 /* the pauses between scans are so much shorter where another one is wanted */

bool radio_near_dead(const struct radio *r)
{
	return radio_level_dbm(r) <= r->conf.dead_dbm + RADIO_NEAR_DEAD_DB;
}

static bool predicted(const struct radio *r, mtime now)
{
	return radio_near(r) && r->n_samples > 1 && now - radio_newest(r, 0)->at < STALE &&
	       radio_time_left(r) <= r->conf.ahead;
}

/* ---- scans ---- */

static bool moved_since_scan(const struct radio *r)
{
	int diff = r->level_q8 - r->scan_level_q8;

	return diff >= SCAN_MOVED_DB * RADIO_Q8 || diff <= -SCAN_MOVED_DB * RADIO_Q8;
}

static bool scan_allowed(const struct radio *r, mtime now)
{
	if (r->scanning)
		return false;
	return now >= r->scan_next ||
	       (moved_since_scan(r) && now >= r->scan_at + r->conf.scan_min / 4);
}

/* It doubles, from little up to a look every second where another access point is wanted; once
 * nothing has moved for some scans it is long: who sits in a weak spot for an hour is not to hear a
 * scan each second. */
static mtime scan_pause(const struct radio *r)
{
	mtime pause = r->conf.scan_min << r->scan_shift;

	if (r->saving && !r->low)
		pause *= SAVING;
	if (!r->low || r->scan_shift == SCAN_SHIFT_MAX)
		return pause;
	return mtime_min(pause / HURRY, r->conf.scan_min / 2);
}

/* The threshold, with hysteresis. */
void radio_judge(struct radio *r, mtime now)
{
	int below = r->conf.leave_below_dbm, level = radio_level_dbm(r);
	bool enough = r->n_samples >= JUDGE_SAMPLES || radio_fell_at_rest(r) ||
		      (r->n_samples && now >= r->watch_until);

	if (level >= below + r->conf.hysteresis_db) {
		r->low = false;
	} else if (level < below && enough && !r->low) {
		r->low = true; /* its pause was that of a good signal */
		r->scan_next = mtime_min(r->scan_next, r->scan_at + scan_pause(r));
	}
}

/* Of the channels where somebody may be.  All of them take seconds, in which nothing is received:
 * only where no stream suffers, or as the last resort. */
static void scan(struct radio *r, bool urgent, mtime now, struct radio_decision *out)
{
	bool flows = radio_flows(r, now);

	out->n_freqs = radio_rank_freqs(r, flows, out->freqs);
	if (!out->n_freqs && flows && !urgent) {
		r->scan_next = now + r->conf.scan_min;
		return;
	}
	if (moved_since_scan(r))
		r->scan_shift = 0;
	out->act = RADIO_SCAN;
	r->last_resort = !out->n_freqs && flows;
	r->scanning = true;
	r->scan_at = now;
	r->scan_until = now + SCAN_LIMIT;
	r->scan_next = now + scan_pause(r);
	if (r->scan_shift < SCAN_SHIFT_MAX)
		r->scan_shift++;
	r->scan_level_q8 = r->level_q8;
}

/* ---- to leave ---- */

static void leave(struct radio *r, const struct radio_bss *to, mtime now,
		  struct radio_decision *out)
{
	out->act = RADIO_LEAVE;
	out->target = *to;
	r->leaving = true;
	r->sampling = false;
	r->leave_until = now + LEAVE_LIMIT;
}

static void decide_lost(struct radio *r, mtime now, struct radio_decision *out)
{
	const struct radio_bss *to;

	r->need = (struct radio_need){ .any = true, .max_age = MTIME_NEVER };
	to = radio_rank_best(r, now, &r->need);
	out->rule = to ? RADIO_LOST : RADIO_NEED_SCAN;
	if (to) {
		/* or its last good measurement would call us back to it */
		radio_rank_avoid(r, &r->serving.bssid, now);
		leave(r, to, now, out);
	} else if (scan_allowed(r, now)) {
		scan(r, true, now, out);
	}
}

/* The network asks for it: one of those that it names, if it serves us well enough, and before we
 * are sent away any. */
static bool decide_asked(struct radio *r, mtime now, struct radio_decision *out)
{
	const struct radio_conf *c = &r->conf;
	bool last = r->asked_imminent && now >= r->asked_until - c->scan_min / 2;
	int weak = c->dead_dbm + RADIO_NEAR_DEAD_DB;
	const struct radio_bss *to;

	r->need = (struct radio_need){ .asked_only = r->n_asked && !last,
				       .below_floor_db = NOWHERE,
				       .max_age = c->scan_age,
				       .level_dbm = weak,
				       .floor_dbm = r->asked_imminent ? weak : c->leave_below_dbm };
	to = radio_rank_best(r, now, &r->need);
	if (!to && last) {
		r->need.max_age = MTIME_NEVER;
		to = radio_rank_best(r, now, &r->need);
	}
	if (to) {
		out->rule = RADIO_TRANSITION;
		leave(r, to, now, out);
		return true;
	}
	if (!scan_allowed(r, now))
		return false;
	out->rule = RADIO_NEED_SCAN;
	scan(r, last, now, out);
	return out->act == RADIO_SCAN;
}

/* The worse it is here, the less a candidate must be better. */
static int margin_at(const struct radio *r, int level)
{
	int below = r->conf.leave_below_dbm - level, margin = r->conf.margin_db;

	if (below > 0)
		margin -= MARGIN_SLOPE * below;
	if (margin < MARGIN_LEAST_DB)
		margin = MARGIN_LEAST_DB;
	return margin < r->conf.margin_db ? margin : r->conf.margin_db;
}

static struct radio_need need_of(const struct radio *r, bool failing)
{
	const struct radio_conf *c = &r->conf;
	struct radio_need n = { .level_dbm = radio_level_dbm(r),
				.margin_db = margin_at(r, radio_level_dbm(r)),
				.serving_db = radio_weigh_serving(r),
				.floor_dbm = c->leave_below_dbm - FLOOR_DB,
				.below_floor_db = NOWHERE,
				.back_db = BACK_DB,
				.max_age = c->scan_age };

	/* What is itself below the threshold helps only against a worse death. */
	if (radio_near_dead(r))
		n.below_floor_db = WEAKER_DB;
	if (failing) { /* its signal is worth nothing */
		n.level_dbm = c->dead_dbm;
		n.floor_dbm = c->leave_below_dbm;
	}
	return n;
}

/* Should leave: for a fresh candidate; after a scan; or,
 * when the link has just fallen or the scan fails, for an old one. */
static void decide_leave(struct radio *r, mtime now, struct radio_decision *out)
{
	bool failing = !r->low && radio_failing(r, now);
	bool fell = r->stepped_at && now - r->stepped_at < STEP_FOR && radio_near_dead(r);
	const struct radio_bss *to;

	r->need = need_of(r, failing);
	if (now < r->hold_until && radio_level_dbm(r) > r->conf.leave_below_dbm - HELD_DB) {
		out->rule = RADIO_HOLD_DOWN;
		return;
	}
	if (!radio_near_dead(r))
		r->need.max_age = mtime_min(FRESH, r->conf.scan_age);
	to = radio_rank_best(r, now, &r->need);
	if (!to && (fell || r->scan_failed)) {
		r->need.max_age = MTIME_NEVER;
		to = radio_rank_best(r, now, &r->need);
	}
	out->rule = r->low ? RADIO_BELOW : failing ? RADIO_FAILING : RADIO_PREDICTED;
	if (to) {
		if (failing)
			radio_rank_avoid(r, &r->serving.bssid, now);
		leave(r, to, now, out);
		return;
	}
	out->rule =
	    radio_rank_known(r, now, r->conf.scan_age) ? RADIO_NO_CANDIDATE : RADIO_NEED_SCAN;
	if (scan_allowed(r, now))
		scan(r, radio_near_dead(r), now, out);
}

/* May stay.  While the signal moves near the threshold a fresh candidate is found ahead of need. */
static void decide_stay(struct radio *r, mtime now, struct radio_decision *out)
{
	bool soon = radio_level_dbm(r) < r->conf.leave_below_dbm + AHEAD_DB;
	mtime age = soon ? mtime_min(FRESH, r->conf.scan_age) : r->conf.scan_age;

	r->need = need_of(r, false);
	out->rule = r->sampling ? RADIO_WATCHING : RADIO_GOOD;
	if ((r->sampling || r->slowly) && radio_near(r) && r->n_samples >= JUDGE_SAMPLES &&
	    !r->scan_failed && !r->saving && !radio_rank_known(r, now, age) && scan_allowed(r, now))
		scan(r, false, now, out);
}

/* ---- in words ---- */

static void cause_of(const struct radio *r, const struct radio_decision *d, char *out, size_t size)
{
	mtime left = radio_time_left(r);
	int level = radio_level_dbm(r);

	if (d->rule == RADIO_LOST)
		snprintf(out, size, "beacons lost");
	else if (d->rule == RADIO_TRANSITION)
		snprintf(out, size, "%d dBm, the access point asks us to go", level);
	else if (d->rule == RADIO_FAILING)
		snprintf(out, size, "%d dBm, but frames do not get through", level);
	else if (r->low)
		snprintf(out, size, "%d dBm below %d", level, r->conf.leave_below_dbm);
	else if (left != MTIME_NEVER)
		snprintf(out, size, "%d dBm, %d in %d ms", level, r->conf.dead_dbm,
			 (int)mtime_min(left / 1000, 99999));
	else
		snprintf(out, size, "%d dBm", level);
}

static void explain(const struct radio *r, mtime now, struct radio_decision *out)
{
	char mac[MAC_STRLEN], cause[64];

	cause_of(r, out, cause, sizeof(cause));
	if (out->act == RADIO_LEAVE)
		snprintf(out->why, sizeof(out->why), "%s, %s was at %d %d s ago", cause,
			 mac_fmt(mac, &out->target.bssid), out->target.signal_dbm,
			 (int)mtime_min((now - out->target.seen) / SEC(1), 9999));
	else
		snprintf(out->why, sizeof(out->why), "%s, %s%s", cause, radio_rule_name(out->rule),
			 out->act == RADIO_SCAN && r->last_resort
				 ? ": all channels, as the last resort"
				 : "");
}

/* ---- the door ---- */

static void arm(struct radio *r, bool wanted, mtime now)
{
	mtime d = MTIME_NEVER;

	if (r->leaving) {
		r->deadline = r->leave_until;
		return;
	}
	if (r->sampling)
		d = r->watch_until;
	if (r->scanning)
		d = mtime_min(d, r->scan_until);
	if (wanted && r->rule == RADIO_HOLD_DOWN)
		d = mtime_min(d, r->hold_until);
	else if (wanted && !r->scanning)
		d = mtime_min(d, r->scan_next);
	if (now < r->lost_until)
		d = mtime_min(d, r->lost_until);
	if (now < r->asked_until)
		d = mtime_min(d, r->asked_until);
	r->deadline = d > now ? d : now + r->conf.sample;
}

static bool wants(const struct radio *r, mtime now)
{
	return r->low || predicted(r, now) || radio_failing(r, now);
}

static bool decide(struct radio *r, mtime now, struct radio_decision *out)
{
	bool asked = now < r->asked_until, wanted;

	radio_judge(r, now);
	r->sampling = now < r->watch_until;
	r->slowly = !r->saving &&
		    radio_level_dbm(r) < r->conf.leave_below_dbm + SLOWLY_DB;
	if (now < r->lost_until) {
		decide_lost(r, now, out);
		return true;
	}
	if (asked && decide_asked(r, now, out))
		return true;
	wanted = wants(r, now);
	if (wanted)
		decide_leave(r, now, out);
	else
		decide_stay(r, now, out);
	return wanted || asked;
}

void radio_decide(struct radio *r, mtime now, struct radio_decision *out)
{
	bool wanted = false;

	memset(out, 0, sizeof(*out));
	out->rule = r->rule;
	if (r->leaving && now >= r->leave_until)
		r->leaving = false;
	if (r->scanning && now >= r->scan_until)
		radio_scan_failed(r, now);
	if (r->attached && !r->leaving)
		wanted = decide(r, now, out);
	else if (!r->attached)
		out->rule = RADIO_DETACHED;
	r->rule = out->rule;
	explain(r, now, out);
	memcpy(r->why, out->why, sizeof(r->why));
	arm(r, wanted, now);
}
