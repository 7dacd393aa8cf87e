/* SPDX-License-Identifier: MIT */
#ifndef MIP_AGENT_INTERNAL_H
#define MIP_AGENT_INTERNAL_H

#include "agent/agent.h"
#include "agent/lookup.h"
#include "agent/timer.h"
#include "agent/keys.h"
#include "common/icmp.h"
#include "common/mip.h"
#include "common/order.h"
#include "common/packet.h"

/* Out of memory refuses the entry; it never ends the daemon. */
#define HASH_NONFATAL_OOM 1
#define HASH_FUNCTION(key, len, value) ((value) = hash_words((key), (len)))
#include <string.h>
#include <uthash.h>

/* Keys are addresses of nodes that proved themselves, and of max_pending others: no flood. */
static inline unsigned hash_words(const void *key, size_t len)
{
	const uint8_t *p = key;
	uint64_t h = 0;
	uint32_t word;

	for (size_t i = 0; i + sizeof(word) <= len; i += sizeof(word)) {
		memcpy(&word, p + i, sizeof(word));
		h = (h ^ word) * 0x9e3779b97f4a7c15u;
		h ^= h >> 32;
	}
	return (unsigned)h;
}

/* What the files of the agent's core share.  Nobody else includes this. */
#define RELEASE_BATCH 16       /* packets one machine releases in one call */
#define SCRATCH_LEN 0x20000    /* copies of released packets: one of 65535 always fits */
#define PENDING_PER_NODE 5     /* RFC 5944 3.7.1: "typically 5" */
#define PENDING_AGE SEC(7)     /* RFC 5944 3.7.1 */
#define PREVIOUS_CARE_OF                                                                           \
	SEC(2) /* mip-buffer(7): uplink that was under way when the binding moved */
#define MARKER_PKT_MAX 128
#define OLD_MAX 4	       /* drains that go on after the node came back, per node */
#define MEMO_MAX 4	       /* Replies kept for repeated orders, per node */
#define MOVING_KEEP SEC(60)    /* after a handoff: longer than any order is repeated */
#define REFUSED_MAX 2	       /* the orders of one handoff */
/* Requests at 0, 1, 3 and 7 s whose Replies are lost, and once more after a new start: until they
 * are refused for their age. */
#define EARLY_MAX 8
#define RATE_SLOTS 128 /* peers remembered, of each kind */

/* Where a control message came from. */
struct from {
	bool on_link;
	unsigned link;
	struct mac mac;
	uint32_t src, dst;
	uint16_t sport;
	uint8_t ttl;
	uint32_t home; /* the node, where its home agent is spoken to; 0: the foreign agent */
	uint32_t care_of; /* where the node itself says that it is, and signed so; 0: it does not */
};

/* The other end of a tunnel: IP-in-IP, or inside UDP (RFC 3519). */
struct way {
	uint32_t addr;
	uint16_t port; /* 0: IP-in-IP */
};

static inline bool way_equal(const struct way *a, const struct way *b)
{
	return a->addr == b->addr && a->port == b->port;
}

/* An End Marker inside a tunnel, sent at 0, 10 and 30 ms. */
struct markers {
	uint8_t pkt[MARKER_PKT_MAX];
	size_t n;
	uint32_t src;
	struct way to;
	unsigned sent; /* 0: none under way */
	mtime start;
};

/* What is limited to so many a second, for each peer. */
enum rate_what {
	RATE_SOLICIT,
	RATE_REQUEST,
	RATE_DENIAL,
	RATE_AUTH_FAILED,
	RATE_RELAY_MAC,
	RATE_RELAY_AGENT,
	RATE_UNPROVEN,
	RATE_STRANGER,
	RATE_ORDER_ID,
	RATE_KEEPALIVE,
	RATE_ERROR,
	RATE_KINDS,
};

struct rate {
	uint64_t key;
	mtime since;
	unsigned n;
};

