/* SPDX-License-Identifier: MIT */
#include "agent/away.h"

#include "agent/home.h"
#include "agent/known.h"

#include <stdio.h>

/*
 * What the home agent keeps of its nodes over a restart: state.c makes bytes of it.  No key is in
 * it: a draw's nonce went over the air in clear, and says nothing to who lacks the node's key.
 * Packets that were kept are not in it either, and neither are drains: they end with the process.
 */
_Static_assert(KEPT_EARLY == EARLY_MAX, "as many as are remembered");

/*
 * Our clock, unless it went back by more than nodes may be off: then what was accepted would stand
 * in the way of all that is sent by the right time, and the node must be told a later one.
 */
uint64_t clock_after(const struct agent *a, uint64_t last)
{
	int64_t ahead = (int64_t)(last - a->now.ntp);

	return last && ahead > 0 && (uint64_t)ahead >> 32 >= a->c.replay_tolerance_s
		       ? last + ((uint64_t)1 << 32)
		       : a->now.ntp;
}

/* The newest first: what is read back comes in this order, and is forgotten in the other one. */
static void early_get(const uint64_t *from, unsigned next, uint64_t *to)
{
	for (unsigned i = 0; i < EARLY_MAX; i++)
		to[i] = from[(next + EARLY_MAX - 1 - i) % EARLY_MAX];
}

static void early_put(const uint64_t *from, uint64_t *to, unsigned *next)
{
	for (unsigned i = EARLY_MAX; i-- > 0;)
		to[(*next)++ % EARLY_MAX] = from[i];
}

static void binding_get(const struct binding *b, mtime now, struct agent_kept *k)
{
	if (!binding_ready(b))
		return; /* it has nothing yet that could be lost */
	k->bound = true;
	k->co_located = b->co_located;
	k->reverse = b->reverse;
	k->care_of = b->care_of;
	k->to_addr = b->to.addr;
	k->to_port = b->to.port;
	k->lifetime_s = b->lifetime_s;
	k->left = b->expires == MTIME_NEVER ? MTIME_NEVER : b->expires - now;
}

static uint16_t least16(uint32_t n)
{
	return n < UINT16_MAX ? (uint16_t)n : UINT16_MAX;
}

static void lease_get(const struct agent *a, const struct buffer *b, mtime left,
		      struct agent_kept *k)
{
	struct order *o = &k->lease;

	k->leased = true;
	*o = (struct order){ 0 };
	o->message = ORDER_REQUEST;
	o->action = ORDER_BUFFER;
	o->flags = b->elastic ? ORDER_F_ELASTIC : 0;
	o->home_addr = b->node->home;
	o->first_agent = a->c.home_agent;
	o->id = b->forward_id;
	o->has_size = o->has_lease = o->has_overflow = true;
	o->size_packets = least16(b->grant.packets);
	o->size_kib = least16(b->grant.bytes >> 10);
	o->lease_ms = (uint32_t)(left / 1000);
	o->overflow = (uint8_t)b->overflow;
	o->n_rules = b->filter.n;
	memcpy(o->rules, b->filter.rules, sizeof(o->rules));
	o->n_ages = b->n_ages;
	memcpy(o->ages, b->ages, sizeof(o->ages));
}

static bool get(const struct agent *a, const struct agent_node_conf *nc, const struct seen *s,
		mtime now, struct agent_kept *k)
{
	uint32_t home = known_home(a, nc);
	const struct binding *b = home ? binding_find(a, home) : NULL;
	const struct node *n = home ? node_look(a, ROLE_HOME, home) : NULL;
	const struct buffer *buf = n ? node_buffer(n) : NULL;

	if (!s->reg_id && !s->home_order_id && !s->early_next && !s->early_order_next)
		return false;
	memset(k, 0, offsetof(struct agent_kept, lease)); /* that is large, and seldom there */
	k->home_addr = nc->home_addr ? nc->home_addr : s->given;
	if (!nc->home_addr)
		snprintf(k->nai, sizeof(k->nai), "%s", nc->nai);
	k->reg_id = s->reg_id;
	k->reg_code = s->reg_code;
	k->reg_lifetime_s = s->reg_lifetime_s;
	k->order_id = s->home_order_id;
	k->draw_spi = s->draw.spi;
	if (s->draw.spi)
		memcpy(k->draw_nonce, s->draw.nonce, sizeof(k->draw_nonce));
	early_get(s->early, s->early_next, k->early);
	early_get(s->early_order, s->early_order_next, k->early_order);
	if (b && b->expires > now)
		binding_get(b, now, k);
	if (buf && buf->state == BUF_BUFFERING && buf->lease_ends - now >= MSEC(1))
		lease_get(a, buf, buf->lease_ends - now, k);
	return true;
}

/* Of two entries for one address the first counts. */
static bool counts(const struct agent *a, size_t i)
{
	const struct agent_node_conf *nc = &a->c.nodes[i];
	struct seen *s = NULL;

	return nc->home_addr ? conf_node(a, nc->home_addr, &s) && s == &a->seen[i]
			     : nc->sa.spi != 0;
}

bool agent_kept_next(const struct agent *a, const struct instant *now, struct agent_cursor *c,
		     struct agent_kept *out)
{
	while (a->c.home && c->i < a->c.n_nodes) {
		size_t i = c->i++;

		if (counts(a, i) && get(a, &a->c.nodes[i], &a->seen[i], now->t, out))
			return true;
	}
	return false;
}

size_t agent_kept_leases(const struct agent *a)
{
	return a->n_moving;
}

/* It is kept for as if it had asked now for what was left: within today's limits. */
static void lease_restore(struct agent *a, const struct order *o)
{
	struct node *n = a->c.buffers ? node_make(a, ROLE_HOME, o->home_addr) : NULL;
	struct moving *mv = n ? node_moving(a, n) : NULL;

	if (mv && buffer_begin(a, &mv->buf, o) <= ORDER_GRANTED_LESS)
		mv->buf.forward_id = o->id;
}

static const struct agent_node_conf *whose(const struct agent *a, const struct agent_kept *k,
					   struct seen **s)
{
	const struct rbuf nai = rb_init(k->nai, strlen(k->nai));

	return nai.left ? known_by_nai(a, &nai, s) : conf_node(a, k->home_addr, s);
}

bool agent_restore(struct agent *a, const struct agent_kept *k, const struct instant *now,
		   struct agent_out *out)
{
	const struct agent_node_conf *nc;
	bool has_it;
	struct seen *s;

	call_begin(a, now, out);
	nc = a->c.home ? whose(a, k, &s) : NULL;
	if (!nc || s->reg_id || s->home_order_id)
		return false;
	has_it = known_again(a, nc, k->home_addr) && !binding_find(a, k->home_addr);
	s->reg_id = k->reg_id;
	s->reg_code = k->reg_code;
	s->reg_lifetime_s = k->reg_lifetime_s;
	s->home_order_id = k->order_id;
	s->draw.spi = k->draw_spi;
	memcpy(s->draw.nonce, k->draw_nonce, sizeof(s->draw.nonce));
	early_put(k->early, s->early, &s->early_next);
	early_put(k->early_order, s->early_order, &s->early_order_next);
	if (has_it && k->bound && k->left > 0 && binding_restore(a, k)) {
		known_give(a, nc, k->home_addr);
		a->count.restored++;
	}
	if (k->leased && known_home(a, nc) == k->home_addr)
		lease_restore(a, &k->lease);
	nodes_settle(a);
	return true;
}

void agent_resumed(struct agent *a)
{
	a->floor = a->boot.ntp;
}

struct agent_changes agent_changes(const struct agent *a)
{
	return a->changes;
}
