/* SPDX-License-Identifier: MIT */
#ifndef MIP_CONF_VALUE_H
#define MIP_CONF_VALUE_H

#include "common/conf.h"

#include <stdbool.h>

/*
 * The values of conf.h: from text to a field of the caller's struct and back.  Inside of conf.h:
 * nobody else includes this. A parser that refuses returns -1 with the reason in `why`, worded to
 * follow the quoted value: is not a duration (expected for example "8 s" or "200 ms").
 */
#define CONF_WHY_MAX 512
#define CONF_TEXT_MAX CONF_PREFIXES_TEXT

size_t conf_value_size(enum conf_type type);
bool conf_value_is_zero(const struct conf_key *k, const void *field);

/* dir: absolute; key files named by a relative path start there.  *field is written only on
 * success. */
int conf_value_parse(const struct conf_key *k, const char *text, const char *dir, void *field,
		     char why[CONF_WHY_MAX]);
void conf_value_format(const struct conf_key *k, const void *field, char out[CONF_TEXT_MAX]);

/* For the parsers: says why, returns -1. */
int conf_refuse(char why[CONF_WHY_MAX], const char *fmt, ...) __attribute__((format(printf, 2, 3)));

int conf_int_parse(const struct conf_key *k, const char *s, int *out, char why[CONF_WHY_MAX]);
int conf_duration_parse(const struct conf_key *k, const char *s, mtime *out,
			char why[CONF_WHY_MAX]);
int conf_size_parse(const struct conf_key *k, const char *s, uint64_t *out, char why[CONF_WHY_MAX]);
int conf_limits_parse(const char *s, struct conf_limits *out, char why[CONF_WHY_MAX]);
int conf_prefix_parse(const char *s, struct conf_prefix *out, char why[CONF_WHY_MAX]);
int conf_prefixes_parse(const struct conf_key *k, const char *s, struct conf_prefixes *out,
			char why[CONF_WHY_MAX]);
int conf_key_parse(const char *text, struct secret *out, char why[CONF_WHY_MAX]);
/* Only its owner, that is root or we ourselves, may read or write the open file. */
int conf_check_private(int fd, const char *path, char why[CONF_WHY_MAX]);
/* So is the folder where it stands: nobody else may put another file in its place. */
int conf_check_folder(int fd, const char *path, char why[CONF_WHY_MAX]);
/* Digits that may be a key at a wrong place: messages do not repeat them. */
bool conf_like_key(const char *text);
int conf_keyfile_read(const char *text, const char *dir, struct conf_keyfile *out,
		      char why[CONF_WHY_MAX]);

/* The shortest exact form: 1500 ms, 4 MiB. */
void conf_number_format(const struct conf_key *k, int64_t n, char *buf, size_t size);
void conf_limits_format(const struct conf_limits *limits, char *buf, size_t size);

/* Zeroes every field and applies the defaults; of repeated sections there is none yet. */
void conf_fields_init(const struct conf_spec *spec, const char *dir, void *conf);
/* The defaults of one section; base is what its keys' offsets count from. */
void conf_presets(const struct conf_spec *spec, const char *section, const char *dir, char *base);

/* The files of conf_folder(), NULL behind the last; NULL: none, or an error (0: none). */
char **conf_folder_files(const char *path, int *error);
void conf_folder_free(char **files);

/* "did you mean home-agent?", or all the valid words when none is near. */
void conf_suggest(const char *word, const char *const valid[], size_t n, char why[CONF_WHY_MAX]);

#endif
