/* SPDX-License-Identifier: MIT */
#include "client/replay_rivals.h"

#include <string.h>

/*
 * iwd 3.9 (station.c, netdev.c, scan.c, band.c; iwd.config(5): RoamThreshold -70, -76 at 5 GHz,
 * RoamRetryInterval 60).  5 s after the kernel reports the threshold a scan of the neighbours'
 * channels or of up to five known ones, or if that finds nobody of all; it leaves for the one whose
 * data rate ranks highest; where there is none, again after 60 s.
 */
#define IWD_HYSTERESIS 5
#define IWD_FIRST SEC(5)
#define IWD_RETRY SEC(60)
#define IWD_KNOWN_MAX 5
#define IWD_BLACKLIST SEC(60)

/* Its rank of an HT access point at 20 MHz: data rate over the fastest of all, in 1/65535. */
static int iwd_rank(const struct radio_bss *b)
{
	static const int8_t at_least[] = { -82, -79, -77, -74, -70, -66, -65, -64 };
	static const int kbit[] = { 7200, 14400, 21700, 28900, 43300, 57800, 65000, 72200 };
	int best = b->signal_dbm >= -94 ? 1000 : 0; /* the legacy rates */

	for (unsigned i = 0; i < sizeof(at_least); i++)
		if (b->signal_dbm >= at_least[i])
			best = kbit[i];
	return best / 147; /* 9607.8 Mbit/s are 65535 */
}

static void iwd_rearm(mtime now, mtime after)
{
	if (rival.earliest < now + after)
		rival.earliest = now + after;
	rival.at = rival.earliest;
}

static void iwd_attached(void *p, const struct radio_bss *to, mtime now)
{
	(void)p;
	(void)now;
	rival.serving = *to;
	rival.attached = true;
	rival.average_dbm = to->signal_dbm;
	rival.last_event_dbm = 0;
	rival.low = rival.full = rival.results = rival.scanning = false;
	rival.earliest = 0;
	rival.at = MTIME_NEVER;
}

static void iwd_beacon(void *p, int dbm, int average_dbm, mtime now)
{
	int threshold = rival.serving.freq_mhz > 4000 ? -76 : -70;
	int event = rival_reported(average_dbm, threshold, IWD_HYSTERESIS);

	(void)p;
	(void)dbm;
	if (event < 0 && !rival.low) {
		rival.low = true;
		iwd_rearm(now, IWD_FIRST);
	} else if (event > 0) {
		rival.low = false;
		rival.earliest = 0;
		rival.at = MTIME_NEVER;
	}
}

static void iwd_scanned(void *p, const struct radio_bss *list, size_t n, mtime now)
{
	(void)p;
	rival_store(list, n, now);
}

static void iwd_roamed(void *p, const struct mac *to, bool ok, mtime now)
{
	(void)p;
	if (!ok)
		rival_refuse(to, now + IWD_BLACKLIST);
}

/* Up to five known channels; false: none is known. */
static bool iwd_known(struct play_order *out)
{
	if (rival.n_near) {
		memcpy(out->freqs, rival.near, sizeof(out->freqs));
		out->n_freqs = rival.n_near;
		return true;
	}
	for (size_t i = 0; i < rival.n && out->n_freqs < IWD_KNOWN_MAX; i++) {
		unsigned k = 0;

		while (k < out->n_freqs && out->freqs[k] != rival.list[i].freq_mhz)
			k++;
		out->freqs[k] = rival.list[i].freq_mhz;
		out->n_freqs += k == out->n_freqs;
	}
	return out->n_freqs > 0;
}

static void iwd_choose(mtime now, struct play_order *out)
{
	const struct radio_bss *best = NULL;
	int rank = 0;

	for (size_t i = 0; i < rival.n; i++)
		if (rival_serves(&rival.list[i]) && rival.list[i].seen == rival.last_scan)
			rank = iwd_rank(&rival.list[i]);
	for (size_t i = 0; i < rival.n; i++) {
		if (rival_serves(&rival.list[i]) || rival.list[i].seen != rival.last_scan ||
		    rival_is_refused(&rival.list[i].bssid, now) || iwd_rank(&rival.list[i]) <= rank)
			continue;
		rank = iwd_rank(&rival.list[i]);
		best = &rival.list[i];
	}
	if (best) {
		rival_take(out, best, "roam-threshold");
	} else if (rival.low && !rival.full) {
		rival.full = rival.scanning = true;
		out->act = RADIO_SCAN;
	} else if (rival.low) {
		rival.full = false;
		iwd_rearm(now, IWD_RETRY);
	}
}

static void iwd_decide(void *p, mtime now, struct play_order *out)
{
	(void)p;
	rival.changed = false;
	if (!rival.attached)
		return;
	if (rival.results) {
		rival.results = false;
		if (rival.scanning) {
			rival.scanning = false;
			iwd_choose(now, out);
		}
		return;
	}
	if (now < rival.at || rival.scanning)
		return;
	out->act = RADIO_SCAN;
	rival.scanning = true;
	rival.full = !iwd_known(out);
	rival.at = MTIME_NEVER;
}

const struct player player_iwd = {
	.name = "iwd", .start = rival_start, .attached = iwd_attached,
	.detached = rival_detached, .neighbours = rival_neighbours,
	.beacon = iwd_beacon, .beacon_loss = rival_beacon_loss, .scanned = iwd_scanned,
	.roamed = iwd_roamed, .due = rival_due, .decide = iwd_decide,
};
