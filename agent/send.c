/* SPDX-License-Identifier: MIT */
#include "agent/merge.h"

#define RTO_FIRST MSEC(50)

void send_order(struct agent *a, uint32_t first_agent, const struct from *node, struct relayed *r)
{
	bool send = true;

	if (!rate_ok(a, RATE_RELAY_AGENT, first_agent, 100) ||
	    !rate_ok(a, RATE_RELAY_MAC, rate_mac(&node->mac), 20)) {
		drop(a, DROP_RATE); /* counts as sent: the next repeat may fare better */
		send = false;
	}
	r->rto = r->sent ? r->rto * 2 : RTO_FIRST;
	r->next = a->now.t + r->rto;
	r->sent++;
	if (send)
		out_udp(a, node->home ? a->c.home_agent : a->c.care_of, first_agent, MIP_PORT,
			r->msg, r->n);
}

bool send_again(const struct relayed *r, unsigned most)
{
	return r->n && r->sent && !r->done && r->sent < most;
}
