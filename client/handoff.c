/* SPDX-License-Identifier: MIT */
#include "client/handoff.h"

#include "client/handoff_steps.h"

#include <stdio.h>
#include <string.h>

/* Deadlines of the states; their sum with the order's repeats stays under HANDOFF_BOUND. */
#define GAP_ENDS SEC(2)	       /* behind the end: a packet that comes later was not waited for */
#define QUEUE_LOOK MSEC(2)     /* between two looks at the radio's queue */
#define ROAM_MAX SEC(5)	       /* the supplicant gives a try up after about 3 s */
#define ROAM_SUDDEN_MAX SEC(15) /* no link: it has to scan and may have to wait */

/* What each event does in each state: handoff.h. */
const char *handoff_state_name(enum handoff_state s)
{
	static const char *const name[] = {
		[HO_IDLE] = "idle",
		[HO_ASKING] = "asking",
		[HO_SETTLING] = "settling",
		[HO_SCANNING] = "scanning",
		[HO_ROAMING] = "roaming",
		[HO_FINDING] = "finding",
		[HO_REGISTERING] = "registering",
		[HO_FORWARDING] = "forwarding",
		[HO_RELEASING] = "releasing",
		[HO_CROSSING] = "crossing",
	};

	return name[s];
}

void handoff_enter(struct handoff *h, enum handoff_state to, mtime deadline)
{
	h->state = to;
	h->deadline = deadline;
}

static void tap(struct mobile *m, bool on, struct mobile_out *out)
{
	if (m->ho.tap == on)
		return;
	m->ho.tap = on;
	core_add(out, MOBILE_TAP)->on = on;
}

void handoff_step(struct mobile *m, enum report_step s, mtime now, struct mobile_out *out)
{
	struct report *r = m->ho.rep;

	if (!r || r->has[s])
		return;
	r->has[s] = true;
	r->at[s] = now;
	if (r->number)
		core_event(out, TELL_HANDOVER_STEP)->handoff = r->number;
}

void handoff_because(struct mobile *m, const char *why)
{
	struct report *r = m->ho.rep;

	if (r && r->reason[0] == '\0')
		snprintf(r->reason, sizeof(r->reason), "%s", why);
}

static void remember(struct mobile *m, bool ok, mtime now)
{
	const struct handoff *h = &m->ho;
	const struct report *r = h->rep;
	bool took = r->has[STEP_ROAM] && r->has[STEP_REGISTERED];

	radio_handoff_done(&m->radio, &h->target.bssid, ok, now);
	radio_remember(&m->radio, &h->target.bssid, h->second.addr,
		       took ? r->at[STEP_REGISTERED] - r->at[STEP_ROAM] : 0, ok, now);
}

void handoff_end(struct mobile *m, bool ok, const struct instant *now, struct mobile_out *out)
{
	struct handoff *h = &m->ho;
	struct report *r = h->rep;
	char from[MAC_STRLEN], to[MAC_STRLEN];

	if (!r->number) { /* it was only a look around */
		h->order.active = false;
		tap(m, false, out);
		h->scan = false;
		handoff_enter(h, HO_IDLE, MTIME_NEVER);
		return;
	}
	handoff_step(m, STEP_DONE, now->t, out);
	r->ended = true;
	r->ok = ok;
	r->uplink_queued = m->up.queued;
	r->uplink_dropped = m->up.dropped;
	r->leave_below_dbm = (int16_t)m->conf.radio.leave_below_dbm;
	r->dead_dbm = (int16_t)m->conf.radio.dead_dbm;
	samples_into(&m->samples, r, now->t);
	m->counters.handoffs++;
	if (!ok)
		m->counters.handoffs_failed++;
	if (h->has_target)
		remember(m, ok, now->t);
	h->order.active = false;
	if (r->has[STEP_FIRST_PACKET] || !ok)
		tap(m, false, out);
	handoff_enter(h, HO_IDLE, MTIME_NEVER);
	core_note(out, "handoff %u %s (%s) from %s to %s in %lld ms%s%s", r->number,
		  ok ? "done" : "failed", flow_name(r->flow), mac_fmt(from, &r->from.bssid),
		  mac_fmt(to, &r->to.bssid), (long long)((now->t - r->at[STEP_TRIGGER]) / 1000),
		  r->reason[0] ? ": " : "", r->reason);
	core_event(out, TELL_HANDOVER_COMPLETE)->handoff = r->number;
}

void handoff_abort(struct mobile *m, const char *why, const struct instant *now,
		   struct mobile_out *out)
{
	if (m->ho.state == HO_IDLE)
		return;
	if (m->ho.state == HO_CROSSING)
		cross_give_up(m);
	handoff_because(m, why);
	handoff_end(m, false, now, out);
}

