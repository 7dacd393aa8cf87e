/* SPDX-License-Identifier: MIT */
#include "agent/machine.h"

#include <string.h>

static void lose(struct agent *a, struct buffer *b, enum drop why)
{
	b->dropped++;
	b->lost[why]++;
	drop(a, why);
}

/* ---- what the node lets us drop: its Filter ---- */

/* The first eight bytes behind the header, where a packet has ports there. */
static bool ports(const struct ipv4 *ip, uint16_t *sport, uint16_t *dport)
{
	struct rbuf r = ip->payload;

	if (ip->frag_off || (ip->protocol != PROTO_TCP && ip->protocol != PROTO_UDP))
		return false;
	*sport = rb_u16(&r);
	*dport = rb_u16(&r);
	return rb_ok(&r);
}

static bool within(uint16_t v, uint16_t low, uint16_t high)
{
	return v >= low && v <= high;
}

static bool holds(const struct order_rule *x, const struct ipv4 *ip)
{
	uint32_t mask = x->prefix_len ? ~(uint32_t)0 << (32 - x->prefix_len) : 0;
	uint16_t sport, dport;

	if ((x->match & MATCH_PROTOCOL) && ip->protocol != x->protocol)
		return false;
	if ((x->match & MATCH_SOURCE) && (ip->src ^ x->source) & mask)
		return false;
	if ((x->match & MATCH_DSCP) && ip->tos >> 2 != x->dscp)
		return false;
	if (!(x->match & (MATCH_SPORT | MATCH_DPORT)))
		return true;
	if (!ports(ip, &sport, &dport))
		return false;
	return (!(x->match & MATCH_SPORT) || within(sport, x->sport_low, x->sport_high)) &&
	       (!(x->match & MATCH_DPORT) || within(dport, x->dport_low, x->dport_high));
}

/* A later fragment whose first did not come has ports that nobody knows: no rule about them. */
static bool matches(const struct filter *f, const struct ipv4 *ip)
{
	for (unsigned i = 0; i < f->n; i++) {
		const struct order_rule *x = &f->rules[i];

		if (ip->frag_off && (x->match & (MATCH_SPORT | MATCH_DPORT)))
			continue;
		if (holds(x, ip) != !!(x->match & MATCH_INVERT))
			return true;
	}
	return false;
}

static struct fragment *fragment_of(struct filter *f, const struct ipv4 *ip)
{
	for (unsigned i = 0; i < FRAGMENTS_MAX; i++) {
		struct fragment *x = &f->fragments[i];

		if (x->known && x->src == ip->src && x->id == ip->id &&
		    x->protocol == ip->protocol)
			return x;
	}
	return NULL;
}

static void remember(struct filter *f, const struct ipv4 *ip, bool matched)
{
	struct fragment *x = fragment_of(f, ip);

	if (!x)
		x = &f->fragments[f->next++ % FRAGMENTS_MAX];
	*x = (struct fragment){ .known = true, .src = ip->src, .id = ip->id,
				.protocol = ip->protocol, .matched = matched };
}

static bool filtered(struct filter *f, const uint8_t *pkt, size_t n)
{
	const struct fragment *x;
	struct ipv4 ip;
	bool m;

	if (!f->n || ipv4_decode(pkt, n, &ip) != DROP_NONE)
		return false;
	x = ip.frag_off ? fragment_of(f, &ip) : NULL;
	if (x)
		return x->matched;
	m = matches(f, &ip);
	if (ip.mf && !ip.frag_off)
		remember(f, &ip, m);
	return m;
}

/* ---- how much, and what goes when it is full ---- */

static bool fits(const struct agent *a, const struct buffer *b, size_t n)
{
	/* SERVING still delivers what was kept: no lease says how much that may be */
	bool serving = b->state == BUF_SERVING || b->state == BUF_RESERVED;
	const struct buffer_limits *most = serving ? &a->c.per_node : &b->grant;

	if (b->q.packets < most->packets && b->q.bytes + n <= most->bytes)
		return true;
	return grant_elastic(a, b, n);
}

