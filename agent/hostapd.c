/* SPDX-License-Identifier: MIT */
#include "agent/hostapd_priv.h"

#include "common/log.h"
#include "common/wpa_sockets.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static struct ap *find(const struct hostapd *h, const char *name)
{
	for (unsigned i = 0; i < HOSTAPD_MAX; i++)
		if (h->ap[i] && strcmp(h->ap[i]->name, name) == 0)
			return h->ap[i];
	return NULL;
}

/* Its own from before, or one that nobody had. */
static unsigned place(struct hostapd *h, const char *name)
{
	unsigned i = 0;

	while (i < HOSTAPD_MAX && strcmp(h->name[i], name) != 0)
		i++;
	if (i < HOSTAPD_MAX)
		return i;
	for (i = 0; i < HOSTAPD_MAX && h->name[i][0]; i++)
		;
	if (i < HOSTAPD_MAX)
		snprintf(h->name[i], sizeof(h->name[i]), "%s", name);
	return i;
}

/* A socket was made anew: who holds it now knows nothing of us. */
static void look_at(struct hostapd *h, const char *name)
{
	struct ap *ap = find(h, name);
	char path[300];
	struct stat st;
	unsigned i;

	snprintf(path, sizeof(path), "%s/%s", h->dir, name);
	if (stat(path, &st) < 0 || !S_ISSOCK(st.st_mode))
		return;
	if (ap && ap->ino == st.st_ino)
		return;
	if (ap)
		ap_lose(ap, "it was started again", false);
	i = place(h, name);
	if (i < HOSTAPD_MAX)
		ap_open(h, i, name, st.st_ino);
	else if (!h->said_many)
		log_warning("hostapd: more than %d access points in %s", HOSTAPD_MAX, h->dir);
	h->said_many |= i == HOSTAPD_MAX;
}

static void on_change(uv_fs_event_t *watch, const char *name, int events, int status)
{
	struct hostapd *h = watch->data;

	(void)name;
	(void)events;
	if (status < 0)
		h->watching = false;
	for (unsigned i = 0; i < HOSTAPD_MAX; i++)
		if (h->ap[i])
			h->ap[i]->ping_at = hostapd_now();
	h->look_at = hostapd_now();
	h->wake(h->arg);
}

static void look(struct hostapd *h)
{
	struct dirent *e;
	struct stat st;
	DIR *dir;

	/* The folder may have gone with the last hostapd: then the watch is of one that is gone. */
	if (stat(h->path, &st) == 0 && S_ISDIR(st.st_mode)) {
		snprintf(h->dir, sizeof(h->dir), "%s", h->path);
		h->only[0] = '\0';
	}
	uv_fs_event_stop(&h->watch);
	h->watching = uv_fs_event_start(&h->watch, on_change, h->dir, 0) == 0;
	if (h->only[0]) {
		look_at(h, h->only);
		return;
	}
	dir = opendir(h->dir);
	while (dir && (e = readdir(dir)) != NULL)
		if (e->d_name[0] != '.')
			look_at(h, e->d_name);
	if (dir)
		closedir(dir);
}

static bool any(const struct hostapd *h)
{
	for (unsigned i = 0; i < HOSTAPD_MAX; i++)
		if (h->ap[i])
			return true;
	return false;
}

void hostapd_tick(struct hostapd *h, mtime now)
{
	if (!h)
		return;
	for (unsigned i = 0; i < HOSTAPD_MAX; i++)
		if (h->ap[i])
			ap_tick(h->ap[i], now);
	if (now < h->look_at)
		return;
	h->look_at = MTIME_NEVER;
	look(h);
	if (any(h) && h->watching)
		h->complained = false;
	else
		h->look_at = mtime_min(h->look_at, now + HOSTAPD_LOOK_AGAIN);
	if (!any(h) && !h->complained) {
		log_warning("no hostapd answers in %s: waiting for it (ctrl_interface=%s)", h->path,
			    h->dir);
		h->complained = true;
	}
}

mtime hostapd_deadline(const struct hostapd *h)
{
	mtime t;

	if (!h)
		return MTIME_NEVER;
	t = h->look_at;
	for (unsigned i = 0; i < HOSTAPD_MAX; i++) {
		const struct ap *ap = h->ap[i];

		if (ap)
			t = mtime_min(t, ap_deadline(ap));
	}
	return t;
}

bool hostapd_at(const struct hostapd *h, unsigned i, struct hostapd_info *out)
{
	for (unsigned k = 0; h && k < HOSTAPD_MAX; k++) {
		if (!h->ap[k] || h->ap[k]->state == AP_ATTACHING || i--)
			continue;
		*out = (struct hostapd_info){ .ifname = h->ap[k]->name,
					      .stations = stations_at(h->stations, k) };
		return true;
	}
	return false;
}

/* ---- open and close ---- */

struct hostapd *hostapd_open(uv_loop_t *loop, const char *path, hostapd_fn *fn, hostapd_wake *wake,
			     void *arg)
{
	struct hostapd *h = calloc(1, sizeof(*h));
	const char *slash = strrchr(path, '/');

	if (!h)
		fatal("no memory");
	h->loop = loop;
	h->fn = fn;
	h->wake = wake;
	h->arg = arg;
	snprintf(h->path, sizeof(h->path), "%s", path);
	snprintf(h->dir, sizeof(h->dir), "%.*s", slash ? (int)(slash - path) : 1,
		 slash ? path : ".");
	snprintf(h->only, sizeof(h->only), "%s", slash ? slash + 1 : path);
	uv_fs_event_init(loop, &h->watch);
	h->watch.data = h;
	h->look_at = hostapd_now();
	wpa_sockets_sweep();
	return h;
}

static void on_watch_closed(uv_handle_t *handle)
{
	struct hostapd *h = handle->data;

	for (unsigned i = 0; i < 2 * HOSTAPD_MAX; i++) {
		struct mac mac;

		while (stations_take(&h->stations, i, &mac))
			;
	}
	free(h);
}

void hostapd_close(struct hostapd *h)
{
	if (!h)
		return;
	for (unsigned i = 0; i < HOSTAPD_MAX; i++)
		if (h->ap[i])
			ap_close(h->ap[i]);
	uv_close((uv_handle_t *)&h->watch, on_watch_closed);
}
