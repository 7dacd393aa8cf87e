/* SPDX-License-Identifier: MIT */
#include "client/keys.h"

#include "client/core.h"

#define GRACE SEC(8) /* a lease that began in time: what agents grant by default */

static struct agent_keys *find(struct node_keys *k, uint32_t care_of)
{
	for (unsigned i = 0; i < KEYS_AGENTS_MAX; i++)
		if (care_of && k->agent[i].care_of == care_of)
			return &k->agent[i];
	return NULL;
}

static struct agent_keys *oldest(struct node_keys *k)
{
	struct agent_keys *found = &k->agent[0];

	for (unsigned i = 1; i < KEYS_AGENTS_MAX; i++)
		if (k->agent[i].turn < found->turn)
			found = &k->agent[i];
	return found;
}

void node_keys_take(struct node_keys *k, const struct secret *mn_ha, uint32_t home_addr,
		    uint32_t care_of, const struct dealt_node *d, mtime sent)
{
	struct agent_keys *a = find(k, care_of);

	if (!a) {
		a = oldest(k);
		key_wipe(a, sizeof(*a));
		a->care_of = care_of;
	}
	a->turn = ++k->turn;
	if (a->current.sa.spi != d->spi)
		a->previous = a->current;
	key_wipe(&a->current, sizeof(a->current));
	dealt_order_key(mn_ha, d->nonce, home_addr, care_of, d->spi, &a->current.sa);
	a->current.clock = (struct order_clock){ .care_of = care_of, .known = true };
	a->current.expires = d->lifetime_s == DEALT_FOR_EVER
				 ? MTIME_NEVER
				 : sent + SEC((mtime)d->lifetime_s) + GRACE;
}

struct node_key *node_keys_current(struct node_keys *k, uint32_t care_of)
{
	struct agent_keys *a = find(k, care_of);

	return a && a->current.sa.spi ? &a->current : NULL;
}

struct node_key *node_keys_by_spi(struct node_keys *k, uint32_t care_of, uint32_t spi)
{
	struct agent_keys *a = find(k, care_of);

	if (!a || !spi)
		return NULL;
	if (a->current.sa.spi == spi)
		return &a->current;
	return a->previous.sa.spi == spi ? &a->previous : NULL;
}

void node_keys_forget(struct node_keys *k, uint32_t care_of)
{
	struct agent_keys *a = find(k, care_of);

	if (a)
		key_wipe(a, sizeof(*a));
}

static void expire(struct node_key *k, mtime now)
{
	if (k->sa.spi && now >= k->expires)
		key_wipe(k, sizeof(*k));
}

void node_keys_expire(struct node_keys *k, mtime now)
{
	for (unsigned i = 0; i < KEYS_AGENTS_MAX; i++) {
		expire(&k->agent[i].current, now);
		expire(&k->agent[i].previous, now);
	}
}

void node_keys_wipe(struct node_keys *k)
{
	key_wipe(k, sizeof(*k));
}

/* ---- what signs orders to an agent: a dealt key, else the configured one ---- */

bool core_signer(struct mobile *m, const struct known_agent *a, struct order_signer *out)
{
	struct node_key *k = node_keys_current(&m->keys, a->care_of);

	if (a->home) {
		*out = (struct order_signer){ &m->conf.home_sa, keeper_clock(m) };
		return true;
	}
	if (k) {
		*out = (struct order_signer){ &k->sa, &k->clock };
		return true;
	}
	out->sa = core_agent_sa(m, a);
	out->clock = out->sa ? core_clock(m, a->care_of) : NULL;
	return out->sa != NULL;
}

bool core_signer_of(struct mobile *m, const struct known_agent *a, uint32_t spi,
		    struct order_signer *out)
{
	struct node_key *k = node_keys_by_spi(&m->keys, a->care_of, spi);

	if (a->home)
		return core_signer(m, a, out) && out->sa->spi == spi;
	if (k) {
		*out = (struct order_signer){ &k->sa, &k->clock };
		return true;
	}
	out->sa = core_agent_sa(m, a);
	if (!out->sa || out->sa->spi != spi)
		return false;
	out->clock = core_clock(m, a->care_of);
	return true;
}

enum order_key core_order_key(const struct mobile *m, const struct known_agent *a)
{
	if (a->home)
		return ORDER_KEY_CONFIGURED;
	for (unsigned i = 0; i < KEYS_AGENTS_MAX; i++)
		if (a->care_of && m->keys.agent[i].care_of == a->care_of &&
		    m->keys.agent[i].current.sa.spi)
			return ORDER_KEY_DEALT;
	return core_agent_sa(m, a) ? ORDER_KEY_CONFIGURED : ORDER_KEY_NONE;
}

size_t core_sign(struct mobile *m, const struct known_agent *a, uint8_t action, uint8_t flags,
		 uint32_t care_of, uint64_t ntp, uint8_t *buf, uint64_t *id)
{
	struct order_signer s;
	size_t n;

	if (!core_signer(m, a, &s))
		return 0;
	n = order_sign(s.clock, &m->order_conf, s.sa, action, flags, care_of, ntp, buf, id);
	if (a->home)
		m->reg.floor = *id;
	return n;
}

const struct sa *core_agent_sa(const struct mobile *m, const struct known_agent *a)
{
	for (unsigned i = 0; i < m->conf.n_agents; i++) {
		const struct mobile_agent_conf *c = &m->conf.agents[i];

		if (c->sa.spi && (c->addr == a->addr || c->addr == a->care_of))
			return &c->sa;
	}
	return NULL;
}

struct order_clock *core_clock(struct mobile *m, uint32_t care_of)
{
	struct order_clock *c = NULL;

	for (unsigned i = 0; i < m->n_clocks; i++) {
		if (m->clock[i].care_of == care_of)
			return &m->clock[i];
	}
	/* One a configured key: when they are more than that, the
	 * table was filled by addresses of old; begin again. */
	if (m->n_clocks == MOBILE_AGENTS_MAX)
		m->n_clocks = 0;
	c = &m->clock[m->n_clocks++];
	*c = (struct order_clock){ .care_of = care_of };
	return c;
}
