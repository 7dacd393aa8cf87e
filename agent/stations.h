/* SPDX-License-Identifier: MIT */
#ifndef MIP_STATIONS_H
#define MIP_STATIONS_H

#include "common/addr.h"

#include <stdbool.h>

/*
 * Which access point each station joined last.  One that walks from one access point of ours to
 * another is reported gone by the first one seconds or minutes after it has joined the second: that
 * is no news.  Pure; used by hostapd.c only.
 */
#define STATIONS_MAX 4096 /* four times the visitors that an agent takes by default */

struct stations; /* NULL: none */

/* The station is at access point ap from now on; beyond the limit it is not remembered. */
void stations_join(struct stations **t, const struct mac *mac, unsigned ap);
/* Access point ap says that it is gone.  False: it has joined another one meanwhile. */
bool stations_leave(struct stations **t, const struct mac *mac, unsigned ap);
/* Those at access point `from` are at `to`. */
void stations_move(struct stations *t, unsigned from, unsigned to);
/* One of those at ap, taken out; false: none is left. */
bool stations_take(struct stations **t, unsigned ap, struct mac *mac);
unsigned stations_at(const struct stations *t, unsigned ap);

#endif
