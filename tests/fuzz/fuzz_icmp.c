/* SPDX-License-Identifier: MIT */
/* ICMP errors about packets in a tunnel, and what becomes of them. */
#include "common/icmp.h"
#include "tests/fuzz/fuzz.h"

static void look(const uint8_t *p, size_t n)
{
	struct icmp_error e;
	struct icmp_what what;
	struct ipv4 told;
	uint8_t buf[600];
	size_t len;

	if (icmp_error_decode(p, n, &e) != DROP_NONE)
		return;
	fuzz_inside(e.quoted, p, n);
	fuzz_inside(e.inner.payload, p, n);
	fuzz_inside(e.outer.payload, p, n);
	if (!icmp_relay_as(&e, p[n - 1] & 1, &what))
		return;
	len = icmp_error_build(buf, sizeof(buf), 0xc0000201, &what, e.quoted.p, e.quoted.left);
	assert(!len || (ipv4_decode(buf, len, &told) == DROP_NONE && told.dst == e.inner.src));
}

/* A right sum for each header that has one, from the outside to the inside. */
static void mend(uint8_t *p, size_t n)
{
	size_t at = 0;

	for (unsigned i = 0; i < 3; i++) {
		size_t header = n > at ? (size_t)(p[at] & 15) * 4 : 0;

		if (n < at + IPV4_HEADER_LEN || n < at + header + 8)
			return;
		fuzz_mend_ip(p + at, n - at);
		at += header + (i ? 0 : 8);
		if (i == 1 && p[at - header + 9] == PROTO_UDP)
			at += 12;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *p = fuzz_copy(data, size);
	size_t header = size ? (size_t)(p[0] & 15) * 4 : 0;

	look(p, size);
	mend(p, size);
	if (header < size)
		fuzz_mend_sum(p + header, size - header, 2);
	look(p, size);
	free(p);
	return 0;
}
