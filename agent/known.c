/* SPDX-License-Identifier: MIT */
#include "agent/known.h"

#include "agent/home.h"

#include <stdlib.h>
#include <string.h>

#define SALTS_MAX 256 /* of 131072 names, no two have the same hash once in seven tries */

static bool in_pool(const struct agent_conf *c, uint32_t addr)
{
	return c->pool_first && addr >= c->pool_first && addr <= c->pool_last;
}

static size_t pool_size(const struct agent_conf *c)
{
	return c->pool_first ? (size_t)(c->pool_last - c->pool_first) + 1 : 0;
}

/* Who has this address of the pool. */
static bool owner(const struct agent *a, uint32_t addr, size_t *i)
{
	uint32_t to = in_pool(&a->c, addr) ? a->given_to[addr - a->c.pool_first] : 0;

	*i = to - 1;
	return to != 0;
}

static bool find(const struct agent *a, uint32_t home, size_t *i)
{
	return home && (lookup_get(&a->by_home, home, i) || owner(a, home, i));
}

const struct agent_node_conf *conf_node(const struct agent *a, uint32_t home, struct seen **seen)
{
	size_t i;

	if (!find(a, home, &i) || !a->c.nodes[i].sa.spi)
		return NULL;
	if (seen)
		*seen = &a->seen[i];
	return &a->c.nodes[i];
}