/* ---- leaving ---- */

void handoff_leave(struct mobile *m, const struct instant *now, struct mobile_out *out)
{
	struct handoff *h = &m->ho;

	h->order.active = false;
	if (h->scan) {
		scan_go(m, now, out);
		return;
	}
	handoff_step(m, STEP_ROAM, now->t, out);
	if (h->has_target)
		core_add(out, MOBILE_ROAM)->bss = h->target;
	handoff_enter(h, HO_ROAMING, now->t + (h->sudden ? ROAM_SUDDEN_MAX : ROAM_MAX));
}

struct report *handoff_new_report(struct mobile *m, const struct instant *now)
{
	struct report *r = &m->history[m->last_report++ % HISTORY_MAX];

	memset(r, 0, sizeof(*r));
	r->number = m->last_report;
	r->started_ntp = now->ntp;
	return r;
}

void handoff_describe(struct report_end *e, const struct radio_bss *bss,
		      const struct known_agent *a)
{
	e->bssid = bss->bssid;
	e->signal_dbm = bss->signal_dbm;
	e->ssid_len = bss->ssid_len;
	memcpy(e->ssid, bss->ssid, sizeof(e->ssid));
	e->agent = a->addr;
	e->care_of = a->care_of;
}

void handoff_aim(struct mobile *m, const struct radio_bss *target)
{
	struct handoff *h = &m->ho;

	h->target = *target;
	h->has_target = true;
	if (!colocated_agent_at(m, &target->bssid, &h->second) &&
	    !colocated_expected(m, &target->bssid, &h->second))
		h->second.addr = 0;
	handoff_describe(&h->rep->to, target, &h->second);
	keeper_for_target(m);
}

bool handoff_same_agent(const struct handoff *h)
{
	return same_agent(&h->second, &h->first);
}

void handoff_prepare(struct mobile *m, struct report *rep, const char *trigger, bool sudden,
		     const struct instant *now, struct mobile_out *out)
{
	struct handoff *h = &m->ho;
	bool was_tapped = h->tap, asked = m->query.active;
	struct radio_view view;

	early_forget(m);
	memset(h, 0, sizeof(*h));
	h->stray = asked;
	h->tap = was_tapped;
	h->sudden = sudden;
	h->rep = rep;
	snprintf(h->rep->trigger, sizeof(h->rep->trigger), "%s", trigger);
	if (reg_serves(&m->reg, now->t))
		h->first = m->reg.agent;
	h->keeper = keeper_of(m, &h->first, sudden);
	h->counted = h->first.addr && m->base_agent == h->first.addr && m->base_known;
	radio_view(&m->radio, now->t, &view);
	if (view.attached)
		m->link->bss.signal_dbm = (int16_t)view.signal_dbm;
	handoff_describe(&h->rep->from, &m->link->bss, &h->first);
	/* Programs' packets wait from here on: they must neither
	 * die with the link nor overtake one another. */
	uplink_hold(&m->up);
	m->want.uplink = UPLINK_HELD;
	tap(m, true, out);
	handoff_step(m, STEP_TRIGGER, now->t, out);
}

void handoff_begin(struct mobile *m, const struct radio_bss *target, const char *trigger,
		   bool sudden, const struct instant *now, struct mobile_out *out)
{
	struct handoff *h = &m->ho;

	if (h->state == HO_FORWARDING || h->state == HO_RELEASING)
		handoff_end(m, true, now, out);
	handoff_prepare(m, handoff_new_report(m, now), trigger, sudden, now, out);
	core_event(out, TELL_HANDOVER_IMMINENT)->handoff = h->rep->number;
	if (target)
		handoff_aim(m, target);
	if (!handoff_can_order(m, &h->keeper)) {
		h->rep->flow = FLOW_PLAIN;
		keeper_why_none(m);
		handoff_leave(m, now, out);
	} else if (sudden || (m->conf.ask != ASK_SELF && !h->keeper.home)) {
		h->rep->flow = FLOW_F2;
		handoff_leave(m, now, out);
	} else if (handoff_sign(m, ORDER_BUFFER, now)) {
		h->rep->flow = keeper_flow(h);
		handoff_enter(h, HO_ASKING, keeper_patience(h, now->t));
		handoff_send_order(m, now, out);
	}
}

