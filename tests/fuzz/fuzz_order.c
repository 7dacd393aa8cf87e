/* SPDX-License-Identifier: MIT */
/* Buffer Control messages; what was understood is written and understood again. */
#include "common/order.h"
#include "tests/fuzz/fuzz.h"

static size_t written(const struct order *o, uint8_t buf[2 * ORDER_MAX])
{
	struct wbuf w = wb_init(buf, 2 * ORDER_MAX);

	order_encode(&w, o);
	assert(wb_ok(&w));
	return w.len;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t once[2 * ORDER_MAX], twice[2 * ORDER_MAX];
	struct order o, again;
	size_t n;

	if (order_decode(data, size, &o) != DROP_NONE)
		return 0;
	fuzz_inside(o.relayed, data, size);
	fuzz_inside(o.mn_ha.mac, data, size);
	fuzz_inside(o.handoff.mac, data, size);
	assert(o.n_rules <= ORDER_RULES_MAX && o.n_seen <= ORDER_SEEN_MAX &&
	       o.n_ages <= ORDER_AGES_MAX);
	n = written(&o, once);
	assert(n <= size && order_decode(once, n, &again) == DROP_NONE);
	assert(written(&again, twice) == n && !memcmp(once, twice, n));
	assert(order_sensible(&o) == order_sensible(&again));
	order_action_name(o.action);
	order_code_text(o.action);
	return 0;
}
