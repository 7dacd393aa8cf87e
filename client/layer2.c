/* SPDX-License-Identifier: MIT */
#include "client/mobile.h"

#include "client/handoff_steps.h"

/* The access point opens its side of the port a moment after ours is open, once it has read the
 * last word of the key exchange.  What comes sooner is dropped there, and its repeat is a second
 * away (RFC 5944 3.6.3).  An agent that is heard before proves that the port is open. */
#define PORT_GUARD MSEC(10)

/* How long the supplicant may take to go, once it has said so; once it has the results of a scan
 * (it is done when it answers our question for them: 500 access points are read in half of this);
 * when the access point has asked, to go or to begin a scan, and with that. */
#define ROAM_EXPECTED SEC(1)
#define SCAN_EXPECTED MSEC(300)
#define TRANSITION_EXPECTED MSEC(300)
#define LIST_SCAN_MAX SEC(2)
#define EXPECT_PAUSE SEC(10) /* then who cried wolf is heard again */

static bool same_ap(const struct mobile *m, const struct radio_bss *bss)
{
	return mac_equal(&m->link->bss.bssid, &bss->bssid);
}

/*
 * Registered, and no way to another link begun: what happens to this one begins a handoff of its
 * own, with the agent that we are registered through as its first.
 */
static bool settled(const struct mobile *m)
{
	switch (m->ho.state) {
	case HO_IDLE:
	case HO_FORWARDING:
	case HO_RELEASING:
		return true;
	case HO_ASKING:
	case HO_SETTLING:
	case HO_SCANNING:
	case HO_ROAMING:
	case HO_FINDING:
	case HO_REGISTERING:
	case HO_CROSSING:
		return false;
	}
	return false;
}

/* A link where no handoff was running: the first one, or one after a long absence. */
void core_fresh_link(struct mobile *m, const struct instant *now)
{
	struct known_agent a;

	if (m->deregistered)
		return;
	core_search(m, now);
	if (colocated_agent_at(m, &m->link->bss.bssid, &a))
		core_register(m, &a, NULL, now);
}

static void radio_up(struct mobile *m, const struct core_link *l, const struct radio_bss *bss,
		     mtime now)
{
	if (l != &m->links[MOBILE_RADIO])
		return;
	radio_attached(&m->radio, bss, now);
	m->thresholds_set = false; /* the kernel forgets them with the association */
}

/* Told of a link that does not serve. */
static void other_up(struct mobile *m, struct core_link *l, const struct radio_bss *bss,
		     const struct instant *now, struct mobile_out *out)
{
	if (l->attached && mac_equal(&l->bss.bssid, &bss->bssid))
		return;
	if (cross_is_target(m, l))
		cross_failed(m, "the new interface's link leads elsewhere by now", now, out);
	l->attached = true;
	l->bss = *bss;
	l->agent.heard = 0;
	l->like.src = 0;
	l->open_at = now->t + PORT_GUARD;
	radio_up(m, l, bss, now->t);
	colocated_link_up(m, l, now, out);
}

/* The link that serves is up, or leads to another access point. */
static void ours_up(struct mobile *m, const struct radio_bss *bss, const struct instant *now,
		    struct mobile_out *out)
{
	bool again = m->link->attached && same_ap(m, bss), moved = m->link->attached && !again;

	/* The supplicant roamed by itself: the first sign is that it is done, so it is not told to
	 * go there. */
	if (moved && m->ho.scan)
		scan_promote(m, bss,
			     m->ho.expected ? m->scan_report.trigger
					    : "the supplicant roamed by itself",
			     now, out);
	else if (moved && settled(m) && !m->deregistered)
		handoff_begin(m, NULL, "the supplicant roamed by itself", true, now, out);
	if (again && m->ho.state != HO_IDLE && m->ho.state != HO_ROAMING)
		return; /* told again what we know */
	if (!again)
		m->link->agent.heard = 0;
	m->link->like.src = 0;
	m->link->attached = true;
	m->query.active = false; /* whom it was for is not here */
	m->link->open_at = now->t + PORT_GUARD;
	m->link->bss = *bss;
	radio_up(m, m->link, bss, now->t);
	core_event(out, TELL_LINK_UP);
	m->cross.moved = true;
	if (m->ho.state != HO_IDLE && m->ho.state != HO_CROSSING)
		handoff_link_up(m, bss, now, out);
	colocated_link_up(m, m->link, now, out);
	core_overheard(m, now, out);
}

