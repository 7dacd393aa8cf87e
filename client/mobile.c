/* SPDX-License-Identifier: MIT */
#include "client/mobile.h"

#include "client/handoff_steps.h"
#include "common/packet.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* ---- what the modules share ---- */

void core_head_for(struct mobile *m, const struct known_agent *a, bool carries, mtime now)
{
	m->query.active = m->restarted = false;
	early_forget(m);
	m->want.agent_addr = a->colocated ? 0 : a->addr;
	m->want.agent_mac = a->mac;
	m->want.mtu = a->colocated && m->conf.udp_tunnel ? UDP_TUNNEL_MTU : PATH_MTU;
	/* A FORWARD makes the agent count anew; what it counts from otherwise it will say. */
	if (carries || m->base_agent != a->addr || !reg_serves(&m->reg, now)) {
		m->base_agent = a->addr;
		m->base = m->downlink;
		m->base_known = carries;
	}
}

const struct sa *core_registration_sa(const struct mobile *m, const struct known_agent *a)
{
	if (a->home)
		return &m->conf.home_sa;
	if (a->through)
		return core_agent_sa(m, &(struct known_agent){ .addr = a->through,
							       .care_of = a->through_care_of });
	return a->colocated ? NULL : core_agent_sa(m, a);
}

void core_register(struct mobile *m, const struct known_agent *a, const struct reg_riders *riders,
		   const struct instant *now)
{
	core_head_for(m, a, riders && riders->n > 0 && !a->colocated, now->t);
	reg_start(&m->reg, &m->reg_conf, a, core_registration_sa(m, a), riders, now->t);
}

void core_search(struct mobile *m, const struct instant *now)
{
	discovery_search(&m->disc, now->t);
}

/* ---- the common tail of every event: decide, ask, sample ---- */

static void thresholds(struct mobile *m, struct mobile_out *out)
{
	int32_t dbm[RADIO_THRESHOLDS_MAX];
	bool on = core_on_radio(m) && m->link->attached && m->conf.automatic;
	unsigned n = on ? radio_thresholds(&m->radio, dbm) : 0;
	struct mobile_action *a;

	if (m->thresholds_set && n == m->n_thresholds &&
	    memcmp(dbm, m->thresholds, n * sizeof(dbm[0])) == 0)
		return;
	m->thresholds_set = true;
	m->n_thresholds = n;
	memcpy(m->thresholds, dbm, n * sizeof(dbm[0]));
	a = core_add(out, MOBILE_THRESHOLDS);
	a->n_dbm = n;
	memcpy(a->dbm, dbm, n * sizeof(dbm[0]));
}

/* While packets flow it is done under the buffer: scan.c. */
static void scan(struct mobile *m, const struct radio_decision *d, const struct instant *now,
		 struct mobile_out *out)
{
	struct mobile_action *a;

	if (m->ho.state == HO_IDLE && reg_serves(&m->reg, now->t)) {
		scan_begin(m, d->freqs, d->n_freqs, now, out);
		return;
	}
	if (m->ho.expected) {
		scan_instead(m, d->freqs, d->n_freqs, now, out);
		return;
	}
	m->ho.scan_done = false;
	a = core_add(out, MOBILE_SCAN);
	a->on = radio_wants(&m->radio);
	a->n_freqs = d->n_freqs;
	memcpy(a->freqs, d->freqs, sizeof(d->freqs));
}

static void decide(struct mobile *m, const struct instant *now, struct mobile_out *out)
{
	struct radio_decision d;
	bool scanning = m->ho.state == HO_SCANNING;

	if (scanning && !m->ho.scan_done)
		return;
	if (!m->conf.automatic || !core_on_radio(m)) {
		if (scanning) /* it was announced */
			scan_end(m, now, out);
		return;
	}
	if (!scanning && m->ho.state != HO_IDLE && m->ho.state != HO_FORWARDING)
		return;
	radio_decide(&m->radio, now->t, &d);
	announce_falling(m, d.rule, out);
	switch (d.act) {
	case RADIO_STAY:
		if (scanning)
			scan_end(m, now, out);
		break;
	case RADIO_SCAN:
		scan(m, &d, now, out);
		break;
	case RADIO_LEAVE:
		if (scanning) {
			scan_promote(m, &d.target, d.why, now, out);
			handoff_leave(m, now, out);
		} else {
			handoff_begin(m, &d.target, d.why, d.rule == RADIO_LOST, now, out);
		}
		break;
	}
}

