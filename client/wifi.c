/* SPDX-License-Identifier: MIT */
#include "client/wifi.h"

#include "client/wifi_priv.h"
#include "common/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/*
 * libwpa-client's own request function waits up to 10 s: commands are sent and replies read
 * here instead, one at a time, so that the replies need no numbers.
 */
#define REPLY_LIMIT SEC(2)
#define BACKOFF_MIN SEC(1)
#define BACKOFF_MAX SEC(10)
#define PING_PERIOD SEC(60) /* a killed supplicant closes nothing that we could notice */
#define LINES_A_WAKEUP 64
/* Our own sockets: a private /tmp would hide them from the supplicant. */
#define SOCKET_DIR "/run/mip"

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

static void on_link_closed(uv_handle_t *h)
{
	struct wifi_link *link = h->data;

	wpa_ctrl_close(link->ctrl);
	free(link);
}

static void link_close(struct wifi_link **link)
{
	if (*link)
		uv_close((uv_handle_t *)&(*link)->poll, on_link_closed);
	*link = NULL;
}

static struct wifi_link *link_open(struct wifi *w, uv_poll_cb cb)
{
	const char *dir = access(SOCKET_DIR, W_OK) ? NULL : SOCKET_DIR;
	struct wpa_ctrl *ctrl = wpa_ctrl_open2(w->path, dir);
	struct wifi_link *link;
	int fd;

	if (!ctrl)
		return NULL;
	link = calloc(1, sizeof(*link));
	if (!link)
		fatal("no memory");
	fd = wpa_ctrl_get_fd(ctrl);
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	link->ctrl = ctrl;
	link->w = w;
	link->poll.data = link;
	if (uv_poll_init(w->loop, &link->poll, fd)) {
		wpa_ctrl_close(ctrl);
		free(link);
		return NULL;
	}
	link->poll.data = link;
	uv_poll_start(&link->poll, UV_READABLE, cb);
	return link;
}

/* -1: nothing there, or dead. */
static int link_send(struct wifi_link *link, const char *text)
{
	size_t n = strlen(text);

	return send(wpa_ctrl_get_fd(link->ctrl), text, n, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)n
		   ? 0
		   : -1;
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
	if (link_send(w->requests, w->queue[0].text)) {
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

/* From its beginning, unless that waits to be asked already. */
void wifi_ask_table(struct wifi *w)
{
	for (unsigned i = w->in_flight; i < w->n_queue; i++)
		if (w->queue[i].kind == WIFI_REQ_TABLE)
			return;
	wifi_ask(w, WIFI_REQ_TABLE, "BSS RANGE=ALL MASK=" WIFI_BSS_MASK);
}

static void disconnect(struct wifi *w)
{
	link_close(&w->events);
	link_close(&w->requests);
	w->n_queue = 0;
	w->in_flight = w->lost = w->connected = w->scan_ours = false;
	w->roam = WIFI_ROAM_NONE;
	w->attach_limit = w->rescan_at = w->roam_limit = w->ping_at = MTIME_NEVER;
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
	/* the folder may not have been there before; if it is watched already, this does nothing */
	uv_fs_event_start(&w->watch, w->on_dir, w->dir, 0);
	if (w->complained)
		log_info("wpa_supplicant: %s is there", w->path);
	w->complained = false;
	wifi_emit(w, &ev);
	wifi_ask(w, WIFI_REQ_STATUS, "STATUS");
	wifi_ask_table(w);
}

/* One datagram, as a string.  False: no more. */
static bool link_read(struct wifi_link *link, char *buf, size_t size)
{
	size_t n = size - 1;

	if (wpa_ctrl_recv(link->ctrl, buf, &n) < 0 || n > size - 1)
		return false;
	buf[n] = '\0';
	return true;
}

static void on_events(uv_poll_t *poll, int status, int events)
{
	struct wifi_link *link = poll->data;
	struct wifi *w = link->w;
	char line[WIFI_REPLY_MAX];

	(void)status;
	(void)events;
	for (int i = 0;
	     i < LINES_A_WAKEUP && w->events == link && link_read(link, line, sizeof(line)); i++) {
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
	     i < LINES_A_WAKEUP && w->requests == link && link_read(link, text, sizeof(text));
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
	w->events = link_open(w, on_events);
	w->requests = w->events ? link_open(w, on_replies) : NULL;
	if (!w->requests) {
		lose(w, strerror(errno));
		return;
	}
	enter(w, WIFI_ATTACHING);
	w->attach_limit = wifi_now() + REPLY_LIMIT;
	if (link_send(w->events, "ATTACH"))
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

/* The supplicant's socket was made or removed: no need to wait for the next try or ping. */
static void on_dir(uv_fs_event_t *h, const char *filename, int events, int status)
{
	struct wifi *w = h->data;

	(void)events;
	if (status || !filename || strcmp(filename, w->ifname))
		return;
	if (w->state == WIFI_ATTACHED)
		wifi_ask(w, WIFI_REQ_PING, "PING");
	else if (w->state == WIFI_ABSENT)
		w->retry_at = wifi_now() + MSEC(50);
	rearm(w);
}

int wifi_scan(struct wifi *w, const uint16_t *freqs, unsigned n)
{
	/* With TYPE=ONLY a supplicant that looks for an access point would forget that it does. */
	int err, len = snprintf(w->scan, sizeof(w->scan), w->connected ? "SCAN TYPE=ONLY" : "SCAN");

	for (unsigned i = 0; i < n && i < RADIO_FREQS_MAX; i++)
		len += snprintf(w->scan + len, sizeof(w->scan) - (size_t)len, "%s%u",
				i ? "," : " freq=", freqs[i]);
	w->scan_retried = false;
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
	disconnect(w);
	w->retry_at = wifi_now();
	uv_timer_init(loop, &w->timer);
	w->timer.data = w;
	uv_fs_event_init(loop, &w->watch);
	w->watch.data = w;
	w->handles = 2;
	uv_fs_event_start(&w->watch, on_dir, w->dir, 0);
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
