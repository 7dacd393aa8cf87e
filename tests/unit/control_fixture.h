/* SPDX-License-Identifier: MIT */
#ifndef MIP_CONTROL_FIXTURE_H
#define MIP_CONTROL_FIXTURE_H

#include "common/control.h"

#include "tests/unit/unit.h"

#include <unistd.h>

/* A server on a socket in a folder of its own; each command is a behaviour. */
#define PUMPS 2000 /* rounds of at most 1 ms before a test gives up */

static char folder[64], path[128];
static uv_loop_t loop;
static struct control *server;
static uint64_t later;
static unsigned calls;

static inline void do_echo(struct control_client *c, json_t *args, void *arg)
{
	CHECK(arg == &calls);
	calls++;
	control_send(c, json_pack("{s:s}", "event", "one"));
	control_send(c, json_pack("{s:s}", "event", "two"));
	control_finish(c, json_pack("{s:b, s:O}", "ok", 1, "args", args));
}

static inline void do_watch(struct control_client *c, json_t *args, void *arg)
{
	(void)args;
	(void)arg;
	calls++;
	control_subscribe(c);
}

static inline void do_later(struct control_client *c, json_t *args, void *arg)
{
	(void)args;
	(void)arg;
	calls++;
	later = control_ref(c);
}

static inline void do_long(struct control_client *c, json_t *args, void *arg)
{
	char *text = malloc(3000001);

	(void)args;
	(void)arg;
	calls++;
	memset(text, 'x', 3000000);
	text[3000000] = '\0';
	control_finish(c, json_pack("{s:b, s:s}", "ok", 1, "text", text));
	free(text);
}

static const struct control_command commands[] = {
	{ "echo", CONTROL_MAY_ACT, do_echo },
	{ "watch", CONTROL_MAY_LOOK, do_watch },
	{ "later", CONTROL_MAY_LOOK, do_later },
	{ "long", CONTROL_MAY_LOOK, do_long },
};
static const char *not_now; /* why */

static inline const char *ready(void *arg)
{
	(void)arg;
	return not_now;
}

static const struct control_service service = { commands, 4, ready };
static struct control_groups groups;

static inline void start(void)
{
	CHECK_EQ(uv_loop_init(&loop), 0);
	CHECK_EQ(control_open(&server, &loop, path, &service, &groups, &calls), 0);
	calls = 0;
	later = 0;
}

static inline void stop(void)
{
	control_close(server);
	CHECK_EQ(uv_run(&loop, UV_RUN_DEFAULT), 0);
	CHECK_EQ(uv_loop_close(&loop), 0);
	CHECK_EQ(access(path, F_OK), -1);
}

static inline void pump(void)
{
	uv_run(&loop, UV_RUN_NOWAIT);
	usleep(1000);
}

static inline void make_folder(void)
{
	strcpy(folder, "/tmp/mip-test-control.XXXXXX");
	if (!mkdtemp(folder))
		abort();
	snprintf(path, sizeof(path), "%s/control.sock", folder);
	CHECK(control_groups("", "", &groups));
}

static inline void remove_folder(void)
{
	CHECK_EQ(rmdir(folder), 0);
}

#endif
