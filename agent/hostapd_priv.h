/* SPDX-License-Identifier: MIT */
#ifndef MIP_HOSTAPD_PRIV_H
#define MIP_HOSTAPD_PRIV_H

#include "agent/hostapd.h"
#include "agent/stations.h"

#include <sys/types.h>
#include <wpa_ctrl.h>

/* Shared by hostapd.c, which looks for access points, and hostapd_ap.c, which listens to one. */
#define HOSTAPD_LOOK_AGAIN SEC(1)

enum ap_state {
	AP_ATTACHING, /* asked for events */
	AP_LISTING,   /* asks who is there already */
	AP_WATCHING,
};

/* One access point's socket; outlives its place in the table until its handle is closed. */
struct ap {
	uv_poll_t poll;
	struct hostapd *h;
	struct wpa_ctrl *ctrl;
	unsigned index;
	enum ap_state state;
	char name[32];
	ino_t ino;
	bool asked; /* a reply is due until `limit` */
	mtime limit, ping_at;
};

struct hostapd {
	uv_loop_t *loop;
	hostapd_fn *fn;
	hostapd_wake *wake;
	void *arg;
	char path[256], dir[256], only[32]; /* only: that socket; empty: every one in dir */
	char name[HOSTAPD_MAX][32]; /* whose place it is, or was */
	struct ap *ap[HOSTAPD_MAX];
	struct stations *stations;
	uv_fs_event_t watch;
	bool watching, complained, said_many;
	mtime look_at;
};

mtime hostapd_now(void);
/* Opens the socket of that name in h->dir, at a free place; false: nobody answers there. */
bool ap_open(struct hostapd *h, unsigned index, const char *name, ino_t ino);
void ap_close(struct ap *ap);
/* Where its stations are while nobody has said again that they are there. */
#define AP_UNSURE(index) ((index) + HOSTAPD_MAX)
/* why: NULL, not worth a line; gone: its stations are without a radio, else they may well be there
 * and the next one to answer in its place knows. */
void ap_lose(struct ap *ap, const char *why, bool gone);
void ap_tick(struct ap *ap, mtime now);
mtime ap_deadline(const struct ap *ap);

#endif
