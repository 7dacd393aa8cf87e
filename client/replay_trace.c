/* SPDX-License-Identifier: MIT */
#include "client/replay.h"

#include <stdio.h>
#include <string.h>

#define DBM_MIN (-127)
#define DBM_MAX 20
#define MHZ_MAX 8000
#define MS_MAX 86400000 /* a day */

/* A cursor over one line's words. */
struct words {
	const char *p, *end;
};

static bool word(struct words *w, const char **at, size_t *n)
{
	while (w->p < w->end && (*w->p == ' ' || *w->p == '\t' || *w->p == '\r'))
		w->p++;
	*at = w->p;
	while (w->p < w->end && *w->p != ' ' && *w->p != '\t' && *w->p != '\r')
		w->p++;
	*n = (size_t)(w->p - *at);
	return *n > 0;
}

static bool is(const char *at, size_t n, const char *s)
{
	return n == strlen(s) && !memcmp(at, s, n);
}

static bool number(const char *at, size_t n, long min, long max, long *out)
{
	bool negative = n && *at == '-';
	long v = 0;
	size_t i = negative;

	if (i == n)
		return false;
	for (; i < n; i++) {
		if (at[i] < '0' || at[i] > '9' || v > MS_MAX)
			return false;
		v = v * 10 + (at[i] - '0');
	}
	*out = negative ? -v : v;
	return *out >= min && *out <= max;
}

static bool next_number(struct words *w, long min, long max, long *out)
{
	const char *at;
	size_t n;

	return word(w, &at, &n) && number(at, n, min, max, out);
}

static const char *read_ap(struct words *w, struct trace *t)
{
	struct trace_ap *a = &t->ap[t->n_aps];
	char text[MAC_STRLEN];
	const char *at;
	size_t n;
	long mhz;

	if (t->n_rows)
		return "an access point after the first row";
	if (t->n_aps == TRACE_APS_MAX)
		return "too many access points";
	if (!word(w, &at, &n) || n >= sizeof(text))
		return "no BSSID";
	memcpy(text, at, n);
	text[n] = '\0';
	if (!mac_parse(text, &a->bssid))
		return "no BSSID (02:00:00:00:01:00)";
	for (unsigned i = 0; i < t->n_aps; i++)
		if (mac_equal(&t->ap[i].bssid, &a->bssid))
			return "the same BSSID twice";
	if (!next_number(w, 1, MHZ_MAX, &mhz))
		return "no frequency in MHz";
	a->freq_mhz = (uint16_t)mhz;
	a->refuses = false;
	if (word(w, &at, &n)) {
		if (!is(at, n, "refuses"))
			return "only \"refuses\" may follow";
		a->refuses = true;
	}
	t->n_aps++;
	return NULL;
}

static const char *read_row(struct words *w, struct trace *t, const char *at, size_t n)
{
	long v;

	if (!t->n_aps || !t->step)
		return "a row before \"step\" and the access points";
	if (t->n_rows == TRACE_ROWS_MAX)
		return "too many rows";
	if (!number(at, n, 0, MS_MAX, &v) || MSEC(v) != t->n_rows * t->step)
		return "the time is not the last one and a step";
	for (unsigned i = 0; i < t->n_aps; i++) {
		if (!word(w, &at, &n))
			return "fewer signals than access points";
		if (is(at, n, "-"))
			v = TRACE_UNHEARD;
		else if (!number(at, n, DBM_MIN, DBM_MAX, &v))
			return "no signal in dBm";
		t->dbm[t->n_rows][i] = (int8_t)v;
	}
	t->n_rows++;
	return NULL;
}

static const char *read_line(const char *line, size_t len, struct trace *t)
{
	struct words w = { line, line + len };
	const char *at, *why = NULL;
	size_t n;
	long v;

	if (!word(&w, &at, &n) || *at == '#')
		return NULL;
	if (is(at, n, "step")) {
		if (t->step || !next_number(&w, 10, 1000, &v))
			return "\"step\" wants 10 to 1000 ms, once";
		t->step = MSEC(v);
	} else if (is(at, n, "mark")) {
		if (!next_number(&w, 0, MS_MAX, &v))
			return "\"mark\" wants a time in ms";
		t->mark = MSEC(v);
	} else if (is(at, n, "neighbours")) {
		t->neighbours = true;
	} else if (is(at, n, "ap")) {
		why = read_ap(&w, t);
	} else {
		why = read_row(&w, t, at, n);
	}
	return why ? why : word(&w, &at, &n) ? "something is left over at the end" : NULL;
}

bool trace_parse(const char *text, size_t len, struct trace *t, char why[TRACE_WHY_MAX])
{
	const char *end = text + len;
	unsigned number_of = 0;

	memset(t, 0, sizeof(*t));
	t->mark = MTIME_NEVER;
	while (text < end) {
		const char *eol = memchr(text, '\n', (size_t)(end - text)), *wrong;

		if (!eol)
			eol = end;
		number_of++;
		wrong = read_line(text, (size_t)(eol - text), t);
		if (wrong) {
			snprintf(why, TRACE_WHY_MAX, "line %u: %s", number_of, wrong);
			return false;
		}
		text = eol + (eol < end);
	}
	if (!t->n_rows)
		snprintf(why, TRACE_WHY_MAX, "it has no rows");
	return t->n_rows > 0;
}

int trace_level(const struct trace *t, unsigned row, unsigned ap, unsigned around)
{
	unsigned from = row > around ? row - around : 0;
	unsigned to = row + around < t->n_rows ? row + around : t->n_rows - 1;
	int sum = 0;

	for (unsigned i = from; i <= to; i++)
		sum += t->dbm[i][ap];
	return sum / (int)(to - from + 1);
}
