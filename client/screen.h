/* SPDX-License-Identifier: MIT */
#ifndef MIP_SCREEN_H
#define MIP_SCREEN_H

#include <stdbool.h>
#include <stddef.h>

/* A terminal's cells, before a terminal has them.  Pure.  What does not fit is cut off; a letter
 * takes one cell, and those that would take another number of them become '?'. */
enum ink { INK_PLAIN, INK_DIM, INK_TITLE, INK_GOOD, INK_WARN, INK_BAD, INK_CURVE, INK_COUNT };

struct cell {
	char text[5]; /* one letter, UTF-8 */
	enum ink ink;
};

#define SCREEN_WIDTH_MAX 500
#define SCREEN_HEIGHT_MAX 200
#define SCREEN_LINE_MAX (SCREEN_WIDTH_MAX * 4 + 1)

struct screen {
	unsigned width, height;
	bool utf8; /* else every letter is ASCII */
	struct cell *cell;
};

/* At least one cell, at most the limits above.  No memory: fatal(). */
void screen_init(struct screen *s, unsigned width, unsigned height, bool utf8);
void screen_free(struct screen *s);
void screen_put(struct screen *s, unsigned x, unsigned y, enum ink ink, const char *text);
void screen_printf(struct screen *s, unsigned x, unsigned y, enum ink ink, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));
/* The n-th of Braille's patterns, dots as bits; in ASCII a star. */
void screen_dots(struct screen *s, unsigned x, unsigned y, enum ink ink, unsigned dots);
bool screen_empty(const struct screen *s, unsigned x, unsigned y);
/* Row y as text, blanks at its end left out. */
void screen_line(const struct screen *s, unsigned y, char out[SCREEN_LINE_MAX]);
unsigned screen_width_of(const char *text); /* cells that screen_put() fills */

#endif
