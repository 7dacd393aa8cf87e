/* SPDX-License-Identifier: MIT */
#include "common/conf.h"

#include "common/conf_value.h"
#include "common/log.h"

#include <errno.h>
#include <ini.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define ERRORS_MAX 20 /* about a screen; who has more has the wrong file */
#define NAMES_MAX 64

/*
 * inih splits key from value and takes comments off.  Its default build tells the handler no line
 * number, hides sections without keys and cuts long lines: next_line() watches for these and keeps
 * headings to itself.
 */
struct parse {
	const struct conf_spec *spec;
	const char *path;
	char *dir; /* absolute, of the configuration file */
	char *conf;
	FILE *file;
	char *buf;
	size_t cap;
	unsigned line;
	unsigned errors;

	const struct conf_section *section; /* NULL: none yet, or refused */
	bool any_section;
	char *base; /* what the keys' offsets count from */
	char title[64];
	unsigned title_line;
	bool *seen;	    /* by key, in this section */
	unsigned *first_at; /* by section: the line of its first heading */
};

__attribute__((format(printf, 3, 4))) static void complain(struct parse *p, unsigned line,
							   const char *fmt, ...)
{
	va_list ap;

	if (p->errors++ >= ERRORS_MAX)
		return;
	fprintf(stderr, "%s:", p->path);
	if (line)
		fprintf(stderr, "%u:", line);
	fputc(' ', stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}

/* For messages: what the file holds may not write to the terminal. */
static const char *printable(char *s)
{
	for (char *c = s; *c; c++) {
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	}
	return s;
}

static bool repeated(const struct conf_section *s)
{
	return strchr(s->name, '*') != NULL;
}

/* ---- sections ---- */

static void finish_section(struct parse *p)
{
	for (size_t i = 0; p->section && i < p->spec->n_keys; i++) {
		const struct conf_key *k = &p->spec->keys[i];

		if (k->required && !p->seen[i] && !strcmp(k->section, p->section->name))
			complain(p, p->title_line, "[%s] %s: is missing%s%s%s", p->title, k->key,
				 k->help ? " (" : "", k->help ? k->help : "", k->help ? ")" : "");
	}
	p->section = NULL;
	memset(p->seen, 0, p->spec->n_keys * sizeof(*p->seen));
}

static void unknown_section(struct parse *p, const char *title)
{
	char names[NAMES_MAX][32], word[64], why[CONF_WHY_MAX];
	const char *valid[NAMES_MAX];
	size_t n = 0;

	for (; n < p->spec->n_sections && n < NAMES_MAX; n++) {
		const char *name = p->spec->sections[n].name;
		int plain = (int)strcspn(name, "*");

		snprintf(names[n], sizeof(names[n]), "[%.*s%s]", plain, name,
			 name[plain] ? "ADDRESS" : "");
		valid[n] = names[n];
	}
	/* Only the word counts for the distance, whatever stands in the address' place. */
	snprintf(word, sizeof(word), "[%.*s%s]", (int)strcspn(title, " "), title,
		 strchr(title, ' ') ? " ADDRESS" : "");
	conf_suggest(word, valid, n, why);
	complain(p, p->line, "[%s]: is not a section (%s)", title, why);
}

/* Fills the next element of a repeated section; NULL: refused and said. */
static char *new_element(struct parse *p, const struct conf_section *s, const char *addr_text)
{
	unsigned *count = (unsigned *)(void *)(p->conf + s->count_offset);
	char *array, *element;
	uint32_t addr;

	if (!addr_parse(addr_text, &addr)) {
		complain(p, p->line,
			 "[%s]: \"%s\" is not an IPv4 address (expected for example "
			 "[%.*s192.0.2.1])",
			 p->title, addr_text, (int)strcspn(s->name, "*"), s->name);
		return NULL;
	}
	memcpy(&array, p->conf + s->array_offset, sizeof(array));
	for (unsigned i = 0; i < *count; i++) {
		if (!memcmp(array + i * s->element_size + s->addr_offset, &addr, sizeof(addr))) {
			complain(p, p->line, "[%s]: stands in the file already (join the two)",
				 p->title);
			return NULL;
		}
	}
	if (*count == s->max) {
		complain(p, p->line,
			 "[%s]: is one section too many (expected at most %u of its kind)",
			 p->title, s->max);
		return NULL;
	}
	element = array + (*count)++ * s->element_size;
	conf_presets(p->spec, s->name, p->dir, element);
	memcpy(element + s->addr_offset, &addr, sizeof(addr));
	return element;
}

static const struct conf_section *find_section(const struct conf_spec *spec, const char *title,
					       const char **addr)
{
	for (size_t i = 0; i < spec->n_sections; i++) {
		const struct conf_section *s = &spec->sections[i];
		size_t plain = strcspn(s->name, "*");

		*addr = "";
		if (!s->name[plain] && !strcmp(s->name, title))
			return s;
		if (!s->name[plain] || strncmp(s->name, title, plain - 1))
			continue;
		title += plain - 1; /* "Agent" and its blank */
		if (*title && *title != ' ') {
			title -= plain - 1;
			continue;
		}
		*addr = title + strspn(title, " \t");
		return s;
	}
	return NULL;
}

static void open_section(struct parse *p, char *text)
{
	char *end = strchr(text, ']');
	const struct conf_section *s;
	const char *addr;
	size_t index;

	finish_section(p);
	p->any_section = true;
	if (!end || (end[1] && !strchr(";#", end[1 + strspn(end + 1, " \t")]))) {
		complain(p, p->line, "\"%s\" is not a section heading (expected [NAME])",
			 printable(text));
		return;
	}
	*end = '\0';
	snprintf(p->title, sizeof(p->title), "%s", printable(text + 1));
	p->title_line = p->line;
	s = find_section(p->spec, p->title, &addr);
	if (!s) {
		unknown_section(p, p->title);
		return;
	}
	index = (size_t)(s - p->spec->sections);
	p->base = p->conf;
	if (repeated(s)) {
		p->base = new_element(p, s, addr);
		if (!p->base)
			return;
	} else if (p->first_at[index]) {
		complain(p, p->line, "[%s]: stands in line %u already (join the two)", p->title,
			 p->first_at[index]);
		return;
	}
	p->first_at[index] = p->line;
	p->section = s;
	if (s->present_offset != SIZE_MAX)
		*(bool *)(p->conf + s->present_offset) = true;
}

/* ---- keys ---- */

static void unknown_key(struct parse *p, const char *key)
{
	const char *valid[NAMES_MAX];
	char why[CONF_WHY_MAX];
	size_t n = 0;

	for (size_t i = 0; i < p->spec->n_keys; i++) {
		const struct conf_key *k = &p->spec->keys[i];

		if (!strcmp(k->section, p->section->name)) {
			if (n < NAMES_MAX)
				valid[n++] = k->key;
		} else if (!strcmp(k->key, key)) {
			complain(p, p->line,
				 "[%s] %s: is not a key of this section (it belongs to [%s])",
				 p->title, key, k->section);
			return;
		}
	}
	conf_suggest(key, valid, n, why);
	complain(p, p->line, "[%s] %s: is not a key (%s)", p->title, key, why);
}

static int on_pair(void *arg, const char *section, const char *name, const char *value)
{
	char key[64], text[CONF_STRING_MAX], why[CONF_WHY_MAX];
	struct parse *p = arg;
	size_t i;

	(void)section; /* "": headings never reach inih */
	snprintf(key, sizeof(key), "%s", name);
	snprintf(text, sizeof(text), "%s", value);
	printable(key);
	if (!p->any_section)
		complain(p, p->line, "%s: stands before the first [section]", key);
	if (!p->section)
		return 1;
	for (i = 0; i < p->spec->n_keys; i++) {
		if (!strcmp(p->spec->keys[i].section, p->section->name) &&
		    !strcmp(p->spec->keys[i].key, name))
			break;
	}
	if (i == p->spec->n_keys) {
		unknown_key(p, key);
	} else if (p->seen[i]) {
		complain(p, p->line, "[%s] %s: is set twice in this section", p->title, key);
	} else {
		p->seen[i] = true;
		if (conf_value_parse(&p->spec->keys[i], value, p->dir,
				     p->base + p->spec->keys[i].offset, why))
			complain(p, p->line, "[%s] %s: \"%s\" %s", p->title, key, printable(text),
				 why);
	}
	return 1;
}

/* ---- the file ---- */

static bool plausible(struct parse *p, char *text, size_t len, int room)
{
	if (strlen(text) != len) {
		complain(p, p->line, "holds a zero byte (expected text)");
		return false;
	}
	if (len + 2 >= (size_t)room) {
		complain(p, p->line, "is too long a line (expected at most %d characters)",
			 room - 3);
		return false;
	}
	if (*text && !strpbrk(text, "=:")) {
		complain(p, p->line, "\"%s\" is not a setting (expected KEY = VALUE)",
			 printable(text));
		return false;
	}
	return true;
}

/* fgets() for inih.  Blanks before the text go: they would make it the continuation of the line
 * before. */
static char *next_line(char *str, int room, void *arg)
{
	struct parse *p = arg;
	ssize_t got = getline(&p->buf, &p->cap, p->file);
	char *text = p->buf;
	size_t len;

	if (got < 0)
		return NULL;
	p->line++;
	len = (size_t)got;
	if (p->line == 1 && len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3)) {
		text += 3;
		len -= 3;
	}
	while (len && strchr(" \t\r\n", text[len - 1]) && text[len - 1])
		text[--len] = '\0';
	while (*text == ' ' || *text == '\t') {
		text++;
		len--;
	}
	memcpy(str, "\n", sizeof("\n"));
	if (*text == ';' || *text == '#')
		return str;
	if (*text == '[')
		open_section(p, text);
	else if (plausible(p, text, len, room))
		snprintf(str, (size_t)room, "%s\n", text);
	return str;
}

