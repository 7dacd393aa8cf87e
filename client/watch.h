/* SPDX-License-Identifier: MIT */
#ifndef MIP_WATCH_H
#define MIP_WATCH_H

#include "client/event_text.h"
#include "client/screen.h"

#include <jansson.h>

/*
 * The live view of `mipclient watch`: what the daemon has said (watch_model.c), and how that looks
 * on so many cells (watch_layout.c, watch_chart.c).  Pure; watch_live.c has the terminal.  Times
 * are seconds of any clock that only goes forward.
 */
#define WATCH_SAMPLES_MAX 1024 /* more than the widest curve has columns, at five a second */
#define WATCH_MARKS_MAX 16
#define WATCH_LOG_MAX 64
#define WATCH_CLOCK_MAX 9 /* "10:42:11" */

struct watch_log {
	char clock[WATCH_CLOCK_MAX];
	char text[EVENT_TEXT_MAX];
	enum ink ink;
};

struct watch {
	json_t *status; /* the newest; NULL: none yet */
	json_t *report; /* the running handoff as far as it is known, or the last; NULL: none */
	bool running;
	struct watch_sample {
		double at;
		int dbm;
	} sample[WATCH_SAMPLES_MAX];
	unsigned n_samples;	      /* rings: so many so far */
	double mark[WATCH_MARKS_MAX]; /* when it came to another access point */
	unsigned n_marks;
	struct watch_log log[WATCH_LOG_MAX];
	unsigned n_log;
};

void watch_init(struct watch *w);
void watch_free(struct watch *w);
void watch_status(struct watch *w, json_t *status); /* takes it */
/* True: more than the signal has changed. */
bool watch_event(struct watch *w, const json_t *event, double now, const char *clock);
/* How long until the status is to be asked for again: packets that wait are looked at more often.
 */
double watch_patience(const struct watch *w);

/* On an empty screen. */
void watch_draw(const struct watch *w, double now, const char *clock, struct screen *s);

/* ---- between watch_layout.c and watch_chart.c ---- */
struct area {
	unsigned x, y, width, height;
};
void watch_chart(const struct watch *w, double now, struct screen *s, struct area a);

#endif
