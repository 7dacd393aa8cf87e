/* SPDX-License-Identifier: MIT */
#ifndef MIP_FOREIGN_H
#define MIP_FOREIGN_H

#include "agent/machine.h"
#include "agent/merge.h"

/*
 * Foreign agent, RFC 5944 3.7 and RFC 3024.  foreign.c checks and relays Requests, relay.c
 * Replies, visitors.c keeps the nodes and their packets, orders.c is the first agent's
 * door for orders, advertise.c speaks on the links.
 */
enum role { ROLE_VISITOR, ROLE_HOME };

struct fence {
	bool on;
	struct from to;
	unsigned memo;
	mtime until;
};

/*
 * What a node that comes or leaves needs besides its registration: made by its first order, or by
 * a Request with orders in it; gone MOVING_KEEP after the last of it (moving.c).
 */
struct moving {
	struct node *node;
	struct moving *prev, *next; /* agent.moving */
	mtime used;
	struct buffer buf;
	struct buffer *old[OLD_MAX]; /* drains of registrations before this one */
	enum expect expect; /* of the Requests that wait */
	struct pktq held;   /* what overtook their Replies */
	struct fence fence;
	struct memo memo[MEMO_MAX];
	unsigned memo_next;
};

/*
 * One home address: a visitor, a handoff that leaves, one that comes, or several of these.  Its
 * home agent has another one of its own, while the node is on its home link or is being kept for
 * (away.c).
 */
struct node {
	uint64_t key; /* the two that follow */
	uint32_t home, role;
	uint32_t home_agent;
	bool up; /* registered here, or on its home link */
	bool gone; /* the access point has lost its station */
	struct mac mac;
	unsigned link;
	bool reverse;
	uint16_t lifetime_s;
	mtime expires; /* of a home agent's, not on its link: when it is forgotten */
	uint64_t reg_id;
	struct keys keys;
	uint64_t delivered, from_node;
	uint32_t delivered_reg; /* since it came */
	uint64_t came_by;	/* the FORWARD that it last came with */
	bool came_back;		/* it was away, buffered for, and has given no BUFFER since */
	struct moving *mv;	/* NULL: nothing but the registration */
	bool proxied;	    /* on its home link: still, or already, we answer ARP for it; */
	bool muted;	    /* not any more, it answers itself; */
	bool unannounced;   /* its MAC address is to be told, */
	mtime returning;    /* once in order, which it is since then, */
	mtime passed;	    /* and a while after the last packet of its */
	struct way old_to; /* on its home link: the tunnel that it came from, */
	mtime old_until;   /* and until when that may still send for it */
	struct natted *nat; /* as a visitor: its tunnel inside UDP; NULL: none */
	struct node *nat_prev, *nat_next;
	struct timer timer;
	struct node *next_touched, *next_station;
	bool touched, placed;
	UT_hash_handle hh;
};

/* foreign.c */
void foreign_request(struct agent *a, const struct from *f, const uint8_t *p, size_t n);
/* By which address the node hears what is said to it. */
uint32_t foreign_hears(const struct from *f, uint32_t home, bool co_located);
void foreign_deny(struct agent *a, const struct from *f, const struct mip_request *r,
		  uint32_t reply_src, uint8_t code);

/* relay.c */
void foreign_reply(struct agent *a, uint32_t src, const uint8_t *p, size_t n);
void pending_remove(struct agent *a, struct pending *p);
void pending_fail(struct agent *a, struct pending *p, uint8_t code);
void pending_tick(struct agent *a);
mtime pending_deadline(const struct agent *a);

/* moving.c */
struct moving *node_moving(struct agent *a, struct node *n); /* makes it; NULL: limit, counted */
/* Its machine; of an idle node one that serves and is empty. */
const struct buffer *node_buffer(const struct node *n);
bool moving_over(const struct moving *mv); /* nothing in it but memory */
/* Frees what nothing is in, n's if MOVING_KEEP has passed. */
void moving_age(struct agent *a, struct node *n);
void moving_drop_old(struct agent *a, struct moving *mv, unsigned i);
void moving_free(struct agent *a, struct node *n);
mtime moving_deadline(const struct moving *mv);

/* visitors.c */
/* Without the mark that node_as() leaves: for packets, most of which change no deadline, namely
 * none that goes straight to the node, or into its buffer. */
struct node *node_look(const struct agent *a, enum role role, uint32_t home);
bool node_quiet(const struct node *n);
/* Whoever is looked up may be changed: its deadline is read anew when the call ends. */
struct node *node_find(struct agent *a, uint32_t home); /* as its foreign agent */
struct node *node_as(struct agent *a, enum role role, uint32_t home);
/* They make it; NULL: limit, counted. */
struct node *node_get(struct agent *a, uint32_t home);
struct node *node_make(struct agent *a, enum role role, uint32_t home);
/* The First Agent that orders to it name: the care-of address, or the home agent's. */
uint32_t node_agent(const struct agent *a, const struct node *n);
void nodes_free(struct agent *a);
void node_reap(struct agent *a, struct node *n); /* frees n when it is nothing any more */
/* udp: what its home agent answered to us, or NULL. */
void visitor_accept(struct agent *a, const struct pending *p, uint16_t lifetime_s,
		    const struct mip_udp_reply *udp);
void visitor_down(struct agent *a, struct node *n);
void node_touch(struct agent *a, struct node *n); /* changed without being looked up */
void nodes_settle(struct agent *a); /* sets the timers of those that were touched */
void node_tick(struct agent *a, struct node *n);

/* passage.c */
void node_sink(struct agent *a, struct node *n, uint8_t *pkt, size_t len, bool direct);
/* A packet of its stream, or what its machine lets go: to where the node is. */
void node_deliver(struct agent *a, struct node *n, uint8_t *pkt, size_t len);
void node_direct(struct agent *a, struct node *n, uint8_t *pkt, size_t len, bool direct);
void foreign_tunnel(struct agent *a, struct node *n, const struct way *outer, uint8_t *pkt,
		    size_t len);
void foreign_tun(struct agent *a, const struct ipv4 *ip, uint8_t *pkt, size_t len);

/* orders.c */
void orders_message(struct agent *a, const struct from *f, const uint8_t *p, size_t n);
void orders_marker(struct agent *a, uint32_t outer_src, enum role role, const uint8_t *p,
		   size_t n);
void fence_lift(struct agent *a, struct node *n);

/* trigger.c: what an access point tells of its stations */
bool stations_index(struct agent *a); /* false: no memory */
/* Where n is heard of from now on, and that it is not any more. */
void station_place(struct agent *a, struct node *n, const struct mac *mac);
void station_forget(struct agent *a, struct node *n);
void trigger_station(struct agent *a, unsigned link, const struct mac *mac,
		     enum station_event event);
/* BUFFER with RESERVE: only from the node itself, who is here when it says so. */
uint8_t trigger_reserve(struct agent *a, struct moving *mv, const struct from *f,
			const struct order *o);
/* Keeps an order that rides on a registration with ourselves, and obeys it once that is
 * accepted. */
void trigger_ride(const struct agent *a, struct pending *p, const struct mip_exts *x);
void trigger_ridden(struct agent *a, const struct pending *p);

/* advertise.c */
void advertise_solicited(struct agent *a, unsigned link, const struct mac *mac, uint32_t src);
void advertise_tick(struct agent *a);
/* To a station that has joined, as soon as its own end of the port is open. */
void advertise_joined(struct agent *a, unsigned link, const struct mac *mac);
void advertise_greet(struct agent *a);

#endif
