/* SPDX-License-Identifier: MIT */
#include "client/cross.h"

#include "client/handoff_steps.h"
#include "common/packet.h"

#include <stdio.h>

#define CROSS_MAX SEC(4)   /* Requests at 0, 1 and 3 s */
#define RETRY_MIN SEC(5)   /* a link that did not serve is tried again; twice as long each time, */
#define RETRY_MAX SEC(300) /* as long as it does not serve for SERVES */
#define SERVES SEC(60)
#define MERGE_QUIET MSEC(10) /* as settle: what was under way on the old path has come */
#define MERGE_GUARD MSEC(20) /* and no longer; both behind what its round trip was longer */
#define MERGE_MAX MSEC(250)
#define DRAIN_BATCH 16 /* as many of the uplink's may be in the same call, and twice that */
#define HELD_MAX 4096 /* packets: MERGE_MAX at 16,000 a second */

void cross_init(struct crossing *x)
{
	*x = (struct crossing){ .pinned = MOBILE_ANY_LINK, .next = MTIME_NEVER };
	pktq_init(&x->held);
}

/* ---- going there ---- */

void cross_switch(struct mobile *m, struct core_link *l, struct mobile_out *out)
{
	bool tapped = m->ho.tap;

	if (tapped)
		core_add(out, MOBILE_TAP)->on = false;
	m->link = l;
	out->link = m->want.link = core_link_index(m, l);
	if (tapped)
		core_add(out, MOBILE_TAP)->on = true;
	m->query.active = false;
	m->want.by_link = false; /* it was said of the other link's network */
	early_forget(m);
	discovery_stop(&m->disc);
}

/* No other serves: nothing is lost by going at once. */
void cross_arrive(struct mobile *m, struct core_link *l, const struct known_agent *a,
		   const struct instant *now, struct mobile_out *out)
{
	cross_switch(m, l, out);
	l->open_at = MTIME_NEVER;
	core_event(out, TELL_LINK_UP);
	if (m->ho.state == HO_IDLE) {
		uplink_hold(&m->up);
		m->want.uplink = UPLINK_HELD;
		core_register(m, a, NULL, now);
		return;
	}
	m->ho.has_target = false;
	m->ho.other_link = true;
	handoff_link_up(m, &l->bss, now, out);
	if (m->ho.state == HO_FINDING)
		handoff_agent(m, a, now, out);
}

void cross_begin(struct mobile *m, struct core_link *l, const struct known_agent *a,
		  const char *why, const struct instant *now, struct mobile_out *out)
{
	struct crossing *x = &m->cross;
	struct handoff *h = &m->ho;
	bool tapped = h->tap;

	*h = (struct handoff){ .tap = tapped, .rep = handoff_new_report(m, now) };
	h->rep->flow = FLOW_MBB;
	snprintf(h->rep->trigger, sizeof(h->rep->trigger), "%s", why);
	if (reg_serves(&m->reg, now->t))
		h->first = m->reg.agent;
	handoff_describe(&h->rep->from, &m->link->bss, &h->first);
	handoff_describe(&h->rep->to, &l->bss, a);
	x->to = core_link_index(m, l);
	x->moved = false;
	x->reg = m->reg; /* its clock, and its Identifications go on */
	reg_start(&x->reg, &m->reg_conf, a, core_registration_sa(m, a), NULL, now->t);
	handoff_enter(h, HO_CROSSING, now->t + CROSS_MAX);
	core_event(out, TELL_HANDOVER_IMMINENT)->handoff = h->rep->number;
	handoff_step(m, STEP_TRIGGER, now->t, out);
	handoff_step(m, STEP_AGENT_FOUND, now->t, out);
	cross_tick(m, now, out);
}

/* ---- CROSSING ---- */

void cross_tick(struct mobile *m, const struct instant *now, struct mobile_out *out)
{
	struct crossing *x = &m->cross;
	const struct known_agent *a = &x->reg.agent;
	uint8_t msg[MIP_MSG_MAX];
	size_t n;

	if (now->t >= m->ho.deadline) {
		cross_failed(m, "no answer to the Registration Request", now, out);
		return;
	}
	n = reg_due(&x->reg, &m->reg_conf, now, msg, sizeof(msg));
	if (!n)
		return;
	m->counters.requests++;
	m->ho.rep->requests++;
	handoff_step(m, STEP_REQUEST_SENT, now->t, out);
	if (a->through)
		through_send(m, a, out, msg, n);
	else if (a->colocated)
		core_udp_direct(out, a->care_of, m->conf.home_agent, msg, n);
	else
		core_udp(m, out, &a->mac, a->addr, msg[1] & MIP_T ? 255 : 1, msg, n, now->t);
	out->a[out->n - 1].link = x->to;
}

bool cross_is_target(const struct mobile *m, const struct core_link *l)
{
	return m->ho.state == HO_CROSSING && m->cross.to == core_link_index(m, l);
}

static void try_later(struct core_link *l, mtime now)
{
	mtime wait = l->failures < 6 ? RETRY_MIN << l->failures : RETRY_MAX;

	l->failures++;
	l->not_before = now + mtime_min(wait, RETRY_MAX);
}

void cross_give_up(struct mobile *m)
{
	struct registration *r = &m->cross.reg;

	m->reg.clock_offset = r->clock_offset;
	m->reg.last_id = r->last_id;
	m->reg.floor = r->floor;
	m->reg.serial = r->serial;
	secret_wipe(&r->agent_sa.key);
}

