/* SPDX-License-Identifier: MIT */
#include "common/mip.h"

/* RFC 5944 1.9 to 1.11: which layout a type has cannot be told from its bytes. */
enum layout {
	LAYOUT_SIMPLE, /* Type Length Data */
	LAYOUT_PAD,    /* Type */
	LAYOUT_LONG,   /* Type SubType Length16 Data */
	LAYOUT_SHORT,  /* Type Length SubType Data; Length counts the SubType */
};

static const uint8_t layouts[256] = {
    [EXT_PAD] = LAYOUT_PAD,
    [EXT_GENERAL_AUTH] = LAYOUT_LONG,
    [38] = LAYOUT_LONG,
    [40] = LAYOUT_LONG,
    [41] = LAYOUT_LONG,
    [42] = LAYOUT_LONG,
    [43] = LAYOUT_LONG,
    [EXT_UDP_REPLY] = LAYOUT_SHORT,
    [45] = LAYOUT_SHORT,
    [47] = LAYOUT_LONG,
    [48] = LAYOUT_LONG,
    [49] = LAYOUT_SHORT,
    [50] = LAYOUT_LONG,
    [127] = LAYOUT_LONG,
    [136] = LAYOUT_SHORT,
    [138] = LAYOUT_SHORT,
    [EXT_UDP_REQUEST] = LAYOUT_SHORT,
    [145] = LAYOUT_SHORT,
    [148] = LAYOUT_SHORT,
    [149] = LAYOUT_SHORT,
    [152] = LAYOUT_SHORT,
    [154] = LAYOUT_LONG, /* in the skippable range all the same, RFC 7629 */
    [EXT_EXPERIMENTAL] = LAYOUT_SHORT,
};

/* Types 1 to 127 cannot be skipped: one that we do not know spoils the message, RFC 5944 1.8. */
static bool understood(uint8_t type)
{
	switch (type) {
	case EXT_MN_HA:
	case EXT_MN_FA:
	case EXT_FA_HA:
	case EXT_GENERAL_AUTH:
	case EXT_UDP_REPLY:
		return true;
	default:
		return type >= 128;
	}
}

enum mip_walk mip_walk_next(struct mip_walker *w, struct mip_ext *e, enum drop *why)
{
	struct rbuf r = rb_init(w->msg + w->off, w->len - w->off);
	size_t n;

	*e = (struct mip_ext){0};
	do {
		if (!r.left) {
			w->off = w->len;
			return WALK_END;
		}
		e->off = w->len - r.left;
		e->type = rb_u8(&r);
	} while (layouts[e->type] == LAYOUT_PAD);

	if (!understood(e->type)) {
		*why = DROP_EXTENSION;
		return WALK_BAD;
	}
	if (layouts[e->type] == LAYOUT_LONG) {
		e->subtype = rb_u8(&r);
		n = rb_u16(&r);
	} else {
		n = rb_u8(&r);
	}
	e->data = rb_take(&r, n);
	if (!rb_ok(&r)) {
		*why = DROP_SHORT;
		return WALK_BAD;
	}
	e->end = w->len - r.left;
	if (layouts[e->type] == LAYOUT_SHORT) {
		e->subtype = rb_u8(&e->data);
		if (!rb_ok(&e->data)) {
			*why = DROP_MALFORMED;
			return WALK_BAD;
		}
	}
	w->off = e->end;
	return WALK_EXT;
}

bool mip_auth_ext_read(const struct mip_ext *e, struct auth_ext *out)
{
	struct rbuf r = e->data;
	uint32_t spi = rb_u32(&r);

	if (!rb_ok(&r))
		return false;
	*out = (struct auth_ext){
	    .present = true,
	    .type = e->type,
	    .subtype = e->subtype,
	    .off = e->off,
	    .covered = e->end - r.left,
	    .spi = spi,
	    .mac = r,
	};
	return true;
}

/* The first of each kind is kept; the owner refuses a message that has more than one. */
static enum drop take_auth(const struct mip_ext *e, struct mip_exts *x)
{
	struct auth_ext a;

	if (!mip_auth_ext_read(e, &a))
		return DROP_MALFORMED;
	switch (e->type) {
	case EXT_MN_HA:
		if (x->n_mn_fa || x->n_fa_ha)
			return DROP_MALFORMED; /* RFC 5944 3.6.1.3, 3.8.3.3: it comes first */
		if (x->n_mn_ha++)
			break;
		x->mn_ha = a;
		x->home_end = e->end;
		break;
	case EXT_MN_FA:
		if (!x->n_mn_fa++)
			x->mn_fa = a;
		break;
	case EXT_FA_HA:
		if (!x->n_fa_ha++)
			x->fa_ha = a;
		break;
	default:
		return DROP_EXTENSION; /* 36: no subtype of it belongs in a registration here */
	}
	return DROP_NONE;
}