/* What we remember of a configured node for as long as we run, and longer: kept.c. */
struct seen {
	struct rate registered;
	uint64_t reg_id; /* last Identification accepted from it as its home agent */
	uint8_t reg_code; /* what we answered to it */
	uint16_t reg_lifetime_s;
	struct draw draw; /* dealt with it */
	uint32_t given; /* the home address that it has, or had last, from the pool */
	uint64_t early[EARLY_MAX]; /* Identifications refused for being ahead of our clock */
	unsigned early_next;
	uint64_t relayed_id; /* newest of its Requests that we relayed, and from whom it came */
	struct mac relayed_mac;
	uint64_t order_id; /* last order */
	uint64_t home_order_id; /* and the last to us as its home agent */
	uint64_t refused[REFUSED_MAX]; /* the last orders that came while it was no visitor */
	unsigned refused_next;
	uint64_t early_order[EARLY_MAX]; /* refused for being ahead of our clock */
	unsigned early_order_next;
};

struct binding {
	uint32_t home, care_of;
	struct way to, old_to; /* behind a NAT not to care_of */
	mtime old_until;
	bool reverse;
	bool co_located; /* care_of is the node's own, and it ends the tunnel itself */
	/* The R flag of RFC 3519: where a foreign agent's Request came from.  The first keepalive
	 * from there, or from care_of, says which way the node is; 0: no such thing */
	uint32_t through;
	bool awaited; /* it has not come since the last Request */
	bool revoked; /* its node is not configured any more, or has another key */
	uint16_t lifetime_s;
	mtime expires;
	uint64_t to_node, from_node;
	struct markers *markers; /* NULL: none under way */
	struct timer timer;
	UT_hash_handle hh;
};

/* An order that we send on for a node, and its repetition. */
struct relayed {
	uint8_t msg[ORDER_MAX];
	size_t n; /* 0: none */
	uint64_t id;
	unsigned sent;
	bool done;
	mtime next, rto;
};

/* What a Registration Request asks of its second agent. */
struct carried {
	uint32_t first_agent; /* 0: nothing that we may relay */
	struct relayed buffer, forward;
	struct sa kh; /* spi 0: the node gave none */
	bool behalf;  /* the BUFFER is our own */
	bool asked;   /* the node's own was granted */
	bool early;   /* the FORWARD need not wait for the home agent */
};

/*
 * A relayed Registration Request that waits for its Reply: RFC 5944 3.7.1.  What it asks for stays
 * in here until the home agent has vouched for the node.
 */
struct pending {
	uint64_t id;
	uint32_t home; /* 0: the Reply brings it, and the node is known by its name (RFC 2794) */
	uint32_t home_agent, reply_src;
	uint8_t nai[NAI_MAX];
	uint8_t nai_len;
	uint16_t lifetime_s;
	bool reverse;
	bool udp; /* a tunnel inside UDP was asked for */
	bool co_located; /* a node's with an address of its own: it is relayed, and that is all */
	struct from from;
	mtime at;
	bool repeated;	/* it was relayed more than once */
	bool trusted;	/* the node proved itself to us */
	bool expecting; /* packets of its new binding may come before its Reply */
	struct carried carried;
	uint8_t reserve[ORDER_MAX]; /* an order to us: an early lease, once it is registered */
	size_t reserve_n;
};

/* A Reply to an order, for its repetition. */
struct memo {
	uint64_t id; /* 0: unused */
	uint32_t spi; /* of the order's key */
	uint8_t reply[ORDER_MAX + ORDER_REPLY_GROW];
	size_t n;
	bool sent;   /* false: the fence still holds it */
	bool behalf; /* of the second agent's own BUFFER */
};

/* Advertisements to a station that has just joined. */
#define GREETINGS_MAX 8 /* stations that join within a few milliseconds */
struct greeting {
	struct mac mac;
	unsigned link, left; /* left: 0: none */
	mtime at;
};

