/* SPDX-License-Identifier: MIT */
#include "client/core.h"

const char *mobile_handoff(struct mobile *m, const struct mac *bssid, bool *not_found,
			   const struct instant *now, struct mobile_out *out)
{
	struct radio_bss target;
	const char *error = NULL;

	core_begin(m, out);
	*not_found = false;
	if (m->ho.state != HO_IDLE && m->ho.state != HO_FORWARDING)
		error = "a handoff is running already; see mipclient watch";
	else if (!m->attached)
		error = "not attached to an access point; nothing to hand off from";
	else if (bssid && mac_equal(bssid, &m->bss.bssid))
		error = "already attached to that access point";
	else if (bssid ? !radio_find(&m->radio, bssid, &target)
		       : !radio_best(&m->radio, now->t, &target)) {
		*not_found = true;
		error = "no such access point in the scan results of this network; wpa_cli scan "
			"may find it";
	} else {
		handoff_begin(m, &target, "asked for by a user", false, now, out);
	}
	core_finish(m, now, out);
	return error;
}

const char *mobile_register(struct mobile *m, const struct instant *now, struct mobile_out *out)
{
	const char *error = NULL;

	core_begin(m, out);
	m->deregistered = false;
	if (!m->attached)
		error = "not attached to an access point; it will register as soon as it is";
	else if (m->ho.state != HO_IDLE)
		error = "a handoff is running; it registers by itself";
	else
		core_fresh_link(m, now);
	core_finish(m, now, out);
	return error;
}

const char *mobile_deregister(struct mobile *m, const struct instant *now, struct mobile_out *out)
{
	const char *error = NULL;

	core_begin(m, out);
	if (m->deregistered) {
		error = "deregistered already";
	} else if (!reg_is_bound(&m->reg, now->t)) {
		handoff_abort(m, "deregistered by command", now, out);
		reg_stop(&m->reg);
		core_event(out, "deregistered"); /* there is nobody to tell */
	} else {
		handoff_abort(m, "deregistered by command", now, out);
		reg_deregister(&m->reg, now->t);
		uplink_hold(&m->up);
		m->want.uplink = UPLINK_HELD;
	}
	m->deregistered = true;
	core_finish(m, now, out);
	return error;
}
