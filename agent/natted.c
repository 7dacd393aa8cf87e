/* SPDX-License-Identifier: MIT */
#include "agent/natted.h"

#include <stdlib.h>
#include <utlist.h>

bool natted_asks(const struct agent *a, uint32_t home_agent)
{
	return a->c.foreign_nat != AGENT_NAT_NO && !own_addr(a, home_agent);
}

static struct natted *find(const struct agent *a, uint32_t home_agent)
{
	struct natted *t = NULL;

	HASH_FIND(hh, a->natted, &home_agent, sizeof(home_agent), t);
	return t;
}

static void end(struct agent *a, struct natted *t)
{
	HASH_DEL(a->natted, t);
	timers_leave(&a->timers, &t->timer);
	free(t);
}

/* They are no more than visitors. */
static struct natted *begin(struct agent *a, uint32_t home_agent)
{
	struct natted *t = calloc(1, sizeof(*t));

	if (!t || !timers_join(&a->timers, &t->timer, TIMER_NATTED)) {
		free(t);
		return NULL;
	}
	t->home_agent = home_agent;
	HASH_ADD(hh, a->natted, home_agent, sizeof(t->home_agent), t);
	if (t->hh.tbl)
		return t;
	timers_leave(&a->timers, &t->timer);
	free(t);
	return NULL;
}

void natted_leave(struct agent *a, struct node *n)
{
	struct natted *t = n->nat;

	if (!t)
		return;
	n->nat = NULL;
	DL_DELETE2(t->visitors, n, nat_prev, nat_next);
	if (!t->visitors)
		end(a, t);
}

/* Whoever has just registered speaks for all: its way is the one that the home agent knows. */
void natted_join(struct agent *a, struct node *n, uint16_t keepalive_s)
{
	struct natted *t = find(a, n->home_agent);

	if (!t)
		t = begin(a, n->home_agent);
	if (n->nat != t)
		natted_leave(a, n);
	if (!t) {
		drop(a, DROP_LIMIT);
		return;
	}
	if (n->nat)
		DL_DELETE2(t->visitors, n, nat_prev, nat_next);
	n->nat = t;
	DL_PREPEND2(t->visitors, n, nat_prev, nat_next);
	keepalive_start(&t->alive, keepalive_s, a->now.t);
	t->told = false;
	timer_set(&a->timers, &t->timer, keepalive_deadline(&t->alive));
	if (a->behind_nat)
		return;
	/* From now on our advertisements say so (RFC 3519 3.4), at once. */
	a->behind_nat = true;
	a->advert_at = a->now.t;
}

bool natted_is(const struct agent *a, const struct from *f)
{
	if (!a->c.foreign || f->dst != a->c.care_of || f->sport != MIP_PORT)
		return false;
	if (find(a, f->src))
		return true;
	if (!natted_asks(a, f->src))
		return false;
	for (unsigned i = 0; i < a->n_pending; i++)
		if (a->pending[i].home_agent == f->src)
			return true;
	return false;
}

/* It overtakes nothing, and is for us alone. */
static bool is_answer(const struct agent *a, const struct natted *t, const struct ipv4 *ip)
{
	const struct node *n = node_look(a, ROLE_VISITOR, ip->dst);

	return n && n->nat == t && keepalive_is_answer(ip, t->home_agent);
}

static enum drop packet(struct agent *a, uint32_t home_agent, const struct ipv4 *ip, uint8_t *inner)
{
	struct node *n = node_look(a, ROLE_VISITOR, ip->dst);

	if (!ip->ttl)
		return DROP_TTL;
	if (!n)
		return DROP_NOT_VISITOR;
	if (!node_quiet(n))
		node_touch(a, n);
	foreign_tunnel(a, n, &(struct way){ home_agent, MIP_PORT }, inner, ip->total_len);
	return DROP_NONE;
}

bool natted_udp(struct agent *a, const struct from *f, uint8_t *p, size_t n)
{
	struct natted *t = find(a, f->src);
	enum drop why = DROP_NONE;
	struct ipv4 ip;
	struct rbuf r;
	struct udp u;

	if (!mip_tunnel_decode(p, n, &r))
		why = n < MIP_TUNNEL_LEN ? DROP_SHORT : DROP_MALFORMED;
	else if (ipv4_decode(r.p, r.left, &ip) != DROP_NONE)
		why = DROP_IP_HEADER;
	if (why != DROP_NONE) {
		drop(a, why);
		return false;
	}
	if (t) {
		keepalive_heard(&t->alive, a->now.t);
		t->told = false;
	}
	if (t && is_answer(a, t, &ip))
		return false;
	if (ip.dst == a->c.care_of && is_control(&ip, &u)) {
		if (ip.src != f->src)
			drop(a, DROP_INNER_SOURCE);
		else
			orders_marker(a, f->src, ROLE_VISITOR, u.payload.p, u.payload.left);
		return true;
	}
	why = packet(a, f->src, &ip, p + MIP_TUNNEL_LEN);
	if (why != DROP_NONE)
		drop(a, why);
	return false;
}

void natted_up(struct agent *a, struct node *n, const uint8_t *pkt, size_t len)
{
	struct way to = { n->home_agent, n->nat ? MIP_PORT : 0 };

	if (n->nat)
		n->nat->alive.sent = a->now.t;
	out_tunnel(a, a->c.care_of, &to, pkt, len, false);
}

/*
 * We may register nobody (RFC 5944 3.7), but say that we have forgotten all (2.4.4): then they
 * register again, and the home agent sees where we are.  Once: all hear it, those of other home
 * agents too, and one that is gone for good must not have them register over and over.
 */
static void dead(struct agent *a, struct natted *t)
{
	char addr[ADDR_STRLEN];

	if (t->told)
		return;
	t->told = true;
	out_note(a, t->visitors->home, "is not heard by its home agent %s inside UDP: the visitors "
		 "are told to register again", addr_fmt(addr, t->home_agent));
	a->advert_seq = 0;
	a->advert_at = a->now.t;
}

/* Who has left without a word is answered no more: after him the next one asks. */
static void ask(struct agent *a, struct natted *t)
{
	struct node *first = t->visitors;
	uint8_t buf[64];
	size_t n;

	if (t->alive.asks > 1) {
		DL_DELETE2(t->visitors, first, nat_prev, nat_next);
		DL_APPEND2(t->visitors, first, nat_prev, nat_next);
	}
	n = keepalive_build(&t->alive, t->visitors->home, t->home_agent, a->ip_id++, buf,
			    sizeof(buf));
	out_tunnel_copy(a, a->c.care_of, &(struct way){ t->home_agent, MIP_PORT }, buf, n);
	a->count.keepalives_sent++;
}

void natted_tick(struct agent *a, struct natted *t)
{
	switch (keepalive_due(&t->alive, a->now.t)) {
	case KEEPALIVE_WAIT:
		break;
	case KEEPALIVE_ASK:
		ask(a, t);
		break;
	case KEEPALIVE_DEAD:
		dead(a, t);
		break;
	}
	timer_set(&a->timers, &t->timer, keepalive_deadline(&t->alive));
}

void natted_free(struct agent *a)
{
	struct natted *t = a->natted, *next;

	HASH_CLEAR(hh, a->natted);
	for (; t; t = next) {
		next = t->hh.next;
		timers_leave(&a->timers, &t->timer);
		free(t);
	}
}
