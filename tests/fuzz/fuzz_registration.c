/* SPDX-License-Identifier: MIT */
/* Registration Requests and Replies, with all that may stand behind them. */
#include "common/mip.h"
#include "common/order.h"
#include "tests/fuzz/fuzz.h"

static void auth(const struct auth_ext *a, const uint8_t *msg, size_t n)
{
	struct sa sa = {.spi = a->spi, .key = {.b = "fuzz", .len = 4}};

	if (!a->present)
		return;
	fuzz_inside(a->mac, msg, n);
	assert(a->off < a->covered && a->covered <= n);
	auth_check(msg, n, a, &sa);
	sa.alg = AUTH_HMAC_MD5;
	auth_check(msg, n, a, &sa);
}

static void extensions(const struct mip_exts *x, const uint8_t *msg, size_t n)
{
	struct order o;

	auth(&x->mn_ha, msg, n);
	auth(&x->mn_fa, msg, n);
	auth(&x->fa_ha, msg, n);
	assert(x->home_end <= n && x->n_orders <= MIP_ORDERS_MAX && x->n_replies <= MIP_ORDERS_MAX);
	fuzz_inside(x->nai, msg, n);
	fuzz_inside(x->handoff_key, msg, n);
	for (unsigned i = 0; i < x->n_orders; i++) {
		fuzz_inside(x->orders[i], msg, n);
		order_decode(x->orders[i].p, x->orders[i].left, &o);
	}
	for (unsigned i = 0; i < x->n_replies; i++)
		fuzz_inside(x->replies[i], msg, n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t again[MIP_REQUEST_LEN];
	struct wbuf w = wb_init(again, sizeof(again));
	struct mip_request q;
	struct mip_exts x;
	struct mip_reply r;

	if (mip_request_decode(data, size, &q, &x) == DROP_NONE) {
		extensions(&x, data, size);
		mip_request_encode(&w, &q);
		assert(wb_ok(&w) && w.len == MIP_REQUEST_LEN && !memcmp(again, data, w.len));
	} else if (mip_reply_decode(data, size, &r, &x) == DROP_NONE) {
		extensions(&x, data, size);
		mip_reply_encode(&w, &r);
		assert(wb_ok(&w) && w.len == MIP_REPLY_LEN && !memcmp(again, data, w.len));
		mip_code_text(r.code);
	}
	return 0;
}
