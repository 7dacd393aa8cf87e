/* SPDX-License-Identifier: MIT */
#include "client/wifi.h"

#include "client/wifi_priv.h"
#include "common/log.h"
#include "common/wpa_sockets.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * libwpa-client's own request function waits up to 10 s: commands are sent and replies read
 * here instead, one at a time, so that the replies need no numbers.
 */
#define REPLY_LIMIT SEC(2)
#define BACKOFF_MIN SEC(1)
#define BACKOFF_MAX SEC(10)
/* A killed supplicant closes nothing that we could notice: but its successor makes the socket anew,
 * and until then nothing could be asked of it. */
#define PING_PERIOD SEC(600)
#define LINES_A_WAKEUP 64

mtime wifi_now(void)
{
	return (mtime)(uv_hrtime() / 1000);
}

void wifi_emit(struct wifi *w, const struct wifi_event *ev)
{
	if (!w->closing)
		w->fn(ev, w->arg);
}

static void enter(struct wifi *w, enum wifi_state state)
{
	w->state = state;
}

static mtime earliest(const struct wifi *w)
{
	mtime d = mtime_min(mtime_min(w->retry_at, w->attach_limit),
			    mtime_min(w->rescan_at, w->roam_limit));

	d = mtime_min(d, w->ping_at);
	if (w->in_flight)
		d = mtime_min(d, w->reply_limit);
	return w->lost ? 0 : d;
}

static void rearm(struct wifi *w)
{
	mtime d = earliest(w), now = wifi_now();

	if (w->closing || d == MTIME_NEVER)
		uv_timer_stop(&w->timer);
	else
		uv_timer_start(&w->timer, w->on_timer,
			       d > now ? (uint64_t)((d - now + 999) / 1000) : 0, 0);
}

static void pump(struct wifi *w)
{
	if (w->in_flight || !w->n_queue || w->state != WIFI_ATTACHED || w->lost)
		return;
	if (wifi_link_send(w->requests, w->queue[0].text)) {
		w->lost = true;
		return;
	}
	w->in_flight = true;
	w->reply_limit = wifi_now() + REPLY_LIMIT;
}

int wifi_ask(struct wifi *w, enum wifi_request kind, const char *fmt, ...)
{
	unsigned at = kind == WIFI_REQ_ROAM ? w->in_flight : w->n_queue;
	va_list ap;

	if (w->state != WIFI_ATTACHED)
		return -ENOTCONN;
	if (w->n_queue == WIFI_QUEUE_MAX)
		return -EBUSY;
	memmove(&w->queue[at + 1], &w->queue[at], (w->n_queue - at) * sizeof(w->queue[0]));
	w->n_queue++;
	w->queue[at].kind = kind;
	va_start(ap, fmt);
	vsnprintf(w->queue[at].text, sizeof(w->queue[at].text), fmt, ap);
	va_end(ap);
	pump(w);
	rearm(w);
	return 0;
}

static bool waits(const struct wifi *w, enum wifi_request kind)
{
	for (unsigned i = w->in_flight; i < w->n_queue; i++)
		if (w->queue[i].kind == kind)
			return true;
	return false;
}

int wifi_ask_once(struct wifi *w, enum wifi_request kind, const char *text)
{
	return waits(w, kind) ? 0 : wifi_ask(w, kind, "%s", text);
}

/* From its beginning. */
void wifi_ask_table(struct wifi *w)
{
	wifi_ask_once(w, WIFI_REQ_TABLE, "BSS RANGE=ALL MASK=" WIFI_BSS_MASK);
}

bool wifi_table_waits(const struct wifi *w)
{
	return waits(w, WIFI_REQ_TABLE);
}

static void disconnect(struct wifi *w)
{
	wifi_link_close(&w->events);
	wifi_link_close(&w->requests);
	w->n_queue = 0;
	w->in_flight = w->lost = w->connected = w->scan_ours = false;
	w->roam = WIFI_ROAM_NONE;
	memset(&w->reported, 0, sizeof(w->reported));
	w->attach_limit = w->rescan_at = w->roam_limit = w->ping_at = MTIME_NEVER;
}

/*
 * Where the socket will be made.  The last supplicant to end takes the folder with it, and the
 * watch ends with that: where there is none, its parent is watched.
 */
