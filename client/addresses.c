/* SPDX-License-Identifier: MIT */
#include "client/addresses.h"

#include "client/daemon.h"
#include "common/kernel_said.h"
#include "common/log.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void tell(struct node_link *l, uint32_t addr, uint32_t gateway, uint32_t valid_s)
{
	struct link_address *a = &l->address;
	struct daemon *d = l->d;
	struct instant now = instant_now();

	a->addr = addr;
	a->gateway = gateway;
	if (addr && gateway && a->asking)
		arp_ask(&a->arp, addr, gateway, NULL); /* who it is, for later */
	/* With its last address the kernel takes away the interface's routes and neighbours, ours
	 * too, and hears nothing there any more. */
	if (!addr && l->open)
		node_kernel_link(&d->kernel, l->index, true);
	mobile_address(d->mobile, l->index, addr, gateway, &now, &d->out);
	mobile_lease(d->mobile, l->index, valid_s, &now);
	resolve_network(d);
	loop_carry_out(d);
}

/*
 * Tells the core what is there, and also when it is what was there before, if that one was brought
 * anew (0: none was).  While a network's address is being replaced by another's both are there; the
 * default route says which one counts.  One that is lent counts until a client has brought its own.
 */
static void look(struct node_link *l, uint32_t brought)
{
	struct daemon *d = l->d;
	struct link_address *a = &l->address;
	struct lending *lent = &l->lending;
	uint32_t gateway = l->open ? kernel_gateway(d->kernel.k, l->ifname) : 0;
	struct kernel_look k = { .towards = gateway, .except = NODE_LINK_ADDR, .host = lent->addr };
	struct instant now = instant_now();
	bool anew;

	if (!l->open || !kernel_look(d->kernel.k, l->ifname, &k) ||
	    k.addr == d->kernel.home_addr) {
		k.addr = gateway = 0;
		k.valid_s = UINT32_MAX;
	}
	anew = k.addr && k.addr == brought;
	if (lent->addr && !k.host_there)
		lend_take(l); /* somebody else has removed it, or its lease is over */
	if (lent->addr && !lend_is_over(lent, k.addr, gateway, anew)) {
		if (a->addr != lent->addr)
			tell(l, lent->addr, lent->gateway, UINT32_MAX);
		return;
	}
	anew |= lent->addr && a->addr == lent->addr; /* the same, but not by us */
	if (anew || k.addr != a->addr || gateway != a->gateway)
		tell(l, k.addr, gateway, k.valid_s);
	else
		mobile_lease(d->mobile, l->index, k.valid_s, &now);
}

struct news {
	bool routes, links;
	bool removed, perhaps; /* something of ours, by somebody else */
	bool of[MOBILE_LINKS_MAX];	    /* the addresses of these have changed */
	uint32_t brought[MOBILE_LINKS_MAX]; /* this one was added, or its lease renewed */
};

static void take_address(const struct daemon *d, const struct kernel_said *said, struct news *news)
{
	for (unsigned i = 0; i < d->n_links; i++) {
		if (said->ifindex != d->links[i].link.ifindex)
			continue;
		news->of[i] = true;
		/* With the last one the kernel forgets the routes, and says nothing of them. */
		news->perhaps |= said->gone && said->by != kernel_port(d->kernel.k);
		if (said->gone || !said->addr)
			continue;
		if (said->prefix_len < 32 || said->addr != d->links[i].lending.addr)
			news->brought[i] = said->addr;
	}
}

static void take(const struct daemon *d, const struct kernel_said *said, struct news *news)
{
	news->removed |= repair_needed(d, said);
	switch (said->thing) {
	case KERNEL_ROUTE:
		news->routes = true;
		break;
	case KERNEL_LINK:
		news->links = true;
		break;
	case KERNEL_ADDRESS:
		take_address(d, said, news);
		break;
	case KERNEL_RULE:
	case KERNEL_NEIGHBOUR:
		break;
	}
}

static void read_dry(struct daemon *d, struct news *news)
{
	_Alignas(struct nlmsghdr) char buf[4096]; /* one change each */
	struct sockaddr_nl from;
	struct iovec iov = { buf, sizeof(buf) };
	struct msghdr m = {
		.msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &iov, .msg_iovlen = 1
	};
	struct kernel_words words;
	struct kernel_said said;

	for (;;) {
		ssize_t n = recvmsg(d->addresses.monitor, &m, MSG_DONTWAIT);

		if (n < 0 && errno != ENOBUFS)
			break;
		if (n < 0) { /* some were lost */
			news->routes = news->links = news->perhaps = true;
			continue;
		}
		words = kernel_words(buf, (size_t)n, from.nl_pid);
		while (kernel_next(&words, &said))
			take(d, &said, news);
	}
}

