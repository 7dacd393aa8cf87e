/* SPDX-License-Identifier: MIT */
#include "client/resolve.h"

#include "client/daemon.h"
#include "common/log.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>

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
static uint32_t choose(const struct daemon *d, const struct addrinfo *list)
{
	uint32_t now = d->resolve.addr, first = 0;

	for (; list != NULL; list = list->ai_next) {
		const struct sockaddr_in *sin = (const void *)list->ai_addr;
		uint32_t addr = ntohl(sin->sin_addr.s_addr);

		if (list->ai_family != AF_INET || !addr_is_unicast(addr) ||
		    addr == d->kernel.home_addr)
			continue;
		if (addr == now)
			return now;
		if (first == 0)
			first = addr;
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

static void on_resolved(uv_getaddrinfo_t *req, int status, struct addrinfo *list)
{
	struct daemon *d = req->data;
	struct resolve *r = &d->resolve;
	struct instant now = instant_now();
	uint32_t addr = status == 0 ? choose(d, list) : 0;

	uv_freeaddrinfo(list);
	r->asking = false;
	if (d->stopping)
		return;
	node_kernel_lookup(&d->kernel, false);
	if (!by_name(d))
		; /* meanwhile the settings say it */
	else if (r->again)
		r->at = now.t; /* on the network before this one, or of another name */
	else if (addr != 0)
		found(d, addr, &now);
	else
		failed(r, name_of(d), status == 0 ? "it has no IPv4 address" : uv_strerror(status),
		       now.t);
	r->again = false;
	loop_carry_out(d);
}

static void ask(struct daemon *d, mtime now)
{
	static const struct addrinfo hints = { .ai_family = AF_INET, .ai_socktype = SOCK_DGRAM };
	struct resolve *r = &d->resolve;
	int err;

	r->req.data = d;
	r->asked = now;
	r->at = MTIME_NEVER;
	node_kernel_lookup(&d->kernel, true);
	err = uv_getaddrinfo(&d->loop, &r->req, on_resolved, name_of(d), NULL, &hints);
	r->asking = err == 0;
	if (err == 0)
		return;
	node_kernel_lookup(&d->kernel, false);
	failed(r, name_of(d), uv_strerror(err), now);
}

void resolve_open(struct daemon *d)
{
	setenv("UV_THREADPOOL_SIZE", "1", 0); /* one question at a time, and only by name */
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