/* A gratuitous ARP on the home link, and its repeats (proxy.c). */
#define ANNOUNCEMENTS_MAX 64 /* nodes that come or go within 30 ms; more are not repeated all */
struct announcement {
	uint32_t home;
	struct mac mac; /* zero: our own */
	unsigned left;	/* 0: none */
	bool down;	/* then nothing that is for it is ours any more */
	mtime at;
};

/* How long the way to an agent and back takes. */
#define RTT_SLOTS 64
struct rtt {
	uint32_t addr;
	mtime smooth;
};

struct node;

struct agent {
	struct agent_conf c;
	struct pool pool;
	struct instant boot;
	struct instant now;	/* of the call that runs */
	struct agent_out *out;	/* of the call that runs */
	struct timers timers;	/* of nodes and bindings */
	struct node *touched;	/* looked up in this call: their deadlines may have changed */
	uint32_t rng;
	uint64_t reserved; /* bytes of the pool that leases were promised */
	uint64_t early;	   /* of these, what leases were that have not begun */
	uint64_t deals; /* of the random sequence */
	uint16_t advert_seq;
	struct greeting greetings[GREETINGS_MAX]; /* a ring */
	unsigned next_greeting;
	struct announcement announcements[ANNOUNCEMENTS_MAX]; /* a ring */
	unsigned next_announcement;
	mtime advert_at, greet_at, pending_at, announce_at;
	struct drops drops;
	struct agent_counters count;
	struct agent_changes changes;
	uint64_t floor; /* no Identification until then is new: what was accepted is forgotten */
	struct seen *seen; /* beside c.nodes */
	struct lookup by_home, by_peer; /* c.nodes, c.peers */
	struct lookup by_nai;		/* c.nodes, by a hash of theirs */
	uint32_t nai_salt;		/* that gives each its own */
	uint32_t *given_to; /* each address of the pool: a number in c.nodes, from 1; 0: free */
	size_t next_given;
	struct binding *bindings;
	struct node *nodes;
	struct natted *natted; /* tunnels inside UDP, of us as a foreign agent */
	bool behind_nat;
	uint16_t ip_id; /* of keepalives */
	struct node **stations; /* visitors by station */
	size_t stations_mask;
	unsigned n_visitors;
	struct moving *moving; /* of the nodes that have one */
	unsigned n_moving;
	struct pending *pending; /* c.max_pending of them */
	unsigned n_pending;
	struct ahead *ahead; /* FORWARDs that the home agent has not vouched for */
	struct rtt rtts[RTT_SLOTS];
	struct rate errors; /* ICMP, that we have relayed */
	struct rate rates[RATE_KINDS][RATE_SLOTS];
	uint8_t scratch[SCRATCH_LEN];
	size_t scratch_used;
};

/* out.c: the only place that appends actions */
bool out_room(const struct agent *a); /* enough for one more entry's timers */
void drop(struct agent *a, enum drop why);
void out_udp(struct agent *a, uint32_t src, uint32_t dst, uint16_t dport, const void *p, size_t n);
void out_udp_tos(struct agent *a, uint32_t src, const struct way *to, uint8_t tos, const void *p,
		 size_t n);
void out_link(struct agent *a, unsigned link, const struct mac *mac, const void *pkt, size_t n);
/* pkt must live until the next call. */
void out_link_packet(struct agent *a, unsigned link, const struct mac *mac, const void *pkt,
		     size_t n);
void out_link_udp(struct agent *a, const struct from *to, uint32_t src, uint32_t dst, uint8_t tos,
		  const void *p, size_t n);
void out_tunnel(struct agent *a, uint32_t src, const struct way *to, const void *inner, size_t n,
		bool clear_df);
/* The same of what does not live until the next call. */
void out_tunnel_copy(struct agent *a, uint32_t src, const struct way *to, const void *inner,
		     size_t n);
