/* SPDX-License-Identifier: MIT */
#include "client/addresses.h"

#include "client/daemon.h"
#include "common/log.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/*
 * Tells the core what is there, and also when it is what was there before, if that one was brought
 * anew (0: none was).  While a network's address is being replaced by another's both are there; the
 * default route says which one counts.
 */
static void look(struct daemon *d, uint32_t brought)
{
	struct addresses *a = &d->addresses;
	struct instant now = instant_now();
	uint32_t addr = 0, gateway = d->radio.open ? kernel_gateway(d->kernel.k, d->ifname) : 0;
	bool anew;

	if (!d->radio.open ||
	    !kernel_addr_towards(d->kernel.k, d->ifname, gateway, NODE_LINK_ADDR, &addr) ||
	    addr == d->kernel.home_addr)
		addr = gateway = 0;
	anew = addr && addr == brought;
	if (!anew && addr == a->addr && gateway == a->gateway)
		return;
	if (gateway != a->gateway || anew)
		a->gateway_mac = (struct mac){ { 0 } };
	a->addr = addr;
	a->gateway = gateway;
	if (addr && gateway && a->asking)
		arp_ask(&a->arp, addr, gateway); /* who it is, for later */
	mobile_address(d->mobile, addr, gateway, &now, &d->out);
	resolve_network(d);
	loop_carry_out(d);
}

/* The kernel's own word.  *brought: this address of the radio was added, or its lease renewed. */
static bool concerns(struct nlmsghdr *h, unsigned ifindex, uint32_t *brought)
{
	const struct ifaddrmsg *m = NLMSG_DATA(h);
	struct nlattr *local;

	if (h->nlmsg_type == RTM_NEWROUTE || h->nlmsg_type == RTM_DELROUTE)
		return true;
	if ((h->nlmsg_type != RTM_NEWADDR && h->nlmsg_type != RTM_DELADDR) ||
	    h->nlmsg_len < NLMSG_LENGTH(sizeof(*m)) || m->ifa_index != ifindex)
		return false;
	local = nlmsg_find_attr(h, sizeof(*m), IFA_LOCAL);
	if (h->nlmsg_type == RTM_NEWADDR && local && nla_len(local) == 4)
		*brought = ntohl(nla_get_u32(local));
	return true;
}

static void on_monitor(uv_poll_t *poll, int status, int events)
{
	struct daemon *d = poll->data;
	_Alignas(struct nlmsghdr) char buf[16384];
	struct sockaddr_nl from;
	struct iovec iov = { buf, sizeof(buf) };
	struct msghdr m = {
		.msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &iov, .msg_iovlen = 1
	};
	uint32_t brought = 0;
	bool news = false;

	(void)events;
	for (;;) {
		ssize_t n = recvmsg(d->addresses.monitor, &m, MSG_DONTWAIT);

		if (n < 0 && errno != ENOBUFS)
			break;
		if (n < 0) { /* some were lost */
			news = true;
			continue;
		}
		if (from.nl_pid != 0)
			continue;
		for (struct nlmsghdr *h = (void *)buf; NLMSG_OK(h, n); h = NLMSG_NEXT(h, n))
			news |= concerns(h, d->radio.link.ifindex, &brought);
	}
	if (status < 0 && !uv_is_closing((uv_handle_t *)poll))
		uv_poll_start(poll, UV_READABLE, on_monitor);
	if (news && !d->stopping)
		look(d, brought);
}

static void on_arp(uv_poll_t *poll, int status, int events)
{
	struct daemon *d = poll->data;
	struct addresses *a = &d->addresses;
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
		if (addr != a->gateway)
			continue;
		if (mac_is_zero(&a->gateway_mac))
			a->gateway_mac = mac;
		if (!mac_equal(&a->gateway_mac, &mac))
			continue; /* another network's, with the same address */
		mobile_gateway(d->mobile, addr, &now, &d->out);
		loop_carry_out(d);
	}
}

int addresses_open(struct daemon *d)
{
	struct addresses *a = &d->addresses;
	struct sockaddr_nl sa = { .nl_family = AF_NETLINK,
				  .nl_groups = RTMGRP_IPV4_IFADDR | RTMGRP_IPV4_ROUTE };

	a->monitor = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (a->monitor < 0 || bind(a->monitor, (struct sockaddr *)&sa, sizeof(sa)) < 0 ||
	    uv_poll_init(&d->loop, &a->monitor_poll, a->monitor) < 0) {
		log_error("netlink: %s", strerror(errno));
		return -1;
	}
	a->monitor_poll.data = d;
	a->watching = true;
	uv_poll_start(&a->monitor_poll, UV_READABLE, on_monitor);
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
	struct daemon *d = h->data;

	d->radio.closing--;
}

void addresses_radio(struct daemon *d, bool there)
{
	struct addresses *a = &d->addresses;

	if (!there) {
		if (a->asking) {
			uv_poll_stop(&a->arp_poll);
			d->radio.closing++;
			uv_close((uv_handle_t *)&a->arp_poll, on_closed);
			arp_close(&a->arp);
		}
		a->asking = false;
		return;
	}
	if (!a->watching)
		return;
	if (!a->asking && arp_open(&a->arp, d->ifname, d->kernel.home_addr) == 0) {
		if (uv_poll_init(&d->loop, &a->arp_poll, a->arp.fd) < 0) {
			arp_close(&a->arp);
		} else {
			a->arp_poll.data = d;
			a->asking = true;
			uv_poll_start(&a->arp_poll, UV_READABLE, on_arp);
		}
	}
	look(d, 0);
}

void addresses_probe(struct daemon *d, uint32_t src, uint32_t gateway)
{
	struct addresses *a = &d->addresses;

	/* Whose address it was before we do not know: then its answer proves nothing. */
	if (a->asking && !mac_is_zero(&a->gateway_mac) && arp_ask(&a->arp, src, gateway) < 0)
		log_debug("%s: no ARP request: %s", d->ifname, strerror(errno));
}

void addresses_home(struct daemon *d)
{
	if (d->addresses.asking)
		arp_about(&d->addresses.arp, d->kernel.home_addr);
}

void addresses_announce(struct daemon *d)
{
	const struct arp *arp = &d->addresses.arp;
	int rc = -ENODEV;

	if (d->addresses.asking)
		rc = arp_announce(arp->sock, arp->ifindex, d->kernel.home_addr, &arp->mac);
	if (rc < 0)
		log_debug("%s: no gratuitous ARP: %s", d->ifname, strerror(-rc));
}
