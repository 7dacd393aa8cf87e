/* SPDX-License-Identifier: MIT */
#ifndef MIP_AGENT_DAEMON_H
#define MIP_AGENT_DAEMON_H

#include "agent/agent.h"
#include "agent/hostapd.h"
#include "agent/persist.h"
#include "agent/settings.h"
#include "common/burst_socket.h"
#include "common/clock.h"
#include "common/control.h"
#include "common/giveback.h"
#include "common/kernel.h"
#include "common/link.h"
#include "common/nl80211.h"
#include "common/split.h"
#include "common/tun.h"
#include "common/tunnel.h"

#include <uv.h>

/*
 * The agent's shell: daemon.c starts, waits and stops; input.c (with datagram.c) and links.c read
 * sockets and call the core, access.c brings it hostapd's word; carry.c does what the core wants
 * and configures the kernel, lan.c that of the home link, emit.c sends; serve.c answers mipagent,
 * reload.c reads the configuration again; persist.c keeps what a restart must not lose.  Nothing
 * outside of these includes this.
 */
#define QUEUE_WATCHES_MAX 16  /* nodes leaving at the same moment; more are answered at once */
#define QUEUE_POLL MSEC(2)    /* a frame takes about 1 ms on the air */
#define QUEUE_PATIENCE SEC(2) /* the core's own deadline is shorter */
#define LINK_RETRY SEC(1)

struct daemon;

struct agent_link {
	struct daemon *d;
	unsigned index;
	const char *name;
	struct link link;
	int sink; /* keeps port 434 from answering with ICMP */
	uv_poll_t poll;
	struct nl80211 *wifi; /* NULL: not Wi-Fi */
	bool open, down;
};

struct udp_port {
	struct daemon *d;
	uint32_t addr;
	int fd;
	int discover; /* what it was told of path MTU discovery last */
	uv_poll_t poll;
};

struct queue_watch {
	bool active;
	unsigned link;
	struct mac mac;
	mtime ends;
};

struct daemon {
	int lock; /* of the only daemon here */
	uv_loop_t loop;
	uv_timer_t timer; /* the only one */
	mtime armed;
	uv_signal_t sig_term, sig_int, sig_hup;
	const char *conf_path;
	struct settings settings;
	struct agent_conf conf;
	struct agent *agent;
	struct agent_out out;
	void *pool;
	struct giveback giveback;
	struct kernel *kernel;
	struct control *control;
	struct control_groups groups;
	struct persist persist;
	int raw, monitor;
	struct tun tun;
	uv_poll_t tun_poll, tunnel_poll, error_poll, monitor_poll;
	struct tunnel tunnel;
	struct {
		uint32_t dst;
		unsigned mtu;
		mtime until;
	} path; /* inside UDP, of the last large packet that may be cut */
	struct udp_port udp[2];
	unsigned n_udp;
	struct agent_link links[AGENT_LINKS_MAX];
	unsigned n_links;
	struct hostapd *hostapd; /* NULL: none is asked */
	struct queue_watch watches[QUEUE_WATCHES_MAX];
	mtime queue_poll, link_retry; /* MTIME_NEVER: nothing to look at */
	struct drops drops;	      /* the shell's own; the core has its own */
	mtime started, complained;
	bool running;
	int exit_code;
	struct burst burst; /* in tunnels inside UDP, waits for emit_flush() */
	struct burst_ahead ahead;
	uint8_t buf[TUN_HEAD + PACKET_MAX + 1], piece[PACKET_MAX];
};

/* ---- input.c ---- */
int input_ports(struct daemon *d);  /* UDP port 434 of our addresses; -1: said */
int input_open(struct daemon *d);   /* the other sockets, and polls; -1: said */
void input_close(struct daemon *d); /* their descriptors, once the loop is done with them */
void input_read_dry(struct daemon *d);
void input_read_tun(struct daemon *d); /* some of it; the rest when its event comes */

/* ---- links.c ---- */
int links_ports(struct daemon *d); /* UDP port 434, once for each of them; -1: said */
int links_open(struct daemon *d); /* -1: said; an interface that is not there is waited for */
void links_close(struct daemon *d);
void links_check(struct daemon *d, mtime now); /* interfaces that went away or came back */
void links_queues_check(struct daemon *d);     /* the fence: asks the driver, tells the core */

/* ---- access.c ---- */
void access_open(struct daemon *d);
void access_close(struct daemon *d);

/* ---- carry.c ---- */
int carry_setup(struct daemon *d); /* what the kernel needs whatever happens; -1: said */
void carry_teardown(struct daemon *d);
void carry_out(struct daemon *d);
/* The same within a turn of many packets, which ends with emit_flush(): until then a packet may
 * wait for the next ones, that go the same way, but nothing else overtakes it. */
void carry_on(struct daemon *d);
void carry_link(struct daemon *d,
		unsigned link); /* an interface is there: its settings, its visitors' routes */

/* Its routes and its neighbour entry on this link, and nowhere else. */
void carry_visitor(struct daemon *d, uint32_t home, unsigned link, const struct mac *mac,
		   bool reverse);

/* ---- lan.c: the home network as a link of ours ---- */
bool lan_is(const struct daemon *d, unsigned link);
void lan_link(struct daemon *d); /* it is there */
void lan_proxy(struct daemon *d, bool add, uint32_t home);
void lan_mute(struct daemon *d, uint32_t home);
void lan_announce(struct daemon *d, uint32_t home, const struct mac *mac);
/* A node's own word, from its home address: what counts as having come by that link. */
bool lan_from_home(uint32_t src, const uint8_t *p, size_t n);

/* ---- emit.c ---- */
void emit_udp(struct daemon *d, const struct agent_action *a);
void emit_packet(struct daemon *d, const struct agent_action *a);
void emit_link(struct daemon *d, const struct agent_action *a);
void emit_tunnel(struct daemon *d, const struct agent_action *a);
void emit_deliver(struct daemon *d, const struct agent_action *a);
void emit_flush(struct daemon *d);

/* ---- serve.c ---- */
extern const struct control_service serve;
void serve_note(struct daemon *d, const struct agent_action *a);

/* ---- reload.c ---- */
/* NULL, or one sentence: why the running configuration was kept.  *restart: more has changed than
 * could be taken. */
const char *daemon_reload(struct daemon *d, bool *restart);

/* ---- daemon.c ---- */
void daemon_settle(struct daemon *d); /* after a batch of events: due work, then the timer */
void daemon_ready(const struct daemon *d); /* tells the service manager */
void daemon_lock_keys(const struct daemon *d);
void daemon_fail(struct daemon *d, int exit_code);

#endif
