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

/* The handler: one word a behaviour. */
static inline void serve(struct control_client *c, const char *command, json_t *args, void *arg)
{
	char *long_text;

	CHECK(arg == &calls);
	calls++;
	if (!strcmp(command, "echo")) {
		control_send(c, json_pack("{s:s}", "event", "one"));
		control_send(c, json_pack("{s:s}", "event", "two"));
		control_finish(c, json_pack("{s:b, s:O}", "ok", 1, "args", args));
	} else if (!strcmp(command, "watch")) {
		control_subscribe(c);
	} else if (!strcmp(command, "later")) {
		later = control_ref(c);
	} else if (!strcmp(command, "long")) {
		long_text = malloc(3000001);
		memset(long_text, 'x', 3000000);
		long_text[3000000] = '\0';
		control_finish(c, json_pack("{s:b, s:s}", "ok", 1, "text", long_text));
		free(long_text);
	} else {
		control_fail(c, EXIT_USAGE, "no command \"%s\"", command);
	}
}

static inline void start(void)
{
	CHECK_EQ(uv_loop_init(&loop), 0);
	CHECK_EQ(control_open(&server, &loop, path, serve, &calls), 0);
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
}

static inline void remove_folder(void)
{
	CHECK_EQ(rmdir(folder), 0);
}

#endif
