/* SPDX-License-Identifier: MIT */
#ifndef MIP_PLACES_H
#define MIP_PLACES_H

#include "client/radio.h"
#include "common/addr.h"
#include "common/mtime.h"

/*
 * What served at the access points where the node was: an agent, or which address of its own by
 * which gateway, and until when that is leased.  In memory alone: a restart forgets it.
 */
#define PLACES_MAX 64 /* a campus, as AGENTS_KNOWN_MAX */

/* By both clocks: one stands still while the machine sleeps, the other can be set. */
struct lease { /* zero: no end is known, or there is none: then nothing is known of it later */
	mtime until;
	uint64_t until_ntp;
};

struct network {
	uint32_t addr, gateway; /* 0: none */
	struct mac gateway_mac; /* zero: not learnt */
	struct lease lease;
};

struct place {
	struct radio_bss bss; /* bssid, ssid */
	struct network net;   /* .addr 0: our own was never used here */
	mtime used;	      /* last */
	mtime agent;	      /* when one was heard last; 0: never */
};

struct places {
	struct place at[PLACES_MAX]; /* a ring */
	unsigned n, next;
};

struct lease lease_for(uint32_t valid_s /* UINT32_MAX: no end */, const struct instant *now);
/* For long enough to be worth a registration. */
bool lease_runs(const struct lease *l, const struct instant *now);
/* For all that is known: of one of the two the gateway's MAC may still be to learn. */
bool network_differs(const struct network *a, const struct network *b);

/* Where our own address was used; NULL: it was not. */
const struct place *places_at(const struct places *p, const struct mac *bssid);
/* n is used there, and it is what is leased to us in that network, wherever else it is. */
void places_used(struct places *p, const struct radio_bss *bss, const struct network *n, mtime now);
/* More of what is used there: the gateway's MAC, a lease that was renewed. */
void places_learnt(struct places *p, const struct radio_bss *bss, const struct network *n);
void places_agent(struct places *p, const struct radio_bss *bss, mtime now);
/* The same network name gave an address elsewhere. */
bool places_give(const struct places *p, const struct radio_bss *bss);
/* So it did, and where it did no agent was heard since. */
bool places_agentless(const struct places *p, const struct radio_bss *bss);
/* The nth lease that may be good at bss: what was leased at this access point; at one that is new,
 * what was in networks of its name; not in the one that `now_there` is of.  NULL: no more. */
const struct network *places_lease(const struct places *p, const struct radio_bss *bss,
				   const struct network *now_there, unsigned nth,
				   const struct instant *now);
/* Somebody else has it. */
void places_lease_lost(struct places *p, uint32_t addr);

#endif
