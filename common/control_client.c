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

struct control_call {
	int fd;
	char *buf;
	size_t size, fill;
	size_t taken;	/* bytes of the lines given out already */
	size_t scanned; /* no line end before here */
};

/* The next line, its end replaced by a zero; NULL with errno. */
static char *next_line(struct control_call *in, size_t *len, int flags)
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
		n = recv(in->fd, in->buf + in->fill, in->size - in->fill, flags);
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

struct control_call *control_begin(const char *path, const char *command, int argc,
				   char *const argv[])
{
	int fd = connect_to(path), error;
	struct control_call *c;

	if (fd < 0)
		return NULL;
	c = calloc(1, sizeof(*c));
	if (!c || !(c->buf = malloc(CONTROL_LINE_MAX)))
		fatal("control: no memory");
	c->fd = fd;
	c->size = CONTROL_LINE_MAX;
	if (send_request(fd, command, argc, argv))
		return c;
	error = errno;
	control_end(c);
	errno = error;
	return NULL;
}

int control_fd(const struct control_call *c)
{
	return c->fd;
}

json_t *control_next(struct control_call *c, bool wait)
{
	size_t len;
	char *line = next_line(c, &len, wait ? 0 : MSG_DONTWAIT);
	json_t *obj;

	if (!line)
		return NULL;
	obj = json_loadb(line, len, 0, NULL);
	if (json_is_object(obj))
		return obj;
	json_decref(obj);
	errno = EPROTO;
	return NULL;
}

void control_end(struct control_call *c)
{
	if (!c)
		return;
	close(c->fd);
	free(c->buf);
	free(c);
}

static json_t *read_answer(struct control_call *c, bool (*on_event)(json_t *event, void *arg),
			   void *arg)
{
	json_t *obj;

	while ((obj = control_next(c, true))) {
		bool more = true;

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
	struct control_call *c = control_begin(path, command, argc, argv);
	json_t *answer;
	int error;

	if (!c)
		return NULL;
	answer = read_answer(c, on_event, arg);
	error = errno;
	control_end(c);
	errno = error;
	return answer;
}
