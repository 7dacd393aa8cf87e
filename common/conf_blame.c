/* SPDX-License-Identifier: MIT */
#include "common/conf_value.h"

#include <string.h>

/* Is this line the heading "[section]"? */
static bool is_heading(const char *line, const char *section, size_t n)
{
	return line[0] == '[' && !strncmp(line + 1, section, n) && line[1 + n] == ']';
}

static bool is_key(const char *line, const char *key, size_t n)
{
	return n > 0 && !strncmp(line, key, n) && strchr(" \t=", line[n]) != NULL;
}

/* The line of the key, else of its section, else 0: neither is in the file. */
static unsigned find(FILE *f, const char *section, size_t section_len, const char *key,
		     size_t key_len)
{
	unsigned at = 0, line = 0;
	bool inside = false;
	char buf[512], *text;

	while (fgets(buf, sizeof(buf), f) != NULL) {
		line++;
		text = buf + strspn(buf, " \t");
		if (text[0] == '[')
			inside = is_heading(text, section, section_len);
		if (inside && text[0] == '[')
			at = line;
		else if (inside && is_key(text, key, key_len))
			return line;
	}
	return at;
}

/* Where what stands in this file; 0: not there. */
static unsigned find_in(const char *path, const char *what)
{
	const char *section = what + 1, *end = strchr(what, ']'), *key, *colon;
	FILE *f = end != NULL ? fopen(path, "re") : NULL;
	unsigned line;

	if (f == NULL)
		return 0;
	key = end + 1 + strspn(end + 1, " ");
	colon = strchr(key, ':');
	line = find(f, section, (size_t)(end - section), key,
		    colon != NULL ? (size_t)(colon - key) : 0);
	fclose(f);
	return line;
}

void conf_blame(const char *path, const char *what)
{
	unsigned line = find_in(path, what);
	int error;
	char **more = line == 0 ? conf_folder_files(path, &error) : NULL;

	for (char **f = more; f != NULL && *f != NULL && line == 0; f++) {
		line = find_in(*f, what);
		if (line > 0)
			path = *f;
	}
	if (line > 0)
		fprintf(stderr, "%s:%u: %s\n", path, line, what);
	else
		fprintf(stderr, "%s: %s\n", path, what);
	conf_folder_free(more);
}
