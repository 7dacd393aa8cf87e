/* SPDX-License-Identifier: MIT */
#include "common/tunnel_priv.h"

#include "common/log.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <ifaddrs.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

/*
 * A device with generic receive offload merges the TCP segments inside IP-in-IP packets, and
 * a raw socket gets the merged packet with an unfinished checksum and without the size to cut
 * it by.  The kernel has no option against it but the device's own, which we put back.
 */
static int gro(int fd, const char *ifname, uint32_t cmd, uint32_t *on)
{
	struct ethtool_value v = { .cmd = cmd, .data = *on };
	struct ifreq r = { .ifr_data = (char *)&v };

	snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", ifname);
	if (ioctl(fd, SIOCETHTOOL, &r) < 0)
		return -errno;
	*on = v.data;
	return 0;
}

static void off(struct tunnel *t, const char *ifname)
{
	uint32_t on = 0;

	if (t->gro_count == TUNNEL_GRO_MAX || gro(t->rx, ifname, ETHTOOL_GGRO, &on) || !on)
		return;
	on = 0;
	if (gro(t->rx, ifname, ETHTOOL_SGRO, &on)) {
		log_warning("tunnel: cannot turn off GRO, TCP will suffer: ethtool -K %s gro off",
			    ifname);
		return;
	}
	t->gro_off[t->gro_count++] = if_nametoindex(ifname);
	log_info("tunnel: GRO turned off on %s", ifname);
}

/* The merging is done by the lowest device: under a bridge, a bond or a VLAN is another. */
void tunnel_gro_off(struct tunnel *t, unsigned ifindex)
{
	char name[IFNAMSIZ], path[64];
	struct dirent *e;
	DIR *d;

	if (!if_indextoname(ifindex, name))
		return;
	off(t, name);
	snprintf(path, sizeof(path), "/sys/class/net/%s", name);
	d = opendir(path);
	while (d && (e = readdir(d)))
		if (!strncmp(e->d_name, "lower_", 6))
			off(t, e->d_name + 6);
	if (d)
		closedir(d);
}

unsigned tunnel_device_of(uint32_t local)
{
	struct ifaddrs *list, *i;
	struct sockaddr_in sa;
	unsigned ifindex = 0;
	char name[IFNAMSIZ];

	if (getifaddrs(&list))
		return 0;
	for (i = list; i && !ifindex; i = i->ifa_next) {
		if (!i->ifa_addr || i->ifa_addr->sa_family != AF_INET)
			continue;
		memcpy(&sa, i->ifa_addr, sizeof(sa));
		if (ntohl(sa.sin_addr.s_addr) != local)
			continue;
		/* The name is the address's label: eth0:1. */
		snprintf(name, sizeof(name), "%.*s", (int)strcspn(i->ifa_name, ":"), i->ifa_name);
		ifindex = if_nametoindex(name);
	}
	freeifaddrs(list);
	return ifindex;
}

void tunnel_gro_restore(struct tunnel *t)
{
	char name[IFNAMSIZ];
	uint32_t on;

	while (t->gro_count) {
		on = 1;
		if (if_indextoname(t->gro_off[--t->gro_count], name))
			gro(t->rx, name, ETHTOOL_SGRO, &on);
	}
}
