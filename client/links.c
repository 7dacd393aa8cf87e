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
#define THRESHOLD_HYSTERESIS_DB 2 /* the kernel's own, against a wake-up for every beacon */

static void on_closed(uv_handle_t *h)
{
	struct daemon *d = h->data;

	d->radio.closing--;
}

static void unwatch(struct daemon *d, uv_poll_t *p, bool *watched)
{
	if (!*watched)
		return;
	*watched = false;
	uv_poll_stop(p);
	d->radio.closing++;
	uv_close((uv_handle_t *)p, on_closed);
}

static int watch(struct daemon *d, uv_poll_t *p, int fd, bool *watched)
{
	int err = uv_poll_init(&d->loop, p, fd);

	if (err < 0)
		return err;
	p->data = d;
	*watched = true;
	return 0;
}

void links_close(struct daemon *d)
{
	struct radio_link *r = &d->radio;

	r->lost = false;
	if (!r->open)
		return;
	outer_want(d, 0);
	addresses_radio(d, false);
	unwatch(d, &r->link_poll, &r->link_watched);
	unwatch(d, &r->tap_poll, &r->tap_watched);
	if (r->nl80211 != NULL)
		nl80211_close(r->nl80211);
	r->nl80211 = NULL;
	link_close(&r->link);
	tap_close(&r->tap);
	if (r->sink >= 0)
		close(r->sink);
	r->sink = -1;
	r->open = false;
}

static int open_sockets(struct daemon *d)
{
	struct radio_link *r = &d->radio;
	int size = SEND_BUFFER, err = link_open(&r->link, d->ifname);

	if (err < 0)
		return err;
	err = tap_open(&r->tap, d->ifname, d->kernel.home_addr);
	if (err < 0) {
		link_close(&r->link);
		return err;
	}
	r->sink = link_udp_sink(d->ifname, PORT_MIP);
	r->open = true;
	err = r->sink < 0 ? r->sink : 0;
	if (err == 0)
		err = watch(d, &r->link_poll, r->link.fd, &r->link_watched);
	if (err == 0)
		err = watch(d, &r->tap_poll, r->tap.fd, &r->tap_watched);
	if (err == 0)
		err = uv_poll_start(&r->link_poll, UV_READABLE, loop_on_link);
	if (err < 0)
		links_close(d);
	else if (setsockopt(r->link.sock, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)) < 0)
		log_debug("%s: send buffer: %s", d->ifname, strerror(errno));
	return err;
}

/* The Wi-Fi side: an interface without it (a veth in a
 * test) works, but nothing tells its signal. */
static void open_nl80211(struct daemon *d)
{
	struct radio_link *r = &d->radio;

	if (r->nl80211 != NULL || r->nl80211_failed)
		return;
	if (!interface_is_wifi(d->ifname)) {
		if (!r->said_wired)
			log_warning("%s: no Wi-Fi interface, its signal is not known: name the "
				    "Wi-Fi one with [Radio] "
				    "interface",
				    d->ifname);
		r->said_wired = true;
		return;
	}
	r->nl80211 = nl80211_open(&d->loop, d->ifname, loop_on_nl80211, d);
	r->nl80211_failed = r->nl80211 == NULL; /* it has said why; once an interface */
	if (r->nl80211 != NULL && r->n_dbm > 0)
		nl80211_thresholds(r->nl80211, r->dbm, r->n_dbm, THRESHOLD_HYSTERESIS_DB);
}

static void try_open(struct daemon *d)
{
	struct radio_link *r = &d->radio;
	char lacking[CAPABILITY_TEXT];
	bool may = capability_lacking(lacking)[0] == '\0';
	int err = r->closing > 0 ? -EAGAIN : may ? open_sockets(d) : -EPERM;

	if (err == 0) {
		if (r->said_absent)
			log_info("%s: is there", d->ifname);
		r->said_absent = r->said_wired = r->nl80211_failed = false;
		node_kernel_radio(&d->kernel, true);
		open_nl80211(d);
		addresses_radio(d, true);
		return;
	}
	if (err == -EAGAIN || r->said_absent)
		return;
	r->said_absent = true;
	if (err == -ENODEV || err == -ENXIO)
		log_warning("%s: no such interface, waiting for it: plug it in, load its driver, "
			    "or correct [Radio] interface",
			    d->ifname);
	else if (!may)
		log_warning("%s: cannot be used without %s: start mipclientd as root or by its "
			    "systemd unit",
			    d->ifname, lacking);
	else
		log_warning("%s: cannot be used: %s; trying again", d->ifname, strerror(-err));
}

