/* SPDX-License-Identifier: MIT */
#include "client/replay_rivals.h"

/*
 * wpa_supplicant 2.10 (bgscan_simple.c; wpa_supplicant_need_to_roam_within_ess() in events.c;
 * scan.c for rates and noise), with NetworkManager's most eager setting, simple:30:-65:300, and
 * 20 MHz HT access points.  A scan of all channels 30 s after the last one while below -65 dBm,
 * else 300 s; at once when the kernel reports the threshold, or 4 dB less, if the last one is long
 * enough ago.  Then it leaves for the best by a table of differences.
 */
#define WPA_THRESHOLD (-65)
#define WPA_HYSTERESIS 4
#define WPA_SHORT SEC(30)
#define WPA_LONG SEC(300)
#define WPA_SHORT_SCANS (300 / 30 + 1)
#define WPA_GREAT_SNR 25
#define WPA_IGNORED SEC(10)

static int wpa_snr(const struct radio_bss *b, int dbm)
{
	return dbm + (b->freq_mhz > 4000 ? 92 : 89);
}

static int wpa_kbit(int snr)
{
	static const struct {
		int snr, kbit;
	} ht20[] = { { 0, 0 },	    { 2, 6500 },   { 5, 13000 },  { 9, 19500 }, { 11, 26000 },
		     { 15, 39000 }, { 18, 52000 }, { 20, 58500 }, { 25, 65000 } };
	unsigned i = 0, n = sizeof(ht20) / sizeof(ht20[0]);

	while (i < n && snr >= ht20[i].snr)
		i++;
	if (i == 0 || i == n)
		return i ? ht20[n - 1].kbit : 0;
	return ht20[i - 1].kbit + (snr - ht20[i - 1].snr) * (ht20[i].kbit - ht20[i - 1].kbit) /
					  (ht20[i].snr - ht20[i - 1].snr);
}

static int wpa_min_diff(int level, int cur, int sel)
{
	int diff = level < -85 ? 1 : level < -80 ? 2 : level < -75 ? 3 : level < -70 ? 4 : 5;

	if (2 * cur > 3 * sel)
		return diff + 10;
	if (10 * cur > 12 * sel)
		return diff + 5;
	if (10 * cur > 11 * sel)
		return diff + 2;
	if (cur > sel)
		return diff + 1;
	if (2 * sel > 3 * cur)
		return diff - 10;
	if (10 * sel > 12 * cur)
		return diff - 5;
	if (10 * sel > 11 * cur)
		return diff - 2;
	return diff - (sel > cur);
}

static bool wpa_roams(const struct radio_bss *to)
{
	int level = rival.average_dbm, cur = wpa_kbit(wpa_snr(&rival.serving, level));
	int sel = wpa_kbit(wpa_snr(to, to->signal_dbm)), diff;
	int to_5 = to->freq_mhz > 4000 && rival.serving.freq_mhz < 4000;

	if (sel > cur + 5000)
		return true;
	if (level > to->signal_dbm + 2 * to_5 && 10 * sel < 12 * cur)
		return false;
	if (cur > sel + 5000 || wpa_snr(&rival.serving, level) > WPA_GREAT_SNR)
		return false;
	diff = wpa_min_diff(level, cur, sel);
	diff -= 2 * ((to->freq_mhz > 4000) - (rival.serving.freq_mhz > 4000));
	if (level <= WPA_THRESHOLD && to->signal_dbm > WPA_THRESHOLD)
		diff -= 2;
	return to->signal_dbm - level >= diff;
}

static void wpa_attached(void *p, const struct radio_bss *to, mtime now)
{
	(void)p;
	rival.serving = *to;
	rival.attached = true;
	rival.average_dbm = to->signal_dbm;
	rival.last_event_dbm = 0;
	rival.shorts = 0;
	rival.short_now = to->signal_dbm < WPA_THRESHOLD;
	rival.last_scan = now;
	rival.at = now + (rival.short_now ? WPA_SHORT : WPA_LONG);
}

static void wpa_beacon(void *p, int dbm, int average_dbm, mtime now)
{
	int event = rival_reported(average_dbm, WPA_THRESHOLD, WPA_HYSTERESIS);

	(void)p;
	(void)dbm;
	if (event < 0 && !rival.short_now) {
		rival.short_now = true;
		if (now > rival.last_scan + SEC(1) && rival.shorts <= WPA_SHORT_SCANS)
			rival.at = now;
		else if (rival.last_scan + WPA_LONG > now + WPA_SHORT)
			rival.at = now + WPA_SHORT;
	} else if (event > 0 && rival.short_now) {
		rival.short_now = false;
		rival.at = now + WPA_LONG;
	} else if (event < 0 && now > rival.last_scan + SEC(10)) {
		rival.at = now;
	}
}

static void wpa_scanned(void *p, const struct radio_bss *list, size_t n, mtime now)
{
	(void)p;
	rival_store(list, n, now);
	rival.at = now + (rival.short_now ? WPA_SHORT : WPA_LONG);
}

static void wpa_roamed(void *p, const struct mac *to, bool ok, mtime now)
{
	(void)p;
	if (!ok)
		rival_refuse(to, now + WPA_IGNORED);
}

static void wpa_decide(void *p, mtime now, struct play_order *out)
{
	const struct radio_bss *best = NULL;

	(void)p;
	rival.changed = false;
	if (!rival.attached)
		return;
	if (rival.results) {
		rival.results = false;
		for (size_t i = 0; i < rival.n; i++)
			if (!rival_is_refused(&rival.list[i].bssid, now) &&
			    rival.list[i].seen == rival.last_scan &&
			    (!best || rival.list[i].signal_dbm > best->signal_dbm))
				best = &rival.list[i];
		if (best && !rival_serves(best) && wpa_roams(best))
			rival_take(out, best, "bgscan");
		return;
	}
	if (now < rival.at)
		return;
	out->act = RADIO_SCAN;
	rival.at = MTIME_NEVER;
	rival.last_scan = now;
	if (rival.short_now && ++rival.shorts >= WPA_SHORT_SCANS)
		rival.short_now = false;
	else if (!rival.short_now && rival.shorts)
		rival.shorts--;
}

const struct player player_supplicant = {
	.name = "wpa_supplicant", .start = rival_start, .attached = wpa_attached,
	.detached = rival_detached, .neighbours = rival_neighbours, .beacon = wpa_beacon,
	.beacon_loss = rival_beacon_loss,
	.scanned = wpa_scanned, .roamed = wpa_roamed, .due = rival_due, .decide = wpa_decide,
};