static void watch(struct wifi *w)
{
	char parent[sizeof(w->dir)];
	char *slash;

	snprintf(parent, sizeof(parent), "%s", w->dir);
	slash = strrchr(parent, '/');
	uv_fs_event_stop(&w->watch);
	if (!uv_fs_event_start(&w->watch, w->on_dir, w->dir, 0) || !slash)
		return;
	*(slash == parent ? slash + 1 : slash) = '\0';
	uv_fs_event_start(&w->watch, w->on_dir, parent, 0);
}

static bool is_the_folder(const struct wifi *w, const char *name)
{
	const char *slash = strrchr(w->dir, '/');

	return !strcmp(name, slash ? slash + 1 : w->dir);
}

static void lose(struct wifi *w, const char *why)
{
	bool was = w->state == WIFI_ATTACHED;
	struct wifi_event ev = { .type = WIFI_GONE, .text = why };

	disconnect(w);
	enter(w, WIFI_ABSENT);
	w->retry_at = wifi_now() + w->backoff;
	w->backoff = mtime_min(w->backoff * 2, BACKOFF_MAX);
	if (!w->complained)
		log_warning(
		    "wpa_supplicant: %s: %s; start it with ctrl_interface=%s (trying again)",
		    w->path, why, w->dir);
	w->complained = true;
	if (was)
		wifi_emit(w, &ev);
}

static void attached(struct wifi *w)
{
	struct wifi_event ev = { .type = WIFI_READY };

	enter(w, WIFI_ATTACHED);
	w->backoff = BACKOFF_MIN;
	w->attach_limit = MTIME_NEVER;
	w->ping_at = wifi_now() + PING_PERIOD;
	w->table.n = 0;
	if (w->complained)
		log_info("wpa_supplicant: %s is there", w->path);
	w->complained = false;
	wifi_emit(w, &ev);
	wifi_ask_once(w, WIFI_REQ_STATUS, "STATUS");
	wifi_ask_table(w);
}

static void on_events(uv_poll_t *poll, int status, int events)
{
	struct wifi_link *link = poll->data;
	struct wifi *w = link->w;
	char line[WIFI_REPLY_MAX];

	(void)status;
	(void)events;
	for (int i = 0;
	     i < LINES_A_WAKEUP && w->events == link && wifi_link_read(link, line, sizeof(line));
	     i++) {
		if (w->state == WIFI_ATTACHING && !strncmp(line, "OK", 2))
			attached(w);
		else if (line[0] == '<')
			wifi_on_event(w, line);
	}
	if (!w->closing)
		rearm(w);
}

static void on_replies(uv_poll_t *poll, int status, int events)
{
	struct wifi_link *link = poll->data;
	struct wifi *w = link->w;
	char text[WIFI_REPLY_MAX];
	enum wifi_request kind;

	(void)status;
	(void)events;
	for (int i = 0;
	     i < LINES_A_WAKEUP && w->requests == link && wifi_link_read(link, text, sizeof(text));
	     i++) {
		if (!w->in_flight)
			continue;
		kind = w->queue[0].kind;
		w->n_queue--;
		memmove(&w->queue[0], &w->queue[1], w->n_queue * sizeof(w->queue[0]));
		w->in_flight = false;
		wifi_on_reply(w, kind, text);
		if (w->closing)
			return;
		pump(w);
	}
	rearm(w);
}

static void try_attach(struct wifi *w)
{
	w->retry_at = MTIME_NEVER;
	watch(w);
	w->events = wifi_link_open(w, on_events);
	w->requests = w->events ? wifi_link_open(w, on_replies) : NULL;
	if (!w->requests) {
		lose(w, strerror(errno));
		return;
	}
	enter(w, WIFI_ATTACHING);
	w->attach_limit = wifi_now() + REPLY_LIMIT;
	wifi_link_ignore(w->events);
	if (wifi_link_send(w->events, "ATTACH"))
		lose(w, strerror(errno));
}

