/* SPDX-License-Identifier: MIT */
#ifndef MIP_RADIO_FIXTURE_H
#define MIP_RADIO_FIXTURE_H

#include "client/radio.h"
#include "tests/unit/unit.h"

/* A radio attached to ap1, channel 1, and others of its network. */
static const struct mac ap1 = { { 2, 0, 0, 0, 0, 0 } }, ap2 = { { 2, 0, 0, 0, 1, 0 } },
			ap3 = { { 2, 0, 0, 0, 2, 0 } };
static struct radio r;
static struct radio_decision d;

static inline struct radio_bss bss(const struct mac *m, uint16_t mhz, int dbm, mtime seen)
{
	return (struct radio_bss){ .bssid = *m, .freq_mhz = mhz, .signal_dbm = (int16_t)dbm,
				   .seen = seen, .ssid = "campus", .ssid_len = 6 };
}

static inline void decide(mtime now)
{
	radio_decide(&r, now, &d);
}

static inline void start(int dbm)
{
	struct radio_bss b = bss(&ap1, 2412, dbm, 0);
	struct radio_conf c;

	radio_conf_default(&c);
	radio_init(&r, &c);
	radio_attached(&r, &b, 0);
	decide(0);
}

/* All that is known, measured now. */
static inline void known(const struct radio_bss *list, size_t n, mtime now)
{
	struct radio_bss copy[8];

	assert(n <= 8);
	memcpy(copy, list, n * sizeof(*list));
	for (size_t i = 0; i < n; i++)
		copy[i].seen = now;
	radio_scanned(&r, copy, n, now);
	decide(now);
}

static inline enum radio_act sample(int dbm, mtime now)
{
	radio_signal(&r, dbm, now);
	decide(now);
	return d.act;
}

/* Samples each 50 ms in [from, to): the time of the first decision to do something, or `to`. */
static inline mtime level(int dbm, mtime from, mtime to)
{
	mtime t;

	for (t = from; t < to; t += MSEC(50))
		if (sample(dbm, t) != RADIO_STAY)
			break;
	return t;
}

#endif
