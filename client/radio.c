/* SPDX-License-Identifier: MIT */
#include "client/radio.h"
#include "client/radio_level.h"
#include "client/radio_rank.h"

#include <stdio.h>
#include <string.h>

#define WATCH RADIO_WINDOW /* sampling after a movement */
#define STALE MSEC(500)	  /* a line through samples older than this predicts nothing */
#define MOVED_DB 3	  /* what counts as one */
#define NEAR_DB 8	  /* above leave_below: candidates are looked for ahead of need */
#define NEAR_DEAD_DB 6	  /* above dead: no time for a scan */
#define SCAN_LIMIT SEC(8) /* all channels of two bands take 3 to 5 s */
#define SCAN_SHIFT_MAX 5
#define SCAN_MOVED_DB 5	  /* so much weaker: the next scan need not wait out its pause */
#define LEAVE_LIMIT SEC(20) /* nobody said how the handoff ended */
#define LOST_LIMIT SEC(3) /* a loss not repeated in this time has healed */
#define CAME_FROM_HOLDS 4 /* hold-down times in which the way back costs hysteresis more */

/*
 * What each event does in each state of the decision.  Its rule is only the reason that is told.
 * "falls": below the threshold, or soon; "somebody": better by the margin.  -: nothing.
 *
 *                    detached   at rest        watching       scanning       leaving
 * attached           watching   in all; what was under way is forgotten
 * detached           -          detached, in all
 * falls, somebody    -          leave          leave          leave          -
 *   nobody           -          scan           scan           -              -
 * beacons, somebody  -          leave          leave          leave          -
 *   lost, nobody     -          scan           scan           -              -
 * scan: somebody     -          -              -              leave          -
 *   nobody, failed   -          -              -              watching       -
 * handoff done       -          hold down      hold down      hold down      decides anew
 *   failed           -          watching       -              -              decides anew
 * deadline           -          -              1 s: at rest   2 s: at rest,  20 s: decides anew
 *                                                             or scan again
 */
void radio_conf_default(struct radio_conf *c)
{
	*c = (struct radio_conf){
		.leave_below_dbm = -70,
		.hysteresis_db = 4,
		.margin_db = 8,
		.ahead = MSEC(1500),
		.dead_dbm = -82,
		.hold_down = SEC(3),
		.sample = MSEC(50),
		.scan_age = SEC(5),
		.scan_min = SEC(2),
		.avoid = SEC(10),
	};
}

const char *radio_rule_name(enum radio_rule r)
{
	switch (r) {
	case RADIO_DETACHED: return "detached";
	case RADIO_GOOD: return "good";
	case RADIO_WATCHING: return "watching";
	case RADIO_HOLD_DOWN: return "hold-down";
	case RADIO_NEED_SCAN: return "need-scan";
	case RADIO_NO_CANDIDATE: return "no-candidate";
	case RADIO_BELOW: return "below";
	case RADIO_PREDICTED: return "predicted";
	case RADIO_LOST: return "lost";
	}
	return "?";
}

static bool near_dead(const struct radio *r)
{
	return radio_level_dbm(r) <= r->conf.dead_dbm + NEAR_DEAD_DB;
}

static bool near_threshold(const struct radio *r)
{
	return radio_level_dbm(r) < r->conf.leave_below_dbm + NEAR_DB;
}

static bool predicted(const struct radio *r, mtime now)
{
	return near_threshold(r) && r->n_samples > 1 && now - radio_newest(r, 0)->at < STALE &&
	       radio_time_left(r) <= r->conf.ahead;
}

static void watch(struct radio *r, mtime now)
{
	r->calm_q8 = r->level_q8;
	r->watch_until = now + WATCH;
	r->sampling = true;
}

/* The threshold, with hysteresis.  Two raw samples must
 * agree that it was crossed, if there are two. */
static void judge(struct radio *r, mtime now)
{
	int below = r->conf.leave_below_dbm;
	bool agreed = r->n_samples >= 2
			  ? radio_newest(r, 1)->dbm < below && radio_newest(r, 0)->dbm < below
			  : r->n_samples == 1 && now >= r->watch_until;

	if (radio_level_dbm(r) < below && agreed)
		r->low = true;
	else if (radio_level_dbm(r) >= below + r->conf.hysteresis_db)
		r->low = false;
}

void radio_init(struct radio *r, const struct radio_conf *c)
{
	*r = (struct radio){ .conf = *c, .rule = RADIO_DETACHED, .deadline = MTIME_NEVER };
}

