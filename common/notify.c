/* SPDX-License-Identifier: MIT */
#include "common/notify.h"

#include "common/log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static struct {
	int fd;
	struct sockaddr_un to;
	socklen_t to_len; /* 0: nobody wants to hear */
	mtime period;	  /* what the manager waits; 0: it does not */
	mtime last;
	char status[NOTIFY_STATUS];
} manager;

size_t notify_address(const char *where, char path[108])
{
	size_t n = strlen(where);

	if ((where[0] != '/' && where[0] != '@') || n < 2 || n >= 108)
		return 0;
	memcpy(path, where, n + 1);
	if (where[0] == '@') { /* an abstract name, which ends without a zero */
		path[0] = '\0';
		return n;
	}
	return n + 1;
}

static mtime watchdog_of(const char *usec, const char *pid)
{
	if (usec == NULL || (pid != NULL && strtol(pid, NULL, 10) != (long)getpid()))
		return 0;
	return (mtime)strtoll(usec, NULL, 10);
}

static void tell(const char *text)
{
	if (manager.to_len > 0 &&
	    sendto(manager.fd, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT,
		   (struct sockaddr *)&manager.to, manager.to_len) < 0)
		log_debug("service manager: %s", strerror(errno));
}

void notify_open(void)
{
	const char *where = getenv("NOTIFY_SOCKET");
	size_t n = where != NULL ? notify_address(where, manager.to.sun_path) : 0;

	if (notify_wanted())
		close(manager.fd);
	manager.to_len = 0;
	manager.period = 0;
	manager.to.sun_family = AF_UNIX;
	manager.fd = n > 0 ? socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0) : -1;
	if (manager.fd >= 0) {
		manager.to_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
		manager.period = watchdog_of(getenv("WATCHDOG_USEC"), getenv("WATCHDOG_PID"));
	}
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
}

bool notify_wanted(void)
{
	return manager.to_len > 0;
}

void notify_ready(void)
{
	tell("READY=1");
}

void notify_reloading(mtime now)
{
	char text[64];

	snprintf(text, sizeof(text), "RELOADING=1\nMONOTONIC_USEC=%lld", (long long)now);
	tell(text);
}

void notify_stopping(void)
{
	tell("STOPPING=1");
}

void notify_status(const char *line)
{
	char text[NOTIFY_STATUS + 8];

	if (!notify_wanted() || strncmp(line, manager.status, NOTIFY_STATUS - 1) == 0)
		return;
	snprintf(manager.status, sizeof(manager.status), "%s", line);
	snprintf(text, sizeof(text), "STATUS=%s", manager.status);
	tell(text);
}

mtime notify_alive(mtime now)
{
	if (manager.period <= 0)
		return MTIME_NEVER;
	if (now - manager.last >= manager.period / 4) {
		manager.last = now;
		tell("WATCHDOG=1");
	}
	return manager.last + manager.period / 2;
}
