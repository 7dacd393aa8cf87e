/* SPDX-License-Identifier: MIT */
#include "client/core.h"

#define JOIN_WITHIN 2 /* keepalives */

bool mobile_saves(const struct mobile *m)
{
	return m->radio.saving;
}

void power_decide(struct mobile *m)
{
	radio_power(&m->radio, m->conf.power == POWER_SAVING ||
				       (m->conf.power == POWER_AUTO && m->told_to_save));
}

const char *mobile_power(struct mobile *m, bool saving, const struct instant *now,
			 struct mobile_out *out)
{
	bool before = mobile_saves(m);
	const char *error = NULL;

	core_begin(m, out);
	m->told_to_save = saving;
	power_decide(m);
	if (mobile_saves(m) != saving)
		error = "[Radio] power in the configuration says otherwise: auto leaves it to "
			"this command";
	if (mobile_saves(m) != before)
		core_event(out, TELL_POWER);
	core_finish(m, now, out);
	return error;
}

bool mobile_looks_away(const struct mobile *m)
{
	return mobile_saves(m) && m->radio.rule == RADIO_GOOD && m->ho.state == HO_IDLE;
}

bool power_joins(const struct mobile *m, mtime now)
{
	return mobile_saves(m) && m->reg.state == REG_BOUND &&
	       reg_deadline(&m->reg) - now <= JOIN_WITHIN * m->tun.alive.every;
}

struct advert_like power_said(const struct advert *ad, const struct mac *mac, uint32_t src)
{
	return (struct advert_like){.src = src,
				    .mac = *mac,
				    .len = ad->len,
				    .sequence = ad->sequence,
				    .sequence_at = ad->sequence_at,
				    .rest = ad->rest};
}

/* Registered, nothing under way, and not waiting for anybody's word. */
static bool at_rest(const struct mobile *m)
{
	return m->ho.state == HO_IDLE && (m->reg.state == REG_BOUND || m->reg.state == REG_HOME) &&
	       !m->disc.searching && !m->deregistered;
}

/* The agent that we are with, or one that nothing is wanted of. */
static bool of_no_use(const struct mobile *m, const struct core_link *l)
{
	return l != m->link || same_agent(&l->agent, &m->reg.agent) ||
	       (m->reg.agent.colocated && !l->agent.home);
}

void mobile_known(const struct mobile *m, unsigned link, struct advert_like *out)
{
	const struct core_link *l = &m->links[link];

	if (l->attached && at_rest(m) && of_no_use(m, l))
		*out = l->like;
	else
		*out = (struct advert_like){.src = 0};
}

bool mobile_hurries(const struct mobile *m)
{
	switch (m->ho.state) {
	case HO_ASKING:
	case HO_SETTLING:
	case HO_FINDING:
	case HO_REGISTERING:
		return true;
	case HO_IDLE:
	case HO_SCANNING:
	case HO_ROAMING: /* the supplicant does */
	case HO_FORWARDING:
	case HO_RELEASING:
	case HO_CROSSING:
		return false;
	}
	return false;
}
