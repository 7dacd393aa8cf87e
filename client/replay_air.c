/* SPDX-License-Identifier: MIT */
#include "client/replay_air.h"

#include <stdio.h>
#include <string.h>

#define TICK MSEC(10)
#define NOBODY TRACE_APS_MAX
#define EWMA 4 /* mac80211 averages beacons so: a quarter of the last one, from the fourth on */

enum radio_is { ON_CHANNEL, LOOKING, ROAMING, LINKLESS };

struct air {
	const struct trace *t;
	const struct player *who;
	void *p;
	struct replay_result *out;
	mtime now;
	unsigned row, ap; /* NOBODY: not attached */
	enum radio_is is;
	mtime until;
	unsigned target; /* ROAMING */
	struct play_order order;
	int average_q4, beacons, missed;
	mtime dead_at; /* MTIME_NEVER: beacons come */
	mtime next_sample;
	unsigned left_ap;
	mtime left_at;
	struct radio_bss known[TRACE_APS_MAX];
	bool seen[TRACE_APS_MAX];
};

int air_level(const struct trace *t, unsigned row, unsigned ap)
{
	return trace_level(t, row, ap, (unsigned)(AIR_AROUND / t->step));
}

unsigned air_first(const struct trace *t)
{
	unsigned best = 0;

	for (unsigned i = 1; i < t->n_aps; i++)
		if (!t->ap[i].refuses &&
		    (air_level(t, 0, i) > air_level(t, 0, best) || t->ap[best].refuses))
			best = i;
	return best;
}

static int heard(const struct air *a, unsigned ap)
{
	return a->t->dbm[a->row][ap];
}

static struct radio_bss bss_of(const struct air *a, unsigned ap)
{
	return (struct radio_bss){ .bssid = a->t->ap[ap].bssid,
				   .freq_mhz = a->t->ap[ap].freq_mhz,
				   .signal_dbm = (int16_t)heard(a, ap),
				   .seen = a->now,
				   .ssid = "trace",
				   .ssid_len = 5 };
}

static void look(struct air *a, const uint16_t *freqs, unsigned n)
{
	struct radio_bss list[TRACE_APS_MAX];
	size_t found = 0;

	for (unsigned i = 0; i < a->t->n_aps; i++) {
		bool on = !n;

		for (unsigned f = 0; f < n; f++)
			on |= freqs[f] == a->t->ap[i].freq_mhz;
		if (on && heard(a, i) >= AIR_DEAF_DBM) {
			a->known[i] = bss_of(a, i);
			a->seen[i] = true;
		}
		if (a->seen[i])
			list[found++] = a->known[i];
	}
	a->who->scanned(a->p, list, found, a->now);
}

static void announce(struct air *a)
{
	struct radio_neighbour list[TRACE_APS_MAX];

	for (unsigned i = 0; i < a->t->n_aps; i++)
		list[i] = (struct radio_neighbour){ a->t->ap[i].bssid, a->t->ap[i].freq_mhz, 255 };
	a->who->neighbours(a->p, list, a->t->n_aps, a->now);
}

static void attach(struct air *a, unsigned ap)
{
	struct radio_bss b;

	a->ap = ap;
	a->is = ON_CHANNEL;
	a->beacons = a->missed = 0;
	a->dead_at = MTIME_NEVER;
	a->next_sample = MTIME_NEVER;
	b = bss_of(a, ap);
	a->who->attached(a->p, &b, a->now);
	if (a->t->neighbours)
		announce(a);
}

static void link_lost(struct air *a)
{
	a->out->lost++;
	a->left_ap = a->ap;
	a->left_at = a->now;
	a->ap = NOBODY;
	a->is = LINKLESS;
	a->until = a->now + AIR_CHANNELS * AIR_CHANNEL;
	a->who->detached(a->p, a->now);
}

/* The supplicant has looked everywhere and takes the strongest. */
static void find_link(struct air *a)
{
	unsigned best = NOBODY;

	look(a, NULL, 0);
	for (unsigned i = 0; i < a->t->n_aps; i++)
		if (!a->t->ap[i].refuses && heard(a, i) > AIR_ENTER_DBM &&
		    (best == NOBODY || heard(a, i) > heard(a, best)))
			best = i;
	if (best != NOBODY)
		attach(a, best);
	else
		a->until = a->now + AIR_CHANNELS * AIR_CHANNEL;
}

static void beacon(struct air *a)
{
	int dbm = heard(a, a->ap);

	if (dbm < AIR_DEAF_DBM) {
		if (++a->missed == AIR_BEACONS) {
			a->dead_at = a->now + AIR_PROBING;
			a->who->beacon_loss(a->p, a->now);
		}
		return;
	}
	a->missed = 0;
	a->dead_at = MTIME_NEVER;
	a->average_q4 = a->beacons ? a->average_q4 + (dbm * 16 - a->average_q4) / EWMA : dbm * 16;
	if (++a->beacons >= EWMA)
		a->who->beacon(a->p, dbm, a->average_q4 / 16, a->now);
}

