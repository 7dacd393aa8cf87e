/* SPDX-License-Identifier: MIT */
#ifndef MIP_AGENT_H
#define MIP_AGENT_H

#include "agent/buffer.h"
#include "common/addr.h"
#include "common/advert.h"
#include "common/auth.h"
#include "common/dealt.h"
#include "common/drop.h"
#include "common/mip.h"
#include "common/mtime.h"
#include "common/order.h"
#include "common/pktq.h"

/*
 * The agent's pure core: home agent and/or foreign agent by configuration.
 * The shell (agent/daemon.c) brings events, messages and packets; the core appends
 * actions to `struct agent_out` and returns.  It does no I/O and reads no clock.
 * Actions are carried out in the order in which they were appended: kernel additions come
 * before the packets that need them, removals after.
 */
#define AGENT_LINKS_MAX 8

/* [Node ADDR]: the association with a node: MN-HA where we are its home agent, MN-FA where we are
 * its foreign agent. */
struct agent_node_conf {
	uint32_t home_addr; /* 0: from the pool, for as long as it is bound */
	struct sa sa;
	const char *nai; /* RFC 2794: who it is where it knows no address; NULL: none */
};

/* [Agent ADDR]: FA-HA association with another agent (by care-of address, or home agent address).
 */
struct agent_peer_conf {
	uint32_t addr;
	struct sa sa; /* spi 0: known, but without a key */
};

enum agent_udp_tunnel {
	UDP_TUNNEL_NO,
	UDP_TUNNEL_NAT,	   /* to nodes behind a NAT */
	UDP_TUNNEL_FORCED, /* and to those that ask for it though there is none */
};

/* Is there a NAT between us and home agents, RFC 3519? */
enum agent_nat {
	AGENT_NAT_AUTO, /* as they say */
	AGENT_NAT_YES,	/* nodes are told from the start */
	AGENT_NAT_NO,	/* no home agent is asked */
};

struct agent_conf {
	bool home; /* [Home] present */
	uint32_t home_agent;
	uint32_t home_net;
	uint8_t home_prefix_len;
	uint32_t pool_first, pool_last; /* home addresses for nodes without one; 0: none */
	uint16_t home_lifetime_s; /* longest granted */
	bool home_reverse_mandatory;
	enum agent_udp_tunnel home_udp; /* whom RFC 3519 is granted */
	bool home_udp_any_agent; /* and to agents behind a NAT that we share no key with */
	uint16_t home_udp_lifetime_s;	/* longest granted with it */
	uint16_t home_keepalive_s;	/* suggested with it; 0: the node's own default */
	bool home_on_link; /* nodes may be at home, on link number home_link */
	unsigned home_link;
	bool deal_keys; /* for orders, to nodes and to the agents that we share a key with */
	uint8_t seed[DEALT_SEED_LEN]; /* of our randomness: the shell's, new at each start */

	bool foreign; /* [Foreign] present */
	uint32_t care_of;
	uint32_t link_addr; /* our address on the links: IP source of advertisements and replies */
	uint16_t foreign_lifetime_s;
	bool foreign_reverse;	       /* offer the T bit */
	bool foreign_reverse_mandatory;
	bool foreign_busy;	       /* refuse new visitors */
	enum agent_nat foreign_nat;
	bool foreign_required; /* the R bit: also who has an address of its own registers here */
	mtime advert_interval;
	unsigned n_links;
	struct mac link_mac[AGENT_LINKS_MAX];

	bool buffers; /* [Buffer] enabled (default) */
	struct buffer_limits per_node;
	enum order_overflow overflow; /* for leases that do not say */
	size_t buffer_total; /* bytes of the pool */
	mtime lease_max, fence_max, marker_guard, marker_guard_max, end_marker_wait, merge_idle,
	    merge_after_marker;
	unsigned drain_factor;

	bool early_forward;   /* relay a FORWARD that is EARLY before the home agent has answered */
	mtime early_max;      /* deliver to a node that is not accepted yet for so long, */
	uint32_t early_bytes; /* so much, with what waits for its Reply, */
	size_t early_total;   /* and so much of all such nodes together */

	unsigned max_visitors, max_pending, max_bindings;
	unsigned max_handoffs; /* nodes that have more than their registration */
	uint32_t replay_tolerance_s;

