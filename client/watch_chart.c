/* SPDX-License-Identifier: MIT */
#include "client/watch.h"

#include "common/cli.h"

#include <math.h>
#include <stdio.h>

/* A column is a second, and holds two dots side by side and four above one another (Braille). */
#define AXIS 4 /* "-70 " */
#define TOP_DBM (-30)
#define BELOW_DEAD 6
#define LEAVE_DBM (-70) /* where the daemon does not say */
#define DEAD_DBM (-82)

struct chart {
	struct screen *s;
	struct area a; /* of the curve itself */
	double top, bottom;
	int leave, dead;
};

/* Dots from the top; may lie outside. */
static int row_of(const struct chart *c, double dbm)
{
	int rows = (int)c->a.height * 4;

	return (int)lround((c->top - dbm) / (c->top - c->bottom) * (rows - 1));
}

/* Of the samples in [from, until); false: there are none. */
static bool mean(const struct watch *w, double from, double until, double *dbm)
{
	unsigned n = w->n_samples < WATCH_SAMPLES_MAX ? w->n_samples : WATCH_SAMPLES_MAX;
	unsigned found = 0;
	double sum = 0;

	for (unsigned i = 1; i <= n; i++) {
		const struct watch_sample *x = &w->sample[(w->n_samples - i) % WATCH_SAMPLES_MAX];

		if (x->at < from)
			break;
		if (x->at >= until)
			continue;
		sum += x->dbm;
		found++;
	}
	*dbm = found > 0 ? sum / found : 0;
	return found > 0;
}

/* Braille's bits of one column of dots, from the top. */
static const unsigned char bit[2][4] = {{0x01, 0x02, 0x04, 0x40}, {0x08, 0x10, 0x20, 0x80}};

static enum ink ink_at(const struct chart *c, double dbm)
{
	return dbm <= c->dead ? INK_BAD : dbm < c->leave ? INK_WARN : INK_CURVE;
}

/* One column of cells; last: the dot before it, below 0: there is none. */
static void column(const struct chart *c, unsigned x, const double dbm[2], const bool has[2],
		   int *last)
{
	unsigned char dots[SCREEN_HEIGHT_MAX] = {0};
	int rows = (int)c->a.height * 4;

	for (unsigned half = 0; half < 2; half++) {
		int at = has[half] ? row_of(c, dbm[half]) : 0, from;

		at = at < 0 ? 0 : at >= rows ? rows - 1 : at;
		from = *last < 0 ? at : *last;
		*last = has[half] ? at : -1;
		if (!has[half])
			continue;
		for (int r = at < from ? at : from; r <= (at < from ? from : at); r++)
			dots[r / 4] |= bit[half][r % 4];
	}
	for (unsigned y = 0; y < c->a.height; y++)
		if (dots[y])
			screen_dots(c->s, c->a.x + x, c->a.y + y,
				    ink_at(c, has[1] ? dbm[1] : dbm[0]), dots[y]);
}

static void curve(const struct chart *c, const struct watch *w, double now)
{
	int last = -1;

	/* whole half seconds, or the curve would tremble as it moves */
	now = ceil(now * 2) / 2;
	for (unsigned x = 0; x < c->a.width; x++) {
		double from = now - (c->a.width - x), dbm[2];
		bool has[2];

		for (unsigned half = 0; half < 2; half++)
			has[half] = mean(w, from + half * 0.5, from + half * 0.5 + 0.5, &dbm[half]);
		column(c, x, dbm, has, &last);
	}
}

static void level(const struct chart *c, int dbm, enum ink ink, const char *name)
{
	unsigned y = (unsigned)row_of(c, dbm) / 4, n = screen_width_of(name);

	if (y >= c->a.height)
		return;
	if (c->a.x >= AXIS)
		screen_printf(c->s, c->a.x - AXIS, c->a.y + y, ink, "%d", dbm);
	for (unsigned x = 0; x < c->a.width; x++)
		if (screen_empty(c->s, c->a.x + x, c->a.y + y))
			screen_put(c->s, c->a.x + x, c->a.y + y, ink, c->s->utf8 ? "\u254c" : "-");
	if (c->a.width > 3 * n) /* at the old end: the curve is read at the new one */
		screen_put(c->s, c->a.x + 1, c->a.y + y, ink, name);
}

static void marks(const struct chart *c, const struct watch *w, double now)
{
	unsigned n = w->n_marks < WATCH_MARKS_MAX ? w->n_marks : WATCH_MARKS_MAX;

	for (unsigned i = 1; i <= n; i++) {
		double ago = now - w->mark[(w->n_marks - i) % WATCH_MARKS_MAX];
		unsigned x = c->a.width - 1 - (unsigned)ago;

		if (ago < 0 || ago >= c->a.width)
			continue;
		for (unsigned y = 0; y < c->a.height; y++)
			if (screen_empty(c->s, c->a.x + x, c->a.y + y))
				screen_put(c->s, c->a.x + x, c->a.y + y, INK_DIM,
					   c->s->utf8 ? "\u2506" : "|");
	}
}

void watch_chart(const struct watch *w, double now, struct screen *s, struct area a)
{
	struct chart c = {.s = s, .a = a, .leave = LEAVE_DBM, .dead = DEAD_DBM, .top = TOP_DBM};
	double last = w->n_samples ? w->sample[(w->n_samples - 1) % WATCH_SAMPLES_MAX].dbm : 0;

	if (a.height < 1 || a.width <= AXIS)
		return;
	if (cli_has(w->status, "leave_below_dbm")) {
		c.leave = (int)cli_int(w->status, "leave_below_dbm");
		c.dead = (int)cli_int(w->status, "dead_dbm");
	}
	c.a.x += AXIS;
	c.a.width -= AXIS;
	c.bottom = c.dead - BELOW_DEAD;
	if (c.leave >= c.top)
		c.top = c.leave + 1;
	if (w->n_samples && last > c.top)
		c.top = last;
	screen_printf(s, a.x, a.y, INK_DIM, "%.0f", c.top);
	curve(&c, w, now);
	marks(&c, w, now);
	level(&c, c.leave, INK_WARN, " leave ");
	level(&c, c.dead, INK_BAD, " dead ");
	if (w->n_samples == 0)
		screen_put(s, c.a.x + 1, a.y, INK_DIM, "no signal measured yet");
}
