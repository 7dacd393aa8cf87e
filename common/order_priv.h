/* SPDX-License-Identifier: MIT */
#ifndef MIP_ORDER_PRIV_H
#define MIP_ORDER_PRIV_H

#include "common/order.h"

/* order_keep.c: extensions 3 to 6, what a buffer keeps.  False: malformed, or there twice. */
bool order_take_filter(struct rbuf r, struct order *o);
bool order_take_seen(struct rbuf r, struct order *o);
bool order_take_overflow(struct rbuf r, struct order *o);
bool order_take_age(struct rbuf r, struct order *o);
void order_put_keep(struct wbuf *w, const struct order *o);

#endif