	/* what advertisements say of other agents; FORWARD to one of them is believed from anybody
	 * that can sign it */
	struct neighbour neighbours[ADVERT_NEIGHBOURS_MAX];
	unsigned n_neighbours;

	struct agent_node_conf *nodes; /* owned by the caller, outlives the agent */
	size_t n_nodes;
	struct agent_peer_conf *peers;
	size_t n_peers;
};

/* Defaults for everything that has one, with the reason beside each (agent.c). */
void agent_conf_default(struct agent_conf *c);

enum agent_act {
	AGENT_SEND_UDP,	  /* backbone: src:sport -> dst:dport, payload p/n, tos */
	AGENT_SEND_PACKET, /* of our own, a whole IP packet p/n: to dst, as the kernel routes it */
	AGENT_SEND_LINK,  /* to a node: a whole IP packet p/n on `link`, to `mac` (never through the
			     TUN) */
	AGENT_TUNNEL,	  /* outer src -> dst, inner packet p/n: IP-in-IP, or where there is a dport
			     inside UDP, sport -> dport; clear_df: outer DF stays clear */
	AGENT_DELIVER,	  /* write the inner packet p/n to the TUN: the kernel routes it on */
	AGENT_VISITOR_UP, /* kernel: home -> (link, mac); reverse: its uplink goes into the TUN */
	AGENT_VISITOR_DOWN, /* kernel: remove what VISITOR_UP made for home */
	AGENT_PROXY_UP, /* kernel, home link: it answers ARP for home, and what comes for that goes
			   into the TUN */
	AGENT_PROXY_MUTE, /* kernel: it no longer answers; what still comes goes as before */
	AGENT_PROXY_DOWN, /* kernel: remove what PROXY_UP made for home */
	AGENT_ANNOUNCE,	  /* gratuitous ARP on `link`: home is at mac; zero: our own there */
	AGENT_QUEUE_WATCH,  /* tell agent_queue_empty() when the station's radio queue is empty
			       (fence); deadline `until` is the core's own */
	AGENT_NOTE, /* something worth an info line and an event for `mipagent watch`: text in note
		     */
};

struct agent_action {
	enum agent_act act;
	unsigned link;
	struct mac mac;
	uint32_t home, src, dst;
	uint16_t sport, dport;
	uint8_t tos;
	bool clear_df, reverse;
	const uint8_t *p; /* valid until the next call into the core */
	size_t n;
	char note[160];
};

#define AGENT_ACTIONS_MAX 64
#define AGENT_OUT_BYTES 16384

struct agent_out {
	struct agent_action a[AGENT_ACTIONS_MAX];
	unsigned n;
	uint8_t bytes[AGENT_OUT_BYTES];
	size_t used;
};

struct agent; /* agent_new allocates; entries are allocated as nodes come, within the limits of the
		 configuration */

/* pool_mem: buffer_total bytes for the packet pool, aligned to 8, kept by the caller.  Boot time =
 * now. */
struct agent *agent_new(const struct agent_conf *c, void *pool_mem, const struct instant *now);
size_t agent_size(void); /* of what agent_new() allocates first: its seed is in there */
void agent_free(struct agent *a);

/* Every call below first empties *out. */

/* A UDP datagram to port 434 that came by routing (not from a node on a link).  A packet that is
 * tunnelled in it may be edited in place. */
void agent_udp(struct agent *a, uint32_t src, uint16_t sport, uint32_t dst, uint8_t *p, size_t n,
	       const struct instant *now, struct agent_out *out);

/* One that a node sent on a link; ttl is the IP header's, mac the frame's source. */
void agent_link_udp(struct agent *a, unsigned link, const struct mac *mac, uint32_t src,
		    uint16_t sport, uint32_t dst, uint8_t ttl, const uint8_t *p, size_t n,
		    const struct instant *now, struct agent_out *out);

/* An agent solicitation (the ICMP message) on a link. */
void agent_solicit(struct agent *a, unsigned link, const struct mac *mac, uint32_t src,
		   const uint8_t *icmp, size_t n, const struct instant *now, struct agent_out *out);

/* A decapsulated tunnel packet.  inner may be edited in place (TTL). */
void agent_tunnel(struct agent *a, uint32_t outer_src, uint32_t outer_dst, uint8_t *inner, size_t n,
		  const struct instant *now, struct agent_out *out);

