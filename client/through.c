/* SPDX-License-Identifier: MIT */
#include "client/through.h"

#include "client/handoff_steps.h"

bool through_heard(struct core_link *l, const struct known_agent *a, mtime now)
{
	if (l->insisting.refuses || !l->colo.confirmed) {
		if (!l->insisting.refuses)
			l->insisting.agent = *a; /* an address may still come */
		l->colo_refused = true;
		return false;
	}
	l->insisting.agent = *a;
	l->colo_refused = false;
	if (l->colo.at > now)
		l->colo.at = now;
	return true;
}

bool through_wanted(const struct core_link *l)
{
	return l->insisting.agent.addr && !l->insisting.refuses;
}

void through_link_up(struct core_link *l)
{
	l->insisting = (struct insisting){ .refuses = false };
	l->colo_refused = false;
}

struct known_agent through_own(const struct mobile *m, struct known_agent own)
{
	for (unsigned i = 0; i < m->conf.n_links; i++) {
		const struct core_link *l = &m->links[i];
		const struct known_agent *a = &l->insisting.agent;

		if (!a->addr || !l->attached || !mac_equal(&l->bss.bssid, &own.bssid))
			continue;
		own.through = a->addr;
		own.through_care_of = a->care_of;
		own.through_mac = a->mac;
		own.reg_lifetime_s = a->reg_lifetime_s;
	}
	return own;
}

/* From the address that it is about: RFC 5944 3.6.1.1. */
void through_send(struct mobile *m, const struct known_agent *a, struct mobile_out *out,
		  const uint8_t *p, size_t n)
{
	core_udp_from(m, out, &a->through_mac, a->care_of, a->through, 255, p, n);
}

bool through_refused(struct mobile *m, uint8_t code, const struct instant *now,
		     struct mobile_out *out)
{
	bool crossing = m->ho.state == HO_CROSSING;
	struct core_link *l = crossing ? &m->links[m->cross.to] : m->link;
	uint32_t asked = crossing ? m->cross.reg.agent.through : m->reg.agent.through;
	struct known_agent a = l->insisting.agent;

	if (code != CODE_FA_PROHIBITED || !asked || a.addr != asked)
		return false;
	core_note(out, "the agent registers no address but its own");
	l->insisting = (struct insisting){ .refuses = true };
	l->colo_refused = true;
	if (crossing)
		return false; /* tried again as any link that did not serve, its own way then */
	if (m->ho.state == HO_REGISTERING)
		handoff_agent(m, &a, now, out);
	else
		core_register(m, &a, NULL, now);
	return true;
}
