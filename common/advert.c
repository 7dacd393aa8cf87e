/* SPDX-License-Identifier: MIT */
#include "common/advert.h"

#include "common/packet.h"

#include <assert.h>

#define CODE_COMMON 0
#define CODE_NO_COMMON 16 /* RFC 5944 2.1: routes for registered nodes only */
#define SEQUENCE_AFTER_WRAP 256

/* Extension types of router discovery: not the numbers of the control messages, RFC 5944 1.8. */
#define RD_PAD 0
#define RD_AGENT 16
#define RD_PREFIXES 19
#define RD_EXPERIMENTAL 255 /* plain Type Length Data here, RFC 4064 */
#define RD_UNSKIPPABLE_MAX 127

/* First data byte of ours. */
#define KIND_BUFFERS 1
#define KIND_NEIGHBOURS 2

#define AGENT_FIXED 6 /* sequence, lifetime, flags */
#define NEIGHBOUR_LEN 20

static bool take_agent(struct rbuf r, struct advert *a)
{
	a->sequence = rb_u16(&r);
	a->reg_lifetime_s = rb_u16(&r);
	a->flags = rb_u16(&r);
	if (!rb_ok(&r) || r.left % 4)
		return false;
	while (r.left && a->n_care_of < ADVERT_CARE_OF_MAX)
		a->care_of[a->n_care_of++] = rb_u32(&r);
	/* RFC 5944 2.1.1: home or foreign, and a foreign agent has a care-of address. */
	if (!(a->flags & (ADVERT_F | ADVERT_H)))
		return false;
	return !(a->flags & ADVERT_F) || a->n_care_of;
}

/* One length per router address (2.1.2); we keep the first of each. */
static bool take_prefixes(struct rbuf r, unsigned n_routers, struct advert *a)
{
	if (r.left != n_routers)
		return false;
	if (!n_routers)
		return true;
	a->prefix_len = rb_u8(&r);
	a->has_prefix = true;
	return a->prefix_len <= 32;
}

static void take_neighbours(struct rbuf r, struct advert *a)
{
	while (r.left && a->n_neighbours < ADVERT_NEIGHBOURS_MAX) {
		struct neighbour *n = &a->neighbours[a->n_neighbours++];

		rb_bytes(&r, n->bssid.b, sizeof(n->bssid.b));
		rb_bytes(&r, n->agent_mac.b, sizeof(n->agent_mac.b));
		n->agent_addr = rb_u32(&r);
		n->care_of = rb_u32(&r);
	}
}

/* Another's experiment may use the same number: what does not look like ours is left alone. */
static void take_experimental(struct rbuf r, struct advert *a)
{
	uint8_t kind = rb_u8(&r);

	if (kind == KIND_BUFFERS && r.left == 6 && !a->buffers) {
		a->buffers = true;
		a->buffer_kib = rb_u16(&r);
		a->buffer_lease_ms = rb_u32(&r);
	} else if (kind == KIND_NEIGHBOURS && r.left % NEIGHBOUR_LEN == 0) {
		take_neighbours(r, a);
	}
}

static enum drop take_exts(struct rbuf r, unsigned n_routers, const uint8_t *icmp, struct advert *a)
{
	bool agent = false;

	while (r.left) {
		uint8_t type = rb_u8(&r);
		struct rbuf data;

		if (type == RD_PAD)
			continue;
		data = rb_take(&r, rb_u8(&r));
		if (!rb_ok(&r))
			return DROP_SHORT;
		if (type == RD_AGENT) {
			if (agent || !take_agent(data, a))
				return DROP_MALFORMED;
			agent = true;
			a->sequence_at = (uint16_t)(data.p - icmp);
		} else if (type == RD_PREFIXES) {
			if (a->has_prefix || !take_prefixes(data, n_routers, a))
				return DROP_MALFORMED;
		} else if (type == RD_EXPERIMENTAL) {
			take_experimental(data, a);
		} else if (type <= RD_UNSKIPPABLE_MAX) {
			return DROP_EXTENSION;
		}
	}
	return agent ? DROP_NONE : DROP_TYPE;
}

enum drop advert_decode(const uint8_t *icmp, size_t len, struct advert *out)
{
	struct rbuf r = rb_init(icmp, len), routers;
	uint8_t type = rb_u8(&r), n_routers, entry_words;
	struct advert a = {0};
	uint16_t checksum;
	enum drop why;

