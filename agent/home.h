/* SPDX-License-Identifier: MIT */
#ifndef MIP_HOME_H
#define MIP_HOME_H

#include "agent/internal.h"

/* Home agent, RFC 5944 3.8, for a virtual home network:
 * home.c answers, bindings.c keeps and carries. */

/* The Reply to a Registration Request into buf; 0: none is sent. */
size_t home_answer(struct agent *a, const struct from *f, const uint8_t *p, size_t n, uint8_t *buf,
		   size_t cap);

struct binding *binding_find(const struct agent *a, uint32_t home);
/* False when the table is full. */
bool binding_set(struct agent *a, const struct mip_request *r, uint16_t lifetime_s);
/* care_of 0: whatever it is. */
void binding_delete(struct agent *a, uint32_t home, uint32_t care_of);
/* Packets.  False: not for a home address of ours. */
bool home_tun(struct agent *a, const struct ipv4 *ip, uint8_t *pkt, size_t n);
void home_reverse(struct agent *a, uint32_t outer_src, const struct ipv4 *ip, uint8_t *pkt,
		  size_t len);
/* Into the tunnel to its care-of address. */
void binding_send(struct agent *a, struct binding *b, const uint8_t *pkt, size_t n);
/* An order inside its reverse tunnel; false: it did not come by that. */
bool home_order(struct agent *a, uint32_t outer_src, const struct ipv4 *ip, const struct udp *u);
void bindings_free(struct agent *a);
void binding_tick(struct agent *a, struct binding *b);

#endif
