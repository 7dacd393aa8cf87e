/* SPDX-License-Identifier: MIT */
#ifndef MIP_WORLD_INSIDE_H
#define MIP_WORLD_INSIDE_H

#include "tests/sim/world.h"

/* The world's own files share this: world.c builds it and moves time, wire.c is what is under
 * way, carry.c hands it to the cores and carries out their actions, check.c, replies.c and
 * queues.c hold the invariants, forwarding.c times FORWARD for promise.c, strangers.c has no key.
 */
#define FRAME_MAX 1600
#define PAYLOAD 172 /* 200 bytes in all */
#define HEARD_MAX 32
#define SIGNED_MAX 512
#define FORWARDS_MAX 64 /* more than a run of walks has */
#define CARE_OF_MAX (2 * WORLD_FOREIGN_MAX + 1) /* agents', its own, and none */
#define NODE_PORT 5434 /* of its tunnel inside UDP */

enum host_kind { TO_AGENT, TO_NODE, TO_CN, TO_ROUTER };
enum frame_kind { FRAME_TUNNEL, FRAME_UDP, FRAME_ROUTED, FRAME_RADIO, EVENT_LINK_UP, EVENT_STREAM,
		  EVENT_AIR, EVENT_SCANNED, EVENT_STATION_GONE, EVENT_ADDRESS, EVENT_LENT,
		  EVENT_GATEWAY
};

struct event {
	mtime at;
	uint64_t order; /* first in, first out at the same time */
	enum frame_kind kind;
	enum host_kind to;
	unsigned host;
	unsigned node;	   /* of a frame to it, and of EVENT_LINK_UP */
	unsigned link;	   /* the interface of it: MOBILE_RADIO, WORLD_CABLE */
	unsigned roam;	   /* a later roam makes this one void */
	uint32_t src, dst; /* outer, or UDP */
	uint16_t sport, dport;
	struct mac mac; /* source of a radio frame; the access point's of EVENT_LINK_UP */
	size_t n;
	uint8_t *p;
};

/* Who is answered: each node by its index, a stranger on the link, across the backbone AFAR, where
 * nobody is, and each agent behind it; then of each router its NAT, and each address of a node. */
#define STRANGER WORLD_NODES_MAX
#define AFAR (WORLD_NODES_MAX + 1)
#define AT_ROUTERS (AFAR + 1 + WORLD_FOREIGN_MAX + 1)
#define WALKER_LINKS 2 /* MOBILE_RADIO, WORLD_CABLE */
#define AT_ROUTER (1 + WALKER_LINKS * WORLD_NODES_MAX)
#define PEERS_MAX (AT_ROUTERS + WORLD_FOREIGN_MAX * AT_ROUTER)
#define REPEATS_A_SECOND 10
#define ASKERS_NODES 4 /* the first few are looked at */
#define ASKERS_LINK (ASKERS_NODES + AT_ROUTERS - STRANGER)
#define ASKERS_ROUTER (1 + WALKER_LINKS * ASKERS_NODES)
#define ASKERS_MAX (ASKERS_LINK + WORLD_FOREIGN_MAX * ASKERS_ROUTER)

/* On behalf of one node; 0: never. */
struct asker {
	mtime at[2 * REPEATS_A_SECOND]; /* rings */
	uint64_t id[REPEATS_A_SECOND];
	unsigned n, n_id;
	mtime denied;
};

/* By the queues of one node, at the last look. */
struct kept {
	uint32_t packets, bytes, held;
};

/* What a NAT remembers: the port of its own that stands for a node's, as seen by one peer. */
#define NAT_PORTS_MAX 256
#define NAT_PORT 40000
#define AGENT_NAT_PORT 50000
struct nat_port {
	const struct walker *node;
	uint32_t src, peer;
	uint16_t sport;
	bool live;
	mtime used;
};

struct host {
	struct agent *agent;
	void *pool;
	struct agent_conf conf;
	struct agent_node_conf nodes[WORLD_NODES_MAX];
	struct agent_peer_conf peers[WORLD_FOREIGN_MAX + 1];
	bool visitor[WORLD_NODES_MAX], reverse[WORLD_NODES_MAX]; /* what the kernel was told */
	unsigned visitor_link[WORLD_NODES_MAX]; /* by the MAC address */
	uint32_t addr;	       /* on the backbone */
	uint32_t link_addr;
	struct mac mac, bssid, bssid2; /* two access points on one link */
	mtime radio_free[2]; /* frames leave in order: data, signalling */
	mtime no_auth_at[PEERS_MAX]; /* last 131 */
	struct asker askers[ASKERS_NODES][ASKERS_MAX];
	unsigned ticks;	     /* in this millisecond */
	struct kept kept[WORLD_NODES_MAX];
	bool nothing_kept; /* in any of them */
	unsigned starts;
	struct nat_port nat[NAT_PORTS_MAX]; /* port NAT_PORT and up; none is used again */
	unsigned n_nat;
	unsigned rebound; /* the NAT before it has the port AGENT_NAT_PORT and this many more */
};

