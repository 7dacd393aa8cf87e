/* SPDX-License-Identifier: MIT */
#include "common/conf.h"

#include "common/conf_value.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* FILE.d beside a configuration FILE: what programs write stands there, so that the file that
 * people write is theirs alone. */

bool conf_folder(const char *path, char out[PATH_MAX])
{
	char *real = realpath(path, NULL);
	int n = real ? snprintf(out, PATH_MAX, "%s.d", real) : -1;

	free(real);
	return n > 0 && n < PATH_MAX;
}

/* "laptop.conf"; what begins with a dot is being written. */
static int is_ours(const struct dirent *e)
{
	size_t n = strlen(e->d_name);

	return e->d_name[0] != '.' && n > 5 && !strcmp(e->d_name + n - 5, ".conf");
}

/* The same order in every locale. */
static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

char **conf_folder_files(const char *path, int *error)
{
	char folder[PATH_MAX];
	struct dirent **list;
	char **files;
	int n;

	*error = 0;
	if (!conf_folder(path, folder))
		return NULL;
	n = scandir(folder, &list, is_ours, by_name);
	if (n < 0) {
		*error = errno == ENOENT ? 0 : errno;
		return NULL;
	}
	files = calloc((size_t)n + 1, sizeof(*files));
	for (int i = 0; i < n; i++) {
		if (files && asprintf(&files[i], "%s/%s", folder, list[i]->d_name) < 0)
			files[i] = NULL;
		free(list[i]);
	}
	free(list);
	*error = files ? 0 : ENOMEM;
	return files;
}

void conf_folder_free(char **files)
{
	for (char **f = files; f && *f; f++)
		free(*f);
	free(files);
}
