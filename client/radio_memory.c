/* SPDX-License-Identifier: MIT */
#include "client/radio.h"
#include "client/radio_rank.h"

#include <string.h>

#define TOOK_DIV 4 /* the last handoff counts a quarter */

static void raise(uint16_t *counter)
{
	if (*counter < UINT16_MAX)
		++*counter;
}

/* The entry, first in the list; a new one takes the place of the one not used for longest. */
static struct radio_memory *touch(struct radio *r, const struct mac *bssid)
{
	struct radio_memory m = { .bssid = *bssid };
	unsigned i = 0;

	while (i < r->n_memory && !mac_equal(&r->memory[i].bssid, bssid))
		i++;
	if (i < r->n_memory)
		m = r->memory[i];
	else if (r->n_memory < RADIO_MEMORY_MAX)
		r->n_memory++;
	else
		i--;
	memmove(&r->memory[1], &r->memory[0], i * sizeof(m));
	r->memory[0] = m;
	return &r->memory[0];
}

void radio_remember(struct radio *r, const struct mac *bssid, uint32_t agent, mtime took, bool ok,
		    mtime now)
{
	struct radio_memory *m = touch(r, bssid);

	m->at = now;
	if (agent)
		m->agent = agent;
	raise(ok ? &m->done : &m->failed);
	if (ok && took > 0)
		m->took += m->took ? (took - m->took) / TOOK_DIV : took;
}

const struct radio_memory *radio_memory_of(const struct radio *r, const struct mac *bssid)
{
	for (unsigned i = 0; i < r->n_memory; i++)
		if (mac_equal(&r->memory[i].bssid, bssid))
			return &r->memory[i];
	return NULL;
}

bool radio_memory_at(const struct radio *r, size_t i, struct radio_memory *out)
{
	if (i >= r->n_memory)
		return false;
	*out = r->memory[i];
	return true;
}
