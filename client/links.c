/* SPDX-License-Identifier: MIT */
#include "client/daemon.h"

#include "client/interface.h"
#include "common/capability.h"
#include "common/log.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PORT_MIP 434
#define SEND_BUFFER (1 << 20)	  /* the queued uplink leaves in one burst */
#define SEND_TRIES 20		  /* of 10 ms: at 1 Mbit/s that is a full driver queue */
#define LOOK_INTERVAL MSEC(20)

static void on_closed(uv_handle_t *h)
{
	struct node_link *l = h->data;

	l->closing--;
}

static void unwatch(struct node_link *l, uv_poll_t *p, bool *watched)
{
	if (!*watched)
		return;
	*watched = false;
	uv_poll_stop(p);
	l->closing++;
	uv_close((uv_handle_t *)p, on_closed);
}

static int watch(struct node_link *l, uv_poll_t *p, int fd, bool *watched)
{
	int err = uv_poll_init(&l->d->loop, p, fd);

	if (err < 0)
		return err;
	p->data = l;
	*watched = true;
	return 0;
}

static bool is_radio(const struct node_link *l)
{
	return l->index == MOBILE_RADIO;
}

static void shut(struct node_link *l)
{
	l->lost = false;
	if (!l->open)
		return;
	outer_want(l, 0);
	addresses_link(l, false);
	unwatch(l, &l->link_poll, &l->link_watched);
	unwatch(l, &l->tap_poll, &l->tap_watched);
	if (l->nl80211 != NULL)
		nl80211_close(l->nl80211);
	l->nl80211 = NULL;
	link_close(&l->link);
	tap_close(&l->tap);
	l->open = false;
}

int links_ports(struct daemon *d)
{
	for (unsigned i = 0; i < d->n_links; i++) {
		int fd = link_sink_open(PORT_MIP);

		if (fd < 0)
			return fd;
		d->links[i].sink = fd;
	}
	return 0;
}

void links_close(struct daemon *d)
{
	for (unsigned i = 0; i < d->n_links; i++) {
		shut(&d->links[i]);
		if (d->links[i].sink >= 0)
			close(d->links[i].sink);
	}
}

static int open_sockets(struct node_link *l)
{
	int size = SEND_BUFFER, err = link_open(&l->link, l->ifname);

	if (err < 0)
		return err;
	err = tap_open(&l->tap, l->ifname, l->d->kernel.home_addr);
	if (err < 0) {
		link_close(&l->link);
		return err;
	}
	l->open = true;
	err = link_sink_at(l->sink, l->ifname);
	if (err == 0)
		err = watch(l, &l->link_poll, l->link.fd, &l->link_watched);
	if (err == 0)
		err = watch(l, &l->tap_poll, l->tap.fd, &l->tap_watched);
	if (err == 0)
		err = uv_poll_start(&l->link_poll, UV_READABLE, loop_on_link);
	if (err < 0)
		shut(l);
	else if (setsockopt(l->link.sock, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)) < 0)
		log_debug("%s: send buffer: %s", l->ifname, strerror(errno));
	return err;
}

/* A cable has no supplicant to tell. */
static void carrier(struct node_link *l)
{
	bool up = l->open && interface_is_running(l->ifname);
	struct radio_bss bss = { .bssid = l->link.mac, .ssid_len = (uint8_t)strlen(l->ifname) };
	struct instant now = instant_now();
	struct daemon *d = l->d;

	if (is_radio(l) || up == l->up || d->mobile == NULL)
		return;
	l->up = up;
	memcpy(bss.ssid, l->ifname, bss.ssid_len);
	log_info("%s: its link is %s", l->ifname, up ? "up" : "down");
	mobile_count(d->mobile, links_count(d));
	if (up) {
		/* It may have been down since: the kernel forgets routes and neighbours then. */
		node_kernel_up(&d->kernel, l->index);
		mobile_connected(d->mobile, l->index, &bss, &now, &d->out);
	} else {
		node_kernel_down(&d->kernel, l->index);
		mobile_disconnected(d->mobile, l->index, &(struct mac){ { 0 } }, &now, &d->out);
	}
	loop_carry_out(d);
}

static void try_open(struct node_link *l)
{
	const char *section = is_radio(l) ? "Radio" : "Interfaces";
	char lacking[CAPABILITY_TEXT];
	bool may = capability_lacking(l->sink >= 0, lacking)[0] == '\0';
	int err = l->closing > 0 ? -EAGAIN : may ? open_sockets(l) : -EPERM;

	if (err == 0) {
		if (l->said_absent)
			log_info("%s: is there", l->ifname);
		l->said_absent = l->said_wired = l->nl80211_failed = false;
		node_kernel_link(&l->d->kernel, l->index, true);
		station_open(l);
		addresses_link(l, true);
		return;
	}
	if (err == -EAGAIN || l->said_absent)
		return;
	l->said_absent = true;
	if (err == -ENODEV || err == -ENXIO)
		log_warning("%s: no such interface, waiting for it: plug it in, load its driver, "
			    "or correct [%s] in the configuration",
			    l->ifname, section);
	else if (!may)
		log_warning("%s: cannot be used without %s: start mipclientd as root or by its "
			    "systemd unit",
			    l->ifname, lacking);
	else
		log_warning("%s: cannot be used: %s; trying again", l->ifname, strerror(-err));
}