void handoff_link_lost(struct mobile *m, const struct instant *now, struct mobile_out *out)
{
	struct handoff *h = &m->ho;

	if (h->scan)
		scan_promote(m, NULL,
			     h->expected ? m->scan_report.trigger
					 : "the link was lost during a scan",
			     now, out);
	switch (h->state) {
	case HO_ASKING:
		handoff_because(m, "the link died before the grant came");
		handoff_not_kept(m);
		h->sudden = true;
		handoff_leave(m, now, out);
		break;
	case HO_SCANNING:
	case HO_SETTLING: /* the grant is in: nothing is lost by going now */
		h->sudden = true;
		handoff_leave(m, now, out);
		break;
	case HO_ROAMING: /* expected, and the supplicant goes on by itself */
	case HO_IDLE:
		break;
	case HO_CROSSING: /* all that is left is the way that is tried already */
		uplink_hold(&m->up);
		m->want.uplink = UPLINK_HELD;
		break;
	case HO_FINDING:
	case HO_REGISTERING:
	case HO_FORWARDING:
	case HO_RELEASING:
		handoff_enter(h, HO_ROAMING, now->t + ROAM_SUDDEN_MAX);
		break;
	}
}

void handoff_roam_failed(struct mobile *m, const char *why, const struct instant *now,
			 struct mobile_out *out)
{
	struct handoff *h = &m->ho;

	if (h->state != HO_ROAMING)
		return;
	handoff_because(m, why);
	if (!m->link->attached)
		return; /* the supplicant looks for another one: handoff_link_up or the deadline */
	/* Still where we were: have the agent deliver what it kept. */
	radio_handoff_done(&m->radio, &h->target.bssid, false, now->t);
	h->has_target = false;
	handoff_link_up(m, &m->link->bss, now, out);
}

/* ---- time and packets ---- */

void handoff_downlink(struct mobile *m, const struct instant *now, struct mobile_out *out)
{
	struct handoff *h = &m->ho;

	if (!h->rep || !h->tap)
		return;
	if (!h->rep->has[STEP_LINK_UP]) {
		h->rep->has_last_packet = true;
		h->rep->last_packet = now->t;
		h->settle_from = now->t;
		return;
	}
	if (h->state != HO_IDLE || now->t - h->rep->at[STEP_DONE] <= GAP_ENDS)
		handoff_step(m, STEP_FIRST_PACKET, now->t, out);
	if (h->state == HO_IDLE || h->rep->has[STEP_REGISTERED])
		tap(m, false, out);
}

void handoff_backlog(struct mobile *m, uint32_t packets, const struct instant *now)
{
	m->ho.queue_dry = packets == 0;
	m->ho.ask_queue = m->ho.queue_dry ? MTIME_NEVER : now->t + QUEUE_LOOK;
}

/* Silent downwards, and nothing left to send upwards; but not for ever. */
static mtime settle_end(const struct mobile *m)
{
	return m->ho.queue_dry ? mtime_min(m->ho.settle_from + m->conf.settle, m->ho.deadline)
			       : m->ho.deadline;
}

void handoff_tick(struct mobile *m, const struct instant *now, struct mobile_out *out)
{
	struct handoff *h = &m->ho;

	if (h->state == HO_IDLE)
		return;
	if (h->state == HO_CROSSING) {
		cross_tick(m, now, out);
		return;
	}
	handoff_send_order(m, now, out);
	if (h->state == HO_SETTLING && now->t >= h->ask_queue) {
		h->ask_queue = MTIME_NEVER;
		core_add(out, MOBILE_BACKLOG);
	}
	if (h->state == HO_SETTLING && now->t >= settle_end(m)) {
		handoff_settled(m, now, out);
		return;
	}
	if (now->t < h->deadline)
		return;
	switch (h->state) {
	case HO_FORWARDING:
		if (handoff_via_home(h)) {
			handoff_order_itself(m, now, out);
			break;
		}
		handoff_because(m, "no answer to FORWARD came back");
		handoff_end(m, true, now, out);
		break;
	case HO_ROAMING:
		handoff_abort(m, "no access point took us", now, out);
		if (!m->link->attached)
			handoff_alone(m);
		break;
	case HO_FINDING:
		handoff_nobody_here(m, now, out);
		break;
	case HO_REGISTERING:
		handoff_abort(m, "no answer to the Registration Request", now, out);
		break;
	case HO_SCANNING:
		scan_end(m, now, out);
		break;
	case HO_ASKING:
		handoff_unanswered(m, now, out);
		break;
	case HO_IDLE:
	case HO_SETTLING:
	case HO_RELEASING:
	case HO_CROSSING:
		break;
	}
}

mtime handoff_deadline(const struct mobile *m)
{
	const struct handoff *h = &m->ho;
	mtime t = h->state == HO_SETTLING ? mtime_min(settle_end(m), h->ask_queue) : h->deadline;

	if (h->state == HO_IDLE)
		return MTIME_NEVER;
	if (h->state == HO_CROSSING)
		return mtime_min(h->deadline, reg_deadline(&m->cross.reg));
	return mtime_min(t, exchange_deadline(&h->order));
}
