/* SPDX-License-Identifier: MIT */
#include "client/resolve.h"

#include "client/daemon.h"
#include "common/log.h"

#include <netdb.h>
#include <string.h>

#define WAIT_MIN SEC(1)	    /* a DHCP client takes about as long */
#define WAIT_SILENT SEC(4)  /* known, but it does not answer: its record may be about to change */
#define WAIT_MAX SEC(64)    /* as registrations */

static const char *name_of(const struct daemon *d)
{
	return d->settings.home_agent.name;
}

static bool by_name(const struct daemon *d)
{
	return d->settings.home_agent.addr == 0;
}

/* Of several addresses the one that we use, if it is still among them.  The home address is ours,
 * whatever a name server at home says of it. */
static uint32_t choose(const struct daemon *d, const struct helper_answer *a)
{
	uint32_t first = 0;

	for (unsigned i = 0; i < a->n && i < HELPER_ADDRS_MAX; i++) {
		if (!addr_is_unicast(a->addr[i]) || a->addr[i] == d->kernel.home_addr)
			continue;
		if (a->addr[i] == d->resolve.addr)
			return a->addr[i];
		if (first == 0)
			first = a->addr[i];
	}
	return first;
}

static void failed(struct resolve *r, const char *name, const char *why, mtime now)
{
	char text[ADDR_STRLEN];

	r->wait = r->wait < WAIT_MIN ? WAIT_MIN : mtime_min(r->wait * 2, WAIT_MAX);
	r->at = now + r->wait;
	if (r->failed)
		return;
	r->failed = true;
	if (r->addr == 0)
		log_warning("home agent %s: its address is not known: %s; waiting for it", name,
			    why);
	else
		log_info("home agent %s: %s; going on with %s", name, why,
			 addr_fmt(text, r->addr));
}

static void found(struct daemon *d, uint32_t addr, const struct instant *now)
{
	struct resolve *r = &d->resolve;
	char text[ADDR_STRLEN];

	r->failed = false;
	r->wait = r->wait < WAIT_SILENT ? WAIT_SILENT : mtime_min(r->wait * 2, WAIT_MAX);
	r->at = MTIME_NEVER;
	if (addr != r->addr)
		log_info("home agent %s is %s", name_of(d), addr_fmt(text, addr));
	r->addr = addr;
	mobile_home_agent(d->mobile, addr, now, &d->out);
}

void resolve_answered(struct daemon *d, const struct helper_answer *a)
{
	struct resolve *r = &d->resolve;
	struct instant now = instant_now();
	uint32_t addr = a->error == 0 ? choose(d, a) : 0;

	if (!r->asking || d->stopping)
		return;
	r->asking = false;
	node_kernel_lookup(&d->kernel, false);
	if (!by_name(d))
		; /* meanwhile the settings say it */
	else if (r->again)
		r->at = now.t; /* on the network before this one, or of another name */
	else if (addr != 0)
		found(d, addr, &now);
	else
		failed(r, name_of(d),
		       a->error == 0 ? "it has no IPv4 address" : gai_strerror(a->error), now.t);
	r->again = false;
	loop_carry_out(d);
}

static void ask(struct daemon *d, mtime now)
{
	struct resolve *r = &d->resolve;
	int err;

	r->asked = now;
	r->at = MTIME_NEVER;
	node_kernel_lookup(&d->kernel, true);
	err = helper_lookup(&d->helper, name_of(d));
	r->asking = err == 0;
	if (err == 0)
		return;
	node_kernel_lookup(&d->kernel, false);
	failed(r, name_of(d), strerror(-err), now);
}

void resolve_open(struct daemon *d)
{
	d->resolve.at = by_name(d) ? 0 : MTIME_NEVER;
	d->resolve.addr = d->settings.home_agent.addr;
}

void resolve_reload(struct daemon *d)
{
	if (!by_name(d))
		d->resolve.addr = d->settings.home_agent.addr;
	resolve_network(d);
}

void resolve_network(struct daemon *d)
{
	struct resolve *r = &d->resolve;

	r->wait = 0;
	r->again = r->asking;
	r->at = by_name(d) ? 0 : MTIME_NEVER;
}

mtime resolve_deadline(const struct daemon *d)
{
	const struct resolve *r = &d->resolve;

	if (r->asking || !by_name(d))
		return MTIME_NEVER;
	if (r->at != MTIME_NEVER)
		return r->at;
	return mobile_unheard(d->mobile) ? r->asked + r->wait : MTIME_NEVER;
}

void resolve_tick(struct daemon *d, mtime now)
{
	if (now >= resolve_deadline(d))
		ask(d, now);
}
