/* SPDX-License-Identifier: MIT */
#include "client/handoff_steps.h"

#include <stdio.h>

/*
 * The home agent as the one that keeps the node's packets, where the agent that the node leaves
 * cannot: mip-buffer(7), F9.  Whether it can is learnt by a QUERY; orders to it are signed with
 * MN-HA and take their Identifications from the registration's clock.  A co-located node would ask
 * in the same way, with itself as the way to the home agent.
 */
#define INTERVAL_MIN MSEC(20)
#define PATIENCE SEC(1)	       /* the signal is falling */
#define INTERVAL_MAX MSEC(100) /* from 60 ms away it is asked twice before it answers */

const char *home_keeps_name(enum home_keeps k)
{
	static const char *const name[] = {
		[HOME_UNKNOWN] = "unknown",
		[HOME_KEEPS] = "buffers",
		[HOME_SILENT] = "does-not-answer",
		[HOME_REFUSES] = "refuses",
	};

	return name[k];
}

struct order_clock *keeper_clock(struct mobile *m)
{
	struct order_clock *c = &m->home_clock;

	c->care_of = m->conf.home_agent;
	c->home = true;
	c->offset = m->reg.clock_offset;
	c->last_id = m->reg.last_id > m->reg.floor ? m->reg.last_id : m->reg.floor;
	return c;
}

bool core_clock_told(struct mobile *m, struct order_clock *c, uint64_t id,
		     const struct instant *now)
{
	if (!order_clock_set(c, id, now->ntp))
		return false;
	if (c == &m->home_clock) {
		m->reg.clock_offset = c->offset;
		m->reg.floor = c->last_id;
	}
	return true;
}

struct known_agent keeper_by_way_of(const struct mobile *m, const struct known_agent *a)
{
	return (struct known_agent){.addr = m->conf.home_agent,
				    .care_of = m->conf.home_agent,
				    .mac = a->mac,
				    .buffers = m->home_keeps == HOME_KEEPS,
				    .home = true};
}

/* Between two sendings: half as much again as the way there and back. */
mtime keeper_interval(const struct mobile *m)
{
	mtime t = m->home_rtt + m->home_rtt / 2;

	return t < INTERVAL_MIN ? INTERVAL_MIN : mtime_min(t, INTERVAL_MAX);
}

void keeper_ask(struct mobile *m, const struct instant *now)
{
	struct known_agent home = keeper_by_way_of(m, &m->reg.agent);

	if (!m->conf.buffer || m->home_keeps == HOME_KEEPS ||
	    handoff_can_order(m, &m->reg.agent))
		return;
	exchange_start(&m->query, ORDER_QUERY, &home, now->t);
	m->query.interval = keeper_interval(m);
	m->query.len =
	    core_sign(m, &home, ORDER_QUERY, 0, 0, now->ntp, m->query.msg, &m->query.id);
}

void keeper_answered(struct mobile *m, uint8_t code, struct mobile_out *out)
{
	enum home_keeps was = m->home_keeps;

	if (code == ORDER_GRANTED)
		m->home_keeps = HOME_KEEPS;
	else if (code == ORDER_NOT_SERVED)
		m->home_keeps = HOME_UNKNOWN; /* it does not know where we are yet */
	else
		m->home_keeps = HOME_REFUSES;
	if (m->home_keeps != was)
		core_note(out, "the home agent %s", m->home_keeps == HOME_KEEPS
							? "buffers where an agent does not"
							: "does not buffer for us");
}

void keeper_silent(struct mobile *m, struct mobile_out *out)
{
	if (m->home_keeps != HOME_SILENT)
		core_note(out, "the home agent knows nothing of buffering, and neither does "
			       "this agent: handoffs lose packets here");
	m->home_keeps = HOME_SILENT;
}

struct known_agent keeper_of(struct mobile *m, const struct known_agent *first, bool sudden)
{
	struct known_agent home = keeper_by_way_of(m, first);

	if (sudden || !first->addr || handoff_can_order(m, first) || !handoff_can_order(m, &home))
		return *first;
	return home;
}

/*
 * Where the second agent is known to relay no order, the home agent is asked rather than the first
 * (F4): it keeps the order of packets, and needs nobody to know his neighbours.
 */
void keeper_for_target(struct mobile *m)
{
	struct handoff *h = &m->ho;
	struct known_agent home = keeper_by_way_of(m, &h->first);

	if (h->sudden || h->asked || !h->second.addr || h->second.buffers ||
	    handoff_same_agent(h) || !handoff_can_order(m, &home))
		return;
	h->keeper = home;
}

enum flow keeper_flow(const struct handoff *h)
{
	if (h->first.home || h->second.home)
		return FLOW_F8;
	if (h->first.colocated)
		return FLOW_F7;
	if (h->keeper.home)
		return FLOW_F9;
	return handoff_same_agent(h) ? FLOW_F5 : FLOW_F1;
}

mtime keeper_patience(const struct handoff *h, mtime now)
{
	return h->keeper.home ? now + PATIENCE : MTIME_NEVER; /* else the exchange ends by itself */
}

static const char *home_agent_too(const struct mobile *m)
{
	switch (m->home_keeps) {
	case HOME_UNKNOWN:
		return "what the home agent does is not known yet";
	case HOME_KEEPS:
		return "the home agent was not asked in time";
	case HOME_SILENT:
		return "the home agent knows nothing of it";
	case HOME_REFUSES:
		return "the home agent refuses";
	}
	return "";
}

void keeper_why_none(struct mobile *m)
{
	const struct known_agent *a = &m->ho.first;
	char why[120];

	if (!m->conf.buffer || !a->addr) {
		handoff_because(m, a->addr ? "buffering is switched off"
					   : "not registered when it began");
		return;
	}
	snprintf(why, sizeof(why), "%s, %s",
		 a->buffers ? "no key for the first agent" : "the first agent does not buffer",
		 home_agent_too(m));
	handoff_because(m, why);
}
