/* SPDX-License-Identifier: MIT */
#include "agent/hostapd_priv.h"

#include "agent/hostapd_parse.h"
#include "common/log.h"
#include "common/wpa_sockets.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define REPLY_LIMIT SEC(2)
#define PING_PERIOD SEC(30) /* a killed hostapd closes nothing that we could notice */
#define LINES_A_WAKEUP 64
#define TEXT_MAX 4096 /* hostapd's own limit */

mtime hostapd_now(void)
{
	return (mtime)(uv_hrtime() / 1000);
}

static void enter(struct ap *ap, enum ap_state state)
{
	ap->state = state;
}

static void on_closed(uv_handle_t *handle)
{
	struct ap *ap = handle->data;

	wpa_ctrl_close(ap->ctrl);
	free(ap);
}

void ap_close(struct ap *ap)
{
	uv_close((uv_handle_t *)&ap->poll, on_closed);
}

void ap_lose(struct ap *ap, const char *why, bool gone)
{
	struct hostapd *h = ap->h;
	struct mac mac;

	if (why)
		log_warning("hostapd on %s: %s; looking for it", ap->name, why);
	h->ap[ap->index] = NULL;
	h->look_at = hostapd_now() + HOSTAPD_LOOK_AGAIN;
	ap_close(ap);
	while (gone && stations_take(&h->stations, ap->index, &mac))
		h->fn(ap->name, &mac, STATION_GONE, h->arg);
}

/* All who are there have been named. */
static void listed(struct ap *ap)
{
	struct hostapd *h = ap->h;
	struct mac mac;

	enter(ap, AP_WATCHING);
	while (stations_take(&h->stations, AP_UNSURE(ap->index), &mac))
		h->fn(ap->name, &mac, STATION_GONE, h->arg);
}

static bool ask(struct ap *ap, const char *text)
{
	size_t n = strlen(text);

	if (send(wpa_ctrl_get_fd(ap->ctrl), text, n, MSG_DONTWAIT | MSG_NOSIGNAL) != (ssize_t)n)
		return false;
	ap->asked = true;
	ap->limit = hostapd_now() + REPLY_LIMIT;
	return true;
}

static void on_line(struct ap *ap, const char *text)
{
	struct hostapd *h = ap->h;
	struct hostapd_line line;

	hostapd_parse_event(text, &line);
	switch (line.said) {
	case HOSTAPD_SAID_NOTHING:
		return;
	case HOSTAPD_SAID_JOINED:
		stations_join(&h->stations, &line.mac, ap->index);
		h->fn(ap->name, &line.mac, STATION_JOINED, h->arg);
		return;
	case HOSTAPD_SAID_LEFT:
		if (stations_leave(&h->stations, &line.mac, ap->index))
			h->fn(ap->name, &line.mac, STATION_GONE, h->arg);
		return;
	case HOSTAPD_SAID_ENDING:
		ap_lose(ap, "it ends", true);
		return;
	}
}

/* The next one of those who were there before us. */
static bool list(struct ap *ap, const char *reply)
{
	char text[64], addr[MAC_STRLEN];
	struct mac mac;
	bool open;

	if (!hostapd_parse_station(reply, &mac, &open)) {
		listed(ap);
		return true;
	}
	if (open)
		stations_join(&ap->h->stations, &mac, ap->index);
	snprintf(text, sizeof(text), "STA-NEXT %s", mac_fmt(addr, &mac));
	return ask(ap, text);
}

static void on_reply(struct ap *ap, const char *text)
{
	bool ok = true;

	ap->asked = false;
	switch (ap->state) {
	case AP_ATTACHING:
		if (strncmp(text, "OK", 2)) {
			ap_lose(ap, "refuses to report events", false);
			return;
		}
		log_info("hostapd on %s reports its stations", ap->name);
		ap->ping_at = hostapd_now() + PING_PERIOD;
		stations_move(ap->h->stations, ap->index, AP_UNSURE(ap->index));
		enter(ap, AP_LISTING);
		ok = ask(ap, "STA-FIRST");
		break;
	case AP_LISTING:
		ok = list(ap, text);
		break;
	case AP_WATCHING:
		break; /* PONG */
	}
	if (!ok)
		ap_lose(ap, "gone", false);
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
	struct ap *ap = poll->data;
	struct hostapd *h = ap->h;
	unsigned index = ap->index;
	char text[TEXT_MAX];

	(void)status;
	(void)events;
	for (int i = 0; i < LINES_A_WAKEUP && h->ap[index] == ap; i++) {
		size_t n = sizeof(text) - 1;

		if (wpa_ctrl_recv(ap->ctrl, text, &n) < 0 || n >= sizeof(text))
			break;
		text[n] = '\0';
		if (text[0] == '<')
			on_line(ap, text);
		else if (ap->asked)
			on_reply(ap, text);
	}
	h->wake(h->arg);
}

bool ap_open(struct hostapd *h, unsigned index, const char *name, ino_t ino)
{
	struct ap *ap = calloc(1, sizeof(*ap));
	char path[300];
	int fd;

	if (!ap)
		return false;
	snprintf(path, sizeof(path), "%s/%s", h->dir, name);
	snprintf(ap->name, sizeof(ap->name), "%s", name);
	ap->ctrl = wpa_ctrl_open2(path, wpa_sockets_folder());
	if (!ap->ctrl) {
		free(ap);
		return false;
	}
	fd = wpa_ctrl_get_fd(ap->ctrl);
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	if (uv_poll_init(h->loop, &ap->poll, fd)) {
		wpa_ctrl_close(ap->ctrl);
		free(ap);
		return false;
	}
	ap->poll.data = ap;
	ap->h = h;
	ap->index = index;
	ap->ino = ino;
	ap->ping_at = MTIME_NEVER;
	enter(ap, AP_ATTACHING);
	uv_poll_start(&ap->poll, UV_READABLE, on_readable);
	h->ap[index] = ap;
	if (ask(ap, "ATTACH"))
		return true;
	ap_lose(ap, NULL, false);
	return false;
}

void ap_tick(struct ap *ap, mtime now)
{
	if (ap->asked && now >= ap->limit) {
		ap_lose(ap, "does not answer", false);
	} else if (now >= ap->ping_at) {
		ap->ping_at = now + PING_PERIOD;
		if (!ap->asked && !ask(ap, "PING"))
			ap_lose(ap, "gone", false);
	}
}

mtime ap_deadline(const struct ap *ap)
{
	return ap->asked ? ap->limit : ap->ping_at;
}
