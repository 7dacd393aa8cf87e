/* SPDX-License-Identifier: MIT */
/* The process that runs hooks and [Node] renew, and looks names up: what it does for its daemon,
 * and what it does not do for one that somebody has taken over. */
#include "client/helper.h"
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define SHOW "#!/bin/sh\ncat\nenv | sort\necho $0\n"

static char folder[64];
static int way; /* to it */
static pid_t helper;

static void path_of(char path[160], const char *name)
{
	snprintf(path, 160, "%s/%s", folder, name);
}

static void program(const char *name, const char *text, mode_t mode)
{
	char path[160];
	int fd;

	path_of(path, name);
	unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0700);
	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text) || fchmod(fd, mode))
		abort();
	close(fd);
}

static void begin(const char *renew)
{
	int pair[2];

	if (!folder[0]) {
		strcpy(folder, "/tmp/mip-test-helper.XXXXXX");
		if (!mkdtemp(folder))
			abort();
	}
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		abort();
	helper = fork();
	if (helper == 0)
		helper_work(pair[1], folder, renew);
	close(pair[1]);
	way = pair[0];
	alarm(60); /* nothing here waits for ever */
}

static void end(void)
{
	int status = -1;

	close(way);
	CHECK_EQ(waitpid(helper, &status, 0), helper);
	CHECK_EQ(status, 0);
}

/* ---- requests ---- */

static void say_raw(const void *p, size_t n, int out)
{
	char room[CMSG_SPACE(sizeof(out))] __attribute__((aligned(8))) = { 0 };
	struct iovec iov = { (void *)p, n };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (out >= 0) {
		msg.msg_control = room;
		msg.msg_controllen = sizeof(room);
		CMSG_FIRSTHDR(&msg)->cmsg_len = CMSG_LEN(sizeof(out));
		CMSG_FIRSTHDR(&msg)->cmsg_level = SOL_SOCKET;
		CMSG_FIRSTHDR(&msg)->cmsg_type = SCM_RIGHTS;
		memcpy(CMSG_DATA(CMSG_FIRSTHDR(&msg)), &out, sizeof(out));
	}
	CHECK_EQ(sendmsg(way, &msg, MSG_NOSIGNAL), (ssize_t)n);
}

static void say(enum helper_what what, unsigned task, const void *words, size_t n_words,
		const char *input, int out)
{
	struct helper_request r = { .what = what, .task = task, .words = n_words };
	char message[4096];

	memcpy(message, &r, sizeof(r));
	memcpy(message + sizeof(r), words, n_words);
	memcpy(message + sizeof(r) + n_words, input, strlen(input));
	say_raw(message, sizeof(r) + n_words + strlen(input), out);
}

static struct helper_answer hear(void)
{
	struct helper_answer a;

	CHECK_EQ(recv(way, &a, sizeof(a), 0), sizeof(a));
	return a;
}

static char wrote[8192]; /* by the last hook */
static struct helper_answer hook(const char *words, size_t n, const char *input)
{
	struct helper_answer a;
	size_t fill = 0;
	int out[2];
	ssize_t got;

	if (pipe2(out, O_CLOEXEC))
		abort();
	say(HELPER_HOOK, 1, words, n, input, out[1]);
	close(out[1]);
	while ((got = read(out[0], wrote + fill, sizeof(wrote) - 1 - fill)) > 0)
		fill += (size_t)got;
	wrote[fill] = '\0';
	close(out[0]);
	a = hear();
	CHECK_EQ(a.task, 1);
	return a;
}
#define HOOK(words, input) hook(words, sizeof(words), input)

/* ---- hooks ---- */

static void test_hooks(void)
{
	struct helper_answer a;
	char path[160];

	if (geteuid() != 0)
		return; /* they must be root's */
	begin("");
	program("50-show", SHOW, 0755);
	a = HOOK("50-show\0MIP_EVENT=x\0LD_PRELOAD=/tmp/evil.so\0PATH=/tmp\0MIP_TO_SSID=a b",
		 "{\"event\":\"x\"}\n");
	CHECK(a.error == 0 && a.status == 0 && a.signum == 0);
	CHECK(strncmp(wrote, "{\"event\":\"x\"}\n", 14) == 0);
	CHECK(strstr(wrote, "MIP_EVENT=x\nMIP_TO_SSID=a b\nPATH=/usr/local/sbin:") != NULL);
	CHECK(strstr(wrote, "LD_PRELOAD") == NULL && strstr(wrote, "PATH=/tmp") == NULL);
	path_of(path, "50-show");
	CHECK(strstr(wrote, path) != NULL);
	program("60-fails", "#!/bin/sh\nexit 3\n", 0755);
	a = HOOK("60-fails", "");
	CHECK(a.error == 0 && a.status == 3);
	program("70-dies", "#!/bin/sh\nkill -TERM $$\n", 0755);
	a = HOOK("70-dies", "");
	CHECK(a.error == 0 && a.signum == SIGTERM);
	/* What it has started goes with it: else nobody would close the pipe. */
	program("80-leaves", "#!/bin/sh\nsleep 1000 &\nexit 0\n", 0755);
	a = HOOK("80-leaves", "");
	CHECK(a.error == 0 && a.status == 0);
	end();
}

