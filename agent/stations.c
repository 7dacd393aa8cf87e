/* SPDX-License-Identifier: MIT */
#include "agent/stations.h"

#include <stdlib.h>

/* Out of memory refuses the entry; it never ends the daemon. */
#define HASH_NONFATAL_OOM 1
#include <uthash.h>

struct stations {
	struct mac mac;
	unsigned ap;
	UT_hash_handle hh;
};

static struct stations *find(struct stations *t, const struct mac *mac)
{
	struct stations *s = NULL;

	HASH_FIND(hh, t, mac, sizeof(*mac), s);
	return s;
}

static void forget(struct stations **t, struct stations *s)
{
	HASH_DEL(*t, s);
	free(s);
}

void stations_join(struct stations **t, const struct mac *mac, unsigned ap)
{
	struct stations *s = find(*t, mac);

	if (!s && HASH_COUNT(*t) < STATIONS_MAX) {
		s = calloc(1, sizeof(*s));
		if (!s)
			return;
		s->mac = *mac;
		HASH_ADD(hh, *t, mac, sizeof(s->mac), s);
		if (!s->hh.tbl) {
			free(s);
			return;
		}
	}
	if (s)
		s->ap = ap;
}

bool stations_leave(struct stations **t, const struct mac *mac, unsigned ap)
{
	struct stations *s = find(*t, mac);

	if (s && s->ap != ap)
		return false;
	if (s)
		forget(t, s);
	return true;
}

void stations_move(struct stations *t, unsigned from, unsigned to)
{
	for (; t; t = t->hh.next)
		if (t->ap == from)
			t->ap = to;
}

bool stations_take(struct stations **t, unsigned ap, struct mac *mac)
{
	struct stations *s = *t;

	while (s && s->ap != ap)
		s = s->hh.next;
	if (!s)
		return false;
	*mac = s->mac;
	forget(t, s);
	return true;
}

unsigned stations_at(const struct stations *t, unsigned ap)
{
	unsigned n = 0;

	for (; t; t = t->hh.next)
		n += t->ap == ap;
	return n;
}