static void forget_link(struct radio *r)
{
	r->n_samples = 0;
	r->low = r->sampling = r->scanning = r->scan_failed = r->leaving = false;
	r->lost_until = r->scan_next = 0;
	r->scan_shift = 0;
	r->deadline = MTIME_NEVER;
}

void radio_attached(struct radio *r, const struct radio_bss *to, mtime now)
{
	bool moved = !mac_is_zero(&r->serving.bssid) && !mac_equal(&r->serving.bssid, &to->bssid) &&
		     radio_same_ssid(&r->serving, to);

	if (moved) {
		r->came_from = r->serving.bssid;
		r->came_until = now + CAME_FROM_HOLDS * r->conf.hold_down;
		r->hold_until = now + r->conf.hold_down;
	}
	if (!radio_same_ssid(&r->serving, to))
		r->n_freqs = 0;
	if (moved && r->serving.freq_mhz)
		radio_rank_freq(r, r->serving.freq_mhz);
	forget_link(r);
	r->serving = *to;
	r->attached = true;
	r->level_q8 = to->signal_dbm * RADIO_Q8;
	watch(r, now);
	for (size_t i = 0; i < r->n_bss; i++)
		if (radio_same_ssid(&r->bss[i], to) && !mac_equal(&r->bss[i].bssid, &to->bssid))
			radio_rank_freq(r, r->bss[i].freq_mhz);
}

void radio_detached(struct radio *r, mtime now)
{
	(void)now;
	forget_link(r);
	r->attached = false;
}

void radio_signal(struct radio *r, int dbm, mtime now)
{
	if (!r->attached || r->leaving || dbm < -127 || dbm > 20)
		return;
	radio_level_add(r, dbm, now);
	if (r->level_q8 <= r->calm_q8 - MOVED_DB * RADIO_Q8 ||
	    (r->n_samples == 1 && dbm < r->conf.leave_below_dbm))
		watch(r, now);
	else if (r->level_q8 >= r->calm_q8 + MOVED_DB * RADIO_Q8) {
		r->calm_q8 = r->level_q8;
		if (r->low)
			watch(r, now);
	}
	judge(r, now);
}

void radio_beacon_loss(struct radio *r, mtime now)
{
	if (r->attached && !r->leaving)
		r->lost_until = now + LOST_LIMIT;
}

void radio_scanned(struct radio *r, const struct radio_bss *bss, size_t n, mtime now)
{
	(void)now;
	r->scanning = r->scan_failed = false;
	radio_rank_store(r, bss, n);
}

void radio_scan_failed(struct radio *r, mtime now)
{
	(void)now;
	r->scan_failed |= r->scanning;
	r->scanning = false;
}

void radio_handoff_done(struct radio *r, const struct mac *bssid, bool ok, mtime now)
{
	r->leaving = false;
	if (ok) {
		r->hold_until = now + r->conf.hold_down;
		radio_rank_forgive(r, bssid);
		return;
	}
	radio_rank_avoid(r, bssid, now);
	if (r->attached)
		watch(r, now);
}

static bool scan_allowed(const struct radio *r, mtime now)
{
	bool weaker = r->level_q8 <= r->scan_level_q8 - SCAN_MOVED_DB * RADIO_Q8;

	if (r->scanning)
		return false;
	return now >= r->scan_next || (weaker && now >= r->scan_at + r->conf.scan_min / 4);
}

static void scan(struct radio *r, mtime now, struct radio_decision *out)
{
	if (r->level_q8 <= r->scan_level_q8 - SCAN_MOVED_DB * RADIO_Q8)
		r->scan_shift = 0;
	out->act = RADIO_SCAN;
	out->n_freqs = radio_rank_freqs(r, out->freqs);
	r->scanning = true;
	r->scan_at = now;
	r->scan_until = now + SCAN_LIMIT;
	r->scan_next = now + (r->conf.scan_min << r->scan_shift);
	if (r->scan_shift < SCAN_SHIFT_MAX)
		r->scan_shift++;
	r->scan_level_q8 = r->level_q8;
}

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
	const struct radio_need any = { INT16_MIN, INT16_MIN, MTIME_NEVER, false };
	const struct radio_bss *to = radio_rank_best(r, now, &any);

	out->rule = to ? RADIO_LOST : RADIO_NEED_SCAN;
	if (to) {
		/* or its last good measurement would call us back to it */
		radio_rank_avoid(r, &r->serving.bssid, now);
		leave(r, to, now, out);
	} else if (scan_allowed(r, now)) {
		scan(r, now, out);
	}
}

