/* SPDX-License-Identifier: MIT */
#include "client/handoff_steps.h"
#include "client/radio_rank.h"

#include <stdio.h>
#include <string.h>

/*
 * A user's word that the node will move, some time before it does: what it needs to know of the
 * other side is found out while there is time.
 *
 *                 announced               looked
 * announced anew  from the beginning      from the beginning
 * withdrawn       over                    over
 * a handoff       over: used up           over: used up
 * LOOK_AHEAD      a look around, if       -
 *   before it     what is known is old
 * the time        as its command, over; while a look goes on and nobody is known: then
 */
#define LOOK_AHEAD MSEC(2500) /* a look takes two seconds at most */
#define BY_ANNOUNCEMENT "announced by a user"
#define DETECTED_MAX 4 /* told of, of one scan */

static void over(struct mobile *m, const char *why, struct mobile_out *out)
{
	struct mobile_action *a = core_event(out, TELL_ANNOUNCEMENT_OVER);

	snprintf(a->text, sizeof(a->text), "%s", why);
	m->announced.at = MTIME_NEVER;
}

static bool by_radio(const struct mobile *m)
{
	return m->announced.link == MOBILE_ANY_LINK;
}

/* BUFFER is asked for, and the old link falls silent, before the time. */
static mtime leave_at(const struct mobile *m)
{
	return m->announced.at - (by_radio(m) ? m->conf.settle_max : 0);
}

mtime announce_deadline(const struct mobile *m)
{
	const struct handoff_announced *a = &m->announced;

	if (a->at == MTIME_NEVER)
		return MTIME_NEVER;
	if (!a->looked)
		return a->at - LOOK_AHEAD;
	return m->ho.scan ? MTIME_NEVER : leave_at(m); /* a look ends by its own deadline */
}

static bool target(const struct mobile *m, mtime now, struct radio_bss *out)
{
	return m->announced.named ? radio_find(&m->radio, &m->announced.bssid, out)
				  : radio_best(&m->radio, now, out);
}

static void look(struct mobile *m, const struct instant *now, struct mobile_out *out)
{
	uint16_t freqs[RADIO_FREQS_MAX];
	struct radio_bss b;
	bool known = target(m, now->t, &b);

	m->announced.looked = true;
	if (!by_radio(m) || !core_on_radio(m) || !m->link->attached || m->ho.state != HO_IDLE ||
	    !reg_serves(&m->reg, now->t) || (known && now->t - b.seen <= m->radio.conf.scan_age))
		return;
	/* Too late to look where he is expected. */
	if (known && now->t + MSEC(500) > leave_at(m))
		return;
	if (m->announced.named && known && b.freq_mhz)
		scan_begin(m, &b.freq_mhz, 1, now, out);
	else
		scan_begin(m, freqs,
			   radio_rank_freqs(&m->radio, radio_flows(&m->radio, now->t), freqs), now,
			   out);
}

void announce_due(struct mobile *m, const struct instant *now, struct mobile_out *out)
{
	struct handoff_announced *a = &m->announced;
	const char *error;
	struct radio_bss b;
	bool not_found;

	if (a->at == MTIME_NEVER)
		return;
	if (m->last_report != a->report) {
		over(m, "a handoff has begun", out);
		return;
	}
	if (!a->looked && now->t >= a->at - LOOK_AHEAD)
		look(m, now, out);
	if (now->t < leave_at(m) || (by_radio(m) && m->ho.scan && !target(m, now->t, &b)))
		return;
	error = by_radio(m) ? core_hand_off(m, a->named ? &a->bssid : NULL, BY_ANNOUNCEMENT,
					    &not_found, now, out)
			    : core_cross(m, a->link, BY_ANNOUNCEMENT, now, out);
	if (error)
		core_note(out, "the announced handoff: %s", error);
	over(m, error ? error : "a handoff has begun", out);
}

const char *mobile_announce(struct mobile *m, mtime in, const struct mac *bssid, unsigned link,
			    const struct instant *now, struct mobile_out *out)
{
	const char *error = NULL;
	struct mobile_action *a;

	core_begin(m, out);
	if (m->deregistered)
		error = "deregistered by command: mipclient register ends that";
	else if (link == MOBILE_ANY_LINK && !core_on_radio(m))
		error = "registered by another interface than the radio; name the interface to "
			"move to";
	else if (!m->link->attached)
		error = "not attached to an access point; nothing to hand off from";
	else if (bssid && mac_equal(bssid, &m->link->bss.bssid))
		error = "already attached to that access point";
	else {
		m->announced = (struct handoff_announced){
			.at = now->t + mtime_min(in, ANNOUNCE_MAX),
			.named = bssid != NULL,
			.bssid = bssid ? *bssid : (struct mac){ { 0 } },
			.link = link,
			.looked = false,
			.report = m->last_report,
		};
		a = core_event(out, TELL_HANDOVER_ANNOUNCED);
		a->until = m->announced.at;
		a->mac = m->announced.bssid;
	}
	core_finish(m, now, out);
	return error;
}

const char *mobile_withdraw(struct mobile *m, const struct instant *now, struct mobile_out *out)
{
	const char *error = NULL;

	core_begin(m, out);
	if (m->announced.at == MTIME_NEVER)
		error = "no handoff is announced";
	else
		over(m, "withdrawn", out);
	core_finish(m, now, out);
	return error;
}

/* ---- what the link foretells ---- */

static bool falls(enum radio_rule rule)
{
	switch (rule) {
	case RADIO_DETACHED:
	case RADIO_GOOD:
	case RADIO_WATCHING:
	case RADIO_RULES:
		return false;
	case RADIO_HOLD_DOWN:
	case RADIO_NEED_SCAN:
	case RADIO_NO_CANDIDATE:
	case RADIO_BELOW:
	case RADIO_PREDICTED:
	case RADIO_LOST:
	case RADIO_FAILING:
	case RADIO_TRANSITION:
		return true;
	}
	return false;
}

void announce_falling(struct mobile *m, enum radio_rule rule, struct mobile_out *out)
{
	bool falling = falls(rule);

	if (falling && !m->falling)
		core_event(out, TELL_LINK_GOING_DOWN);
	m->falling = falling;
}

void announce_detected(struct mobile *m, const struct radio_bss *list, size_t n,
		       struct mobile_out *out)
{
	const struct radio_bss *here = &m->links[MOBILE_RADIO].bss;
	struct radio_bss known;
	unsigned told = 0;

	for (size_t i = 0; i < n && told < DETECTED_MAX; i++) {
		if (list[i].ssid_len != here->ssid_len ||
		    memcmp(list[i].ssid, here->ssid, here->ssid_len) != 0 ||
		    mac_equal(&list[i].bssid, &here->bssid) ||
		    radio_find(&m->radio, &list[i].bssid, &known))
			continue;
		core_event(out, TELL_LINK_DETECTED)->bss = list[i];
		told++;
	}
}
