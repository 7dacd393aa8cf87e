/* SPDX-License-Identifier: MIT */
#include "client/watch.h"

#include "common/cli.h"

#include <stdio.h>
#include <string.h>

#define TWO_COLUMNS 100 /* so wide: the steps stand beside the curve */
#define STEPS_WIDTH 44
#define FEW_LINES 12 /* so low: the curve, and what fits */

static const json_t *get(const json_t *o, const char *key)
{
	return json_object_get(o, key);
}

/* ---- the lines at the top ---- */

static enum ink state_ink(const char *state)
{
	if (strcmp(state, "registered") == 0 || strcmp(state, "at-home") == 0)
		return INK_GOOD;
	return strcmp(state, "detached") == 0 || strcmp(state, "deregistered") == 0 ? INK_BAD
										    : INK_WARN;
}

static void right(struct screen *s, unsigned y, enum ink ink, const char *text)
{
	unsigned n = screen_width_of(text);

	if (n < s->width)
		screen_put(s, s->width - n, y, ink, text);
}

static void title_line(const struct watch *w, struct screen *s, unsigned y, const char *clock)
{
	const char *state = cli_str(w->status, "state");
	const char *home = cli_str(w->status, "home_address");

	screen_put(s, 0, y, state_ink(state), state);
	if (screen_width_of(state) + screen_width_of(home) + 12 <= s->width)
		screen_put(s, screen_width_of(state) + 1, y, INK_DIM, home);
	right(s, y, INK_DIM, clock);
}

static void link_line(const struct watch *w, struct screen *s, unsigned y)
{
	const json_t *o = w->status;
	char signal[CLI_TEXT_MAX] = "", ssid[SAFE_MAX];
	enum ink ink = INK_PLAIN;

	if (!cli_bool(o, "attached")) {
		screen_printf(s, 0, y, INK_BAD, "%s: not attached", cli_str(o, "interface"));
		return;
	}
	if (!cli_int(o, "frequency_mhz")) {
		screen_printf(s, 0, y, INK_PLAIN, "%s, a cable", cli_str(o, "interface"));
		return;
	}
	if (cli_has(o, "signal_dbm")) {
		snprintf(signal, sizeof(signal), "%lld dBm", cli_int(o, "signal_dbm"));
		if (cli_has(o, "leave_below_dbm") &&
		    cli_int(o, "signal_dbm") < cli_int(o, "leave_below_dbm"))
			ink = INK_WARN;
	}
	/* the network's name may be cut, its access point and the signal not */
	screen_put(s, 0, y, INK_PLAIN, cli_str(o, "bssid"));
	screen_put(s, 18, y, INK_TITLE, safe_text(ssid, cli_str(o, "ssid")));
	if (signal[0] != '\0' && s->width > strlen(signal) + 1) {
		screen_put(s, s->width - (unsigned)strlen(signal) - 1, y, INK_PLAIN, " ");
		right(s, y, ink, signal);
	}
}

static void agent_line(const struct watch *w, struct screen *s, unsigned y)
{
	const json_t *o = w->status;
	char left[CLI_TEXT_MAX];

	if (cli_bool(o, "co_located"))
		screen_printf(s, 0, y, INK_PLAIN, "own %s", cli_str(o, "care_of"));
	else if (cli_has(o, "agent"))
		screen_printf(s, 0, y, INK_PLAIN, "agent %s", cli_str(o, "agent"));
	else
		screen_put(s, 0, y, INK_WARN, "no agent");
	if (cli_has(o, "expires_s"))
		right(s, y, INK_PLAIN, cli_duration(left, cli_num(o, "expires_s")));
	else
		right(s, y, INK_WARN, "no binding");
}

static void held_line(const struct watch *w, struct screen *s, unsigned y)
{
	const json_t *up = get(w->status, "uplink"), *b = get(w->status, "buffering");
	bool held = strcmp(cli_str(up, "path"), "held") == 0;

	screen_printf(s, 0, y, held ? INK_WARN : INK_PLAIN, "%lld held, %lld dropped",
		      cli_int(up, "queued"), cli_int(up, "dropped"));
	if (cli_bool(b, "usable"))
		right(s, y, INK_PLAIN,
		      strcmp(cli_str(b, "by"), "home-agent") == 0 ? "home buffers"
								  : "buffer ready");
	else
		right(s, y, INK_WARN, "no buffer");
}

/* ---- the handoff ---- */

static void outcome_line(const struct watch *w, struct screen *s, struct area a)
{
	const json_t *r = w->report;
	char gap[OUTCOME_TEXT_MAX], lost[OUTCOME_TEXT_MAX];
	bool done = strcmp(cli_str(r, "result"), "done") == 0;

	if (r == NULL) {
		screen_put(s, a.x, a.y, INK_DIM, "no handoff yet");
	} else if (w->running) {
		screen_printf(s, a.x, a.y, INK_TITLE, "handoff %lld running", cli_int(r, "number"));
	} else {
		gap_text(r, gap);
		lost_text(r, lost);
		screen_printf(s, a.x, a.y, done ? INK_GOOD : INK_BAD, "handoff %lld %s %s, %s, %s",
			      cli_int(r, "number"), cli_str(r, "flow"),
			      done ? "done" : cli_str(r, "result"), lost, gap);
	}
}