struct direction {
	unsigned sent;
	unsigned char got[WORLD_PACKETS_MAX];
	unsigned received, duplicated, reordered;
	unsigned highest;
	mtime last, gap;
};

struct overheard {
	uint32_t home; /* whose */
	bool arrived; /* the node's own; a stranger that brings what nobody heard is but a wire */
	bool answered; /* a Request that the home agent knows */
	uint8_t p[1500];
	size_t n;
};

struct signed_order {
	uint64_t id;
	size_t n;
	uint32_t care_of; /* 0: it forwards nothing */
};

/* A FORWARD as the second agent sees it; 0: not yet. */
struct forwarding {
	uint64_t id;
	unsigned agent;
	mtime accepted, answered;
};

/* What a node's interface has of the network that it is on. */
struct net {
	uint32_t addr, gateway; /* 0: none */
	bool lent;	/* .addr was put there by the node itself */
	uint32_t outer;	/* what its sockets are bound to */
};

/* Its other interface. */
struct cable {
	struct mac mac;
	bool in;
	unsigned to, roam; /* roam: counts plugs and pulls */
	mtime wire[2][2];  /* when it is free: down, up; data, signalling */
};

/* One node, and what it did and got. */
struct walker {
	unsigned index;
	uint32_t home;
	struct mac mac;
	struct mobile_conf conf;
	struct mobile *mobile;
	void *pool;
	bool attached, tap[WALKER_LINKS];
	struct cable cable;
	struct net net[WALKER_LINKS];
	bool lapsed; /* its registration, while it streamed and no handoff was running */
	unsigned ap, roam, ticks;
	bool scanning;	     /* its radio is on another channel */
	double at, goal, speed; /* access point i stands at i; speed: a second */
	int dbm;	     /* of the access point that it is on */
	int32_t thresholds[RADIO_THRESHOLDS_MAX];
	unsigned n_thresholds;
	uint64_t tapped;
	unsigned asked; /* a DHCP client was told to ask */
	struct direction down, up;
	struct signed_order orders[SIGNED_MAX];
	unsigned n_orders;
	uint32_t care_of[CARE_OF_MAX]; /* of Registration Requests */
	unsigned n_care_of;
	struct forwarding forwards[FORWARDS_MAX]; /* a ring */
	unsigned n_forwards;
};

struct world {
	struct world_conf c;
	struct event *heap;
	size_t n, cap;
	uint64_t order, rng, hash;
	mtime now, tick_ms;
	struct host host[WORLD_FOREIGN_MAX + 1]; /* the home agent is host[n_foreign] */
	struct walker *walkers; /* c.n_nodes of them */
	struct walker *me;      /* world_use() */
	bool radio_dead[WORLD_FOREIGN_MAX + 1];
	mtime path_free[2][WORLD_FOREIGN_MAX + 2][WORLD_FOREIGN_MAX + 2];
	bool cut[WORLD_FOREIGN_MAX + 2][WORLD_FOREIGN_MAX + 2];
	struct world_tamper tamper;
	unsigned tampered;
	bool streaming;
	mtime every;
	struct mobile_out mout;
	struct agent_out aout;
	struct overheard heard[HEARD_MAX]; /* what nodes sent, for strangers */
	unsigned n_heard;
	char bad[240];
};

static inline int world_skew(const struct world *w, unsigned i)
{
	return i < w->c.n_foreign ? w->c.clock_skew_s[i] : 0;
}
/* No agent is there. */
static inline bool world_plain(const struct world *w, unsigned i)
{
	return i < w->c.n_foreign && w->c.plain[i];
}
/* There is no access point there. */
static inline bool world_wired(const struct world *w, unsigned i)
{
	return i < w->c.n_foreign && i >= w->c.n_foreign - w->c.wired;
}
/* As many have one. */
static inline unsigned world_aps(const struct world *w)
{
	return w->c.n_foreign - w->c.wired;
}
struct instant world_instant(const struct world *w, int skew_s);
struct instant world_node_instant(const struct world *w);
/* NULL: nobody's */
bool world_is_host(const struct world *w, uint32_t addr); /* an agent, on the backbone */
struct walker *world_by_home(const struct world *w, uint32_t home);
struct walker *world_by_mac(const struct world *w, const struct mac *mac);

/* build.c */
void build_agent(struct world *w, unsigned i); /* with new randomness */
void build_again(struct world *w, unsigned i);
void build_host(struct world *w, unsigned i);
void build_node(struct world *w, unsigned k);

/* wire.c */
void wire_push(struct world *w, struct event e);
struct event wire_pop(struct world *w);
struct event wire_frame(enum frame_kind kind, enum host_kind to, unsigned host, const void *p,
			size_t n);
void wire_backbone(struct world *w, unsigned from, struct event e);
void wire_radio(struct world *w, unsigned ap, struct event e);
bool wire_is_signal(const struct event *e);

/* stream.c */
size_t stream_numbered(uint8_t *buf, uint32_t src, uint32_t dst, unsigned seq);
void stream_arrived(struct world *w, struct direction *d, const uint8_t *pkt, size_t n,
		    const char *where);
