/* SPDX-License-Identifier: MIT */
#ifndef MIP_CONF_PARSE_H
#define MIP_CONF_PARSE_H

#include "common/conf_value.h"

/* A configuration that is being read: what conf.c (files, lines, keys) and conf_section.c share.
 * Nobody else includes this. */
#define CONF_NAMES_MAX 64

/* The titles of one kind of section that were read, to be found among very many. */
struct titles {
	uint32_t *slot; /* number of the element, from 1; 0: empty */
	size_t mask;	/* half of them are empty */
};

struct parse {
	const struct conf_spec *spec;
	const char *main;  /* the file that was named */
	const char *path;  /* the one that is read: it, or one of its folder */
	const char *dir;   /* absolute, where that lies */
	bool in_folder;
	char *conf;
	FILE *file;
	char *buf;
	size_t cap;
	unsigned line;
	unsigned errors;

	const struct conf_section *section; /* NULL: none yet, or refused */
	bool any_section;
	char *base; /* what the keys' offsets count from */
	char title[CONF_NAME_MAX + 16];
	unsigned title_line;
	bool *seen;	    /* by key, in this section */
	unsigned *first_at; /* by section: the line of its first heading */
	struct titles *titles; /* by section */
};

/* FILE:LINE: sentence, on stderr; line 0: of the whole file. */
void conf_complain(struct parse *p, unsigned line, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* For messages: what the file holds may not write to the terminal. */
const char *conf_printable(char *s);

/* The line "[...]". */
void conf_open_section(struct parse *p, char *text);
void conf_titles_free(struct parse *p);
/* What the one before lacks. */
void conf_finish_section(struct parse *p);

#endif
