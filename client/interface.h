/* SPDX-License-Identifier: MIT */
#ifndef MIP_INTERFACE_H
#define MIP_INTERFACE_H

#include <stdbool.h>

/* Up, and with a carrier. */
bool interface_is_running(const char *ifname);
bool interface_is_there(const char *ifname);

/* Shell: which network interfaces are Wi-Fi ones, as sysfs tells it. */
bool interface_is_wifi(const char *ifname);
/* The first one by name.  False: none. */
bool interface_find_wifi(char ifname[16]);

#endif
