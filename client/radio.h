/* SPDX-License-Identifier: MIT */
#ifndef MIP_RADIO_H
#define MIP_RADIO_H

#include "common/addr.h"
#include "common/mtime.h"

#include <stddef.h>

/*
 * The radio decision, pure: smoothing, prediction, ranking of candidates.  It says when to
 * sample, when to scan which channels, and when to leave for whom, and by which rule.
 * Never touches a radio: mobile.c passes signals in and carries decisions out; `mipclient
 * replay` and the tests feed it recorded traces.
 */
#define RADIO_BSS_MAX 64  /* candidates remembered; the weakest of the oldest goes first */
#define RADIO_FREQS_MAX 16
#define RADIO_THRESHOLDS_MAX 16
#define SSID_MAX 32

struct radio_conf { /* every default and its reason: mipclient.conf(5), [Radio] */
	int leave_below_dbm; /* a handoff is wanted below this */
	/* the signal must rise this far above leave_below before "good" is believed again */
	int hysteresis_db;
	int margin_db;	     /* a candidate must be better by this much */
	/* leave when the line through the last samples reaches `dead` within this time */
	mtime ahead;
	int dead_dbm;	     /* the link is useless here */
	/* after a handoff, no other for this long, unless the signal is near dead */
	mtime hold_down;
	mtime sample;	     /* sampling period while the signal is being watched */
	mtime scan_age;	     /* scan results older than this are not compared with */
	mtime scan_min;	     /* between two targeted scans */
	/* a candidate whose handoff failed is avoided this long, doubling to 16 x */
	mtime avoid;
};
void radio_conf_default(struct radio_conf *c);

struct radio_bss {
	struct mac bssid;
	uint16_t freq_mhz;
	int16_t signal_dbm;
	mtime seen; /* when it was measured (scan time minus age) */
	uint8_t ssid[SSID_MAX];
	uint8_t ssid_len;
};

enum radio_rule { /* why it stays or moves; names by radio_rule_name() */
	RADIO_DETACHED,	      /* not attached: nothing to decide */
	RADIO_GOOD,	      /* signal above the threshold, not falling towards it */
	RADIO_WATCHING,	      /* near or falling: sampling */
	RADIO_HOLD_DOWN,      /* a handoff has just been done */
	RADIO_NEED_SCAN,      /* should leave, but knows no fresh candidate */
	RADIO_NO_CANDIDATE,   /* should leave, nobody is better by the margin */
	RADIO_BELOW,	      /* leave: smoothed signal below leave_below */
	RADIO_PREDICTED,      /* leave: will be dead within `ahead` */
	RADIO_LOST,	      /* leave: beacons lost */
};
const char *radio_rule_name(enum radio_rule r);

enum radio_act { RADIO_STAY, RADIO_SCAN, RADIO_LEAVE };
struct radio_decision {
	enum radio_act act;
	enum radio_rule rule;
	struct radio_bss target;		 /* RADIO_LEAVE */
	uint16_t freqs[RADIO_FREQS_MAX];	 /* RADIO_SCAN; none: all channels */
	unsigned n_freqs;
	/* one line for people: "-71 dBm below -70, 02:.. is at -52" */
	char why[128];
};

struct radio; /* size known below so that it can be embedded */

#include "client/radio_state.h"

void radio_init(struct radio *r, const struct radio_conf *c);
void radio_attached(struct radio *r, const struct radio_bss *to, mtime now); /* also after a roam */
void radio_detached(struct radio *r, mtime now);
void radio_signal(struct radio *r, int dbm, mtime now); /* one sample of the serving link */
void radio_beacon_loss(struct radio *r, mtime now);
/* Scan results (all that the supplicant knows, with their ages already turned into `seen`). */
void radio_scanned(struct radio *r, const struct radio_bss *bss, size_t n, mtime now);
void radio_scan_failed(struct radio *r, mtime now);
void radio_handoff_done(struct radio *r, const struct mac *bssid, bool ok, mtime now);

/* Call after every event above and when radio_deadline passes.  Asking twice gives RADIO_SCAN /
 * RADIO_LEAVE once: a returned SCAN or LEAVE counts as begun. */
void radio_decide(struct radio *r, mtime now, struct radio_decision *out);
mtime radio_deadline(const struct radio *r);
mtime radio_sample_interval(const struct radio *r); /* 0: kernel thresholds are enough */
/* Thresholds for nl80211 CQM, ascending; how many. */
unsigned radio_thresholds(const struct radio *r, int32_t out[RADIO_THRESHOLDS_MAX]);

/* For status, watch and replay. */
struct radio_view {
	bool attached;
	int signal_dbm;	   /* smoothed */
	int last_dbm;	   /* last sample */
	int slope_db_s;	   /* rounded */
	mtime time_left;   /* until dead, MTIME_NEVER */
	enum radio_rule rule;
};
void radio_view(const struct radio *r, mtime now, struct radio_view *out);
/* The best candidate now, whatever the threshold: for
 * `mipclient handoff` without a BSSID.  False: none. */
bool radio_best(const struct radio *r, mtime now, struct radio_bss *out);
bool radio_find(const struct radio *r, const struct mac *bssid, struct radio_bss *out);
/* Known candidates, i from 0 while true. */
bool radio_bss_at(const struct radio *r, size_t i, struct radio_bss *out);

#endif
