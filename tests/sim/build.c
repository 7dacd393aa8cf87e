/* SPDX-License-Identifier: MIT */
#include "tests/sim/inside.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Who is in the world, and what they are told. */

static void key(struct sa *sa, uint32_t spi, unsigned fill)
{
	*sa = (struct sa){ .spi = spi, .alg = AUTH_HMAC_SHA256, .key = { .len = 32 } };
	memset(sa->key.b, (int)fill, 32);
}

/* Its randomness: new at each start. */
void build_agent(struct world *w, unsigned i)
{
	struct host *h = &w->host[i];
	struct instant now = world_instant(w, world_skew(w, i));
	uint64_t seed[] = { w->c.seed, i, ++h->starts };

	memcpy(h->conf.seed, seed, sizeof(seed));
	h->agent = agent_new(&h->conf, h->pool, &now);
	assert(h->agent);
}

/* Its home agent alone knows it so, and gives it an address of a pool of one. */
static const char name[] = "node@example.net";

static void rename_node(struct agent_conf *c)
{
	c->nodes[0].nai = name;
	c->nodes[0].home_addr = 0;
	c->pool_first = c->pool_last = WORLD_HOME;
}

/* As the daemon does with its state file; nothing was written too late here. */
static void restore(struct world *w, unsigned i, const struct agent_kept *k, unsigned n)
{
	struct instant now = world_instant(w, world_skew(w, i));

	agent_resumed(w->host[i].agent);
	while (n--) {
		agent_restore(w->host[i].agent, k++, &now, &w->aout);
		carry_agent(w, i);
	}
}

void build_again(struct world *w, unsigned i)
{
	struct instant now = world_instant(w, world_skew(w, i));
	struct agent_kept *kept = calloc(w->c.n_nodes, sizeof(*kept));
	bool remembers = i == w->c.n_foreign && w->c.home_remembers;
	struct agent_cursor c = { 0 };
	unsigned n = 0;

	assert(kept);
	while (remembers && n < w->c.n_nodes &&
	       agent_kept_next(w->host[i].agent, &now, &c, &kept[n]))
		n++;
	agent_free(w->host[i].agent);
	build_agent(w, i);
	if (remembers)
		restore(w, i, kept, n);
	free(kept);
}

static uint32_t care_of(unsigned i)
{
	return 0xc6336400u + 7 + i * 32;
}

static uint32_t link_addr(unsigned i)
{
	return 0x0a000001u + ((i + 1) << 16);
}

static void name_neighbours(struct world *w, unsigned i)
{
	struct agent_conf *c = &w->host[i].conf;

	for (unsigned k = 0; k < w->c.n_foreign; k++)
		if (k != i && !w->c.plain[k])
			c->neighbours[c->n_neighbours++] = (struct neighbour){
			    .bssid = { { 2, 0, 0, 0, (uint8_t)k, 0 } },
			    .agent_mac = { { 2, 0, 0, 0, (uint8_t)k, 0xaa } },
			    .agent_addr = link_addr(k),
			    .care_of = care_of(k)};
}

