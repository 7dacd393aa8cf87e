/* SPDX-License-Identifier: MIT */
#ifndef MIP_FUZZ_QUIET_H
#define MIP_FUZZ_QUIET_H

#include "tests/fuzz/fuzz.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* For the shell's readers: a folder of their own, and no word on standard error meanwhile. */
static char fuzz_folder[] = "/tmp/mip-fuzz.XXXXXX";

/* A path in the folder. */
static inline const char *fuzz_path(char buf[PATH_MAX], const char *name)
{
	snprintf(buf, PATH_MAX, "%s/%s", fuzz_folder, name);
	return buf;
}

static inline void fuzz_remove(void)
{
	static const char *const names[] = {"k",     "conf.d/x.conf", "conf",
					    "again", "server",	      "client"};
	char path[PATH_MAX];

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		unlink(fuzz_path(path, names[i]));
	rmdir(fuzz_path(path, "conf.d"));
	rmdir(fuzz_folder);
}

/* True: just now. */
static inline bool fuzz_make_folder(void)
{
	static bool made;

	if (made)
		return false;
	made = true;
	assert(mkdtemp(fuzz_folder));
	atexit(fuzz_remove);
	return true;
}

static inline void fuzz_write(const char *name, const void *p, size_t n)
{
	char path[PATH_MAX];
	int fd = open(fuzz_path(path, name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert(fd >= 0 && write(fd, p, n) == (ssize_t)n);
	close(fd);
}

static inline int fuzz_quiet(void)
{
	static int null = -1;
	int was = dup(STDERR_FILENO);

	if (null < 0)
		null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	assert(was >= 0 && null >= 0);
	dup2(null, STDERR_FILENO);
	return was;
}

static inline void fuzz_loud(int was)
{
	dup2(was, STDERR_FILENO);
	close(was);
}

#endif
