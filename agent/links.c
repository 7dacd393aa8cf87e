/* SPDX-License-Identifier: MIT */
#include "agent/daemon.h"

#include "common/kernel_said.h"
#include "common/log.h"
#include "common/mip.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* The links of a foreign agent, and the home link: their frames, their coming and going, the queues
 * of their stations. */
#define FRAMES_BATCH 16
#define ADVERT_TYPE 9

/* ---- frames from a link ---- */

static enum drop frame(struct agent_link *l, const struct link_frame *f)
{
	struct daemon *d = l->d;
	struct instant now = instant_now();
	struct udp udp;
	enum drop why;

	if (f->ip.protocol == PROTO_ICMP) {
		if (f->ip.payload.left > 0 && f->ip.payload.p[0] == ADVERT_TYPE)
			return DROP_NONE; /* another agent's: not our business */
		agent_solicit(d->agent, l->index, &f->src, f->ip.src, f->ip.payload.p,
			      f->ip.payload.left, &now, &d->out);
		carry_out(d);
		return DROP_NONE;
	}
	why = udp_decode(&f->ip, f->check_ready, &udp);
	if (why != DROP_NONE)
		return why;
	if (udp.dport != MIP_PORT)
		return DROP_NONE; /* from port 434 to somewhere else: passing by */
	if (lan_is(d, l->index) && !lan_from_home(f->ip.src, udp.payload.p, udp.payload.left))
		return DROP_NONE; /* the port's own socket has it */
	agent_link_udp(d->agent, l->index, &f->src, f->ip.src, udp.sport, f->ip.dst, f->ip.ttl,
		       udp.payload.p, udp.payload.left, &now, &d->out);
	carry_out(d);
	return DROP_NONE;
}

static void on_link(uv_poll_t *poll, int status, int events)
{
	struct agent_link *l = poll->data;
	uint8_t buf[2048];
	struct link_frame f;

	(void)events;
	for (int i = 0; i < FRAMES_BATCH; i++) {
		enum drop why = DROP_NONE;
		int rc = link_recv(&l->link, buf, sizeof(buf), &f, &why);

		if (rc < 0)
			break;
		if (rc > 0) {
			input_read_dry(l->d);
			why = frame(l, &f);
		}
		if (why != DROP_NONE)
			l->d->drops.n[why]++;
	}
	if (status < 0 && !uv_is_closing((uv_handle_t *)poll))
		uv_poll_start(poll, UV_READABLE, on_link);
	daemon_settle(l->d);
}

/* ---- interfaces come and go ---- */

static bool is_wifi(const char *ifname)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/class/net/%s/phy80211", ifname);
	return access(path, F_OK) == 0;
}

static int link_start(struct agent_link *l)
{
	int rc = link_open(&l->link, l->name);

	if (rc < 0)
		return rc;
	l->open = true;
	link_sink_at(l->sink, l->name);
	uv_poll_init(&l->d->loop, &l->poll, l->link.fd);
	l->poll.data = l;
	uv_poll_start(&l->poll, UV_READABLE, on_link);
	if (is_wifi(l->name))
		l->wifi = nl80211_open(&l->d->loop, l->name, NULL, NULL);
	return 0;
}

static void link_shut(uv_handle_t *h)
{
	struct agent_link *l = h->data;

	link_close(&l->link);
	l->open = false;
}

static void link_stop(struct agent_link *l)
{
	if (l->wifi != NULL)
		nl80211_close(l->wifi);
	l->wifi = NULL;
	if (l->open && !uv_is_closing((uv_handle_t *)&l->poll))
		uv_close((uv_handle_t *)&l->poll, link_shut);
}

static bool is_up(const struct link *l)
{
	struct ifreq ifr = { 0 };

	memcpy(ifr.ifr_name, l->name, sizeof(ifr.ifr_name));
	return ioctl(l->sock, SIOCGIFFLAGS, &ifr) == 0 && (ifr.ifr_flags & IFF_UP) != 0;
}

/* True when it must be looked at again. */
static bool link_check(struct agent_link *l)
{
	unsigned before = l->link.ifindex;

	if (!l->open) {
		if (if_nametoindex(l->name) == 0 || link_start(l) < 0)
			return true;
		log_info("%s is there", l->name);
		l->down = true;
	} else if (!l->down) {
		return false;
	} else if (link_refresh(&l->link) < 0 || l->link.ifindex != before) {
		log_warning("%s went away: waiting for it to come back", l->name);
		link_stop(l);
		return true;
	}
	if (!is_up(&l->link))
		return true;
	/* The kernel forgot its routes and neighbours when it went down. */
	l->down = false;
	carry_link(l->d, l->index);
	return false;
}