static void sampling(struct mobile *m, const struct instant *now, struct mobile_out *out)
{
	bool on = core_on_radio(m) && m->link->attached;
	mtime every = on ? radio_sample_interval(&m->radio) : 0;

	if (every == 0) {
		m->next_sample = MTIME_NEVER;
	} else if (m->next_sample == MTIME_NEVER) {
		m->next_sample = now->t + every;
	} else if (now->t >= m->next_sample) {
		m->next_sample = now->t + every;
		core_add(out, MOBILE_SAMPLE);
	}
}

static void query_due(struct mobile *m, const struct instant *now, struct mobile_out *out)
{
	int due = exchange_due(&m->query, now->t);

	if (due < 0 && m->query.agent == m->conf.home_agent)
		keeper_silent(m, out);
	else if (due < 0 && m->query.action == ORDER_BUFFER)
		early_unheard(m);
	if (due == 1)
		core_udp(m, out, &m->query.mac, m->query.agent, 255, m->query.msg, m->query.len,
			 now->t);
}

/* Between two agents nobody is asked to renew: the old one would take it for the node's return. */
bool core_may_register(const struct mobile *m)
{
	if (!m->conf.home_agent)
		return false; /* its name is being looked up */
	if (m->reg.agent.colocated && !colocated_is_here(m, m->reg.agent.care_of))
		return false;
	switch (m->ho.state) {
	case HO_IDLE:
	case HO_REGISTERING:
	case HO_FORWARDING:
		return true;
	case HO_ASKING:
	case HO_SETTLING:
	case HO_SCANNING:
	case HO_ROAMING:
	case HO_FINDING:
	case HO_RELEASING:
	case HO_CROSSING: /* it has a Request of its own */
		return false;
	}
	return true;
}

static void request_due(struct mobile *m, const struct instant *now, struct mobile_out *out)
{
	uint8_t msg[MIP_MSG_MAX];
	size_t n;

	if (!core_may_register(m))
		return;
	early_ride(m, now);
	handoff_freshen(m, now);
	n = reg_due(&m->reg, &m->reg_conf, now, msg, sizeof(msg));
	if (n == 0)
		return;
	m->counters.requests++;
	m->link->like.src = 0; /* what the agent says from now on is heard, once */
	if (m->ho.state == HO_REGISTERING)
		m->ho.rep->requests++;
	if (m->reg.agent.through) {
		through_send(m, &m->reg.agent, out, msg, n);
		return;
	}
	if (m->reg.agent.colocated) {
		m->tun.alive.sent = now->t; /* it opens the NAT's way, too */
		core_udp_direct(out, m->reg.agent.care_of, m->conf.home_agent, msg, n);
		return;
	}
	/* RFC 3024 4.1: 255 where reverse tunnelling is asked,
	 * so that the agent can see that we are near. */
	core_udp(m, out, &m->reg.agent.mac, m->reg.agent.addr, msg[1] & MIP_T ? 255 : 1, msg, n,
		 now->t);
	/* Four requests unheard, and no handoff that has its own bound: is it still there? */
	if (m->reg.tries < REG_UNHEARD || m->ho.state != HO_IDLE)
		return;
	if (m->reg.tries == REG_UNHEARD)
		core_search(m, now);
	colocated_agent_doubted(m, now->t);
}

