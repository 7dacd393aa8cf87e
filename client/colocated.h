/* SPDX-License-Identifier: MIT */
#ifndef MIP_COLOCATED_H
#define MIP_COLOCATED_H

#include "client/discovery.h"
#include "client/places.h"

/*
 * A care-of address of our own (RFC 5944 1.5: co-located), for links without an agent: which one
 * it is, whether it belongs to the link that we are on, and when it is used.  Somebody else (a DHCP
 * client) brings addresses and takes them away; after a roam within one network name the address
 * stays for a while, though it may be another subnet's.
 *
 *                    no address     doubted                     confirmed
 * address comes      confirmed      confirmed                   confirmed: the new one
 * address goes       -              no address                  no address
 * link up            -              doubted, gateway is asked   doubted, and it is asked; but
 *                                                               confirmed where it was before
 * gateway answers    -              confirmed                   -
 * link down          -              -                           doubted
 *
 * It is used when it is confirmed and no agent has spoken for AGENT_PATIENCE since the link came
 * up; at once where it was used before, where agents are not wanted, and where none was in all this
 * network so far; and where an agent is remembered, or was asked in vain to renew, when that has
 * been silent for a while: agent_silence().
 *
 * lease.c: an address that was leased to us where we are again is used before a DHCP client brings
 * it.
 */
enum care_of_mode {
	CARE_OF_AUTO,	   /* an agent's, else our own */
	CARE_OF_AGENT,	   /* an agent's alone */
	CARE_OF_COLOCATED, /* our own, except where an agent insists (R) */
};

/* What we have put on the interface ourselves, for the time until a DHCP client brings one. */
struct lent {
	struct network net; /* .addr 0: nothing */
	bool there;	    /* we were told that it is */
	mtime back_at;	    /* another has come: when it is to go */
	/* what was there before, and is afterwards: to be told of that is no news; also while
	 * nothing is lent any more */
	struct network under;
	struct mac under_at; /* its .brought_at */
};

struct colocated { /* of one interface */
	struct network net;    /* now */
	struct mac brought_at; /* at this access point; zero: before there was one */
	bool confirmed;
	bool renewed; /* a DHCP client was told since the link is up */
	mtime at; /* when it is to be used; MTIME_NEVER: not to be */
	mtime silence; /* an agent that is remembered has so long to speak */
	mtime probe_at; /* the gateway is asked (again); MTIME_NEVER: it is not */
	unsigned probes;
	struct lent lent;
	/* the care-of address before this one: packets for it may be under way */
	uint32_t previous;
	mtime previous_until;
};

struct mobile;
struct mobile_out;
struct core_link;

#define AGENT_PATIENCE MSEC(50) /* an agent answers a solicitation within a few milliseconds */
#define SILENCE_MAX SEC(3)	/* three solicitations */
#define PREVIOUS_KEEP SEC(2)	/* as the home agent takes packets from it: mip-buffer(7) */

void colocated_init(struct colocated *c);
/* The configuration allows it. */
bool colocated_wanted(const struct mobile *m);
void colocated_link_up(struct mobile *m, struct core_link *l, const struct instant *now,
		       struct mobile_out *out);
void colocated_link_down(struct mobile *m, struct core_link *l, struct mobile_out *out);
/* Asks the gateway of a link that is up, while its address is in doubt; and others' for leases. */
void colocated_probe(struct mobile *m, struct core_link *l, const struct instant *now,
		     struct mobile_out *out);
/* The link's address as an agent, whatever it is worth; false: it is not wanted, not there, or in
 * doubt. */
bool colocated_own(const struct mobile *m, const struct core_link *l, struct known_agent *out);
/* It is the one of the link that we are on, for certain: it can be registered from. */
bool colocated_is_here(const struct mobile *m, uint32_t addr);
/* The node may register again. */
void colocated_again(struct mobile *m, mtime now);
/* The home agent has another address, or its first. */
void colocated_home_agent(struct mobile *m, mtime now);
/* The agent that we are registered through does not answer: is it there at all? */
void colocated_agent_doubted(struct mobile *m, mtime now);
/* The agent to register with at an access point, as far as one is known and wanted. */
bool colocated_agent_at(const struct mobile *m, const struct mac *bssid, struct known_agent *out);
/* Uses it when its time has come. */
void colocated_due(struct mobile *m, const struct instant *now, struct mobile_out *out);
mtime colocated_deadline(const struct mobile *m);
/* What to expect at an access point where no agent was heard and our own address was used. */
bool colocated_expected(const struct mobile *m, const struct mac *bssid, struct known_agent *out);
/* It is the one that packets may be sent from, and come to. */
bool colocated_is_ours(const struct mobile *m, uint32_t addr, mtime now);

/* ---- lease.c ---- */
/* The link is up, and its address in doubt, or there is none: what is known of it is said. */
void lease_link_up(struct mobile *m, struct core_link *l, struct mobile_out *out);
/* Asks the gateways of the leases that may be good here; how many. */
unsigned lease_ask(struct mobile *m, struct core_link *l, const struct instant *now,
		   struct mobile_out *out);
/* Somebody on the link has this address. */
void lease_answered(struct mobile *m, struct core_link *l, uint32_t addr, const struct mac *mac,
		    const struct instant *now, struct mobile_out *out);
/* The interface has this address now; true: it is the one that we have put there. */
bool lease_told(struct mobile *m, struct core_link *l, uint32_t addr, mtime now,
		struct mobile_out *out);
/* What was lent goes, at once; what was there before is there again, and in doubt. */
void lease_give_up(struct mobile *m, struct core_link *l, struct mobile_out *out);
/* What was lent goes, another has come. */
void lease_due(struct mobile *m, struct core_link *l, mtime now, struct mobile_out *out);
/* Whoever brings addresses is told that there should be another one, once as long as the link is
 * up. */
void lease_renew(struct mobile *m, struct core_link *l, const char *why, struct mobile_out *out);

#endif
