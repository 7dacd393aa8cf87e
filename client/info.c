/* SPDX-License-Identifier: MIT */
#include "client/core.h"

#include <string.h>

const char *mobile_state_name(enum mobile_state s)
{
	static const char *const name[] = {
		[MOBILE_DETACHED] = "detached",
		[MOBILE_SEARCHING] = "searching",
		[MOBILE_REGISTERING] = "registering",
		[MOBILE_REGISTERED] = "registered",
		[MOBILE_AT_HOME] = "at-home",
		[MOBILE_HANDING_OFF] = "handing-off",
		[MOBILE_DEREGISTERED] = "deregistered",
	};

	return name[s];
}

static enum mobile_state state(const struct mobile *m, mtime now)
{
	/* FORWARDING is the old agent's business: the node is there and registered. */
	if (m->ho.state != HO_IDLE && m->ho.state != HO_FORWARDING && m->ho.rep->number)
		return MOBILE_HANDING_OFF;
	if (m->deregistered)
		return MOBILE_DEREGISTERED;
	if (!m->link->attached)
		return MOBILE_DETACHED;
	if (reg_is_bound(&m->reg, now))
		return MOBILE_REGISTERED;
	if (m->reg.state == REG_HOME)
		return MOBILE_AT_HOME;
	return m->reg.state == REG_NONE ? MOBILE_SEARCHING : MOBILE_REGISTERING;
}

static void links_info(const struct mobile *m, mtime now, struct mobile_info *out)
{
	out->link = (unsigned)(m->link - m->links);
	out->n_links = m->conf.n_links;
	for (unsigned i = 0; i < m->conf.n_links; i++)
		out->links[i] = (struct mobile_link_info){
			.attached = m->links[i].attached,
			.ready = cross_ready(m, &m->links[i], now),
			.metered = m->conf.links[i].metered,
			.preference = m->conf.links[i].preference,
			.address = m->links[i].colo.net.addr,
			.gateway = m->links[i].colo.net.gateway,
		};
}

void mobile_info(const struct mobile *m, mtime now, struct mobile_info *out)
{
	const struct known_agent *a = &m->reg.agent;

	memset(out, 0, sizeof(*out));
	out->state = state(m, now);
	out->attached = m->link->attached;
	out->bss = m->link->bss;
	radio_view(&m->radio, now, &out->radio);
	out->home_addr = m->conf.home_addr;
	out->home_agent = m->conf.home_agent;
	out->nai = m->conf.nai;
	out->agent = a->addr;
	out->care_of = a->addr ? a->care_of : 0;
	out->agent_mac = a->mac;
	out->colocated = a->addr && a->colocated;
	out->udp_tunnel = out->colocated && m->tun.udp;
	links_info(m, now, out);
	out->by_link = m->want.by_link;
	out->agent_buffers = a->addr && a->buffers;
	out->order_key = a->addr ? core_order_key(m, a) : ORDER_KEY_NONE;
	out->home_keeps = m->home_keeps;
	out->buffering_enabled = m->conf.buffer;
	out->announced_at = m->announced.at;
	out->saves = mobile_saves(m);
	out->early_lease = m->conf.buffer && m->conf.early_lease ? early_state_name(m->early.state)
								 : "off";
	if (reg_is_bound(&m->reg, now)) {
		out->lifetime_s = m->reg.granted_s;
		out->expires = m->reg.expires;
	}
	out->has_last_code = m->reg.has_code;
	out->last_code = m->reg.code;
	out->reverse_wanted = m->conf.reverse;
	out->reverse = m->conf.reverse && (a->flags & ADVERT_T);
	out->uplink = m->want.uplink;
	out->uplink_queued = m->up.q.packets;
	out->uplink_dropped = m->counters.uplink_dropped;
	out->requests = m->counters.requests;
	out->replies = m->counters.replies;
	out->adverts = m->counters.adverts;
	out->solicitations = m->counters.solicitations;
	out->keepalives = m->counters.keepalives;
	out->errors_relayed = m->counters.errors_relayed;
	out->handoffs = m->counters.handoffs;
	out->handoffs_failed = m->counters.handoffs_failed;
	out->drops = m->drops;
}

const struct radio *mobile_radio(const struct mobile *m)
{
	return &m->radio;
}

unsigned mobile_history_last(const struct mobile *m)
{
	return m->last_report;
}

unsigned mobile_history_first(const struct mobile *m)
{
	unsigned n = m->last_report > HISTORY_MAX ? m->last_report - HISTORY_MAX + 1 : 1;

	while (n <= m->last_report && m->history[(n - 1) % HISTORY_MAX].number != n)
		n++; /* of an earlier run, and not kept */
	return n <= m->last_report ? n : 0;
}

bool mobile_report(const struct mobile *m, unsigned number, struct report *out)
{
	if (number == 0)
		number = m->last_report;
	if (number == 0 || number < mobile_history_first(m) || number > m->last_report)
		return false;
	*out = m->history[(number - 1) % HISTORY_MAX];
	return out->number == number;
}
