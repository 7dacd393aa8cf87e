/* SPDX-License-Identifier: MIT */
#include "common/ecn.h"

#include "common/packet.h"

#define ECN 3
#define LOST 4

/* RFC 6040 4.2, figure 4: of the inner and the outer one. */
enum { NOT_ECT, ECT_1, ECT_0, CE };
static const uint8_t leaves[4][4] = {
	[NOT_ECT] = { [NOT_ECT] = NOT_ECT, [ECT_0] = NOT_ECT, [ECT_1] = NOT_ECT, [CE] = LOST },
	[ECT_0] = { [NOT_ECT] = ECT_0, [ECT_0] = ECT_0, [ECT_1] = ECT_1, [CE] = CE },
	[ECT_1] = { [NOT_ECT] = ECT_1, [ECT_0] = ECT_1, [ECT_1] = ECT_1, [CE] = CE },
	[CE] = { [NOT_ECT] = CE, [ECT_0] = CE, [ECT_1] = CE, [CE] = CE },
};

enum drop ecn_leave(uint8_t outer_tos, uint8_t *inner, size_t n)
{
	struct rbuf r = rb_init(inner, n);
	struct wbuf w = { .p = inner, .len = n, .cap = n };
	uint16_t first = rb_u16(&r), checksum, now;
	uint8_t ecn;

	rb_skip(&r, 8);
	checksum = rb_u16(&r);
	rb_skip(&r, 8);
	if (!rb_ok(&r) || first >> 12 != 4)
		return DROP_NONE;
	ecn = leaves[first & ECN][outer_tos & ECN];
	if (ecn == LOST)
		return DROP_ECN;
	now = (uint16_t)((first & ~ECN) | ecn);
	if (now != first) {
		wb_patch16(&w, 0, now);
		wb_patch16(&w, 10, inet_checksum_mend(checksum, first, now));
	}
	return DROP_NONE;
}
