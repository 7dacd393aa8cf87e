/* SPDX-License-Identifier: MIT */
#include "client/core.h"

/* A network that lets nothing through, as hotspots do: programs use it itself meanwhile. */

/* The home agent's name is being looked up, on a network that we could use. */
static bool name_awaited(const struct mobile *m)
{
	return !m->conf.home_agent && m->conf.fall_back && colocated_wanted(m) &&
	       !m->deregistered && m->link->colo.confirmed && m->reg.state == REG_NONE;
}

static bool no_answer(const struct mobile *m, mtime now)
{
	const struct known_agent *a = &m->reg.agent;

	if (!m->conf.home_agent)
		return name_awaited(m) && now >= m->link->at + SILENCE_MAX;
	return a->colocated && reg_unheard(&m->reg) && mac_equal(&a->bssid, &m->link->bss.bssid);
}

void fallback_due(struct mobile *m, mtime now, struct mobile_out *out)
{
	bool may = m->conf.fall_back && m->link->attached && !m->deregistered;
	char text[ADDR_STRLEN] = "";

	if (!may || reg_serves(&m->reg, now)) {
		m->want.by_link = false;
	} else if (!m->want.by_link && colocated_wanted(m) && no_answer(m, now)) {
		m->want.by_link = true;
		if (m->conf.home_agent)
			addr_fmt(text, m->conf.home_agent);
		core_note(out,
			  "no answer from the home agent %s through this network: programs use it "
			  "directly meanwhile",
			  text);
	}
}

mtime fallback_deadline(const struct mobile *m)
{
	return name_awaited(m) && !m->want.by_link ? m->link->at + SILENCE_MAX : MTIME_NEVER;
}
