/* SPDX-License-Identifier: MIT */
#ifndef MIP_FUZZ_PHONE_MESSAGES_H
#define MIP_FUZZ_PHONE_MESSAGES_H

#include "tests/fuzz/phone.h"

/* What agents say to the node: fields from the input, signed as they should be, or as the input
 * says. */
static inline void say_piece(struct rbuf *in, struct wbuf *w)
{
	struct rbuf piece = fuzz_piece(in);

	wb_bytes(w, piece.p, piece.left);
}

static inline void say_udp_reply(struct rbuf *in, struct wbuf *w)
{
	uint8_t code = rb_u8(in);
	struct mip_udp_reply u = {
	    .code = code & 0xfe, .forced = code & 1, .keepalive_s = rb_u16(in)};

	mip_udp_reply_append(w, &u);
}

/* The key of it is what orders are signed with from now on. */
static inline void say_nonce(struct rbuf *in, struct phone *p, uint32_t care_of, struct wbuf *w)
{
	struct dealt_node d = {.spi = DEALT_SPI_BIT | rb_u16(in)};

	d.lifetime_s = rb_u16(in);
	memset(d.nonce, rb_u8(in), sizeof(d.nonce));
	mip_node_nonce_append(w, &d);
	dealt_order_key(&p->key[KEY_HOME].key, d.nonce, HOME, care_of, d.spi, &p->key[KEY_DEALT]);
}

/* To the last Request; its length, 0: there was none. */
static inline size_t say_reply(struct rbuf *in, struct phone *p, uint8_t *buf, size_t cap)
{
	static const uint8_t codes[] = {0, 1, 133, 64, 67, 69, 77, 80, 96, 128, 129, 131, 136, 142};
	struct mip_reply r = {.code = rb_u8(in)};
	uint16_t lifetime_s = rb_u16(in);
	uint8_t what = rb_u8(in), more = rb_u8(in);
	struct wbuf w = wb_init(buf, cap);
	struct mip_request q;
	struct mip_exts x;

	if (mip_request_decode(p->request, p->request_len, &q, &x) != DROP_NONE)
		return 0;
	r.lifetime_s = lifetime_s;
	if (r.code < 128)
		r.code = codes[r.code % sizeof(codes)];
	r.home_addr = what & 1 ? say_addr(in) : q.home_addr ? q.home_addr : HOME;
	r.home_agent = what & 2 ? say_addr(in) : q.home_agent;
	r.id = q.id;
	if (what & 4)
		r.id ^= (uint64_t)rb_u8(in) << (more & 32 ? 0 : 32);
	mip_reply_encode(&w, &r);
	if (x.nai.left && !(what & 8))
		mip_nai_append(&w, x.nai.p, x.nai.left);
	if (what & 16)
		say_udp_reply(in, &w);
	if (what & 32)
		say_nonce(in, p, q.care_of, &w);
	if (what & 64)
		say_piece(in, &w);
	if (!(more & 1))
		auth_append(&w, EXT_MN_HA, 0, &p->key[KEY_HOME]);
	if (what & 128)
		say_piece(in, &w);
	if (more & 6) /* at home the home agent's key is that of both */
		auth_append(&w, EXT_MN_FA, 0, &p->key[(more >> 1 & 3) % KEY_DEALT]);
	return wb_ok(&w) && w.len <= MIP_MSG_MAX ? w.len : 0;
}

static inline void say_grant(struct rbuf *in, struct order *r)
{
	uint8_t what = rb_u8(in);

	r->has_size = what & 1;
	r->has_lease = what & 2;
	r->has_count = what & 4;
	r->has_delivered = what & 8;
	r->has_state = what & 16;
	r->size_packets = r->has_size ? rb_u16(in) : 0;
	r->size_kib = r->has_size ? rb_u16(in) : 0;
	r->lease_ms = r->has_lease ? rb_u32(in) & 0x7fffffff : 0;
	r->count = r->has_count ? rb_u32(in) : 0;
	r->delivered = r->has_delivered ? rb_u32(in) : 0;
	r->state.queued = r->has_state ? rb_u32(in) : 0;
}

