/* SPDX-License-Identifier: MIT */
#include "client/daemon.h"

#include "client/interface.h"
#include "common/log.h"

#include <errno.h>
#include <string.h>

#define THRESHOLD_HYSTERESIS_DB 2 /* the kernel's own, against a wake-up for every beacon */
/* Where the driver counts by itself: half of at least so many frames failed in so many seconds. */
#define TX_ERRORS_PERCENT 50
#define TX_ERRORS_PACKETS 10
#define TX_ERRORS_SECONDS 1

static void subscribe(struct node_link *r)
{
	int err = 0;

	nl80211_thresholds(r->nl80211, r->dbm, r->n_dbm, THRESHOLD_HYSTERESIS_DB);
	if (r->n_dbm > 0 && !r->no_tx_errors)
		err = nl80211_tx_errors(r->nl80211, TX_ERRORS_PERCENT, TX_ERRORS_PACKETS,
					TX_ERRORS_SECONDS);
	r->no_tx_errors |= err == -EOPNOTSUPP;
}

/* An interface without nl80211 (a veth in a test) works, but nothing tells its signal. */
void station_open(struct node_link *l)
{
	if (l->index != MOBILE_RADIO || l->nl80211 != NULL || l->nl80211_failed)
		return;
	if (!interface_is_wifi(l->ifname)) {
		if (!l->said_wired)
			log_warning("%s: no Wi-Fi interface, its signal is not known: name the "
				    "Wi-Fi one with [Radio] "
				    "interface",
				    l->ifname);
		l->said_wired = true;
		return;
	}
	l->no_tx_errors = false;
	l->nl80211 = nl80211_open(&l->d->loop, l->ifname, loop_on_nl80211, l->d);
	l->nl80211_failed = l->nl80211 == NULL; /* it has said why; once an interface */
	if (l->nl80211 != NULL && l->n_dbm > 0)
		subscribe(l);
}

void station_thresholds(struct daemon *d, const int32_t *dbm, unsigned n)
{
	struct node_link *r = &d->links[MOBILE_RADIO];

	r->n_dbm = n < RADIO_THRESHOLDS_MAX ? n : RADIO_THRESHOLDS_MAX;
	memcpy(r->dbm, dbm, r->n_dbm * sizeof(r->dbm[0]));
	if (r->nl80211 != NULL)
		subscribe(r);
}

void station_again(struct daemon *d)
{
	struct node_link *r = &d->links[MOBILE_RADIO];

	if (r->nl80211 != NULL && r->n_dbm > 0)
		subscribe(r);
}

static bool look(struct daemon *d, struct nl80211_station *st)
{
	struct node_link *r = &d->links[MOBILE_RADIO];

	return r->nl80211 != NULL && nl80211_station(r->nl80211, NULL, st) == 0;
}

static bool signal_of(struct node_link *r, const struct nl80211_station *st, int *dbm)
{
	if (!st->has_signal && !st->has_average)
		return false;
	/* No frame since the last look: the same sample would count twice. */
	if (st->has_rx_bytes && st->rx_bytes == r->rx_bytes)
		return false;
	r->rx_bytes = st->rx_bytes;
	*dbm = st->has_signal ? st->signal_dbm : st->average_dbm;
	return true;
}

bool station_signal(struct daemon *d, int *dbm)
{
	struct nl80211_station st;

	return look(d, &st) && signal_of(&d->links[MOBILE_RADIO], &st, dbm);
}

void station_sample(struct daemon *d, struct station_sample *out)
{
	struct nl80211_station st;

	memset(out, 0, sizeof(*out));
	if (!look(d, &st))
		return;
	out->has_dbm = signal_of(&d->links[MOBILE_RADIO], &st, &out->dbm);
	out->has_traffic = st.has_tx;
	out->traffic = (struct radio_traffic){.packets = st.tx_packets,
					      .retries = st.tx_retries,
					      .failed = st.tx_failed,
					      .rate_kbit = st.tx_kbit,
					      .beacons_known = st.has_beacon_loss,
					      .beacon_loss = st.beacon_loss};
}

uint32_t station_backlog(struct daemon *d)
{
	struct nl80211_station st;

	return look(d, &st) && st.has_backlog ? st.backlog : 0;
}
