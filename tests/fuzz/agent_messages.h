/* SPDX-License-Identifier: MIT */
#ifndef MIP_FUZZ_AGENT_MESSAGES_H
#define MIP_FUZZ_AGENT_MESSAGES_H

#include "tests/fuzz/agents.h"

/* What a node, or whoever has a key, says to the agents: its fields from the input, its signature
 * right. */

static inline uint32_t say_addr(struct rbuf *in)
{
	return fuzz_addrs[fuzz_choice(in, ADDRS)];
}

/* Mostly the next one: a byte says how far off. */
static inline uint64_t say_id(struct rbuf *in, struct agents *g)
{
	int8_t off = (int8_t)rb_u8(in);
	uint64_t id = g->now.ntp > g->last_id ? g->now.ntp : g->last_id + 1;

	if (off >= 0)
		g->last_id = id;
	return off >= 64 ? id + ((uint64_t)(off - 64) << 34) : off < 0 ? g->last_id + off : id;
}

static inline void say_kept(struct rbuf *in, struct order *o)
{
	uint8_t what = rb_u8(in);

	o->has_size = what & 1;
	o->has_lease = what & 2;
	o->has_overflow = what & 4;
	o->n_rules = what & 8 ? 1 + fuzz_choice(in, 3) : 0;
	o->n_seen = what & 16 ? 1 + fuzz_choice(in, 4) : 0;
	o->n_ages = what & 32 ? 1 + fuzz_choice(in, 3) : 0;
	o->size_packets = o->has_size ? rb_u16(in) : 0;
	o->size_kib = o->has_size ? rb_u16(in) : 0;
	o->lease_ms = o->has_lease ? rb_u16(in) : 0;
	o->overflow = o->has_overflow ? rb_u8(in) & 3 : 0;
	for (unsigned i = 0; i < o->n_rules; i++) {
		struct order_rule *r = &o->rules[i];

		r->match = rb_u8(in) & MATCH_ALL;
		r->protocol = rb_u8(in);
		r->prefix_len = rb_u8(in) % 33;
		r->dscp = r->protocol & 63;
		r->source = CN;
		r->sport_high = rb_u16(in);
		r->dport_high = r->sport_high;
	}
	for (unsigned i = 0; i < o->n_seen; i++)
		o->seen[i] = rb_u16(in);
	for (unsigned i = 0; i < o->n_ages; i++) {
		o->ages[i].dscp = rb_u8(in);
		o->ages[i].ms = rb_u16(in);
	}
}

/* An order; its length.  kh: what the second agent signs with for it. */
static inline size_t say_order(struct rbuf *in, struct agents *g, uint8_t *buf, size_t cap)
{
	static const uint8_t types[] = {EXT_MN_FA, EXT_MN_FA, EXT_MN_HA, EXT_FA_HA, 36};
	uint8_t action = rb_u8(in), flags = rb_u8(in), type, key;
	struct order o = {.message = ORDER_REQUEST, .action = action, .flags = flags};
	struct wbuf w = wb_init(buf, cap);

	if (o.action >= 0x40)
		o.message = o.action >> 6;
	o.action &= 7;
	o.home_addr = HOME + (o.flags & 3 ? 0 : fuzz_choice(in, 2));
	o.first_agent = say_addr(in);
	o.care_of = say_addr(in);
	o.id = say_id(in, g);
	say_kept(in, &o);
	type = types[fuzz_choice(in, sizeof(types))];
	key = rb_u8(in) % KEYS;
	if (o.message == ORDER_MARKER) {
		o.has_count = o.action & 1;
		o.count = rb_u8(in);
		o.action = 0;
	}
	order_encode(&w, &o);
	if (g->key[key].spi)
		auth_append(&w, type, GA_FA_FA, &g->key[key]);
	auth_handoff_key(&g->key[key].key, o.id, o.home_addr, o.first_agent, o.care_of,
			 &g->key[KEY_KH]);
	return wb_ok(&w) ? w.len : 0;
}

static inline void say_rider(struct rbuf *in, struct agents *g, struct wbuf *w)
{
	uint8_t order[ORDER_MAX];
	size_t n = say_order(in, g, order, sizeof(order));

	mip_ext_append(w, SUB_RELAYED_ORDER, order, n);
}

/* A Registration Request; its length. */
static inline size_t say_request(struct rbuf *in, struct agents *g, uint8_t *buf, size_t cap)
{
	static const char *const names[] = {"a@example.net", "b@example.net", "fixed@example.net",
					    "nobody@example.net"};
	uint8_t flags = rb_u8(in);
	struct mip_request m = {.flags = flags, .lifetime_s = rb_u16(in)};
	struct wbuf w = wb_init(buf, cap);
	uint8_t what = rb_u8(in), more = rb_u8(in);
	struct mip_udp_request u = {.force = more & 1,
				    .registration_required = more & 2,
				    .encapsulation = more & 4 ? 4 : 0};
	uint8_t key = more >> 5;

	m.home_addr = what & 1 ? say_addr(in) : HOME;
	m.home_agent = what & 2 ? say_addr(in) : agent_addr[HA];
	m.care_of = say_addr(in);
	m.id = say_id(in, g);
	mip_request_encode(&w, &m);
	if (what & 4)
		mip_nai_append(&w, names[more >> 3 & 3], strlen(names[more >> 3 & 3]));
	if (what & 8)
		mip_udp_request_append(&w, &u);
	auth_append(&w, EXT_MN_HA, 0, &g->key[KEY_MN_HA]);
	if (what & 16)
		say_rider(in, g, &w);
	if (what & 32)
		say_rider(in, g, &w);
	if (what & 64)
		mip_ext_append(&w, SUB_HANDOFF_KEY, g->key[KEY_KH].key.b, 32);
	if (key < KEYS && key && g->key[key].spi)
		auth_append(&w, key == KEY_FA_HA ? EXT_FA_HA : EXT_MN_FA, 0, &g->key[key]);
	return wb_ok(&w) ? w.len : 0;
}

/* Whatever the input says, with its header made plausible and signed once or twice. */
static inline size_t say_signed(struct rbuf *in, struct agents *g, uint8_t *buf, size_t cap)
{
	static const uint8_t types[] = {EXT_MN_HA, EXT_MN_FA, EXT_FA_HA, EXT_GENERAL_AUTH};
	uint8_t how = rb_u8(in), first = rb_u8(in), second = rb_u8(in);
	struct rbuf body = fuzz_piece(in);
	struct wbuf w = wb_init(buf, cap), fixed;

	wb_bytes(&w, body.p, body.left);
	if (how & 1 && w.len >= MIP_REPLY_LEN) {
		uint64_t id = say_id(in, g);
		size_t at = buf[0] == MIP_REPLY ? 12 : 16;

		fixed = wb_init(buf + 4, 4);
		wb_u32(&fixed, HOME);
		fixed = wb_init(buf + at, w.len >= at + 8 ? 8 : 0);
		wb_u64(&fixed, id);
	}
	if (first < 64 && g->key[first % KEYS].spi)
		auth_append(&w, types[how >> 1 & 3], GA_FA_FA, &g->key[first % KEYS]);
	body = fuzz_piece(in);
	wb_bytes(&w, body.p, body.left);
	if (second < 64 && g->key[second % KEYS].spi)
		auth_append(&w, types[how >> 3 & 3], GA_FA_FA, &g->key[second % KEYS]);
	return wb_ok(&w) && w.len <= MIP_MSG_MAX ? w.len : 0;
}

#endif