/* To one of the last orders; its length, 0: there was none. */
static inline size_t say_order_reply(struct rbuf *in, struct phone *p, uint8_t *buf, size_t cap)
{
	static const uint8_t codes[] = {0, 0, 1, 128, 130, 131, 133, 134, 136, 140, 141, 142, 143};
	unsigned k = rb_u8(in) % ORDERS;
	uint8_t code = rb_u8(in), how = rb_u8(in);
	struct wbuf w = wb_init(buf, cap);
	struct order o, r;
	const struct sa *sa;

	if (k >= p->n_orders)
		return 0;
	k = (p->n_orders - 1 - k) % ORDERS;
	if (order_decode(p->order[k].p, p->order[k].n, &o) != DROP_NONE)
		return 0;
	r = (struct order){.message = how & 128 ? ORDER_MARKER : ORDER_REPLY,
			   .action = how & 128 ? 0 : codes[code % sizeof(codes)],
			   .flags = rb_u8(in),
			   .home_addr = o.home_addr,
			   .first_agent = o.first_agent,
			   .care_of = o.care_of,
			   .id = o.id};
	if (how & 64)
		r.first_agent = say_addr(in);
	if (how & 32)
		r.id += (uint64_t)rb_u16(in) << 32;
	say_grant(in, &r);
	order_encode(&w, &r);
	sa = how & 3				 ? &p->key[how & 3]
	     : o.first_agent == HOME_AGENT	 ? &p->key[KEY_HOME]
	     : o.first_agent == agent_care_of[0] ? &p->key[KEY_A]
						 : &p->key[KEY_B];
	if (sa->spi)
		auth_append(&w, o.mn_fa.present && !(how & 4) ? EXT_MN_FA : EXT_MN_HA, 0, sa);
	if (how & 8)
		say_piece(in, &w);
	return wb_ok(&w) ? w.len : 0;
}

/* An advertisement of one of two agents, or of the home agent; its length. */
static inline size_t say_advert(struct rbuf *in, unsigned *from, uint8_t *buf, size_t cap)
{
	uint8_t what = rb_u8(in);
	struct wbuf w = wb_init(buf, cap);
	uint16_t lifetime_s = what & 4 ? rb_u16(in) : 180;
	uint16_t longest_s = what & 8 ? rb_u16(in) : 1800;
	struct advert a = {.icmp_lifetime_s = lifetime_s,
			   .sequence = rb_u8(in),
			   .reg_lifetime_s = longest_s,
			   .flags = ADVERT_F | ADVERT_T,
			   .buffers = !(what & 16),
			   .buffer_kib = 4096,
			   .buffer_lease_ms = 8000};

	*from = what & 3;
	if (*from == 2) {
		a.flags = ADVERT_H;
		a.router = HOME_AGENT;
		a.has_prefix = true;
		a.prefix_len = 24;
	} else {
		a.care_of[a.n_care_of++] = agent_care_of[*from & 1];
	}
	if (what & 32)
		a.flags ^= rb_u16(in);
	if (what & 64)
		a.n_neighbours = 1 + fuzz_choice(in, ADVERT_NEIGHBOURS_MAX);
	for (unsigned i = 0; i < a.n_neighbours; i++) {
		a.neighbours[i].bssid = phone_mac(rb_u8(in) & 7);
		a.neighbours[i].agent_mac = phone_mac(16 + (rb_u8(in) & 7));
		a.neighbours[i].agent_addr = say_addr(in);
		a.neighbours[i].care_of = say_addr(in);
	}
	if (what & 128 && a.n_care_of)
		a.care_of[0] = say_addr(in);
	advert_encode(&w, &a);
	return wb_ok(&w) ? w.len : 0;
}

#endif
