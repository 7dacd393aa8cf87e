/* SPDX-License-Identifier: MIT */
#ifndef MIP_AROUND_H
#define MIP_AROUND_H

#include "client/discovery.h"
#include "client/mobile.h"
#include "client/places.h"

/* What the node knows of agents and access points, for people: `mipclient agents` and `networks`.
 * Pure; copies, nothing is changed. */
enum agent_source {
	AGENT_HEARD,	  /* it advertised itself */
	AGENT_NEIGHBOUR,  /* another agent named it */
	AGENT_CONFIGURED, /* an [Agent] section */
};
const char *agent_source_name(enum agent_source s); /* "heard", "neighbour", "configured" */

struct agent_info {
	enum agent_source source;
	/* a configured one has one address, which is its own or its care-of address; 0: not known
	 */
	uint32_t addr, care_of;
	struct mac mac, bssid; /* zero: not known */
	bool home, serves;
	bool buffers;		 /* of one that was heard or named */
	uint16_t reg_lifetime_s; /* the longest that it offers; 0: not known */
	enum order_key order_key;
	mtime heard; /* 0: never */
};
#define AROUND_AGENTS_MAX (AGENTS_KNOWN_MAX + HINTS_MAX + MOBILE_AGENTS_MAX)
/* How many; each agent once, the best word of it. */
unsigned around_agents(const struct mobile *m, struct agent_info out[AROUND_AGENTS_MAX]);

struct network_info {
	struct radio_bss bss; /* .seen 0: the signal is not known */
	bool serves;
	bool same;	/* of the network (SSID) that the node is in */
	uint32_t agent; /* there; 0: none is known */
	enum agent_source source;
	uint32_t address;    /* our own, where there was no agent; 0: none */
	mtime avoided_until; /* 0: not avoided */
	unsigned handoff;    /* number of the last one to it; 0: none that is still known */
};
#define AROUND_NETWORKS_MAX (RADIO_BSS_MAX + PLACES_MAX + AGENTS_KNOWN_MAX + HINTS_MAX + 1)
/* How many access points; the one that serves first, then the strongest. */
unsigned around_networks(const struct mobile *m, mtime now,
			 struct network_info out[AROUND_NETWORKS_MAX]);

#endif
