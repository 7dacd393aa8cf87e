/* SPDX-License-Identifier: MIT */
/* rtnetlink's messages: whose they are, how long each is, what they say. */
#include "common/kernel_said.h"
#include "tests/fuzz/edge.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rbuf in = rb_init(data, size);
	uint32_t from = rb_u8(&in) < 8 ? 4711 : 0;
	struct kernel_words w;
	struct kernel_said said;
	unsigned n = 0;

	w = kernel_words(edge_copy(in.p, in.left), in.left, from);
	while (kernel_next(&w, &said)) {
		assert(!from && ++n <= in.left / 16);
		assert(said.message->nlmsg_len >= sizeof(struct nlmsghdr));
		assert(said.valid_s == UINT32_MAX || said.thing == KERNEL_ADDRESS || !said.valid_s);
	}
	return 0;
}
