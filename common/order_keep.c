/* SPDX-License-Identifier: MIT */
#include "common/order_priv.h"

#define RULE_LEN 16
#define HASH_LEN 4
#define DSCP_MAX 63

static struct order_rule take_rule(struct rbuf *r)
{
	struct order_rule x;

	x.match = rb_u8(r);
	x.protocol = rb_u8(r);
	x.dscp = rb_u8(r);
	x.prefix_len = rb_u8(r);
	x.source = rb_u32(r);
	x.sport_low = rb_u16(r);
	x.sport_high = rb_u16(r);
	x.dport_low = rb_u16(r);
	x.dport_high = rb_u16(r);
	return x;
}

bool order_take_filter(struct rbuf r, struct order *o)
{
	size_t n = r.left / RULE_LEN;

	if (o->n_rules || !n || n > ORDER_RULES_MAX || r.left % RULE_LEN)
		return false;
	for (o->n_rules = 0; o->n_rules < n; o->n_rules++)
		o->rules[o->n_rules] = take_rule(&r);
	return rb_end(&r);
}

bool order_take_seen(struct rbuf r, struct order *o)
{
	size_t n = r.left / HASH_LEN;

	if (o->n_seen || !n || n > ORDER_SEEN_MAX || r.left % HASH_LEN)
		return false;
	for (o->n_seen = 0; o->n_seen < n; o->n_seen++)
		o->seen[o->n_seen] = rb_u32(&r);
	return rb_end(&r);
}

bool order_take_overflow(struct rbuf r, struct order *o)
{
	if (o->has_overflow)
		return false;
	o->has_overflow = true;
	o->overflow = rb_u8(&r);
	return rb_end(&r);
}

bool order_take_age(struct rbuf r, struct order *o)
{
	struct order_age *x = &o->ages[o->n_ages];

	if (o->n_ages >= ORDER_AGES_MAX)
		return false;
	o->n_ages++;
	x->dscp = rb_u8(&r);
	rb_skip(&r, 1);
	x->ms = rb_u16(&r);
	return rb_end(&r);
}

static void put_rules(struct wbuf *w, const struct order *o)
{
	uint8_t buf[ORDER_RULES_MAX * RULE_LEN];
	struct wbuf data = wb_init(buf, sizeof(buf));

	for (unsigned i = 0; i < o->n_rules; i++) {
		const struct order_rule *x = &o->rules[i];

		wb_u8(&data, x->match);
		wb_u8(&data, x->protocol);
		wb_u8(&data, x->dscp);
		wb_u8(&data, x->prefix_len);
		wb_u32(&data, x->source);
		wb_u16(&data, x->sport_low);
		wb_u16(&data, x->sport_high);
		wb_u16(&data, x->dport_low);
		wb_u16(&data, x->dport_high);
	}
	mip_ext_append(w, SUB_FILTER, buf, data.len);
}

static void put_seen(struct wbuf *w, const struct order *o)
{
	uint8_t buf[ORDER_SEEN_MAX * HASH_LEN];
	struct wbuf data = wb_init(buf, sizeof(buf));

	for (unsigned i = 0; i < o->n_seen; i++)
		wb_u32(&data, o->seen[i]);
	mip_ext_append(w, SUB_SEEN, buf, data.len);
}

static void put_age(struct wbuf *w, const struct order_age *x)
{
	uint8_t buf[4];
	struct wbuf data = wb_init(buf, sizeof(buf));

	wb_u8(&data, x->dscp);
	wb_u8(&data, 0);
	wb_u16(&data, x->ms);
	mip_ext_append(w, SUB_MAX_AGE, buf, data.len);
}

void order_put_keep(struct wbuf *w, const struct order *o)
{
	if (o->n_rules)
		put_rules(w, o);
	if (o->n_seen)
		put_seen(w, o);
	if (o->has_overflow)
		mip_ext_append(w, SUB_OVERFLOW, &o->overflow, 1);
	for (unsigned i = 0; i < o->n_ages; i++)
		put_age(w, &o->ages[i]);
}

static bool rule_sensible(const struct order_rule *x)
{
	if (x->match & ~(unsigned)MATCH_ALL)
		return false;
	if ((x->match & MATCH_SOURCE) && x->prefix_len > 32)
		return false;
	if ((x->match & MATCH_DSCP) && x->dscp > DSCP_MAX)
		return false;
	if ((x->match & MATCH_SPORT) && x->sport_low > x->sport_high)
		return false;
	return !(x->match & MATCH_DPORT) || x->dport_low <= x->dport_high;
}

bool order_sensible(const struct order *o)
{
	if (o->n_rules && o->n_seen)
		return false;
	if (o->has_overflow && o->overflow > OVERFLOW_LOWEST)
		return false;
	for (unsigned i = 0; i < o->n_rules; i++)
		if (!rule_sensible(&o->rules[i]))
			return false;
	for (unsigned i = 0; i < o->n_ages; i++)
		if (o->ages[i].dscp > DSCP_MAX && o->ages[i].dscp != AGE_ANY_DSCP)
			return false;
	return true;
}
