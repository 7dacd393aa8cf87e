/* SPDX-License-Identifier: MIT */
#include "client/daemon.h"

#include <string.h>

static void connected(struct daemon *d, const struct radio_bss *bss)
{
	struct instant now = instant_now();
	struct radio_bss b = *bss;
	int dbm;

	links_connected(d, now.t);
	resolve_network(d);
	if (station_signal(d, &dbm))
		b.signal_dbm = (int16_t)dbm;
	mobile_count(d->mobile, links_count(d));
	mobile_connected(d->mobile, MOBILE_RADIO, &b, &now, &d->out);
	loop_carry_out(d);
}

/* True: the core was called. */
static bool feed_wifi(struct daemon *d, const struct wifi_event *ev)
{
	struct instant now = instant_now();

	switch (ev->type) {
	case WIFI_READY:
		d->supplicant = true;
		wifi_results(d->wifi);
		return false;
	case WIFI_GONE:
		d->supplicant = false;
		links_verify(d, now.t); /* it may have gone with the interface */
		return false;
	case WIFI_CONNECTED:
		connected(d, &ev->bss);
		return false;
	case WIFI_DISCONNECTED:
		node_kernel_down(&d->kernel, MOBILE_RADIO);
		mobile_disconnected(d->mobile, MOBILE_RADIO, &ev->bss.bssid, &now, &d->out);
		return true;
	case WIFI_PROGRESS:
		mobile_roam_progress(d->mobile, &ev->bss.bssid, &now, &d->out);
		return true;
	case WIFI_AT_REST:
		station_again(d);
		return false;
	case WIFI_BGSCAN:
		mobile_bgscan(d->mobile, ev->bgscan, &now, &d->out);
		return true;
	case WIFI_NEIGHBOUR:
		mobile_neighbours(d->mobile, &ev->neighbour, 1, &now, &d->out);
		return true;
	case WIFI_TRANSITION:
		mobile_transition(d->mobile, &ev->asked, &now, &d->out);
		return true;
	case WIFI_SCAN_DONE:
		mobile_scanned(d->mobile, ev->list, ev->n, &now, &d->out);
		return true;
	case WIFI_SCAN_FAILED:
		mobile_scan_failed(d->mobile, &now, &d->out);
		return true;
	case WIFI_ROAM_FAILED:
		mobile_roam_failed(d->mobile, ev->text != NULL ? ev->text : "refused", &now,
				   &d->out);
		return true;
	case WIFI_BEACON_LOSS:
		mobile_beacon_loss(d->mobile, &now, &d->out);
		return true;
	}
	return false;
}

void loop_on_wifi(const struct wifi_event *ev, void *arg)
{
	struct daemon *d = arg;

	if (!d->stopping && feed_wifi(d, ev))
		loop_carry_out(d);
}

void loop_on_nl80211(const struct nl80211_event *ev, void *arg)
{
	struct daemon *d = arg;
	struct instant now = instant_now();

	if (d->stopping)
		return;
	switch (ev->type) {
	case NL80211_SIGNAL:
	case NL80211_TX_ERRORS:
		mobile_threshold(d->mobile, &now, &d->out);
		break;
	case NL80211_SCAN_BEGUN:
		mobile_scan_begun(d->mobile, &now, &d->out);
		break;
	case NL80211_SCAN_DONE:
		mobile_scan_over(d->mobile, &now, &d->out);
		break;
	case NL80211_BEACON_LOSS:
		mobile_beacon_loss(d->mobile, &now, &d->out);
		break;
	case NL80211_LINK_LOST:
		mobile_disconnected(d->mobile, MOBILE_RADIO, &ev->bssid, &now, &d->out);
		break;
	case NL80211_PORT_OPEN: /* the supplicant's word has the SSID, too */
		return;
	case NL80211_GONE:
		d->links[MOBILE_RADIO].lost = true;
		loop_arm(d);
		return;
	}
	loop_carry_out(d);
}
