/* SPDX-License-Identifier: MIT */
#include "tests/unit/control_fixture.h"

#include <errno.h>
#include <pthread.h>

/* control_call blocks: it runs in a thread, the server here. */
struct call {
	const char *command;
	int argc;
	char **argv;
	unsigned events, stop_after;
	json_t *answer;
	int error;
	bool done;
};

static bool on_event(json_t *event, void *arg)
{
	struct call *call = arg;

	CHECK(json_is_string(json_object_get(event, "event")));
	return ++call->events != call->stop_after;
}

static void *call_thread(void *arg)
{
	struct call *call = arg;

	errno = 0;
	call->answer = control_call(path, call->command, call->argc, call->argv, on_event, call);
	call->error = errno;
	__atomic_store_n(&call->done, true, __ATOMIC_RELEASE);
	return NULL;
}

static void run_call(struct call *call, bool hang_up)
{
	pthread_t thread;

	CHECK_EQ(pthread_create(&thread, NULL, call_thread, call), 0);
	for (int i = 0; i < PUMPS && !__atomic_load_n(&call->done, __ATOMIC_ACQUIRE); i++) {
		pump();
		if (control_has_subscribers(server))
			control_broadcast(server, json_pack("{s:s}", "event", "tick"));
		if (hang_up && calls) {
			stop();
			break;
		}
	}
	pthread_join(thread, NULL);
}

static void test_call(void)
{
	char *words[] = { "a", "b\"c" }, *bad[] = { "\xff" };
	static char big[CONTROL_LINE_MAX * 3];
	char *too_long[] = { big };
	struct call echo = { .command = "echo", .argc = 2, .argv = words };
	struct call lengthy = { .command = "long" },
		    watch = { .command = "watch", .stop_after = 3 };
	struct call refused = { .command = "echo", .argc = 1, .argv = too_long };
	struct call hung_up = { .command = "later" };

	CHECK(control_call(path, "echo", 0, NULL, NULL, NULL) == NULL);
	CHECK_EQ(errno, ENOENT);
	start();
	run_call(&echo, false);
	CHECK_EQ(echo.events, 2);
	CHECK(json_is_true(json_object_get(echo.answer, "ok")));
	CHECK_STR(json_string_value(json_array_get(json_object_get(echo.answer, "args"), 1)),
		  "b\"c");
	json_decref(echo.answer);
	run_call(&lengthy, false);
	CHECK_EQ(json_string_length(json_object_get(lengthy.answer, "text")), 3000000);
	json_decref(lengthy.answer);
	run_call(&watch, false);
	CHECK(watch.answer == NULL);
	CHECK_EQ(watch.error, ECANCELED);
	CHECK_EQ(watch.events, 3);
	memset(big, 'x', sizeof(big) - 1);
	run_call(&refused, false);
	CHECK_EQ(json_integer_value(json_object_get(refused.answer, "exit")), EXIT_USAGE);
	json_decref(refused.answer);
	CHECK(control_call(path, "echo", 1, bad, NULL, NULL) == NULL);
	CHECK_EQ(errno, EILSEQ);
	calls = 0;
	run_call(&hung_up, true);
	CHECK(hung_up.answer == NULL);
	CHECK_EQ(hung_up.error, EPIPE);
}

UNIT_MAIN("control_call", { "a folder", make_folder }, { "control_call", test_call },
	  { "nothing left behind", remove_folder })
