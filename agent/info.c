/* SPDX-License-Identifier: MIT */
#include "agent/home.h"
#include "agent/foreign.h"

#include <string.h>

bool agent_binding_next(const struct agent *a, struct agent_cursor *c,
			struct agent_binding_info *out)
{
	const struct binding *b = c->entry;
	const struct agent_node_conf *nc;

	b = !c->begun ? a->bindings : b ? b->hh.next : NULL;
	c->entry = b;
	c->begun = true;
	if (!b)
		return false;
	nc = conf_node(a, b->home, NULL);
	*out = (struct agent_binding_info){
		.home_addr = b->home,
		.nai = nc ? nc->nai : NULL,
		.care_of = b->care_of,
		.co_located = b->co_located,
		.awaited = !binding_ready(b),
		.udp_addr = b->to.port ? b->to.addr : 0,
		.udp_port = b->to.port,
		.reverse = b->reverse,
		.lifetime_s = b->lifetime_s,
		.expires = b->expires,
		.to_node = b->to_node,
		.from_node = b->from_node,
	};
	return true;
}

static enum order_key order_key(const struct agent *a, const struct node *n)
{
	if (keys_any(&n->keys, a->now.t))
		return ORDER_KEY_DEALT;
	return conf_node(a, n->home, NULL) ? ORDER_KEY_CONFIGURED : ORDER_KEY_NONE;
}

static void pending_info(const struct pending *p, struct agent_visitor_info *out)
{
	*out = (struct agent_visitor_info){
		.home_addr = p->home,
		.home_agent = p->home_agent,
		.mac = p->from.mac,
		.link = p->from.link,
		.pending = true,
		.reverse = p->reverse,
		.lifetime_s = p->lifetime_s,
		.expires = p->at + PENDING_AGE,
	};
}

static const struct node *next_up(const struct agent *a, struct agent_cursor *c)
{
	const struct node *n = c->entry;

	if (c->i)
		return NULL; /* they were all shown */
	n = !c->begun ? a->nodes : n ? n->hh.next : NULL;
	while (n && (!n->up || n->role == ROLE_HOME))
		n = n->hh.next;
	c->entry = n;
	c->begun = true;
	return n;
}

/* Visitors first, then the Requests that wait. */
bool agent_visitor_next(const struct agent *a, struct agent_cursor *c,
			struct agent_visitor_info *out)
{
	const struct node *n = next_up(a, c);

	if (!n) {
		if (c->i >= a->n_pending)
			return false;
		pending_info(&a->pending[c->i++], out);
		return true;
	}
	*out = (struct agent_visitor_info){
		.home_addr = n->home,
		.home_agent = n->home_agent,
		.mac = n->mac,
		.link = n->link,
		.reverse = n->reverse,
		.udp = n->nat,
		.order_key = order_key(a, n),
		.lifetime_s = n->lifetime_s,
		.expires = n->expires,
		.delivered = n->delivered,
		.from_node = n->from_node,
	};
	return true;
}

static void home_here(const struct node *n, struct agent_home_info *out)
{
	*out = (struct agent_home_info){
		.home_addr = n->home,
		.here = true,
		.proxied = n->proxied && !n->muted,
		.mac = n->mac,
	};
}

/* Nodes first, then bindings. */
bool agent_home_next(const struct agent *a, struct agent_cursor *c, struct agent_home_info *out)
{
	const struct node *n = c->i ? NULL : c->entry;
	const struct binding *b = c->i ? c->entry : NULL;

	n = !c->begun ? a->nodes : n ? n->hh.next : NULL;
	c->begun = true;
	while (n && !(n->up && n->role == ROLE_HOME))
		n = n->hh.next;
	c->entry = n;
	if (n) {
		home_here(n, out);
		return true;
	}
	b = !c->i ? a->bindings : b ? b->hh.next : NULL;
	c->i = 1;
	c->entry = b;
	if (b)
		*out = (struct agent_home_info){ .home_addr = b->home, .proxied = true };
	return b;
}

static bool holding(const struct moving *mv)
{
	return hold_wanted(mv->node) && (mv->expect > EXPECT_LITTLE || mv->held.packets);
}

static void buffer_info(const struct node *n, const struct buffer *b, struct agent_buffer_info *out)
{
	bool own = b == &n->mv->buf;

	*out = (struct agent_buffer_info){
		.home_addr = n->home,
		.state = b->state,
		.merge = b->merge		 ? merge_state_name(b->merge->state)
			 : own && holding(n->mv) ? merge_state_name(MERGE_HOLDING)
						 : "none",
		.forward_to = buffer_forwarding(b) ? b->forward_to : 0,
		.lease_ends =
		    b->state == BUF_SERVING || b->state == BUF_RESERVED ? 0 : b->lease_ends,
		.queued = b->q.packets,
		.queued_bytes = (uint32_t)b->q.bytes,
		.held = (b->merge ? b->merge->held.packets : 0) + (own ? n->mv->held.packets : 0),
		.kept = b->kept,
		.forwarded = b->forwarded,
		.dropped = b->dropped,
		.granted_packets = (uint16_t)b->grant.packets,
		.granted_kib = (uint16_t)(b->grant.bytes >> 10),
	};
	memcpy(out->lost, b->lost, sizeof(out->lost));
}

/* The i-th machine of a node: drains of earlier stays, then its own; NULL: nothing to show. */
static const struct buffer *machine(const struct moving *mv, size_t i)
{
	const struct buffer *b = &mv->buf;

	if (i < OLD_MAX)
		return mv->old[i];
	return buffer_active(b) || b->state == BUF_RESERVED || b->merge || holding(mv) ? b : NULL;
}

bool agent_buffer_next(const struct agent *a, struct agent_cursor *c,
		       struct agent_buffer_info *out)
{
	const struct moving *mv = c->begun ? c->entry : a->moving;
	const struct buffer *b = NULL;

	while (mv) {
		while (!b && c->i <= OLD_MAX)
			b = machine(mv, c->i++);
		if (b)
			break;
		c->i = 0;
		mv = mv->next;
	}
	c->entry = mv;
	c->begun = true;
	if (b)
		buffer_info(mv->node, b, out);
	return b;
}

bool agent_binding_at(const struct agent *a, size_t i, struct agent_binding_info *out)
{
	struct agent_cursor c = { 0 };

	while (agent_binding_next(a, &c, out))
		if (!i--)
			return true;
	return false;
}

bool agent_visitor_at(const struct agent *a, size_t i, struct agent_visitor_info *out)
{
	struct agent_cursor c = { 0 };

	while (agent_visitor_next(a, &c, out))
		if (!i--)
			return true;
	return false;
}

bool agent_buffer_at(const struct agent *a, size_t i, struct agent_buffer_info *out)
{
	struct agent_cursor c = { 0 };

	while (agent_buffer_next(a, &c, out))
		if (!i--)
			return true;
	return false;
}

bool agent_behind_nat(const struct agent *a)
{
	return a->behind_nat;
}

const struct drops *agent_drops(const struct agent *a)
{
	return &a->drops;
}

const struct agent_counters *agent_counters(const struct agent *a)
{
	return &a->count;
}
