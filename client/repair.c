/* SPDX-License-Identifier: MIT */
#include "client/repair.h"

#include "client/daemon.h"
#include "common/log.h"

#include <net/if.h>

void repair_init(struct repair *r)
{
	*r = (struct repair){ .at = MTIME_NEVER, .last = -REPAIR_QUIET };
}

static bool address_is_ours(const struct daemon *d, const struct kernel_said *said)
{
	char gone[IF_NAMESIZE];

	if (said->addr == d->kernel.home_addr && said->addr)
		return said->ifindex == if_nametoindex(d->kernel.tun) || d->kernel.at_home;
	/* with its interface, which links.c looks after */
	return said->addr == NODE_LINK_ADDR && if_indextoname(said->ifindex, gone);
}

bool repair_needed(const struct daemon *d, const struct kernel_said *said)
{
	if (!said->gone || said->by == kernel_port(d->kernel.k)) /* we did */
		return false;
	switch (said->thing) {
	case KERNEL_RULE:
	case KERNEL_ROUTE:
		return said->ours;
	case KERNEL_ADDRESS:
		return address_is_ours(d, said);
	case KERNEL_LINK:
	case KERNEL_NEIGHBOUR:
		return false;
	}
	return false;
}

void repair_want(struct daemon *d, bool sure)
{
	struct repair *r = &d->repair;
	mtime now = instant_now().t;

	if (r->at != MTIME_NEVER)
		return;
	if (now - r->last > REPAIR_QUIET) {
		r->pause = 0;
		r->said = false;
	}
	r->at = r->last + r->pause;
	r->pause = r->pause ? mtime_min(r->pause * 2, REPAIR_PAUSE_MAX) : REPAIR_PAUSE_MIN;
	if (sure && !r->said)
		log_warning("somebody removed rules, routes or addresses of ours: put back, and "
			    "again if need be; see NEIGHBOURS in mipclientd(8)");
	r->said |= sure;
	repair_tick(d, now);
	loop_arm(d);
}

mtime repair_deadline(const struct daemon *d)
{
	return d->repair.at;
}

void repair_tick(struct daemon *d, mtime now)
{
	if (now < d->repair.at)
		return;
	d->repair.at = MTIME_NEVER;
	d->repair.last = now;
	node_kernel_repair(&d->kernel);
	for (unsigned i = 0; i < d->n_links; i++)
		lend_again(&d->links[i]);
	loop_carry_out(d);
}
