/* SPDX-License-Identifier: MIT */
#include "client/daemon.h"
#include "client/tell.h"

#include "common/log.h"
#include "common/notify.h"

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
	at = mtime_min(at, mtime_min(serve_deadline(d), hooks_deadline(&d->hooks)));
	at = mtime_min(at, repair_deadline(d));
	at = mtime_min(at, mtime_min(resolve_deadline(d), renew_deadline(d)));
	at = mtime_min(at, persist_deadline(d));
	at = mtime_min(at, giveback_check(&d->giveback, mobile_pool(d->mobile), now));
	at = mtime_min(at, notify_alive(now));
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
		if (wifi_scan(d->wifi, a->freqs, a->n_freqs, a->on) < 0)
			d->pending.scan_failed = true;
		return;
	case MOBILE_SAMPLE:
		d->pending.sample = true;
		return;
	case MOBILE_BACKLOG:
		d->pending.backlog = true;
		return;
	case MOBILE_THRESHOLDS:
		station_thresholds(d, a->dbm, a->n_dbm);
		return;
	case MOBILE_TAP:
		links_watch_tap(d, a->link, a->on);
		return;
	case MOBILE_NOTE:
		log_info("%s", a->text);
		return;
	case MOBILE_EVENT:
		persist_event(d, a->event);
		tell_event(d, a);
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
	if (d->wifi != NULL)
		wifi_look_away(d->wifi, mobile_looks_away(d->mobile));
	for (unsigned i = 0; i < d->n_links; i++)
		links_want(d, i, want);
	for (unsigned i = 0; i < d->out.n; i++)
		carry_out_action(d, &d->out.a[i]);
	d->out.n = 0; /* who comes here for what the kernel is to have carries out nothing twice */
	node_kernel_remove(&d->kernel);
}

static bool is_pending(const struct pending *p)
{
	return p->roam_error != 0 || p->scan_failed || p->sample || p->sampled.has_traffic ||
	       p->sampled.has_dbm || p->backlog;
}

/* Tells the core what its last actions left behind.  True: it was called, d->out is new. */
static bool feed_pending(struct daemon *d)
{
	struct pending *p = &d->pending;
	struct instant now;
	int err = p->roam_error;

	if (d->kernel.switching) {
		if (path_uplink(d))
			return true;
		path_flush(d);
		node_kernel_switched(&d->kernel);
	}
	if (!is_pending(p)) /* nor is the clock read for each packet */
		return false;
	now = instant_now();
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
		station_sample(d, &p->sampled);
	}
	if (p->sampled.has_traffic) {
		p->sampled.has_traffic = false;
		mobile_traffic(d->mobile, &p->sampled.traffic, &now, &d->out);
		return true;
	}
	if (p->sampled.has_dbm) {
		p->sampled.has_dbm = false;
		mobile_signal(d->mobile, p->sampled.dbm, &now, &d->out);
		return true;
	}
	if (p->backlog) {
		p->backlog = false;
		mobile_backlog(d->mobile, station_backlog(d), &now, &d->out);
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
		if (more) /* all that has waited leaves at once; what comes does not wait for it */
			outer_read(d);
	} while (more && ++rounds < BATCH);
	serve_tick(d, now.t);
	hooks_tick(d, now.t);
	resolve_tick(d, now.t);
	renew_tick(d, now.t);
	persist_tick(d, now.t);
	repair_tick(d, now.t);
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
