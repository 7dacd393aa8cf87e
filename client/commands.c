/* SPDX-License-Identifier: MIT */
#include "client/handoff_steps.h"

/* A look around is no handoff: a user's word comes first. */
static bool handing_off(const struct handoff *h)
{
	switch (h->state) {
	case HO_IDLE:
	case HO_FORWARDING:
		return false;
	case HO_ASKING:
	case HO_SETTLING:
	case HO_SCANNING:
	case HO_RELEASING:
		return h->rep->number != 0;
	case HO_ROAMING:
	case HO_FINDING:
	case HO_REGISTERING:
	case HO_CROSSING:
		return true;
	}
	return true;
}

const char *core_hand_off(struct mobile *m, const struct mac *bssid, const char *why,
			  bool *not_found, const struct instant *now, struct mobile_out *out)
{
	struct radio_bss target;
	const char *error = NULL;

	*not_found = false;
	if (handing_off(&m->ho))
		error = "a handoff is running already; see mipclient watch";
	else if (!core_on_radio(m))
		error = "registered by another interface than the radio; mipclient handoff "
			"INTERFACE moves to it";
	else if (!m->link->attached)
		error = "not attached to an access point; nothing to hand off from";
	else if (bssid && mac_equal(bssid, &m->link->bss.bssid))
		error = "already attached to that access point";
	else if (bssid ? !radio_find(&m->radio, bssid, &target)
		       : !radio_best(&m->radio, now->t, &target)) {
		*not_found = true;
		error = "no such access point in the scan results of this network; wpa_cli scan "
			"may find it";
	} else if (m->ho.scan) {
		scan_promote(m, &target, why, now, out);
		if (m->ho.state == HO_SCANNING)
			handoff_leave(m, now, out);
	} else {
		handoff_begin(m, &target, why, false, now, out);
	}
	return error;
}

const char *mobile_handoff(struct mobile *m, const struct mac *bssid, bool *not_found,
			   const struct instant *now, struct mobile_out *out)
{
	const char *error;

	core_begin(m, out);
	error = core_hand_off(m, bssid, BY_USER, not_found, now, out);
	core_finish(m, now, out);
	return error;
}

const char *mobile_register(struct mobile *m, const struct instant *now, struct mobile_out *out)
{
	const char *error = NULL;

	core_begin(m, out);
	m->deregistered = false;
	if (!m->link->attached)
		error = "not attached to an access point; it will register as soon as it is";
	else if (m->ho.state != HO_IDLE)
		error = "a handoff is running; it registers by itself";
	else if (m->reg.agent.colocated && reg_is_bound(&m->reg, now->t))
		reg_renew(&m->reg, now->t);
	else {
		core_fresh_link(m, now);
		colocated_again(m, now->t);
	}
	core_finish(m, now, out);
	return error;
}

const char *mobile_deregister(struct mobile *m, const struct instant *now, struct mobile_out *out)
{
	const char *error = NULL;

	core_begin(m, out);
	if (m->deregistered) {
		error = "deregistered already";
	} else {
		handoff_abort(m, "deregistered by command", now, out);
		/* Also where no Reply came yet: the home agent may have accepted. */
		if (!m->reg.agent.home && m->conf.home_agent &&
		    (reg_is_bound(&m->reg, now->t) || (m->link->attached && m->reg.agent.addr))) {
			reg_deregister(&m->reg, now->t);
		} else {
			reg_stop(&m->reg);
			core_event(out, TELL_DEREGISTERED); /* there is nobody to tell */
		}
		uplink_hold(&m->up);
		m->want.uplink = UPLINK_HELD;
	}
	m->deregistered = true;
	core_finish(m, now, out);
	return error;
}

/* ---- and what the shell has found out ---- */

void core_other_home_agent(struct mobile *m, mtime now)
{
	m->home_keeps = HOME_UNKNOWN;
	colocated_home_agent(m, now);
	reg_again(&m->reg, now);
}

void mobile_home_agent(struct mobile *m, uint32_t addr, const struct instant *now,
		       struct mobile_out *out)
{
	core_begin(m, out);
	if (addr != m->conf.home_agent) {
		m->conf.home_agent = addr;
		identity_derive(m);
		core_other_home_agent(m, now->t);
	}
	core_finish(m, now, out);
}

bool mobile_unheard(const struct mobile *m)
{
	return m->link->attached && reg_unheard(&m->reg);
}
