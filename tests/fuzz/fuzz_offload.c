/* SPDX-License-Identifier: MIT */
/* Large packets of the TUN, taken apart; and put together again, when they are the same. */
#include "common/gather.h"
#include "common/split.h"
#include "tests/fuzz/fuzz.h"

static struct gather g;

static void apart(const struct offload *o, uint8_t *pkt, size_t n)
{
	bool whole = o->kind != OFFLOAD_NONE;
	struct split s;
	struct ipv4 ip;
	uint8_t *p;
	size_t len, all = 0;

	if (split_begin(&s, o, pkt, n) != DROP_NONE) {
		assert(!split_more(&s));
		return;
	}
	g.packets = 0;
	while (split_next(&s, &p, &len)) {
		assert(p >= pkt && p + len <= pkt + n);
		fuzz_touch(p, len);
		assert(!whole || ipv4_decode(p, len, &ip) == DROP_NONE);
		all += len;
		if (!gather_add(&g, p, len, true)) {
			gather_end(&g, &(struct offload){.kind = OFFLOAD_NONE});
			g.packets = 0;
			assert(gather_add(&g, p, len, true));
		}
	}
	assert(all >= n || whole);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rbuf in = rb_init(data, size);
	struct offload o = {.kind = (enum offload_kind)fuzz_choice(&in, 3)}, back;
	uint8_t how = rb_u8(&in), *pkt;
	size_t n, before;

	o.unfinished = how & 1;
	o.start = rb_u8(&in);
	o.field = rb_u8(&in);
	o.size = rb_u16(&in);
	if (!in.left)
		return 0;
	n = in.left;
	pkt = fuzz_copy(in.p, n);
	if (how & 2)
		fuzz_mend_ip(pkt, n);
	apart(&o, pkt, n);
	before = g.n;
	gather_end(&g, &back);
	/* what was put together can be taken apart */
	if (g.packets > 1 && back.kind != OFFLOAD_NONE) {
		struct split s;

		assert(g.n == before && split_begin(&s, &back, g.bytes, g.n) == DROP_NONE);
	}
	g.packets = 0;
	free(pkt);
	return 0;
}