void links_check(struct daemon *d, mtime now)
{
	struct radio_link *r = &d->radio;
	struct instant at = instant_now();
	struct mobile_info info;

	if (r->lost) {
		log_warning("%s: is gone", d->ifname);
		links_close(d);
		r->said_absent = true; /* said already */
		r->retry_in = 0;
		node_kernel_radio(&d->kernel, false);
		mobile_info(d->mobile, now, &info);
		if (info.attached) {
			mobile_disconnected(d->mobile, &info.bss.bssid, &at, &d->out);
			loop_carry_out(d);
		}
	}
	if (!r->open)
		try_open(d);
	if (r->open) {
		r->retry_at = MTIME_NEVER;
		r->retry_in = 0;
		return;
	}
	r->retry_in = r->retry_in == 0 ? RETRY_MIN : mtime_min(r->retry_in * 2, RETRY_MAX);
	r->retry_at = now + r->retry_in;
}

void links_verify(struct daemon *d, mtime now)
{
	struct radio_link *r = &d->radio;
	unsigned ifindex = r->link.ifindex;

	if (r->open && (link_refresh(&r->link) < 0 || r->link.ifindex != ifindex))
		r->lost = true;
	if (!r->lost)
		return;
	links_check(d, now);
	loop_arm(d);
}

void links_connected(struct daemon *d, mtime now)
{
	struct radio_link *r = &d->radio;

	links_verify(d, now);
	if (!r->open)
		links_check(d, now);
	if (!r->open)
		return;
	/* It may have been down since: the kernel forgets routes and neighbours then. */
	node_kernel_radio(&d->kernel, true);
	open_nl80211(d);
}

void links_home(struct daemon *d)
{
	if (d->radio.open)
		tap_about(&d->radio.tap, d->kernel.home_addr);
	addresses_home(d);
}

void links_watch_tap(struct daemon *d, bool on)
{
	if (!d->radio.open || !d->radio.tap_watched)
		return;
	if (!on) {
		uv_poll_stop(&d->radio.tap_poll);
		return;
	}
	tap_drain(&d->radio.tap); /* what came before is no news */
	uv_poll_start(&d->radio.tap_poll, UV_READABLE, loop_on_tap);
}

int links_send(struct daemon *d, const struct mac *mac, const uint8_t *p, size_t n)
{
	struct pollfd ready = {.fd = d->radio.link.sock, .events = POLLOUT};
	int err;

	if (!d->radio.open)
		return -ENODEV;
	err = link_send(&d->radio.link, mac, p, n);
	/* The queued uplink must not be thinned out because the driver is slower than we are. */
	for (unsigned i = 0; i < SEND_TRIES && (err == -EAGAIN || err == -ENOBUFS); i++) {
		if (err == -ENOBUFS)
			poll(NULL, 0, 2);
		else
			poll(&ready, 1, 10);
		err = link_send(&d->radio.link, mac, p, n);
	}
	return err;
}

void links_thresholds(struct daemon *d, const int32_t *dbm, unsigned n)
{
	struct radio_link *r = &d->radio;

	r->n_dbm = n < RADIO_THRESHOLDS_MAX ? n : RADIO_THRESHOLDS_MAX;
	memcpy(r->dbm, dbm, r->n_dbm * sizeof(r->dbm[0]));
	if (r->nl80211 != NULL)
		nl80211_thresholds(r->nl80211, r->dbm, r->n_dbm, THRESHOLD_HYSTERESIS_DB);
}

bool links_signal(struct daemon *d, int *dbm)
{
	struct nl80211_station st;

	if (d->radio.nl80211 == NULL || nl80211_station(d->radio.nl80211, NULL, &st) < 0)
		return false;
	if (!st.has_signal && !st.has_average)
		return false;
	/* No frame since the last look: the same sample would count twice. */
	if (st.has_rx_bytes && st.rx_bytes == d->radio.rx_bytes)
		return false;
	d->radio.rx_bytes = st.rx_bytes;
	*dbm = st.has_signal ? st.signal_dbm : st.average_dbm;
	return true;
}

uint32_t links_backlog(struct daemon *d)
{
	struct nl80211_station st;

	if (d->radio.nl80211 == NULL || nl80211_station(d->radio.nl80211, NULL, &st) < 0)
		return 0;
	return st.has_backlog ? st.backlog : 0;
}
