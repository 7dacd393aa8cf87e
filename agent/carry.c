/* SPDX-License-Identifier: MIT */
#include "agent/daemon.h"

#include "common/log.h"
#include "common/mip.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/*
 * Rules and tables of a foreign agent, and of a home agent with a home link, mipagentd(8):
 *   433  iif mip0                  -> 435  what comes out of the TUN goes to the visitor's link
 *   434                            -> 437  everything else for a visitor goes into the TUN
 *   435  iif LINK                  goto 437
 *   436                            goto 438
 *   437  from HOME iif LINK        -> 436  and so does what it sends, with a reverse tunnel
 *   438                            nop
 * Table 435: HOME dev LINK for each visitor, blackhole default.  Table 436: default dev mip0.
 * Table 437: HOME dev mip0 for each visitor.  The kernel finds a route among very many at once, and
 * tries rules one by one: those of visitors are tried for what comes by their links alone.
 */
#define PREF_FROM_TUN 433
#define PREF_TO_VISITOR 434
#define PREF_LINK 435
#define PREF_PAST 436
#define PREF_FROM_VISITOR 437
#define PREF_END 438
#define TABLE_MAIN 254
#define TABLE_LINKS 435
#define TABLE_TUN 436
#define TABLE_VISITORS 437
#define METRIC_LAST 1000

/* ---- visitors ---- */

static void route_tun(struct daemon *d, bool add, uint32_t home)
{
	struct kernel_route r = { .type = KROUTE_UNICAST,
				  .table = TABLE_VISITORS,
				  .dst = home,
				  .prefix_len = 32,
				  .ifname = d->settings.tun };

	kernel_route(d->kernel, add, &r);
}

static void rule_from(struct daemon *d, bool add, uint32_t home, const char *ifname)
{
	struct kernel_rule r = { .priority = PREF_FROM_VISITOR,
				 .table = TABLE_TUN,
				 .from = home,
				 .from_len = 32,
				 .iif = ifname };

	kernel_rule(d->kernel, add, &r);
}

static void route_link(struct daemon *d, bool add, uint32_t home, const char *ifname)
{
	struct kernel_route r = { .type = KROUTE_UNICAST,
				  .table = TABLE_LINKS,
				  .dst = home,
				  .prefix_len = 32,
				  .ifname = ifname };

	kernel_route(d->kernel, add, &r);
}

/* Where the TUN also carries a home agent's packets the table has no blackhole of its own
 * (carry_setup): without this one a visitor whose link went down would go round through the TUN. */
static void route_last(struct daemon *d, bool add, uint32_t home)
{
	struct kernel_route r = { .type = KROUTE_BLACKHOLE,
				  .table = TABLE_LINKS,
				  .dst = home,
				  .prefix_len = 32,
				  .metric = METRIC_LAST };

	if (d->conf.home)
		kernel_route(d->kernel, add, &r);
}

void carry_visitor(struct daemon *d, uint32_t home, unsigned link, const struct mac *mac,
		   bool reverse)
{
	const char *ifname;

	if (link >= d->n_links)
		return;
	ifname = d->links[link].name;
	route_last(d, true, home);
	kernel_neigh(d->kernel, true, ifname, home, mac);
	route_link(d, true, home, ifname);
	route_tun(d, true, home);
	rule_from(d, reverse, home, ifname);
	for (unsigned i = 0; i < d->n_links; i++) {
		if (i == link)
			continue;
		rule_from(d, false, home, d->links[i].name);
		kernel_neigh(d->kernel, false, d->links[i].name, home, NULL);
	}
}

static void visitor_down(struct daemon *d, uint32_t home)
{
	route_tun(d, false, home);
	for (unsigned i = 0; i < d->n_links; i++) {
		rule_from(d, false, home, d->links[i].name);
		route_link(d, false, home, d->links[i].name);
		kernel_neigh(d->kernel, false, d->links[i].name, home, NULL);
	}
	route_last(d, false, home);
}

void carry_link(struct daemon *d, unsigned link)
{
	const char *ifname = d->links[link].name;
	struct agent_visitor_info v;
	struct agent_cursor c = { 0 };

	kernel_sysctl(d->kernel, ifname, "forwarding", 1);
	kernel_sysctl(d->kernel, ifname, "send_redirects", 0);
	/* Strict would look for the visitor's address behind the TUN and drop what it sends. */
	kernel_sysctl(d->kernel, ifname, "rp_filter", 2);
	while (d->agent != NULL && agent_visitor_next(d->agent, &c, &v))
		if (!v.pending && v.link == link)
			carry_visitor(d, v.home_addr, link, &v.mac, v.reverse);
	if (lan_is(d, link))
		lan_link(d);
}

static void queue_watch(struct daemon *d, const struct agent_action *a)
{
	mtime now = instant_now().t;

	for (unsigned i = 0; i < QUEUE_WATCHES_MAX; i++) {
		struct queue_watch *w = &d->watches[i];

		if (w->active && !mac_equal(&w->mac, &a->mac))
			continue;
		w->active = true;
		w->link = a->link;
		w->mac = a->mac;
		w->ends = now + QUEUE_PATIENCE;
		d->queue_poll = now;
		return;
	}
	log_warning("more than %d stations are leaving at once: one leaves without a fence",
		    QUEUE_WATCHES_MAX);
}

