/* SPDX-License-Identifier: MIT */
#ifndef MIP_ORDERS_H
#define MIP_ORDERS_H

#include "client/registration.h"
#include "common/order.h"

/*
 * The node's side of Buffer Control: signing orders, their clocks, and one order exchange
 * with the agent on the link (BUFFER, RELEASE, QUERY) with its repeats.  mip-buffer(7).
 */
struct order_clock { /* per agent, by care-of address */
	uint32_t care_of;
	uint64_t last_id;
	int64_t offset; /* the agent's NTP time minus ours */
	bool home;	/* the home agent's: MN-HA signs */
	bool known;	/* it has accepted an order, or told its clock */
	uint64_t told; /* the highest Identification that a 133 told: an older one is a replay */
};

struct order_conf {
	uint32_t home_addr;
	uint16_t size_packets, size_kib;
	uint32_t lease_ms;
	bool elastic;
};

/* Signs into buf (>= ORDER_MAX); its length, 0 on no
 * room (a bug). *id: the Identification taken. */
size_t order_sign(struct order_clock *clk, const struct order_conf *c, const struct sa *sa,
		  uint8_t action, uint8_t flags, uint32_t care_of, uint64_t ntp, uint8_t *buf,
		  uint64_t *id);
/* A 133 told the agent's clock; false: it is an old one sent again. */
bool order_clock_set(struct order_clock *clk, uint64_t reply_id, uint64_t ntp);

/* Repeats: identical bytes after 20, 40, 80, 160 ms; given up 320 ms after the last. */
#define EXCHANGE_SENDS 5
struct exchange {
	bool active;
	uint8_t action;
	uint8_t msg[ORDER_MAX];
	size_t len;
	uint64_t id;
	uint32_t agent; /* link address it goes to */
	uint32_t care_of;
	struct mac mac;
	unsigned sends;
	mtime interval, next;
};
void exchange_start(struct exchange *x, uint8_t action, const struct known_agent *a, mtime now);
/* 1: send x->msg now; 0: not yet; -1: given up (inactive now). */
int exchange_due(struct exchange *x, mtime now);
mtime exchange_deadline(const struct exchange *x);

#endif
