/* SPDX-License-Identifier: MIT */
#include "common/order_priv.h"

#define LEASE_REFUSED 0xffffffffu /* "for ever" in the 1999 draft */

static enum drop take_auth(const struct mip_ext *e, struct order *o)
{
	struct auth_ext *slot;

	switch (e->type) {
	case EXT_MN_HA:
		slot = &o->mn_ha;
		break;
	case EXT_MN_FA:
		slot = &o->mn_fa;
		break;
	case EXT_FA_HA:
		slot = &o->fa_ha;
		break;
	default:
		if (e->subtype != GA_FA_FA)
			return DROP_EXTENSION;
		slot = &o->handoff;
		break;
	}
	if (slot->present || !mip_auth_ext_read(e, slot))
		return DROP_MALFORMED;
	return DROP_NONE;
}

static bool take_size(struct rbuf r, struct order *o)
{
	o->has_size = true;
	o->size_packets = rb_u16(&r);
	o->size_kib = rb_u16(&r);
	return rb_end(&r);
}

static bool take_lease(struct rbuf r, struct order *o)
{
	o->has_lease = true;
	o->lease_ms = rb_u32(&r);
	return rb_end(&r) && o->lease_ms != LEASE_REFUSED;
}

static bool take_state(struct rbuf r, struct order *o)
{
	struct order_state *s = &o->state;

	o->has_state = true;
	s->state = rb_u8(&r);
	rb_skip(&r, 1);
	s->queued = rb_u32(&r);
	s->bytes = rb_u32(&r);
	s->forwarded = rb_u32(&r);
	s->dropped_overflow = rb_u32(&r);
	s->dropped_filter = rb_u32(&r);
	s->dropped_age = rb_u32(&r);
	s->lease_left_ms = rb_u32(&r);
	return rb_end(&r);
}

static bool take_u32(struct rbuf r, bool *has, uint32_t *out)
{
	*has = true;
	*out = rb_u32(&r);
	return rb_end(&r);
}

/* One of each at most: two grants in one message would leave it to the reader which one holds. */
static bool take_experimental(const struct mip_ext *e, struct order *o)
{
	switch (e->subtype) {
	case SUB_SIZE:
		return !o->has_size && take_size(e->data, o);
	case SUB_LEASE:
		return !o->has_lease && take_lease(e->data, o);
	case SUB_FILTER:
		return order_take_filter(e->data, o);
	case SUB_SEEN:
		return order_take_seen(e->data, o);
	case SUB_OVERFLOW:
		return order_take_overflow(e->data, o);
	case SUB_MAX_AGE:
		return order_take_age(e->data, o);
	case SUB_STATE:
		return !o->has_state && take_state(e->data, o);
	case SUB_COUNT:
		return !o->has_count && take_u32(e->data, &o->has_count, &o->count);
	case SUB_RELAYED_ORDER:
		if (o->message != ORDER_REQUEST || o->action != ORDER_BUFFER || o->relayed.left)
			return false;
		o->relayed = e->data;
		return o->relayed.left > 0;
	case SUB_DELIVERED:
		return !o->has_delivered && take_u32(e->data, &o->has_delivered, &o->delivered);
	default:
		return true;
	}
}

static bool is_auth(uint8_t type)
{
	return type == EXT_MN_HA || type == EXT_MN_FA || type == EXT_FA_HA ||
	       type == EXT_GENERAL_AUTH;
}

/*
 * auth_end is where the last authentication extension ended, 0 before the first:
 * from there on nothing else may stand, not even padding, for nothing covers it.
 */
static enum drop read_exts(const uint8_t *msg, size_t len, struct order *o)
{
	struct mip_walker w = {.msg = msg, .len = len, .off = ORDER_LEN};
	size_t auth_end = 0;
	enum drop why = DROP_NONE;
	enum mip_walk step;
	struct mip_ext e;

	while ((step = mip_walk_next(&w, &e, &why)) == WALK_EXT) {
		if (auth_end && (e.off != auth_end || !is_auth(e.type)))
			return DROP_MALFORMED;
		if (is_auth(e.type)) {
			why = take_auth(&e, o);
			if (why != DROP_NONE)
				return why;
			auth_end = e.end;
		} else if (e.type == EXT_EXPERIMENTAL && !take_experimental(&e, o)) {
			return DROP_MALFORMED;
		} else if (e.type < 128) { /* of a registration; not to be skipped here */
			return DROP_EXTENSION;
		}
	}
	if (step == WALK_BAD)
		return why;
	return auth_end && auth_end != len ? DROP_MALFORMED : DROP_NONE;
}

static bool header_valid(const struct order *o, size_t len)
{
	switch (o->message) {
	case ORDER_REQUEST:
		return o->action >= ORDER_BUFFER && o->action <= ORDER_QUERY && len <= ORDER_MAX;
	case ORDER_REPLY:
		return len <= ORDER_MAX + ORDER_REPLY_GROW;
	case ORDER_MARKER:
		return o->action == 0 && len <= ORDER_MAX;
	default:
		return false;
	}
}