/* One after the other, as many lines as there are; how many it took. */
static unsigned steps_flow(const json_t *steps, struct screen *s, struct area a)
{
	unsigned x = 0, y = 0;
	size_t i;
	json_t *step;

	json_array_foreach(steps, i, step)
	{
		char text[EVENT_TEXT_MAX];
		unsigned n;

		snprintf(text, sizeof(text), "%s %.0f", cli_str(step, "step"), cli_num(step, "ms"));
		n = screen_width_of(text);
		if (x > 0 && x + n > a.width) {
			x = 0;
			y++;
		}
		if (y >= a.height)
			return a.height;
		screen_put(s, a.x + x, a.y + y, INK_DIM, text);
		x += n + 2;
	}
	return x > 0 ? y + 1 : y;
}

static void steps_list(const json_t *steps, struct screen *s, struct area a)
{
	double before = 0;
	size_t i;
	json_t *step;

	json_array_foreach(steps, i, step)
	{
		double ms = cli_num(step, "ms");

		if (i >= a.height)
			return;
		screen_printf(s, a.x, a.y + (unsigned)i, INK_PLAIN, "%-13s %8.1f",
			      cli_str(step, "step"), ms);
		screen_printf(s, a.x + 23, a.y + (unsigned)i, INK_DIM, "%+8.1f", ms - before);
		before = ms;
	}
}

/* ---- what happened, the newest at the bottom ---- */

static void log_lines(const struct watch *w, struct screen *s, struct area a)
{
	unsigned n = w->n_log < WATCH_LOG_MAX ? w->n_log : WATCH_LOG_MAX;

	if (n > a.height)
		n = a.height;
	for (unsigned i = 0; i < n; i++) {
		const struct watch_log *l = &w->log[(w->n_log - n + i) % WATCH_LOG_MAX];

		screen_put(s, a.x, a.y + i, INK_DIM, l->clock);
		screen_put(s, a.x + WATCH_CLOCK_MAX, a.y + i, l->ink, l->text);
	}
}

static unsigned problem_lines(const struct watch *w, struct screen *s, unsigned y)
{
	size_t i;
	json_t *p;

	json_array_foreach(get(w->status, "problems"), i, p)
	{
		screen_put(s, 0, y++, INK_BAD, json_string_value(p));
		break; /* the first one is what matters; mipclient status has them all */
	}
	return y;
}

/* ---- all of it ---- */

static unsigned beside(const struct watch *w, double now, struct screen *s, unsigned y,
		       unsigned end)
{
	unsigned height = (end - y) / 2 < 14 ? 14 : (end - y) / 2;
	unsigned left = s->width - STEPS_WIDTH;

	if (y + height > end)
		height = end - y;
	watch_chart(w, now, s, (struct area){0, y, left - 2, height});
	outcome_line(w, s, (struct area){left, y, STEPS_WIDTH, 1});
	if (height > 1)
		steps_list(get(w->report, "steps"), s,
			   (struct area){left, y + 1, STEPS_WIDTH, height - 1});
	return y + height;
}

static unsigned stacked(const struct watch *w, double now, struct screen *s, unsigned y,
			unsigned end)
{
	unsigned room = end - y, chart = room < 6 ? room : room < 12 ? 5 : room * 2 / 5;

	watch_chart(w, now, s, (struct area){0, y, s->width, chart});
	y += chart;
	if (y >= end)
		return y;
	outcome_line(w, s, (struct area){0, y++, s->width, 1});
	if (s->height > FEW_LINES && end - y > 3)
		y += steps_flow(get(w->report, "steps"), s,
				(struct area){0, y, s->width, (end - y) / 2});
	return y;
}

void watch_draw(const struct watch *w, double now, const char *clock, struct screen *s)
{
	unsigned end = s->height > 8 ? s->height - 1 : s->height, y = 0;

	if (end < s->height)
		screen_put(s, 0, end, INK_DIM, "q quits");
	if (w->status == NULL) {
		screen_put(s, 0, 0, INK_DIM, "waiting for mipclientd");
		return;
	}
	title_line(w, s, y++, clock);
	link_line(w, s, y++);
	agent_line(w, s, y++);
	held_line(w, s, y++);
	y = problem_lines(w, s, y);
	if (y >= end)
		return;
	y = s->width >= TWO_COLUMNS ? beside(w, now, s, y, end) : stacked(w, now, s, y, end);
	if (y < end)
		log_lines(w, s, (struct area){0, y, s->width, end - y});
}
