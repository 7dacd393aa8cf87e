/* SPDX-License-Identifier: MIT */
#include "client/page.h"

#include "common/cli.h"

#include <math.h>
#include <string.h>

/* Drawn so wide that its letters can be read on a phone. */
#define WIDTH 360
#define RIGHT 8
#define ROW 20

void page_text(FILE *to, const char *s)
{
	for (; *s != '\0'; s++) {
		switch (*s) {
		case '&':
			fputs("&amp;", to);
			break;
		case '<':
			fputs("&lt;", to);
			break;
		case '>':
			fputs("&gt;", to);
			break;
		case '"':
			fputs("&quot;", to);
			break;
		case '\'':
			fputs("&#39;", to);
			break;
		default:
			fputc((unsigned char)*s < 0x20 ? ' ' : *s, to);
		}
	}
}

static void label(FILE *to, double x, double y, const char *anchor, const char *s)
{
	fprintf(to, "<text class=\"label\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">", x, y,
		anchor);
	page_text(to, s);
	fputs("</text>\n", to);
}

static void begin(FILE *to, int height, const char *title)
{
	fprintf(to, "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">\n", WIDTH, height,
		title);
}

bool page_step_ms(const json_t *report, const char *step, double *ms)
{
	const json_t *steps = json_object_get(report, "steps"), *s;
	size_t i;

	json_array_foreach(steps, i, s)
	{
		if (strcmp(cli_str(s, "step"), step) != 0)
			continue;
		*ms = cli_num(s, "ms");
		return true;
	}
	return false;
}

/* ---- rows of bars: steps, waits ---- */

#define BARS_LEFT 92
#define BARS_RIGHT 58 /* for the words behind the longest */
#define BARS_TOP 6

struct bars {
	FILE *to;
	double low, span;
	int row;
};

static double bar_x(const struct bars *b, double ms)
{
	return BARS_LEFT + (ms - b->low) / b->span * (WIDTH - BARS_LEFT - BARS_RIGHT);
}

static void bar(struct bars *b, const char *name, const char *cls, double from, double until,
		const char *words)
{
	double y = BARS_TOP + ROW * b->row++, x0 = bar_x(b, from), x1 = bar_x(b, until);

	fprintf(b->to, "<path class=\"grid\" d=\"M%d %.0fH%d\"/>\n", BARS_LEFT, y + ROW, WIDTH - 4);
	label(b->to, BARS_LEFT - 6, y + 14, "end", name);
	fprintf(
	    b->to,
	    "<rect class=\"%s\" x=\"%.1f\" y=\"%.0f\" width=\"%.1f\" height=\"%d\" rx=\"2\"/>\n",
	    cls, fmin(x0, x1), y + 5, fmax(fabs(x1 - x0), 1.5), ROW - 10);
	label(b->to, fmax(x0, x1) + 5, y + 14, "start", words);
}

static void bars_end(const struct bars *b, const char *words)
{
	label(b->to, WIDTH - 4, BARS_TOP + ROW * b->row + 22, "end", words);
	fputs("</svg>\n", b->to);
}

static struct bars bars_for(const json_t *steps, FILE *to)
{
	struct bars b = {.to = to, .span = 1};
	const json_t *s;
	size_t i;

	json_array_foreach(steps, i, s)
	{
		b.span = fmax(b.span, cli_num(s, "ms"));
		b.low = fmin(b.low, cli_num(s, "ms"));
	}
	b.span -= b.low;
	return b;
}

void page_steps(const json_t *steps, FILE *to)
{
	struct bars b = bars_for(steps, to);
	double before = 0;
	const json_t *s;
	size_t i;

	begin(to, BARS_TOP + ROW * (int)json_array_size(steps) + 30, "steps of the handoff");
	json_array_foreach(steps, i, s)
	{
		double ms = cli_num(s, "ms");
		bool up = strcmp(cli_str(s, "step"), "link-up") == 0;
		char words[CLI_TEXT_MAX];

		snprintf(words, sizeof(words), "%.1f ms", ms);
		bar(&b, cli_str(s, "step"), up ? "step down" : "step", before, ms, words);
		before = ms;
	}
	bars_end(&b, "since the trigger");
}

static void wait_bar(struct bars *b, const json_t *report, const char *name, const char *from,
		     const char *until, const char *words, bool down)
{
	double a, z;

	if (page_step_ms(report, from, &a) && page_step_ms(report, until, &z))
		bar(b, name, down ? "step down" : "step", a, z, words);
}

void page_waits(const json_t *report, FILE *to)
{
	struct bars b = bars_for(json_object_get(report, "steps"), to);
	char kept[CLI_TEXT_MAX], queued[CLI_TEXT_MAX], away[CLI_TEXT_MAX] = "";

	snprintf(kept, sizeof(kept), "%lld packets",
		 cli_int(json_object_get(report, "downlink"), "forwarded"));
	snprintf(queued, sizeof(queued), "%lld packets",
		 cli_int(json_object_get(report, "uplink"), "queued"));
	if (cli_has(report, "layer2_ms"))
		snprintf(away, sizeof(away), "%.0f ms", cli_num(report, "layer2_ms"));
	begin(to, BARS_TOP + ROW * 3 + 30, "where packets waited");
	wait_bar(&b, report, "no link", "roam", "link-up", away, true);
	wait_bar(&b, report, "agent keeps", "granted", "forwarding", kept, false);
	wait_bar(&b, report, "kept here", "trigger", "registered", queued, false);
	bars_end(&b, "on the scale of the steps");
}