	a.code = rb_u8(&r);
	checksum = rb_u16(&r);
	n_routers = rb_u8(&r);
	entry_words = rb_u8(&r);
	a.icmp_lifetime_s = rb_u16(&r);
	if (!rb_ok(&r))
		return DROP_SHORT;
	if (inet_checksum(icmp, len))
		return DROP_MALFORMED;
	if (type != ICMP_ADVERT)
		return DROP_TYPE;
	if (a.code != CODE_COMMON && a.code != CODE_NO_COMMON)
		return DROP_MALFORMED;
	if (n_routers && entry_words < 2) /* an address and its preference, RFC 1256 */
		return DROP_MALFORMED;
	routers = rb_take(&r, (size_t)n_routers * entry_words * 4);
	if (!rb_ok(&r))
		return DROP_SHORT;
	if (n_routers)
		a.router = rb_u32(&routers);
	why = take_exts(r, n_routers, icmp, &a);
	a.len = (uint16_t)len;
	a.rest = (uint16_t)((checksum + a.sequence) % 65535u);
	if (why == DROP_NONE)
		*out = a;
	return why;
}

static void put_agent(struct wbuf *w, const struct advert *a)
{
	wb_u8(w, RD_AGENT);
	wb_u8(w, (uint8_t)(AGENT_FIXED + 4 * a->n_care_of));
	wb_u16(w, a->sequence);
	wb_u16(w, a->reg_lifetime_s);
	wb_u16(w, a->flags);
	for (unsigned i = 0; i < a->n_care_of; i++)
		wb_u32(w, a->care_of[i]);
}

static void put_buffers(struct wbuf *w, const struct advert *a)
{
	wb_u8(w, RD_EXPERIMENTAL);
	wb_u8(w, 7);
	wb_u8(w, KIND_BUFFERS);
	wb_u16(w, a->buffer_kib);
	wb_u32(w, a->buffer_lease_ms);
}

static void put_neighbours(struct wbuf *w, const struct advert *a)
{
	wb_u8(w, RD_EXPERIMENTAL);
	wb_u8(w, (uint8_t)(1 + NEIGHBOUR_LEN * a->n_neighbours));
	wb_u8(w, KIND_NEIGHBOURS);
	for (unsigned i = 0; i < a->n_neighbours; i++) {
		const struct neighbour *n = &a->neighbours[i];

		wb_bytes(w, n->bssid.b, sizeof(n->bssid.b));
		wb_bytes(w, n->agent_mac.b, sizeof(n->agent_mac.b));
		wb_u32(w, n->agent_addr);
		wb_u32(w, n->care_of);
	}
}

static void put_checksum(struct wbuf *w, size_t start)
{
	if (wb_ok(w))
		wb_patch16(w, start + 2, inet_checksum(w->p + start, w->len - start));
}

void advert_encode(struct wbuf *w, const struct advert *a)
{
	size_t start = w->len;

	assert(a->n_care_of <= ADVERT_CARE_OF_MAX && a->n_neighbours <= ADVERT_NEIGHBOURS_MAX);
	wb_u8(w, ICMP_ADVERT);
	wb_u8(w, a->code);
	wb_u16(w, 0);
	wb_u8(w, a->router ? 1 : 0);
	wb_u8(w, 2);
	wb_u16(w, a->icmp_lifetime_s);
	if (a->router) {
		wb_u32(w, a->router);
		wb_u32(w, 0); /* preference: the default */
	}
	put_agent(w, a);
	if (a->has_prefix && a->router) {
		wb_u8(w, RD_PREFIXES);
		wb_u8(w, 1);
		wb_u8(w, a->prefix_len);
	}
	if (a->buffers)
		put_buffers(w, a);
	if (a->n_neighbours)
		put_neighbours(w, a);
	if ((w->len - start) % 2)
		wb_u8(w, RD_PAD);
	put_checksum(w, start);
}

enum drop solicit_decode(const uint8_t *icmp, size_t len)
{
	struct rbuf r = rb_init(icmp, len);
	uint8_t type = rb_u8(&r), code = rb_u8(&r);

	rb_skip(&r, 6);
	if (!rb_ok(&r))
		return DROP_SHORT;
	if (inet_checksum(icmp, len))
		return DROP_MALFORMED;
	if (type != ICMP_SOLICIT)
		return DROP_TYPE;
	return code ? DROP_MALFORMED : DROP_NONE;
}

void solicit_encode(struct wbuf *w)
{
	size_t start = w->len;

	wb_u8(w, ICMP_SOLICIT);
	wb_zero(w, 7);
	put_checksum(w, start);
}

uint16_t advert_next_sequence(uint16_t seq)
{
	return seq == UINT16_MAX ? SEQUENCE_AFTER_WRAP : (uint16_t)(seq + 1);
}

bool advert_is_reboot(uint16_t old_seq, uint16_t new_seq)
{
	return new_seq < old_seq && new_seq < SEQUENCE_AFTER_WRAP;
}
