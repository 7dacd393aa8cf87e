/* SPDX-License-Identifier: MIT */
#include "tests/sim/inside.h"

/* What became of the numbered packets. */

void world_log_missing(struct world *w)
{
	const struct direction *way[] = { &w->me->down, &w->me->up };

	for (unsigned k = 0; k < 2 && w->c.log; k++)
		for (unsigned i = 0, from; i < way[k]->sent; i++) {
			if (way[k]->got[i])
				continue;
			for (from = i; i + 1 < way[k]->sent && !way[k]->got[i + 1]; i++)
				;
			world_log(w, "%s: %u to %u lost", k ? "up" : "down", from, i);
		}
}

bool world_lapsed(const struct world *w)
{
	return w->me->lapsed;
}

static void count(const struct direction *d, struct world_count *c)
{
	*c = (struct world_count){.sent = d->sent,
				  .received = d->received,
				  .duplicated = d->duplicated,
				  .reordered = d->reordered,
				  .longest_gap = d->gap};
	for (unsigned i = 0; i < d->sent; i++)
		c->lost += !d->got[i];
}

void world_count(const struct world *w, struct world_count *down, struct world_count *up)
{
	count(&w->me->down, down);
	count(&w->me->up, up);
}

uint64_t world_overflowed(const struct world *w)
{
	uint64_t n = 0;

	for (unsigned i = 0; i <= w->c.n_foreign; i++)
		n += agent_drops(w->host[i].agent)->n[DROP_OVERFLOW];
	return n;
}
