/* SPDX-License-Identifier: MIT */
#include "agent/state.h"

#include <string.h>

enum { BOUND = 1, CO_LOCATED = 2, REVERSE = 4, LEASED = 8, ALL = 15 };

static const char magic[8] = { 'M', 'I', 'P', 'S', 'T', 'A', 'T', 'E' };

#define FOR_EVER 0xffffffffu

const char *state_fault_text(enum state_fault f)
{
	switch (f) {
	case STATE_GOOD:
		return "good";
	case STATE_FOREIGN:
		return "it is no state file";
	case STATE_VERSION_UNKNOWN:
		return "it is of another version of mipagentd";
	case STATE_DAMAGED:
		return "it is damaged or cut short";
	case STATE_NONSENSE:
		return "it says what no mipagentd would write";
	case STATE_OTHER:
		return "it is of another home agent or home network";
	case STATE_FUTURE:
		return "by our clock it was written in the future";
	}
	return "unknown";
}

/* ---- writing ---- */

size_t state_room(const struct agent *a, const struct agent_conf *c)
{
	size_t names = 0;

	for (size_t i = 0; i < c->n_nodes; i++)
		names += c->nodes[i].home_addr ? 0 : strlen(c->nodes[i].nai);
	return STATE_HEADER + SEAL_SUM + c->n_nodes * (STATE_RECORD + STATE_BOUND) + names +
	       agent_kept_leases(a) * (1 + ORDER_MAX);
}

static void put_lease(struct wbuf *w, const struct order *o)
{
	uint8_t buf[ORDER_MAX];
	struct wbuf order = wb_init(buf, sizeof(buf));

	order_encode(&order, o);
	if (!wb_ok(&order))
		w->bad = true;
	wb_u8(w, (uint8_t)order.len);
	wb_bytes(w, buf, order.len);
}

static void put(struct wbuf *w, const struct agent_kept *k)
{
	wb_u32(w, k->home_addr);
	wb_u8(w, (uint8_t)((k->bound ? BOUND : 0) | (k->co_located ? CO_LOCATED : 0) |
			   (k->reverse ? REVERSE : 0) | (k->leased ? LEASED : 0)));
	wb_u8(w, k->reg_code);
	wb_u16(w, k->reg_lifetime_s);
	wb_u64(w, k->reg_id);
	wb_u64(w, k->order_id);
	for (unsigned i = 0; i < KEPT_EARLY; i++)
		wb_u64(w, k->early[i]);
	for (unsigned i = 0; i < KEPT_EARLY; i++)
		wb_u64(w, k->early_order[i]);
	wb_u32(w, k->draw_spi);
	wb_bytes(w, k->draw_nonce, sizeof(k->draw_nonce));
	wb_u8(w, (uint8_t)strlen(k->nai));
	wb_bytes(w, k->nai, strlen(k->nai));
	if (k->bound) {
		wb_u32(w, k->care_of);
		wb_u32(w, k->to_addr);
		wb_u16(w, k->to_port);
		wb_u16(w, k->lifetime_s);
		wb_u32(w, k->left == MTIME_NEVER ? FOR_EVER : (uint32_t)(k->left / 1000));
	}
	if (k->leased)
		put_lease(w, &k->lease);
}

static void put_header(struct wbuf *w, const struct agent_conf *c, uint64_t ntp, uint32_t records)
{
	wb_bytes(w, magic, sizeof(magic));
	wb_u16(w, STATE_VERSION);
	wb_u8(w, c->home_prefix_len);
	wb_u8(w, 0);
	wb_u32(w, c->home_agent);
	wb_u32(w, c->home_net);
	wb_u64(w, ntp);
	wb_u32(w, records);
}

size_t state_encode(const struct agent *a, const struct agent_conf *c, const struct instant *now,
		    uint8_t *buf, size_t cap)
{
	struct wbuf w = wb_init(buf, cap), head = wb_init(buf, STATE_HEADER);
	struct agent_cursor at = { 0 };
	struct agent_kept k;
	uint32_t records = 0;

	wb_zero(&w, STATE_HEADER);
	for (; agent_kept_next(a, now, &at, &k); records++)
		put(&w, &k);
	if (!wb_ok(&w) || cap - w.len < SEAL_SUM)
		return 0;
	put_header(&head, c, now->ntp, records);
	return w.len;
}

/* ---- reading ---- */

static bool take_binding(struct rbuf *r, uint8_t flags, struct agent_kept *k)
{
	uint32_t ms;

	k->bound = true;
	k->co_located = flags & CO_LOCATED;
	k->reverse = flags & REVERSE;
	k->care_of = rb_u32(r);
	k->to_addr = rb_u32(r);
	k->to_port = rb_u16(r);
	k->lifetime_s = rb_u16(r);
	ms = rb_u32(r);
	k->left = ms == FOR_EVER ? MTIME_NEVER : MSEC(ms);
	if (!rb_ok(r) || !addr_is_unicast(k->care_of) || !addr_is_unicast(k->to_addr))
		return false;
	if (!k->to_port && k->to_addr != k->care_of)
		return false;
	return k->lifetime_s && (k->lifetime_s == LIFETIME_INFINITE
					 ? ms == FOR_EVER
					 : ms / 1000 <= k->lifetime_s);
}