/* After MN-HA, and before what authenticates the part after it. */
static bool in_agent_part(const struct mip_exts *x)
{
	return x->home_end && !x->n_mn_fa && !x->n_fa_ha;
}

static enum drop keep(struct rbuf list[MIP_ORDERS_MAX], unsigned *n, const struct mip_ext *e,
		      const struct mip_exts *x)
{
	if (!in_agent_part(x) || *n == MIP_ORDERS_MAX)
		return DROP_MALFORMED;
	list[(*n)++] = e->data;
	return DROP_NONE;
}

static enum drop take_handoff_key(const struct mip_ext *e, struct mip_exts *x)
{
	if (!in_agent_part(x) || x->handoff_key.left || e->data.left != 32)
		return DROP_MALFORMED;
	x->handoff_key = e->data;
	return DROP_NONE;
}

/* For the node: MN-HA covers it. */
static enum drop take_nonce(struct rbuf r, struct mip_exts *x)
{
	struct dealt_node d;

	d.spi = rb_u32(&r);
	rb_bytes(&r, d.nonce, sizeof(d.nonce));
	d.lifetime_s = rb_u32(&r);
	if (!rb_end(&r) || d.spi < SPI_MIN || !d.lifetime_s || x->n_mn_ha || x->node_nonce.spi)
		return DROP_MALFORMED;
	x->node_nonce = d;
	return DROP_NONE;
}

/* For the foreign agent: FA-HA covers it. */
static enum drop take_agent_key(struct rbuf r, struct mip_exts *x)
{
	struct dealt_agent d;

	d.spi = rb_u32(&r);
	d.lifetime_s = rb_u32(&r);
	rb_bytes(&r, d.wrapped, sizeof(d.wrapped));
	if (!rb_end(&r) || d.spi < SPI_MIN || !d.lifetime_s || !in_agent_part(x) ||
	    x->agent_key.spi)
		return DROP_MALFORMED;
	x->agent_key = d;
	return DROP_NONE;
}

static enum drop take_experimental(uint8_t message, const struct mip_ext *e, struct mip_exts *x)
{
	bool request = message == MIP_REQUEST;

	if (e->subtype == SUB_RELAYED_ORDER && request)
		return keep(x->orders, &x->n_orders, e, x);
	if (e->subtype == SUB_HANDOFF_KEY && request)
		return take_handoff_key(e, x);
	if (e->subtype == SUB_RELAYED_REPLY && !request)
		return keep(x->replies, &x->n_replies, e, x);
	if (e->subtype == SUB_NODE_NONCE && !request)
		return take_nonce(e->data, x);
	if (e->subtype == SUB_AGENT_KEY && !request)
		return take_agent_key(e->data, x);
	return DROP_NONE;
}

/* RFC 2794 3: covered by MN-HA and by MN-FA. */
static enum drop take_nai(const struct mip_ext *e, struct mip_exts *x)
{
	if (x->n_mn_ha || x->n_mn_fa || x->nai.left || !e->data.left)
		return DROP_MALFORMED;
	x->nai = e->data;
	return DROP_NONE;
}

static enum drop take_ext(uint8_t message, const struct mip_ext *e, struct mip_exts *x)
{
	switch (e->type) {
	case EXT_MN_HA:
	case EXT_MN_FA:
	case EXT_FA_HA:
	case EXT_GENERAL_AUTH:
		return take_auth(e, x);
	case EXT_ENCAP_DELIVERY: /* RFC 3024 3.3: no data, after MN-HA, before MN-FA */
		if (!in_agent_part(x) || e->data.left)
			return DROP_MALFORMED;
		x->encap_delivery = true;
		return DROP_NONE;
	case EXT_NAI:
		return take_nai(e, x);
	case EXT_UDP_REQUEST:
		return message == MIP_REQUEST ? mip_udp_request_read(e, x) : DROP_NONE;
	case EXT_UDP_REPLY: /* in a Request nothing that we know */
		return message == MIP_REPLY ? mip_udp_reply_read(e, x) : DROP_EXTENSION;
	case EXT_EXPERIMENTAL:
		return take_experimental(message, e, x);
	default:
		return DROP_NONE;
	}
}

static enum drop read_exts(uint8_t message, const uint8_t *msg, size_t len, size_t off,
			   struct mip_exts *out)
{
	struct mip_walker w = {.msg = msg, .len = len, .off = off};
	struct mip_exts x = {0};
	enum drop why = DROP_NONE;
	struct mip_ext e;

