/* SPDX-License-Identifier: MIT */
#include "agent/internal.h"

uint64_t rate_mac(const struct mac *m)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < sizeof(m->b); i++)
		v = v << 8 | m->b[i];
	return v;
}

uint64_t rate_from(const struct from *f)
{
	return f->on_link ? rate_mac(&f->mac) : f->src;
}

bool rate_count(const struct agent *a, struct rate *r, unsigned per_s)
{
	if (!r->n || a->now.t - r->since >= SEC(1))
		*r = (struct rate){ .since = a->now.t };
	return r->n < per_s && ++r->n;
}

static bool proves_nothing(enum rate_what what)
{
	return what == RATE_AUTH_FAILED || what == RATE_DENIAL || what == RATE_STRANGER;
}

/*
 * per_s in any one second, for each key.  Two candidates a key in a table of fixed size: when
 * both are somebody else's, the older one goes, so a flood of addresses costs no memory.  Answers
 * to what proves nothing are for nobody then: else a flood would have them twice.
 */
bool rate_ok(struct agent *a, enum rate_what what, uint64_t key, unsigned per_s)
{
	uint64_t k = key + 1; /* zero is an empty slot */
	size_t i = (size_t)(k * 0x9e3779b97f4a7c15u >> 40) % RATE_SLOTS;
	struct rate *r = &a->rates[what][i], *other = &a->rates[what][i ^ 1];

	if (r->key != k && (other->key == k || other->since < r->since))
		r = other;
	if (r->key && r->key != k && a->now.t - r->since < SEC(1) && proves_nothing(what))
		return false;
	if (r->key != k || a->now.t - r->since >= SEC(1)) {
		*r = (struct rate){ .key = k, .since = a->now.t, .n = 1 };
		return true;
	}
	return r->n++ < per_s;
}

bool rate_passes(struct agent *a, const struct order *o, const struct from *node)
{
	if (o->action != ORDER_AUTH_FAILED || rate_ok(a, RATE_AUTH_FAILED, rate_from(node), 1))
		return true;
	drop(a, DROP_RATE);
	return false;
}
