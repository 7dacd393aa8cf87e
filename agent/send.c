/* SPDX-License-Identifier: MIT */
#include "agent/merge.h"

#define RTO_MIN MSEC(50)
#define RTO_MAX SEC(1) /* whatever was measured: a roam does not wait longer */

static struct rtt *slot(struct agent *a, uint32_t addr)
{
	return &a->rtts[(addr * 0x9e3779b1u >> 16) % RTT_SLOTS];
}

/* An address that shares its slot with another's is measured anew each time: no more than that. */
void rtt_measured(struct agent *a, uint32_t addr, mtime t)
{
	struct rtt *r = slot(a, addr);

	if (r->addr != addr)
		*r = (struct rtt){ .addr = addr, .smooth = t };
	else
		r->smooth += (t - r->smooth) / 4;
}

static mtime rtt_of(struct agent *a, uint32_t addr)
{
	const struct rtt *r = slot(a, addr);

	return r->addr == addr ? r->smooth : 0;
}

mtime send_rto(struct agent *a, uint32_t first_agent, uint32_t home_agent)
{
	mtime rtt = rtt_of(a, first_agent);

	rtt = 2 * (rtt ? rtt : rtt_of(a, home_agent));
	return rtt < RTO_MIN ? RTO_MIN : mtime_min(rtt, RTO_MAX);
}

/* By a home agent whose word we can check: then it is a handoff, of which there may be as many at
 * once as there are nodes. */
static bool vouched(const struct agent *a, uint32_t home_agent, bool accepted)
{
	return accepted && (conf_peer(a, home_agent) || own_addr(a, home_agent));
}

void send_order(struct agent *a, uint32_t first_agent, uint32_t home_agent, bool accepted,
		const struct from *node, struct relayed *r)
{
	bool send = true;

	if ((!vouched(a, home_agent, accepted) &&
	     !rate_ok(a, RATE_RELAY_AGENT, first_agent, 100)) ||
	    !rate_ok(a, RATE_RELAY_MAC, rate_from(node), 20)) {
		drop(a, DROP_RATE); /* counts as sent: the next repeat may fare better */
		send = false;
	}
	r->rto = r->sent ? r->rto * 2 : send_rto(a, first_agent, home_agent);
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

/* Karn: the answer to what was sent twice says nothing of the time that it took. */
void send_answered(struct agent *a, uint32_t first_agent, struct relayed *r)
{
	if (r->sent == 1 && !r->done)
		rtt_measured(a, first_agent, a->now.t - (r->next - r->rto));
	r->done = true;
}
