/* SPDX-License-Identifier: MIT */
#include "tests/unit/icmp_fixture.h"

#define TCP_PACKET                                                                                 \
	"4500003c 00004000 400664da cb710009 0a630005 000102030405060708090a0b0c0d0e0f"            \
	"101112131415161718191a1b1c1d1e1f2021222324252627 "
#define TUNNEL                                                                                     \
	.src = 0xc0000201, .dst = 0xc6336407, .inner_src = 0xcb710009, .inner_dst = 0x0a630005

/* Puts the header checksum right. */
static void seal(uint8_t *p)
{
	struct wbuf w = {.p = p, .len = 20, .cap = 20};

	wb_patch16(&w, 10, 0);
	wb_patch16(&w, 10, inet_checksum(p, (p[0] & 15) * 4u));
}

static void too_big(void)
{
	uint8_t pkt[1500] = { 0 }, buf[600] = { 0 }, icmp[64];
	size_t n = unit_hex(TCP_PACKET, pkt, sizeof(pkt));
	struct ipv4_out h = {.src = 0xcb710009, .dst = 0x0a630005, .ttl = 9, .protocol = PROTO_TCP};

	n = icmp_frag_needed_build(buf, sizeof(buf), 0xc0000201, pkt, n, 1428);
	CHECK_BYTES(buf, n,
		    "45c00058 00000000 4001ec69 c0000201 cb710009 0304 79d6 0000 0594 " TCP_PACKET);
	CHECK_EQ(icmp_frag_needed_build(buf, 87, 0xc0000201, pkt, 60, 1428), 0);
	CHECK_EQ(icmp_frag_needed_build(buf, sizeof(buf), 0xc0000201, pkt, 59, 1428), 87);
	CHECK_EQ(icmp_frag_needed_build(buf, sizeof(buf), 0xc0000201, pkt, 19, 1428), 0);
	/* A long one is quoted in part, 576 bytes in all. */
	n = ipv4_build(pkt, sizeof(pkt), &h, buf, 600 - 20);
	n = ipv4_build(pkt, sizeof(pkt), &h, pkt + 20, 1480);
	CHECK_EQ(n, 1500);
	CHECK_EQ(icmp_frag_needed_build(buf, sizeof(buf), 0xc0000201, pkt, n, 1428), 576);
	/* No error about an error, to a group, or about a later fragment; about an echo there is
	 * one. */
	h.protocol = PROTO_ICMP;
	unit_hex("0301000000000000", icmp, sizeof(icmp));
	n = ipv4_build(pkt, sizeof(pkt), &h, icmp, 8);
	CHECK_EQ(icmp_frag_needed_build(buf, sizeof(buf), 0xc0000201, pkt, n, 1428), 0);
	icmp[0] = 8;
	n = ipv4_build(pkt, sizeof(pkt), &h, icmp, 8);
	CHECK_EQ(icmp_frag_needed_build(buf, sizeof(buf), 0xc0000201, pkt, n, 1428), 56);
	h.dst = 0xe0000001;
	n = ipv4_build(pkt, sizeof(pkt), &h, icmp, 8);
	CHECK_EQ(icmp_frag_needed_build(buf, sizeof(buf), 0xc0000201, pkt, n, 1428), 0);
	h.dst = 0x0a630005;
	n = ipv4_build(pkt, sizeof(pkt), &h, icmp, 8);
	pkt[7] = 1;
	seal(pkt);
	CHECK_EQ(icmp_frag_needed_build(buf, sizeof(buf), 0xc0000201, pkt, n, 1428), 0);
}

