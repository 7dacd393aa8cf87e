/* SPDX-License-Identifier: MIT */
#include "agent/daemon.h"

#include "common/log.h"

#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What hostapd says of its stations, on its way to the core. */

/* Is that access point's interface a port of this bridge? */
static bool port_of(const char *ifname, const char *bridge)
{
	char path[64], to[256];
	const char *slash;
	ssize_t n;

	if (strlen(ifname) >= IFNAMSIZ)
		return false;
	snprintf(path, sizeof(path), "/sys/class/net/%s/master", ifname);
	n = readlink(path, to, sizeof(to) - 1);
	if (n <= 0)
		return false;
	to[n] = '\0';
	slash = strrchr(to, '/');
	return strcmp(slash ? slash + 1 : to, bridge) == 0;
}

/* AGENT_LINKS_MAX: none of ours. */
static unsigned link_of(const struct daemon *d, const char *ifname)
{
	for (unsigned i = 0; i < d->n_links; i++)
		if (strcmp(d->links[i].name, ifname) == 0 || port_of(ifname, d->links[i].name))
			return i;
	return AGENT_LINKS_MAX;
}

static void on_station(const char *ifname, const struct mac *mac, enum station_event event,
		       void *arg)
{
	struct daemon *d = arg;
	unsigned link = link_of(d, ifname);
	char text[MAC_STRLEN];
	struct instant now;

	log_debug("hostapd on %s: %s %s", ifname, mac_fmt(text, mac),
		  event == STATION_JOINED ? "has joined" : "is gone");
	if (link == AGENT_LINKS_MAX)
		return;
	/* What came before the news is handled before the news. */
	input_read_dry(d);
	now = instant_now();
	agent_station(d->agent, link, mac, event, &now, &d->out);
	carry_out(d);
	daemon_settle(d);
}

static void on_wake(void *arg)
{
	daemon_settle(arg);
}

void access_open(struct daemon *d)
{
	if (d->n_links > 0 && d->settings.hostapd[0] != '\0')
		d->hostapd = hostapd_open(&d->loop, d->settings.hostapd, on_station, on_wake,
					  d);
}

void access_close(struct daemon *d)
{
	hostapd_close(d->hostapd);
	d->hostapd = NULL;
}
