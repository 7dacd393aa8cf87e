/* SPDX-License-Identifier: MIT */
#ifndef MIP_WIFI_H
#define MIP_WIFI_H

#include "client/mobile.h"

#include <uv.h>

/*
 * Shell: wpa_supplicant through its control interface (libwpa-client), never blocking: one
 * socket attached for events, one for requests whose replies come back in order.
 * When the socket is absent or dies it says so once with the remedy and tries again every second
 * (backing off to 10 s) until it is there.  Used for: association state, scans, roaming.
 */
enum wifi_event_type {
	/* connected to the supplicant; the current state follows as an event of its own */
	WIFI_READY,
	WIFI_GONE,	   /* the supplicant went away */
	WIFI_CONNECTED,	   /* port open: bss (bssid, ssid, freq) */
	WIFI_DISCONNECTED, /* bss.bssid, reason, local */
	/* "authenticating", "associating", "associated" with bss.bssid: for reports */
	WIFI_PROGRESS,
	WIFI_SCAN_DONE,	   /* list, n: everything in SCAN_RESULTS with its age applied */
	WIFI_SCAN_FAILED,
	/* the ROAM command was refused, or
	 * authentication/association was rejected; text says why */
	WIFI_ROAM_FAILED,
	WIFI_BEACON_LOSS,
	/* after WIFI_CONNECTED: the supplicant has done what it does then (bgscan sets a threshold
	 * of its own in the place of ours) */
	WIFI_AT_REST,
	WIFI_BGSCAN, /* bgscan: it looks for others by itself, or does not */
	WIFI_NEIGHBOUR,	 /* neighbour: one of a report of the access point's (802.11k) */
	WIFI_TRANSITION, /* asked: the access point wants us to go (802.11v) */
};

struct wifi_event {
	enum wifi_event_type type;
	struct radio_bss bss;
	int reason;
	bool local, bgscan;
	const char *text;
	const struct radio_bss *list;
	size_t n;
	struct radio_neighbour neighbour;
	struct mobile_transition asked;
};

typedef void wifi_fn(const struct wifi_event *ev, void *arg);

struct wifi;

/* ctrl_dir: "/run/wpa_supplicant" (the socket is
 * ctrl_dir/ifname).  Never fails for an absent supplicant. */
struct wifi *wifi_open(uv_loop_t *loop, const char *ctrl_dir, const char *ifname, wifi_fn *fn,
		       void *arg);
/* closes handles; run the loop once more before freeing anything around it */
void wifi_close(struct wifi *w);

/* What others have scanned is not asked for; afterwards it is. */
void wifi_look_away(struct wifi *w, bool away);
/* Finds out now whether it is still there. */
void wifi_verify(struct wifi *w);

/* Each sends a request; the outcome comes as an event.
 * 0, or -errno (-ENOTCONN: no supplicant now). */
/* TYPE=ONLY; n 0: all channels; urgent: somebody else's, if one is under way, is ended for it. */
int wifi_scan(struct wifi *w, const uint16_t *freqs, unsigned n, bool urgent);
int wifi_roam(struct wifi *w, const struct radio_bss *target);
/* Asks for SCAN_RESULTS without scanning: WIFI_SCAN_DONE follows. */
int wifi_results(struct wifi *w);

#endif