/* Answered in place; what is no echo request in one piece is none. */
static void echo(void)
{
	struct ipv4_out h = {
	    .src = 0x0a630005, .dst = 0xc0000201, .ttl = 3, .protocol = PROTO_ICMP};
	uint8_t icmp[12], pkt[64], *copy;
	struct ipv4 ip;
	size_t n;

	unit_hex("0800 0000 0007 0009 61626364", icmp, sizeof(icmp));
	icmp[2] = (uint8_t)(inet_checksum(icmp, 12) >> 8);
	icmp[3] = (uint8_t)inet_checksum((uint8_t[]){8, 0, 0, 0, 0, 7, 0, 9, 97, 98, 99, 100}, 12);
	n = ipv4_build(pkt, sizeof(pkt), &h, icmp, sizeof(icmp));
	copy = unit_copy(pkt, n);
	CHECK_EQ(ipv4_decode(copy, n, &ip), DROP_NONE);
	CHECK(icmp_is_echo(&ip));
	icmp_echo_answer(copy, &ip);
	CHECK_EQ(ipv4_decode(copy, n, &ip), DROP_NONE);
	CHECK(ip.src == h.dst && ip.dst == h.src && ip.ttl == ECHO_TTL && ip.total_len == n);
	CHECK_BYTES(copy + 20, 2, "00 00");
	CHECK_EQ(inet_checksum(copy + 20, n - 20), 0);
	CHECK(!memcmp(copy + 24, pkt + 24, n - 24));
	CHECK(!icmp_is_echo(&ip)); /* an answer is not answered */
	free(copy);

	h.protocol = PROTO_UDP;
	n = ipv4_build(pkt, sizeof(pkt), &h, icmp, sizeof(icmp));
	CHECK(ipv4_decode(pkt, n, &ip) == DROP_NONE && !icmp_is_echo(&ip));
	h.protocol = PROTO_ICMP;
	for (size_t len = 0; len <= 8; len++) {
		n = ipv4_build(pkt, sizeof(pkt), &h, icmp, len);
		copy = unit_copy(pkt, n);
		CHECK_EQ(ipv4_decode(copy, n, &ip), DROP_NONE);
		CHECK_EQ(icmp_is_echo(&ip), len == 8);
		free(copy);
	}
	for (int i = 6; i <= 7; i++) { /* more fragments; a later one */
		n = ipv4_build(pkt, sizeof(pkt), &h, icmp, sizeof(icmp));
		pkt[i] = i == 6 ? 0x20 : 1;
		seal(pkt);
		CHECK(ipv4_decode(pkt, n, &ip) == DROP_NONE && !icmp_is_echo(&ip));
	}
}

static enum drop decode(const struct err *x, struct icmp_error *out)
{
	static uint8_t buf[2000];
	static uint8_t *copy;
	size_t n = err_build(buf, sizeof(buf), x);

	free(copy); /* what *out points into */
	copy = unit_copy(buf, n);
	return icmp_error_decode(copy, n, out);
}

