/* SPDX-License-Identifier: MIT */
#include "client/renew.h"

#include "client/daemon.h"
#include "common/log.h"

#include <string.h>

#define RENEW_MAX SEC(5) /* it has to tell a client, not to wait for a lease */

void renew_ended(struct node_link *l, const struct helper_answer *a)
{
	if (!l->renewal.running)
		return;
	if (a->error)
		log_warning("%s: [Node] renew: %s: %s", l->ifname, l->d->settings.renew,
			    strerror(a->error));
	else if (a->signum)
		log_warning("%s: [Node] renew: killed by signal %d", l->ifname, a->signum);
	else if (a->status)
		log_warning("%s: [Node] renew: it failed, exit status %d", l->ifname, a->status);
	l->renewal.kill_at = MTIME_NEVER;
	l->renewal.running = false;
}

void renew_run(struct node_link *l, const char *why)
{
	struct renewal *r = &l->renewal;
	const char *command = l->d->settings.renew;
	int err;

	if (command[strspn(command, " \t")] == '\0') {
		log_info("%s: %s: waiting for a DHCP client", l->ifname, why);
		return;
	}
	if (r->running) {
		log_info("%s: %s: [Node] renew is running already", l->ifname, why);
		return;
	}
	node_kernel_stand_in(&l->d->kernel, l->index);
	log_info("%s: %s: %s", l->ifname, why, command);
	err = helper_renew(&l->d->helper, l->index, l->ifname);
	r->running = err == 0;
	r->kill_at = err == 0 ? instant_now().t + RENEW_MAX : MTIME_NEVER;
	if (err < 0)
		log_warning("%s: [Node] renew: %s: %s", l->ifname, command, strerror(-err));
}

void renew_stop(struct node_link *l)
{
	if (l->renewal.running && l->renewal.kill_at != MTIME_NEVER)
		helper_kill(&l->d->helper, HELPER_RENEW_TASK + l->index);
	l->renewal.kill_at = MTIME_NEVER;
}

mtime renew_deadline(const struct daemon *d)
{
	mtime t = MTIME_NEVER;

	for (unsigned i = 0; i < d->n_links; i++)
		if (d->links[i].renewal.running)
			t = mtime_min(t, d->links[i].renewal.kill_at);
	return t;
}

void renew_tick(struct daemon *d, mtime now)
{
	for (unsigned i = 0; i < d->n_links; i++)
		if (d->links[i].renewal.running && now >= d->links[i].renewal.kill_at)
			renew_stop(&d->links[i]);
}
