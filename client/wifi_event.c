/* SPDX-License-Identifier: MIT */
#include "client/radio_rank.h"
#include "client/wifi_priv.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define SCAN_RETRY MSEC(200)
#define ROAM_LIMIT SEC(2)   /* to be associated: the kernel itself gives up after 0.6 s */
#define SECURE_LIMIT SEC(10) /* then for the keys: EAP may go to a far server */
#define PAGES_MAX 64 /* of about 45 entries */
#define LOADS_MAX 16 /* access points of our network whose load is asked for, after each scan */

static void emit_bss(struct wifi *w, enum wifi_event_type type, const struct radio_bss *bss,
		     const char *text)
{
	struct wifi_event ev = { .type = type, .bss = *bss, .text = text };

	wifi_emit(w, &ev);
}

void wifi_roam_failed(struct wifi *w, int reason, const char *text)
{
	struct wifi_event ev = {
	    .type = WIFI_ROAM_FAILED, .bss = w->roam_to, .reason = reason, .text = text};

	w->roam = WIFI_ROAM_NONE;
	w->roam_limit = MTIME_NEVER;
	wifi_emit(w, &ev);
}

void wifi_scan_failed(struct wifi *w)
{
	struct wifi_event ev = { .type = WIFI_SCAN_FAILED };

	if (w->roam == WIFI_ROAM_SCANNING)
		wifi_roam_failed(
		    w, 0, "wpa_supplicant knows no such access point, and cannot scan for it");
	if (!w->scan_ours)
		return;
	w->scan_ours = false;
	w->rescan_at = MTIME_NEVER;
	wifi_emit(w, &ev);
}

static int ask_roam(struct wifi *w, enum wifi_roam roam)
{
	char mac[MAC_STRLEN];
	int err = wifi_ask(w, WIFI_REQ_ROAM, "ROAM %s", mac_fmt(mac, &w->roam_to.bssid));

	w->roam = err ? WIFI_ROAM_NONE : roam;
	w->roam_limit = err ? MTIME_NEVER : wifi_now() + ROAM_LIMIT;
	return err;
}

int wifi_roam(struct wifi *w, const struct radio_bss *target)
{
	if (w->state != WIFI_ATTACHED)
		return -ENOTCONN;
	w->roam_to = *target;
	return ask_roam(w, WIFI_ROAM_ASKED);
}

static bool known(const struct wifi *w, const struct mac *bssid, struct radio_bss *out)
{
	if (w->roam != WIFI_ROAM_NONE && mac_equal(bssid, &w->roam_to.bssid)) {
		*out = w->roam_to;
		return true;
	}
	for (size_t i = 0; i < w->table.n; i++) {
		if (mac_equal(bssid, &w->table.list[i].bssid)) {
			*out = w->table.list[i];
			return true;
		}
	}
	return false;
}

static void connected(struct wifi *w, const struct radio_bss *bss, int network)
{
	char get[40];

	w->roam = WIFI_ROAM_NONE;
	w->roam_limit = MTIME_NEVER;
	w->current = *bss;
	w->connected = true;
	emit_bss(w, WIFI_CONNECTED, bss, NULL);
	/* 802.11k, once an association; where the access point does not offer it: FAIL */
	if (!mac_equal(&w->reported, &bss->bssid) &&
	    !wifi_ask_once(w, WIFI_REQ_NEIGHBOURS, "NEIGHBOR_REP_REQUEST"))
		w->reported = bss->bssid;
	w->bgscan = false;
	snprintf(get, sizeof(get), "GET_NETWORK %d bgscan", network);
	if (network >= 0 && !wifi_ask_once(w, WIFI_REQ_BGSCAN, get))
		wifi_ask_once(w, WIFI_REQ_BGSCAN_ALL, "GET bgscan");
}

/* Who it is we know already after a roam; else STATUS tells. */
static void said_connected(struct wifi *w, const struct wifi_line *l)
{
	struct radio_bss b;

	if (known(w, &l->bssid, &b) && b.ssid_len && b.freq_mhz)
		connected(w, &b, l->network);
	else
		wifi_ask_once(w, WIFI_REQ_STATUS, "STATUS");
}

static void said_disconnected(struct wifi *w, const struct wifi_line *l)
{
	struct wifi_event ev = {.type = WIFI_DISCONNECTED,
				.bss.bssid = l->bssid,
				.reason = l->reason,
				.local = l->local};

	w->connected = false;
	memset(&w->reported, 0, sizeof(w->reported));
	wifi_emit(w, &ev);
}

