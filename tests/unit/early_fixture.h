/* SPDX-License-Identifier: MIT */
#ifndef MIP_EARLY_FIXTURE_H
#define MIP_EARLY_FIXTURE_H

#include "tests/unit/merge_fixture.h"

/* F11: agent two has been asked, and the home agent has not answered. */

static inline uint64_t drops(enum drop d)
{
	return agent_drops(b())->n[d];
}

static inline void ask_early(uint8_t flags)
{
	l.at = FA_B;
	order_f = lab_order(&l, ORDER_FORWARD, ORDER_F_ASKED | flags, FA_A, FA_B);
	lab_register(&l, 600, NULL, &order_f);
	reg_id = l.last_id;
}

static inline void begin(bool early)
{
	lab_defaults(&l);
	l.conf[FA_B].early_forward = early;
	lab_start(&l);
	l.lose = swallow;
	lab_run(&l, 10);
}

static inline void start_early(void)
{
	begin(true);
	ask_early(ORDER_F_EARLY);
}

/* Packets of the first agent that went straight to this station. */
static inline unsigned early(uint32_t first, unsigned n, const struct mac *to)
{
	unsigned out = 0;

	for (unsigned i = 0; i < n; i++) {
		struct instant now = lab_instant(&l);
		uint8_t pkt[300];
		size_t len = lab_packet(pkt, sizeof(pkt), CN_ADDR, HOME, first + i);

		agent_tunnel(b(), A_ADDR, B_ADDR, pkt, len, &now, &l.out);
		for (unsigned k = 0; k < l.out.n; k++)
			out += l.out.a[k].act == AGENT_SEND_LINK &&
			       mac_equal(&l.out.a[k].mac, to) && lab_seq(l.out.a[k].p,
			       l.out.a[k].n) == first + i;
	}
	return out;
}

#endif
