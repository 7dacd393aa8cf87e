/* SPDX-License-Identifier: MIT */
#ifndef MIP_COLOCATED_H
#define MIP_COLOCATED_H

#include "client/discovery.h"

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
 * up; at once where it was used before, or where agents are not wanted; and where an agent is
 * remembered, or was asked in vain to renew, when that has been silent for AGENT_SILENT.
 */
#define PLACES_MAX 64 /* a campus, as AGENTS_KNOWN_MAX */

enum care_of_mode {
	CARE_OF_AUTO,	   /* an agent's, else our own */
	CARE_OF_AGENT,	   /* an agent's alone */
	CARE_OF_COLOCATED, /* our own, except where an agent insists (R) */
};

struct place { /* what was used at an access point */
	struct mac bssid;
	uint32_t addr, gateway;
};

struct places {
	struct place at[PLACES_MAX]; /* a ring */
	unsigned next;
};

struct colocated { /* of one interface */
	uint32_t addr, gateway; /* now; 0: none */
	bool confirmed;
	mtime at; /* when it is to be used; MTIME_NEVER: not to be */
	mtime probe_at; /* the gateway is asked (again); MTIME_NEVER: it is not */
	unsigned probes;
	/* the care-of address before this one: packets for it may be under way */
	uint32_t previous;
	mtime previous_until;
};

struct mobile;
struct mobile_out;
struct core_link;

#define AGENT_PATIENCE MSEC(50) /* an agent answers a solicitation within a few milliseconds */
#define PREVIOUS_KEEP SEC(2)	/* as the home agent takes packets from it: mip-buffer(7) */

void colocated_init(struct colocated *c);
void colocated_link_up(struct mobile *m, struct core_link *l, const struct instant *now);
void colocated_link_down(struct core_link *l);
/* Asks the gateway of a link that is up, while its address is in doubt. */
void colocated_probe(struct mobile *m, struct core_link *l, mtime now, struct mobile_out *out);
/* The link's address as an agent, whatever it is worth; false: it is not wanted, not there, or in
 * doubt. */
bool colocated_own(const struct mobile *m, const struct core_link *l, struct known_agent *out);
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
/*
 * The home agent does not answer through this network, which may be one that wants to see its user
 * first (a captive portal): what begins now leaves from our own address, until it answers or the
 * link ends.  What has begun from the home address waits.
 */
void colocated_fall_back(struct mobile *m, mtime now, struct mobile_out *out);
/* It is the one that packets may be sent from, and come to. */
bool colocated_is_ours(const struct mobile *m, uint32_t addr, mtime now);

#endif
