/* SPDX-License-Identifier: MIT */
#include "agent/away.h"
#include "agent/natted.h"

/* The way of a node's packets: past what is held for order, into its machine, and out of it. */

void node_deliver(struct agent *a, struct node *n, uint8_t *pkt, size_t len)
{
	n->delivered++;
	n->delivered_reg++;
	if (n->role == ROLE_HOME && !n->up)
		away_deliver(a, n, pkt, len);
	else
		out_deliver(a, n->home, pkt, len);
	n->passed = a->now.t;
}

void node_sink(struct agent *a, struct node *n, uint8_t *pkt, size_t len, bool direct)
{
	if (!n->up && !buffer_active(node_buffer(n)) && n->role == ROLE_VISITOR)
		drop(a, DROP_NOT_VISITOR);
	else if (n->mv)
		buffer_input(a, &n->mv->buf, pkt, len, direct);
	else
		node_deliver(a, n, pkt, len);
}

/*
 * A packet straight from the home agent, or from a neighbour on our side: what may belong to a
 * binding whose Reply is still to come waits, then what is newer than the first agent's stream.
 */
void node_direct(struct agent *a, struct node *n, uint8_t *pkt, size_t len, bool direct)
{
	if (hold_wanted(n)) {
		hold_packet(a, n, direct ? n->home_agent : 0, pkt, len);
		return;
	}
	hold_release(a, n);
	if (merge_holds(node_buffer(n)->merge))
		merge_hold(a, n->mv->buf.merge, pkt, len, direct);
	else
		node_sink(a, n, pkt, len, direct);
}

/* Inside UDP its own home agent alone has anything for it, and where that was agreed upon. */
static bool serves(const struct agent *a, const struct node *n, const struct way *outer)
{
	if (outer->port && !n->nat)
		return false;
	if (outer->addr == n->home_agent)
		return true;
	return !outer->port && !a->c.buffers; /* RFC 5944 4.2.2 knows no other check */
}

void foreign_tunnel(struct agent *a, struct node *n, const struct way *outer, uint8_t *pkt,
		    size_t len)
{
	struct merge *m = outer->port ? NULL : merge_from(n, outer->addr);

	if (m)
		merge_forwarded(a, m, pkt, len);
	else if (n->up && serves(a, n, outer))
		node_direct(a, n, pkt, len, true);
	else if (hold_source(a, n, outer))
		hold_packet(a, n, outer->addr, pkt, len);
	else
		drop(a, DROP_OUTER_SOURCE);
}

void foreign_tun(struct agent *a, const struct ipv4 *ip, uint8_t *pkt, size_t len)
{
	struct node *n = node_find(a, ip->dst);

	if (n && (n->up || buffer_active(node_buffer(n)))) {
		/* The kernel routes it into the TUN and out of it again: one of the two hops is not
		 * there. */
		if (ip->ttl < 255)
			ipv4_ttl_add(pkt, 1);
		node_direct(a, n, pkt, len, false);
		return;
	}
	n = node_find(a, ip->src);
	if (!n || !n->up) {
		drop(a, DROP_NOT_VISITOR);
		return;
	}
	if (!n->reverse) {
		drop(a, DROP_INNER_SOURCE);
		return;
	}
	if (own_addr(a, ip->src) || ip->src == n->home_agent) {
		drop(a, DROP_LOOP);
		return;
	}
	n->from_node++;
	natted_up(a, n, pkt, len);
}
