/* SPDX-License-Identifier: MIT */
#include "client/replay.h"
#include "client/replay_air.h"

#include <string.h>

/*
 * Dynamic programming over the rows: least[k][ap] is the least time below `dbm` after this row
 * when it ends at `ap` after k handoffs.  A handoff costs the time without a link, as the players'
 * do, and needs neither scan nor sample.
 */
#define HANDOFFS_MAX 96
#define NEVER UINT32_MAX

static void allow_handoffs(const struct trace *t, const uint32_t (*was)[TRACE_APS_MAX],
			   uint32_t (*is)[TRACE_APS_MAX], unsigned row, int dbm)
{
	uint32_t weak[TRACE_APS_MAX], cost = (uint32_t)((AIR_ROAM + t->step - 1) / t->step);

	for (unsigned a = 0; a < t->n_aps; a++)
		weak[a] = air_level(t, row, a) < dbm;
	for (unsigned k = 0; k < HANDOFFS_MAX; k++) {
		for (unsigned a = 0; a < t->n_aps; a++) {
			uint32_t best = was[k][a];

			for (unsigned b = 0; k > 0 && b < t->n_aps; b++)
				if (was[k - 1][b] != NEVER && was[k - 1][b] + cost < best)
					best = was[k - 1][b] + cost;
			if (t->ap[a].refuses && k > 0)
				best = NEVER;
			if (best != NEVER)
				best += weak[a];
			is[k][a] = best;
		}
	}
}

static uint32_t least_of(const struct trace *t, const uint32_t row[TRACE_APS_MAX])
{
	uint32_t best = NEVER;

	for (unsigned a = 0; a < t->n_aps; a++)
		if (row[a] < best)
			best = row[a];
	return best;
}

void replay_oracle(const struct trace *t, int dbm, struct replay_oracle *out)
{
	static uint32_t least[2][HANDOFFS_MAX][TRACE_APS_MAX];
	uint32_t best = NEVER;

	memset(least, 0xff, sizeof(least));
	least[0][0][air_first(t)] = 0;
	for (unsigned i = 0; i < t->n_rows; i++)
		allow_handoffs(t, (const uint32_t(*)[TRACE_APS_MAX])least[i % 2],
			       least[(i + 1) % 2], i, dbm);
	*out = (struct replay_oracle){ 0 };
	for (unsigned k = 0; k < HANDOFFS_MAX; k++) {
		uint32_t rows = least_of(t, least[t->n_rows % 2][k]);

		if (rows < best) {
			best = rows;
			out->handoffs = k;
		}
	}
	out->weak = best * t->step;
}