/* Bytes that one packet less has freed; 0: the new one is the one that goes. */
static size_t make_room(struct agent *a, struct buffer *b, const uint8_t *pkt, size_t n)
{
	size_t freed = 0;

	if (b->overflow == OVERFLOW_LOWEST && pktq_lowest(&b->q) <= pktq_class(pkt, n))
		freed = pktq_drop_lowest(&a->pool, &b->q);
	else if (b->overflow == OVERFLOW_OLDEST)
		freed = pktq_drop(&a->pool, &b->q);
	lose(a, b, DROP_OVERFLOW);
	return freed;
}

/* No more is dropped than comes: a smaller grant costs nothing that was kept under a larger one. */
static bool admit(struct agent *a, struct buffer *b, const uint8_t *pkt, size_t n)
{
	size_t freed = 0, one;

	while (b->q.packets && freed < n && !fits(a, b, n)) {
		one = make_room(a, b, pkt, n);
		if (!one)
			return false;
		freed += one;
	}
	while (!pktq_push(&a->pool, &b->q, pkt, n, a->now.t)) {
		if (!make_room(a, b, pkt, n))
			return false;
	}
	return true;
}

void buffer_keep(struct agent *a, struct buffer *b, const uint8_t *pkt, size_t n)
{
	if (b->state == BUF_BUFFERING && filtered(&b->filter, pkt, n)) {
		lose(a, b, DROP_FILTERED);
		return;
	}
	if (!admit(a, b, pkt, n))
		return;
	b->kept++;
	a->count.kept++;
}

/* ---- what leaves it ---- */

/* The node has it already.  Each of its words is worth one packet. */
static bool seen(struct buffer *b, uint8_t *pkt, size_t n)
{
	uint8_t ttl, sum[2];
	uint32_t hash;

	if (!b->seen_left || !b->n_seen || n < IPV4_HEADER_LEN)
		return false;
	b->seen_left--;
	ttl = pkt[8];
	memcpy(sum, pkt + 10, 2);
	pkt[8] = pkt[10] = pkt[11] = 0;
	hash = auth_sha256_32(pkt, n);
	pkt[8] = ttl;
	memcpy(pkt + 10, sum, 2);
	for (unsigned i = 0; i < b->n_seen; i++) {
		if (b->seen[i] != hash)
			continue;
		b->seen[i] = b->seen[--b->n_seen];
		return true;
	}
	return false;
}

static bool too_old(const struct agent *a, const struct buffer *b, const uint8_t *pkt, mtime at)
{
	const struct order_age *any = NULL;

	for (unsigned i = 0; i < b->n_ages; i++) {
		const struct order_age *x = &b->ages[i];

		if (x->dscp == pkt[1] >> 2)
			return a->now.t - at > MSEC(x->ms);
		if (x->dscp == AGE_ANY_DSCP && !any)
			any = x;
	}
	return any && a->now.t - at > MSEC(any->ms);
}

uint8_t *buffer_take(struct agent *a, struct buffer *b, size_t *n)
{
	for (unsigned i = 0; i < TAKE_MAX; i++) {
		enum drop why = DROP_NONE;
		mtime at;
		uint8_t *p = take_packet(a, &b->q, n, &at);

		if (!p)
			return NULL;
		if (seen(b, p, *n))
			why = DROP_SEEN;
		else if (too_old(a, b, p, at))
			why = DROP_AGE;
		if (why == DROP_NONE)
			return p;
		a->scratch_used -= *n;
		lose(a, b, why);
	}
	return NULL;
}

void buffer_discard(struct agent *a, struct buffer *b, enum drop why)
{
	a->drops.n[why] += b->q.packets;
	b->dropped += b->q.packets;
	b->lost[why] += b->q.packets;
	pktq_clear(&a->pool, &b->q);
}