static void said_neighbour(struct wifi *w, const struct wifi_line *l)
{
	struct wifi_event ev = { .type = WIFI_NEIGHBOUR };

	if (wifi_parse_neighbour(l->text, &ev.neighbour))
		wifi_emit(w, &ev);
}

static void said_transition(struct wifi *w, const struct wifi_line *l)
{
	struct wifi_event ev = { .type = WIFI_TRANSITION, .asked = l->asked };

	wifi_emit(w, &ev);
}

/* A roam that failed shows only in that the supplicant tries somebody else. */
static void progress(struct wifi *w, const struct radio_bss *to, const char *what)
{
	if (w->roam == WIFI_ROAM_UNDERWAY && !mac_equal(&to->bssid, &w->roam_to.bssid))
		wifi_roam_failed(w, 0,
				 "no answer from the access point: wpa_supplicant goes elsewhere");
	emit_bss(w, WIFI_PROGRESS, to, what);
}

/* The one that was in the way of ours is over; what it has found is not all that we asked for. */
static bool way_is_free(struct wifi *w)
{
	if (w->rescan_at == MTIME_NEVER)
		return false;
	w->rescan_at = wifi_now();
	return true;
}

static void said_scan_done(struct wifi *w)
{
	if (way_is_free(w))
		return;
	if (w->roam == WIFI_ROAM_SCANNING && ask_roam(w, WIFI_ROAM_AGAIN))
		wifi_roam_failed(w, 0, "too many commands are waiting for wpa_supplicant");
	if (!w->looks_away || w->scan_ours || w->roam != WIFI_ROAM_NONE)
		wifi_ask_table(w);
}

void wifi_on_event(struct wifi *w, const char *line)
{
	struct wifi_line l;
	struct radio_bss b = { 0 };

	wifi_parse_event(line, &l);
	b.bssid = l.bssid;
	switch (l.said) {
	case WIFI_SAID_NOTHING:
		break;
	case WIFI_SAID_CONNECTED:
		said_connected(w, &l);
		break;
	case WIFI_SAID_DISCONNECTED:
		said_disconnected(w, &l);
		break;
	case WIFI_SAID_AUTHENTICATING:
		progress(w, &b, "authenticating");
		break;
	case WIFI_SAID_ASSOCIATING:
		progress(w, &b, "associating");
		break;
	case WIFI_SAID_ASSOCIATED:
		if (w->roam == WIFI_ROAM_UNDERWAY)
			w->roam_limit = wifi_now() + SECURE_LIMIT;
		progress(w, &b, "associated");
		break;
	case WIFI_SAID_REJECTED:
		if (w->roam != WIFI_ROAM_NONE)
			wifi_roam_failed(w, l.reason, l.text);
		break;
	case WIFI_SAID_SCAN_DONE:
		said_scan_done(w);
		break;
	case WIFI_SAID_SCAN_FAILED:
		if (!way_is_free(w))
			wifi_scan_failed(w);
		break;
	case WIFI_SAID_BEACON_LOSS:
		emit_bss(w, WIFI_BEACON_LOSS, &w->current, NULL);
		break;
	case WIFI_SAID_NEIGHBOUR:
		said_neighbour(w, &l);
		break;
	case WIFI_SAID_TRANSITION:
	case WIFI_SAID_TRANSITION_LISTED:
	case WIFI_SAID_IMMINENT:
		said_transition(w, &l);
		break;
	case WIFI_SAID_TERMINATING:
		w->lost = true;
		break;
	}
}

static void status_reply(struct wifi *w, const char *text)
{
	struct wifi_event gone = { .type = WIFI_DISCONNECTED };
	struct radio_bss b;
	int network;

	if (wifi_parse_status(text, &b, &network)) {
		connected(w, &b, network);
	} else {
		w->connected = false;
		wifi_emit(w, &gone);
	}
}

/* The load of those of our own network is in their elements, whose length they choose themselves:
 * asked for one by one, so that a long one hides nobody else.  False: all is known. */
