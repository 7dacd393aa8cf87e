/* SPDX-License-Identifier: MIT */
#include "agent/keys.h"

#include "agent/foreign.h"

/* mip-buffer(7): a lease that began under it must not outlive it. */
static mtime expiry(const struct agent *a, uint32_t lifetime_s)
{
	if (lifetime_s == DEALT_FOR_EVER)
		return MTIME_NEVER;
	return a->now.t + SEC((mtime)lifetime_s) + a->c.lease_max;
}

void keys_take(struct agent *a, struct node *n, const struct sa *fa_ha, const struct dealt_agent *d)
{
	struct keys *k = &n->keys;
	struct dealt_key fresh = {.spi = d->spi, .expires = expiry(a, d->lifetime_s)};
	struct secret kek;
	bool ok;

	/* The same Reply once more: what was accepted under the key stays accepted. */
	if (!a->c.buffers || k->newer.spi == d->spi || k->older.spi == d->spi)
		return;
	dealt_kek(fa_ha, n->home_agent, a->c.care_of, &kek);
	ok = dealt_unwrap(&kek, d->wrapped, fresh.key);
	secret_wipe(&kek);
	if (!ok) {
		drop(a, DROP_KEY_WRAP);
		return;
	}
	a->count.keys_taken++;
	k->older = k->newer;
	k->newer = fresh;
	key_wipe(&fresh, sizeof(fresh));
}

static bool valid(const struct dealt_key *k, mtime now)
{
	return k->spi && now < k->expires;
}

struct dealt_key *keys_find(const struct agent *a, struct keys *k, uint32_t spi)
{
	struct dealt_key *both[] = {&k->newer, &k->older};

	for (unsigned i = 0; i < 2; i++) {
		if (!valid(both[i], a->now.t))
			key_wipe(both[i], sizeof(*both[i]));
		else if (both[i]->spi == spi)
			return both[i];
	}
	return NULL;
}

void keys_used(struct keys *k, const struct dealt_key *used)
{
	if (used == &k->newer)
		key_wipe(&k->older, sizeof(k->older));
}

void keys_wipe(struct keys *k)
{
	key_wipe(k, sizeof(*k));
}

bool keys_any(const struct keys *k, mtime now)
{
	return valid(&k->newer, now) || valid(&k->older, now);
}