/* A packet that the kernel routed into the TUN. */
void agent_tun(struct agent *a, uint8_t *pkt, size_t n, const struct instant *now,
	       struct agent_out *out);

/* An ICMP unreachable came back for a registration or order that we sent to dst (code: ICMP code
 * 0..15). */
void agent_unreachable(struct agent *a, uint32_t dst, uint8_t code, const struct instant *now,
		       struct agent_out *out);

/* An ICMP message that came to an address of ours, with its IP header: an error about a packet in a
 * tunnel is told to who sent that, as RFC 2003 4 says. */
void agent_icmp(struct agent *a, const uint8_t *p, size_t n, const struct instant *now,
		struct agent_out *out);

/* An access point's own word on a station (hostapd): its port is open, at this link; or it left, or
 * has not answered for too long. */
enum station_event { STATION_JOINED, STATION_GONE };
void agent_station(struct agent *a, unsigned link, const struct mac *mac, enum station_event event,
		   const struct instant *now, struct agent_out *out);

/* The radio queue of this station is empty (answers AGENT_QUEUE_WATCH). */
void agent_queue_empty(struct agent *a, const struct mac *mac, const struct instant *now,
		       struct agent_out *out);

/* Time passed.  Also releases paced packets: call again at once while it returns true (more is
 * ready now). */
bool agent_tick(struct agent *a, const struct instant *now, struct agent_out *out);
mtime agent_deadline(const struct agent *a);
/* The packets' pool: the shell gives its memory back while it is empty (common/giveback.h). */
struct pool *agent_pool(struct agent *a);

/* The nodes and peers of c from now on, and nothing else of it; they take the place of those that
 * agent_new() was given, which may go.  A node that has the same key as before keeps its binding;
 * the other bindings are due at once.  False: no memory, nothing has changed. */
bool agent_reconfigure(struct agent *a, const struct agent_conf *c, const struct instant *now,
		       struct agent_out *out);

/* ---- what the CLI shows ---- */
struct agent_binding_info {
	uint32_t home_addr, care_of;
	const char *nai; /* NULL: its address is its name */
	bool co_located;
	bool awaited; /* its tunnel inside UDP begins with its first keepalive (R) */
	uint32_t udp_addr; /* of the tunnel inside UDP */
	uint16_t udp_port; /* 0: it is IP-in-IP */
	bool reverse;
	uint16_t lifetime_s;
	mtime expires;
	uint64_t to_node, from_node; /* packets */
};
struct agent_visitor_info {
	uint32_t home_addr, home_agent;
	struct mac mac;
	unsigned link;
	bool pending, reverse;
	bool udp; /* its home agent tunnels inside UDP: there is a NAT between us */
	enum order_key order_key;
	uint16_t lifetime_s;
	mtime expires;
	uint64_t delivered, from_node;
};
/* On the home link: a node that is there (here), or the home address of one that is not. */
struct agent_home_info {
	uint32_t home_addr;
	bool here;
	bool proxied; /* we answer ARP for it */
	struct mac mac;
};
struct agent_buffer_info {
	uint32_t home_addr;
	enum buffer_state state; /* first agent's side */
	const char *merge;	 /* second agent's side: "none", "holding", ... */
	uint32_t forward_to;	 /* care-of address, 0: none */
	mtime lease_ends;
	uint32_t queued, queued_bytes, held;
	uint64_t kept, forwarded, dropped;
	uint32_t lost[DROP_COUNT]; /* dropped, by reason */
	uint16_t granted_packets, granted_kib;
};
/* Where a walk is: zeroed before the first; good until the next call above. */
struct agent_cursor {
	const void *entry;
	size_t i;
	bool begun;
};
/* The next one; false: that was all. */
bool agent_binding_next(const struct agent *a, struct agent_cursor *c,
			struct agent_binding_info *out);
bool agent_visitor_next(const struct agent *a, struct agent_cursor *c,
			struct agent_visitor_info *out);
bool agent_buffer_next(const struct agent *a, struct agent_cursor *c,
		       struct agent_buffer_info *out);
