/* SPDX-License-Identifier: MIT */
#include "tests/sim/inside.h"

#include "common/mip.h"
#include "common/order.h"
#include "common/packet.h"

/*
 * How long each FORWARD took, where it goes out: at the second agent, which from the accepted
 * registration on holds what overtakes it.  What the node sees of it comes later, if at all.
 */
static struct forwarding *by_id(struct walker *n, uint64_t id)
{
	for (unsigned k = 0; k < n->n_forwards && k < FORWARDS_MAX; k++)
		if (n->forwards[k].id == id)
			return &n->forwards[k];
	return NULL;
}

/* The last that went out from agent i. */
static struct forwarding *of_agent(struct walker *n, unsigned i)
{
	for (unsigned k = n->n_forwards; k-- > 0 && k + FORWARDS_MAX >= n->n_forwards;)
		if (n->forwards[k % FORWARDS_MAX].agent == i)
			return &n->forwards[k % FORWARDS_MAX];
	return NULL;
}

static void sent(struct world *w, unsigned i, const struct agent_action *a)
{
	struct walker *n;
	struct order o;

	if (!a->n || a->p[0] != MIP_ORDER || order_decode(a->p, a->n, &o) != DROP_NONE ||
	    o.message != ORDER_REQUEST || o.action != ORDER_FORWARD)
		return;
	n = world_by_home(w, o.home_addr);
	if (!n || by_id(n, o.id))
		return;
	n->forwards[n->n_forwards++ % FORWARDS_MAX] = (struct forwarding){
	    .id = o.id,
	    .agent = i,
	};
}

/* The registration's Reply, or that to a FORWARD, on its way to the node. */
static void passed_on(struct world *w, unsigned i, const struct agent_action *a)
{
	struct walker *n = world_by_mac(w, &a->mac);
	struct forwarding *f;
	struct mip_reply m;
	struct mip_exts x;
	struct order o;
	struct ipv4 ip;
	struct udp u;

	if (!n || !n->n_forwards || ipv4_decode(a->p, a->n, &ip) != DROP_NONE ||
	    udp_decode(&ip, true, &u) != DROP_NONE)
		return;
	if (mip_reply_decode(u.payload.p, u.payload.left, &m, &x) == DROP_NONE) {
		f = of_agent(n, i);
		if (f && mip_code_accepted(m.code) && !f->accepted)
			f->accepted = w->now;
	} else if (order_decode(u.payload.p, u.payload.left, &o) == DROP_NONE &&
		   o.message == ORDER_REPLY) {
		f = by_id(n, o.id);
		if (f && f->agent == i && !f->answered)
			f->answered = w->now;
	}
}

void forwarding_action(struct world *w, unsigned i, const struct agent_action *a)
{
	if (a->act == AGENT_SEND_UDP)
		sent(w, i, a);
	else if (a->act == AGENT_SEND_LINK)
		passed_on(w, i, a);
}

mtime world_forwarding(const struct world *w)
{
	const struct walker *n = w->me;
	mtime longest = 0;

	for (unsigned k = 0; k < n->n_forwards && k < FORWARDS_MAX; k++) {
		const struct forwarding *f = &n->forwards[k];

		if (!f->accepted)
			continue; /* nothing was held for it */
		if (!f->answered)
			return MTIME_NEVER;
		if (f->answered - f->accepted > longest)
			longest = f->answered - f->accepted;
	}
	return longest;
}
