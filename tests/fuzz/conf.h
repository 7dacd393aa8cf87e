/* SPDX-License-Identifier: MIT */
#ifndef MIP_FUZZ_CONF_H
#define MIP_FUZZ_CONF_H

#include "tests/fuzz/quiet.h"

/*
 * Of one of the two settings.h, which the includer has included: the input is a configuration, and
 * behind a byte 0xff a file of its folder.  A key file is there: k.  What is read is printed, and
 * what is printed is read again and the same.
 */
#define FUZZ_KEY "000102030405060708090a0b0c0d0e0f\n"

static inline bool conf_take(const char *name, struct settings *s)
{
	int was = fuzz_quiet();
	char path[PATH_MAX];
	bool good;

	memset(s, 0, sizeof(*s));
	good = settings_read(fuzz_path(path, name), s) == 0;
	fuzz_loud(was);
	return good;
}

static inline char *conf_printed(const struct settings *s, size_t *n)
{
	char *text;
	FILE *to = open_memstream(&text, n);

	assert(to);
	settings_print(s, to);
	fclose(to);
	return text;
}

static inline void conf_again(const struct settings *s)
{
	struct settings again;
	char *first, *second;
	size_t n, m;

	first = conf_printed(s, &n);
	fuzz_write("again", first, n);
	assert(conf_take("again", &again));
	second = conf_printed(&again, &m);
	assert(n == m && !memcmp(first, second, n));
	free(first);
	free(second);
	settings_free(&again);
}

/* True: *s is to be freed. */
static inline bool conf_input(const uint8_t *data, size_t size, struct settings *s)
{
	const uint8_t *more = size ? memchr(data, 0xff, size) : NULL;
	size_t n = more ? (size_t)(more - data) : size;
	char path[PATH_MAX];

	if (fuzz_make_folder()) {
		fuzz_write("k", FUZZ_KEY, strlen(FUZZ_KEY));
		assert(mkdir(fuzz_path(path, "conf.d"), 0700) == 0);
	}
	fuzz_write("conf", data, n);
	if (more)
		fuzz_write("conf.d/x.conf", more + 1, size - n - 1);
	else
		unlink(fuzz_path(path, "conf.d/x.conf"));
	return conf_take("conf", s);
}

#endif