static void on_monitor(uv_poll_t *poll, int status, int events)
{
	struct daemon *d = poll->data;
	struct news news = { .links = false };

	(void)events;
	read_dry(d, &news);
	if (status < 0 && !uv_is_closing((uv_handle_t *)poll))
		uv_poll_start(poll, UV_READABLE, on_monitor);
	if (d->stopping)
		return;
	if (news.removed || news.perhaps)
		repair_want(d, news.removed);
	if (news.links)
		links_news(d);
	for (unsigned i = 0; i < d->n_links; i++)
		if (news.routes || news.of[i])
			look(&d->links[i], news.brought[i]);
}

static void on_arp(uv_poll_t *poll, int status, int events)
{
	struct node_link *l = poll->data;
	struct daemon *d = l->d;
	struct link_address *a = &l->address;
	struct instant now = instant_now();
	uint32_t addr;
	struct mac mac;

	(void)status;
	(void)events;
	while (a->asking && arp_answer(&a->arp, &addr, &mac)) {
		if (addr == d->kernel.home_addr && mac_equal(&mac, &a->arp.mac)) {
			mobile_announced(d->mobile, &now, &d->out);
			loop_carry_out(d);
		}
		if (mac_equal(&mac, &a->arp.mac))
			continue;
		mobile_gateway(d->mobile, l->index, addr, &mac, &now, &d->out);
		loop_carry_out(d);
	}
}

int addresses_open(struct daemon *d)
{
	struct addresses *a = &d->addresses;
	/* A radio's changes are the supplicant's to tell, and many. */
	uint32_t links = d->n_links > 1 ? RTMGRP_LINK : 0;
	struct sockaddr_nl sa = { .nl_family = AF_NETLINK,
				  .nl_groups = RTMGRP_IPV4_IFADDR | RTMGRP_IPV4_ROUTE |
						 RTMGRP_IPV4_RULE | links };

	a->monitor = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (a->monitor < 0 || bind(a->monitor, (struct sockaddr *)&sa, sizeof(sa)) < 0 ||
	    uv_poll_init(&d->loop, &a->poll, a->monitor) < 0) {
		log_error("netlink: %s", strerror(errno));
		return -1;
	}
	a->poll.data = d;
	a->watching = true;
	uv_poll_start(&a->poll, UV_READABLE, on_monitor);
	return 0;
}

void addresses_close(struct daemon *d)
{
	if (d->addresses.monitor >= 0)
		close(d->addresses.monitor);
	d->addresses.monitor = -1;
}

static void on_closed(uv_handle_t *h)
{
	struct node_link *l = h->data;

	l->closing--;
}

void addresses_link(struct node_link *l, bool there)
{
	struct daemon *d = l->d;
	struct link_address *a = &l->address;

	if (!there) {
		lend_take(l);
		renew_stop(l);
		if (a->asking) {
			uv_poll_stop(&a->poll);
			l->closing++;
			uv_close((uv_handle_t *)&a->poll, on_closed);
			arp_close(&a->arp);
		}
		a->asking = false;
		return;
	}
	if (!d->addresses.watching)
		return;
	if (!a->asking && arp_open(&a->arp, l->ifname, d->kernel.home_addr) == 0) {
		if (uv_poll_init(&d->loop, &a->poll, a->arp.fd) < 0) {
			arp_close(&a->arp);
		} else {
			a->poll.data = l;
			a->asking = true;
			uv_poll_start(&a->poll, UV_READABLE, on_arp);
		}
	}
	look(l, 0);
}

void addresses_probe(struct node_link *l, uint32_t src, uint32_t addr, const struct mac *mac)
{
	struct link_address *a = &l->address;
	const struct mac *to = mac_is_zero(mac) ? NULL : mac;

	if (a->asking && arp_ask(&a->arp, src, addr, to) < 0)
		log_debug("%s: no ARP request: %s", l->ifname, strerror(errno));
}

void addresses_home(struct node_link *l)
{
	if (l->address.asking)
		arp_about(&l->address.arp, l->d->kernel.home_addr);
}

void addresses_announce(struct node_link *l)
{
	const struct arp *arp = &l->address.arp;
	int rc = -ENODEV;

	if (l->address.asking)
		rc = arp_announce(arp->sock, arp->ifindex, l->d->kernel.home_addr, &arp->mac);
	if (rc < 0)
		log_debug("%s: no gratuitous ARP: %s", l->ifname, strerror(-rc));
}