static bool ask_load(struct wifi *w)
{
	char mac[MAC_STRLEN];

	if (!w->connected || w->loads == LOADS_MAX || wifi_table_waits(w))
		return false;
	while (w->load_at < w->table.n &&
	       !radio_same_ssid(&w->table.list[w->load_at], &w->current))
		w->load_at++;
	if (w->load_at == w->table.n)
		return false;
	w->loads++;
	return !wifi_ask(w, WIFI_REQ_LOAD, "BSS %s MASK=" WIFI_LOAD_MASK,
			 mac_fmt(mac, &w->table.list[w->load_at].bssid));
}

static void table_read(struct wifi *w)
{
	struct wifi_event ev = { .type = WIFI_SCAN_DONE, .list = w->table.list, .n = w->table.n };

	if (ask_load(w))
		return;
	w->scan_ours = false;
	wifi_emit(w, &ev);
}

static void bss_reply(struct wifi *w, const char *text)
{
	wifi_parse_bss(text, &w->current, wifi_now(), &w->table);
	if (w->table.any && !w->table.end && ++w->pages < PAGES_MAX &&
	    !wifi_ask(w, WIFI_REQ_PAGE, "BSS RANGE=%u- MASK=" WIFI_BSS_MASK, w->table.last_id + 1))
		return;
	w->load_at = 0;
	w->loads = 0;
	table_read(w);
}

static void load_reply(struct wifi *w, const char *text)
{
	if (w->load_at < w->table.n)
		wifi_parse_load(text, &w->table.list[w->load_at++]);
	table_read(w);
}

/* Somebody else's scan of all channels takes up to 10 s where a stream flows: bgscan's begins when
 * the signal falls, which is when we need one of our own. */
static void scan_reply(struct wifi *w, const char *text)
{
	if (!strncmp(text, "OK", 2))
		return;
	if (!strncmp(text, "FAIL-BUSY", 9) && !w->scan_retried) {
		w->scan_retried = true;
		w->rescan_at = wifi_now() + SCAN_RETRY;
		if (w->scan_urgent)
			wifi_ask_once(w, WIFI_REQ_ABORT, "ABORT_SCAN");
		return;
	}
	wifi_scan_failed(w);
}

static void roam_reply(struct wifi *w, const char *text)
{
	bool ok = !strncmp(text, "OK", 2);

	if (w->roam != WIFI_ROAM_ASKED && w->roam != WIFI_ROAM_AGAIN)
		return;
	if (ok) {
		w->roam = WIFI_ROAM_UNDERWAY;
	} else if (!w->connected) {
		/* a scan of ours would end the one with which it looks for somebody itself */
		wifi_roam_failed(w, 0, "not connected: wpa_supplicant chooses by itself");
	} else if (w->roam == WIFI_ROAM_ASKED && w->roam_to.freq_mhz) {
		w->roam = WIFI_ROAM_SCANNING;
		w->scan_retried = false;
		w->scan_urgent = true;
		snprintf(w->scan, sizeof(w->scan), "SCAN TYPE=ONLY freq=%u", w->roam_to.freq_mhz);
		wifi_ask(w, WIFI_REQ_SCAN, "%s", w->scan);
	} else {
		wifi_roam_failed(w, 0,
				 "wpa_supplicant refuses: it does not see that access point, or is "
				 "not connected");
	}
}

void wifi_on_reply(struct wifi *w, enum wifi_request kind, const char *text)
{
	switch (kind) {
	case WIFI_REQ_STATUS:
		status_reply(w, text);
		break;
	case WIFI_REQ_SCAN:
		scan_reply(w, text);
		break;
	case WIFI_REQ_TABLE:
		w->table.n = 0;
		w->pages = 0;
		bss_reply(w, text);
		break;
	case WIFI_REQ_PAGE:
		bss_reply(w, text);
		break;
	case WIFI_REQ_LOAD:
		load_reply(w, text);
		break;
	case WIFI_REQ_ROAM:
		roam_reply(w, text);
		break;
	case WIFI_REQ_NEIGHBOURS: /* the report comes as events, if it comes */
		wifi_emit(w, &(struct wifi_event){ .type = WIFI_AT_REST });
		break;
	case WIFI_REQ_BGSCAN:
		w->bgscan = wifi_parse_bgscan(text);
		break;
	case WIFI_REQ_BGSCAN_ALL:
		w->bgscan |= wifi_parse_bgscan(text);
		wifi_emit(w, &(struct wifi_event){ .type = WIFI_BGSCAN, .bgscan = w->bgscan });
		break;
	case WIFI_REQ_ABORT: /* it comes too late, or SCAN-RESULTS follow */
	case WIFI_REQ_PING:
		break;
	}
}
