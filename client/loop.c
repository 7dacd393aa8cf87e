/* SPDX-License-Identifier: MIT */
#include "client/daemon.h"

#include "common/log.h"

#include <errno.h>
#include <string.h>

#define BATCH 64	     /* packets read before the loop looks at anything else */
#define ROUNDS_MAX 4096	     /* of one event; a TUN queue is 500 packets */
#define PORT_MIP 434

void loop_arm(struct daemon *d)
{
	mtime now = (mtime)(uv_hrtime() / 1000), at = mobile_deadline(d->mobile);
	mtime wait;

	at = mtime_min(at, links_deadline(d, now));
	at = mtime_min(at, serve_deadline(d));
	at = mtime_min(at, mtime_min(resolve_deadline(d), renew_deadline(d)));
	at = mtime_min(at, giveback_check(&d->giveback, mobile_pool(d->mobile), now));
	if (at == d->armed || d->stopping)
		return;
	d->armed = at;
	if (at == MTIME_NEVER) {
		uv_timer_stop(&d->timer);
		return;
	}
	wait = at > now ? (at - now + MSEC(1) - 1) / MSEC(1) : 0;
	uv_update_time(&d->loop);
	uv_timer_start(&d->timer, loop_on_timer, (uint64_t)wait, 0);
}

static void carry_out_action(struct daemon *d, const struct mobile_action *a)
{
	int err;

	switch (a->act) {
	case MOBILE_SEND:
		if (links_send(d, a->link, &a->mac, a->p, a->n) < 0)
			mobile_dropped(d->mobile, DROP_SEND_FAILED);
		return;
	case MOBILE_UDP:
		if (outer_message(d, a->link, a->src, a->dst, a->p, a->n) < 0)
			mobile_dropped(d->mobile, DROP_SEND_FAILED);
		return;
	case MOBILE_TUNNEL:
		if (outer_tunnel(d, a->link, a->on, a->src, a->dst, a->p, a->n) < 0)
			mobile_dropped(d->mobile, DROP_SEND_FAILED);
		return;
	case MOBILE_DELIVER:
		path_deliver(d, a->p, a->n);
		return;
	case MOBILE_PROBE:
		addresses_probe(&d->links[a->link], a->src, a->dst, &a->mac);
		return;
	case MOBILE_ADDRESS:
		if (a->on)
			lend_put(&d->links[a->link], a->src, a->dst, &a->mac, a->until);
		else
			lend_take(&d->links[a->link]);
		return;
	case MOBILE_RENEW:
		renew_run(&d->links[a->link], a->text);
		return;
	case MOBILE_ANNOUNCE:
		addresses_announce(&d->links[a->link]);
		return;
	case MOBILE_ROAM:
		err = wifi_roam(d->wifi, &a->bss);
		if (err < 0)
			d->pending.roam_error = -err;
		return;
	case MOBILE_SCAN:
		if (wifi_scan(d->wifi, a->freqs, a->n_freqs) < 0)
			d->pending.scan_failed = true;
		return;
	case MOBILE_SAMPLE:
		d->pending.sample = true;
		return;
	case MOBILE_BACKLOG:
		d->pending.backlog = true;
		return;
	case MOBILE_THRESHOLDS:
		links_thresholds(d, a->dbm, a->n_dbm);
		return;
	case MOBILE_TAP:
		links_watch_tap(d, a->link, a->on);
		return;
	case MOBILE_NOTE:
		log_info("%s", a->text);
		return;
	case MOBILE_EVENT:
		serve_event(d, a->text);
		return;
	}
}

static void round_out(struct daemon *d)
{
	const struct mobile_want *want = mobile_want(d->mobile);
	bool moved = want->home_addr != d->kernel.home_addr;

	if (!path_may_wait(d))
		path_flush(d);
	node_kernel_install(&d->kernel, want);
	if (moved)
		links_home(d);
	for (unsigned i = 0; i < d->n_links; i++)
		outer_want(&d->links[i], d->links[i].open ? want->care_of[i] : 0);
	for (unsigned i = 0; i < d->out.n; i++)
		carry_out_action(d, &d->out.a[i]);
	node_kernel_remove(&d->kernel);
}

