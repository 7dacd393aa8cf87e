/* SPDX-License-Identifier: MIT */
#ifndef MIP_KEEPALIVE_H
#define MIP_KEEPALIVE_H

#include "common/mtime.h"
#include "common/packet.h"

#include <stdbool.h>

/*
 * What keeps a NAT from forgetting a tunnel inside UDP (RFC 3519 4.9): something has to be sent now
 * and then, and what is sent then is an echo request to the home agent.  When no answer comes the
 * NAT has forgotten us already.  Also when nothing was heard for as long, however much was sent:
 * the NAT may have changed its port (4.10).
 */
#define KEEPALIVE_DEFAULT_S 110 /* RFC 3519 4.9, where the home agent suggests nothing */
#define KEEPALIVE_MIN_S 10	/* never more often */

struct keepalive {
	mtime every; /* 0: none is needed */
	mtime sent;  /* the last of anything to the home agent */
	mtime heard; /* the last of anything from there */
	mtime asked; /* the first echo request without an answer; 0: none */
	unsigned asks;
};

enum keepalive_due {
	KEEPALIVE_WAIT,
	KEEPALIVE_ASK,	/* send keepalive_build()'s */
	KEEPALIVE_DEAD, /* asked in vain; begins anew */
};

/* suggested_s: the home agent's; 0: nothing. */
void keepalive_start(struct keepalive *k, unsigned suggested_s, mtime now);
/* Something came: the way is open. */
void keepalive_heard(struct keepalive *k, mtime now);
enum keepalive_due keepalive_due(struct keepalive *k, mtime now);
mtime keepalive_deadline(const struct keepalive *k);

/* An echo request from `home` to the home agent; the length, 0: cap is too small. */
size_t keepalive_build(const struct keepalive *k, uint32_t home, uint32_t home_agent,
		       uint16_t ip_id, uint8_t *buf, size_t cap);
/* What comes back for it.  A program's echo has its number, and usually more. */
bool keepalive_is_answer(const struct ipv4 *ip, uint32_t home_agent);

#endif
