/* SPDX-License-Identifier: MIT */
#include "client/hooks.h"

#include "common/log.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOT_OURS "must belong to root, and nobody else may write to it"

/* Once, as long as it is as it is. */
static void refuse(struct hooks *h, const char *path, const struct stat *st, const char *why)
{
	uint64_t key = 14695981039346656037u ^ (uint64_t)st->st_ctim.tv_sec << 20 ^
		       (uint64_t)st->st_ctim.tv_nsec;

	for (const char *p = path; *p != '\0'; p++)
		key = (key ^ (uint8_t)*p) * 1099511628211u; /* FNV-1a */
	for (unsigned i = 0; i < h->n_said; i++)
		if (h->said[i] == key)
			return;
	if (h->n_said == HOOK_SAID_MAX)
		return;
	h->said[h->n_said++] = key;
	h->count.refused++;
	log_warning("%s: not run: %s", path, why);
	if (h->n_said == HOOK_SAID_MAX)
		log_warning("hooks: what else is refused is not said any more");
}

/* A symbolic link is none: where it leads may be anybody's. */
static bool may_run(struct hooks *h, int folder, const char *path, const char *name)
{
	struct stat st;

	if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return false;
	if (S_ISDIR(st.st_mode))
		return false;
	if (!S_ISREG(st.st_mode))
		refuse(h, path, &st, "it is no file of its own");
	else if (!(st.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)))
		refuse(h, path, &st, "it is not executable");
	else if (!hooks_safe(&st))
		refuse(h, path, &st, NOT_OURS);
	else
		return true;
	return false;
}

/* -1: there is none, or it is refused. */
static int open_folder(struct hooks *h, const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0) {
		if (fd >= 0)
			close(fd);
		return -1;
	}
	if (h->folder_changed != st.st_mtim.tv_sec * 1000000000LL + st.st_mtim.tv_nsec) {
		h->folder_changed = st.st_mtim.tv_sec * 1000000000LL + st.st_mtim.tv_nsec;
		h->n_said = 0;
	}
	if (hooks_safe(&st))
		return fd;
	refuse(h, path, &st, NOT_OURS);
	close(fd);
	return -1;
}

bool hooks_may_run(struct hooks *h, const char *folder, const char *name)
{
	int fd = open_folder(h, folder);
	char path[PATH_MAX];
	bool may;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	may = fd >= 0 && may_run(h, fd, path, name);
	if (fd >= 0)
		close(fd);
	return may;
}

struct names {
	char name[HOOKS_MAX][HOOK_NAME_MAX]; /* in their order */
	unsigned n;
	bool more;
};

static void add_name(struct names *l, const char *name)
{
	unsigned at = l->n;

	while (at > 0 && strcmp(name, l->name[at - 1]) < 0)
		at--;
	if (l->n == HOOKS_MAX) {
		l->more = true;
		if (at == l->n)
			return;
		l->n--;
	}
	memmove(l->name[at + 1], l->name[at], (l->n - at) * sizeof(l->name[0]));
	snprintf(l->name[at], sizeof(l->name[at]), "%s", name);
	l->n++;
}

static void read_names(struct hooks *h, const char *folder, struct names *l)
{
	int fd = open_folder(h, folder);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	char path[PATH_MAX];
	struct dirent *e;
	struct stat st;

	if (dir == NULL) {
		if (fd >= 0)
			close(fd);
		return;
	}
	while ((e = readdir(dir)) != NULL) {
		size_t len = strlen(e->d_name);

		if (e->d_name[0] == '.' || e->d_name[len - 1] == '~' || len >= HOOK_NAME_MAX)
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, e->d_name);
		if (may_run(h, fd, path, e->d_name))
			add_name(l, e->d_name);
	}
	if (l->more && fstat(fd, &st) == 0)
		refuse(h, folder, &st,
		       "there are more than 32 programs, what comes later by name is");
	closedir(dir);
}

static bool is_in(const struct names *l, const char *name)
{
	for (unsigned i = 0; i < l->n; i++)
		if (strcmp(l->name[i], name) == 0)
			return true;
	return false;
}

static bool has(const struct hooks *h, const char *name)
{
	for (unsigned i = 0; i < HOOKS_MAX + HOOKS_AT_ONCE; i++)
		if (strcmp(h->hook[i].name, name) == 0)
			return true;
	return false;
}

void hooks_list(struct hooks *h, const char *folder)
{
	struct names l = { .n = 0 };
	unsigned at = 0;

	read_names(h, folder, &l);
	for (unsigned i = 0; i < HOOKS_MAX + HOOKS_AT_ONCE; i++) {
		struct hook *k = &h->hook[i];

		k->listed = k->name[0] != '\0' && is_in(&l, k->name);
		if (k->listed)
			continue;
		hooks_empty(h, &k->queue);
		if (!k->running)
			k->name[0] = '\0';
	}
	for (unsigned i = 0; i < l.n; i++) {
		if (has(h, l.name[i]))
			continue;
		while (h->hook[at].name[0] != '\0')
			at++; /* there is one: so many are listed, and so many run */
		memcpy(h->hook[at].name, l.name[i], HOOK_NAME_MAX);
		h->hook[at].listed = true;
	}
}