/* What comes soon after a handoff belongs to its report, too. */
static void sampled(struct mobile *m, const struct mac *bssid, int dbm, mtime now)
{
	struct report *r = &m->history[(m->last_report - 1) % HISTORY_MAX];

	samples_add(&m->samples, bssid, dbm, now);
	if (m->last_report > m->restored && r->ended && now <= r->at[STEP_DONE] + SAMPLES_AFTER)
		samples_into(&m->samples, r, now);
}

void mobile_connected(struct mobile *m, unsigned link, const struct radio_bss *bss,
		      const struct instant *now, struct mobile_out *out)
{
	struct core_link *l = &m->links[link];

	core_begin(m, out);
	/* Where none is left, there is nothing to be lost by the first one that comes. */
	if (l != m->link && !m->link->attached &&
	    (m->ho.state == HO_IDLE || (m->ho.state == HO_ROAMING && m->ho.sudden)))
		cross_switch(m, l, out);
	if (l == m->link)
		ours_up(m, bss, now, out);
	else
		other_up(m, l, bss, now, out);
	if (link == MOBILE_RADIO)
		sampled(m, &bss->bssid, bss->signal_dbm, now->t);
	core_finish(m, now, out);
}

static void ours_down(struct mobile *m, const struct instant *now, struct mobile_out *out)
{
	struct radio_bss target;
	bool has_target;

	if (settled(m) && reg_serves(&m->reg, now->t)) {
		has_target = core_on_radio(m) && radio_best(&m->radio, now->t, &target);
		handoff_begin(m, has_target ? &target : NULL, "the link was lost", true, now, out);
	} else {
		handoff_link_lost(m, now, out);
	}
	discovery_stop(&m->disc);
	core_event(out, TELL_LINK_DOWN);
}

void mobile_disconnected(struct mobile *m, unsigned link, const struct mac *bssid,
			 const struct instant *now, struct mobile_out *out)
{
	struct core_link *l = &m->links[link];

	core_begin(m, out);
	if (l->attached && (mac_is_zero(bssid) || mac_equal(bssid, &l->bss.bssid))) {
		cross_lost(m, l, now, out);
		if (l == m->link)
			ours_down(m, now, out);
		l->attached = false;
		if (link == MOBILE_RADIO)
			radio_detached(&m->radio, now->t);
		else /* it may lead elsewhere next time */
			discovery_forget_at(&m->disc, &l->bss.bssid);
		colocated_link_down(m, l, out);
	}
	core_finish(m, now, out);
}

/* On the radio, with packets to be lost, and nothing under way that looks after them. */
static bool unprepared(const struct mobile *m, const struct instant *now)
{
	return core_on_radio(m) && m->link->attached && settled(m) && reg_serves(&m->reg, now->t) &&
	       !m->deregistered;
}

static void expect(struct mobile *m, const char *sign, mtime wait, const struct instant *now,
		   struct mobile_out *out)
{
	if (m->ho.state != HO_IDLE)
		handoff_end(m, true, now, out);
	scan_expect(m, sign, wait, now, out);
}

/*
 * The supplicant says it before it tells the kernel, which leaves the old access point at once:
 * the order may still get out.
 */
void mobile_roam_progress(struct mobile *m, const struct mac *bssid, const struct instant *now,
			  struct mobile_out *out)
{
	core_begin(m, out);
	if (unprepared(m, now) && !mac_is_zero(bssid) && !mac_equal(bssid, &m->link->bss.bssid))
		expect(m, "the supplicant roams by itself", ROAM_EXPECTED, now, out);
	core_finish(m, now, out);
}

/* The supplicant looks for who is on the access point's list. */
void mobile_scan_begun(struct mobile *m, const struct instant *now, struct mobile_out *out)
{
	core_begin(m, out);
	if (m->ho.expected)
		scan_expect_longer(m, now->t + LIST_SCAN_MAX);
	core_finish(m, now, out);
}

/* Somebody whom it could roam to; else it will not. */
static bool choice_left(struct mobile *m, const struct instant *now)
{
	struct known_agent keeper = keeper_of(m, &m->reg.agent, false);
	struct radio_bss any;

	return m->ho.state == HO_IDLE && now->t >= m->expect_scan_after &&
	       handoff_can_order(m, &keeper) && radio_best(&m->radio, now->t, &any);
}