static void gone(struct node_link *l, mtime now)
{
	struct daemon *d = l->d;
	struct instant at = instant_now();
	struct mobile_info info;

	log_warning("%s: is gone", l->ifname);
	shut(l);
	l->said_absent = true; /* said already */
	l->retry_in = 0;
	node_kernel_link(&d->kernel, l->index, false);
	mobile_info(d->mobile, now, &info);
	if (info.links[l->index].attached) {
		l->up = false;
		mobile_disconnected(d->mobile, l->index, &(struct mac){ { 0 } }, &at, &d->out);
		loop_carry_out(d);
	}
}

static void check(struct node_link *l, mtime now)
{
	if (l->lost)
		gone(l, now);
	if (!l->open)
		try_open(l);
	if (l->open) {
		l->retry_at = MTIME_NEVER;
		l->retry_in = 0;
		carrier(l);
		return;
	}
	l->retry_in = l->retry_in == 0 ? RETRY_MIN : mtime_min(l->retry_in * 2, RETRY_MAX);
	l->retry_at = now + l->retry_in;
}

void links_check(struct daemon *d, mtime now)
{
	for (unsigned i = 0; i < d->n_links; i++)
		if (d->links[i].lost || !d->links[i].open || d->links[i].retry_at != MTIME_NEVER)
			check(&d->links[i], now);
}

mtime links_deadline(const struct daemon *d, mtime now)
{
	mtime t = MTIME_NEVER;

	for (unsigned i = 0; i < d->n_links; i++)
		t = mtime_min(t, d->links[i].lost ? now : d->links[i].retry_at);
	return t;
}

static void verify(struct node_link *l, mtime now)
{
	unsigned ifindex = l->link.ifindex;

	if (l->open && (link_refresh(&l->link) < 0 || l->link.ifindex != ifindex))
		l->lost = true;
	if (!l->lost)
		return;
	check(l, now);
	loop_arm(l->d);
}

void links_verify(struct daemon *d, mtime now)
{
	for (unsigned i = 0; i < d->n_links; i++)
		verify(&d->links[i], now);
}

void links_news(struct daemon *d)
{
	mtime now = instant_now().t;

	for (unsigned i = 0; i < d->n_links; i++) {
		struct node_link *l = &d->links[i];

		if (is_radio(l))
			continue;
		verify(l, now);
		if (l->open)
			carrier(l);
		else if (interface_is_there(l->ifname))
			check(l, now);
	}
	loop_arm(d);
}

void links_look(struct daemon *d, mtime now)
{
	const struct mobile_want *want = mobile_want(d->mobile);
	struct node_link *l = &d->links[want->link];

	if (is_radio(l) || !l->open || now < l->look_at)
		return;
	l->look_at = now + LOOK_INTERVAL;
	carrier(l);
}

void links_connected(struct daemon *d, mtime now)
{
	struct node_link *l = &d->links[MOBILE_RADIO];

	verify(l, now);
	if (!l->open)
		check(l, now);
	if (!l->open)
		return;
	/* It may have been down since: the kernel forgets routes and neighbours then. */
	node_kernel_up(&d->kernel, l->index);
	station_open(l);
}

void links_want(struct daemon *d, unsigned link, const struct mobile_want *want)
{
	struct node_link *l = &d->links[link];
	struct advert_like known;

	outer_want(l, l->open ? want->care_of[link] : 0);
	if (!l->open)
		return;
	mobile_known(d->mobile, link, &known);
	link_ignore(&l->link, &known);
}

void links_home(struct daemon *d)
{
	for (unsigned i = 0; i < d->n_links; i++) {
		if (d->links[i].open)
			tap_about(&d->links[i].tap, d->kernel.home_addr);
		addresses_home(&d->links[i]);
	}
}

void links_watch_tap(struct daemon *d, unsigned link, bool on)
{
	struct node_link *l = &d->links[link];

	if (!l->open || !l->tap_watched)
		return;
	if (!on) {
		uv_poll_stop(&l->tap_poll);
		return;
	}
	tap_drain(&l->tap); /* what came before is no news */
	uv_poll_start(&l->tap_poll, UV_READABLE, loop_on_tap);
}

uint64_t links_count(struct daemon *d)
{
	uint64_t total = 0;

	for (unsigned i = 0; i < d->n_links; i++)
		total += d->links[i].open ? tap_count(&d->links[i].tap) : 0;
	return total;
}

int links_send(struct daemon *d, unsigned link, const struct mac *mac, const uint8_t *p, size_t n)
{
	struct node_link *l = &d->links[link];
	struct pollfd ready = {.fd = l->link.sock, .events = POLLOUT};
	int err;

	if (!l->open)
		return -ENODEV;
	err = link_send(&l->link, mac, p, n);
	/* The queued uplink must not be thinned out because the driver is slower than we are. */
	for (unsigned i = 0; i < SEND_TRIES && (err == -EAGAIN || err == -ENOBUFS); i++) {
		if (err == -ENOBUFS)
			poll(NULL, 0, 2);
		else
			poll(&ready, 1, 10);
		err = link_send(&l->link, mac, p, n);
	}
	return err;
}