/* RFC 2003 4.1 to 4.5, and what came after it. */
#define SILENT 255
static void every_type_and_code(void)
{
	static const struct {
		uint8_t type, codes, net, other; /* the code of the unreachable that is told */
		uint8_t from;			 /* the first code of the row */
	} rows[] = {
	    {3, 0, 1, 0, 0},		{3, 1, 1, 1, 1},	{3, 2, 1, 0, 2},
	    {3, 3, SILENT, SILENT, 3},	{3, 5, SILENT, SILENT, 5}, {3, 6, 1, 0, 6},
	    {3, 8, 1, 1, 7},		{3, 9, 1, 0, 9},	{3, 10, 1, 1, 10},
	    {3, 11, 1, 0, 11},		{3, 255, 1, 1, 12},	{4, 255, SILENT, SILENT, 0},
	    {11, 0, 1, 1, 0},		{11, 255, SILENT, SILENT, 1},
	    {12, 255, SILENT, SILENT, 0}, /* it points at the version */
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (unsigned code = rows[i].from; code <= rows[i].codes; code++)
			for (int udp = 0; udp < 2; udp++) {
				const struct err x = {TUNNEL, .type = rows[i].type,
						      .code = (uint8_t)code,
						      .port = udp ? 40123 : 0};
				struct icmp_what net, other;
				struct icmp_error e;
				bool told = rows[i].net != SILENT;

				CHECK_EQ(decode(&x, &e), DROP_NONE);
				CHECK_EQ(icmp_relay_as(&e, true, &net), told);
				CHECK_EQ(icmp_relay_as(&e, false, &other), told);
				if (!told)
					continue;
				CHECK(net.type == 3 && net.code == rows[i].net && !net.rest);
				CHECK(other.type == 3 && other.code == rows[i].other &&
				      !other.rest);
			}
}

/* Too big is the kernel's, redirects too; what is no error is nobody's. */
static void not_ours(void)
{
	for (unsigned type = 0; type < 256; type++) {
		const struct err x = {TUNNEL, .type = (uint8_t)type, .code = 4};
		bool error = type == 4 || type == 11 || type == 12;
		struct icmp_error e;

		CHECK_EQ(decode(&x, &e), error ? DROP_NONE : DROP_TYPE);
	}
}

static void pointers(void)
{
	static const struct {
		uint8_t code, pointer, tos, outer_tos;
		bool df, outer_df, told;
	} rows[] = {
	    {0, 1, 0xb8, 0xb8, false, false, true}, {0, 1, 0xb8, 0xbb, false, false, false},
	    {0, 6, 0, 0, true, true, true},	    {0, 6, 0, 0, false, false, true},
	    {0, 6, 0, 0, true, false, false},	    {1, 1, 0, 0, false, false, false},
	    {2, 6, 0, 0, false, false, false},
	};
	struct icmp_what what;
	struct icmp_error e;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct err x = {TUNNEL, .type = 12, .code = rows[i].code,
				      .rest = (uint32_t)rows[i].pointer << 24,
				      .tos = rows[i].tos, .outer_tos = rows[i].outer_tos,
				      .df = rows[i].df, .outer_df = rows[i].outer_df};

		CHECK_EQ(decode(&x, &e), DROP_NONE);
		CHECK_EQ(icmp_relay_as(&e, true, &what), rows[i].told);
		if (rows[i].told)
			CHECK(what.type == 12 && !what.code && what.rest == x.rest);
	}
	for (unsigned at = 0; at < 256; at++) { /* none of these is the sender's */
		const struct err x = {TUNNEL, .type = 12, .rest = at << 24};

		if (at == 1 || at == 6)
			continue;
		CHECK_EQ(decode(&x, &e), DROP_NONE);
		CHECK(!icmp_relay_as(&e, true, &what));
	}
}

/* What was quoted, to the last byte, and no more than 576 in all. */
static void relayed(void)
{
	uint8_t buf[600], small[100];
	struct err x = {TUNNEL, .type = 3, .code = 1};
	struct icmp_what what;
	struct icmp_error e;
	size_t n;

	for (int udp = 0; udp < 2; udp++)
		for (size_t payload = 8; payload <= 1400; payload += 29) {
			x.port = udp ? 40123 : 0;
			x.inner_payload = payload;
			CHECK_EQ(decode(&x, &e), DROP_NONE);
			CHECK(e.outer.src == x.src && e.outer.dst == x.dst && e.dport == x.port);
			CHECK(e.inner.src == x.inner_src && e.inner.dst == x.inner_dst);
			CHECK(icmp_relay_as(&e, true, &what));
			n = icmp_error_build(buf, sizeof(buf), x.src, &what, e.quoted.p,
					     e.quoted.left);
			CHECK_EQ(n, 48 + payload > 576 ? 576 : 48 + payload);
			CHECK(err_is(buf, n, x.src, 3, 1, 0, &x));
		}
	CHECK_EQ(icmp_error_build(small, sizeof(small), x.src, &what, e.quoted.p, e.quoted.left),
		 0);
	x.inner_protocol = PROTO_ICMP; /* an echo is answered, an error is not: may_answer() */
	CHECK_EQ(decode(&x, &e), DROP_NONE);
	CHECK_EQ(icmp_error_build(buf, sizeof(buf), x.src, &what, e.quoted.p, e.quoted.left), 0);
}

/* A router that quotes 8 bytes of the outer packet's payload, or anything less than both headers
 * and 8 bytes behind them; and extensions (RFC 4884) are no quote. */
