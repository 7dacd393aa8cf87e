/* SPDX-License-Identifier: MIT */
#include "client/radio.h"
#include "client/radio_rank.h"

#include <string.h>

#define WINDOW SEC(1)	    /* of counters: long enough for a rate, short enough to act upon */
#define FLOWS_PER_S 5	    /* frames sent; keepalives are fewer */
#define FLOWS_FOR SEC(3)    /* after the counters were last told */
#define FRAMES_MIN 10	    /* fewer say nothing */
#define BAD_FAILED 5	    /* one frame in so many is given up, */
#define BAD_RETRIES 3	    /* or each is sent so often again, */
#define BAD_RATE 8	    /* or sent so much slower than here before, */
#define BAD_KBIT 6500	    /* at the slowest rate of HT */
#define BAD_WINDOWS 2	    /* in a row */
#define NEAR_FOR SEC(300)   /* networks change */

/* ---- what the kernel counts ---- */

void radio_traffic_forget(struct radio *r)
{
	r->tx = (struct radio_window){ 0 };
	r->tx_known = false;
}

static bool is_bad(const struct radio_window *w, uint32_t sent, uint32_t retries, uint32_t failed)
{
	if (sent + failed < FRAMES_MIN)
		return false;
	return failed * BAD_FAILED >= sent || retries >= sent * BAD_RETRIES ||
	       (w->last.rate_kbit && w->last.rate_kbit <= BAD_KBIT &&
		w->best_kbit / BAD_RATE >= w->last.rate_kbit);
}

void radio_traffic(struct radio *r, const struct radio_traffic *t, mtime now)
{
	struct radio_window *w = &r->tx;
	uint32_t sent = t->packets - w->first.packets;

	if (!r->attached || r->leaving)
		return;
	if (!r->tx_known || t->packets < w->last.packets || t->retries < w->last.retries ||
	    t->failed < w->last.failed) { /* the first, or they were set back */
		*w = (struct radio_window){ .from = now, .first = *t, .last = *t };
		r->tx_known = true;
		r->tx_at = now;
		return;
	}
	r->tx_at = now;
	w->last = *t;
	if (t->rate_kbit > w->best_kbit)
		w->best_kbit = t->rate_kbit;
	if (now - w->from < WINDOW)
		return;
	w->per_s = (uint32_t)((int64_t)sent * SEC(1) / (now - w->from));
	w->bad = is_bad(w, sent, t->retries - w->first.retries, t->failed - w->first.failed)
		     ? w->bad + 1
		     : 0;
	w->from = now;
	w->first = *t;
}

bool radio_flows(const struct radio *r, mtime now)
{
	return r->tx_known && now - r->tx_at < FLOWS_FOR && r->tx.per_s >= FLOWS_PER_S;
}

bool radio_failing(const struct radio *r, mtime now)
{
	return r->tx_known && now - r->tx_at < FLOWS_FOR && r->tx.bad >= BAD_WINDOWS;
}

/* ---- what the network says ---- */

static void learn(struct radio *r, const struct radio_neighbour *n, mtime now)
{
	struct radio_near *to = &r->near[0];

	for (unsigned i = 0; i < r->n_near; i++) {
		if (mac_equal(&r->near[i].n.bssid, &n->bssid)) {
			r->near[i] = (struct radio_near){ *n, now };
			return;
		}
		if (r->near[i].at < to->at)
			to = &r->near[i];
	}
	if (r->n_near < RADIO_NEIGHBOURS_MAX)
		to = &r->near[r->n_near++];
	*to = (struct radio_near){ *n, now };
}

void radio_neighbours(struct radio *r, const struct radio_neighbour *list, size_t n, mtime now)
{
	unsigned channels = r->n_freqs;

	for (size_t i = 0; i < n && i < RADIO_NEIGHBOURS_MAX; i++) {
		if (mac_equal(&list[i].bssid, &r->serving.bssid))
			continue;
		learn(r, &list[i], now);
		if (list[i].freq_mhz && list[i].preference)
			radio_rank_freq(r, list[i].freq_mhz);
	}
	if (r->n_freqs > channels) /* somewhere to look, where there was nowhere perhaps */
		r->scan_next = 0;
}

const struct radio_neighbour *radio_hint(const struct radio *r, const struct mac *bssid, mtime now)
{
	for (unsigned i = 0; i < r->n_near; i++)
		if (mac_equal(&r->near[i].n.bssid, bssid))
			return now - r->near[i].at < NEAR_FOR ? &r->near[i].n : NULL;
	return NULL;
}

void radio_transition(struct radio *r, const struct radio_neighbour *list, size_t n, bool imminent,
		      mtime until, mtime now)
{
	if (!r->attached || r->leaving)
		return;
	r->n_asked = (unsigned)(n < RADIO_NEIGHBOURS_MAX ? n : RADIO_NEIGHBOURS_MAX);
	if (r->n_asked)
		memcpy(r->asked, list, r->n_asked * sizeof(*list));
	r->asked_imminent = imminent;
	r->asked_until = until > now ? until : now + 1;
	radio_neighbours(r, list, n, now);
}

bool radio_asked_for(const struct radio *r, const struct mac *bssid)
{
	for (unsigned i = 0; i < r->n_asked; i++)
		if (mac_equal(&r->asked[i].bssid, bssid))
			return r->asked[i].preference > 0;
	return !r->n_asked;
}

void radio_bgscan(struct radio *r, bool on)
{
	r->bgscan = on;
}

void radio_power(struct radio *r, bool saving)
{
	r->saving = saving;
}
