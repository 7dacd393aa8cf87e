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
	int prefer_5ghz_db; /* a candidate above 4 GHz counts so much more; may be negative */
	int load_db;	    /* one whose channel is always busy counts so much less */
};
void radio_conf_default(struct radio_conf *c);

struct radio_bss {
	struct mac bssid;
	uint16_t freq_mhz;
	int16_t signal_dbm;
	mtime seen; /* when it was measured (scan time minus age) */
	uint8_t ssid[SSID_MAX];
	uint8_t ssid_len;
	bool has_load;
	uint8_t load_q8;   /* channel utilisation, 0 to 255 (BSS Load, IEEE 802.11-2020 9.4.2.27) */
	uint16_t stations; /* associated there, of the same element */
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
	RADIO_FAILING,	      /* leave: the signal is there, frames do not get through */
	RADIO_TRANSITION,     /* leave: the access point asks for it (802.11v) */
	RADIO_RULES
};
const char *radio_rule_name(enum radio_rule r);
const char *radio_rule_words(enum radio_rule r); /* a sentence: "it stays: ..." */

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

/* The kernel's counters since the association, as NL80211_STA_INFO_* give them. */
struct radio_traffic {
	uint32_t packets, retries, failed; /* sent; sent again; given up */
	uint32_t rate_kbit;		   /* of the last frame sent; 0: not known */
	bool beacons_known;
	uint32_t beacon_loss;
};

#define RADIO_NEIGHBOURS_MAX 32
struct radio_neighbour {
	struct mac bssid;
	uint16_t freq_mhz;
	uint8_t preference; /* 0 to 255; 0: excluded (802.11v); 255 where not given */
};

/* What is remembered of an access point, over associations. */
#define RADIO_MEMORY_MAX 64
struct radio_memory {
	struct mac bssid;
	uint32_t agent;	       /* 0: none, or not known */
	mtime took;	       /* a handoff to it, smoothed; 0: not known */
	uint16_t done, failed; /* handoffs to it */
	mtime at;	       /* of the last one */
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

void radio_traffic(struct radio *r, const struct radio_traffic *t, mtime now);
/* Who is near by, from 802.11k reports or agents' advertisements: the channels to look at.
 * Adds to what is known; the oldest is forgotten first. */
void radio_neighbours(struct radio *r, const struct radio_neighbour *list, size_t n, mtime now);
/* The serving access point wants us to go (802.11v), to one of the list (none: anywhere), before
 * `until`; imminent: it will send us away then. */
void radio_transition(struct radio *r, const struct radio_neighbour *list, size_t n, bool imminent,
		      mtime until, mtime now);
/* How a handoff to it went; the agent found there (0: not known). */
void radio_remember(struct radio *r, const struct mac *bssid, uint32_t agent, mtime took, bool ok,
		    mtime now);
/* The last used first, i from 0 while true. */
bool radio_memory_at(const struct radio *r, size_t i, struct radio_memory *out);
/* To leave, as it last decided; not only a look ahead. */
bool radio_wants(const struct radio *r);
/* Whoever else is told of our thresholds scans for it: those that do not matter are left out. */
void radio_bgscan(struct radio *r, bool on);
/* The screen is off: fewer samples, no scan that only might be needed. */
void radio_power(struct radio *r, bool saving);

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
const char *radio_why(const struct radio *r); /* radio_decision.why of the last one */
/* The best candidate now, whatever the threshold: for
 * `mipclient handoff` without a BSSID.  False: none. */
bool radio_best(const struct radio *r, mtime now, struct radio_bss *out);
/* A candidate that is heard well enough, and not avoided. */
bool radio_would(const struct radio *r, const struct radio_bss *b, mtime now);
bool radio_find(const struct radio *r, const struct mac *bssid, struct radio_bss *out);
/* Known candidates, i from 0 while true. */
bool radio_bss_at(const struct radio *r, size_t i, struct radio_bss *out);

/* What the engine thinks of an access point: the score in dB, and what it is the sum of. */
enum radio_term {
	RADIO_TERM_SIGNAL,     /* dBm, as measured */
	RADIO_TERM_AGE,	       /* an old measurement is worth less */
	RADIO_TERM_LOAD,       /* so is a busy channel */
	RADIO_TERM_BAND,       /* [Radio] prefer-5ghz */
	RADIO_TERM_NEIGHBOUR,  /* preference that the network gave (802.11k, 802.11v) */
	RADIO_TERM_MEMORY,     /* handoffs to it that were slow or failed */
	RADIO_TERMS
};
const char *radio_term_name(enum radio_term t);

enum radio_exclusion {
	RADIO_ELIGIBLE,
	RADIO_EX_SERVING,   /* we are there */
	RADIO_EX_NETWORK,   /* another network name */
	RADIO_EX_OLD,	    /* measured too long ago; a scan comes first */
	RADIO_EX_WEAK,	    /* not better by the margin, or below leave_below itself */
	RADIO_EX_BACK,	    /* we have just come from there: it must be better still */
	RADIO_EX_AVOIDED,   /* a handoff to it failed */
	RADIO_EX_FORBIDDEN, /* excluded by the network (802.11v preference 0) */
	RADIO_EX_UNASKED,   /* the serving one asks for others (802.11v) */
};
const char *radio_exclusion_name(enum radio_exclusion e); /* in words */

struct radio_opinion {
	struct radio_bss bss;
	int score, term[RADIO_TERMS];
	enum radio_exclusion excluded;
	mtime avoided_until; /* RADIO_EX_AVOIDED */
};
/* Of the i-th of radio_bss_at(); false: there are no more. */
bool radio_opinion(const struct radio *r, size_t i, mtime now, struct radio_opinion *out);

#endif
