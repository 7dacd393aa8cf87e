/* SPDX-License-Identifier: MIT */
#include "agent/away.h"

#include "agent/home.h"

/*
 * A node's machine at its home agent.  It lives while something is kept, or asked for; what it lets
 * go leaves by the sink: the tunnel to the care-of address of the last accepted registration, or
 * the home link.  An accepted registration is the FORWARD: it moves the sink.
 *
 *                SERVING        BUFFERING         DRAINING
 * packet         sink           keep              keep behind, or sink
 * BUFFER         -> BUFFERING   new grant         -> BUFFERING
 *   with RESERVE 129            129               129
 * registration   sink moves     sink moves,       sink moves
 *   accepted                    -> DRAINING [1]
 * FORWARD        141 [2], 142   -> DRAINING, 142  0, 142
 *                [3]
 * RELEASE        141 [2]        -> DRAINING       0
 * DELETE         141 [2]        drop, -> SERVING  drop
 * DELETE_FORWARD 141 [2], 142   drop,             drop, 142
 *                               -> DRAINING, 142
 * RENEW          141, 143       new grant         new grant
 * QUERY          State          State             State
 * dry            nothing        nothing           -> SERVING
 * lease over     nothing        -> SERVING [4]    rest unpaced,
 *                                                 -> SERVING
 * deregistered   nothing        drop, -> SERVING  drop, -> SERVING
 *   elsewhere
 *
 * [1] Where its Identification is newer than the BUFFER's.  One that left
 *     before the BUFFER did moves the sink and nothing else.
 * [2] 0 where packets are left.
 * [3] 142: Care-of Address is not where the node is registered: there is no
 *     way to direct packets but to register.  On the home link it is the
 *     home agent's address.
 * [4] What is left goes to the sink at once, or is dropped where there is
 *     none.
 *
 * A registration that comes home with a FORWARD holds what still drained to there: away_behind().
 * A co-located node asks here in the same way, and its registration moves the sink in the same
 * way, but without a guard: it takes what comes by the tunnel that it has asked for before it has
 * the Reply.
 */
#define LINGER SEC(10) /* repeats of its orders are answered from memory: they end after 4 s */

bool away_reachable(const struct agent *a, const struct node *n)
{
	return n->up || binding_find(a, n->home);
}

bool away_needed(const struct agent *a, const struct node *n)
{
	return n->role == ROLE_HOME && a->now.t < n->expires;
}

struct node *away_node(struct agent *a, uint32_t home)
{
	struct node *n = node_as(a, ROLE_HOME, home);
	const struct binding *b = binding_find(a, home);

	if (b ? binding_visits_us(a, b) : !n || !n->up)
		return NULL; /* a visitor of ours asks its foreign agent */
	if (!n)
		n = node_make(a, ROLE_HOME, home);
	if (n && !n->up)
		n->expires = a->now.t + LINGER;
	return n;
}

mtime away_guard(const struct agent *a, const struct node *n)
{
	const struct binding *b = n->up ? NULL : binding_find(a, n->home);

	return n->up || (b && b->co_located) ? 0 : a->c.marker_guard;
}

static void release(struct agent *a, struct buffer *b)
{
	out_note(a, b->node->home, "released: %u packets", b->q.packets);
	buffer_enter(a, b, BUF_DRAINING);
}

void away_drained(struct agent *a, struct buffer *b)
{
	out_note(a, b->node->home, "drained: %llu packets", (unsigned long long)b->forwarded);
	buffer_serve(a, b);
}

void away_behind(struct agent *a, struct merge *m)
{
	struct buffer *b = m->to;

	if (b->state != BUF_DRAINING || m->c.first_agent != b->node->old_to.addr)
		return;
	pktq_append(&a->pool, &m->held, &b->q);
	buffer_serve(a, b);
}

/* FORWARD and DELETE_FORWARD by order: to where the node is registered, and nowhere else. */
static uint8_t forward(struct agent *a, struct node *n, const struct order *o)
{
	const struct binding *at = binding_find(a, n->home);
	struct buffer *b = &n->mv->buf;

	if (o->care_of != (at ? at->care_of : a->c.home_agent)) {
		drop(a, DROP_CARE_OF);
		return ORDER_CARE_OF_REFUSED;
	}
	if (!buffer_active(b))
		return ORDER_NOTHING_BUFFERED;
	if (o->action == ORDER_DELETE_FORWARD)
		buffer_discard(a, b, DROP_DELETED);
	buffer_keep_as(b, o);
	if (b->state == BUF_BUFFERING)
		release(a, b);
	return ORDER_GRANTED;
}

static uint8_t release_by_order(struct agent *a, struct buffer *b, const struct order *o)
{
	if (!buffer_active(b))
		return ORDER_NOTHING_BUFFERED;
	buffer_keep_as(b, o);
	if (b->state == BUF_BUFFERING)
		release(a, b);
	return ORDER_GRANTED;
}

