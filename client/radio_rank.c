/* SPDX-License-Identifier: MIT */
#include "client/radio_rank.h"

#include <string.h>

#define AVOID_DOUBLE_MAX 16
/* An old measurement is worth less: 1 dB for each 10 s, 12 dB at most. */
#define AGE_DB SEC(10)
#define AGE_DB_MAX 12

bool radio_same_ssid(const struct radio_bss *a, const struct radio_bss *b)
{
	return a->ssid_len == b->ssid_len && !memcmp(a->ssid, b->ssid, a->ssid_len);
}

static bool candidate(const struct radio *r, const struct radio_bss *b)
{
	return radio_same_ssid(b, &r->serving) && !mac_equal(&b->bssid, &r->serving.bssid);
}

static bool avoided(const struct radio *r, const struct mac *bssid, mtime now)
{
	for (size_t i = 0; i < RADIO_AVOID_MAX; i++)
		if (mac_equal(&r->avoid[i].bssid, bssid))
			return now < r->avoid[i].until;
	return false;
}

static mtime age(const struct radio_bss *b, mtime now)
{
	return b->seen < now ? now - b->seen : 0;
}

static int score(const struct radio_bss *b, mtime now)
{
	mtime old_db = age(b, now) / AGE_DB;

	return b->signal_dbm - (int)mtime_min(old_db, AGE_DB_MAX);
}

const struct radio_bss *radio_rank_best(const struct radio *r, mtime now,
					const struct radio_need *need)
{
	const struct radio_bss *best = NULL;

	for (size_t i = 0; i < r->n_bss; i++) {
		const struct radio_bss *b = &r->bss[i];
		bool back = now < r->came_until && mac_equal(&b->bssid, &r->came_from);

		if (!candidate(r, b) || age(b, now) > need->max_age)
			continue;
		if (b->signal_dbm < (back ? need->min_back_dbm : need->min_dbm))
			continue;
		if (!need->avoided_too && avoided(r, &b->bssid, now))
			continue;
		if (!best || score(b, now) > score(best, now))
			best = b;
	}
	return best;
}

bool radio_rank_known(const struct radio *r, mtime now, mtime max_age)
{
	for (size_t i = 0; i < r->n_bss; i++)
		if (candidate(r, &r->bss[i]) && age(&r->bss[i], now) <= max_age)
			return true;
	return false;
}

/* Newest first; the channel that was used least lately is forgotten. */
void radio_rank_freq(struct radio *r, uint16_t mhz)
{
	unsigned i = 0;

	while (i < r->n_freqs && r->freqs[i] != mhz)
		i++;
	if (i == r->n_freqs && r->n_freqs < RADIO_FREQS_MAX)
		r->n_freqs++;
	if (i == RADIO_FREQS_MAX)
		i--;
	memmove(&r->freqs[1], &r->freqs[0], i * sizeof(r->freqs[0]));
	r->freqs[0] = mhz;
}

/* The serving channel is heard anyway: scanned only when
 * somebody else was seen there, or nobody elsewhere. */
unsigned radio_rank_freqs(const struct radio *r, uint16_t out[RADIO_FREQS_MAX])
{
	bool shared = r->n_freqs == 1;
	unsigned n = 0;

	for (size_t i = 0; i < r->n_bss; i++)
		if (candidate(r, &r->bss[i]) && r->bss[i].freq_mhz == r->serving.freq_mhz)
			shared = true;
	for (unsigned i = 0; i < r->n_freqs; i++)
		if (shared || r->freqs[i] != r->serving.freq_mhz)
			out[n++] = r->freqs[i];
	return n;
}

/* What to give up first: a foreign network, then the oldest (by 10 s), then the weakest. */
static bool worse(const struct radio *r, const struct radio_bss *a, const struct radio_bss *b)
{
	bool ours_a = radio_same_ssid(a, &r->serving), ours_b = radio_same_ssid(b, &r->serving);

	if (ours_a != ours_b)
		return ours_b;
	if (a->seen / AGE_DB != b->seen / AGE_DB)
		return a->seen < b->seen;
	return a->signal_dbm < b->signal_dbm;
}

static void store_one(struct radio *r, const struct radio_bss *b)
{
	struct radio_bss *worst = &r->bss[0];

	for (size_t i = 0; i < r->n_bss; i++) {
		if (mac_equal(&r->bss[i].bssid, &b->bssid)) {
			if (b->seen >= r->bss[i].seen)
				r->bss[i] = *b;
			return;
		}
		if (worse(r, &r->bss[i], worst))
			worst = &r->bss[i];
	}
	if (r->n_bss < RADIO_BSS_MAX)
		r->bss[r->n_bss++] = *b;
	else if (worse(r, worst, b))
		*worst = *b;
}

/* The whole table is replaced: what the supplicant has forgotten it could not join. */
void radio_rank_store(struct radio *r, const struct radio_bss *bss, size_t n)
{
	r->n_bss = 0;
	for (size_t i = 0; i < n; i++) {
		if (bss[i].ssid_len > SSID_MAX)
			continue;
		store_one(r, &bss[i]);
		if (r->attached && candidate(r, &bss[i]))
			radio_rank_freq(r, bss[i].freq_mhz);
	}
}

void radio_rank_avoid(struct radio *r, const struct mac *bssid, mtime now)
{
	struct radio_avoid *a = &r->avoid[0];
	mtime span = r->conf.avoid;

	for (size_t i = 0; i < RADIO_AVOID_MAX; i++) {
		if (mac_equal(&r->avoid[i].bssid, bssid)) {
			a = &r->avoid[i];
			span = mtime_min(a->span * 2, r->conf.avoid * AVOID_DOUBLE_MAX);
			break;
		}
		if (r->avoid[i].until < a->until)
			a = &r->avoid[i];
	}
	*a = (struct radio_avoid){ .bssid = *bssid, .until = now + span, .span = span };
}

void radio_rank_forgive(struct radio *r, const struct mac *bssid)
{
	for (size_t i = 0; i < RADIO_AVOID_MAX; i++)
		if (mac_equal(&r->avoid[i].bssid, bssid))
			r->avoid[i] = (struct radio_avoid){ 0 };
}

bool radio_best(const struct radio *r, mtime now, struct radio_bss *out)
{
	struct radio_need need = { INT16_MIN, INT16_MIN, MTIME_NEVER, false };
	const struct radio_bss *b = radio_rank_best(r, now, &need);

	if (!b) {
		need.avoided_too = true;
		b = radio_rank_best(r, now, &need);
	}
	if (b)
		*out = *b;
	return b;
}

bool radio_find(const struct radio *r, const struct mac *bssid, struct radio_bss *out)
{
	for (size_t i = 0; i < r->n_bss; i++) {
		if (mac_equal(&r->bss[i].bssid, bssid)) {
			*out = r->bss[i];
			return true;
		}
	}
	return false;
}

bool radio_bss_at(const struct radio *r, size_t i, struct radio_bss *out)
{
	if (i >= r->n_bss)
		return false;
	*out = r->bss[i];
	return true;
}
