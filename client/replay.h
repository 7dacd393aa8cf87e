/* SPDX-License-Identifier: MIT */
#ifndef MIP_REPLAY_H
#define MIP_REPLAY_H

#include "client/radio.h"

/*
 * `mipclient replay`, pure: a trace (what a radio hears of each access point, by time) is played to
 * the decision engine, and to models of what others do, through one model of what the radio
 * costs.  No radio, no clock; the daemon has nothing of it.
 */
#define TRACE_APS_MAX 32
#define TRACE_ROWS_MAX 12000 /* twenty minutes at 100 ms */
#define TRACE_UNHEARD (-128)
#define REPLAY_WEAK_DBM (-75) /* a handoff is late below this */

struct trace_ap {
	struct mac bssid;
	uint16_t freq_mhz;
	bool refuses; /* it sends, but lets nobody in */
};

struct trace {
	mtime step; /* between two rows */
	unsigned n_aps, n_rows;
	bool neighbours; /* announced (802.11k, agents): their channels are known */
	mtime mark; /* where a step is; MTIME_NEVER: none */
	struct trace_ap ap[TRACE_APS_MAX];
	int8_t dbm[TRACE_ROWS_MAX][TRACE_APS_MAX];
};

#define TRACE_WHY_MAX 80
/* The format: mipclient(1).  False: why has the line and what is wrong with it. */
bool trace_parse(const char *text, size_t len, struct trace *t, char why[TRACE_WHY_MAX]);
/* Known afterwards: the mean of 2 x `around` + 1 rows about this one. */
int trace_level(const struct trace *t, unsigned row, unsigned ap, unsigned around);

/* ---- who decides ---- */

struct play_order {
	enum radio_act act;
	struct mac target;
	uint16_t freqs[RADIO_FREQS_MAX];
	unsigned n_freqs; /* 0: all channels */
	const char *rule;
	char why[128];
};

/* What the radio tells a player, and what he wants then.  decide() is called after each event and
 * when due() has passed. */
struct player {
	const char *name;
	void *(*start)(const struct radio_conf *conf); /* p: the one there is, anew */
	void (*attached)(void *p, const struct radio_bss *to, mtime now);
	void (*detached)(void *p, mtime now);
	void (*neighbours)(void *p, const struct radio_neighbour *list, size_t n, mtime now);
	/* a beacon: its signal, and the kernel's average of them */
	void (*beacon)(void *p, int dbm, int average_dbm, mtime now);
	void (*beacon_loss)(void *p, mtime now);
	void (*scanned)(void *p, const struct radio_bss *list, size_t n, mtime now);
	void (*roamed)(void *p, const struct mac *to, bool ok, mtime now);
	/* wants the signal at once, and how often; NULL: never */
	mtime (*sampling)(const void *p);
	void (*sample)(void *p, int dbm, mtime now);
	mtime (*due)(const void *p);
	void (*decide)(void *p, mtime now, struct play_order *out);
};

extern const struct player player_engine;     /* radio.h */
extern const struct player player_supplicant; /* wpa_supplicant 2.10, bgscan simple */
extern const struct player player_iwd;	      /* iwd 3.9 */

/* ---- the outcome ---- */

#define REPLAY_MOVES_MAX 256
struct replay_move {
	mtime at;
	unsigned from, to; /* access points of the trace */
	int level_dbm;	   /* of the one that was left: trace_level() over half a second */
	bool ok, back;	   /* back: to the one left less than 10 s before */
	bool late;	   /* below -75 dBm, and it could have been above: replay_score.c */
	const char *excuse; /* of one below -75 dBm that is not late; NULL: none needed */
	const char *rule;
	char why[128];
};

struct replay_result {
	unsigned handoffs, failed, back, late, excused;
	unsigned scans, full_scans, lost; /* links lost */
	mtime weak;	 /* attached below -75 dBm, or not attached */
	mtime useless;	 /* below -82 dBm, or not attached */
	mtime away;	 /* looking at other channels */
	mtime reaction;	 /* from the mark to the order to leave, or the end; MTIME_NEVER: no mark */
	int worst_dbm;	 /* of the levels at the handoffs; 0: there was none */
	unsigned n_moves;
	struct replay_move move[REPLAY_MOVES_MAX];
};

/* Plays it; `conf` is the engine's. */
void replay_run(const struct trace *t, const struct player *who, const struct radio_conf *conf,
		struct replay_result *out);

/* What one who knows the trace can do, and wants a level of `dbm`: below it for the least time that
 * is possible, where each handoff counts with the time without a link, and among the ways that do
 * that the one with the fewest handoffs. */
struct replay_oracle {
	unsigned handoffs;
	mtime weak; /* below dbm */
};
void replay_oracle(const struct trace *t, int dbm, struct replay_oracle *out);
/* Who wants the engine's leave_below; and who is content with -75 dBm. */
enum replay_wants { WANTS_THRESHOLD, WANTS_LESS, WANTS_COUNT };

/* ---- over all traces ---- */

enum replay_who { WHO_ENGINE, WHO_SUPPLICANT, WHO_IWD, WHO_COUNT };
extern const struct player *const replay_players[WHO_COUNT];

struct replay_total {
	unsigned traces, handoffs[WHO_COUNT], back[WHO_COUNT], late[WHO_COUNT];
	unsigned scans[WHO_COUNT], full_scans[WHO_COUNT];
	unsigned oracle[WANTS_COUNT];
	mtime weak[WHO_COUNT], useless[WHO_COUNT], away[WHO_COUNT], oracles_weak[WANTS_COUNT];
	mtime reaction[WHO_COUNT]; /* the longest; 0: no trace has a step */
};
void replay_add(struct replay_total *sum, const struct replay_result r[WHO_COUNT],
		const struct replay_oracle o[WANTS_COUNT]);

enum replay_promise {
	PROMISE_REACTION,  /* to a step in under 0.3 s */
	PROMISE_LEVEL,	   /* 99 % of the handoffs above -75 dBm */
	PROMISE_PING_PONG, /* a tenth of the others' at most */
	PROMISE_HANDOFFS,  /* 1.05 times at most those of one who knows the trace */
	PROMISES
};
#define PROMISE_TEXT 160
/* Kept?  What was found, in words. */
bool replay_promise(const struct replay_total *sum, enum replay_promise p,
		    char text[PROMISE_TEXT]);

#endif