/* A datagram to who asked, the node, inside the tunnel to its care-of address. */
void out_tunnel_udp(struct agent *a, uint32_t src, uint32_t care_of, const struct from *to,
		    uint8_t tos, const void *p, size_t n);
/* The home agent's: a packet, or a datagram to the node. */
void out_way(struct agent *a, const struct way *w, const void *inner, size_t n, bool clear_df);
void out_way_udp(struct agent *a, const struct way *w, const struct from *to, uint8_t tos,
		 const void *p, size_t n);
/* An ICMP error from src about a packet, to who sent it; false: there may be none. */
bool out_error(struct agent *a, uint32_t src, const struct icmp_what *what,
	       const struct rbuf *pkt);
void out_deliver(struct agent *a, uint32_t home, const void *pkt, size_t n);
void out_kernel(struct agent *a, enum agent_act act, const struct node *n);
/* On the home link. */
void out_lan(struct agent *a, enum agent_act act, uint32_t home, const struct mac *mac);
void out_note(struct agent *a, uint32_t home, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* The oldest packet of q, copied to where it lives until the next call; NULL: none, or no room in
 * this call. */
uint8_t *take_packet(struct agent *a, struct pktq *q, size_t *n, mtime *at);
/* Starts a marker on its way, or sends what is due of it.  o: all but its authentication. */
void markers_start(struct agent *a, struct markers *m, const struct order *o, uint32_t src,
		   const struct way *to, uint8_t auth_type, const struct sa *sa);
void markers_tick(struct agent *a, struct markers *m);
mtime markers_deadline(const struct markers *m);
/* One datagram inside a tunnel, not repeated. */
void marker_once(struct agent *a, const struct order *o, uint32_t src, uint32_t dst,
		 uint8_t auth_type, const struct sa *sa);

/* rate.c */
bool rate_ok(struct agent *a, enum rate_what what, uint64_t key, unsigned per_s);
bool rate_count(const struct agent *a, struct rate *r, unsigned per_s); /* r is one peer's own */
uint64_t rate_mac(const struct mac *m);
/* Who sent it: the station, or where the datagram says that it is from. */
uint64_t rate_from(const struct from *f);
/* A first agent's Reply on its way to the node: a 131 goes on as seldom as one is answered. */
bool rate_passes(struct agent *a, const struct order *o, const struct from *node);

/* kept.c */
/* What a restart must not forget has changed: where a node is, or only that it was heard. */
static inline void kept_moved(struct agent *a)
{
	a->changes.moved++;
}
static inline void kept_heard(struct agent *a)
{
	a->changes.heard++;
}
/* What an Identification is compared with, where the last one accepted was this. */
uint64_t clock_after(const struct agent *a, uint64_t last);

/* agent.c */
void call_begin(struct agent *a, const struct instant *now, struct agent_out *out);
/* known.c */
const struct agent_node_conf *conf_node(const struct agent *a, uint32_t home, struct seen **seen);
/* MN-FA; NULL: none.  A node that has a name shares its key with its home agent alone. */
const struct sa *conf_mn_fa(const struct agent *a, uint32_t home);
const struct sa *conf_peer(const struct agent *a, uint32_t addr); /* NULL: none with a key */
bool conf_peer_known(const struct agent *a, uint32_t addr);

/* agent.c */
bool own_addr(const struct agent *a, uint32_t addr);
static inline bool in_home_net(const struct agent *a, uint32_t addr)
{
	uint32_t mask = a->c.home_prefix_len ? ~0u << (32 - a->c.home_prefix_len) : 0;

	return (addr & mask) == (a->c.home_net & mask);
}
/* A control message inside the tunnel is no data: its sender proves itself. */
bool is_control(const struct ipv4 *ip, struct udp *u);
/* A tunnel sent it, or our port: what is never tunnelled again. */
bool is_tunnels(const struct ipv4 *ip);

#endif