void links_check(struct daemon *d, mtime now)
{
	bool again = false;

	for (unsigned i = 0; i < d->n_links; i++)
		again |= link_check(&d->links[i]);
	d->link_retry = again ? now + LINK_RETRY : MTIME_NEVER;
}

/* Notes which interface of ours is down. */
static void link_news(struct daemon *d, const struct kernel_said *said)
{
	if (said->thing != KERNEL_LINK)
		return;
	for (unsigned i = 0; i < d->n_links; i++) {
		struct agent_link *l = &d->links[i];

		if (l->open && l->link.ifindex == said->ifindex && (said->gone || !said->up))
			l->down = true;
	}
}

static void on_monitor(uv_poll_t *poll, int status, int events)
{
	struct daemon *d = poll->data;
	_Alignas(struct nlmsghdr) char buf[8192];
	struct sockaddr_nl from;
	struct iovec iov = { buf, sizeof(buf) };
	struct msghdr m = {
		.msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &iov, .msg_iovlen = 1
	};
	struct kernel_words words;
	struct kernel_said said;

	(void)events;
	for (;;) {
		ssize_t n = recvmsg(d->monitor, &m, MSG_DONTWAIT);

		if (n < 0 && errno != ENOBUFS)
			break;
		if (n < 0) { /* some were lost: look at all */
			for (unsigned i = 0; i < d->n_links; i++)
				d->links[i].down = true;
			continue;
		}
		words = kernel_words(buf, (size_t)n, from.nl_pid);
		while (kernel_next(&words, &said))
			link_news(d, &said);
	}
	if (status < 0 && !uv_is_closing((uv_handle_t *)poll))
		uv_poll_start(poll, UV_READABLE, on_monitor);
	links_check(d, instant_now().t);
	daemon_settle(d);
}

static int monitor_open(struct daemon *d)
{
	struct sockaddr_nl sa = { .nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK };

	d->monitor = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (d->monitor < 0 || bind(d->monitor, (struct sockaddr *)&sa, sizeof(sa)) < 0) {
		log_error("netlink: %s", strerror(errno));
		return -1;
	}
	uv_poll_init(&d->loop, &d->monitor_poll, d->monitor);
	d->monitor_poll.data = d;
	uv_poll_start(&d->monitor_poll, UV_READABLE, on_monitor);
	return 0;
}

/* ---- the fence ---- */

static bool queue_is_empty(const struct daemon *d, const struct queue_watch *w, mtime now)
{
	struct nl80211_station st;
	struct nl80211 *wifi = w->link < d->n_links ? d->links[w->link].wifi : NULL;

	if (wifi == NULL || now >= w->ends || nl80211_station(wifi, &w->mac, &st) < 0)
		return true;
	return !st.has_backlog || st.backlog == 0;
}

void links_queues_check(struct daemon *d)
{
	struct instant now = instant_now();

	if (now.t < d->queue_poll)
		return;
	d->queue_poll = MTIME_NEVER;
	for (unsigned i = 0; i < QUEUE_WATCHES_MAX; i++) {
		struct queue_watch *w = &d->watches[i];

		if (!w->active)
			continue;
		if (!queue_is_empty(d, w, now.t)) {
			d->queue_poll = now.t + QUEUE_POLL;
			continue;
		}
		w->active = false;
		agent_queue_empty(d->agent, &w->mac, &now, &d->out);
		carry_out(d);
	}
}

int links_ports(struct daemon *d)
{
	for (unsigned i = 0; i < d->n_links; i++) {
		int fd = link_sink_open(MIP_PORT);

		if (fd < 0) {
			log_error("UDP port %d: %s", MIP_PORT, strerror(-fd));
			return -1;
		}
		d->links[i].sink = fd;
	}
	return 0;
}

int links_open(struct daemon *d)
{
	if (d->n_links > 0 && monitor_open(d) < 0)
		return -1;
	for (unsigned i = 0; i < d->n_links; i++) {
		int rc = if_nametoindex(d->links[i].name) != 0 ? link_start(&d->links[i]) : -ENODEV;

		if (rc == 0) {
			carry_link(d, i);
			continue;
		}
		if (rc != -ENODEV)
			return -1;
		log_warning("no interface %s: waiting for it", d->links[i].name);
		d->link_retry = 0;
	}
	return 0;
}

void links_close(struct daemon *d)
{
	for (unsigned i = 0; i < d->n_links; i++) {
		link_stop(&d->links[i]);
		if (d->links[i].sink >= 0)
			close(d->links[i].sink);
	}
}