/* The home agent may have accepted what was not answered: it is told again where the node is. */
void cross_failed(struct mobile *m, const char *why, const struct instant *now,
		  struct mobile_out *out)
{
	struct core_link *to = &m->links[m->cross.to];

	try_later(to, now->t);
	if (!m->cross.reg.agent.colocated) /* is it there at all?  What it has said is nothing */
		to->at = to->open_at = now->t;
	m->cross.pinned = MOBILE_ANY_LINK;
	handoff_abort(m, why, now, out);
	if (!m->link->attached)
		return;
	if (m->cross.moved) {
		m->link->open_at = now->t;
		handoff_begin(m, NULL, "the supplicant roamed by itself", true, now, out);
		handoff_link_up(m, &m->link->bss, now, out);
		return;
	}
	reg_again(&m->reg, now->t);
	if (reg_serves(&m->reg, now->t) && m->up.state == UP_HELD)
		uplink_release(&m->up, now->t);
}

/* Half of what the old path's round trip is longer: by so much its packets come later. */
static mtime behind(const struct mobile *m, const struct instant *now)
{
	mtime longer = m->home_rtt - (now->t - m->cross.reg.sent);

	return longer > 0 ? longer / 2 : 0;
}

void cross_accepted(struct mobile *m, const struct instant *now, struct mobile_out *out)
{
	struct crossing *x = &m->cross;
	bool serves = reg_serves(&m->reg, now->t) && m->link->attached;
	mtime late = behind(m, now);

	x->left = serves && m->reg.agent.colocated ? m->reg.agent.care_of : 0;
	if (x->left) {
		m->link->colo.previous = x->left;
		m->link->colo.previous_until = now->t + PREVIOUS_KEEP;
	}
	x->care_of = serves && x->reg.agent.colocated ? x->reg.agent.care_of : 0;
	x->until = now->t + (serves ? mtime_min(late + MERGE_GUARD, MERGE_MAX) : 0);
	x->quiet_at = x->left ? now->t + late + MERGE_QUIET : x->until;
	x->merging = true;
	uplink_hold(&m->up);
	m->want.uplink = UPLINK_HELD;
	m->reg = x->reg;
	secret_wipe(&x->reg.agent_sa.key);
	core_head_for(m, &m->reg.agent, false, now->t);
	cross_switch(m, &m->links[x->to], out);
	handoff_step(m, STEP_REGISTERED, now->t, out);
}

void cross_arrived(struct mobile *m, const struct instant *now, struct mobile_out *out)
{
	handoff_end(m, true, now, out);
}

/* ---- after it: two paths become one ---- */

static bool merge_is_over(const struct crossing *x, mtime now)
{
	return now >= x->until || now >= x->quiet_at;
}

bool cross_hold(struct mobile *m, uint32_t dst, const uint8_t *p, size_t n, mtime now)
{
	struct crossing *x = &m->cross;

	if (!x->merging)
		return false;
	if (x->left && dst == x->left) {
		if (x->quiet_at < now + MERGE_QUIET)
			x->quiet_at = now + MERGE_QUIET;
		return false;
	}
	if (!x->care_of || dst != x->care_of)
		return false;
	/* Without room for it order is lost, not the packet. */
	if (x->held.packets < HELD_MAX && pktq_push(&m->pool, &x->held, p, n, now))
		return true;
	x->until = now;
	return false;
}

bool cross_drain(struct mobile *m, const struct instant *now, struct mobile_out *out)
{
	struct crossing *x = &m->cross;
	struct mobile_action *a;
	mtime at;

	if (!x->merging || !merge_is_over(x, now->t))
		return false;
	for (unsigned i = 0; i < DRAIN_BATCH && x->held.packets; i++) {
		size_t n = pktq_pop(&m->pool, &x->held, out->bytes + out->used,
				    sizeof(out->bytes) - out->used, &at);

		if (!n)
			return true; /* no room in this call */
		a = core_add(out, MOBILE_DELIVER);
		a->p = out->bytes + out->used;
		a->n = n;
		out->used += n;
		m->tunnelled++;
		m->downlink = m->native + m->tunnelled;
		handoff_downlink(m, now, out);
	}
	if (x->held.packets)
		return true;
	x->merging = false;
	if (m->ho.state == HO_IDLE && reg_serves(&m->reg, now->t))
		uplink_release(&m->up, now->t);
	return false;
}

mtime cross_deadline(const struct mobile *m)
{
	const struct crossing *x = &m->cross;
	mtime t = x->merging ? mtime_min(x->until, x->quiet_at) : MTIME_NEVER;

	t = mtime_min(t, x->next);
	for (unsigned i = 0; i < m->conf.n_links; i++)
		if (&m->links[i] != m->link && m->links[i].attached)
			t = mtime_min(t, mtime_min(m->links[i].open_at, m->links[i].colo.probe_at));
	return t;
}

/* ---- a link goes ---- */

void cross_lost(struct mobile *m, struct core_link *l, const struct instant *now,
		struct mobile_out *out)
{
	if (cross_is_target(m, l))
		cross_failed(m, "the new interface's link was lost", now, out);
	if (m->cross.pinned == core_link_index(m, l))
		m->cross.pinned = MOBILE_ANY_LINK;
	if (l != m->link || m->conf.n_links < 2)
		return;
	if (now->t >= l->at + SERVES)
		l->failures = 0;
	try_later(l, now->t);
}