static void quotes_too_little(void)
{
	struct icmp_error e;

	for (int udp = 0; udp < 2; udp++) {
		size_t enough = 20 + (udp ? 12 : 0) + 28;
		struct err x = {TUNNEL, .type = 3, .code = 1, .port = udp ? 40123 : 0};

		for (size_t n = 1; n < enough; n++) {
			x.quoted = n;
			CHECK_EQ(decode(&x, &e), udp && n > 28 && n < 32 ? DROP_TYPE : DROP_SHORT);
		}
		x.quoted = enough;
		CHECK_EQ(decode(&x, &e), DROP_NONE);
		CHECK_EQ(e.quoted.left, 28);
	}
	for (uint32_t words = 0; words < 50; words++) {
		const struct err x = {TUNNEL, .type = 3, .code = 1, .rest = words << 16};
		size_t want = !words || words * 4 > 140 ? 120 : words * 4 - 20;

		CHECK_EQ(decode(&x, &e), words && words < 12 ? DROP_SHORT : DROP_NONE);
		if (!words || words >= 12)
			CHECK_EQ(e.quoted.left, want);
	}
}

/* Each byte of an error is changed in turn: what is read of it stays within it. */
static void spoilt(void)
{
	const struct err x = {TUNNEL, .type = 3, .code = 1, .port = 40123, .quoted = 80};
	uint8_t buf[200], *copy;
	struct icmp_error e;
	size_t n = err_build(buf, sizeof(buf), &x);

	for (size_t len = 0; len < n; len++) {
		copy = unit_copy(buf, len);
		CHECK(icmp_error_decode(copy, len, &e) != DROP_NONE);
		free(copy);
	}
	for (size_t i = 20; i < n; i++)
		for (unsigned bit = 0; bit < 8; bit++) {
			copy = unit_copy(buf, n);
			copy[i] ^= (uint8_t)(1 << bit);
			CHECK(icmp_error_decode(copy, n, &e) != DROP_NONE);
			/* and so with a checksum that fits */
			copy[22] = copy[23] = 0;
			copy[22] = (uint8_t)(inet_checksum(copy + 20, n - 20) >> 8);
			copy[23] = (uint8_t)inet_checksum(copy + 20, n - 20);
			if (icmp_error_decode(copy, n, &e) == DROP_NONE)
				CHECK(e.quoted.p > copy && e.quoted.p + e.quoted.left <= copy + n);
			free(copy);
		}
	buf[28 + 32 + 8]++; /* the inner TTL */
	buf[22] = buf[23] = 0;
	buf[22] = (uint8_t)(inet_checksum(buf + 20, n - 20) >> 8);
	buf[23] = (uint8_t)inet_checksum(buf + 20, n - 20);
	CHECK_EQ(icmp_error_decode(buf, n, &e), DROP_IP_HEADER);
}

/* Our own messages to port 434, and what was sent from elsewhere. */
static void other_datagrams(void)
{
	struct err x = {TUNNEL, .type = 3, .code = 1, .port = 40123};
	uint8_t buf[300];
	struct icmp_error e;
	size_t n = err_build(buf, sizeof(buf), &x), at[] = {28 + 21, 28 + 28, 28 + 9};

	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		uint8_t *copy = unit_copy(buf, n);

		copy[at[i]] = 1; /* a port, a Request, ICMP */
		copy[22] = copy[23] = 0;
		copy[22] = (uint8_t)(inet_checksum(copy + 20, n - 20) >> 8);
		copy[23] = (uint8_t)inet_checksum(copy + 20, n - 20);
		CHECK_EQ(icmp_error_decode(copy, n, &e), DROP_TYPE);
		free(copy);
	}
}

UNIT_MAIN("icmp", {"fragmentation needed", too_big}, {"echo", echo},
	  {"every type and code", every_type_and_code}, {"not ours", not_ours},
	  {"pointers", pointers}, {"relayed", relayed}, {"quotes too little", quotes_too_little},
	  {"spoilt", spoilt}, {"other datagrams", other_datagrams})
