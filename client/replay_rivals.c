/* SPDX-License-Identifier: MIT */
#include "client/replay_rivals.h"

#include <stdio.h>
#include <string.h>

struct rival rival;

void *rival_start(const struct radio_conf *conf)
{
	(void)conf;
	memset(&rival, 0, sizeof(rival));
	return &rival;
}

void rival_detached(void *p, mtime now)
{
	(void)p;
	(void)now;
	rival.attached = false;
	rival.at = MTIME_NEVER;
}

/* Of use to iwd alone, which scans their channels. */
void rival_neighbours(void *p, const struct radio_neighbour *list, size_t n, mtime now)
{
	(void)p;
	(void)now;
	rival.n_near = 0;
	for (size_t i = 0; i < n && rival.n_near < RADIO_FREQS_MAX; i++) {
		unsigned k = 0;

		while (k < rival.n_near && rival.near[k] != list[i].freq_mhz)
			k++;
		rival.near[k] = list[i].freq_mhz;
		rival.n_near += k == rival.n_near;
	}
}

void rival_beacon_loss(void *p, mtime now)
{
	(void)p;
	(void)now; /* bgscan does nothing then; iwd listens to lost packets instead */
}

void rival_store(const struct radio_bss *list, size_t n, mtime now)
{
	rival.n = n < TRACE_APS_MAX ? n : TRACE_APS_MAX;
	memcpy(rival.list, list, rival.n * sizeof(*list));
	rival.last_scan = now;
	rival.results = rival.changed = true;
}

void rival_refuse(const struct mac *to, mtime until)
{
	if (rival.n_refused == REFUSED_MAX)
		rival.n_refused = 0;
	rival.refused[rival.n_refused++] = (struct refused){ *to, until };
}

bool rival_is_refused(const struct mac *to, mtime now)
{
	for (unsigned i = 0; i < rival.n_refused; i++)
		if (mac_equal(&rival.refused[i].bssid, to) && now < rival.refused[i].until)
			return true;
	return false;
}

bool rival_serves(const struct radio_bss *b)
{
	return mac_equal(&b->bssid, &rival.serving.bssid);
}

int rival_reported(int average_dbm, int threshold, int hysteresis)
{
	int last = rival.last_event_dbm;

	rival.average_dbm = average_dbm;
	if (average_dbm < threshold && (!last || average_dbm < last - hysteresis)) {
		rival.last_event_dbm = average_dbm;
		return -1;
	}
	if (average_dbm > threshold && (!last || average_dbm > last + hysteresis)) {
		rival.last_event_dbm = average_dbm;
		return 1;
	}
	return 0;
}

void rival_take(struct play_order *out, const struct radio_bss *to, const char *rule)
{
	out->act = RADIO_LEAVE;
	out->target = to->bssid;
	out->rule = rule;
	snprintf(out->why, sizeof(out->why), "%d dBm, the other one %d", rival.average_dbm,
		 to->signal_dbm);
}

mtime rival_due(const void *p)
{
	(void)p;
	return rival.changed ? 0 : rival.at;
}
