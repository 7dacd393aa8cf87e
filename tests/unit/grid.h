/* SPDX-License-Identifier: MIT */
#ifndef MIP_GRID_H
#define MIP_GRID_H

#include "tests/unit/unit.h"

#include <stdarg.h>

/*
 * A machine's state x event grid as a table that mirrors the one drawn beside the machine: each
 * cell has the state that follows and, in words, all that the machine does meanwhile.  Every cell
 * is played on a machine of its own; one that is not in the table fails.
 */
struct grid_cell {
	int to;
	const char *does; /* NULL: not in the table; "": nothing */
};

struct grid {
	unsigned n_states, n_events;
	const char *(*state)(int s); /* names */
	const char *const *event;
	void (*reach)(int s);	 /* a new machine, in this state */
	void (*happen)(int e);
	int (*now)(void);	 /* its state */
	const char *(*did)(void); /* what it did since reach() */
	void (*leave)(void);
};

static inline void grid_check(const struct grid *g, const struct grid_cell *c, int s, int e)
{
	bool reached;
	const char *does;
	int to;

	g->reach(s);
	reached = g->now() == s;
	g->happen(e);
	to = g->now();
	does = g->did();
	if (!reached || to != c->to || !c->does || strcmp(does, c->does))
		printf("\n    %s x %s: %s%s, \"%s\"; wanted %s, %s%s%s", g->state(s), g->event[e],
		       reached ? "" : "not reached; ", g->state(to), does, g->state(c->to),
		       c->does ? "\"" : "", c->does ? c->does : "no such cell",
		       c->does ? "\"" : "");
	CHECK(reached && to == c->to && c->does && !strcmp(does, c->does));
	g->leave();
}

/* cells: n_states rows of n_events */
static inline void grid_play(const struct grid *g, const struct grid_cell *cells)
{
	for (unsigned s = 0; s < g->n_states; s++)
		for (unsigned e = 0; e < g->n_events; e++)
			grid_check(g, &cells[s * g->n_events + e], (int)s, (int)e);
}

/* Words, collected with a blank between them. */
struct grid_words {
	char text[160];
	size_t n;
};

static inline void __attribute__((format(printf, 2, 3)))
grid_say(struct grid_words *w, const char *fmt, ...)
{
	va_list ap;

	if (w->n && w->n < sizeof(w->text) - 1)
		w->text[w->n++] = ' ';
	va_start(ap, fmt);
	w->n += (size_t)vsnprintf(w->text + w->n, sizeof(w->text) - w->n, fmt, ap);
	va_end(ap);
	assert(w->n < sizeof(w->text));
}

#endif
