/* SPDX-License-Identifier: MIT */
#include "common/conf_value.h"

#include "common/addr.h"
#include "common/privilege.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY_MIN 16
#define CONTENT_MAX (2 * AUTH_KEY_MAX + 2) /* digits, line end */

static int open_refusal(const char *path, int error, char why[CONF_WHY_MAX])
{
	if (error == ENOENT)
		return conf_refuse(why,
				   "does not exist (make one: umask 077; openssl rand -hex 32 > "
				   "%.250s)",
				   path);
	if (error == ELOOP)
		return conf_refuse(why, "is a symbolic link (name the file that it points to)");
	if (error == EACCES && privilege_name() != NULL)
		return conf_refuse(why, "may not be read by user %s (do: chown %s %.250s)",
				   privilege_name(), privilege_name(), path);
	return conf_refuse(why, "cannot be opened: %s", strerror(error));
}

/* A key that others could read or replace is no secret: refused before a byte of it is read. */
int conf_check_private(int fd, const char *path, char why[CONF_WHY_MAX])
{
	struct stat st;

	if (fstat(fd, &st))
		return conf_refuse(why, "cannot be examined: %s", strerror(errno));
	if (!privilege_trusts(st.st_uid))
		return conf_refuse(why, "belongs to somebody else (do: chown root %.250s)", path);
	if (st.st_mode & 077)
		return conf_refuse(why,
				   "has mode %04o, others than its owner may use it (do: chmod 600 "
				   "%.250s)",
				   (unsigned)(st.st_mode & 07777), path);
	return 0;
}

/* Root's own group is as root.  In a folder as /tmp only its owner may take a file's place. */
int conf_check_folder(int fd, const char *path, char why[CONF_WHY_MAX])
{
	struct stat st;

	if (fstat(fd, &st))
		return conf_refuse(why, "stands in a folder that cannot be examined: %s",
				   strerror(errno));
	if (!privilege_trusts(st.st_uid))
		return conf_refuse(why,
				   "stands in a folder that belongs to somebody else (do: chown "
				   "root %.250s)",
				   path);
	if (!(st.st_mode & S_ISVTX) &&
	    (st.st_mode & (st.st_gid != 0 ? S_IWGRP | S_IWOTH : S_IWOTH)))
		return conf_refuse(why,
				   "stands in a folder of mode %04o, where others may put another "
				   "one in its place (do: chmod go-w %.250s)",
				   (unsigned)(st.st_mode & 07777), path);
	return 0;
}

static int check_regular(int fd, char why[CONF_WHY_MAX])
{
	struct stat st;

	if (fstat(fd, &st) || S_ISREG(st.st_mode))
		return 0;
	return conf_refuse(why, "is not a regular file (expected a file with one line of hex "
				"digits)");
}

bool conf_like_key(const char *text)
{
	size_t n = strspn(text, "0123456789abcdefABCDEF");

	return n / 2 >= KEY_MIN && !text[n];
}

static bool hex_decode(const char *s, size_t len, struct secret *out)
{
	while (len && (s[len - 1] == '\n' || s[len - 1] == '\r' || s[len - 1] == ' ' ||
		       s[len - 1] == '\t'))
		len--;
	if (len % 2 || len / 2 < KEY_MIN || len / 2 > AUTH_KEY_MAX)
		return false;
	for (size_t i = 0; i < len; i += 2) {
		int high = hex_digit(s[i]), low = hex_digit(s[i + 1]);

		if (high < 0 || low < 0)
			return false;
		out->b[i / 2] = (uint8_t)(high << 4 | low);
	}
	out->len = (uint8_t)(len / 2);
	return true;
}

int conf_key_parse(const char *text, struct secret *out, char why[CONF_WHY_MAX])
{
	struct secret key = { .len = 0 };
	bool ok = hex_decode(text, strlen(text), &key);

	if (ok)
		*out = key;
	secret_wipe(&key);
	return ok ? 0
		  : conf_refuse(why, "is no key (expected %d to %d hex digits, an even number)",
				2 * KEY_MIN, 2 * AUTH_KEY_MAX);
}

static int read_key(int fd, struct secret *out, char why[CONF_WHY_MAX])
{
	char content[CONTENT_MAX + 1]; /* one more: longer files are told from full ones */
	struct secret key = { .len = 0 };
	size_t len = 0;
	int ret = -1;
	ssize_t n;

	while ((n = read(fd, content + len, sizeof(content) - len)) > 0)
		len += (size_t)n;
	if (n < 0) {
		conf_refuse(why, "cannot be read: %s", strerror(errno));
	} else if (len > CONTENT_MAX || !hex_decode(content, len, &key)) {
		conf_refuse(why,
			    "holds no key (expected one line of %d to %d hex digits, an even "
			    "number)",
			    2 * KEY_MIN, 2 * AUTH_KEY_MAX);
	} else {
		*out = key;
		ret = 0;
	}
	explicit_bzero(content, sizeof(content));
	secret_wipe(&key);
	return ret;
}

/* The file, open for reading, if it is as it should be; -1: why not.  O_NONBLOCK: a FIFO in its
 * place must not hang us. */
static int open_key(const char *path, char why[CONF_WHY_MAX])
{
	char folder[CONF_STRING_MAX];
	const char *name = strrchr(path, '/') + 1;
	int in, fd;

	snprintf(folder, sizeof(folder), "%.*s", name - path > 1 ? (int)(name - path) - 1 : 1,
		 path);
	in = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (in < 0)
		return open_refusal(path, errno, why);
	fd = openat(in, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0) {
		open_refusal(path, errno, why);
	} else if (check_regular(fd, why) || conf_check_private(fd, path, why) ||
		   conf_check_folder(in, folder, why)) {
		close(fd);
		fd = -1;
	}
	close(in);
	return fd;
}

int conf_keyfile_read(const char *text, const char *dir, struct conf_keyfile *out,
		      char why[CONF_WHY_MAX])
{
	char path[CONF_STRING_MAX];
	struct secret key;
	int n, fd, ret;

	if (!*text)
		return conf_refuse(why, "is empty (expected the path of a file with one line of "
					"hex digits)");
	if (conf_like_key(text))
		return conf_refuse(why, "is a key (expected the path of a file with it)");
	n = snprintf(path, sizeof(path), "%s%s%s", *text == '/' ? "" : dir, *text == '/' ? "" : "/",
		     text);
	if (n < 0 || (size_t)n >= sizeof(path))
		return conf_refuse(why, "is too long a path (expected at most %zu characters)",
				   sizeof(path) - 1);
	fd = open_key(path, why);
	if (fd < 0)
		return -1;
	ret = read_key(fd, &key, why);
	close(fd);
	if (ret)
		return -1;
	memset(out, 0, sizeof(*out));
	memcpy(out->path, path, (size_t)n);
	out->key = key;
	secret_wipe(&key);
	return 0;
}
