/* SPDX-License-Identifier: MIT */
#include "agent/daemon.h"

#include "common/arp.h"
#include "common/bytes.h"
#include "common/log.h"
#include "common/mip.h"

#include <string.h>

/*
 * The home network as a real link, mipagentd(8).  For each home address that is not there:
 *   main table  HOME dev mip0     beside the link's own route: what comes for it goes into the TUN
 *   proxy entry HOME dev LINK     and its neighbours there send it to us
 * A node that is there is routed as a visitor (carry.c): to our kernel alone, its neighbours
 * speak to it.
 */
#define TABLE_MAIN 254

static void proxy(struct daemon *d, bool add, const char *ifname, uint32_t home)
{
	struct kernel_route into = { .type = KROUTE_UNICAST,
				     .table = TABLE_MAIN,
				     .dst = home,
				     .prefix_len = 32,
				     .ifname = d->settings.tun };

	/* The kernel answers only where the address is not reached by the link of the question. */
	if (add)
		kernel_route(d->kernel, true, &into);
	kernel_proxy(d->kernel, add, ifname, home);
	if (!add)
		kernel_route(d->kernel, false, &into);
}

void lan_proxy(struct daemon *d, bool add, uint32_t home)
{
	if (d->conf.home_on_link)
		proxy(d, add, d->links[d->conf.home_link].name, home);
}

void lan_mute(struct daemon *d, uint32_t home)
{
	if (d->conf.home_on_link)
		kernel_proxy(d->kernel, false, d->links[d->conf.home_link].name, home);
}

void lan_announce(struct daemon *d, uint32_t home, const struct mac *mac)
{
	const struct agent_link *l = &d->links[d->conf.home_link];
	char addr[ADDR_STRLEN];
	int rc;

	if (!d->conf.home_on_link)
		return;
	if (!l->open)
		return;
	rc = arp_announce(l->link.sock, l->link.ifindex, home,
			  mac_is_zero(mac) ? &l->link.mac : mac);
	if (rc < 0)
		log_debug("%s: no gratuitous ARP for %s: %s", l->name, addr_fmt(addr, home),
			  strerror(-rc));
}

bool lan_is(const struct daemon *d, unsigned link)
{
	return d->conf.home_on_link && link == d->conf.home_link;
}

void lan_link(struct daemon *d)
{
	const char *ifname = d->links[d->conf.home_link].name;
	struct agent_cursor c = { 0 };
	struct agent_home_info h;

	/* Who asks is not to wait: the kernel would answer in 0 to 0.8 s. */
	kernel_neigh_sysctl(d->kernel, ifname, "proxy_delay", 0);
	while (d->agent != NULL && agent_home_next(d->agent, &c, &h)) {
		if (h.proxied)
			proxy(d, true, ifname, h.home_addr);
		if (h.here)
			carry_visitor(d, h.home_addr, d->conf.home_link, &h.mac, false);
	}
}

/*
 * The home link may be the way to everybody else, too.  What a node says of itself, from its home
 * address, comes from there (it matters that it does, and which MAC address it has); all else has
 * come by routing.
 */
bool lan_from_home(uint32_t src, const uint8_t *p, size_t n)
{
	struct rbuf r = rb_init(p, n);
	uint8_t type = rb_u8(&r);

	rb_skip(&r, 3);
	return rb_u32(&r) == src && rb_ok(&r) && (type == MIP_REQUEST || type == MIP_ORDER);
}
