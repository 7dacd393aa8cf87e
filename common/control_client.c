/* SPDX-License-Identifier: MIT */
#include "common/control.h"

#include "common/log.h"

#include <errno.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* Far above any report; a broken daemon must not eat the machine. */
#define ANSWER_MAX ((size_t)64 * 1024 * 1024)

struct input {
	int fd;
	char *buf;
	size_t size, fill;
	size_t taken;	/* bytes of the lines given out already */
	size_t scanned; /* no line end before here */
};

/* The next line, its end replaced by a zero; NULL with errno. */
static char *next_line(struct input *in, size_t *len)
{
	for (;;) {
		char *end = memchr(in->buf + in->scanned, '\n', in->fill - in->scanned);
		char *line = in->buf + in->taken;
		ssize_t n;

		if (end) {
			*end = '\0';
			*len = (size_t)(end - line);
			in->taken = in->scanned = (size_t)(end + 1 - in->buf);
			return line;
		}
		in->fill -= in->taken;
		memmove(in->buf, line, in->fill);
		in->taken = 0;
		in->scanned = in->fill;
		if (in->fill == in->size) {
			char *bigger =
			    in->size < ANSWER_MAX ? realloc(in->buf, in->size * 2) : NULL;

			if (!bigger) {
				errno = EMSGSIZE;
				return NULL;
			}
			in->buf = bigger;
			in->size *= 2;
		}
		n = recv(in->fd, in->buf + in->fill, in->size - in->fill, 0);
		if (n <= 0) {
			if (!n || errno == ECONNRESET)
				errno = EPIPE;
			return NULL;
		}
		in->fill += (size_t)n;
	}
}

static int connect_to(const char *path)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd, error;

	if (strlen(path) >= sizeof(sa.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	snprintf(sa.sun_path, sizeof(sa.sun_path), "%s", path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	if (!connect(fd, (struct sockaddr *)&sa, sizeof(sa)))
		return fd;
	error = errno;
	close(fd);
	errno = error;
	return -1;
}

/* False with errno.  A daemon that refused us and hung up has left its reason to be read: no error.
 */
static bool send_request(int fd, const char *command, int argc, char *const argv[])
{
	json_t *args = json_array(), *root;
	size_t len, done = 0;
	char *text;

	for (int i = 0; i < argc; i++) {
		if (json_array_append_new(args, json_string(argv[i]))) {
			json_decref(args);
			errno = EILSEQ; /* not UTF-8 */
			return false;
		}
	}
	root = json_pack("{s:s, s:o}", "command", command, "args", args);
	text = root ? json_dumps(root, JSON_COMPACT) : NULL;
	json_decref(root);
	if (!text)
		fatal("control: no memory");
	len = strlen(text) + 1;
	text[len - 1] = '\n'; /* where the zero was */
	while (done < len) {
		ssize_t n = send(fd, text + done, len - done, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			break;
		done += (size_t)n;
	}
	free(text);
	return done == len || errno == EPIPE || errno == ECONNRESET;
}

static json_t *read_answer(struct input *in, bool (*on_event)(json_t *event, void *arg), void *arg)
{
	char *line;
	size_t len;

	while ((line = next_line(in, &len))) {
		json_t *obj = json_loadb(line, len, 0, NULL);
		bool more = true;

		if (!json_is_object(obj)) {
			json_decref(obj);
			errno = EPROTO;
			return NULL;
		}
		if (json_object_get(obj, "ok"))
			return obj;
		if (on_event)
			more = on_event(obj, arg);
		json_decref(obj);
		if (!more) {
			errno = ECANCELED;
			return NULL;
		}
	}
	return NULL;
}

json_t *control_call(const char *path, const char *command, int argc, char *const argv[],
		     bool (*on_event)(json_t *event, void *arg), void *arg)
{
	struct input in = { .size = CONTROL_LINE_MAX };
	json_t *answer = NULL;
	int error;

	in.fd = connect_to(path);
	if (in.fd < 0)
		return NULL;
	in.buf = malloc(in.size);
	if (!in.buf)
		fatal("control: no memory");
	if (send_request(in.fd, command, argc, argv))
		answer = read_answer(&in, on_event, arg);
	error = errno;
	free(in.buf);
	close(in.fd);
	errno = error;
	return answer;
}
