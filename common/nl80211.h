/* SPDX-License-Identifier: MIT */
#ifndef MIP_NL80211_H
#define MIP_NL80211_H

#include "common/addr.h"

#include <uv.h>

/*
 * Shell: nl80211 through libnl-genl.  The node uses it for signal quality (kernel thresholds: no
 * wake-up while nothing crosses one; last-frame signal), the agent for the queue of a station (the
 * fence). Messages are accepted from the kernel only (nl_pid 0), every attribute length-checked by
 * policy.
 */
enum nl80211_event_type {
	NL80211_SIGNAL, /* dbm (the kernel's smoothed level) crossed a threshold */
	NL80211_BEACON_LOSS, /* or many frames in a row without an acknowledgement */
	NL80211_TX_ERRORS,   /* too many of the frames of the last seconds failed */
	NL80211_SCAN_BEGUN,
	/* somebody's scan is over: the supplicant, too, only begins to look at what it found */
	NL80211_SCAN_DONE,
	NL80211_LINK_LOST, /* deauthenticated / disassociated / disconnected, seen before the
			    * supplicant says it; bssid says from whom: a roam of our own leaves the
			    * old one so, too */
	NL80211_PORT_OPEN, /* 802.1X port authorized */
	NL80211_GONE,	   /* interface removed */
};
struct nl80211_event {
	enum nl80211_event_type type;
	int dbm;
	bool has_dbm;
	struct mac bssid;
};
typedef void nl80211_fn(const struct nl80211_event *ev, void *arg);

struct nl80211;

/* fn NULL: requests only (agent).  NULL on error, said with the
 * remedy (no nl80211 family: load the Wi-Fi driver). */
struct nl80211 *nl80211_open(uv_loop_t *loop, const char *ifname, nl80211_fn *fn, void *arg);
void nl80211_close(struct nl80211 *n);

/* CQM RSSI thresholds, ascending dBm; n 0 switches off.  A driver that cannot do lists gets the one
 * nearest below the current level, and the next at each event.  The kernel wants a station to be
 * there: call it once attached. 0 or -errno. */
int nl80211_thresholds(struct nl80211 *n, const int32_t *dbm, unsigned count,
		       uint32_t hysteresis_db);

/* An event when so much of what is sent within `seconds` fails.  0; -EOPNOTSUPP (most drivers) or
 * -errno: there will be none. */
int nl80211_tx_errors(struct nl80211 *n, unsigned percent, unsigned packets, unsigned seconds);

struct nl80211_station {
	bool has_signal, has_average, has_backlog, has_rx_bytes;
	int signal_dbm;	 /* last frame */
	int average_dbm; /* kernel's average of beacons, else of frames */
	/* packets queued for this station in the driver (TXQ statistics of its TIDs) */
	uint32_t backlog;
	bool has_tx; /* the three below */
	uint32_t tx_packets, tx_failed, tx_retries;
	uint32_t tx_kbit; /* of the last frame sent to it; 0: not known */
	bool has_beacon_loss;
	uint32_t beacon_loss; /* events of many beacons missed in a row */
	/* heard from it, beacons included: unchanged, signal_dbm is still the same frame's */
	uint64_t rx_bytes;
};
/* mac: NULL: the access point we are attached to.  0, -ENOENT no such station, or -errno.  A kernel
 * round trip, no wait
 * (-ETIMEDOUT after 100 ms if the kernel should not answer). */
int nl80211_station(struct nl80211 *n, const struct mac *mac, struct nl80211_station *out);

#endif
