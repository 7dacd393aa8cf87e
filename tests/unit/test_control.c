/* SPDX-License-Identifier: MIT */
#include "tests/unit/control_fixture.h"

#include "common/log.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

static int dial(void)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strcpy(sa.sun_path, path);
	if (fd < 0 || connect(fd, (struct sockaddr *)&sa, sizeof(sa)) ||
	    fcntl(fd, F_SETFL, O_NONBLOCK))
		abort();
	return fd;
}

static void say(int fd, const char *text)
{
	CHECK_EQ(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* Reads until `lines` line ends or the end of the stream; what came is in `got`. */
static char got[8192];
static bool hear(int fd, unsigned lines)
{
	size_t fill = 0;

	got[0] = '\0';
	for (int i = 0; i < PUMPS; i++) {
		ssize_t n = recv(fd, got + fill, sizeof(got) - 1 - fill, 0);
		unsigned seen = 0;

		if (n > 0)
			fill += (size_t)n;
		got[fill] = '\0';
		for (const char *s = got; (s = strchr(s, '\n')); s++)
			seen++;
		if (lines && seen == lines)
			return true;
		if (n == 0)
			return lines == 0;
		pump();
	}
	return false;
}

static void test_requests(void)
{
	struct stat st;
	int fd;

	start();
	CHECK_EQ(stat(path, &st), 0);
	CHECK(S_ISSOCK(st.st_mode));
	CHECK_EQ(st.st_mode & 0777, 0660);
	fd = dial();
	say(fd, "{\"command\": \"echo\", \"args\": [\"a\", \"b\"]}\n");
	CHECK(hear(fd, 3));
	CHECK_STR(got, "{\"event\":\"one\"}\n{\"event\":\"two\"}\n{\"ok\":true,\"args\":[\"a\","
		       "\"b\"]}\n");
	say(fd, "\n{\"command\":");
	pump();
	say(fd, "\"echo\"}\n{\"command\": \"nonsense\"}\n");
	CHECK(hear(fd, 4));
	CHECK_STR(got,
		  "{\"event\":\"one\"}\n{\"event\":\"two\"}\n{\"ok\":true,\"args\":[]}\n"
		  "{\"ok\":false,\"error\":\"\\\"nonsense\\\" is not known here\",\"exit\":2}\n");
	CHECK_EQ(calls, 2);
	close(fd);
	stop();
}

static void test_bad_requests(void)
{
	static const char *const bad[] = {
		"not json\n",
		"{\"command\": \"echo\"\n",
		"[]\n",
		"{}\n",
		"{\"command\": 5}\n",
		"{\"command\": \"echo\", \"command\": \"echo\"}\n",
		"{\"command\": \"echo\", \"args\": \"a\"}\n",
		"{\"command\": \"echo\", \"args\": [1]}\n",
		"{\"command\": \"\xff\"}\n",
	};
	int fd;

	start();
	fd = dial();
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		say(fd, bad[i]);
		CHECK(hear(fd, 1));
		CHECK(!strncmp(got, "{\"ok\":false,\"error\":\"the request", 32));
		CHECK(strstr(got, ",\"exit\":2}\n") != NULL);
	}
	CHECK_EQ(calls, 0);
	close(fd);
	stop();
}

static void test_long_line(void)
{
	char line[CONTROL_LINE_MAX + 2];
	int fd;

	start();
	memset(line, ' ', sizeof(line));
	memcpy(line, "{\"command\": \"echo\"}", 19);
	fd = dial();
	line[CONTROL_LINE_MAX] = '\n';
	line[CONTROL_LINE_MAX + 1] = '\0';
	say(fd, line);
	CHECK(hear(fd, 3));
	CHECK(strstr(got, "\"ok\":true") != NULL);
	line[CONTROL_LINE_MAX] = ' ';
	say(fd, line);
	CHECK(hear(fd, 0));
	CHECK_STR(got, "{\"ok\":false,\"error\":\"the request is longer than 4096 "
		       "bytes\",\"exit\":2}\n");
	CHECK_EQ(calls, 1);
	close(fd);
	stop();
}

static void test_later(void)
{
	struct control_client *c;
	int fd, gone;

	start();
	fd = dial();
	say(fd, "{\"command\": \"later\"}\n{\"command\": \"echo\"}\n");
	for (int i = 0; i < PUMPS && !later; i++)
		pump();
	CHECK_EQ(calls, 1);
	c = control_deref(server, later);
	CU_ASSERT_PTR_NOT_NULL_FATAL(c);
	control_finish(c, json_pack("{s:b}", "ok", 1));
	CHECK_EQ(calls, 1); /* the second request does not run inside the first one's answer */
	CHECK(hear(fd, 4));
	CHECK(!strncmp(got, "{\"ok\":true}\n{\"event\":\"one\"}\n", 28));
	CHECK_EQ(calls, 2);

	/* Who only stops sending still gets the answer; who goes is forgotten. */
	later = 0;
	say(fd, "{\"command\": \"later\"}\n");
	shutdown(fd, SHUT_WR);
	for (int i = 0; i < 20; i++)
		pump();
	c = control_deref(server, later);
	CU_ASSERT_PTR_NOT_NULL_FATAL(c);
	control_fail(c, EXIT_REFUSED, "not now: %s", "\xff");
	CHECK(hear(fd, 0));
	CHECK_STR(got, "{\"ok\":false,\"error\":\"not now: ?\",\"exit\":4}\n");
	CHECK(control_deref(server, later) == NULL);
	close(fd);
	gone = dial();
	later = 0;
	say(gone, "{\"command\": \"watch\"}\n");
	for (int i = 0; i < PUMPS && !control_has_subscribers(server); i++)
		pump();
	close(gone);
	for (int i = 0; i < PUMPS && control_has_subscribers(server); i++)
		pump();
	CHECK(!control_has_subscribers(server));
	stop();
}

static void test_broadcast(void)
{
	int a, b, other;

	start();
	control_broadcast(server, json_pack("{s:s}", "event", "unheard"));
	a = dial();
	b = dial();
	other = dial();
	CHECK(!control_has_subscribers(server));
	say(a, "{\"command\": \"watch\"}\n");
	say(b, "{\"command\": \"watch\"}\n");
	say(other, "{\"command\": \"later\"}\n");
	for (int i = 0; i < PUMPS && (calls < 3); i++)
		pump();
	CHECK(control_has_subscribers(server));
	control_broadcast(server, json_pack("{s:s}", "event", "x"));
	control_broadcast(server, NULL);
	CHECK(hear(a, 1));
	CHECK_STR(got, "{\"event\":\"x\"}\n");
	CHECK(hear(b, 1));
	CHECK_EQ(recv(other, got, sizeof(got), 0), -1);
	close(a);
	close(b);
	close(other);
	stop();
}

static void test_deaf_client(void)
{
	static char text[10000];
	int deaf, good;
	unsigned n;

	start();
	log_set_level(LOG_LEVEL_ERROR);
	memset(text, 'x', sizeof(text) - 1);
	deaf = dial();
	say(deaf, "{\"command\": \"watch\"}\n");
	for (int i = 0; i < PUMPS && !control_has_subscribers(server); i++)
		pump();
	for (n = 0; n < 1000 && control_has_subscribers(server); n++) {
		control_broadcast(server, json_pack("{s:s}", "event", text));
		uv_run(&loop, UV_RUN_NOWAIT);
	}
	CHECK(n > CONTROL_BACKLOG_MAX / sizeof(text));
	CHECK(n < 200);
	good = dial();
	say(good, "{\"command\": \"echo\"}\n");
	CHECK(hear(good, 3));
	close(deaf);
	close(good);
	stop();
}

static void test_too_many(void)
{
	int fd[CONTROL_CLIENTS_MAX], extra;

	start();
	for (int i = 0; i < CONTROL_CLIENTS_MAX; i++) {
		fd[i] = dial();
		pump();
	}
	extra = dial();
	CHECK(hear(extra, 0));
	CHECK(strstr(got, "\"ok\":false") && strstr(got, "as many clients as it can") &&
	      strstr(got, "\"exit\":4"));
	close(extra);
	close(fd[7]);
	for (int i = 0; i < 5; i++)
		pump();
	fd[7] = dial();
	say(fd[7], "{\"command\": \"echo\"}\n");
	CHECK(hear(fd[7], 3));
	stop(); /* with all of them connected */
	for (int i = 0; i < CONTROL_CLIENTS_MAX; i++)
		close(fd[i]);
}

static void test_path(void)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	struct control *second;
	char long_path[200], deep[160];
	struct stat st;
	mode_t mask;
	int fd;

	start();
	CHECK_EQ(control_open(&second, &loop, path, &service, &groups, NULL), -EADDRINUSE);
	CHECK(second == NULL);
	CHECK_EQ(access(path, F_OK), 0);
	stop();

	strcpy(sa.sun_path, path); /* a dead daemon's */
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	CHECK_EQ(bind(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	close(fd);
	start();
	fd = dial();
	say(fd, "{\"command\": \"echo\"}\n");
	CHECK(hear(fd, 3));
	close(fd);
	stop();

	CHECK_EQ(uv_loop_init(&loop), 0);
	fd = open(path, O_CREAT | O_WRONLY, 0600); /* somebody's file */
	close(fd);
	CHECK_EQ(control_open(&second, &loop, path, &service, &groups, NULL), -EEXIST);
	CHECK_EQ(unlink(path), 0);
	memset(long_path, 'x', sizeof(long_path) - 1);
	long_path[0] = '/';
	long_path[sizeof(long_path) - 1] = '\0';
	CHECK_EQ(control_open(&second, &loop, long_path, &service, &groups, NULL), -ENAMETOOLONG);
	CHECK_EQ(control_open(&second, &loop, "/nonexistent/x/y", &service, &groups,
			      NULL), -ENOENT);

	snprintf(deep, sizeof(deep), "%s/new/s", folder);
	mask = umask(077);
	CHECK_EQ(control_open(&second, &loop, deep, &service, &groups, NULL), 0);
	umask(mask);
	snprintf(deep, sizeof(deep), "%s/new", folder);
	CHECK_EQ(stat(deep, &st), 0);
	CHECK_EQ(st.st_mode & 0777, 0755);
	control_close(second);
	CHECK_EQ(uv_run(&loop, UV_RUN_DEFAULT), 0);
	CHECK_EQ(uv_loop_close(&loop), 0);
	CHECK_EQ(rmdir(deep), 0);
}

/* ---- who may ---- */

#define ACT 70001
#define LOOK 70002
#define NOBODY 70003

/* A connection is whose it was when it was made; -1: refused. */
static int dial_as(gid_t gid, const gid_t *more, size_t n)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), rc;

	strcpy(sa.sun_path, path);
	if (setgroups(n, more) || setegid(gid) || seteuid(NOBODY))
		abort();
	rc = connect(fd, (struct sockaddr *)&sa, sizeof(sa));
	if (seteuid(0) || setegid(0) || setgroups(0, NULL))
		abort();
	if (rc == 0)
		return fd;
	close(fd);
	return -1;
}

