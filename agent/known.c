/* SPDX-License-Identifier: MIT */
#include "agent/known.h"

#include "agent/home.h"

#include <stdlib.h>
#include <string.h>

const struct agent_node_conf *conf_node(const struct agent *a, uint32_t home, struct seen **seen)
{
	size_t i;

	if (!lookup_get(&a->by_home, home, &i) || !a->c.nodes[i].sa.spi)
		return NULL;
	if (seen)
		*seen = &a->seen[i];
	return &a->c.nodes[i];
}

const struct sa *conf_peer(const struct agent *a, uint32_t addr)
{
	size_t i;

	return lookup_get(&a->by_peer, addr, &i) && a->c.peers[i].sa.spi ? &a->c.peers[i].sa : NULL;
}

bool conf_peer_known(const struct agent *a, uint32_t addr)
{
	size_t at;

	for (unsigned i = 0; i < a->c.n_neighbours; i++)
		if (a->c.neighbours[i].care_of == addr)
			return true;
	return lookup_get(&a->by_peer, addr, &at);
}

/* What is made of c's nodes and peers. */
struct known {
	struct seen *seen;
	struct lookup by_home, by_peer;
};

static void known_drop(struct known *k, size_t n_nodes)
{
	lookup_free(&k->by_home);
	lookup_free(&k->by_peer);
	if (k->seen)
		key_wipe(k->seen, n_nodes * sizeof(*k->seen)); /* keys were drawn from it */
	free(k->seen);
}

/* Of two entries with one address the first counts, and one with a key before one without. */
static bool known_make(const struct agent_conf *c, struct known *k)
{
	*k = (struct known){ .seen = calloc(c->n_nodes + 1, sizeof(*k->seen)) };
	if (!k->seen || !lookup_init(&k->by_home, c->n_nodes) ||
	    !lookup_init(&k->by_peer, c->n_peers)) {
		known_drop(k, c->n_nodes);
		return false;
	}
	for (unsigned keyless = 0; keyless < 2; keyless++) {
		for (size_t i = 0; i < c->n_nodes; i++)
			if ((c->nodes[i].sa.spi == 0) == keyless)
				lookup_put(&k->by_home, c->nodes[i].home_addr, i);
		for (size_t i = 0; i < c->n_peers; i++)
			if ((c->peers[i].sa.spi == 0) == keyless)
				lookup_put(&k->by_peer, c->peers[i].addr, i);
	}
	return true;
}

static void known_use(struct agent *a, const struct agent_conf *c, const struct known *k)
{
	a->c.nodes = c->nodes;
	a->c.n_nodes = c->n_nodes;
	a->c.peers = c->peers;
	a->c.n_peers = c->n_peers;
	a->seen = k->seen;
	a->by_home = k->by_home;
	a->by_peer = k->by_peer;
}

bool known_init(struct agent *a)
{
	struct known k;

	if (!known_make(&a->c, &k))
		return false;
	known_use(a, &a->c, &k);
	return true;
}

void known_free(struct agent *a)
{
	struct known k = { a->seen, a->by_home, a->by_peer };

	known_drop(&k, a->c.n_nodes);
	a->seen = NULL;
	a->by_home = a->by_peer = (struct lookup){ 0 };
}

static bool same_key(const struct sa *a, const struct sa *b)
{
	return a->spi == b->spi && a->alg == b->alg && a->key.len == b->key.len &&
	       !memcmp(a->key.b, b->key.b, a->key.len);
}

/*
 * With another key it is another node: whoever holds the old one may have been why, so that its
 * binding ends too, and its last Identification is nothing to compare the next one with.
 */
bool known_renew(struct agent *a, const struct agent_conf *c)
{
	const struct agent_node_conf *was;
	struct seen *seen;
	struct known k;
	size_t i;

	if (!known_make(c, &k))
		return false;
	for (i = 0; i < c->n_nodes; i++) {
		was = conf_node(a, c->nodes[i].home_addr, &seen);
		if (was && same_key(&was->sa, &c->nodes[i].sa))
			k.seen[i] = *seen;
	}
	for (struct binding *b = a->bindings; b; b = b->hh.next) {
		was = conf_node(a, b->home, NULL);
		if (!was || !lookup_get(&k.by_home, b->home, &i) ||
		    !same_key(&was->sa, &c->nodes[i].sa))
			binding_revoke(a, b);
	}
	known_free(a);
	known_use(a, c, &k);
	return true;
}
