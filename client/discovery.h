/* SPDX-License-Identifier: MIT */
#ifndef MIP_DISCOVERY_H
#define MIP_DISCOVERY_H

#include "common/advert.h"
#include "common/mtime.h"

/*
 * Agents that the node has heard of, and the solicitation schedule (RFC 5944 2.4).
 * The memory of which access point leads to which agent is what lets a handoff register at
 * once.  Anybody can advertise: who has served there is asked before who was only heard.
 */
#define AGENTS_KNOWN_MAX 64 /* a campus; beyond it goes who never served, heard longest ago */

struct known_agent {
	uint32_t addr; /* IP source of its advertisements: where requests go; 0: none */
	uint32_t care_of;
	struct mac mac; /* their link-layer source: RFC 5944 3.6.1.1, no ARP */
	uint16_t flags, reg_lifetime_s, sequence;
	uint8_t prefix_len; /* of the home agent's link; 0: it does not say */
	bool buffers;
	bool home; /* the home agent; or, with its address, the way to it by mac */
	/* nobody's: a care-of address of our own, addr is the home agent's, mac is zero */
	bool colocated;
	/* an agent that it has to go through (R); 0: none */
	uint32_t through, through_care_of;
	struct mac through_mac;
	bool hinted; /* only its neighbour has told of it */
	struct mac bssid; /* the access point it was last heard through */
	mtime heard;
	bool served; /* has been accepted through it */
};

/* Who served there last. */
struct served_at {
	struct mac bssid, mac;
	uint32_t addr;
};
#define SERVED_MAX 64 /* as AGENTS_KNOWN_MAX; a ring */

#define HINTS_MAX 64

/* What an agent says of a neighbour; the rest is taken to be as with itself. */
struct hint {
	struct neighbour of;
	uint16_t flags, reg_lifetime_s;
	bool buffers;
	mtime heard;
};

struct discovery {
	uint32_t home_agent; /* its own advertisements, nobody else's, say that we are at home */
	struct known_agent agent[AGENTS_KNOWN_MAX];
	unsigned n;
	struct served_at served[SERVED_MAX];
	unsigned n_served, next_served;
	struct hint hint[HINTS_MAX];
	unsigned n_hints;
	bool searching;
	unsigned sent; /* solicitations of this search */
	mtime interval, next;
};

bool same_agent(const struct known_agent *a, const struct known_agent *b);

enum heard {
	HEARD_SAME,
	HEARD_NEW,
	HEARD_REBOOTED, /* RFC 5944 2.4.4: its visitor list is gone */
	HEARD_USELESS,	/* no foreign agent, or none that could be reached */
};

void discovery_init(struct discovery *d);
/* An advertisement heard through bssid.  *out: a copy of
 * what is now known (not for HEARD_USELESS). */
enum heard discovery_heard(struct discovery *d, const struct advert *a, const struct mac *mac,
			   uint32_t src, const struct mac *bssid, mtime now,
			   struct known_agent *out);
/* The home agent has accepted us through this agent, at that access point. */
void discovery_served(struct discovery *d, const struct known_agent *a, const struct mac *bssid);
bool discovery_has_served(const struct discovery *d, const struct mac *bssid); /* anybody */
/* That one, as it is known; NULL: it is not. */
const struct known_agent *discovery_find(const struct discovery *d, const struct known_agent *a);
/* The agent that served last through it; else the one last heard; else whom a neighbour names. */
bool discovery_by_bssid(const struct discovery *d, const struct mac *bssid,
			struct known_agent *out);
bool discovery_by_care_of(const struct discovery *d, uint32_t care_of, struct known_agent *out);
/* All that were heard through it. */
void discovery_forget_at(struct discovery *d, const struct mac *bssid);

/* A new link: solicit now, at most 3 times a second apart, then backing off to a minute. */
void discovery_search(struct discovery *d, mtime now);
void discovery_stop(struct discovery *d);
bool discovery_due(struct discovery *d, mtime now); /* true: send one now */
mtime discovery_deadline(const struct discovery *d);

#endif
