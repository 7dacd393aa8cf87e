/* SPDX-License-Identifier: MIT */
#include "client/orders.h"

#include <string.h>

size_t order_sign(struct order_clock *clk, const struct order_conf *c, const struct sa *sa,
		  uint8_t action, uint8_t flags, uint32_t care_of, uint64_t ntp, uint8_t *buf,
		  uint64_t *id)
{
	struct wbuf w = wb_init(buf, ORDER_MAX);
	struct order o = {
		.message = ORDER_REQUEST,
		.action = action,
		.flags = flags,
		.home_addr = c->home_addr,
		.first_agent = clk->care_of,
		.care_of = care_of,
		.id = ntp + (uint64_t)clk->offset,
	};

	if (action == ORDER_BUFFER) {
		o.has_lease = true;
		o.has_size = !(flags & ORDER_F_RESERVE); /* it will ask for that when it leaves */
		o.flags |= c->elastic ? ORDER_F_ELASTIC : 0;
		o.size_packets = c->size_packets;
		o.size_kib = c->size_kib;
		o.lease_ms = c->lease_ms;
	}
	if (o.id <= clk->last_id)
		o.id = clk->last_id + 1;
	clk->last_id = *id = o.id;
	order_encode(&w, &o);
	auth_append(&w, clk->home ? EXT_MN_HA : EXT_MN_FA, 0, sa);
	return wb_ok(&w) ? w.len : 0;
}

bool order_clock_set(struct order_clock *clk, uint64_t reply_id, uint64_t ntp)
{
	if (clk->told && (int64_t)(reply_id - clk->told) <= 0)
		return false;
	clk->told = reply_id;
	clk->offset = (int64_t)(reply_id - ntp);
	clk->last_id = reply_id - 1;
	clk->known = true;
	return true;
}

void exchange_start(struct exchange *x, uint8_t action, const struct known_agent *a, mtime now)
{
	x->active = true;
	x->action = action;
	x->agent = a->addr;
	x->care_of = a->care_of;
	x->mac = a->mac;
	x->sends = 0;
	x->interval = MSEC(20);
	x->next = now;
}

int exchange_due(struct exchange *x, mtime now)
{
	if (!x->active || now < x->next)
		return 0;
	if (x->sends == EXCHANGE_SENDS) {
		x->active = false;
		return -1;
	}
	x->sends++;
	x->next = now + x->interval;
	x->interval *= 2;
	return 1;
}

mtime exchange_deadline(const struct exchange *x)
{
	return x->active ? x->next : MTIME_NEVER;
}