static void sample(struct air *a)
{
	mtime every = a->who->sampling ? a->who->sampling(a->p) : 0;

	if (!every) {
		a->next_sample = MTIME_NEVER;
		return;
	}
	if (a->next_sample == MTIME_NEVER)
		a->next_sample = a->now + every;
	if (a->now < a->next_sample)
		return;
	a->next_sample = a->now + every;
	if (heard(a, a->ap) >= AIR_DEAF_DBM)
		a->who->sample(a->p, heard(a, a->ap), a->now);
}

static void roam_ends(struct air *a)
{
	bool ok = heard(a, a->target) > AIR_ENTER_DBM && !a->t->ap[a->target].refuses;
	struct mac to = a->t->ap[a->target].bssid;

	if (ok || a->until - a->left_at > AIR_ROAM) {
		struct replay_move *m = &a->out->move[a->out->n_moves - 1];

		m->ok = ok;
		a->out->failed += !ok;
		if (ok)
			attach(a, a->target);
		a->who->roamed(a->p, &to, ok, a->now);
		if (!ok)
			attach(a, a->ap); /* the supplicant goes back */
		return;
	}
	a->until = a->left_at + AIR_REFUSED;
}

static void leave(struct air *a)
{
	struct replay_result *o = a->out;
	struct replay_move *m = &o->move[o->n_moves];
	unsigned to = 0;

	while (to < a->t->n_aps && !mac_equal(&a->t->ap[to].bssid, &a->order.target))
		to++;
	if (to == a->t->n_aps || to == a->ap || o->n_moves == REPLAY_MOVES_MAX)
		return;
	*m = (struct replay_move){ .at = a->now, .from = a->ap, .to = to, .rule = a->order.rule };
	snprintf(m->why, sizeof(m->why), "%s", a->order.why);
	m->back = to == a->left_ap && a->now - a->left_at < AIR_BACK;
	replay_judge(a->t, m, a->left_ap, a->left_at);
	o->n_moves++;
	a->left_ap = a->ap;
	a->left_at = a->now;
	a->target = to;
	a->is = ROAMING;
	a->until = a->now + AIR_ROAM;
}

static void obey(struct air *a)
{
	struct play_order o = { 0 };
	unsigned n;

	a->who->decide(a->p, a->now, &o);
	n = o.n_freqs;
	if (o.act == RADIO_LEAVE && (a->is == ON_CHANNEL || a->is == LOOKING)) {
		a->order = o;
		leave(a);
	} else if (o.act == RADIO_SCAN && a->is == ON_CHANNEL) {
		a->order = o;
		a->is = LOOKING;
		a->until = a->now + AIR_CHANNEL * (n ? n : AIR_CHANNELS);
		a->out->scans++;
		a->out->full_scans += !n;
	}
}

static void look_ends(struct air *a)
{
	struct play_order o = a->order;

	a->is = ON_CHANNEL;
	look(a, o.freqs, o.n_freqs);
}

static void tick(struct air *a)
{
	bool new_row = a->now % a->t->step == 0;

	if (a->is == LINKLESS && a->now >= a->until)
		find_link(a);
	else if (a->is == ROAMING && a->now >= a->until)
		roam_ends(a);
	else if (a->is == LOOKING && a->now >= a->until)
		look_ends(a);
	if (a->is == ON_CHANNEL) {
		if (new_row)
			beacon(a);
		sample(a);
		if (a->now >= a->dead_at)
			link_lost(a);
	}
	if (a->now >= a->who->due(a->p))
		obey(a);
}

static void count(struct air *a)
{
	bool linkless = a->is == ROAMING || a->is == LINKLESS;
	int level = linkless ? TRACE_UNHEARD : air_level(a->t, a->row, a->ap);

	a->out->weak += level < AIR_WEAK_DBM ? TICK : 0;
	a->out->useless += level < AIR_USELESS_DBM ? TICK : 0;
	a->out->away += a->is == LOOKING ? TICK : 0;
}

static void sum_up(const struct trace *t, struct replay_result *o)
{
	o->reaction = MTIME_NEVER;
	for (unsigned i = 0; i < o->n_moves; i++) {
		const struct replay_move *m = &o->move[i];

		o->handoffs += m->ok;
		o->back += m->back && m->ok;
		o->late += m->late;
		o->excused += m->excuse != NULL;
		if (m->level_dbm < o->worst_dbm)
			o->worst_dbm = m->level_dbm;
		if (t->mark != MTIME_NEVER && m->at >= t->mark && o->reaction == MTIME_NEVER)
			o->reaction = m->at - t->mark;
	}
	if (t->mark != MTIME_NEVER && o->reaction == MTIME_NEVER)
		o->reaction = t->n_rows * t->step - t->mark;
}

void replay_run(const struct trace *t, const struct player *who, const struct radio_conf *conf,
		struct replay_result *out)
{
	static struct air a; /* too large for a stack */

	memset(out, 0, sizeof(*out));
	memset(&a, 0, sizeof(a));
	a.t = t;
	a.who = who;
	a.out = out;
	a.left_ap = NOBODY;
	a.p = who->start(conf);
	attach(&a, air_first(t));
	look(&a, NULL, 0);
	for (; a.now < t->n_rows * t->step; a.now += TICK) {
		a.row = (unsigned)(a.now / t->step);
		tick(&a);
		count(&a);
	}
	sum_up(t, out);
}
