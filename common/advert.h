/* SPDX-License-Identifier: MIT */
#ifndef MIP_ADVERT_H
#define MIP_ADVERT_H

#include "common/addr.h"
#include "common/bytes.h"
#include "common/drop.h"

/*
 * Agent advertisements and solicitations: ICMP messages, RFC 5944 section 2 on RFC 1256.
 * These functions see the ICMP message only (from its Type byte); the IP header is packet.h's.
 */
#define ICMP_ADVERT 9
#define ICMP_SOLICIT 10
#define ADVERT_CARE_OF_MAX 4
#define ADVERT_NEIGHBOURS_MAX 12

enum { /* flags, RFC 5944 2.1.1, RFC 3024, RFC 3519 */
	ADVERT_R = 0x8000,
	ADVERT_B = 0x4000,
	ADVERT_H = 0x2000,
	ADVERT_F = 0x1000,
	ADVERT_M = 0x0800,
	ADVERT_G = 0x0400,
	ADVERT_T = 0x0100,
	ADVERT_U = 0x0080,
};

struct neighbour {
	struct mac bssid, agent_mac;
	uint32_t agent_addr, care_of;
};

struct advert {
	uint8_t code;		   /* 0 or 16 */
	uint16_t icmp_lifetime_s;  /* how long this agent is to be believed there */
	uint32_t router;	   /* first router address, 0: none */
	uint16_t sequence;
	uint16_t reg_lifetime_s;   /* longest lifetime it accepts */
	uint16_t flags;
	uint32_t care_of[ADVERT_CARE_OF_MAX];
	unsigned n_care_of;
	bool has_prefix;
	uint8_t prefix_len;	   /* of router */
	bool buffers;		   /* capability: "I buffer" */
	uint16_t buffer_kib;	   /* per node */
	uint32_t buffer_lease_ms;  /* longest */
	struct neighbour neighbours[ADVERT_NEIGHBOURS_MAX];
	unsigned n_neighbours;
	/* of a decoded one: where its sequence stands, and a sum of all that is said beside it */
	uint16_t len, sequence_at, rest;
};

/* What a link need not hear again: the same words of the same agent with a later sequence. */
struct advert_like {
	uint32_t src; /* 0: everything is to be heard */
	struct mac mac;
	uint16_t len; /* of the ICMP message */
	uint16_t sequence, sequence_at, rest;
};

/* DROP_TYPE: a valid ICMP message that is no agent advertisement.  Checks the ICMP checksum. */
enum drop advert_decode(const uint8_t *icmp, size_t len, struct advert *out);
/* with checksum; even length by padding */
void advert_encode(struct wbuf *w, const struct advert *a);

enum drop solicit_decode(const uint8_t *icmp, size_t len);
void solicit_encode(struct wbuf *w);

/* RFC 5944 2.3.2 and 2.4.4: the number after seq; and
 * whether new after old means a rebooted agent. */
uint16_t advert_next_sequence(uint16_t seq);
bool advert_is_reboot(uint16_t old_seq, uint16_t new_seq);

#endif