static bool is_told(int fd, const char *request, unsigned lines, const char *answer)
{
	bool told;

	if (request)
		say(fd, request);
	told = hear(fd, lines) && strstr(got, answer);
	if (!told)
		printf("\n    %s", got);
	return told;
}

static void test_who(void)
{
	static const char echo[] = "{\"command\": \"echo\"}\n",
			  look[] = "{\"command\": \"long\"}\n";
	static gid_t many[200];
	struct control_groups none;
	int fd, lookers[CONTROL_LOOKERS_MAX];
	struct stat st;

	if (geteuid() != 0)
		return;
	CHECK(!control_groups("no-such-group", "", &none));
	CHECK(!control_groups("", "no-such-group", &none));
	CHECK(control_groups("root", "", &none) && none.act.gid == 0);
	chmod(folder, 0711);
	start();
	CHECK_EQ(dial_as(NOBODY, NULL, 0), -1); /* the socket is the group's */
	stop();
	strcpy(groups.act.name, "actors");
	groups.act.gid = ACT;
	groups.look.gid = LOOK;
	strcpy(groups.look.name, "lookers");
	start();
	CHECK_EQ(stat(path, &st), 0);
	CHECK_EQ(st.st_mode & 0777, 0666);

	fd = dial_as(NOBODY, NULL, 0);
	CHECK(
	    is_told(fd, NULL, 0, "join group actors (to act) or lookers (to look)\",\"exit\":6}"));
	close(fd);
	fd = dial_as(LOOK, NULL, 0);
	CHECK(is_told(fd, echo, 1, "echo: not allowed, you may only look"));
	CHECK(strstr(got, "group actors\",\"exit\":6}") != NULL);
	CHECK_EQ(calls, 0);
	say(fd, look);
	for (int i = 0; i < PUMPS && calls == 0; i++)
		pump();
	CHECK_EQ(calls, 1);
	close(fd);
	fd = dial_as(ACT, NULL, 0);
	CHECK(is_told(fd, echo, 3, "\"ok\":true"));
	close(fd);
	for (size_t i = 0; i < 200; i++)
		many[i] = 80000 + (gid_t)i;
	many[150] = ACT;
	fd = dial_as(NOBODY, many, 200);
	CHECK(is_told(fd, echo, 3, "\"ok\":true"));
	close(fd);
	many[150] = LOOK;
	fd = dial_as(NOBODY, many, 200);
	CHECK(is_told(fd, echo, 1, "you may only look"));
	close(fd);

	/* However many look, others can act. */
	for (int i = 0; i < CONTROL_LOOKERS_MAX; i++) {
		lookers[i] = dial_as(LOOK, NULL, 0);
		pump();
	}
	fd = dial_as(LOOK, NULL, 0);
	CHECK(is_told(fd, NULL, 0, "as many clients as it can"));
	close(fd);
	fd = dial_as(ACT, NULL, 0);
	CHECK(is_told(fd, echo, 3, "\"ok\":true"));
	close(fd);
	for (int i = 0; i < CONTROL_LOOKERS_MAX; i++)
		close(lookers[i]);
	stop();
	CHECK(control_groups("", "", &groups));
}

static void test_not_now(void)
{
	int fd;

	start();
	not_now = "it is starting";
	fd = dial();
	CHECK(is_told(fd, "{\"command\": \"echo\"}\n", 1, "\"it is starting\",\"exit\":4}"));
	not_now = NULL;
	CHECK(is_told(fd, "{\"command\": \"echo\"}\n", 3, "\"ok\":true"));
	close(fd);
	stop();
}

UNIT_MAIN("control", {"a folder", make_folder}, {"requests", test_requests},
	  {"bad requests", test_bad_requests}, {"long lines", test_long_line},
	  {"later answers", test_later}, {"broadcast", test_broadcast},
	  {"a client that does not read", test_deaf_client}, {"too many clients", test_too_many},
	  {"the path", test_path}, {"who may look and who may act", test_who},
	  {"not now", test_not_now}, {"nothing left behind", remove_folder})
