/* SPDX-License-Identifier: MIT */
#include "client/radio_rank.h"

#include <string.h>

#define AVOID_DOUBLE_MAX 16
#define SMOOTH SEC(2)	/* measurements nearer than this to one another are averaged */
#define SAME_AGE SEC(10) /* what differs by less was measured in one scan */
#define FEW 4		/* channels at a time while a stream flows: a quarter of a second */

bool radio_same_ssid(const struct radio_bss *a, const struct radio_bss *b)
{
	return a->ssid_len == b->ssid_len && !memcmp(a->ssid, b->ssid, a->ssid_len);
}

bool radio_rank_candidate(const struct radio *r, const struct radio_bss *b)
{
	return radio_same_ssid(b, &r->serving) && !mac_equal(&b->bssid, &r->serving.bssid);
}

mtime radio_rank_avoided(const struct radio *r, const struct mac *bssid, mtime now)
{
	for (size_t i = 0; i < RADIO_AVOID_MAX; i++)
		if (mac_equal(&r->avoid[i].bssid, bssid))
			return now < r->avoid[i].until ? r->avoid[i].until : 0;
	return 0;
}

bool radio_rank_known(const struct radio *r, mtime now, mtime max_age)
{
	for (size_t i = 0; i < r->n_bss; i++)
		if (radio_rank_candidate(r, &r->bss[i]) && radio_age(&r->bss[i], now) <= max_age)
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

/* What the channel promises: the best candidate seen there, else that a neighbour is. */
static int promise(const struct radio *r, uint16_t mhz)
{
	int best = -100;

	for (size_t i = 0; i < r->n_bss; i++)
		if (r->bss[i].freq_mhz == mhz && radio_rank_candidate(r, &r->bss[i]) &&
		    r->bss[i].signal_dbm > best)
			best = r->bss[i].signal_dbm;
	return best;
}

/* Of the channels from i on, the one that promises most; the first of those that promise the
 * same was used last. */
static unsigned most(const struct radio *r, const uint16_t *mhz, unsigned i, unsigned n)
{
	unsigned best = i;

	for (unsigned k = i + 1; k < n; k++)
		if (promise(r, mhz[k]) > promise(r, mhz[best]))
			best = k;
	return best;
}

/* The serving channel is heard anyway: scanned only when somebody else was seen there, or nobody
 * elsewhere.  Of many, the last of a few is another one each time. */
unsigned radio_rank_freqs(struct radio *r, bool few, uint16_t out[RADIO_FREQS_MAX])
{
	bool shared = r->n_freqs == 1 || promise(r, r->serving.freq_mhz) > -100;
	unsigned n = 0;

	for (unsigned i = 0; i < r->n_freqs; i++)
		if (shared || r->freqs[i] != r->serving.freq_mhz)
			out[n++] = r->freqs[i];
	for (unsigned i = 0; i < n; i++) {
		unsigned best = most(r, out, i, n);
		uint16_t mhz = out[best];

		memmove(&out[i + 1], &out[i], (best - i) * sizeof(out[0]));
		out[i] = mhz;
	}
	if (!few || n <= FEW)
		return n;
	out[FEW - 1] = out[FEW - 1 + r->turn++ % (n - FEW + 1)];
	return FEW;
}

/* What to give up first: a foreign network, then the oldest (by 10 s), then the weakest. */
static bool worse(const struct radio *r, const struct radio_bss *a, const struct radio_bss *b)
{
	bool ours_a = radio_same_ssid(a, &r->serving), ours_b = radio_same_ssid(b, &r->serving);

	if (ours_a != ours_b)
		return ours_b;
	if (a->seen / SAME_AGE != b->seen / SAME_AGE)
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

/* One beacon fades by several dB: what was measured shortly before counts, too. */
static void smooth(const struct radio_bss *old, size_t n_old, struct radio_bss *b)
{
	for (size_t i = 0; i < n_old; i++) {
		const struct radio_bss *o = &old[i];
		mtime gap = b->seen - o->seen;

		if (!mac_equal(&o->bssid, &b->bssid))
			continue;
		if (gap <= 0)
			b->signal_dbm = o->signal_dbm;
		else if (gap < SMOOTH)
			b->signal_dbm = (int16_t)(b->signal_dbm +
				(o->signal_dbm - b->signal_dbm) * (int)((SMOOTH - gap) / 1000) /
				    (int)(2 * SMOOTH / 1000));
		return;
	}
}

/* The whole table is replaced: what the supplicant has forgotten it could not join. */
void radio_rank_store(struct radio *r, const struct radio_bss *bss, size_t n)
{
	struct radio_bss old[RADIO_BSS_MAX]; /* 4 KiB */
	size_t n_old = r->n_bss;

	memcpy(old, r->bss, n_old * sizeof(old[0]));
	r->n_bss = 0;
	for (size_t i = 0; i < n; i++) {
		if (bss[i].ssid_len > SSID_MAX)
			continue;
		struct radio_bss b = bss[i];

		smooth(old, n_old, &b);
		store_one(r, &b);
		if (r->attached && radio_rank_candidate(r, &bss[i]))
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
			a = &r->avoid[i]; /* the one that is over soonest */
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
	struct radio_need need = { .any = true, .max_age = MTIME_NEVER };
	const struct radio_bss *b = radio_rank_best(r, now, &need);

	if (!b) {
		need.avoided_too = true;
		b = radio_rank_best(r, now, &need);
	}
	if (b)
		*out = *b;
	return b;
}

bool radio_would(const struct radio *r, const struct radio_bss *b, mtime now)
{
	struct radio_need need = { .any = true, .max_age = MTIME_NEVER };

	return b->signal_dbm > r->conf.dead_dbm + RADIO_NEAR_DEAD_DB &&
	       radio_excludes(r, b, &need, now) == RADIO_ELIGIBLE;
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
