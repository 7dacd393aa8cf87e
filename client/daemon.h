/* SPDX-License-Identifier: MIT */
#ifndef MIP_CLIENT_DAEMON_H
#define MIP_CLIENT_DAEMON_H

#include "client/addresses.h"
#include "client/helper.h"
#include "client/hooks.h"
#include "client/kernel.h"
#include "client/lend.h"
#include "client/mobile.h"
#include "client/outer.h"
#include "client/persist.h"
#include "client/renew.h"
#include "client/repair.h"
#include "client/resolve.h"
#include "client/settings.h"
#include "client/wifi.h"
#include "common/burst_socket.h"
#include "common/clock.h"
#include "common/control.h"
#include "common/giveback.h"
#include "common/link.h"
#include "common/nl80211.h"
#include "common/split.h"
#include "common/tun.h"
#include "common/tunnel.h"

#include <uv.h>

/*
 * The node's shell: main.c reads the command line; daemon.c starts and stops, reload.c reads the
 * configuration again;
 * loop.c calls the core and carries out what it wants, path.c with packets; links.c keeps the
 * radio's sockets; serve.c and status.c answer mipclient; persist.c keeps past
 * handoffs.  Nothing else includes this.
 */
#define WAITERS_MAX 8	       /* commands that wait for their outcome */
#define WATCH_PERIOD MSEC(200) /* "signal" events while somebody watches: at most 5 a second */
#define RETRY_MIN SEC(2)       /* looking for an absent interface; twice as long each time, */
#define RETRY_MAX SEC(10)      /* 6 wake-ups a minute at the most */

enum waiting { WAIT_NOTHING, WAIT_HANDOFF, WAIT_REGISTER, WAIT_DEREGISTER };

struct waiter {
	enum waiting what;
	uint64_t ref;
	mtime until;
	unsigned handoff; /* that it waits for, by its number */
};

/* Everything that hangs on an interface. */
struct node_link {
	struct daemon *d;
	unsigned index; /* the core's */
	char ifname[16];
	bool open;
	mtime look_at;
	bool up; /* the core was told so; the radio's supplicant does that by itself */
	/* found out inside of a callback: closed when the loop comes round */
	bool lost;
	bool link_watched, tap_watched; /* their polls are initialized */
	bool said_absent, said_wired, nl80211_failed;
	struct link link;
	struct tap tap;
	int sink; /* keeps port 434 from answering with ICMP */
	uv_poll_t link_poll, tap_poll;
	unsigned closing; /* handles that libuv still holds */
	struct link_address address;
	struct lending lending;
	struct renewal renewal;
	struct outer *outer; /* NULL: none */
	/* of the radio alone: */
	struct nl80211 *nl80211;
	int32_t dbm[RADIO_THRESHOLDS_MAX];
	unsigned n_dbm;
	uint64_t rx_bytes; /* at the last look at the signal */
	bool no_tx_errors; /* its driver does not count them */
	mtime retry_at, retry_in;
};

struct station_sample {
	bool has_dbm, has_traffic;
	int dbm;
	struct radio_traffic traffic;
};

/* What carrying out actions left to be told to the core. */
struct pending {
	bool sample, scan_failed;
	struct station_sample sampled;
	int roam_error;
	bool backlog;
};

struct daemon {
	uv_loop_t loop;
	uv_timer_t timer; /* the only one */
	mtime armed;
	uv_signal_t sig_term, sig_int, sig_hup;
	uv_poll_t tun_poll;
	const char *conf_path;
	struct settings settings;
	int lock;
	void *pool;
	struct giveback giveback;
	size_t pool_bytes;
	struct mobile *mobile;
	struct node_kernel kernel;
	struct node_link links[MOBILE_LINKS_MAX]; /* [MOBILE_RADIO], and what [Interfaces] names */
	unsigned n_links;
	struct addresses addresses;
	struct resolve resolve;
	struct persist persist;
	struct repair repair;
	struct wifi *wifi;
	bool supplicant; /* its control socket answers */
	struct control *control;
	struct control_groups groups;
	struct helper helper;
	struct hooks hooks;
	struct waiter waiters[WAITERS_MAX];
	unsigned told_report; /* whose steps were told so far */
	uint32_t told_steps;
	mtime watch_at;
	mtime started;
	bool stopping;
	int exit_code;
	struct pending pending;
	struct mobile_out out; /* never cleared as a whole: untouched pages cost nothing */
	struct tun tun;
	struct split uplink;   /* in `large`, what is left of a packet of the TUN */
	struct burst burst;    /* in the tunnel inside UDP, waits for outer_flush() */
	struct burst_ahead ahead;
	uint8_t buf[PACKET_MAX + 1], large[TUN_HEAD + PACKET_MAX];
};

