/* SPDX-License-Identifier: MIT */
#include "client/radio_rank.h"

/* An old measurement is worth less: 1 dB for each 10 s, 12 dB at most. */
#define AGE_DB SEC(10)
#define AGE_DB_MAX 12
#define LOAD_FREE_Q8 64 /* a channel that is busy a quarter of the time is as good as a free one */
#define PREFERRED 128	/* the preference that says nothing; 32 more or less are 1 dB */
#define PREFERENCE_DB 32
#define FAILED_DB_MAX 12 /* where every handoff failed */
#define SLOW MSEC(500)	 /* a handoff that takes longer costs 1 dB for each quarter of a second */
#define SLOW_DB MSEC(250)
#define SLOW_DB_MAX 6

mtime radio_age(const struct radio_bss *b, mtime now)
{
	return b->seen < now ? now - b->seen : 0;
}

static int load_db(const struct radio *r, const struct radio_bss *b)
{
	int busy = b->has_load ? b->load_q8 - LOAD_FREE_Q8 : 0;

	return busy > 0 ? -busy * r->conf.load_db / (255 - LOAD_FREE_Q8) : 0;
}

static int band_db(const struct radio *r, const struct radio_bss *b)
{
	return b->freq_mhz > 4000 ? r->conf.prefer_5ghz_db : 0;
}

static int neighbour_db(const struct radio *r, const struct radio_bss *b, mtime now)
{
	const struct radio_neighbour *n = radio_hint(r, &b->bssid, now);

	return n && n->preference < 255 ? (n->preference - PREFERRED) / PREFERENCE_DB : 0;
}

static int memory_db(const struct radio *r, const struct radio_bss *b)
{
	const struct radio_memory *m = radio_memory_of(r, &b->bssid);
	int db;

	if (!m)
		return 0;
	db = -(int)(m->failed * FAILED_DB_MAX / (1 + m->done + m->failed));
	if (m->took > SLOW)
		db -= (int)mtime_min((m->took - SLOW) / SLOW_DB, SLOW_DB_MAX);
	return db;
}

int radio_weigh(const struct radio *r, const struct radio_bss *b, mtime now, int term[RADIO_TERMS])
{
	int sum = 0;

	term[RADIO_TERM_SIGNAL] = b->signal_dbm;
	term[RADIO_TERM_AGE] = -(int)mtime_min(radio_age(b, now) / AGE_DB, AGE_DB_MAX);
	term[RADIO_TERM_LOAD] = load_db(r, b);
	term[RADIO_TERM_BAND] = band_db(r, b);
	term[RADIO_TERM_NEIGHBOUR] = neighbour_db(r, b, now);
	term[RADIO_TERM_MEMORY] = memory_db(r, b);
	for (unsigned i = 0; i < RADIO_TERMS; i++)
		sum += term[i];
	return sum;
}

int radio_weigh_serving(const struct radio *r)
{
	struct radio_bss b = r->serving;

	radio_find(r, &r->serving.bssid, &b); /* its load may be known from a scan */
	return load_db(r, &b) + band_db(r, &b);
}

enum radio_exclusion radio_excludes(const struct radio *r, const struct radio_bss *b,
				    const struct radio_need *need, mtime now)
{
	const struct radio_neighbour *n = radio_hint(r, &b->bssid, now);
	bool back = now < r->came_until && mac_equal(&b->bssid, &r->came_from);
	int term[RADIO_TERMS], least = need->level_dbm + need->margin_db + need->serving_db;

	if (mac_equal(&b->bssid, &r->serving.bssid))
		return RADIO_EX_SERVING;
	if (!radio_same_ssid(b, &r->serving))
		return RADIO_EX_NETWORK;
	if (need->asked_only && !radio_asked_for(r, &b->bssid))
		return RADIO_EX_UNASKED;
	if (n && !n->preference)
		return RADIO_EX_FORBIDDEN;
	if (!need->avoided_too && radio_rank_avoided(r, &b->bssid, now))
		return RADIO_EX_AVOIDED;
	if (radio_age(b, now) > need->max_age)
		return RADIO_EX_OLD;
	if (need->any)
		return RADIO_ELIGIBLE;
	if (b->signal_dbm < need->floor_dbm)
		least += need->below_floor_db;
	if (radio_weigh(r, b, now, term) < least)
		return RADIO_EX_WEAK;
	if (back && radio_weigh(r, b, now, term) < least + need->back_db)
		return RADIO_EX_BACK;
	return RADIO_ELIGIBLE;
}

const struct radio_bss *radio_rank_best(const struct radio *r, mtime now,
					const struct radio_need *need)
{
	const struct radio_bss *best = NULL;
	int score = 0;

	for (size_t i = 0; i < r->n_bss; i++) {
		const struct radio_bss *b = &r->bss[i];
		int term[RADIO_TERMS], his;

		if (radio_excludes(r, b, need, now) != RADIO_ELIGIBLE)
			continue;
		his = radio_weigh(r, b, now, term);
		if (!best || his > score) {
			best = b;
			score = his;
		}
	}
	return best;
}
