/* SPDX-License-Identifier: MIT */
#include "client/replay.h"

#include <stdio.h>
#include <string.h>

/* The decision engine, fed as the daemon feeds it: thresholds of the kernel, then samples. */
static struct state {
	struct radio r;
	int32_t thresholds[RADIO_THRESHOLDS_MAX];
	unsigned n_thresholds;
	int average_dbm;
	bool crossed;
	mtime attached_at;
	uint32_t sent, retries;
	bool changed;
} s;

static void *start(const struct radio_conf *conf)
{
	memset(&s, 0, sizeof(s));
	radio_init(&s.r, conf);
	return &s;
}

static void attached(void *p, const struct radio_bss *to, mtime now)
{
	(void)p;
	radio_attached(&s.r, to, now);
	s.n_thresholds = radio_thresholds(&s.r, s.thresholds);
	s.average_dbm = to->signal_dbm;
	s.attached_at = now;
	s.sent = s.retries = 0;
	s.changed = true;
}

static void detached(void *p, mtime now)
{
	(void)p;
	radio_detached(&s.r, now);
	s.changed = true;
}

static void neighbours(void *p, const struct radio_neighbour *list, size_t n, mtime now)
{
	(void)p;
	radio_neighbours(&s.r, list, n, now);
}

/* A call: fifty frames a second, repeated more often the weaker the signal. */
static void traffic(int dbm, mtime now)
{
	uint32_t sent = (uint32_t)((now - s.attached_at) / MSEC(20));
	uint32_t times = dbm > -70 ? 0 : dbm > -80 ? 1 : 2;
	struct radio_traffic t = { .packets = sent,
				   .retries = s.retries += (sent - s.sent) * times,
				   .rate_kbit = dbm > -65 ? 65000 : dbm > -75 ? 26000 : 6500 };

	s.sent = sent;
	radio_traffic(&s.r, &t, now);
}

static void beacon(void *p, int dbm, int average_dbm, mtime now)
{
	(void)p;
	for (unsigned i = 0; i < s.n_thresholds; i++)
		s.crossed |=
			(average_dbm < s.thresholds[i]) != (s.average_dbm < s.thresholds[i]);
	s.average_dbm = average_dbm;
	if (s.crossed) {
		radio_signal(&s.r, dbm, now);
		traffic(dbm, now);
		s.changed = true;
	}
	s.crossed = false;
}

static void beacon_loss(void *p, mtime now)
{
	(void)p;
	radio_beacon_loss(&s.r, now);
	s.changed = true;
}

static void scanned(void *p, const struct radio_bss *list, size_t n, mtime now)
{
	(void)p;
	radio_scanned(&s.r, list, n, now);
	s.changed = true;
}

static void roamed(void *p, const struct mac *to, bool ok, mtime now)
{
	(void)p;
	radio_handoff_done(&s.r, to, ok, now);
	s.changed = true;
}

static mtime sampling(const void *p)
{
	(void)p;
	return radio_sample_interval(&s.r);
}

static void sample(void *p, int dbm, mtime now)
{
	(void)p;
	radio_signal(&s.r, dbm, now);
	traffic(dbm, now);
	s.changed = true;
}

static mtime due(const void *p)
{
	(void)p;
	return s.changed ? 0 : radio_deadline(&s.r);
}

static void decide(void *p, mtime now, struct play_order *out)
{
	struct radio_decision d;

	(void)p;
	if (now < due(p))
		return;
	s.changed = false;
	radio_decide(&s.r, now, &d);
	out->act = d.act;
	out->target = d.target.bssid;
	out->n_freqs = d.n_freqs;
	memcpy(out->freqs, d.freqs, sizeof(out->freqs));
	out->rule = radio_rule_name(d.rule);
	snprintf(out->why, sizeof(out->why), "%s", d.why);
}

const struct player player_engine = {
	.name = "mipclient", .start = start, .attached = attached, .detached = detached,
	.neighbours = neighbours,
	.beacon = beacon, .beacon_loss = beacon_loss, .scanned = scanned, .roamed = roamed,
	.sampling = sampling, .sample = sample, .due = due, .decide = decide,
};
