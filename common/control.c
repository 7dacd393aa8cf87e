/* SPDX-License-Identifier: MIT */
#include "common/control_server.h"

#include "common/log.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static bool words_only(const json_t *args)
{
	size_t i;
	json_t *word;

	if (!json_is_array(args))
		return false;
	json_array_foreach(args, i, word)
	{
		if (!json_is_string(word))
			return false;
	}
	return true;
}

static const struct control_command *find(const struct control *ctl, const char *name)
{
	for (size_t i = 0; i < ctl->service->n_commands; i++)
		if (strcmp(ctl->service->commands[i].name, name) == 0)
			return &ctl->service->commands[i];
	return NULL;
}

static void carry_out(struct control_client *c, const char *name, json_t *args)
{
	const struct control *ctl = c->ctl;
	const struct control_command *command = find(ctl, name);
	const char *why;

	if (!command) {
		control_fail(c, EXIT_USAGE, "\"%s\" is not known here", name);
		return;
	}
	if (c->may < command->needs) {
		control_fail(c, EXIT_PERMISSION,
			     "%s: not allowed, you may only look: run as root, or join group %s",
			     name, ctl->groups.act.name);
		return;
	}
	why = ctl->service->ready ? ctl->service->ready(ctl->arg) : NULL;
	if (why)
		control_fail(c, EXIT_REFUSED, "%s", why);
	else
		command->fn(c, args, ctl->arg);
}

static void request(struct control_client *c, const char *line, size_t len)
{
	json_t *root, *args, *none = NULL;
	const char *command;
	json_error_t error;

	c->busy = true;
	root = json_loadb(line, len, JSON_REJECT_DUPLICATES, &error);
	command = json_string_value(json_object_get(root, "command"));
	args = json_object_get(root, "args");
	if (!args)
		args = none = json_array();
	if (!root)
		control_fail(c, EXIT_USAGE, "the request is not JSON: %s", error.text);
	else if (!command)
		control_fail(c, EXIT_USAGE,
			     "the request has no command (expected {\"command\": \"status\"})");
	else if (!words_only(args))
		control_fail(c, EXIT_USAGE, "the request's args are not a list of strings");
	else
		carry_out(c, command, args);
	json_decref(none);
	json_decref(root);
}

static void take_requests(struct control_client *c)
{
	char line[CONTROL_LINE_MAX + 1], *end;

	while (!c->busy && !c->leaving && !c->closing && (end = memchr(c->line, '\n', c->fill))) {
		size_t len = (size_t)(end - c->line);

		memcpy(line, c->line, len);
		c->fill -= len + 1;
		memmove(c->line, end + 1, c->fill);
		if (!len)
			continue;
		c->dispatching = true;
		request(c, line, len);
		c->dispatching = false;
	}
	if (c->closing || c->leaving)
		return;
	if (c->fill == sizeof(c->line)) {
		/* Full without a line end, or it asks on and on without waiting for the answer. */
		if (!c->busy) {
			c->busy = true;
			control_fail(c, EXIT_USAGE, "the request is longer than %d bytes",
				     CONTROL_LINE_MAX);
		}
		control_client_leave(c);
	} else if (c->eof && (!c->busy || c->subscribed)) {
		control_client_leave(c);
	}
}

static void on_resume(uv_async_t *h)
{
	struct control *ctl = h->data;

	for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++) {
		if (ctl->clients[i])
			take_requests(ctl->clients[i]);
	}
}

static void on_room(uv_handle_t *h, size_t suggested, uv_buf_t *buf)
{
	struct control_client *c = h->data;

	(void)suggested;
	*buf = uv_buf_init(c->line + c->fill, (unsigned)(sizeof(c->line) - c->fill));
}

static void on_read(uv_stream_t *s, ssize_t n, const uv_buf_t *buf)
{
	struct control_client *c = s->data;

	(void)buf;
	if (n > 0) {
		c->fill += (size_t)n;
		take_requests(c);
	} else if (n == UV_EOF) {
		/* It may have closed its sending side alone (socat): who waits for an answer still
		 * gets it. */
		c->eof = true;
		take_requests(c);
	} else if (n < 0) {
		control_client_close(c);
	}
}

/* One line, and good-bye. */
static void send_away(struct control_client *c, int exit_code, const char *why)
{
	c->busy = true;
	control_fail(c, exit_code, "%s", why);
	control_client_leave(c);
}

static void not_allowed(struct control_client *c)
{
	const struct control_groups *g = &c->ctl->groups;
	bool look = g->look.gid != CONTROL_NO_GROUP;
	char why[160];

	snprintf(why, sizeof(why), "not allowed: run as root, or join group %s%s%s%s", g->act.name,
		 look ? " (to act) or " : "", g->look.name, look ? " (to look)" : "");
	send_away(c, EXIT_PERMISSION, why);
}