static char *directory_of(const char *path)
{
	char *real = realpath(path, NULL);

	if (!real) /* a pipe */
		return realpath(".", NULL);
	*strrchr(real, '/') = '\0';
	return real;
}

static void parse_file(struct parse *p)
{
	int bad = ini_parse_stream(next_line, p, on_pair, p);

	if (ferror(p->file)) {
		complain(p, 0, "cannot be read: %s", strerror(errno));
		return;
	}
	finish_section(p);
	if (bad > 0)
		complain(p, (unsigned)bad, "is not a setting (expected KEY = VALUE)");
	for (size_t i = 0; i < p->spec->n_sections; i++) {
		const struct conf_section *s = &p->spec->sections[i];
		int plain = (int)strcspn(s->name, "*");

		if (s->required && !p->first_at[i])
			complain(p, 0, "[%.*s%s]: this section is missing", plain, s->name,
				 s->name[plain] ? "ADDRESS" : "");
	}
	if (p->errors > ERRORS_MAX)
		fprintf(stderr, "%s: and %u more errors\n", p->path, p->errors - ERRORS_MAX);
}

int conf_read(const struct conf_spec *spec, const char *path, void *out)
{
	struct parse p = { .spec = spec, .path = path, .conf = out };

	p.dir = directory_of(path);
	if (!p.dir)
		fatal("configuration: no working directory: %s", strerror(errno));
	p.seen = calloc(spec->n_keys, sizeof(*p.seen));
	p.first_at = calloc(spec->n_sections, sizeof(*p.first_at));
	if (!p.seen || !p.first_at)
		fatal("configuration: no memory");
	conf_fields_init(spec, p.dir, out);
	p.file = fopen(path, "re");
	if (p.file) {
		parse_file(&p);
		fclose(p.file);
	} else {
		complain(&p, 0, "cannot be opened: %s", strerror(errno));
	}
	free(p.buf);
	free(p.dir);
	free(p.seen);
	free(p.first_at);
	if (!p.errors)
		return 0;
	conf_free(spec, out);
	return -1;
}