void stream_tick(struct world *w);
void stream_cn_hears(struct world *w, const struct event *e);

/* The node's place there is an address of its own. */
static inline bool world_own(const struct world *w, unsigned i)
{
	return world_plain(w, i) || (i < w->c.n_foreign && w->c.colocated);
}

/* router.c */
bool router_is(const struct world *w, unsigned i); /* a network that gives addresses out */
int router_of(const struct world *w, uint32_t addr); /* behind which one it is; -1: none */
unsigned router_peer(const struct world *w, uint32_t addr); /* whose address; 0: nobody's */
/* That port of a NAT's has been this node's. */
bool router_hides(const struct world *w, const struct walker *n, uint32_t addr, uint16_t port);
/* What an agent sends there; false: it goes to somebody else. */
bool router_takes(struct world *w, unsigned from, const struct agent_action *a);
/* Of a node, by that interface, in network i. */
uint32_t router_addr(unsigned i, const struct walker *n, unsigned link);
/* dhcp.c: its interface has that address now; 0: none. */
void router_has(struct world *w, struct walker *n, unsigned link, uint32_t addr, uint32_t gateway);
void router_hears(struct world *w, const struct event *e);
void router_link_up(struct world *w, const struct walker *n, unsigned link);
void router_probed(struct world *w, const struct walker *n, const struct mobile_action *a);
void router_lent(struct world *w, struct walker *n, const struct mobile_action *a);
void router_lends(struct world *w, const struct event *e);
void router_address(struct world *w, const struct event *e);
void router_gateway(struct world *w, const struct event *e);
void router_node_sends(struct world *w, struct walker *n, const struct mobile_action *a);
void router_node_hears(struct world *w, struct walker *n, const struct event *e);

/* station.c */
void station_joined(struct world *w, const struct walker *n);
/* Before it is not attached any more; its access point finds out after that time. */
void station_left(struct world *w, const struct walker *n, mtime after);
void station_gone(struct world *w, const struct event *e);

/* carry.c */
void carry_agent(struct world *w, unsigned i);
void carry_node(struct world *w, struct walker *n);
void carry_link_up(struct world *w, struct walker *n, unsigned ap, const struct mac *bssid);
void carry_event(struct world *w, struct event *e);
bool carry_on_air(const struct world *w, const struct walker *n);
void carry_frame(struct world *w, struct walker *by, unsigned link, const struct mac *to,
		 const uint8_t *p, size_t n);

/* cable.c: the network that an interface is on, and whether frames pass there */
unsigned cable_place(const struct walker *n, unsigned link);
bool cable_passes(const struct world *w, const struct walker *n, unsigned link);
unsigned cable_roam(const struct walker *n, unsigned link);
/* A node that starts finds the addresses that it has. */
void cable_addresses(struct world *w, struct walker *n);
void cable_in(struct world *w, struct walker *n, unsigned to);
unsigned cable_link_of(const struct walker *n, const struct mac *mac);
/* The interface that a node should be registered by, once all is quiet. */
unsigned cable_serves(const struct world *w, const struct walker *n);

/* kernel.c */
/* Also by the address of the NAT before it; -1: nobody's */
int kernel_host(const struct world *w, uint32_t addr);
/* A datagram between hosts, past the NATs before them: port 434 at both ends, as they see it. */
void kernel_datagram(struct world *w, unsigned from, const struct agent_action *a);
/* Does IP-in-IP get from there to here? */
bool kernel_tunnels(const struct world *w, unsigned from, uint32_t dst);
void kernel_routes(struct world *w, unsigned i, const uint8_t *p, size_t n);
void kernel_udp(struct world *w, unsigned i, const struct agent_action *a);
void kernel_link(struct world *w, unsigned i, const struct agent_action *a);
void kernel_visitor(struct world *w, unsigned i, const struct agent_action *a);

/* radio.c */
void radio_scan_begins(struct world *w, struct walker *n, const struct mobile_action *a);
void radio_scan_ends(struct world *w, struct walker *n);
void radio_moves(struct world *w); /* everybody, by one step */
int radio_dbm(const struct world *w, const struct walker *n, unsigned ap);
struct radio_bss radio_bss(const struct world *w, unsigned ap, bool second, int dbm);

/* forwarding.c */
void forwarding_action(struct world *w, unsigned i, const struct agent_action *a);

/* replies.c: a message of agent i to one of its peers, or to an address */
void check_reply(struct world *w, unsigned i, unsigned peer, const uint8_t *p, size_t n);
void check_reply_afar(struct world *w, unsigned i, uint32_t to, const uint8_t *p, size_t n);

/* queues.c */
void check_queues(struct world *w, unsigned i);

/* check.c */
void check_state(struct world *w);
void check_node_sends(struct world *w, struct walker *by, const uint8_t *pkt, size_t n);
void check_heard(struct world *w, const struct event *e);
void check_node_gets(struct world *w, const struct walker *n, const uint8_t *pkt, size_t len);
void check_agent_action(struct world *w, unsigned i, const struct agent_action *a);

#endif
