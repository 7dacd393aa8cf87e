/* SPDX-License-Identifier: MIT */
#include "common/instance.h"

#include "common/log.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* An abstract name belongs to the network namespace, as routes and rules do. */
int instance_lock(void)
{
	static const char name[] = "\0mip-data-plane";
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	memcpy(addr.sun_path, name, sizeof(name) - 1);
	if (fd >= 0 &&
	    bind(fd, (struct sockaddr *)&addr,
		 (socklen_t)(offsetof(struct sockaddr_un, sun_path) + sizeof(name) - 1)) == 0)
		return fd;
	if (fd >= 0 && errno == EADDRINUSE)
		log_error("another mipclientd or mipagentd runs here already, and two would take "
			  "each other's routes away: stop it first");
	else
		log_error("cannot see whether another daemon runs here: %s", strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}
