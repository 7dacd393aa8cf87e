/* SPDX-License-Identifier: MIT */
#include "client/interface.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

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