void mobile_scan_over(struct mobile *m, const struct instant *now, struct mobile_out *out)
{
	core_begin(m, out);
	if (unprepared(m, now) && choice_left(m, now)) {
		m->expect_scan_after = now->t + SCAN_EXPECTED + EXPECT_PAUSE;
		expect(m, "the supplicant roams after a scan", SCAN_EXPECTED, now, out);
	}
	core_finish(m, now, out);
}

/*
 * Where there is a list, the supplicant looks for who is on it, answers, and goes: sooner than it
 * could be told not to.  Where there is none it stays, and it is for us to go.
 */
void mobile_transition(struct mobile *m, const struct mobile_transition *asked,
		       const struct instant *now, struct mobile_out *out)
{
	const struct radio_neighbour none = { 0 };

	core_begin(m, out);
	if (m->links[MOBILE_RADIO].attached && (asked->imminent || !asked->listed))
		radio_transition(&m->radio, &none, 0, asked->imminent, now->t + asked->within,
				 now->t);
	if (asked->listed && unprepared(m, now) && now->t >= m->expect_asked_after) {
		m->expect_asked_after = now->t + TRANSITION_EXPECTED + EXPECT_PAUSE;
		expect(m, "the access point asks to leave it", TRANSITION_EXPECTED, now, out);
	}
	core_finish(m, now, out);
}

void mobile_neighbours(struct mobile *m, const struct radio_neighbour *list, size_t n,
		       const struct instant *now, struct mobile_out *out)
{
	core_begin(m, out);
	if (m->links[MOBILE_RADIO].attached)
		radio_neighbours(&m->radio, list, n, now->t);
	core_finish(m, now, out);
}

void mobile_roam_failed(struct mobile *m, const char *why, const struct instant *now,
			struct mobile_out *out)
{
	core_begin(m, out);
	handoff_roam_failed(m, why, now, out);
	core_finish(m, now, out);
}

/* The kernel's average lags: the last frame's signal is what is wanted. */
void mobile_threshold(struct mobile *m, const struct instant *now, struct mobile_out *out)
{
	core_begin(m, out);
	if (m->links[MOBILE_RADIO].attached && core_on_radio(m))
		core_add(out, MOBILE_SAMPLE);
	core_finish(m, now, out);
}

void mobile_signal(struct mobile *m, int dbm, const struct instant *now, struct mobile_out *out)
{
	core_begin(m, out);
	if (m->links[MOBILE_RADIO].attached) {
		radio_signal(&m->radio, dbm, now->t);
		sampled(m, &m->links[MOBILE_RADIO].bss.bssid, dbm, now->t);
	}
	core_finish(m, now, out);
}

void mobile_traffic(struct mobile *m, const struct radio_traffic *t, const struct instant *now,
		    struct mobile_out *out)
{
	core_begin(m, out);
	if (m->links[MOBILE_RADIO].attached)
		radio_traffic(&m->radio, t, now->t);
	core_finish(m, now, out);
}

void mobile_backlog(struct mobile *m, uint32_t packets, const struct instant *now,
		    struct mobile_out *out)
{
	core_begin(m, out);
	handoff_backlog(m, packets, now);
	core_finish(m, now, out);
}

void mobile_beacon_loss(struct mobile *m, const struct instant *now, struct mobile_out *out)
{
	core_begin(m, out);
	if (m->links[MOBILE_RADIO].attached)
		radio_beacon_loss(&m->radio, now->t);
	core_finish(m, now, out);
}

void mobile_bgscan(struct mobile *m, bool on, const struct instant *now, struct mobile_out *out)
{
	core_begin(m, out);
	radio_bgscan(&m->radio, on);
	core_finish(m, now, out);
}

void mobile_scanned(struct mobile *m, const struct radio_bss *list, size_t n,
		    const struct instant *now, struct mobile_out *out)
{
	core_begin(m, out);
	announce_detected(m, list, n, out);
	radio_scanned(&m->radio, list, n, now->t);
	m->ho.scan_done = true;
	core_finish(m, now, out);
}

void mobile_scan_failed(struct mobile *m, const struct instant *now, struct mobile_out *out)
{
	core_begin(m, out);
	radio_scan_failed(&m->radio, now->t);
	m->ho.scan_done = true;
	core_finish(m, now, out);
}