/* ---- the signal ---- */

#define LEFT 38
#define TOP 8
#define HEIGHT 200
#define BOTTOM (HEIGHT - 30)

struct axes {
	FILE *to;
	double x0, x1, y0, y1;
};

static double at_x(const struct axes *c, double v)
{
	return LEFT + (v - c->x0) / (c->x1 - c->x0) * (WIDTH - RIGHT - LEFT);
}

static double at_y(const struct axes *c, double v)
{
	return BOTTOM - (v - c->y0) / (c->y1 - c->y0) * (BOTTOM - TOP);
}

static void axes_fit(struct axes *c, const json_t *signal)
{
	const json_t *s;
	size_t i;

	c->x0 = c->x1 = 0;
	c->y0 = cli_num(signal, "dead_dbm");
	c->y1 = cli_num(signal, "leave_below_dbm");
	json_array_foreach(json_object_get(signal, "samples"), i, s)
	{
		double ms = cli_num(s, "ms"), dbm = cli_num(s, "dbm");

		c->x0 = fmin(c->x0, ms);
		c->x1 = fmax(c->x1, ms);
		c->y0 = fmin(c->y0, dbm);
		c->y1 = fmax(c->y1, dbm);
	}
	c->y0 -= 3;
	c->y1 += 3;
	if (c->x1 - c->x0 < 1)
		c->x1 = c->x0 + 1;
}

/* So many ticks at most: 1, 2 or 5 times a power of ten apart. */
static double tick(double span, int most)
{
	double step = pow(10, floor(log10(span / most)));
	static const int times[] = {1, 2, 5, 10};

	for (unsigned i = 0; i < 4; i++)
		if (span / (step * times[i]) <= most)
			return step * times[i];
	return step * 10;
}

static void axes_draw(const struct axes *c)
{
	double dx = tick(c->x1 - c->x0, 7), dy = tick(c->y1 - c->y0, 6);
	char text[CLI_TEXT_MAX];

	for (int i = (int)ceil(c->y0 / dy); i * dy <= c->y1; i++) {
		double v = i * dy;

		fprintf(c->to, "<path class=\"grid\" d=\"M%d %.1fH%d\"/>\n", LEFT, at_y(c, v),
			WIDTH - RIGHT);
		snprintf(text, sizeof(text), "%.0f", v);
		label(c->to, LEFT - 5, at_y(c, v) + 3.5, "end", text);
	}
	for (int i = (int)ceil(c->x0 / dx); i * dx <= c->x1; i++) {
		double v = i * dx;

		snprintf(text, sizeof(text), "%g", v / 1000);
		label(c->to, at_x(c, v), BOTTOM + 13, "middle", text);
	}
	fprintf(c->to, "<path class=\"axis\" d=\"M%d %dH%d\"/>\n", LEFT, BOTTOM, WIDTH - RIGHT);
	label(c->to, WIDTH - RIGHT, BOTTOM + 26, "end", "seconds from the trigger");
	label(c->to, LEFT - 5, TOP + 1, "end", "dBm");
}

static void band(const struct axes *c, const json_t *report, const char *from, const char *until,
		 const char *cls)
{
	double a, z;

	if (!page_step_ms(report, from, &a) || !page_step_ms(report, until, &z))
		return;
	a = at_x(c, fmin(fmax(a, c->x0), c->x1));
	z = at_x(c, fmin(fmax(z, c->x0), c->x1));
	fprintf(c->to, "<rect class=\"%s\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\"/>\n",
		cls, a, TOP, fmax(z - a, 1), BOTTOM - TOP);
}

static void threshold(const struct axes *c, const json_t *signal, const char *key, const char *name)
{
	double y = at_y(c, cli_num(signal, key));
	char text[CLI_TEXT_MAX];

	fprintf(c->to, "<path class=\"threshold\" d=\"M%d %.1fH%d\"/>\n", LEFT, y, WIDTH - RIGHT);
	snprintf(text, sizeof(text), "%s %lld dBm", name, cli_int(signal, key));
	/* where it was still good */
	label(c->to, LEFT + 4, y - 4, "start", text);
}

static void curve(const struct axes *c, const json_t *samples, const char *of, const char *cls)
{
	const json_t *s;
	char with = 'M';
	size_t i;

	fprintf(c->to, "<path class=\"line %s\" d=\"", cls);
	json_array_foreach(samples, i, s)
	{
		if (strcmp(cli_str(s, "of"), of) != 0)
			continue;
		fprintf(c->to, "%c%.1f %.1f", with, at_x(c, cli_num(s, "ms")),
			at_y(c, cli_num(s, "dbm")));
		with = 'L';
	}
	fputs(with == 'L' ? "h0\"/>\n" : "\"/>\n", c->to);
}

void page_signal(const json_t *report, FILE *to)
{
	const json_t *signal = json_object_get(report, "signal");
	const json_t *samples = json_object_get(signal, "samples");
	struct axes c = {.to = to};

	axes_fit(&c, signal);
	begin(to, HEIGHT, "signal");
	band(&c, report, "trigger", "done", "handoff");
	band(&c, report, "roam", "link-up", "outage");
	axes_draw(&c);
	threshold(&c, signal, "leave_below_dbm", "leave below");
	threshold(&c, signal, "dead_dbm", "dead");
	curve(&c, samples, "from", "one");
	curve(&c, samples, "to", "two");
	fputs("</svg>\n", to);
}
