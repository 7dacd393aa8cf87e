/* SPDX-License-Identifier: MIT */
#include "common/statefile.h"

#include "common/log.h"
#include "common/privilege.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- where ---- */

bool statefile_setting(const char *setting)
{
	return setting[0] == '\0' || setting[0] == '/' || strcmp(setting, STATEFILE_AUTO) == 0 ||
	       strcmp(setting, STATEFILE_NONE) == 0;
}

/* False: nothing is kept. */
static bool choose(const char *setting, const char *name, char *path, size_t cap)
{
	const char *dirs = getenv("STATE_DIRECTORY"); /* systemd's: folders with colons between */

	if (setting[0] == '\0' || strcmp(setting, STATEFILE_NONE) == 0)
		return false;
	if (strcmp(setting, STATEFILE_AUTO) != 0)
		return (size_t)snprintf(path, cap, "%s", setting) < cap;
	if (dirs == NULL || dirs[0] != '/')
		return false;
	return (size_t)snprintf(path, cap, "%.*s/%s", (int)strcspn(dirs, ":"), dirs, name) < cap;
}

void statefile_open(struct statefile *s, const char *setting, const char *name)
{
	s->on = choose(setting, name, s->path, sizeof(s->path));
}

static void folder_of(const char *path, char *folder, size_t cap)
{
	char *slash;

	snprintf(folder, cap, "%s", path);
	slash = strrchr(folder, '/');
	slash[slash == folder] = '\0';
}

/* ---- reading ---- */

void statefile_set_aside(const struct statefile *s, const char *why)
{
	char aside[STATEFILE_PATH + 16];

	snprintf(aside, sizeof(aside), "%s.damaged", s->path);
	if (rename(s->path, aside) == 0)
		log_warning("state file %s: %s: set aside as %s; %s", s->path, why, aside, s->anew);
	else
		log_warning("state file %s: %s: not used; %s", s->path, why, s->anew);
}

/* NULL: errno, or 0 and why not in *fault. */
static uint8_t *slurp(const char *path, size_t max, size_t *n, const char **fault)
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	uint8_t *p = NULL;
	struct stat st;
	ssize_t got;

	*fault = NULL;
	if (fd < 0 && errno == ELOOP)
		*fault = "it is a symbolic link";
	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || !privilege_trusts(st.st_uid) ||
	    (st.st_mode & (S_IWGRP | S_IWOTH)))
		*fault = "others may have written it";
	else if ((uint64_t)st.st_size > max)
		*fault = "it is too large";
	else
		p = malloc((size_t)st.st_size + 1);
	for (*n = 0; p != NULL && *n < (size_t)st.st_size; *n += (size_t)got) {
		got = read(fd, p + *n, (size_t)st.st_size - *n);
		if (got > 0)
			continue;
		if (got < 0)
			*fault = strerror(errno);
		break; /* shorter than it was: the sum tells */
	}
	close(fd);
	return p;
}

uint8_t *statefile_read(const struct statefile *s, size_t max, size_t *n, bool *first)
{
	const char *fault;
	uint8_t *bytes = slurp(s->path, max, n, &fault);

	*first = bytes == NULL && fault == NULL && errno == ENOENT;
	if (*first || (bytes != NULL && fault == NULL))
		return bytes;
	if (fault != NULL)
		statefile_set_aside(s, fault);
	else
		log_warning("state file %s: %s: %s", s->path, strerror(errno), s->anew);
	free(bytes);
	return NULL;
}

/* ---- writing ---- */

static int write_all(int fd, const uint8_t *p, size_t n)
{
	while (n > 0) {
		ssize_t done = write(fd, p, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return done < 0 ? -errno : -EIO;
		p += done;
		n -= (size_t)done;
	}
	return fsync(fd) < 0 ? -errno : 0;
}

/* It may not be there on a host without systemd. */
static int open_folder(const char *path)
{
	char folder[STATEFILE_PATH];
	int fd;

	folder_of(path, folder, sizeof(folder));
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT && mkdir(folder, 0700) == 0)
		fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* The old file or the new one is there whatever happens, and whole. */
static int replace(const char *path, const uint8_t *bytes, size_t n)
{
	char new[STATEFILE_PATH + 8];
	int folder = open_folder(path), fd, err;

	if (folder < 0)
		return folder;
	snprintf(new, sizeof(new), "%s.new", path);
	unlink(new);
	fd = open(new, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	err = fd < 0 ? -errno : write_all(fd, bytes, n);
	if (fd >= 0 && close(fd) < 0 && err == 0)
		err = -errno;
	if (err == 0 && rename(new, path) < 0)
		err = -errno;
	if (err < 0 && fd >= 0)
		unlink(new);
	fsync(folder);
	close(folder);
	return err;
}

static void write_down(struct statefile *s)
{
	s->n = seal(s->bytes, s->n);
	s->err = replace(s->path, s->bytes, s->n);
}

static void write_beside(void *arg)
{
	struct statefile *s = arg;

	write_down(s);
	uv_async_send(&s->done);
}

/* Said once, when it begins and when it is over. */
static void finished(struct statefile *s, int err)
{
	if (err < 0 && !s->failing)
		log_warning("state file %s: %s: %s", s->path, strerror(-err), s->unkept);
	else if (err == 0 && s->failing)
		log_info("state file %s: written again", s->path);
	s->failing = err < 0;
	free(s->bytes);
	s->bytes = NULL;
	s->written(s->arg, err == 0);
}

static void on_closed(uv_handle_t *h)
{
	struct statefile *s = h->data;

	s->busy = false;
	finished(s, s->err);
}

static void on_done(uv_async_t *done)
{
	statefile_stop(done->data);
}

/* Not by libuv's threads: it would abort(3) where there is no memory for one. */
void statefile_write(struct statefile *s, uv_loop_t *loop, uint8_t *bytes, size_t n)
{
	s->bytes = bytes;
	s->n = n;
	s->err = bytes == NULL ? -ENOMEM : uv_async_init(loop, &s->done, on_done);
	if (s->err < 0) {
		finished(s, s->err);
		return;
	}
	s->busy = true;
	s->done.data = s;
	s->err = uv_thread_create(&s->thread, write_beside, s);
	if (s->err < 0)
		uv_close((uv_handle_t *)&s->done, on_closed);
}

void statefile_stop(struct statefile *s)
{
	if (!s->busy || uv_is_closing((uv_handle_t *)&s->done))
		return;
	uv_thread_join(&s->thread);
	uv_close((uv_handle_t *)&s->done, on_closed);
}

void statefile_write_now(struct statefile *s, uint8_t *bytes, size_t n)
{
	s->bytes = bytes;
	s->n = n;
	if (bytes != NULL)
		write_down(s);
	finished(s, bytes != NULL ? s->err : -ENOMEM);
}