static void test_not_run(void)
{
	static const char outside[] = "#!/bin/sh\ntouch $0.harm\n";
	char path[160], link[160];

	if (geteuid() != 0)
		return;
	begin("");
	CHECK_EQ(HOOK("../../bin/true", "").error, EACCES);
	CHECK_EQ(HOOK("/bin/true", "").error, EACCES);
	CHECK_EQ(HOOK("", "").error, EACCES);
	CHECK_EQ(HOOK(".", "").error, EACCES);
	CHECK_EQ(HOOK("..", "").error, EACCES);
	CHECK_EQ(HOOK("none", "").error, EACCES);
	program("writable", outside, 0757);
	CHECK_EQ(HOOK("writable", "").error, EACCES);
	program("theirs", outside, 0755);
	path_of(path, "theirs");
	CHECK_EQ(chown(path, 65534, 0), 0);
	CHECK_EQ(HOOK("theirs", "").error, EACCES);
	path_of(link, "link");
	CHECK_EQ(symlink("50-show", link), 0);
	CHECK_EQ(HOOK("link", "").error, EACCES);
	program("no-program", "what?", 0755);
	CHECK_EQ(HOOK("no-program", "").error, ENOEXEC);
	program("50-show", SHOW, 0755);
	chmod(folder, 0777);
	CHECK_EQ(HOOK("50-show", "").error, EACCES);
	chmod(folder, 0700);
	say(HELPER_HOOK, 2, "50-show", 8, "", -1); /* with nothing to write to */
	CHECK_EQ(hear().error, EACCES);
	CHECK_EQ(HOOK("50-show", "").error, 0);
	end();
}

static void test_kill(void)
{
	struct helper_answer a;
	char byte;
	int out[2];

	if (geteuid() != 0)
		return;
	begin("");
	program("hangs", "#!/bin/sh\necho\nsleep 1000 & sleep 1000\n", 0755);
	if (pipe2(out, O_CLOEXEC))
		abort();
	say(HELPER_HOOK, 0, "hangs", 6, "", out[1]);
	close(out[1]);
	CHECK_EQ(read(out[0], &byte, 1), 1);
	say(HELPER_KILL, 3, "", 0, "", -1); /* there is none */
	say(HELPER_KILL, 0, "", 0, "", -1);
	a = hear();
	CHECK(a.task == 0 && a.error == 0 && a.signum == SIGKILL);
	CHECK_EQ(read(out[0], &byte, 1), 0);
	close(out[0]);

	/* The daemon ends: what it runs does, too. */
	if (pipe2(out, O_CLOEXEC))
		abort();
	say(HELPER_HOOK, 0, "hangs", 6, "", out[1]);
	close(out[1]);
	CHECK_EQ(read(out[0], &byte, 1), 1);
	end();
	CHECK_EQ(read(out[0], &byte, 1), 0);
	close(out[0]);
}

/* ---- renew ---- */

static struct helper_answer renew(const char *ifname)
{
	struct helper_answer a;

	say(HELPER_RENEW, HELPER_RENEW_TASK, ifname, strlen(ifname) + 1, "", -1);
	a = hear();
	CHECK_EQ(a.task, HELPER_RENEW_TASK);
	return a;
}

static void test_renew(void)
{
	static const char *const none[] = { "-x", "", "wlan0 eth0", "a/b", "sixteen-letters0" };

	begin("test IFNAME = wlan0"); /* found by PATH */
	CHECK_EQ(renew("wlan0").status, 0);
	CHECK_EQ(renew("wlan1").status, 1);
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		CHECK_EQ(renew(none[i]).error, EINVAL);
	end();
	begin("");
	CHECK_EQ(renew("wlan0").error, EINVAL);
	end();
	begin("/no/such/program IFNAME");
	CHECK_EQ(renew("wlan0").error, ENOENT);
	end();
}

/* ---- names ---- */

static struct helper_answer lookup(const char *name)
{
	struct helper_answer a;

	say(HELPER_LOOKUP, HELPER_LOOKUP_TASK, name, strlen(name) + 1, "", -1);
	a = hear();
	CHECK_EQ(a.task, HELPER_LOOKUP_TASK);
	return a;
}

static void test_names(void)
{
	struct helper_answer a;

	begin("");
	for (int i = 0; i < 20; i++) { /* at once, while the one before is still ending */
		a = lookup("192.0.2.7");
		CHECK(a.error == 0 && a.n == 1 && a.addr[0] == 0xc0000207);
	}
	CHECK(lookup("no such name").error != 0);
	end();
}

/* ---- nonsense ---- */

static void test_nonsense(void)
{
	struct helper_request r = { .what = HELPER_HOOK, .task = HELPER_TASKS, .words = 2 };
	char message[256] = { 0 };

	begin("true");
	say_raw("x", 1, -1);
	say_raw(&r, sizeof(r) - 1, -1);
	say_raw(&r, sizeof(r), -1); /* no words */
	memcpy(message, &r, sizeof(r));
	memcpy(message + sizeof(r), "x", 2);
	say_raw(message, sizeof(r) + 2, -1); /* no such task */
	r.task = 0;
	r.words = 200;
	memcpy(message, &r, sizeof(r));
	say_raw(message, sizeof(r) + 2, -1); /* more words than there are */
	r.words = 1;
	memcpy(message, &r, sizeof(r));
	say_raw(message, sizeof(r) + 2, -1); /* without their end */
	r.words = SIZE_MAX;
	memcpy(message, &r, sizeof(r));
	say_raw(message, sizeof(r) + 2, -1);
	r.what = HELPER_KILL;
	r.task = 1000000;
	say_raw(&r, sizeof(r), -1);
	CHECK_EQ(renew("wlan0").status, 0); /* the first answer is this one's */
	end();
}

static void remove_all(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", folder);
	CHECK_EQ(system(command), 0);
}

UNIT_MAIN("helper", { "hooks", test_hooks }, { "what is not run", test_not_run },
	  { "killed, and left", test_kill }, { "renew", test_renew }, { "names", test_names },
	  { "nonsense", test_nonsense }, { "nothing left behind", remove_all })
