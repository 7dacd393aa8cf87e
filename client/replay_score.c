/* SPDX-License-Identifier: MIT */
#include "client/replay_air.h"

/*
 * Was a handoff late?  It was when the level of the one that is left is below -75 dBm, unless
 * nobody could have done better:
 *   - it fell at once: half a second before, it was still above the threshold; or it has been
 *     silent since;
 *   - there was no chance: in the three seconds before, there was no whole second in which it was
 *     below the threshold, and another one above -75 dBm and 6 dB better; nor is it one to go back
 *     within ten seconds, which counts as a ping-pong.
 */
#define AT_ONCE MSEC(500)
#define THRESHOLD_DBM (-70)
#define BEFORE SEC(3)
#define FOR SEC(1)
#define BETTER_DB 6
#define HALF MSEC(250)

static unsigned rows(const struct trace *t, mtime span)
{
	return (unsigned)(span / t->step);
}

static bool fell_at_once(const struct trace *t, const struct replay_move *m, unsigned row)
{
	unsigned i = row;
	bool silent = true;

	while (i > 0 && trace_level(t, i, m->from, 1) < THRESHOLD_DBM) {
		silent &= t->dbm[i][m->from] == TRACE_UNHEARD;
		i--;
	}
	return row - i <= rows(t, AT_ONCE) || silent;
}

static bool had_chance(const struct trace *t, const struct replay_move *m, unsigned row,
		       unsigned left_ap, mtime left_at)
{
	unsigned from = row > rows(t, BEFORE) ? row - rows(t, BEFORE) : 0;

	for (unsigned a = 0; a < t->n_aps; a++) {
		unsigned run = 0;

		if (a == m->from || t->ap[a].refuses)
			continue;
		for (unsigned i = from; i <= row && run < rows(t, FOR); i++) {
			int ours = trace_level(t, i, m->from, rows(t, HALF));
			int his = trace_level(t, i, a, rows(t, HALF));

			bool back = a == left_ap && i * t->step < left_at + AIR_BACK;
			bool chance = !back && ours < THRESHOLD_DBM && his >= AIR_WEAK_DBM &&
				      his >= ours + BETTER_DB;

			run = chance ? run + 1 : 0;
		}
		if (run >= rows(t, FOR))
			return true;
	}
	return false;
}

void replay_judge(const struct trace *t, struct replay_move *m, unsigned left_ap, mtime left_at)
{
	unsigned row = rows(t, m->at);

	m->level_dbm = trace_level(t, row, m->from, rows(t, HALF));
	if (m->level_dbm >= AIR_WEAK_DBM)
		return;
	if (fell_at_once(t, m, row))
		m->excuse = "it fell at once";
	else if (!had_chance(t, m, row, left_ap, left_at))
		m->excuse = "there was no chance";
	else
		m->late = true;
}
