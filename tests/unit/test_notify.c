/* SPDX-License-Identifier: MIT */
#include "common/notify.h"

#include "tests/unit/unit.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static void addresses(void)
{
	char path[108], longest[110];

	CHECK_EQ(notify_address("/run/x", path), 7); /* with its zero */
	CHECK(strcmp(path, "/run/x") == 0);
	CHECK_EQ(notify_address("@abc", path), 4); /* an abstract one has none */
	CHECK(memcmp(path, "\0abc", 4) == 0);
	CHECK_EQ(notify_address("", path), 0);
	CHECK_EQ(notify_address("/", path), 0);
	CHECK_EQ(notify_address("@", path), 0);
	CHECK_EQ(notify_address("run/x", path), 0);
	CHECK_EQ(notify_address("vsock:2:1234", path), 0);
	memset(longest, 'x', sizeof(longest));
	longest[0] = '/';
	longest[107] = '\0';
	CHECK_EQ(notify_address(longest, path), 108);
	longest[107] = 'x';
	longest[108] = '\0';
	CHECK_EQ(notify_address(longest, path), 0);
}

static void nobody_listens(void)
{
	unsetenv("NOTIFY_SOCKET");
	setenv("WATCHDOG_USEC", "180000000", 1);
	notify_open();
	CHECK(!notify_wanted());
	notify_ready();
	notify_status("nothing");
	CHECK_EQ(notify_alive(SEC(1000)), MTIME_NEVER);
}

/* The manager's end; its name is that of this process. */
static int manager(const char *watchdog_pid)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	char name[40];
	int n = snprintf(name, sizeof(name), "@mip-test-%d-%s", (int)getpid(), watchdog_pid);

	memcpy(sa.sun_path, name, (size_t)n);
	sa.sun_path[0] = '\0';
	CHECK_EQ(bind(fd, (struct sockaddr *)&sa,
		      (socklen_t)(offsetof(struct sockaddr_un, sun_path) + (size_t)n)),
		 0);
	setenv("NOTIFY_SOCKET", name, 1);
	setenv("WATCHDOG_USEC", "180000000", 1);
	setenv("WATCHDOG_PID", watchdog_pid, 1);
	notify_open();
	return fd;
}

static void hears(int fd, const char *text)
{
	char buf[512];
	ssize_t n = recv(fd, buf, sizeof(buf) - 1, 0);

	buf[n > 0 ? n : 0] = '\0';
	CHECK(strcmp(buf, text) == 0);
}

static void told(void)
{
	char pid[16];
	int fd;

	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	fd = manager(pid);
	CHECK(notify_wanted());
	CHECK(getenv("NOTIFY_SOCKET") == NULL && getenv("WATCHDOG_USEC") == NULL &&
	      getenv("WATCHDOG_PID") == NULL);
	notify_ready();
	hears(fd, "READY=1");
	notify_status("registered");
	hears(fd, "STATUS=registered");
	notify_status("registered"); /* no news */
	hears(fd, "");
	notify_status("detached");
	hears(fd, "STATUS=detached");
	notify_reloading(SEC(7));
	hears(fd, "RELOADING=1\nMONOTONIC_USEC=7000000");
	notify_stopping();
	hears(fd, "STOPPING=1");

	/* 180 s: told with what wakes us from 45 s on, and by our own timer at 90 s */
	CHECK_EQ(notify_alive(SEC(1000)), SEC(1090));
	hears(fd, "WATCHDOG=1");
	CHECK_EQ(notify_alive(SEC(1045) - 1), SEC(1090));
	hears(fd, "");
	CHECK_EQ(notify_alive(SEC(1045)), SEC(1135));
	hears(fd, "WATCHDOG=1");
	CHECK_EQ(notify_alive(SEC(1135)), SEC(1225));
	hears(fd, "WATCHDOG=1");
	hears(fd, "");
	close(fd);
	notify_ready(); /* a manager that is gone harms nobody */
}

static void watchdog_of_another(void)
{
	int fd = manager("1"); /* it is our parent's to say */

	CHECK(notify_wanted());
	CHECK_EQ(notify_alive(SEC(1000)), MTIME_NEVER);
	hears(fd, "");
	close(fd);
}

UNIT_MAIN("notify", { "addresses", addresses }, { "nobody listens", nobody_listens },
	  { "what the manager is told", told }, { "another's watchdog", watchdog_of_another })