/* Tells the core what its last actions left behind.  True: it was called, d->out is new. */
static bool feed_pending(struct daemon *d)
{
	struct pending *p = &d->pending;
	struct instant now = instant_now();
	int err = p->roam_error, dbm;

	if (d->kernel.switching) {
		if (path_uplink(d))
			return true;
		path_flush(d);
		node_kernel_switched(&d->kernel);
	}
	if (err != 0) {
		p->roam_error = 0;
		mobile_roam_failed(d->mobile, err == ENOTCONN ? "no wpa_supplicant" : strerror(err),
				   &now, &d->out);
		return true;
	}
	if (p->scan_failed) {
		p->scan_failed = false;
		mobile_scan_failed(d->mobile, &now, &d->out);
		return true;
	}
	if (p->sample) {
		p->sample = false;
		if (links_signal(d, &dbm)) {
			mobile_signal(d->mobile, dbm, &now, &d->out);
			return true;
		}
	}
	if (p->backlog) {
		p->backlog = false;
		mobile_backlog(d->mobile, links_backlog(d), &now, &d->out);
		return true;
	}
	return false;
}

void loop_carry_on(struct daemon *d)
{
	unsigned rounds = 0;

	do
		round_out(d);
	while (feed_pending(d) && (++rounds < ROUNDS_MAX || split_more(&d->uplink)));
	if (rounds >= ROUNDS_MAX) {
		round_out(d);
		path_flush(d);
		node_kernel_switched(&d->kernel);
	}
}

void loop_turn_ends(struct daemon *d)
{
	path_flush(d);
	loop_arm(d);
}

void loop_carry_out(struct daemon *d)
{
	loop_carry_on(d);
	loop_turn_ends(d);
}

void loop_on_timer(uv_timer_t *t)
{
	struct daemon *d = t->data;
	struct instant now = instant_now();
	unsigned rounds = 0;
	bool more;

	d->armed = MTIME_NEVER;
	if (now.t >= links_deadline(d, now.t))
		links_check(d, now.t);
	do {
		now = instant_now();
		more = mobile_tick(d->mobile, &now, &d->out);
		loop_carry_out(d);
	} while (more && ++rounds < BATCH);
	serve_tick(d, now.t);
	resolve_tick(d, now.t);
	renew_tick(d, now.t);
	loop_arm(d);
}

void loop_on_tun(uv_poll_t *p, int status, int events)
{
	struct daemon *d = p->data;

	(void)status;
	(void)events;
	links_look(d, instant_now().t);
	for (unsigned i = 0; (i < BATCH || split_more(&d->uplink)) && path_uplink(d); i++)
		loop_carry_on(d);
	loop_turn_ends(d);
}

static void feed_frame(struct daemon *d, unsigned link, const struct link_frame *f)
{
	struct instant now = instant_now();
	enum drop why;
	struct udp u;

	mobile_count(d->mobile, links_count(d));
	if (f->ip.protocol == PROTO_ICMP) {
		mobile_icmp(d->mobile, link, &f->src, f->ip.src, f->ip.payload.p,
			    f->ip.payload.left, &now, &d->out);
		loop_carry_out(d);
		return;
	}
	why = udp_decode(&f->ip, f->check_ready, &u);
	if (why == DROP_NONE && u.sport != PORT_MIP)
		why = DROP_TYPE;
	if (why != DROP_NONE) {
		mobile_dropped(d->mobile, why);
		return;
	}
	mobile_udp(d->mobile, &f->src, f->ip.src, f->ip.dst, u.payload.p, u.payload.left, &now,
		   &d->out);
	loop_carry_out(d);
}

