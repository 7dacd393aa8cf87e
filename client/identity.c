/* SPDX-License-Identifier: MIT */
#include "client/core.h"

#include <string.h>

/*
 * A node may know its name alone (NAI, RFC 2794): the home agent gives it its home address with
 * the first acceptance.  Until then nothing of ours is in the way of its programs.  From then on it
 * asks for that one; another one only when that is refused.
 *
 * Such a node is nowhere at home: a home agent gives an address of its pool for as long as it is
 * bound, and on its home link a node is not.
 */
void identity_derive(struct mobile *m)
{
	const struct mobile_conf *c = &m->conf;

	m->reg_conf = (struct reg_conf){.home_addr = c->home_addr,
					.home_agent = c->home_agent,
					.home_sa = c->home_sa,
					.lifetime_s = c->lifetime_s,
					.reverse = c->reverse,
					.udp = c->udp_tunnel,
					.udp_forced = c->udp_forced,
					.nai = c->nai[0] ? c->nai : NULL,
					.assigned = m->assigned};
	m->order_conf = (struct order_conf){c->home_addr, c->size_packets, c->size_kib, c->lease_ms,
					    c->elastic};
	m->disc.home_agent = m->assigned ? 0 : c->home_agent;
	m->want.home_addr = c->home_addr;
}

bool identity_same(const struct mobile *m, const struct mobile_conf *conf)
{
	return conf->home_addr == (m->assigned ? 0 : m->conf.home_addr) &&
	       strcmp(conf->nai, m->conf.nai) == 0;
}

void identity_take(struct mobile *m, uint32_t home_addr, struct mobile_out *out)
{
	uint32_t was = m->conf.home_addr;
	char now[ADDR_STRLEN], before[ADDR_STRLEN];

	if (home_addr == was)
		return;
	m->conf.home_addr = home_addr;
	identity_derive(m);
	node_keys_wipe(&m->keys); /* they were dealt to the other one */
	addr_fmt(now, home_addr);
	if (was)
		core_note(out, "the home agent has given us another home address, %s: connections "
			  "from %s are lost", now, addr_fmt(before, was));
	else
		core_note(out, "home address %s", now);
}
