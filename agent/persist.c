/* SPDX-License-Identifier: MIT */
#include "agent/daemon.h"

#include "agent/state.h"
#include "common/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_NAME "mipagentd.state"
#define FILE_MAX (STATE_HEADER + STATE_SUM + (size_t)SETTINGS_NODES_MAX * STATE_RECORD_MAX)

/* ---- where ---- */

/* False: nothing is kept. */
static bool choose(const char *setting, char *path, size_t cap)
{
	const char *dirs = getenv("STATE_DIRECTORY"); /* systemd's: folders with colons between */

	if (setting[0] == '\0' || strcmp(setting, PERSIST_NONE) == 0)
		return false;
	if (strcmp(setting, PERSIST_AUTO) != 0)
		return (size_t)snprintf(path, cap, "%s", setting) < cap;
	if (dirs == NULL || dirs[0] != '/')
		return false;
	return (size_t)snprintf(path, cap, "%.*s/" FILE_NAME, (int)strcspn(dirs, ":"), dirs) < cap;
}

static void folder_of(const char *path, char *folder, size_t cap)
{
	char *slash;

	snprintf(folder, cap, "%s", path);
	slash = strrchr(folder, '/');
	slash[slash == folder] = '\0';
}

/* ---- reading ---- */

/* The whole file, to be freed, and its length; NULL: errno, or 0 and why not in *fault. */
static uint8_t *slurp(const char *path, size_t *n, const char **fault)
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
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_uid != geteuid() ||
	    (st.st_mode & (S_IWGRP | S_IWOTH)))
		*fault = "others may have written it";
	else if ((uint64_t)st.st_size > FILE_MAX)
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

static void set_aside(const char *path, const char *why)
{
	char aside[PERSIST_PATH + 16];

	snprintf(aside, sizeof(aside), "%s.damaged", path);
	if (rename(path, aside) == 0)
		log_warning("state file %s: %s: set aside as %s; nodes have to register anew", path,
			    why, aside);
	else
		log_warning("state file %s: %s: not used; nodes have to register anew", path, why);
}

static void restore(struct daemon *d, struct state_reader *s)
{
	struct instant now = instant_now();
	unsigned nodes = 0, strangers = 0;
	struct agent_kept k;

	while (state_next(s, &k)) {
		*(agent_restore(d->agent, &k, &now, &d->out) ? &nodes : &strangers) += 1;
		carry_out(d);
	}
	log_info("state file %s: %llu bindings, %u nodes", d->persist.path,
		 (unsigned long long)agent_counters(d->agent)->restored, nodes);
	if (strangers > 0)
		log_info("%u nodes of it are not in the configuration any more", strangers);
}

void persist_open(struct daemon *d)
{
	struct persist *p = &d->persist;
	struct instant now = instant_now();
	enum state_fault f = STATE_GOOD;
	struct state_reader s;
	const char *fault;
	uint8_t *bytes;
	size_t n;

	p->on = d->conf.home && choose(d->settings.state, p->path, sizeof(p->path));
	p->job.path = p->path;
	if (!p->on)
		return;
	setenv("UV_THREADPOOL_SIZE", "1", 0); /* there is never more than one to write */
	p->last = now.t - PERSIST_HEARD;
	bytes = slurp(p->path, &n, &fault);
	if (bytes == NULL && fault == NULL && errno == ENOENT)
		return; /* the first start */
	agent_resumed(d->agent);
	if (bytes != NULL && fault == NULL) {
		f = state_open(&s, bytes, n, &d->conf, &now);
		if (f == STATE_GOOD)
			restore(d, &s);
		else
			fault = state_fault_text(f);
	} else if (fault == NULL) {
		log_warning("state file %s: %s: nodes have to register anew", p->path,
			    strerror(errno));
	}
	if (fault != NULL)
		set_aside(p->path, fault);
	free(bytes);
	p->kept = agent_changes(d->agent);
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
	char folder[PERSIST_PATH];
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
	char new[PERSIST_PATH + 8];
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

/* In another thread: a disk may take its time. */
static void write_beside(uv_work_t *work)
{
	struct persist_job *job = work->data;

	job->n = state_seal(job->bytes, job->n);
	job->err = replace(job->path, job->bytes, job->n);
}

/* For written() to free.  False: there is no memory for it now. */
static bool take_down(struct daemon *d)
{
	struct persist *p = &d->persist;
	struct instant now = instant_now();
	size_t room = state_room(d->agent, &d->conf);

	p->last = now.t;
	p->job.bytes = malloc(room);
	p->job.n = p->job.bytes == NULL
		       ? 0
		       : state_encode(d->agent, &d->conf, &now, p->job.bytes, room);
	p->going = agent_changes(d->agent);
	return p->job.n > 0;
}

/* Said once, when it begins and when it is over. */
static void written(struct persist *p, int err)
{
	if (err == 0)
		p->kept = p->going;
	if (err < 0 && !p->failing)
		log_warning("state file %s: %s: bindings would not outlive a restart", p->path,
			    strerror(-err));
	else if (err == 0 && p->failing)
		log_info("state file %s: written again", p->path);
	p->failing = err < 0;
	free(p->job.bytes);
	p->job.bytes = NULL;
}

static void on_written(uv_work_t *work, int status)
{
	struct daemon *d = work->loop->data;

	d->persist.busy = false;
	written(&d->persist, status < 0 ? status : d->persist.job.err);
	if (!uv_is_closing((uv_handle_t *)&d->timer))
		daemon_settle(d);
}

mtime persist_deadline(const struct daemon *d)
{
	const struct persist *p = &d->persist;
	struct agent_changes is;

	if (!p->on || p->busy)
		return MTIME_NEVER;
	is = agent_changes(d->agent);
	if (is.moved == p->kept.moved && is.heard == p->kept.heard)
		return MTIME_NEVER;
	if (p->failing)
		return p->last + PERSIST_AGAIN;
	return p->last + (is.moved != p->kept.moved ? PERSIST_MOVED : PERSIST_HEARD);
}

void persist_tick(struct daemon *d, mtime now)
{
	struct persist *p = &d->persist;

	if (now < persist_deadline(d))
		return;
	if (!take_down(d)) {
		written(p, -ENOMEM);
		return;
	}
	p->work.data = &p->job;
	if (uv_queue_work(&d->loop, &p->work, write_beside, on_written) < 0)
		written(p, -EAGAIN);
	else
		p->busy = true;
}

void persist_close(struct daemon *d)
{
	if (!d->persist.on || persist_deadline(d) == MTIME_NEVER)
		return;
	if (!take_down(d)) {
		written(&d->persist, -ENOMEM);
		return;
	}
	write_beside(&(uv_work_t){ .data = &d->persist.job });
	written(&d->persist, d->persist.job.err);
}