bool agent_home_next(const struct agent *a, struct agent_cursor *c, struct agent_home_info *out);
/* The i-th, from 0: a walk each time. */
bool agent_binding_at(const struct agent *a, size_t i, struct agent_binding_info *out);
bool agent_visitor_at(const struct agent *a, size_t i, struct agent_visitor_info *out);
bool agent_buffer_at(const struct agent *a, size_t i, struct agent_buffer_info *out);
const struct drops *agent_drops(const struct agent *a);
/* Our advertisements say so: the U bit. */
bool agent_behind_nat(const struct agent *a);

/* Counters with names, for status: X(field, "json-name") */
#define AGENT_COUNTERS(X)                                                                          \
	X(requests, "registration-requests")                                                       \
	X(accepted, "registrations-accepted")                                                      \
	X(denied, "registrations-denied")                                                          \
	X(udp_granted, "udp-tunnels-granted")                                                      \
	X(udp_declined, "udp-tunnels-declined")                                                    \
	X(restored, "bindings-restored")                                                           \
	X(keepalives, "keepalives")                                                                \
	X(keepalives_sent, "keepalives-sent")                                                      \
	X(relayed, "requests-relayed")                                                             \
	X(orders, "orders")                                                                        \
	X(orders_granted, "orders-granted")                                                        \
	X(keys_dealt, "keys-dealt")                                                                \
	X(keys_taken, "keys-taken")                                                                \
	X(early_leases, "early-leases-granted")                                                    \
	X(stations_gone, "stations-gone")                                                          \
	X(triggered, "leases-begun-by-a-station-gone")                                             \
	X(stations_back, "stations-back")                                                          \
	X(markers_sent, "end-markers-sent")                                                        \
	X(markers_received, "end-markers-received")                                                \
	X(kept, "packets-kept")                                                                    \
	X(forwarded, "packets-forwarded")                                                          \
	X(held, "packets-held-for-order")                                                          \
	X(released_early, "hold-queues-released-early")                                            \
	X(early, "packets-delivered-early")                                                        \
	X(previous_care_of, "packets-from-previous-care-of")                                       \
	X(errors_relayed, "icmp-errors-relayed")                                                   \
	X(adverts, "advertisements-sent")
struct agent_counters {
#define X(f, s) uint64_t f;
	AGENT_COUNTERS(X)
#undef X
};
const struct agent_counters *agent_counters(const struct agent *a);

/* ---- what the home agent keeps over a restart (kept.c) ---- */
#define KEPT_EARLY 8
struct agent_kept {
	uint32_t home_addr; /* of the pool: the one that it has, or had last; 0: none */
	char nai[NAI_MAX + 1]; /* of a node that has none of its own; else empty */
	/* the last Identification accepted, and what was answered: there is no second answer */
	uint64_t reg_id;
	uint8_t reg_code;
	uint16_t reg_lifetime_s;
	uint64_t order_id;
	/* refused for being ahead of our clock */
	uint64_t early[KEPT_EARLY], early_order[KEPT_EARLY];
	uint32_t draw_spi; /* dealt with that answer; 0: nothing */
	uint8_t draw_nonce[DEALT_NONCE_LEN];

	bool bound, co_located, reverse;
	uint32_t care_of, to_addr;
	uint16_t to_port; /* 0: IP-in-IP */
	uint16_t lifetime_s;
	mtime left; /* of the binding; MTIME_NEVER: for ever */

	bool leased; /* packets were kept for it: as a BUFFER that asks for what is left of it */
	struct order lease;
};
/* The next node of which there is something to keep; false: that was all. */
bool agent_kept_next(const struct agent *a, const struct instant *now, struct agent_cursor *c,
		     struct agent_kept *out);
/* No more of them than this are leased. */
size_t agent_kept_leases(const struct agent *a);
/* Before anything else.  False: the configuration has no such node, or it was there already. */
bool agent_restore(struct agent *a, const struct agent_kept *k, const struct instant *now,
		   struct agent_out *out);
/* We ran before, and may have accepted what was not kept: nothing that was sent before our start
 * is new. */
void agent_resumed(struct agent *a);
/* Counts what is worth keeping: where a node is or how it is kept for, and that it was heard. */
struct agent_changes {
	uint64_t moved, heard;
};
struct agent_changes agent_changes(const struct agent *a);

#endif
