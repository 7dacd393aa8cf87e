/* SPDX-License-Identifier: MIT */
#include "common/icmp.h"

#include "agent/foreign.h"
#include "agent/home.h"
#include "agent/machine.h"

/*
 * Errors about packets in our tunnels: RFC 2003 4.  Whoever is told of one has sent a packet that
 * goes by that very tunnel now, as far as the quoted headers tell; of a way that is used no more
 * nobody hears (mip-buffer(7), DEVIATIONS).  Who makes an error up is no worse off than with one to
 * the sender itself: what is relayed is smaller, ends no connection, and comes seldom.
 */
#define TO_A_SENDER 10 /* a second: a few connections */
#define TO_ALL 1000    /* a second, as Linux's own icmp_msgs_per_sec */

static bool from_home(const struct agent *a, const struct icmp_error *e)
{
	const struct way to = { e->outer.dst, e->dport };
	const struct binding *b;

	if (!a->c.home || e->outer.src != a->c.home_agent ||
	    (e->dport && e->sport != MIP_PORT))
		return false;
	b = binding_find(a, e->inner.dst);
	return b && way_equal(&to, &b->to);
}

/* In its reverse tunnel, or on the way to where it has gone. */
static bool from_foreign(struct agent *a, const struct icmp_error *e)
{
	const struct node *n;

	if (!a->c.foreign || e->outer.src != a->c.care_of || (e->dport && e->sport != MIP_PORT))
		return false;
	n = node_look(a, ROLE_VISITOR, e->inner.src);
	if (n && n->up && n->reverse && n->home_agent == e->outer.dst &&
	    e->dport == (n->nat ? MIP_PORT : 0))
		return true;
	n = node_look(a, ROLE_VISITOR, e->inner.dst);
	return n && n->mv && !e->dport && buffer_forwarding(&n->mv->buf) &&
	       n->mv->buf.forward_to == e->outer.dst;
}

static enum drop judge(struct agent *a, const struct icmp_error *e, struct icmp_what *what)
{
	bool home = from_home(a, e);

	if (!home && !from_foreign(a, e))
		return DROP_UNMATCHED;
	if (!icmp_relay_as(e, home && in_home_net(a, e->inner.dst), what))
		return DROP_TYPE;
	if (!rate_ok(a, RATE_ERROR, e->inner.src, TO_A_SENDER) ||
	    !rate_count(a, &a->errors, TO_ALL))
		return DROP_RATE;
	return DROP_NONE;
}

void agent_icmp(struct agent *a, const uint8_t *p, size_t n, const struct instant *now,
		struct agent_out *out)
{
	struct icmp_what what;
	struct icmp_error e;
	enum drop why = icmp_error_decode(p, n, &e);

	call_begin(a, now, out);
	if (why == DROP_TYPE)
		return;
	if (why == DROP_NONE)
		why = judge(a, &e, &what);
	if (why == DROP_NONE && !out_error(a, e.outer.src, &what, &e.quoted))
		why = DROP_TYPE; /* about an error, or to nobody in particular */
	if (why != DROP_NONE)
		drop(a, why);
	else
		a->count.errors_relayed++;
}