/* Should leave: for a fresh candidate; after a scan; or,
 * when the link or the scan fails, for an old one. */
static void decide_leave(struct radio *r, mtime now, struct radio_decision *out)
{
	const struct radio_conf *c = &r->conf;
	struct radio_need need = { radio_level_dbm(r) + c->margin_db, 0, c->scan_age, false };
	const struct radio_bss *to;

	if (now < r->hold_until && !near_dead(r)) {
		out->rule = RADIO_HOLD_DOWN;
		return;
	}
	/* What is itself below the threshold helps only against a worse death. */
	if (!near_dead(r) && need.min_dbm < c->leave_below_dbm)
		need.min_dbm = c->leave_below_dbm;
	need.min_back_dbm = need.min_dbm + c->hysteresis_db;
	to = radio_rank_best(r, now, &need);
	if (!to && (near_dead(r) || r->scan_failed)) {
		need.max_age = MTIME_NEVER;
		to = radio_rank_best(r, now, &need);
	}
	out->rule = r->low ? RADIO_BELOW : RADIO_PREDICTED;
	if (to) {
		leave(r, to, now, out);
		return;
	}
	out->rule = radio_rank_known(r, now, c->scan_age) ? RADIO_NO_CANDIDATE : RADIO_NEED_SCAN;
	if (scan_allowed(r, now))
		scan(r, now, out);
}

/* May stay.  While the signal moves near the threshold a fresh candidate is found ahead of need. */
static void decide_stay(struct radio *r, mtime now, struct radio_decision *out)
{
	out->rule = r->sampling ? RADIO_WATCHING : RADIO_GOOD;
	if (r->sampling && near_threshold(r) && r->n_samples > 1 && !r->scan_failed &&
	    !radio_rank_known(r, now, r->conf.scan_age) && scan_allowed(r, now))
		scan(r, now, out);
}

static void explain(const struct radio *r, mtime now, struct radio_decision *out)
{
	char mac[MAC_STRLEN];
	char cause[64];
	mtime left = radio_time_left(r);

	if (out->rule == RADIO_LOST)
		snprintf(cause, sizeof(cause), "beacons lost");
	else if (r->low)
		snprintf(cause, sizeof(cause), "%d dBm below %d", radio_level_dbm(r),
			 r->conf.leave_below_dbm);
	else if (left != MTIME_NEVER)
		snprintf(cause, sizeof(cause), "%d dBm, at %d in %d ms", radio_level_dbm(r),
			 r->conf.dead_dbm, (int)mtime_min(left / 1000, 99999));
	else
		snprintf(cause, sizeof(cause), "%d dBm", radio_level_dbm(r));
	if (out->act == RADIO_LEAVE)
		snprintf(out->why, sizeof(out->why), "%s, %s was at %d %d s ago", cause,
			 mac_fmt(mac, &out->target.bssid), out->target.signal_dbm,
			 (int)mtime_min((now - out->target.seen) / SEC(1), 9999));
	else
		snprintf(out->why, sizeof(out->why), "%s, %s", cause, radio_rule_name(out->rule));
}

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
	r->deadline = d;
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
	if (r->attached && !r->leaving) {
		judge(r, now);
		r->sampling = now < r->watch_until;
		wanted = r->low || predicted(r, now) || now < r->lost_until;
		if (now < r->lost_until)
			decide_lost(r, now, out);
		else if (wanted)
			decide_leave(r, now, out);
		else
			decide_stay(r, now, out);
	} else if (!r->attached) {
		out->rule = RADIO_DETACHED;
	}
	r->rule = out->rule;
	explain(r, now, out);
	arm(r, wanted, now);
}

mtime radio_deadline(const struct radio *r)
{
	return r->deadline;
}

mtime radio_sample_interval(const struct radio *r)
{
	return r->attached && r->sampling && !r->leaving ? r->conf.sample : 0;
}

void radio_view(const struct radio *r, mtime now, struct radio_view *out)
{
	(void)now;
	*out =
	    (struct radio_view){.attached = r->attached, .rule = r->rule, .time_left = MTIME_NEVER};
	if (!r->attached)
		return;
	out->signal_dbm = radio_level_dbm(r);
	out->last_dbm = r->n_samples ? radio_newest(r, 0)->dbm : radio_level_dbm(r);
	if (r->n_samples) {
		int64_t s = 0;

		radio_slope(r, &s);
		out->slope_db_s = (int)s;
		out->time_left = radio_time_left(r);
	}
}
