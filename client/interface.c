/* SPDX-License-Identifier: MIT */
#include "client/interface.h"

#include <dirent.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

bool interface_is_there(const char *ifname)
{
	return if_nametoindex(ifname) != 0;
}

bool interface_is_running(const char *ifname)
{
	struct ethtool_value link = { .cmd = ETHTOOL_GLINK };
	struct ifreq r = { .ifr_flags = 0 };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool up;

	if (fd < 0)
		return false;
	snprintf(r.ifr_name, sizeof(r.ifr_name), "%.15s", ifname);
	up = ioctl(fd, SIOCGIFFLAGS, &r) == 0 && (r.ifr_flags & IFF_UP);
	if (up && !(r.ifr_flags & IFF_RUNNING))
		up = false;
	/* The flag follows a lost carrier by up to a second. */
	r.ifr_data = (char *)&link;
	if (up && ioctl(fd, SIOCETHTOOL, &r) == 0)
		up = link.data != 0;
	close(fd);
	return up;
}

bool interface_is_wifi(const char *ifname)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/class/net/%.15s/phy80211", ifname);
	if (access(path, F_OK) == 0)
		return true;
	snprintf(path, sizeof(path), "/sys/class/net/%.15s/wireless", ifname);
	return access(path, F_OK) == 0;
}

bool interface_find_wifi(char ifname[16])
{
	DIR *dir = opendir("/sys/class/net");
	bool found = false;
	struct dirent *e;

	if (dir == NULL)
		return false;
	while ((e = readdir(dir)) != NULL) {
		if (e->d_name[0] == '.' || strlen(e->d_name) > 15 || !interface_is_wifi(e->d_name))
			continue;
		if (found && strcmp(e->d_name, ifname) > 0)
			continue;
		snprintf(ifname, 16, "%.15s", e->d_name);
		found = true;
	}
	closedir(dir);
	return found;
}
