/* SPDX-License-Identifier: MIT */
#include "client/core.h"

/*
 * On the home link others speak to the node directly, so it answers ARP for its home address there:
 * RFC 5944 4.6.  From before it deregisters, and until it begins to leave: once the home agent is
 * asked to buffer, what came by the link would be out of its hands.
 *
 * The gratuitous ARP of one that comes home is the home agent's affair where packets were kept: it
 * tells when those are out, or the link's next one would overtake them.  Until then the node asks
 * nobody there for his address, since that would tell the same: what it sends goes by the home
 * agent.
 */
#define TOLD_MAX SEC(10) /* a lease, and what the home agent waits for: then nobody will tell */

static bool here(const struct mobile *m)
{
	return m->link->attached && m->reg.agent.home && !m->reg.agent.colocated &&
	       core_may_register(m) &&
	       (m->reg.state == REG_HOME || m->reg.state == REG_REQUESTING);
}

static bool kept(const struct mobile *m)
{
	return m->ho.asked || m->ho.granted || m->reg.riders.n;
}

#define PREFIX_MIN 8 /* nobody signs it: less would draw half of the world on the link */

/* Of the home network, as the home agent's advertisement has it; 32: it does not say. */
static uint8_t prefix_len(const struct mobile *m)
{
	const struct known_agent *a = &m->reg.agent;
	unsigned len = a->prefix_len;

	if (len < PREFIX_MIN || len >= 32 || (a->addr ^ m->conf.home_addr) >> (32 - len))
		return 32;
	return (uint8_t)len;
}

void athome_due(struct mobile *m, mtime now, struct mobile_out *out)
{
	bool was = m->want.at_home;

	m->want.at_home = here(m);
	if (!m->want.at_home) {
		m->want.home_len = 0;
		m->home_told &= !was;
		return;
	}
	if (!was) {
		m->home_at = now;
		if (!kept(m)) {
			m->home_told = true;
			core_add(out, MOBILE_ANNOUNCE);
		}
	}
	m->home_told |= now >= m->home_at + TOLD_MAX;
	m->want.home_len = m->home_told ? prefix_len(m) : 32;
}

mtime athome_deadline(const struct mobile *m)
{
	return m->want.at_home && !m->home_told ? m->home_at + TOLD_MAX : MTIME_NEVER;
}

void mobile_announced(struct mobile *m, const struct instant *now, struct mobile_out *out)
{
	core_begin(m, out);
	m->home_told = true;
	core_finish(m, now, out);
}
