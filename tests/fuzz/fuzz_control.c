/* SPDX-License-Identifier: MIT */
/* The control socket: what a daemon is asked, and what a command is answered. */
#include "common/control.h"
#include "tests/fuzz/quiet.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>

static uv_loop_t loop;
static struct control *server;

static void strings(const json_t *args)
{
	for (size_t i = 0; i < json_array_size(args); i++)
		assert(json_is_string(json_array_get(args, i)));
	control_broadcast(server, json_pack("{s:s}", "event", "status"));
}

static void echo(struct control_client *c, json_t *args, void *arg)
{
	(void)arg;
	strings(args);
	control_finish(c, json_pack("{s:b, s:O}", "ok", 1, "args", args));
}

static void watch(struct control_client *c, json_t *args, void *arg)
{
	(void)arg;
	strings(args);
	control_subscribe(c);
}

static void fail(struct control_client *c, json_t *args, void *arg)
{
	(void)arg;
	strings(args);
	control_fail(c, EXIT_USAGE, "it fails");
}

static const char *ready(void *arg)
{
	(void)arg;
	return NULL;
}

static const struct control_command commands[] = {
    {"status", CONTROL_MAY_LOOK, echo},
    {"handoff", CONTROL_MAY_ACT, echo},
    {"watch", CONTROL_MAY_LOOK, watch},
    {"fail", CONTROL_MAY_LOOK, fail},
};
static const struct control_service service = {commands, sizeof(commands) / sizeof(commands[0]),
					       ready};
static const struct control_groups groups = {.act.gid = CONTROL_NO_GROUP,
					     .look.gid = CONTROL_NO_GROUP};

static int peer(const char *name, bool listens)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), rc;

	snprintf(sa.sun_path, sizeof(sa.sun_path), "%s/%s", fuzz_folder, name);
	rc = listens ? bind(fd, (struct sockaddr *)&sa, sizeof(sa)) || listen(fd, 8)
		     : connect(fd, (struct sockaddr *)&sa, sizeof(sa));
	assert(fd >= 0 && rc == 0);
	return fd;
}

/* Each line that comes back is an object. */
static void answers(int fd)
{
	static char buf[1 << 20];
	size_t fill = 0;
	ssize_t n;

	while (fill < sizeof(buf) &&
	       (n = recv(fd, buf + fill, sizeof(buf) - fill, MSG_DONTWAIT)) > 0)
		fill += (size_t)n;
	for (char *at = buf, *end; (end = memchr(at, '\n', fill - (size_t)(at - buf)));
	     at = end + 1) {
		json_t *o = json_loadb(at, (size_t)(end - at), 0, NULL);

		assert(json_is_object(o));
		json_decref(o);
	}
}

static void asked(const uint8_t *data, size_t size, size_t cut)
{
	int fd = peer("server", false);

	if (cut < size) {
		assert(send(fd, data, cut, MSG_NOSIGNAL) == (ssize_t)cut);
		uv_run(&loop, UV_RUN_NOWAIT);
		uv_run(&loop, UV_RUN_NOWAIT);
		data += cut;
		size -= cut;
	}
	/* who asks too much has been told so, and is gone */
	if (send(fd, data, size, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0)
		shutdown(fd, SHUT_WR);
	for (int i = 0; i < 4; i++)
		uv_run(&loop, UV_RUN_NOWAIT);
	answers(fd);
	close(fd);
	for (int i = 0; i < 3; i++)
		uv_run(&loop, UV_RUN_NOWAIT);
}

static void answered(const uint8_t *data, size_t size)
{
	static int door = -1;
	struct control_call *call;
	char path[PATH_MAX];
	json_t *o;
	int fd;

	if (door < 0)
		door = peer("client", true);
	call = control_begin(fuzz_path(path, "client"), "status", 0, NULL);
	fd = accept(door, NULL, NULL);
	assert(call && fd >= 0);
	if (send(fd, data, size, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		assert(errno == EAGAIN);
	shutdown(fd, SHUT_WR);
	while ((o = control_next(call, true)))
		json_decref(o);
	control_end(call);
	close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[PATH_MAX];

	if (fuzz_make_folder()) {
		assert(uv_loop_init(&loop) == 0);
		assert(control_open(&server, &loop, fuzz_path(path, "server"), &service, &groups,
				    NULL) == 0);
	}
	if (size < 2)
		return 0;
	if (data[0] & 1)
		answered(data + 2, size - 2);
	else
		asked(data + 2, size - 2, (size_t)data[1] * 20);
	return 0;
}