static void on_timer(uv_timer_t *t)
{
	struct wifi *w = t->data;
	mtime now = wifi_now();

	if (w->lost) {
		lose(w, "gone");
	} else if (now >= w->attach_limit || (w->in_flight && now >= w->reply_limit)) {
		lose(w, "does not answer");
	} else if (now >= w->retry_at) {
		try_attach(w);
	} else if (now >= w->ping_at) {
		w->ping_at = now + PING_PERIOD;
		wifi_ask(w, WIFI_REQ_PING, "PING");
	} else if (now >= w->rescan_at) {
		w->rescan_at = MTIME_NEVER;
		if (wifi_ask(w, WIFI_REQ_SCAN, "%s", w->scan))
			wifi_scan_failed(w);
	} else if (now >= w->roam_limit) {
		wifi_roam_failed(w, 0, "no answer from the access point");
	}
	rearm(w);
}

/* The socket, or its folder, was made or removed: no need to wait for the next try or ping. */
static void on_dir(uv_fs_event_t *h, const char *filename, int events, int status)
{
	struct wifi *w = h->data;

	(void)events;
	if (status || !filename || (strcmp(filename, w->ifname) && !is_the_folder(w, filename)))
		return;
	if (w->state == WIFI_ATTACHED)
		wifi_ask(w, WIFI_REQ_PING, "PING");
	else if (w->state == WIFI_ABSENT)
		w->retry_at = mtime_min(w->retry_at, wifi_now() + MSEC(50));
	rearm(w);
}

void wifi_look_away(struct wifi *w, bool away)
{
	if (w->looks_away == away)
		return;
	w->looks_away = away;
	if (!away)
		wifi_results(w);
}

void wifi_verify(struct wifi *w)
{
	if (w->state == WIFI_ATTACHED && !w->in_flight)
		wifi_ask(w, WIFI_REQ_PING, "PING");
	if (w->lost)
		lose(w, "gone");
	rearm(w);
}

int wifi_scan(struct wifi *w, const uint16_t *freqs, unsigned n, bool urgent)
{
	/* With TYPE=ONLY a supplicant that looks for an access point would forget that it does. */
	int err, len = snprintf(w->scan, sizeof(w->scan), w->connected ? "SCAN TYPE=ONLY" : "SCAN");

	for (unsigned i = 0; i < n && i < RADIO_FREQS_MAX; i++)
		len += snprintf(w->scan + len, sizeof(w->scan) - (size_t)len, "%s%u",
				i ? "," : " freq=", freqs[i]);
	w->scan_retried = false;
	w->scan_urgent = urgent;
	w->rescan_at = MTIME_NEVER;
	err = wifi_ask(w, WIFI_REQ_SCAN, "%s", w->scan);
	w->scan_ours = !err;
	return err;
}

int wifi_results(struct wifi *w)
{
	if (w->state != WIFI_ATTACHED)
		return -ENOTCONN;
	wifi_ask_table(w);
	return 0;
}

struct wifi *wifi_open(uv_loop_t *loop, const char *ctrl_dir, const char *ifname, wifi_fn *fn,
		       void *arg)
{
	struct wifi *w = calloc(1, sizeof(*w));

	if (!w)
		fatal("no memory");
	w->loop = loop;
	w->fn = fn;
	w->arg = arg;
	w->backoff = BACKOFF_MIN;
	w->on_timer = on_timer;
	w->on_dir = on_dir;
	snprintf(w->dir, sizeof(w->dir), "%s", ctrl_dir);
	snprintf(w->ifname, sizeof(w->ifname), "%s", ifname);
	snprintf(w->path, sizeof(w->path), "%s/%s", w->dir, w->ifname);
	wpa_sockets_sweep();
	disconnect(w);
	w->retry_at = wifi_now();
	uv_timer_init(loop, &w->timer);
	w->timer.data = w;
	uv_fs_event_init(loop, &w->watch);
	w->watch.data = w;
	w->handles = 2;
	rearm(w);
	return w;
}

static void on_closed(uv_handle_t *h)
{
	struct wifi *w = h->data;

	if (!--w->handles)
		free(w);
}

void wifi_close(struct wifi *w)
{
	if (!w)
		return;
	w->closing = true;
	disconnect(w);
	uv_close((uv_handle_t *)&w->watch, on_closed);
	uv_close((uv_handle_t *)&w->timer, on_closed);
}