const struct sa *conf_mn_fa(const struct agent *a, uint32_t home)
{
	const struct agent_node_conf *nc = conf_node(a, home, NULL);

	return nc && !nc->nai ? &nc->sa : NULL;
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

/* FNV-1a */
static uint32_t hash(const void *p, size_t n, uint32_t salt)
{
	const uint8_t *b = p;
	uint32_t h = 2166136261u ^ salt;

	for (size_t i = 0; i < n; i++)
		h = (h ^ b[i]) * 16777619u;
	return h ^ h >> 15;
}

static bool find_nai(const struct agent *a, const void *nai, size_t n, size_t *i)
{
	return n && lookup_get(&a->by_nai, hash(nai, n, a->nai_salt), i) &&
	       strlen(a->c.nodes[*i].nai) == n && !memcmp(a->c.nodes[*i].nai, nai, n);
}

const struct agent_node_conf *known_by_nai(const struct agent *a, const struct rbuf *nai,
					   struct seen **seen)
{
	size_t i;

	if (!find_nai(a, nai->p, nai->left, &i) || !a->c.nodes[i].sa.spi)
		return NULL;
	*seen = &a->seen[i];
	return &a->c.nodes[i];
}

/* ---- the pool ---- */

static bool is_free(const struct agent *a, uint32_t addr)
{
	size_t i;

	return in_pool(&a->c, addr) && !owner(a, addr, &i);
}

uint32_t known_address(struct agent *a, const struct agent_node_conf *nc, uint32_t wish)
{
	size_t at = (size_t)(nc - a->c.nodes), n = pool_size(&a->c), i;
	uint32_t given = a->seen[at].given;

	if (nc->home_addr)
		return nc->home_addr;
	if (owner(a, given, &i) && i == at)
		return given;
	if (is_free(a, wish))
		return wish;
	if (is_free(a, given))
		return given;
	/* A node that has none asks once: a full pool of 65536 takes some 30 us. */
	for (size_t k = 0; k < n; k++) {
		i = (a->next_given + k) % n;
		if (a->given_to[i])
			continue;
		a->next_given = i + 1;
		return a->c.pool_first + (uint32_t)i;
	}
	return 0;
}

void known_give(struct agent *a, const struct agent_node_conf *nc, uint32_t home)
{
	size_t at = (size_t)(nc - a->c.nodes);

	if (nc->home_addr)
		return;
	a->given_to[home - a->c.pool_first] = (uint32_t)at + 1;
	a->seen[at].given = home;
}

uint32_t known_home(const struct agent *a, const struct agent_node_conf *nc)
{
	size_t at = (size_t)(nc - a->c.nodes), i;

	if (nc->home_addr)
		return nc->home_addr;
	return owner(a, a->seen[at].given, &i) && i == at ? a->seen[at].given : 0;
}

bool known_again(struct agent *a, const struct agent_node_conf *nc, uint32_t home)
{
	if (nc->home_addr)
		return nc->home_addr == home;
	if (in_pool(&a->c, home))
		a->seen[nc - a->c.nodes].given = home;
	return is_free(a, home);
}

bool known_return(struct agent *a, uint32_t home)
{
	if (!in_pool(&a->c, home))
		return false;
	a->given_to[home - a->c.pool_first] = 0;
	return true;
}

/* ---- tables ---- */

/* What is made of c's nodes and peers. */
struct known {
	struct seen *seen;
	struct lookup by_home, by_peer, by_nai;
	uint32_t nai_salt;
};

static void known_drop(struct known *k, size_t n_nodes)
{
	lookup_free(&k->by_home);
	lookup_free(&k->by_peer);
	lookup_free(&k->by_nai);
	if (k->seen)
		key_wipe(k->seen, n_nodes * sizeof(*k->seen)); /* keys were drawn from it */
	free(k->seen);
}

/* False: two names have the same hash under this salt, or are the same. */
static bool index_nais(const struct agent_conf *c, struct known *k)
{
	size_t other;

	for (size_t i = 0; i < c->n_nodes; i++) {
		const char *nai = c->nodes[i].nai;
		uint32_t h = nai ? hash(nai, strlen(nai), k->nai_salt) : 0;

		if (!nai)
			continue;
		if (lookup_get(&k->by_nai, h, &other))
			return false;
		lookup_put(&k->by_nai, h, i);
	}
	return true;
}

/* Of two entries with one address the first counts, and one with a key before one without. */
static void index_addresses(const struct agent_conf *c, struct known *k)
{
	for (unsigned keyless = 0; keyless < 2; keyless++) {
		for (size_t i = 0; i < c->n_nodes; i++)
			if (c->nodes[i].home_addr && (c->nodes[i].sa.spi == 0) == keyless)
				lookup_put(&k->by_home, c->nodes[i].home_addr, i);
		for (size_t i = 0; i < c->n_peers; i++)
			if ((c->peers[i].sa.spi == 0) == keyless)
				lookup_put(&k->by_peer, c->peers[i].addr, i);
	}
}

static bool known_make(const struct agent_conf *c, struct known *k)
{
	bool done = false;

	*k = (struct known){ .seen = calloc(c->n_nodes + 1, sizeof(*k->seen)) };
	if (k->seen && lookup_init(&k->by_home, c->n_nodes) &&
	    lookup_init(&k->by_peer, c->n_peers)) {
		index_addresses(c, k);
		while (!done && k->nai_salt++ < SALTS_MAX) {
			lookup_free(&k->by_nai);
			if (!lookup_init(&k->by_nai, c->n_nodes))
				break;
			done = index_nais(c, k);
		}
	}
	if (!done)
		known_drop(k, c->n_nodes);
	return done;
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
	a->by_nai = k->by_nai;
	a->nai_salt = k->nai_salt;
}

bool known_init(struct agent *a)
{
	struct known k;

	a->given_to = calloc(pool_size(&a->c) + 1, sizeof(*a->given_to));
	if (!a->given_to || !known_make(&a->c, &k))
		return false;
	known_use(a, &a->c, &k);
	return true;
}

static void tables_free(struct agent *a)
{
	struct known k = { a->seen, a->by_home, a->by_peer, a->by_nai, 0 };

	known_drop(&k, a->c.n_nodes);
	a->seen = NULL;
	a->by_home = a->by_peer = a->by_nai = (struct lookup){ 0 };
}

void known_free(struct agent *a)
{
	tables_free(a);
	free(a->given_to);
	a->given_to = NULL;
}

/* ---- another configuration ---- */

static bool same_key(const struct sa *a, const struct sa *b)
{
	return a->spi == b->spi && a->alg == b->alg && a->key.len == b->key.len &&
	       !memcmp(a->key.b, b->key.b, a->key.len);
}

/* The number that our node `now` has in a, if nothing about it is other than there. */
static bool unchanged(const struct agent *a, const struct agent_node_conf *now, size_t *i)
{
	const struct agent_node_conf *was;

	if (now->nai ? !find_nai(a, now->nai, strlen(now->nai), i)
		     : !lookup_get(&a->by_home, now->home_addr, i))
		return false;
	was = &a->c.nodes[*i];
	return was->home_addr == now->home_addr && !was->nai == !now->nai && was->sa.spi &&
	       same_key(&was->sa, &now->sa);
}

/*
 * With another key it is another node: whoever holds the old one may have been why, so that its
 * binding ends too, and its last Identification is nothing to compare the next one with.
 */
bool known_renew(struct agent *a, const struct agent_conf *c)
{
	uint32_t *now = calloc(a->c.n_nodes + 1, sizeof(*now)); /* of each of our nodes, from 1 */
	size_t n = pool_size(&a->c), i;
	struct known k;

	if (!now || !known_make(c, &k)) {
		free(now);
		return false;
	}
	for (size_t j = 0; j < c->n_nodes; j++) {
		if (!unchanged(a, &c->nodes[j], &i))
			continue;
		k.seen[j] = a->seen[i];
		now[i] = (uint32_t)j + 1;
	}
	for (struct binding *b = a->bindings; b; b = b->hh.next)
		if (!find(a, b->home, &i) || !now[i])
			binding_revoke(a, b);
	for (i = 0; i < n; i++)
		a->given_to[i] = a->given_to[i] ? now[a->given_to[i] - 1] : 0;
	free(now);
	tables_free(a);
	known_use(a, c, &k);
	return true;
}
