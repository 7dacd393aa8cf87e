/* SPDX-License-Identifier: MIT */
#ifndef MIP_HOSTAPD_H
#define MIP_HOSTAPD_H

#include "agent/agent.h"

#include <uv.h>

/*
 * Shell: the control interfaces of the hostapds of this host's access points, through
 * libwpa-client.  It tells who joins and who is gone, and never waits for them: one that is not
 * there, ends or is started again is looked for once a second, and at once where its folder
 * changes.
 */
#define HOSTAPD_MAX 8 /* access points: bands and networks of one device */

typedef void hostapd_wake(void *arg);
typedef void hostapd_fn(const char *ifname, const struct mac *mac, enum station_event event,
			void *arg);

struct hostapd;

/* path: a control socket, named like its interface, or a folder of them.  wake: hostapd_deadline()
 * has changed.  Neither is called from within hostapd_open() or hostapd_close(). */
struct hostapd *hostapd_open(uv_loop_t *loop, const char *path, hostapd_fn *fn, hostapd_wake *wake,
			     void *arg);
void hostapd_close(struct hostapd *h); /* h may be NULL */
/* When hostapd_tick() wants to be called. */
mtime hostapd_deadline(const struct hostapd *h);
void hostapd_tick(struct hostapd *h, mtime now);

struct hostapd_info {
	const char *ifname;
	unsigned stations; /* that are there */
};
/* The access points that answer; false: no more of them. */
bool hostapd_at(const struct hostapd *h, unsigned i, struct hostapd_info *out);

#endif
