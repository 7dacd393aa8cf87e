/* SPDX-License-Identifier: MIT */
#include "common/kernel.h"

#include "common/kernel_priv.h"
#include "common/log.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define CONF "/proc/sys/net/ipv4/conf/"
#define NEIGH "/proc/sys/net/ipv4/neigh/"
#define PATH_LEN sizeof(((struct kernel_saved *)0)->path)

static int read_int(const char *path, int *value)
{
	FILE *f = fopen(path, "re");
	int n;

	if (!f)
		return -errno;
	n = fscanf(f, "%d", value);
	fclose(f);
	return n == 1 ? 0 : -EIO;
}

static int write_int(const char *path, int value)
{
	FILE *f = fopen(path, "we");
	int err = 0;

	if (!f)
		return -errno;
	if (fprintf(f, "%d\n", value) < 0)
		err = -errno;
	if (fclose(f) && !err)
		err = -errno;
	return err;
}

static bool is_saved(const struct kernel *k, const char *path)
{
	for (unsigned i = 0; i < k->saved_count; i++)
		if (!strcmp(k->saved[i].path, path))
			return true;
	return false;
}

/* The first value that we found is the one to go back to, however often we set ours. */
static int save(struct kernel *k, const char *path, int value)
{
	struct kernel_saved *s = &k->saved[k->saved_count];

	if (is_saved(k, path))
		return 0;
	if (k->saved_count == KERNEL_SYSCTL_MAX)
		return -ENOSPC;
	snprintf(s->path, sizeof(s->path), "%s", path);
	s->value = value;
	k->saved_count++;
	return 0;
}

static int set(struct kernel *k, const char *path, int value, bool at_least)
{
	int old = 0, err = read_int(path, &old);

	if (!err && (old == value || (at_least && old > value)))
		return 0;
	if (!err)
		err = save(k, path, old);
	if (!err)
		err = write_int(path, value);
	if (err)
		log_error("kernel: cannot set %s to %d: %s", path, value, strerror(-err));
	return err;
}

int kernel_sysctl(struct kernel *k, const char *ifname, const char *key, int value)
{
	char path[PATH_LEN];

	if (snprintf(path, sizeof(path), CONF "%s/%s", ifname, key) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	return set(k, path, value, false);
}

int kernel_neigh_sysctl(struct kernel *k, const char *ifname, const char *key, int value)
{
	char path[PATH_LEN];

	if (snprintf(path, sizeof(path), NEIGH "%s/%s", ifname, key) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	return set(k, path, value, false);
}

int kernel_neigh_queue(struct kernel *k, const char *ifname, int bytes)
{
	char path[PATH_LEN];

	if (snprintf(path, sizeof(path), NEIGH "%s/unres_qlen_bytes", ifname) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	return set(k, path, bytes, true);
}

void kernel_sysctl_restore(struct kernel *k)
{
	while (k->saved_count) {
		const struct kernel_saved *s = &k->saved[--k->saved_count];
		int err = write_int(s->path, s->value);

		if (err && err != -ENOENT)
			log_warning("kernel: cannot restore %s: %s", s->path, strerror(-err));
	}
}