void loop_on_link(uv_poll_t *p, int status, int events)
{
	struct node_link *l = p->data;
	struct daemon *d = l->d;
	struct link_frame f;
	enum drop why = DROP_NONE;
	int got;

	(void)status;
	(void)events;
	for (unsigned i = 0; i < BATCH && l->open && !l->lost; i++) {
		got = link_recv(&l->link, d->buf, sizeof(d->buf), &f, &why);
		if (got > 0) {
			feed_frame(d, l->index, &f);
		} else if (got == 0) {
			mobile_dropped(d->mobile, why);
		} else {
			if (got == -ENODEV || got == -ENXIO)
				l->lost = true;
			break;
		}
	}
	loop_arm(d);
}

void loop_on_tap(uv_poll_t *p, int status, int events)
{
	struct node_link *l = p->data;
	struct daemon *d = l->d;
	struct instant now = instant_now();

	(void)status;
	(void)events;
	if (!l->open || !tap_drain(&l->tap))
		return;
	mobile_downlink(d->mobile, links_count(d), &now, &d->out);
	loop_carry_out(d);
}

static void connected(struct daemon *d, const struct radio_bss *bss)
{
	struct instant now = instant_now();
	struct radio_bss b = *bss;
	int dbm;

	links_connected(d, now.t);
	resolve_network(d);
	if (links_signal(d, &dbm))
		b.signal_dbm = (int16_t)dbm;
	mobile_count(d->mobile, links_count(d));
	mobile_connected(d->mobile, MOBILE_RADIO, &b, &now, &d->out);
	loop_carry_out(d);
}

/* True: the core was called. */
static bool feed_wifi(struct daemon *d, const struct wifi_event *ev)
{
	struct instant now = instant_now();

	switch (ev->type) {
	case WIFI_READY:
		d->supplicant = true;
		wifi_results(d->wifi);
		return false;
	case WIFI_GONE:
		d->supplicant = false;
		links_verify(d, now.t); /* it may have gone with the interface */
		return false;
	case WIFI_CONNECTED:
		connected(d, &ev->bss);
		return false;
	case WIFI_DISCONNECTED:
		mobile_disconnected(d->mobile, MOBILE_RADIO, &ev->bss.bssid, &now, &d->out);
		return true;
	case WIFI_PROGRESS:
		mobile_roam_progress(d->mobile, ev->text, &now, &d->out);
		return true;
	case WIFI_SCAN_DONE:
		mobile_scanned(d->mobile, ev->list, ev->n, &now, &d->out);
		return true;
	case WIFI_SCAN_FAILED:
		mobile_scan_failed(d->mobile, &now, &d->out);
		return true;
	case WIFI_ROAM_FAILED:
		mobile_roam_failed(d->mobile, ev->text != NULL ? ev->text : "refused", &now,
				   &d->out);
		return true;
	case WIFI_BEACON_LOSS:
		mobile_beacon_loss(d->mobile, &now, &d->out);
		return true;
	}
	return false;
}

void loop_on_wifi(const struct wifi_event *ev, void *arg)
{
	struct daemon *d = arg;

	if (!d->stopping && feed_wifi(d, ev))
		loop_carry_out(d);
}

void loop_on_nl80211(const struct nl80211_event *ev, void *arg)
{
	struct daemon *d = arg;
	struct instant now = instant_now();
	int dbm = ev->dbm;

	if (d->stopping)
		return;
	switch (ev->type) {
	case NL80211_SIGNAL:
		if (!ev->has_dbm && !links_signal(d, &dbm))
			return;
		mobile_threshold(d->mobile, dbm, &now, &d->out);
		break;
	case NL80211_BEACON_LOSS:
		mobile_beacon_loss(d->mobile, &now, &d->out);
		break;
	case NL80211_LINK_LOST:
		mobile_disconnected(d->mobile, MOBILE_RADIO, &ev->bssid, &now, &d->out);
		break;
	case NL80211_PORT_OPEN: /* the supplicant's word has the SSID, too */
		return;
	case NL80211_GONE:
		d->links[MOBILE_RADIO].lost = true;
		loop_arm(d);
		return;
	}
	loop_carry_out(d);
}