enum drop order_decode(const uint8_t *msg, size_t len, struct order *out)
{
	struct rbuf r = rb_init(msg, len);
	uint8_t type = rb_u8(&r);
	struct order o = {0};
	enum drop why;

	o.message = rb_u8(&r);
	o.action = rb_u8(&r);
	o.flags = rb_u8(&r);
	o.home_addr = rb_u32(&r);
	o.first_agent = rb_u32(&r);
	o.care_of = rb_u32(&r);
	o.id = rb_u64(&r);
	if (len && type != MIP_ORDER)
		return DROP_TYPE;
	if (!rb_ok(&r))
		return DROP_SHORT;
	if (!header_valid(&o, len))
		return DROP_MALFORMED;
	why = read_exts(msg, len, &o);
	if (why == DROP_NONE)
		*out = o;
	return why;
}

static void put_ext(struct wbuf *w, uint8_t subtype, const struct wbuf *data)
{
	mip_ext_append(w, subtype, data->p, data->len);
}

static void put_grant(struct wbuf *w, const struct order *o)
{
	uint8_t buf[4];
	struct wbuf data = wb_init(buf, sizeof(buf));

	if (o->has_size) {
		wb_u16(&data, o->size_packets);
		wb_u16(&data, o->size_kib);
		put_ext(w, SUB_SIZE, &data);
	}
	if (o->has_lease) {
		data.len = 0;
		wb_u32(&data, o->lease_ms);
		put_ext(w, SUB_LEASE, &data);
		if (o->lease_ms == LEASE_REFUSED)
			w->bad = true;
	}
}

static void put_state(struct wbuf *w, const struct order_state *s)
{
	uint8_t buf[30];
	struct wbuf data = wb_init(buf, sizeof(buf));

	wb_u8(&data, s->state);
	wb_u8(&data, 0);
	wb_u32(&data, s->queued);
	wb_u32(&data, s->bytes);
	wb_u32(&data, s->forwarded);
	wb_u32(&data, s->dropped_overflow);
	wb_u32(&data, s->dropped_filter);
	wb_u32(&data, s->dropped_age);
	wb_u32(&data, s->lease_left_ms);
	put_ext(w, SUB_STATE, &data);
}

static void put_u32(struct wbuf *w, uint8_t subtype, uint32_t v)
{
	uint8_t buf[4];
	struct wbuf data = wb_init(buf, sizeof(buf));

	wb_u32(&data, v);
	put_ext(w, subtype, &data);
}

void order_encode(struct wbuf *w, const struct order *o)
{
	wb_u8(w, MIP_ORDER);
	wb_u8(w, o->message);
	wb_u8(w, o->action);
	wb_u8(w, o->flags);
	wb_u32(w, o->home_addr);
	wb_u32(w, o->first_agent);
	wb_u32(w, o->care_of);
	wb_u64(w, o->id);
	put_grant(w, o);
	order_put_keep(w, o);
	if (o->has_state)
		put_state(w, &o->state);
	if (o->has_count)
		put_u32(w, SUB_COUNT, o->count);
	if (o->has_delivered)
		put_u32(w, SUB_DELIVERED, o->delivered);
}

const char *order_key_name(enum order_key k)
{
	static const char *const names[] = {
	    [ORDER_KEY_NONE] = "none",
	    [ORDER_KEY_CONFIGURED] = "configured",
	    [ORDER_KEY_DEALT] = "dealt",
	};

	return names[k];
}

const char *order_action_name(uint8_t action)
{
	static const char *const names[] = {
	    [ORDER_BUFFER] = "BUFFER",
	    [ORDER_FORWARD] = "FORWARD",
	    [ORDER_RELEASE] = "RELEASE",
	    [ORDER_DELETE] = "DELETE",
	    [ORDER_DELETE_FORWARD] = "DELETE_FORWARD",
	    [ORDER_RENEW] = "RENEW",
	    [ORDER_QUERY] = "QUERY",
	};

	if (action < ORDER_BUFFER || action > ORDER_QUERY)
		return "unknown";
	return names[action];
}

const char *order_code_text(uint8_t code)
{
	switch (code) {
	case ORDER_GRANTED:
		return "granted as asked";
	case ORDER_GRANTED_LESS:
		return "granted with less";
	case ORDER_UNSPECIFIED:
		return "refused, reason unspecified";
	case ORDER_PROHIBITED:
		return "prohibited";
	case ORDER_NO_ROOM:
		return "no room";
	case ORDER_AUTH_FAILED:
		return "authentication failed";
	case ORDER_ID_ORDER:
		return "Identification out of order";
	case ORDER_MALFORMED:
		return "malformed";
	case ORDER_NOT_ME:
		return "first agent is somebody else";
	case ORDER_NOT_SERVED:
		return "node not served here";
	case ORDER_NOTHING_BUFFERED:
		return "nothing buffered";
	case ORDER_CARE_OF_REFUSED:
		return "care-of address refused";
	case ORDER_LEASE_OVER:
		return "lease already over";
	default:
		return "code not assigned";
	}
}
