/* SPDX-License-Identifier: MIT */
#include "client/core.h"

#include <stdlib.h>
#include <string.h>

/* How a node begins, is configured anew, and ends. */

void mobile_conf_default(struct mobile_conf *c)
{
	memset(c, 0, sizeof(*c));
	c->lifetime_s = 600;
	c->reverse = true;
	c->udp_tunnel = true;
	c->fall_back = true;
	radio_conf_default(&c->radio);
	c->automatic = true;
	c->buffer = true;
	c->elastic = true;
	c->early_lease = true;
	c->settle = MSEC(10);
	c->settle_max = MSEC(60);
	c->uplink_packets = 2048;
	c->uplink_bytes = 4u << 20;
	c->n_links = 1;
}

struct mobile *mobile_new(const struct mobile_conf *conf, void *pool_mem, const struct instant *now)
{
	struct mobile *m = calloc(1, sizeof(*m));

	if (!m)
		return NULL;
	m->conf = *conf;
	m->assigned = conf->home_addr == 0;
	pool_init(&m->pool, pool_mem, conf->uplink_bytes);
	radio_init(&m->radio, &conf->radio);
	discovery_init(&m->disc);
	m->link = &m->links[MOBILE_RADIO];
	for (unsigned i = 0; i < MOBILE_LINKS_MAX; i++) {
		colocated_init(&m->links[i].colo);
		m->links[i].open_at = MTIME_NEVER;
	}
	cross_init(&m->cross);
	identity_derive(m);
	reg_init(&m->reg);
	uplink_init(&m->up, &m->pool, conf->uplink_packets);
	m->ho.deadline = MTIME_NEVER;
	m->next_sample = MTIME_NEVER;
	m->want.uplink = UPLINK_HELD;
	m->want.mtu = PATH_MTU;
	m->announced.at = MTIME_NEVER;
	m->ip_id = (uint16_t)now->ntp;
	power_decide(m);
	return m;
}

size_t mobile_size(void)
{
	return sizeof(struct mobile);
}

void mobile_free(struct mobile *m)
{
	for (unsigned i = 0; i < m->conf.n_agents; i++)
		secret_wipe(&m->conf.agents[i].sa.key);
	secret_wipe(&m->conf.home_sa.key);
	secret_wipe(&m->reg_conf.home_sa.key);
	secret_wipe(&m->reg.agent_sa.key);
	secret_wipe(&m->cross.reg.agent_sa.key);
	node_keys_wipe(&m->keys);
	free(m);
}

bool mobile_reconfigure(struct mobile *m, const struct mobile_conf *conf, const struct instant *now,
			struct mobile_out *out)
{
	size_t bytes = m->conf.uplink_bytes;
	uint32_t home_addr = m->conf.home_addr, home_agent = m->conf.home_agent;

	core_begin(m, out);
	if (!identity_same(m, conf) || conf->n_links != m->conf.n_links) {
		m->inside = false;
		return false;
	}
	m->conf = *conf;
	m->conf.uplink_bytes = bytes;
	m->conf.home_addr = home_addr;
	identity_derive(m);
	if (conf->home_agent != home_agent)
		core_other_home_agent(m, now->t);
	m->radio.conf = conf->radio;
	power_decide(m);
	m->up.limit = conf->uplink_packets;
	m->thresholds_set = false;
	core_finish(m, now, out);
	return true;
}

void mobile_start(struct mobile *m, const struct instant *now, struct mobile_out *out)
{
	core_begin(m, out);
	core_finish(m, now, out);
}
