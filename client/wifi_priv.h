/* SPDX-License-Identifier: MIT */
#ifndef MIP_WIFI_PRIV_H
#define MIP_WIFI_PRIV_H

#include "client/wifi.h"
#include "client/wifi_parse.h"

#include <wpa_ctrl.h>

/* Shared by wifi*.c alone. */
#define WIFI_QUEUE_MAX 22 /* one of each kind, twice over */
#define WIFI_COMMAND_MAX 160
#define WIFI_REPLY_MAX 8192 /* wpa_supplicant's own limit is 4096 */

enum wifi_state { WIFI_ABSENT, WIFI_ATTACHING, WIFI_ATTACHED };
enum wifi_request {
	WIFI_REQ_STATUS,
	WIFI_REQ_SCAN,
	WIFI_REQ_ABORT,
	WIFI_REQ_TABLE,
	WIFI_REQ_PAGE,
	WIFI_REQ_LOAD,
	WIFI_REQ_NEIGHBOURS,
	WIFI_REQ_BGSCAN, /* the network's, */
	WIFI_REQ_BGSCAN_ALL, /* and what all have that have none */
	WIFI_REQ_ROAM,
	WIFI_REQ_PING
};

/* A roam that the supplicant refuses because its entry is too
 * old is asked again after a scan of that channel. */
enum wifi_roam {
	WIFI_ROAM_NONE,
	WIFI_ROAM_ASKED,
	WIFI_ROAM_SCANNING,
	WIFI_ROAM_AGAIN,
	WIFI_ROAM_UNDERWAY
};

struct wifi_command {
	enum wifi_request kind;
	char text[WIFI_COMMAND_MAX];
};

/* one socket to the supplicant; outlives a reconnection until its handle is closed */
struct wifi_link {
	uv_poll_t poll;
	struct wpa_ctrl *ctrl;
	struct wifi *w;
};

struct wifi {
	uv_loop_t *loop;
	wifi_fn *fn;
	void *arg;
	char dir[96], ifname[32], path[128];
	enum wifi_state state;
	bool closing, complained, lost;
	unsigned handles;
	uv_timer_t timer;
	uv_timer_cb on_timer;
	uv_fs_event_cb on_dir;
	uv_fs_event_t watch;
	struct wifi_link *events, *requests;

	mtime backoff, retry_at, attach_limit, ping_at;
	struct wifi_command queue[WIFI_QUEUE_MAX];
	unsigned n_queue;
	bool in_flight;
	mtime reply_limit;

	bool looks_away;
	bool scan_ours, scan_retried, scan_urgent;
	mtime rescan_at;
	char scan[WIFI_COMMAND_MAX];
	enum wifi_roam roam;
	struct radio_bss roam_to;
	mtime roam_limit;

	struct radio_bss current;
	bool connected, bgscan;
	struct wifi_table table; /* being read */
	unsigned pages;
	size_t load_at;	 /* whose load is being asked for, */
	unsigned loads;	 /* and how many were */
	struct mac reported; /* whose neighbours were asked for */
};

/* wifi_link.c */
struct wifi_link *wifi_link_open(struct wifi *w, uv_poll_cb cb); /* NULL: nothing there; errno */
void wifi_link_close(struct wifi_link **link);
/* -1: nothing there, or dead. */
int wifi_link_send(struct wifi_link *link, const char *text);
/* One datagram, as a string.  False: no more. */
bool wifi_link_read(struct wifi_link *link, char *buf, size_t size);
/* CTRL-EVENT-BSS-ADDED and -REMOVED, which say nothing to us, wake nobody from now on. */
void wifi_link_ignore(struct wifi_link *link);

mtime wifi_now(void);
void wifi_emit(struct wifi *w, const struct wifi_event *ev);
/* Queues a command; a roam goes first.  0 or -errno. */
int wifi_ask(struct wifi *w, enum wifi_request kind, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* The same, unless one of that kind waits to be asked already. */
int wifi_ask_once(struct wifi *w, enum wifi_request kind, const char *text);
void wifi_ask_table(struct wifi *w);
bool wifi_table_waits(const struct wifi *w);
/* A line from the supplicant: an event, or the reply to a command. */
void wifi_on_event(struct wifi *w, const char *line);
void wifi_on_reply(struct wifi *w, enum wifi_request kind, const char *text);
void wifi_roam_failed(struct wifi *w, int reason, const char *text);
void wifi_scan_failed(struct wifi *w);

#endif