static bool take_lease(struct rbuf *r, const struct state_reader *s, struct agent_kept *k)
{
	struct rbuf bytes = rb_take(r, rb_u8(r));
	const struct order *o = &k->lease;

	k->leased = true;
	return rb_ok(r) && order_decode(bytes.p, bytes.left, &k->lease) == DROP_NONE &&
	       o->message == ORDER_REQUEST && o->action == ORDER_BUFFER && !o->care_of &&
	       !(o->flags & ~ORDER_F_ELASTIC) && o->home_addr == k->home_addr &&
	       o->first_agent == s->home_agent && o->has_size && o->has_lease && o->lease_ms &&
	       order_sensible(o);
}

static bool in_network(const struct state_reader *s, uint32_t addr)
{
	uint32_t mask = s->prefix_len ? ~0u << (32 - s->prefix_len) : 0;

	return (addr & mask) == (s->home_net & mask) && addr != s->home_agent;
}

static bool take_nai(struct rbuf *r, struct agent_kept *k)
{
	uint8_t n = rb_u8(r);

	if (n > NAI_MAX)
		return false;
	rb_bytes(r, k->nai, n);
	return rb_ok(r) && strlen(k->nai) == n;
}

/* Its times are those of when it was written. */
static bool take(struct state_reader *s, struct agent_kept *k)
{
	struct rbuf *r = &s->r;
	uint8_t flags;

	*k = (struct agent_kept){.home_addr = rb_u32(r)};
	flags = rb_u8(r);
	k->reg_code = rb_u8(r);
	k->reg_lifetime_s = rb_u16(r);
	k->reg_id = rb_u64(r);
	k->order_id = rb_u64(r);
	for (unsigned i = 0; i < KEPT_EARLY; i++)
		k->early[i] = rb_u64(r);
	for (unsigned i = 0; i < KEPT_EARLY; i++)
		k->early_order[i] = rb_u64(r);
	k->draw_spi = rb_u32(r);
	rb_bytes(r, k->draw_nonce, sizeof(k->draw_nonce));
	if (!take_nai(r, k) || (flags & ~ALL))
		return false;
	if (!in_network(s, k->home_addr) && (k->home_addr || !k->nai[0] || flags))
		return false;
	if (k->draw_spi && k->draw_spi < SPI_MIN)
		return false;
	if (!(flags & BOUND) ? flags & (CO_LOCATED | REVERSE) : !take_binding(r, flags, k))
		return false;
	return !(flags & LEASED) || take_lease(r, s, k);
}

static bool all_sensible(struct state_reader s)
{
	struct agent_kept k;

	for (; s.left; s.left--)
		if (!take(&s, &k))
			return false;
	return rb_end(&s.r);
}

static enum state_fault header(struct state_reader *s, const struct agent_conf *c,
			       const struct instant *now)
{
	struct rbuf *r = &s->r;
	uint64_t written;
	uint8_t zero;
	int64_t since;

	s->prefix_len = rb_u8(r);
	zero = rb_u8(r);
	s->home_agent = rb_u32(r);
	s->home_net = rb_u32(r);
	written = rb_u64(r);
	s->left = rb_u32(r);
	if (!rb_ok(r) || zero || s->prefix_len > 32)
		return STATE_NONSENSE;
	if (s->prefix_len != c->home_prefix_len || s->home_agent != c->home_agent ||
	    s->home_net != c->home_net)
		return STATE_OTHER;
	since = (int64_t)(now->ntp - written);
	if (since < -((int64_t)STATE_AHEAD_S << 32))
		return STATE_FUTURE;
	s->since = since < 0 ? 0
			     : SEC(since >> 32) +
				       (mtime)(((uint64_t)since & 0xffffffff) * 1000000 >> 32);
	return STATE_GOOD;
}

enum state_fault state_open(struct state_reader *s, const uint8_t *p, size_t n,
			    const struct agent_conf *c, const struct instant *now)
{
	enum state_fault f;

	*s = (struct state_reader){.left = 0};
	switch (seal_open(&s->r, p, n, magic, STATE_VERSION, STATE_HEADER)) {
	case SEALED_FOREIGN:
		return STATE_FOREIGN;
	case SEALED_VERSION:
		return STATE_VERSION_UNKNOWN;
	case SEALED_DAMAGED:
		return STATE_DAMAGED;
	case SEALED_GOOD:
		break;
	}
	f = header(s, c, now);
	if (f != STATE_GOOD)
		return f;
	return all_sensible(*s) ? STATE_GOOD : STATE_NONSENSE;
}

bool state_next(struct state_reader *s, struct agent_kept *k)
{
	mtime left;

	if (!s->left || !take(s, k))
		return false;
	s->left--;
	if (k->bound && k->left != MTIME_NEVER)
		k->left -= s->since;
	if (k->leased) {
		left = MSEC(k->lease.lease_ms) - s->since;
		k->leased = left >= MSEC(1);
		k->lease.lease_ms = k->leased ? (uint32_t)(left / 1000) : 0;
	}
	return true;
}
