/* SPDX-License-Identifier: MIT */
#include "agent/away.h"

/*
 * The home agent as second agent, of a node that comes to the home link (F8), or to an address of
 * its own (F12).  It takes its own acceptance for the authorisation: it relays the FORWARD at once,
 * and merges.
 */

/* MN-FA under the key of MN-HA covers what stands behind that: orders, and the handoff key. */
static bool riders_signed(const struct accepted *q)
{
	return q->x->n_mn_fa == 1 && auth_check(q->p, q->n, &q->x->mn_fa, q->sa);
}

/* Where the node hears what its first agent says: on its link, or in its tunnel. */
static struct from reached(const struct accepted *q)
{
	struct from to = *q->f;

	to.home = q->r->home_addr;
	if (!to.on_link) {
		to.src = to.home;
		to.sport = MIP_PORT;
	}
	return to;
}

void away_second(struct agent *a, const struct accepted *q)
{
	struct pending p = {
		.id = q->r->id,
		.home = q->r->home_addr,
		.home_agent = a->c.home_agent,
		.reply_src = a->c.home_agent,
		.from = reached(q),
		.at = a->now.t,
	};
	struct node *n = NULL;

	if (q->x->n_orders && a->c.buffers && riders_signed(q) &&
	    hold_read(a, &p, q->x, &p.carried))
		n = node_make(a, ROLE_HOME, p.home);
	if (n && node_moving(a, n)) {
		if (q->care_of && q->care_of != q->r->care_of)
			n->old_to = q->to;
		merge_accept(a, n, &p);
	}
	secret_wipe(&p.carried.kh.key);
}