	for (;;) {
		switch (mip_walk_next(&w, &e, &why)) {
		case WALK_BAD:
			return why;
		case WALK_END:
			*out = x;
			return DROP_NONE;
		case WALK_EXT:
			why = take_ext(message, &e, &x);
			if (why != DROP_NONE)
				return why;
			break;
		}
	}
}

enum drop mip_request_decode(const uint8_t *msg, size_t len, struct mip_request *out,
			     struct mip_exts *exts)
{
	struct rbuf r = rb_init(msg, len);
	uint8_t type = rb_u8(&r);
	struct mip_request m;
	enum drop why;

	m.flags = rb_u8(&r);
	m.lifetime_s = rb_u16(&r);
	m.home_addr = rb_u32(&r);
	m.home_agent = rb_u32(&r);
	m.care_of = rb_u32(&r);
	m.id = rb_u64(&r);
	if (len && type != MIP_REQUEST)
		return DROP_TYPE;
	if (!rb_ok(&r))
		return DROP_SHORT;
	if (len > MIP_MSG_MAX)
		return DROP_MALFORMED;
	why = read_exts(type, msg, len, MIP_REQUEST_LEN, exts);
	if (why == DROP_NONE)
		*out = m;
	return why;
}

enum drop mip_reply_decode(const uint8_t *msg, size_t len, struct mip_reply *out,
			   struct mip_exts *exts)
{
	struct rbuf r = rb_init(msg, len);
	uint8_t type = rb_u8(&r);
	struct mip_reply m;
	enum drop why;

	m.code = rb_u8(&r);
	m.lifetime_s = rb_u16(&r);
	m.home_addr = rb_u32(&r);
	m.home_agent = rb_u32(&r);
	m.id = rb_u64(&r);
	if (len && type != MIP_REPLY)
		return DROP_TYPE;
	if (!rb_ok(&r))
		return DROP_SHORT;
	if (len > MIP_MSG_MAX)
		return DROP_MALFORMED;
	why = read_exts(type, msg, len, MIP_REPLY_LEN, exts);
	if (why == DROP_NONE)
		*out = m;
	return why;
}

void mip_request_encode(struct wbuf *w, const struct mip_request *m)
{
	wb_u8(w, MIP_REQUEST);
	wb_u8(w, m->flags);
	wb_u16(w, m->lifetime_s);
	wb_u32(w, m->home_addr);
	wb_u32(w, m->home_agent);
	wb_u32(w, m->care_of);
	wb_u64(w, m->id);
}

void mip_reply_encode(struct wbuf *w, const struct mip_reply *m)
{
	wb_u8(w, MIP_REPLY);
	wb_u8(w, m->code);
	wb_u16(w, m->lifetime_s);
	wb_u32(w, m->home_addr);
	wb_u32(w, m->home_agent);
	wb_u64(w, m->id);
}

void mip_ext_append(struct wbuf *w, uint8_t subtype, const void *data, size_t n)
{
	if (n > 254) {
		w->bad = true;
		return;
	}
	wb_u8(w, EXT_EXPERIMENTAL);
	wb_u8(w, (uint8_t)(n + 1));
	wb_u8(w, subtype);
	wb_bytes(w, data, n);
}

void mip_node_nonce_append(struct wbuf *w, const struct dealt_node *d)
{
	uint8_t buf[8 + DEALT_NONCE_LEN];
	struct wbuf data = wb_init(buf, sizeof(buf));

	wb_u32(&data, d->spi);
	wb_bytes(&data, d->nonce, sizeof(d->nonce));
	wb_u32(&data, d->lifetime_s);
	mip_ext_append(w, SUB_NODE_NONCE, buf, data.len);
}

void mip_agent_key_append(struct wbuf *w, const struct dealt_agent *d)
{
	uint8_t buf[8 + DEALT_WRAPPED_LEN];
	struct wbuf data = wb_init(buf, sizeof(buf));

	wb_u32(&data, d->spi);
	wb_u32(&data, d->lifetime_s);
	wb_bytes(&data, d->wrapped, sizeof(d->wrapped));
	mip_ext_append(w, SUB_AGENT_KEY, buf, data.len);
}

void mip_nai_append(struct wbuf *w, const void *nai, size_t n)
{
	if (n > 255) {
		w->bad = true;
		return;
	}
	wb_u8(w, EXT_NAI);
	wb_u8(w, (uint8_t)n);
	wb_bytes(w, nai, n);
}
