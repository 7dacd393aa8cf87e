/* SPDX-License-Identifier: MIT */
#include "common/conf.h"

#include "common/conf_parse.h"
#include "common/log.h"
#include "common/memory.h"
#include "common/privilege.h"

#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ERRORS_MAX 20 /* about a screen; who has more has the wrong file */
#define LINE_ROOM 512 /* more than inih takes */

/*
 * inih splits key from value and takes comments off.  Its default build tells the handler no line
 * number, hides sections without keys and cuts long lines: next_line() watches for these and keeps
 * headings to itself.
 */
void conf_complain(struct parse *p, unsigned line, const char *fmt, ...)
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

const char *conf_printable(char *s)
{
	for (char *c = s; *c; c++) {
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	}
	return s;
}

/* ---- keys ---- */

static void unknown_key(struct parse *p, const char *key)
{
	const char *valid[CONF_NAMES_MAX];
	char why[CONF_WHY_MAX];
	size_t n = 0;

	for (size_t i = 0; i < p->spec->n_keys; i++) {
		const struct conf_key *k = &p->spec->keys[i];

		if (!strcmp(k->section, p->section->name)) {
			if (n < CONF_NAMES_MAX)
				valid[n++] = k->key;
		} else if (!strcmp(k->key, key)) {
			conf_complain(p, p->line,
				      "[%s] %s: is not a key of this section (it belongs to [%s])",
				      p->title, key, k->section);
			return;
		}
	}
	conf_suggest(key, valid, n, why);
	conf_complain(p, p->line, "[%s] %s: is not a key (%s)", p->title, key, why);
}

/* Nobody reads a key in a message. */
static const char *shown(char *text)
{
	return conf_like_key(text) ? "..." : conf_printable(text);
}

/* A key stands in this file. */
static int check_own_place(const struct parse *p, char why[CONF_WHY_MAX])
{
	int in, ret = conf_check_private(fileno(p->file), p->path, why);

	if (ret)
		return ret;
	in = open(p->dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	ret = conf_check_folder(in, p->dir, why);
	if (in >= 0)
		close(in);
	return ret;
}

static void set(struct parse *p, const struct conf_key *k, const char *value)
{
	char text[CONF_STRING_MAX], why[CONF_WHY_MAX];

	if (k->type == CONF_KEY && check_own_place(p, why)) {
		conf_complain(p, p->line, "[%s] %s: this file %s", p->title, k->key, why);
		return;
	}
	if (!conf_value_parse(k, value, p->dir, p->base + k->offset, why))
		return;
	snprintf(text, sizeof(text), "%s", value);
	conf_complain(p, p->line, "[%s] %s: \"%s\" %s", p->title, k->key,
		      k->type == CONF_KEY ? "..." : shown(text), why);
}

static int on_pair(void *arg, const char *section, const char *name, const char *value)
{
	struct parse *p = arg;
	char key[64];
	size_t i;

	(void)section; /* "": headings never reach inih */
	snprintf(key, sizeof(key), "%s", name);
	conf_printable(key);
	if (!p->any_section)
		conf_complain(p, p->line, "%s: stands before the first [section]", key);
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
		conf_complain(p, p->line, "[%s] %s: is set twice in this section", p->title, key);
	} else {
		p->seen[i] = true;
		set(p, &p->spec->keys[i], value);
	}
	return 1;
}

/* ---- the file ---- */

static bool plausible(struct parse *p, char *text, size_t len, int room)
{
	if (strlen(text) != len) {
		conf_complain(p, p->line, "holds a zero byte (expected text)");
		return false;
	}
	if (len + 2 >= (size_t)room) {
		conf_complain(p, p->line, "is too long a line (expected at most %d characters)",
			      room - 3);
		return false;
	}
	if (*text && !strpbrk(text, "=:")) {
		conf_complain(p, p->line, "\"%s\" is not a setting (expected KEY = VALUE)",
			      shown(text));
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
		conf_open_section(p, text);
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

/* False: it cannot be read. */
static bool parse_file(struct parse *p, const char *path)
{
	static char room[4096];
	char *dir = directory_of(path);
	bool read = false;
	int bad;

	if (!dir)
		fatal("configuration: no working directory: %s", strerror(errno));
	p->path = path;
	p->dir = dir;
	p->line = 0;
	p->any_section = false;
	p->file = fopen(path, "re");
	if (p->file) {
		setvbuf(p->file, room, _IOFBF, sizeof(room));
		bad = ini_parse_stream(next_line, p, on_pair, p);
		read = !ferror(p->file);
		if (!read)
			conf_complain(p, 0, "cannot be read: %s", strerror(errno));
		else if (bad > 0)
			conf_complain(p, (unsigned)bad, "is not a setting (expected KEY = VALUE)");
		conf_finish_section(p);
		fclose(p->file);
		explicit_bzero(room, sizeof(room)); /* a key may have stood there */
		memory_wipe_stack();
	} else if (errno == EACCES && privilege_name() != NULL) {
		conf_complain(p, 0, "may not be read by user %s (do: chown %s %s)",
			      privilege_name(), privilege_name(), path);
	} else {
		conf_complain(p, 0, "cannot be opened: %s", strerror(errno));
	}
	free(dir);
	return read;
}

static void parse_folder(struct parse *p)
{
	int error;
	char **files = conf_folder_files(p->main, &error);

	if (error)
		conf_complain(p, 0, "its folder (.d) cannot be read: %s", strerror(error));
	p->in_folder = true;
	for (char **f = files; f && *f; f++)
		parse_file(p, *f);
	conf_folder_free(files);
	p->path = p->main;
}

static void missing_sections(struct parse *p)
{
	for (size_t i = 0; i < p->spec->n_sections; i++) {
		const struct conf_section *s = &p->spec->sections[i];
		int plain = (int)strcspn(s->name, "*");

		if (s->required && !p->first_at[i])
			conf_complain(p, 0, "[%.*s%s]: this section is missing", plain, s->name,
				      s->name[plain] ? "ADDRESS" : "");
	}
}

int conf_read(const struct conf_spec *spec, const char *path, void *out)
{
	struct parse p = { .spec = spec, .main = path, .conf = out };

	p.seen = calloc(spec->n_keys, sizeof(*p.seen));
	p.first_at = calloc(spec->n_sections, sizeof(*p.first_at));
	p.titles = calloc(spec->n_sections, sizeof(*p.titles));
	p.buf = malloc(LINE_ROOM); /* what it outgrew would not be wiped */
	p.cap = LINE_ROOM;
	if (!p.seen || !p.first_at || !p.titles || !p.buf)
		fatal("configuration: no memory");
	conf_fields_init(spec, "", out); /* no default names a file */
	if (parse_file(&p, path)) {
		if (spec->folder)
			parse_folder(&p);
		missing_sections(&p);
	}
	if (p.errors > ERRORS_MAX)
		fprintf(stderr, "%s: and %u more errors\n", p.path, p.errors - ERRORS_MAX);
	explicit_bzero(p.buf, p.cap);
	free(p.buf);
	free(p.seen);
	free(p.first_at);
	conf_titles_free(&p);
	if (!p.errors)
		return 0;
	conf_free(spec, out);
	return -1;
}