void carry_on(struct daemon *d)
{
	for (unsigned i = 0; i < d->out.n; i++) {
		const struct agent_action *a = &d->out.a[i];

		if (a->act != AGENT_TUNNEL && a->act != AGENT_DELIVER)
			emit_flush(d);
		switch (a->act) {
		case AGENT_SEND_UDP:
			emit_udp(d, a);
			break;
		case AGENT_SEND_PACKET:
			emit_packet(d, a);
			break;
		case AGENT_SEND_LINK:
			emit_link(d, a);
			break;
		case AGENT_TUNNEL:
			emit_tunnel(d, a);
			break;
		case AGENT_DELIVER:
			emit_deliver(d, a);
			break;
		case AGENT_VISITOR_UP:
			carry_visitor(d, a->home, a->link, &a->mac, a->reverse);
			break;
		case AGENT_VISITOR_DOWN:
			visitor_down(d, a->home);
			break;
		case AGENT_PROXY_UP:
		case AGENT_PROXY_DOWN:
			lan_proxy(d, a->act == AGENT_PROXY_UP, a->home);
			break;
		case AGENT_PROXY_MUTE:
			lan_mute(d, a->home);
			break;
		case AGENT_ANNOUNCE:
			lan_announce(d, a->home, &a->mac);
			break;
		case AGENT_QUEUE_WATCH:
			queue_watch(d, a);
			break;
		case AGENT_NOTE:
			serve_note(d, a);
			break;
		}
	}
	d->out.n = 0;
}

void carry_out(struct daemon *d)
{
	carry_on(d);
	emit_flush(d);
}

/* ---- what is there from start to exit ---- */

/* The interface that has the address must forward; the host's other interfaces are their owner's
 * business. */
static void forward_on_owner_of(struct daemon *d, uint32_t addr)
{
	struct ifaddrs *list, *i;

	if (getifaddrs(&list) < 0)
		return;
	for (i = list; i != NULL; i = i->ifa_next) {
		const struct sockaddr_in *sin =
		    (const struct sockaddr_in *)(const void *)i->ifa_addr;

		if (sin == NULL || sin->sin_family != AF_INET ||
		    ntohl(sin->sin_addr.s_addr) != addr)
			continue;
		if (strcmp(i->ifa_name, d->settings.tun) != 0 && strcmp(i->ifa_name, "lo") != 0)
			kernel_sysctl(d->kernel, i->ifa_name, "forwarding", 1);
	}
	freeifaddrs(list);
}

static int setup_tun(struct daemon *d)
{
	const char *tun = d->settings.tun;
	int rc = 0;

	/* Without an address even a loose rp_filter drops what comes from the device. */
	rc |= kernel_addr(d->kernel, true, tun, d->conf.home ? d->conf.home_agent : d->conf.care_of,
			  32);
	rc |= kernel_sysctl(d->kernel, tun, "forwarding", 1);
	rc |= kernel_sysctl(d->kernel, tun, "rp_filter", 2);
	rc |= kernel_sysctl(d->kernel, tun, "accept_local", 1);
	rc |= kernel_sysctl(d->kernel, tun, "send_redirects", 0);
	return rc;
}

static int setup_home(struct daemon *d)
{
	struct kernel_route home = { .type = KROUTE_UNICAST,
				     .table = TABLE_MAIN,
				     .dst = d->conf.home_net,
				     .prefix_len = d->conf.home_prefix_len,
				     .ifname = d->settings.tun };

	forward_on_owner_of(d, d->conf.home_agent);
	return d->conf.home_on_link ? 0 : kernel_route(d->kernel, true, &home);
}

/* Where there are nodes on links of ours. */
static int setup_links(struct daemon *d)
{
	struct kernel_route last = { .type = KROUTE_BLACKHOLE, .table = TABLE_LINKS };
	struct kernel_route into = { .type = KROUTE_UNICAST,
				     .table = TABLE_TUN,
				     .ifname = d->settings.tun };
	const struct kernel_rule rules[] = {
		{ .priority = PREF_FROM_TUN, .table = TABLE_LINKS, .iif = d->settings.tun },
		{ .priority = PREF_TO_VISITOR, .table = TABLE_VISITORS },
		{ .priority = PREF_PAST, .go_to = PREF_END },
		{ .priority = PREF_END },
	};
	int rc = 0;

	/* The effective value is all OR the interface's own: 0 on both, or the kernel redirects
	 * neighbours. */
	rc |= kernel_sysctl(d->kernel, "all", "send_redirects", 0);
	/* A home agent's own packets leave the TUN too, for anywhere: then each visitor has its own
	 * last route. */
	if (!d->conf.home)
		rc |= kernel_route(d->kernel, true, &last);
	rc |= kernel_route(d->kernel, true, &into);
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		rc |= kernel_rule(d->kernel, true, &rules[i]);
	for (unsigned i = 0; i < d->n_links; i++) {
		struct kernel_rule link = { .priority = PREF_LINK,
					    .go_to = PREF_FROM_VISITOR,
					    .iif = d->links[i].name };

		rc |= kernel_rule(d->kernel, true, &link);
	}
	return rc;
}

int carry_setup(struct daemon *d)
{
	int rc;

	d->kernel = kernel_open();
	if (d->kernel == NULL)
		return -1;
	rc = kernel_purge(d->kernel);
	rc |= setup_tun(d);
	if (d->conf.home)
		rc |= setup_home(d);
	if (d->conf.foreign)
		forward_on_owner_of(d, d->conf.care_of);
	if (d->conf.foreign || d->conf.home_on_link)
		rc |= setup_links(d);
	if (rc == 0)
		return 0;
	log_error("cannot configure the kernel: see the lines above");
	return -1;
}

void carry_teardown(struct daemon *d)
{
	if (d->kernel == NULL)
		return;
	kernel_purge(d->kernel);
	kernel_sysctl_restore(d->kernel);
	kernel_close(d->kernel);
	d->kernel = NULL;
}