/* False: there is no room. */
static bool take_slot(struct control_client *c)
{
	struct control *ctl = c->ctl;
	size_t free_slot = CONTROL_CLIENTS_MAX, lookers = 0;

	for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++) {
		if (!ctl->clients[i])
			free_slot = i;
		else if (ctl->clients[i]->may == CONTROL_MAY_LOOK)
			lookers++;
	}
	if (free_slot == CONTROL_CLIENTS_MAX ||
	    (c->may == CONTROL_MAY_LOOK && lookers == CONTROL_LOOKERS_MAX))
		return false;
	ctl->clients[free_slot] = c;
	return true;
}

static void on_connection(uv_stream_t *listener, int status)
{
	struct control *ctl = listener->data;
	struct control_client *c;
	uv_os_fd_t fd;

	if (status < 0) {
		log_warning("control: cannot accept a client: %s", uv_strerror(status));
		return;
	}
	c = calloc(1, sizeof(*c));
	if (!c)
		fatal("control: no memory");
	c->ctl = ctl;
	c->ref = ++ctl->last_ref;
	c->pipe.data = c;
	if (uv_pipe_init(listener->loop, &c->pipe, 0))
		fatal("control: cannot set up a client");
	ctl->handles++;
	if (uv_accept(listener, (uv_stream_t *)&c->pipe) ||
	    uv_fileno((uv_handle_t *)&c->pipe, &fd)) {
		control_client_close(c);
		return;
	}
	c->may = control_who(fd, &ctl->groups);
	if (c->may == CONTROL_MAY_NOTHING)
		not_allowed(c);
	else if (!take_slot(c))
		send_away(
		    c, EXIT_REFUSED,
		    "the daemon serves as many clients as it can: try again when one has gone");
	else
		uv_read_start((uv_stream_t *)&c->pipe, on_room, on_read);
}

/* 0: nobody has the path (any more). */
static int claim(const char *path)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	struct stat st;
	int fd, error;

	if (lstat(path, &st))
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(st.st_mode))
		return -EEXIST; /* somebody's file: not ours to remove */
	snprintf(sa.sun_path, sizeof(sa.sun_path), "%s", path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	error = connect(fd, (struct sockaddr *)&sa, sizeof(sa)) ? errno : 0;
	close(fd);
	if (!error || error == EAGAIN) /* EAGAIN: alive, its queue is full */
		return -EADDRINUSE;
	if (error != ECONNREFUSED)
		return error == ENOENT ? 0 : -error;
	return unlink(path) && errno != ENOENT ? -errno : 0;
}

static int make_parent(const char *path)
{
	char dir[sizeof(((struct sockaddr_un *)0)->sun_path)];
	char *slash;

	snprintf(dir, sizeof(dir), "%s", path);
	slash = strrchr(dir, '/');
	if (!slash || slash == dir)
		return 0;
	*slash = '\0';
	if (mkdir(dir, 0755))
		return errno == EEXIST ? 0 : -errno;
	return chmod(dir, 0755) ? -errno : 0; /* whatever the umask says */
}

static void on_handle_closed(uv_handle_t *h)
{
	control_release(h->data);
}

void control_close(struct control *ctl)
{
	for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++) {
		if (ctl->clients[i])
			control_client_close(ctl->clients[i]);
	}
	uv_close((uv_handle_t *)&ctl->resume, on_handle_closed);
	uv_close((uv_handle_t *)&ctl->listener, on_handle_closed); /* libuv unlinks the path */
}

/* Where no group is named the kernel refuses whom we would. */
static int listen_on(struct control *ctl, const char *path)
{
	mode_t saved = umask(control_own_group(&ctl->groups) ? 0117 : 0111);
	int ret = uv_pipe_bind(&ctl->listener, path);

	umask(saved);
	return ret ? ret : uv_listen((uv_stream_t *)&ctl->listener, 8, on_connection);
}

int control_open(struct control **out, uv_loop_t *loop, const char *path,
		 const struct control_service *service, const struct control_groups *groups,
		 void *arg)
{
	struct control *ctl;
	int ret;

	*out = NULL;
	if (strlen(path) >= sizeof(((struct sockaddr_un *)0)->sun_path))
		return -ENAMETOOLONG;
	ret = make_parent(path);
	if (!ret)
		ret = claim(path);
	if (ret)
		return ret;
	ctl = calloc(1, sizeof(*ctl));
	if (!ctl)
		fatal("control: no memory");
	ctl->service = service;
	ctl->groups = *groups;
	ctl->arg = arg;
	ctl->handles = 2;
	ctl->listener.data = ctl;
	ctl->resume.data = ctl;
	if (uv_pipe_init(loop, &ctl->listener, 0) || uv_async_init(loop, &ctl->resume, on_resume))
		fatal("control: cannot set up the socket");
	uv_unref((uv_handle_t *)&ctl->resume);
	signal(SIGPIPE, SIG_IGN); /* libuv writes with write(2) */
	ret = listen_on(ctl, path);
	if (ret) {
		control_close(ctl);
		return ret;
	}
	*out = ctl;
	return 0;
}
