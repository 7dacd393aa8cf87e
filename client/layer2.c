/* SPDX-License-Identifier: MIT */
#include "client/mobile.h"

#include "client/handoff_steps.h"

/* The access point opens its side of the port a moment after ours is open, once it has read the
 * last word of the key exchange.  What comes sooner is dropped there, and its repeat is a second
 * away (RFC 5944 3.6.3).  An agent that is heard before proves that the port is open. */
#define PORT_GUARD MSEC(10)

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
		scan_promote(m, bss, "the supplicant roamed by itself", now, out);
	else if (moved && settled(m) && !m->deregistered)
		handoff_begin(m, NULL, "the supplicant roamed by itself", true, now, out);
	if (again && m->ho.state != HO_IDLE && m->ho.state != HO_ROAMING)
		return; /* told again what we know */
	if (!again)
		m->link->agent.heard = 0;
	m->link->attached = true;
	m->query.active = false; /* whom it was for is not here */
	m->link->open_at = now->t + PORT_GUARD;
	m->link->bss = *bss;
	radio_up(m, m->link, bss, now->t);
	core_event(out, "attached");
	m->cross.moved = true;
	if (m->ho.state != HO_IDLE && m->ho.state != HO_CROSSING)
		handoff_link_up(m, bss, now, out);
	colocated_link_up(m, m->link, now, out);
	core_overheard(m, now, out);
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
	core_event(out, "detached");
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

void mobile_roam_progress(struct mobile *m, const char *what, const struct instant *now,
			  struct mobile_out *out)
{
	core_begin(m, out);
	(void)what;
	core_finish(m, now, out);
}

void mobile_roam_failed(struct mobile *m, const char *why, const struct instant *now,
			struct mobile_out *out)
{
	core_begin(m, out);
	handoff_roam_failed(m, why, now, out);
	core_finish(m, now, out);
}

void mobile_threshold(struct mobile *m, int dbm, const struct instant *now, struct mobile_out *out)
{
	core_begin(m, out);
	(void)dbm; /* the kernel's average lags; the last frame's signal is what is wanted */
	if (m->links[MOBILE_RADIO].attached && core_on_radio(m))
		core_add(out, MOBILE_SAMPLE);
	core_finish(m, now, out);
}

void mobile_signal(struct mobile *m, int dbm, const struct instant *now, struct mobile_out *out)
{
	core_begin(m, out);
	if (m->links[MOBILE_RADIO].attached)
		radio_signal(&m->radio, dbm, now->t);
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

void mobile_scanned(struct mobile *m, const struct radio_bss *list, size_t n,
		    const struct instant *now, struct mobile_out *out)
{
	core_begin(m, out);
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