void build_host(struct world *w, unsigned i)
{
	struct host *h = &w->host[i];
	struct agent_conf *c = &h->conf;
	bool home = i == w->c.n_foreign;

	agent_conf_default(c);
	c->deal_keys = !w->c.no_deal;
	c->nodes = h->nodes;
	c->n_nodes = w->c.n_nodes;
	for (unsigned k = 0; k < w->c.n_nodes; k++) {
		h->nodes[k].home_addr = WORLD_HOME + k;
		if (home)
			key(&h->nodes[k].sa, 256, 0x11 + k);
		else if (!w->c.no_key[i])
			key(&h->nodes[k].sa, 300 + i, 0xa0 + i + 7 * k);
	}
	c->peers = h->peers;
	c->home = home;
	c->foreign = !home;
	c->buffers = home ? !w->c.home_refuses : !w->c.legacy[i];
	c->home_agent = h->addr;
	c->early_forward = w->c.forward_early[1];
	if (w->c.share)
		c->per_node.packets = w->c.share;
	if (home) {
		h->addr = c->home_agent = h->link_addr = WORLD_HOME_AGENT;
		h->mac = (struct mac){ { 2, 0, 0, 0, 0xff, 0xaa } };
		h->bssid = (struct mac){ { 2, 0, 0, 0, 0xff, 0 } };
		c->home_on_link = w->c.home_link;
		c->n_links = w->c.home_link;
		c->link_mac[0] = h->mac;
		c->home_net = WORLD_HOME & 0xffffff00;
		c->home_prefix_len = 24;
		if (w->c.named)
			rename_node(c);
		for (unsigned k = 0; k < w->c.n_foreign; k++) {
			if (w->c.plain[k])
				continue;
			h->peers[c->n_peers].addr = care_of(k);
			key(&h->peers[c->n_peers++].sa, 400 + k, 0x40 + k);
		}
	} else {
		h->addr = c->care_of = care_of(i);
		h->link_addr = c->link_addr = link_addr(i);
		h->mac = (struct mac){ { 2, 0, 0, 0, (uint8_t)i, 0xaa } };
		h->bssid = (struct mac){ { 2, 0, 0, 0, (uint8_t)i, 0 } };
		h->bssid2 = (struct mac){ { 2, 0, 0, 0, (uint8_t)i, 1 } };
		c->n_links = !w->c.plain[i]; /* else it is there, and nobody hears it */
		c->link_mac[0] = h->mac;
		c->foreign_reverse = true;
		c->n_peers = 1;
		h->peers[0].addr = WORLD_HOME_AGENT;
		key(&h->peers[0].sa, 400 + i, 0x40 + i);
	}
	if (!home && w->c.neighbours)
		name_neighbours(w, i);
	h->pool = malloc(c->buffer_total); /* not zeroed: thousands of worlds are built */
	build_agent(w, i);
}

void build_node(struct world *w, unsigned k)
{
	struct walker *n = &w->walkers[k];
	struct mobile_conf *c = &n->conf;
	struct instant now = world_node_instant(w);

	n->index = k;
	n->home = WORLD_HOME + k;
	n->mac = (struct mac){ { 2, 0, 0, 0, 9, (uint8_t)(9 + k) } };
	mobile_conf_default(c);
	c->home_addr = n->home;
	if (w->c.named) {
		c->home_addr = 0;
		memcpy(c->nai, name, sizeof(name));
	}
	if (w->c.wired) {
		n->cable.mac = (struct mac){ { 2, 0, 0, 0, 10, (uint8_t)(9 + k) } };
		c->n_links = 2;
		c->links[MOBILE_RADIO].preference = 1;
		c->links[WORLD_CABLE].preference = 2;
		c->links[WORLD_CABLE].metered = w->c.cable_metered;
	}
	c->home_agent = WORLD_HOME_AGENT;
	c->automatic = w->c.automatic;
	c->buffer = w->c.buffer;
	c->care_of = w->c.colocated ? CARE_OF_COLOCATED : CARE_OF_AUTO;
	key(&c->home_sa, 256, 0x11 + k);
	c->elastic = !w->c.rigid;
	c->early_lease = !w->c.no_early;
	c->ask = w->c.ask;
	c->forward_early = w->c.forward_early[0];
	c->size_packets = w->c.size_packets;
	c->size_kib = w->c.size_packets ? 1024 : 0;
	if (w->c.lifetime_s)
		c->lifetime_s = w->c.lifetime_s;
	for (unsigned i = 0; i < w->c.n_foreign; i++) {
		if (w->c.no_key[i] || w->c.plain[i])
			continue;
		c->agents[c->n_agents].addr = w->host[i].addr;
		key(&c->agents[c->n_agents++].sa, 300 + i, 0xa0 + i + 7 * k);
	}
	n->pool = malloc(c->uplink_bytes);
	n->mobile = mobile_new(c, n->pool, &now);
	assert(n->mobile);
	mobile_start(n->mobile, &now, &w->mout);
	carry_node(w, n);
}
