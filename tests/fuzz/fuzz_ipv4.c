/* SPDX-License-Identifier: MIT */
/* IPv4 with its options, UDP in it, and all that is done to packets on their way. */
#include "common/ecn.h"
#include "common/icmp.h"
#include "common/mss.h"
#include "tests/fuzz/fuzz.h"

/* The pieces are packets, and together what there was. */
static void fragments(const uint8_t *p, size_t n, const struct ipv4 *ip, size_t mtu)
{
	uint8_t piece[65536];
	size_t done = 0, len, all = 0;
	struct ipv4 part;

	while ((len = ipv4_fragment(p, n, mtu, &done, piece, sizeof(piece)))) {
		assert(len <= mtu && ipv4_decode(piece, len, &part) == DROP_NONE);
		assert(part.src == ip->src && part.dst == ip->dst && part.id == ip->id);
		assert(part.frag_off == ip->frag_off + all);
		assert(!memcmp(part.payload.p, ip->payload.p + all, part.payload.left));
		all += part.payload.left;
	}
	assert(all == 0 || all == ip->payload.left);
}

static void whole(uint8_t *p, size_t n, uint8_t how)
{
	static const struct icmp_what what = {.type = ICMP_TIME};
	uint8_t buf[600];
	struct ipv4 ip, after;
	struct udp u;
	size_t len;

	ecn_leave(how, p, n);
	mss_clamp(p, n, how * 8);
	if (ipv4_quoted(p, n, &ip) == DROP_NONE)
		fuzz_inside(ip.payload, p, n);
	if (ipv4_decode(p, n, &ip) != DROP_NONE)
		return;
	fuzz_inside(ip.payload, p, n);
	assert(ip.header_len + ip.payload.left == ip.total_len && ip.total_len <= n);
	if (udp_decode(&ip, how & 1, &u) == DROP_NONE)
		fuzz_inside(u.payload, p, n);
	fragments(p, ip.total_len, &ip, how * 4);
	len = icmp_error_build(buf, sizeof(buf), 0xc0000201, &what, p, n);
	assert(len <= 576 && (!len || ipv4_decode(buf, len, &after) == DROP_NONE));
	if (icmp_is_echo(&ip))
		icmp_echo_answer(p, &ip);
	else if (ip.ttl)
		ipv4_ttl_add(p, -1);
	assert(ipv4_decode(p, n, &after) == DROP_NONE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t how = size ? data[size - 1] : 0;
	uint8_t *p = fuzz_copy(data, size);

	whole(p, size, how);
	memcpy(p, data, size);
	fuzz_mend_ip(p, size);
	whole(p, size, how);
	free(p);
	return 0;
}
