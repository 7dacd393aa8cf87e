/* SPDX-License-Identifier: MIT */
#include "common/wpa_sockets.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define FOLDER "/run/mip"
#define PREFIX "wpa_ctrl_" /* libwpa-client's: wpa_ctrl_PID-NUMBER */

const char *wpa_sockets_folder(void)
{
	return access(FOLDER, W_OK) == 0 ? FOLDER : NULL;
}

/* Its process has gone: the file stays, and nobody is behind it. */
static bool is_dead(const char *path)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool dead;

	if (fd < 0)
		return false;
	snprintf(sa.sun_path, sizeof(sa.sun_path), "%s", path);
	dead = connect(fd, (struct sockaddr *)&sa, sizeof(sa)) < 0 && errno == ECONNREFUSED;
	close(fd);
	return dead;
}

void wpa_sockets_sweep(void)
{
	DIR *dir = opendir(FOLDER);
	struct dirent *e;
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];

	while (dir != NULL && (e = readdir(dir)) != NULL) {
		if (strncmp(e->d_name, PREFIX, strlen(PREFIX)) != 0)
			continue;
		if ((size_t)snprintf(path, sizeof(path), FOLDER "/%s", e->d_name) < sizeof(path) &&
		    is_dead(path))
			unlink(path);
	}
	if (dir != NULL)
		closedir(dir);
}
