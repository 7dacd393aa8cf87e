/* SPDX-License-Identifier: MIT */
#ifndef MIP_STATE_H
#define MIP_STATE_H

#include "agent/agent.h"
#include "common/seal.h"

/*
 * The bytes of the home agent's state file, big-endian.  persist.c writes and reads it.
 *
 *   8  "MIPSTATE"           then one record a node:
 *   2  version, 2              4  home address; of the pool: the last one, or 0
 *   1  length of the prefix    1  1: bound, 2: co-located, 4: reverse tunnel, 8: leased
 *   1  0                       1  the code of the last Reply
 *   4  home agent              2  and its lifetime
 *   4  home network            8  Identification of that registration
 *   8  written, NTP            8  of the last order
 *   4  records                64  of eight registrations that were ahead, 64 of eight orders
 *                              4  SPI of the key dealt with that Reply, 16 its nonce
 *                              1  length, and the name (NAI) of one that is of the pool; else 0
 *   32 SHA-256 of all       bound:  4 care-of address, 4 and 2 address and port of the tunnel,
 *      before it, at the            2 lifetime, 4 what is left of it in ms (ffffffff: for ever)
 *      end                  leased: 1 length, and a BUFFER without authentication (mip-buffer(7))
 *
 * Who may write the file may be the home agent.
 */
#define STATE_VERSION 2
#define STATE_HEADER 32
#define STATE_RECORD 173
#define STATE_BOUND 16
#define STATE_RECORD_MAX (STATE_RECORD + NAI_MAX + STATE_BOUND + 1 + ORDER_MAX)
/* A clock that was put right, or is not set yet, is off by less. */
#define STATE_AHEAD_S (48 * 3600)

enum state_fault {
	STATE_GOOD,
	STATE_FOREIGN,	/* it does not begin like one */
	STATE_VERSION_UNKNOWN,
	STATE_DAMAGED,	/* the sum, or a length */
	STATE_NONSENSE, /* whole, but nothing that we would have written */
	STATE_OTHER,	/* of another home network */
	STATE_FUTURE,	/* written later than STATE_AHEAD_S from now */
};
const char *state_fault_text(enum state_fault f);

/* How many bytes state_encode() may need. */
size_t state_room(const struct agent *a, const struct agent_conf *c);
/* All but the sum, for which there is room (seal.h); 0: too little room. */
size_t state_encode(const struct agent *a, const struct agent_conf *c, const struct instant *now,
		    uint8_t *buf, size_t cap);

struct state_reader {
	struct rbuf r;
	uint32_t left;	   /* records */
	mtime since;	   /* it was written; a clock that went back: 0 */
	uint32_t home_agent, home_net;
	uint8_t prefix_len;
};
/* Looks at all of it.  STATE_GOOD: state_next() gives its records. */
enum state_fault state_open(struct state_reader *s, const uint8_t *p, size_t n,
			    const struct agent_conf *c, const struct instant *now);
/* What is left of its times is as of state_open(); false: that was all. */
bool state_next(struct state_reader *s, struct agent_kept *out);

#endif