/* ---- loop.c ---- */
/* After every call into the core: carries out what it
 * wants, until nothing is left, and arms the timer. */
void loop_carry_out(struct daemon *d);
/* The same within a turn of many packets, which ends with loop_turn_ends(): until then a packet
 * may wait for the next ones, that go the same way, but nothing else overtakes it. */
void loop_carry_on(struct daemon *d);
void loop_turn_ends(struct daemon *d);
void loop_arm(struct daemon *d);
void loop_on_timer(uv_timer_t *t);
void loop_on_tun(uv_poll_t *p, int status, int events);
void loop_on_link(uv_poll_t *p, int status, int events);
void loop_on_tap(uv_poll_t *p, int status, int events);

/* ---- air.c: what the supplicant and nl80211 tell, on its way into the core ---- */
void loop_on_wifi(const struct wifi_event *ev, void *arg);
void loop_on_nl80211(const struct nl80211_event *ev, void *arg);

/* ---- path.c: packets between the TUN, the core and the tunnel ---- */
/* Tells the core one packet of this machine's programs; false: none is left. */
bool path_uplink(struct daemon *d);
/* Into the TUN: it may wait there for those that belong to it. */
void path_deliver(struct daemon *d, const uint8_t *p, size_t n);
/* What the core wants (d->out) is nothing but packets, and the uplink goes where it went: those
 * that wait may wait for them. */
bool path_may_wait(const struct daemon *d);
/* What waits leaves, each way; what cannot is counted. */
void path_flush(struct daemon *d);

/* ---- links.c ---- */
int links_ports(struct daemon *d); /* UDP port 434, once for each of them; -errno: not said */
/* Opens what is there, closes what is lost, says once
 * what is missing; the next look is at links_deadline(). */
void links_check(struct daemon *d, mtime now);
mtime links_deadline(const struct daemon *d, mtime now);
/* Asks the kernel whether the interfaces are still the ones that we opened.  Nothing tells us
 * otherwise that one went when it is no Wi-Fi one. */
void links_verify(struct daemon *d, mtime now);
/* The supplicant says that the link is up: the interface may be another one than before. */
void links_connected(struct daemon *d, mtime now);
/* A program sends something by a cable: is it still plugged in?  The kernel is slow to tell. */
void links_look(struct daemon *d, mtime now);
/* rtnetlink's word on an interface: there or gone, its carrier. */
void links_news(struct daemon *d);
void links_close(struct daemon *d);
/* What is received there, and what is not. */
void links_want(struct daemon *d, unsigned link, const struct mobile_want *want);
/* There is another home address: what is counted, and asked about. */
void links_home(struct daemon *d);
void links_watch_tap(struct daemon *d, unsigned link, bool on);
/* Packets for the home address that came by any of them. */
uint64_t links_count(struct daemon *d);
int links_send(struct daemon *d, unsigned link, const struct mac *mac, const uint8_t *p, size_t n);

/* ---- station.c: what the kernel knows of the radio's own link ---- */
void station_open(struct node_link *l);
void station_thresholds(struct daemon *d, const int32_t *dbm, unsigned n);
/* Somebody else may have set a threshold: ours again. */
void station_again(struct daemon *d);
bool station_signal(struct daemon *d, int *dbm);
void station_sample(struct daemon *d, struct station_sample *out);
/* Packets that the radio still has to send; 0 where its driver does not say. */
uint32_t station_backlog(struct daemon *d);

/* ---- serve.c ---- */
extern const struct control_service serve;
/* To all commands that wait for this outcome; steals answer. */
void serve_finish(struct daemon *d, enum waiting what, unsigned handoff, json_t *answer);
/* To those that wait for a handoff. */
void serve_progress(struct daemon *d, json_t *event);
mtime serve_deadline(struct daemon *d);
/* serve_past.c: "history", "report" */
void serve_history(struct control_client *c, json_t *args, void *arg);
void serve_report(struct control_client *c, json_t *args, void *arg);
void serve_tick(struct daemon *d, mtime now);

/* ---- reload.c ---- */
/* What the core is told; links are in the order of d->links. */
void daemon_core_conf(const struct daemon *d, const struct settings *s, struct mobile_conf *out);
void daemon_lock_keys(const struct daemon *d);
/* NULL, or one sentence: why the running configuration was kept. */
const char *daemon_reload(struct daemon *d);

/* ---- daemon.c ---- */
void daemon_init(struct daemon *d);
int daemon_start(struct daemon *d); /* 0; -1: said.  daemon_stop is to be called in both cases */
void daemon_stop(struct daemon *d); /* deregisters, removes everything from the kernel */

#endif