uint8_t away_act(struct agent *a, const struct asking *q)
{
	struct node *n = q->node;
	struct buffer *b = &n->mv->buf;
	uint8_t code;

	switch (q->o.action) {
	case ORDER_BUFFER:
		if (q->o.flags & ORDER_F_RESERVE)
			return ORDER_PROHIBITED; /* no access point would begin it */
		code = buffer_begin(a, b, &q->o);
		if (code > ORDER_GRANTED_LESS)
			return code;
		b->forward_id = q->o.id; /* what a registration must be newer than */
		if (n->up)
			proxy_leaves(a, n);
		return code;
	case ORDER_FORWARD:
	case ORDER_DELETE_FORWARD:
		return forward(a, n, &q->o);
	case ORDER_RELEASE:
		n->mv->fence.on = false;
		return release_by_order(a, b, &q->o);
	case ORDER_DELETE:
		n->mv->fence.on = false;
		return buffer_delete(a, b);
	case ORDER_RENEW:
		return buffer_renew(a, b, &q->o);
	case ORDER_QUERY:
		return ORDER_GRANTED;
	default:
		return ORDER_UNSPECIFIED; /* order_decode() lets nothing else in */
	}
}

/* Where its tunnel ends a keepalive has still to say: kept until then, as if it had asked. */
static void await_way(struct agent *a, uint32_t home, uint64_t id)
{
	struct node *n = a->c.buffers ? away_node(a, home) : NULL;
	struct moving *mv = n ? node_moving(a, n) : NULL;

	if (mv && !buffer_active(&mv->buf) &&
	    buffer_begin(a, &mv->buf, &(struct order){ .action = ORDER_BUFFER }) <=
		    ORDER_GRANTED_LESS)
		mv->buf.forward_id = id - 1;
}

void away_moved(struct agent *a, uint32_t home, uint64_t id)
{
	const struct binding *at = binding_find(a, home);
	struct buffer *b;
	struct node *n;

	if (at && !binding_ready(at))
		await_way(a, home, id);
	n = node_as(a, ROLE_HOME, home);
	if (!n)
		return;
	if (n->up && binding_find(a, home)) {
		n->up = false;
		n->expires = a->now.t + LINGER;
		out_kernel(a, AGENT_VISITOR_DOWN, n);
	}
	b = n->mv ? &n->mv->buf : NULL;
	if (!b || (at && !binding_ready(at))) {
		/* nothing was kept; or binding_told() comes back to it */
	} else if (!away_reachable(a, n)) {
		buffer_discard(a, b, DROP_NO_BINDING);
		if (b->state != BUF_SERVING)
			buffer_serve(a, b);
	} else if (b->state == BUF_DRAINING ||
		   (b->state == BUF_BUFFERING && (int64_t)(id - b->forward_id) > 0)) {
		release(a, b);
	}
}

bool away_input(struct agent *a, const struct ipv4 *ip, uint8_t *pkt, size_t len)
{
	struct node *n = node_as(a, ROLE_HOME, ip->dst);

	if (!n || (!n->up && !node_buffer(n)->merge && !buffer_active(node_buffer(n))))
		return false;
	/* To the home link the kernel routes it into the TUN and out of it: one hop, not two. */
	if (n->up && ip->ttl < 255)
		ipv4_ttl_add(pkt, 1);
	node_direct(a, n, pkt, len, true);
	return true;
}

void away_deliver(struct agent *a, struct node *n, uint8_t *pkt, size_t len)
{
	struct binding *b = binding_find(a, n->home);
	struct node *visitor;

	if (!b) {
		drop(a, DROP_NO_BINDING);
		return;
	}
	visitor = binding_visits_us(a, b) ? node_find(a, n->home) : NULL;
	if (visitor)
		node_direct(a, visitor, pkt, len, true);
	else
		binding_send(a, b, pkt, len);
}

/*
 * Behind the data.  A co-located node may ask from its care-of address, beside its tunnel: where
 * that is one inside UDP, what goes to the same port is in the same stream.
 */
void away_reply(struct agent *a, const struct from *to, uint8_t tos, const uint8_t *p, size_t n)
{
	const struct binding *b = binding_find(a, to->home);
	const struct way asked = {to->src, to->sport};
	bool beside = b && b->co_located && to->src == b->to.addr;

	if (beside && way_equal(&asked, &b->to))
		out_udp_tos(a, a->c.home_agent, &b->to, tos, p, n);
	else if (to->src != to->home && (!beside || b->to.port))
		out_udp(a, a->c.home_agent, to->src, to->sport, p, n);
	else if (b)
		out_way_udp(a, &b->to, to, tos, p, n);
	else
		drop(a, DROP_NO_BINDING);
}
