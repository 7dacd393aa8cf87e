/* SPDX-License-Identifier: MIT */
#include "agent/away.h"
#include "agent/home.h"
#include "common/icmp.h"

/* What nodes send through their tunnels: RFC 3024 4.3, RFC 3519 4.3 and 4.9. */

/*
 * Pings of our own address that are answered, a second and node: a keepalive is one in 10 s at
 * least, and after a change of networks a few come at once.
 */
#define KEEPALIVES_A_SECOND 10

/* By its tunnel, or for 2 s by the one that it has just left: the very port, too. */
static enum drop reversed(struct agent *a, const struct binding *b, uint32_t home,
			  const struct way *outer)
{
	const struct node *n = b ? NULL : node_as(a, ROLE_HOME, home);

	if (n && n->up && way_equal(outer, &n->old_to) && a->now.t < n->old_until) {
		a->count.previous_care_of++;
		return DROP_NONE;
	}
	if (!b)
		return DROP_INNER_SOURCE;
	if (!b->reverse)
		return DROP_OUTER_SOURCE;
	if (binding_ready(b) && way_equal(outer, &b->to))
		return DROP_NONE;
	if (!way_equal(outer, &b->old_to) || a->now.t >= b->old_until)
		return DROP_OUTER_SOURCE;
	a->count.previous_care_of++;
	return DROP_NONE;
}

/*
 * A ping of our own address: the keepalive of RFC 3519 4.9, for which no reverse tunnel has to be
 * agreed upon.  The core answers: what the kernel says from its own address into a tunnel that
 * begins at this very address counts as a loop.
 */
static bool keepalive(struct agent *a, struct binding *b, const struct way *outer,
		      const struct ipv4 *ip, uint8_t *pkt, size_t len)
{
	if (!b || ip->dst != a->c.home_agent || !icmp_is_echo(ip))
		return false;
	binding_told(a, b, outer);
	if (!binding_ready(b) || !way_equal(outer, &b->to) || (!b->reverse && !b->to.port))
		return false;
	if (!rate_ok(a, RATE_KEEPALIVE, b->home, KEEPALIVES_A_SECOND)) {
		drop(a, DROP_RATE);
		return true;
	}
	a->count.keepalives++;
	icmp_echo_answer(pkt, ip);
	out_way(a, &b->to, pkt, len, false);
	return true;
}

void home_reverse(struct agent *a, const struct way *outer, const struct ipv4 *ip, uint8_t *pkt,
		  size_t len)
{
	struct binding *b = binding_find(a, ip->src);
	struct node *n = outer->port ? NULL : node_as(a, ROLE_HOME, ip->dst);
	struct merge *m = n ? merge_from(n, outer->addr) : NULL;
	enum drop why;

	if (m) { /* to a node at home: what the agent that it left had kept */
		merge_forwarded(a, m, pkt, len);
		return;
	}
	if (keepalive(a, b, outer, ip, pkt, len))
		return;
	why = reversed(a, b, ip->src, outer);
	if (why != DROP_NONE) {
		drop(a, why);
		return;
	}
	if (b)
		b->from_node++;
	out_deliver(a, ip->src, pkt, len);
}

bool home_order(struct agent *a, const struct way *outer, const struct ipv4 *ip,
		const struct udp *u)
{
	struct from f = { .src = ip->src, .dst = ip->dst, .sport = u->sport };
	enum drop why;

	if (ip->dst != a->c.home_agent || !u->payload.left || u->payload.p[0] != MIP_ORDER)
		return false;
	if (ip->src == outer->addr && !outer->port) { /* another agent's */
		orders_marker(a, outer->addr, ROLE_HOME, u->payload.p, u->payload.left);
		return true;
	}
	why = reversed(a, binding_find(a, ip->src), ip->src, outer);
	if (why != DROP_NONE)
		drop(a, why);
	else
		orders_message(a, &f, u->payload.p, u->payload.left);
	return true;
}

bool home_udp(struct agent *a, const struct from *f, uint8_t *p, size_t n)
{
	const struct way outer = { f->src, f->sport };
	uint8_t *inner = p + MIP_TUNNEL_LEN;
	enum drop why = DROP_NONE;
	struct rbuf r;
	struct ipv4 ip;
	struct udp u;

	if (f->dst != a->c.home_agent)
		why = DROP_NOT_MINE;
	else if (!mip_tunnel_decode(p, n, &r))
		why = n < MIP_TUNNEL_LEN ? DROP_SHORT : DROP_MALFORMED;
	else if (ipv4_decode(r.p, r.left, &ip) != DROP_NONE)
		why = DROP_IP_HEADER;
	else if (ip.dst == a->c.home_agent && is_control(&ip, &u) && home_order(a, &outer, &ip, &u))
		return true;
	else if (!ip.ttl)
		why = DROP_TTL;
	if (why != DROP_NONE)
		drop(a, why);
	else
		home_reverse(a, &outer, &ip, inner, ip.total_len);
	return false;
}