static void lost_binding(struct mobile *m, const struct instant *now, struct mobile_out *out)
{
	bool bound = reg_serves(&m->reg, now->t);

	if (bound) {
		m->lost_binding_said = false;
	} else if (!m->lost_binding_said && m->reg.expires && now->t >= m->reg.expires) {
		m->lost_binding_said = true;
		core_note(out, "the binding has run out");
		uplink_hold(&m->up);
		m->want.uplink = UPLINK_HELD;
	}
}

void core_begin(struct mobile *m, struct mobile_out *out)
{
	assert(!m->inside);
	m->inside = true;
	out->n = 0;
	out->link = (unsigned)(m->link - m->links);
	out->used = 0;
}

/* A handoff between two access points of one agent was over before the port was open. */
static bool still_with(const struct mobile *m, const struct instant *now)
{
	struct known_agent a;

	return reg_is_bound(&m->reg, now->t) && !m->deregistered &&
	       colocated_agent_at(m, &m->link->bss.bssid, &a) && same_agent(&a, &m->reg.agent);
}

/* Nobody spoke first on the new link: look for the agent. */
static void port_open(struct mobile *m, const struct instant *now, struct mobile_out *out)
{
	struct known_agent a;

	if (!m->link->attached || now->t < m->link->open_at)
		return;
	m->link->open_at = MTIME_NEVER;
	if (m->ho.state == HO_FINDING) {
		/* Also for a remembered agent: if it is gone, who answers takes its place. */
		core_search(m, now);
		if (colocated_agent_at(m, &m->link->bss.bssid, &a))
			handoff_agent(m, &a, now, out);
	} else if (m->ho.state == HO_IDLE && still_with(m, now)) {
		core_search(m, now);
		reg_renew(&m->reg, now->t);
	} else if (m->ho.state == HO_IDLE) {
		core_fresh_link(m, now);
	}
}

void core_finish(struct mobile *m, const struct instant *now, struct mobile_out *out)
{
	node_keys_expire(&m->keys, now->t);
	announce_due(m, now, out);
	decide(m, now, out);
	handoff_tick(m, now, out);
	core_restarted(m, now, out);
	port_open(m, now, out);
	cross_due(m, now, out);
	colocated_due(m, now, out);
	tunnelled_due(m, now, out);
	early_due(m, now);
	query_due(m, now, out);
	athome_due(m, now->t, out); /* before the Request */
	request_due(m, now, out);
	fallback_due(m, now->t, out);
	if (m->link->attached && discovery_due(&m->disc, now->t))
		core_solicit(m, out->link, out);
	lost_binding(m, now, out);
	sampling(m, now, out);
	thresholds(m, out);
	m->inside = false;
}

/* ---- time ---- */

bool mobile_tick(struct mobile *m, const struct instant *now, struct mobile_out *out)
{
	bool more;

	core_begin(m, out);
	more = core_drain(m, now, out);
	more |= cross_drain(m, now, out);
	core_finish(m, now, out);
	return more;
}

struct pool *mobile_pool(struct mobile *m)
{
	return &m->pool;
}

mtime mobile_deadline(const struct mobile *m)
{
	mtime t = handoff_deadline(m);

	if (core_may_register(m))
		t = mtime_min(t, reg_deadline(&m->reg));
	t = mtime_min(t, mtime_min(exchange_deadline(&m->query), uplink_deadline(&m->up)));
	t = mtime_min(t, mtime_min(tunnelled_deadline(m), athome_deadline(m)));
	t = mtime_min(t, announce_deadline(m));
	if (m->link->attached) {
		t = mtime_min(t, mtime_min(colocated_deadline(m), fallback_deadline(m)));
		t = mtime_min(t, mtime_min(discovery_deadline(&m->disc), m->next_sample));
		t = mtime_min(t, m->link->open_at);
		if (m->conf.automatic && m->ho.state == HO_IDLE && core_on_radio(m))
			t = mtime_min(t, radio_deadline(&m->radio));
	}
	return mtime_min(t, cross_deadline(m));
}

const struct mobile_want *mobile_want(const struct mobile *m)
{
	return &m->want;
}
