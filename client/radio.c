/* SPDX-License-Identifier: MIT */
#include "client/radio.h"
#include "client/radio_level.h"
#include "client/radio_rank.h"


#define WATCH RADIO_WINDOW /* sampling after a movement */
#define MOVED_DB 3	   /* what counts as one */
#define LOST_LIMIT SEC(3) /* a loss not repeated in this time has healed */
#define CAME_FROM SEC(10) /* so long the way back costs more */
#define SLOWLY 5	  /* sampling periods between two samples near the threshold, */
#define SAVING 4	  /* and so much longer with the screen off */
#define SENT_AWAY SEC(10) /* a link that ends sooner, with a good signal: somebody sends us away */

/*
 * What each event does in each state of the decision.  Its rule is only the reason that is told.
 * "falls": below the threshold, or soon, or frames get lost; "somebody": better by the margin, and
 * measured lately.  -: nothing.
 *
 *                    detached   at rest        watching       scanning       leaving
 * attached           watching   in all; what was under way is forgotten
 * detached           -          detached, in all
 * falls, somebody    -          leave          leave          leave          -
 *   nobody           -          scan           scan           -              -
 * beacons, somebody  -          leave          leave          leave          -
 *   lost, nobody     -          scan           scan           -              -
 * asked to go        -          as beacons lost, to those that are named
 * scan: somebody     -          -              -              leave          -
 *   nobody, failed   -          -              -              watching       -
 * handoff done       -          hold down      hold down      hold down      decides anew
 *   failed           -          watching       -              -              decides anew
 * deadline           -          -              1 s: at rest   8 s: at rest   20 s: decides anew
 */
void radio_conf_default(struct radio_conf *c)
{
	*c = (struct radio_conf){
		.leave_below_dbm = -70,
		.hysteresis_db = 4,
		.margin_db = 6,
		.ahead = MSEC(1500),
		.dead_dbm = -82,
		.hold_down = SEC(3),
		.sample = MSEC(50),
		.scan_age = SEC(5),
		.scan_min = SEC(2),
		.avoid = SEC(10),
		.prefer_5ghz_db = 3,
		.load_db = 6,
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
	case RADIO_FAILING: return "failing";
	case RADIO_TRANSITION: return "transition";
	case RADIO_RULES: break;
	}
	return "?";
}

void radio_watch(struct radio *r, mtime now)
{
	r->calm_q8 = r->level_q8;
	r->watch_until = now + WATCH;
	r->sampling = true;
}

void radio_init(struct radio *r, const struct radio_conf *c)
{
	*r = (struct radio){ .conf = *c, .rule = RADIO_DETACHED, .deadline = MTIME_NEVER };
}

static void forget_link(struct radio *r)
{
	r->n_samples = 0;
	r->low = r->sampling = r->slowly = r->scanning = r->scan_failed = r->leaving = false;
	r->lost_until = r->stepped_at = r->asked_until = 0;
	/* soon, not at once: who is sent away over and over does not scan as often */
	r->scan_next = r->scan_at ? r->scan_at + r->conf.scan_min / 4 : 0;
	r->scan_shift = 0;
	r->deadline = MTIME_NEVER;
	radio_traffic_forget(r);
}

void radio_attached(struct radio *r, const struct radio_bss *to, mtime now)
{
	bool moved = !mac_is_zero(&r->serving.bssid) && !mac_equal(&r->serving.bssid, &to->bssid) &&
		     radio_same_ssid(&r->serving, to);

	if (moved) {
		r->came_from = r->serving.bssid;
		r->came_until = now + CAME_FROM;
		r->hold_until = now + r->conf.hold_down;
	}
	if (!radio_same_ssid(&r->serving, to))
		r->n_freqs = 0;
	if (moved && r->serving.freq_mhz)
		radio_rank_freq(r, r->serving.freq_mhz);
	forget_link(r);
	r->serving = *to;
	r->attached = true;
	r->attached_at = now;
	r->level_q8 = to->signal_dbm * RADIO_Q8;
	radio_watch(r, now);
	for (size_t i = 0; i < r->n_bss; i++)
		if (radio_same_ssid(&r->bss[i], to) && !mac_equal(&r->bss[i].bssid, &to->bssid))
			radio_rank_freq(r, r->bss[i].freq_mhz);
}

void radio_detached(struct radio *r, mtime now)
{
	bool sent_away = r->attached && !r->leaving && now - r->attached_at < SENT_AWAY &&
			 !radio_near_dead(r);

	if (sent_away)
		radio_rank_avoid(r, &r->serving.bssid, now);
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
		radio_watch(r, now);
	else if (r->level_q8 >= r->calm_q8 + MOVED_DB * RADIO_Q8) {
		r->calm_q8 = r->level_q8;
		if (r->low)
			radio_watch(r, now);
	}
	radio_judge(r, now);
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
	if (r->scanning) /* one that never ends is not begun again at once */
		r->scan_next = now + (r->conf.scan_min << r->scan_shift);
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
		radio_watch(r, now);
}

bool radio_wants(const struct radio *r)
{
	return r->rule != RADIO_GOOD && r->rule != RADIO_WATCHING && r->rule != RADIO_DETACHED;
}

mtime radio_deadline(const struct radio *r)
{
	return r->deadline;
}

mtime radio_sample_interval(const struct radio *r)
{
	mtime each = r->conf.sample * (r->saving && !radio_near(r) ? SAVING : 1);

	if (!r->attached || r->leaving)
		return 0;
	return r->sampling ? each : r->slowly ? each * SLOWLY : 0;
}

void radio_view(const struct radio *r, mtime now, struct radio_view *out)
{
	*out =
	    (struct radio_view){.attached = r->attached, .rule = r->rule, .time_left = MTIME_NEVER};
	if (!r->attached)
		return;
	out->signal_dbm = radio_level_dbm(r);
	out->last_dbm = r->n_samples ? radio_newest(r, 0)->dbm : radio_level_dbm(r);
	/* Of a while ago it says nothing of now. */
	if (r->n_samples && now - radio_newest(r, 0)->at < RADIO_WINDOW) {
		int64_t s = 0;

		radio_slope(r, &s);
		out->slope_db_s = (int)s;
		out->time_left = radio_time_left(r);
	}
}
