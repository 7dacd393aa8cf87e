/* SPDX-License-Identifier: MIT */
#include "agent/lookup.h"

#include <assert.h>
#include <stdlib.h>

bool lookup_init(struct lookup *l, size_t n)
{
	size_t room = 4;

	while (room < n * 2)
		room *= 2;
	l->mask = room - 1;
	l->slots = calloc(room, sizeof(*l->slots));
	return l->slots;
}

void lookup_free(struct lookup *l)
{
	free(l->slots);
	*l = (struct lookup){ 0 };
}

/* The slot of this address, or the empty one where it belongs: half of them are empty. */
static struct lookup_slot *slot(const struct lookup *l, uint32_t addr)
{
	size_t i = (size_t)(addr * 0x9e3779b97f4a7c15u >> 32);

	while (l->slots[i & l->mask].entry && l->slots[i & l->mask].addr != addr)
		i++;
	return &l->slots[i & l->mask];
}

void lookup_put(struct lookup *l, uint32_t addr, size_t entry)
{
	struct lookup_slot *s = slot(l, addr);

	assert(entry < UINT32_MAX);
	if (!s->entry)
		*s = (struct lookup_slot){ addr, (uint32_t)entry + 1 };
}

bool lookup_get(const struct lookup *l, uint32_t addr, size_t *entry)
{
	const struct lookup_slot *s = slot(l, addr);

	if (s->entry)
		*entry = s->entry - 1;
	return s->entry;
}
