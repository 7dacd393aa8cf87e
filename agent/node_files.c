/* SPDX-License-Identifier: MIT */
#include "agent/node_files.h"

#include "common/cli.h"
#include "common/conf.h"
#include "common/privilege.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME_BYTES (NODE_NAME_MAX + 16) /* with a dot before it and its ending */

/* 700: keys lie in it.  What root makes is the daemon's, who reads it as the user that it is. */
static int make_folder(const char *path)
{
	uid_t uid;
	gid_t gid;

	if (mkdir(path, 0700) < 0)
		return errno == EEXIST ? 0 : -1;
	return geteuid() == 0 && privilege_owner(&uid, &gid) ? chown(path, uid, gid) : 0;
}

/* That of the folder, whoever it was given to. */
static int give_owner(const struct node_folder *f, int fd)
{
	struct stat st;

	if (geteuid() != 0)
		return 0;
	return fstat(f->fd, &st) < 0 ? -1 : fchown(fd, st.st_uid, st.st_gid);
}

int node_folder_open(struct node_folder *f, const char *configuration, bool make)
{
	f->fd = -1;
	if (!conf_folder(configuration, f->path)) {
		cli_error("%s: %s", configuration, strerror(errno));
		return -1;
	}
	if (make && make_folder(f->path) < 0) {
		cli_error("%s: cannot be made: %s", f->path, strerror(errno));
		return -1;
	}
	f->fd = open(f->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (f->fd < 0 && errno == ENOENT) {
		cli_error("%s: is not there: mipagent node add makes it", f->path);
		return -1;
	}
	if (f->fd < 0 || flock(f->fd, LOCK_EX) < 0) {
		cli_error("%s: cannot be opened: %s", f->path, strerror(errno));
		node_folder_close(f);
		return -1;
	}
	return 0;
}

void node_folder_close(struct node_folder *f)
{
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
}

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

bool node_name_good(const char *name)
{
	size_t n = strlen(name);

	return n > 0 && n <= NODE_NAME_MAX && strspn(name, LETTERS) > 0 &&
	       strspn(name, LETTERS "-_.") == n;
}

static void file_name(char out[NAME_BYTES], const char *before, const char *name,
		      const char *ending)
{
	snprintf(out, NAME_BYTES, "%s%s.%s", before, name, ending);
}

bool node_file_there(const struct node_folder *f, const char *name, const char *ending)
{
	char file[NAME_BYTES];
	struct stat st;

	file_name(file, "", name, ending);
	return fstatat(f->fd, file, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

static int write_all(int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t done = write(fd, p, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return -1;
		p += done;
		n -= (size_t)done;
	}
	return fsync(fd);
}

/* One that a power failure left is no reason to fail: we alone write here. */
static int write_new(const struct node_folder *f, const char *file, const char *text, size_t n)
{
	int fd, rc;

	unlinkat(f->fd, file, 0);
	fd = openat(f->fd, file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -1;
	rc = give_owner(f, fd) < 0 ? -1 : write_all(fd, text, n);
	if (close(fd) < 0)
		rc = -1;
	return rc;
}

int node_file_write(const struct node_folder *f, const char *name, const char *ending,
		    const char *text, size_t n)
{
	char file[NAME_BYTES], new[NAME_BYTES];

	file_name(file, "", name, ending);
	file_name(new, ".", name, ending);
	if (write_new(f, new, text, n) == 0 && renameat(f->fd, new, f->fd, file) == 0 &&
	    fsync(f->fd) == 0)
		return 0;
	cli_error("%s/%s: cannot be written: %s", f->path, file, strerror(errno));
	unlinkat(f->fd, new, 0);
	return -1;
}

int node_file_remove(const struct node_folder *f, const char *name, const char *ending)
{
	char file[NAME_BYTES];

	file_name(file, "", name, ending);
	if (unlinkat(f->fd, file, 0) == 0 || errno == ENOENT)
		return fsync(f->fd);
	cli_error("%s/%s: cannot be removed: %s", f->path, file, strerror(errno));
	return -1;
}
