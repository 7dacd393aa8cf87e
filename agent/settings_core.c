/* SPDX-License-Identifier: MIT */
#include "agent/settings.h"

#include "common/log.h"

#include <stdlib.h>

_Static_assert(CONF_NAME_MAX == NAI_MAX + 1, "a name and a zero");

/* Apart from settings.c, which the command needs too and the core not. */

static struct sa sa_of(const struct settings_peer *p)
{
	struct sa sa = { .spi = p->key.key.len ? (uint32_t)p->spi : 0,
			 .alg = (enum auth_alg)p->algorithm,
			 .key = p->key.key };

	return sa;
}

static void copy_keys(const struct settings *s, struct agent_conf *c)
{
	c->nodes = calloc(s->n_nodes + 1, sizeof(*c->nodes));
	c->peers = calloc(s->n_peers + 1, sizeof(*c->peers));
	if (c->nodes == NULL || c->peers == NULL)
		fatal("no memory for the keys of %u nodes", s->n_nodes);
	c->n_nodes = s->n_nodes;
	c->n_peers = s->n_peers;
	for (unsigned i = 0; i < s->n_nodes; i++) {
		c->nodes[i].home_addr = s->nodes[i].addr ? s->nodes[i].addr : s->nodes[i].fixed;
		c->nodes[i].nai = s->nodes[i].addr ? NULL : s->nodes[i].nai;
		c->nodes[i].sa = sa_of(&s->nodes[i]);
	}
	for (unsigned i = 0; i < s->n_peers; i++) {
		c->peers[i].addr = s->peers[i].addr;
		c->peers[i].sa = sa_of(&s->peers[i]);
	}
}

static void copy_neighbours(const struct settings *s, struct agent_conf *c)
{
	for (unsigned i = 0; i < s->n_neighbours; i++) {
		const struct settings_neighbour *from = &s->neighbours[i];

		for (unsigned k = 0; k < from->bssid.n; k++)
			c->neighbours[c->n_neighbours++] = (struct neighbour){
			    from->bssid.mac[k], from->mac.mac[0], from->addr, from->care_of};
	}
}

void settings_agent_conf(const struct settings *s, struct agent_conf *c)
{
	agent_conf_default(c);
	c->home = s->home;
	c->home_agent = s->home_agent;
	c->home_net = s->home_net.net;
	c->home_prefix_len = s->home_net.len;
	c->pool_first = s->pool.first;
	c->pool_last = s->pool.last;
	c->home_lifetime_s = (uint16_t)(s->home_lifetime / SEC(1));
	c->home_reverse_mandatory = s->home_reverse_mandatory;
	c->home_udp = (enum agent_udp_tunnel)s->udp_tunnel;
	c->home_udp_any_agent = s->udp_agents;
	c->home_udp_lifetime_s = (uint16_t)(s->udp_lifetime / SEC(1));
	c->home_keepalive_s = (uint16_t)(s->keepalive / SEC(1));
	c->deal_keys = s->deal_keys;
	c->replay_tolerance_s = (uint32_t)(s->replay_tolerance / SEC(1));
	c->max_bindings = (unsigned)s->max_bindings;

	c->foreign = s->foreign;
	c->care_of = s->care_of;
	c->link_addr = s->link_addr;
	c->foreign_lifetime_s = (uint16_t)(s->foreign_lifetime / SEC(1));
	c->foreign_reverse = s->foreign_reverse;
	c->foreign_reverse_mandatory = s->foreign_reverse_mandatory;
	c->foreign_busy = s->foreign_busy;
	c->foreign_nat = (enum agent_nat)s->nat;
	c->foreign_required = s->foreign_required;
	c->advert_interval = s->advert_interval;
	c->n_links = s->foreign ? s->links.n : 0;
	c->max_visitors = (unsigned)s->max_visitors;

	c->home_on_link = s->home && s->home_ifname[0] != '\0';
	if (c->home_on_link)
		c->home_link = c->n_links++;

	c->buffers = s->buffers;
	c->per_node.packets = s->per_node.packets;
	c->per_node.bytes = (uint32_t)s->per_node.bytes;
	c->buffer_total = (size_t)s->buffer_total;
	c->overflow = (enum order_overflow)s->overflow; /* the words stand in its order */
	c->lease_max = s->lease;
	c->max_handoffs = (unsigned)s->handoffs;
	c->early_forward = s->early_forward;
	c->early_max = s->early_time;
	c->early_bytes = (uint32_t)s->early_size;
	c->early_total = (size_t)s->early_total;
	copy_keys(s, c);
	copy_neighbours(s, c);
}

void settings_agent_conf_free(struct agent_conf *c)
{
	for (size_t i = 0; i < c->n_nodes; i++)
		secret_wipe(&c->nodes[i].sa.key);
	for (size_t i = 0; i < c->n_peers; i++)
		secret_wipe(&c->peers[i].sa.key);
	free(c->nodes);
	free(c->peers);
	c->nodes = NULL;
	c->peers = NULL;
	c->n_nodes = c->n_peers = 0;
}
