/* SPDX-License-Identifier: MIT */
#include "tests/fuzz/fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>

/*
 * Where there is no libFuzzer (gcc): each file of the folders that are named is given to the
 * harness once, in the order of their names.  The last word before a crash is the file.
 */
static unsigned passed, failed;

static void play(const char *path)
{
	FILE *f = fopen(path, "re");
	struct stat st;
	uint8_t *data;
	size_t n;

	if (!f || fstat(fileno(f), &st)) {
		printf("not ok %s cannot be read\n", path);
		failed++;
		if (f)
			fclose(f);
		return;
	}
	data = malloc((size_t)st.st_size + 1);
	assert(data);
	n = fread(data, 1, (size_t)st.st_size, f);
	fclose(f);
	data = realloc(data, n ? n : 1); /* exactly, for the sanitizer */
	printf("%s", path);
	fflush(stdout);
	LLVMFuzzerTestOneInput(data, n);
	printf(" ok\n");
	free(data);
	passed++;
}

static int no_dots(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		struct dirent **list;
		int n = scandir(argv[i], &list, no_dots, alphasort);
		char path[4096];

		if (n < 0) {
			play(argv[i]);
			continue;
		}
		for (int k = 0; k < n; k++) {
			snprintf(path, sizeof(path), "%s/%s", argv[i], list[k]->d_name);
			play(path);
			free(list[k]);
		}
		free(list);
	}
	printf("%u passed, %u failed\n", passed, failed);
	return failed || !passed;
}
