/* SPDX-License-Identifier: MIT */
#ifndef MIP_REPORT_H
#define MIP_REPORT_H

#include "client/radio.h"

#include <stdbool.h>
#include <stdint.h>

/* What one handoff leaves behind: when each step was reached, and what was counted. */
enum flow {
	FLOW_F1,    /* mobile-assisted: buffered before leaving */
	FLOW_F2,    /* system-assisted: the second agent asks for the buffer */
	FLOW_F4,    /* the second agent does not know Buffer Control: the node itself orders */
	FLOW_F5,    /* same agent, other access point */
	FLOW_F7,    /* from a care-of address of our own: the home agent keeps them */
	FLOW_F8,    /* from or to the home link */
	FLOW_F9,    /* the agent cannot: the home agent keeps them */
	FLOW_F11,   /* as F1, and the first agent forwarded before the home agent answered */
	FLOW_F12,   /* to a care-of address of our own: the home agent merges */
	FLOW_MBB,   /* make before break: from one interface to another, both up */
	FLOW_PLAIN, /* RFC 5944 alone: buffering off, or the agent cannot */
};
#define FLOW_COUNT (FLOW_PLAIN + 1)
const char *flow_name(enum flow f); /* "F1", ..., "plain" */

enum report_step {
	STEP_TRIGGER,	   /* the decision, or the link's death */
	STEP_BUFFER_SENT,
	STEP_GRANTED,
	STEP_SETTLED,	   /* the old link fell silent */
	STEP_SCANNED,	   /* another channel was looked at, where nobody was known */
	STEP_ROAM,	   /* the supplicant was told to roam */
	STEP_LINK_UP,	   /* port open on the new access point */
	STEP_AGENT_FOUND,
	STEP_REQUEST_SENT,
	STEP_REGISTERED,
	STEP_FORWARDING,   /* the first agent's Reply to FORWARD is in: it forwards */
	STEP_FIRST_PACKET, /* first downlink packet on the new link */
	STEP_DONE,
	STEP_COUNT,
};
const char *report_step_name(enum report_step s); /* "buffer-sent" */

struct report_end {
	struct mac bssid;
	uint8_t ssid[SSID_MAX];
	uint8_t ssid_len;
	int16_t signal_dbm;
	uint32_t agent, care_of; /* 0: not known */
};

/* The signal around it: client/samples.h. */
#define REPORT_SAMPLES_MAX 80
struct report_sample {
	int32_t ms; /* from the trigger */
	int16_t dbm;
	bool second; /* of the access point that it went to */
};

struct report {
	unsigned number; /* from 1; 0: none */
	enum flow flow;
	bool ended, ok;
	char trigger[128];
	char reason[128]; /* why it failed, or what was less than perfect; empty: nothing to say */
	struct report_end from, to;
	bool has[STEP_COUNT];
	mtime at[STEP_COUNT];
	uint64_t started_ntp;	/* wall clock of STEP_TRIGGER */
	uint16_t grant_packets, grant_kib;
	uint32_t grant_lease_ms;
	bool has_last_packet;
	mtime last_packet;	/* last downlink packet on the old link */
	bool has_lost;
	/* downlink packets the first agent sent on the old link that never came */
	uint32_t lost;
	uint32_t forwarded;	/* kept by the first agent and sent on, as far as it said so */
	uint32_t uplink_queued, uplink_dropped;
	unsigned buffer_sends, requests; /* transmissions */
	int16_t leave_below_dbm, dead_dbm; /* as they were configured then */
	unsigned n_samples;
	struct report_sample sample[REPORT_SAMPLES_MAX]; /* oldest first */
};

#define HISTORY_MAX 64

#endif
