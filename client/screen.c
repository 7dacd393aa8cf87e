/* SPDX-License-Identifier: MIT */
#include "client/screen.h"

#include "common/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void screen_init(struct screen *s, unsigned width, unsigned height, bool utf8)
{
	s->width = width < 1 ? 1 : width > SCREEN_WIDTH_MAX ? SCREEN_WIDTH_MAX : width;
	s->height = height < 1 ? 1 : height > SCREEN_HEIGHT_MAX ? SCREEN_HEIGHT_MAX : height;
	s->utf8 = utf8;
	s->cell = calloc((size_t)s->width * s->height, sizeof(*s->cell));
	if (s->cell == NULL)
		fatal("no memory");
}

void screen_free(struct screen *s)
{
	free(s->cell);
	s->cell = NULL;
}

/* Letters of one cell: Latin, Greek, Cyrillic, and the signs that we draw with ourselves. */
static bool is_narrow(unsigned c)
{
	if (c < 0x20 || c == 0x7f || (c > 0x7f && c < 0xa1) || c == 0xad)
		return false;
	if (c >= 0x300 && c < 0x370)
		return false;
	if (c >= 0x483 && c < 0x48a)
		return false;
	return c < 0x530 || (c >= 0x2500 && c < 0x25a0) || (c >= 0x2800 && c < 0x2900);
}

/* The letter at *p, which moves behind it; its bytes.  What is no UTF-8 is one byte of '?'. */
static unsigned letter(const char **p, char out[5], bool utf8)
{
	const unsigned char *s = (const unsigned char *)*p;
	unsigned n = s[0] < 0x80 ? 1 : s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	unsigned c = n == 1 ? s[0] : n ? s[0] & (0xffu >> (n + 1)) : 0;

	for (unsigned i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			n = 0;
		else
			c = c << 6 | (s[i] & 0x3f);
	}
	*p += n ? n : 1;
	if (n && is_narrow(c) && (utf8 || n == 1)) {
		memcpy(out, s, n);
		out[n] = '\0';
	} else {
		memcpy(out, "?", 2);
	}
	return n;
}

void screen_put(struct screen *s, unsigned x, unsigned y, enum ink ink, const char *text)
{
	for (; *text != '\0' && x < s->width && y < s->height; x++) {
		struct cell *c = &s->cell[y * s->width + x];

		letter(&text, c->text, s->utf8);
		c->ink = ink;
	}
}

void screen_printf(struct screen *s, unsigned x, unsigned y, enum ink ink, const char *fmt, ...)
{
	char text[SCREEN_WIDTH_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	screen_put(s, x, y, ink, text);
}

void screen_dots(struct screen *s, unsigned x, unsigned y, enum ink ink, unsigned dots)
{
	const char text[] = {(char)0xe2, (char)(0xa0 | dots >> 6), (char)(0x80 | (dots & 0x3f)),
			     '\0'};

	screen_put(s, x, y, ink, s->utf8 ? text : "*");
}

bool screen_empty(const struct screen *s, unsigned x, unsigned y)
{
	return x >= s->width || y >= s->height || s->cell[y * s->width + x].text[0] == '\0';
}

void screen_line(const struct screen *s, unsigned y, char out[SCREEN_LINE_MAX])
{
	size_t n = 0, end = 0;

	for (unsigned x = 0; y < s->height && x < s->width; x++) {
		const char *t = s->cell[y * s->width + x].text;
		size_t len = strlen(t);

		memcpy(out + n, len > 0 ? t : " ", len > 0 ? len : 1);
		n += len > 0 ? len : 1;
		if (len > 0 && t[0] != ' ')
			end = n;
	}
	out[end] = '\0';
}

unsigned screen_width_of(const char *text)
{
	char one[5];
	unsigned n = 0;

	for (; *text != '\0'; n++)
		letter(&text, one, true);
	return n;
}
