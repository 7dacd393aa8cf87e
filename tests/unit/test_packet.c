/* SPDX-License-Identifier: MIT */
#include "common/packet.h"
#include "tests/unit/unit.h"

#define UDP_PACKET "45c0001f 12344000 ff113437 0a630005 c6336407 01b201b2000bc3cf 010203 "
#define TCP_PACKET                                                                                 \
	"4500003c 00004000 400664da cb710009 0a630005 000102030405060708090a0b0c0d0e0f"            \
	"101112131415161718191a1b1c1d1e1f2021222324252627 "

static enum drop decode(const char *hex, struct ipv4 *ip)
{
	uint8_t buf[256];
	size_t n = unit_hex(hex, buf, sizeof(buf));
	uint8_t *p = unit_copy(buf, n);
	enum drop why = ipv4_decode(p, n, ip);

	free(p);
	return why;
}

/* Puts the header checksum right. */
static void seal(uint8_t *p)
{
	struct wbuf w = {.p = p, .len = 20, .cap = 20};

	wb_patch16(&w, 10, 0);
	wb_patch16(&w, 10, inet_checksum(p, (p[0] & 15) * 4u));
}

static void headers(void)
{
	uint8_t buf[64];
	size_t n = unit_hex(UDP_PACKET "ffff", buf, sizeof(buf)); /* link padding behind it */
	struct ipv4 ip;
	struct udp u;

	CHECK_EQ(ipv4_decode(buf, n, &ip), DROP_NONE);
	CHECK_EQ(ip.tos, TOS_CS6);
	CHECK_EQ(ip.ttl, 255);
	CHECK_EQ(ip.protocol, PROTO_UDP);
	CHECK_EQ(ip.total_len, 31);
	CHECK_EQ(ip.id, 0x1234);
	CHECK(ip.df && !ip.mf && !ip.frag_off);
	CHECK_EQ(ip.src, 0x0a630005);
	CHECK_EQ(ip.dst, 0xc6336407);
	CHECK_EQ(ip.header_len, 20);
	CHECK_EQ(ip.payload.left, 11);
	CHECK_EQ(udp_decode(&ip, true, &u), DROP_NONE);
	CHECK_EQ(u.sport, 434);
	CHECK_EQ(u.dport, 434);
	CHECK_BYTES(u.payload.p, u.payload.left, "010203");
}

static void options(void)
{
	uint8_t buf[64];
	size_t n = unit_hex(
	    "46000023 00000000 40114326 0a630005 c6336407 01010101 01b201b2000bc3cf 010203", buf,
	    sizeof(buf));
	struct ipv4 ip;
	struct udp u;

	CHECK_EQ(ipv4_decode(buf, n, &ip), DROP_NONE);
	CHECK_EQ(ip.header_len, 24);
	CHECK_EQ(udp_decode(&ip, true, &u), DROP_NONE);
	CHECK_BYTES(u.payload.p, u.payload.left, "010203");
}

static void bad_headers(void)
{
	uint8_t buf[64], *p;
	size_t n = unit_hex(UDP_PACKET, buf, sizeof(buf));
	struct ipv4 ip = {.id = 99};

	for (size_t cut = 0; cut < n; cut++) {
		p = unit_copy(buf, cut);
		CHECK_EQ(ipv4_decode(p, cut, &ip), DROP_SHORT);
		free(p);
	}
	for (size_t i = 0; i < 20; i++) {
		buf[i] ^= 0x10;
		CHECK(ipv4_decode(buf, n, &ip) != DROP_NONE);
		buf[i] ^= 0x10;
	}
	CHECK_EQ(ip.id, 99);
	CHECK_EQ(decode("65c0001f 12344000 ff113437 0a630005 c6336407", &ip), DROP_IP_HEADER);
	CHECK_EQ(decode("44000014 00000000 40110000 0a630005 c6336407", &ip), DROP_IP_HEADER);
	CHECK_EQ(decode("45000013 00000000 40110000 0a630005 c6336407", &ip), DROP_IP_HEADER);
	CHECK_EQ(decode("46000014 00000000 40110000 0a630005 c6336407", &ip), DROP_IP_HEADER);
	CHECK_EQ(decode("4f000014 00000000 40110000 0a630005 c6336407", &ip), DROP_IP_HEADER);
	CHECK_EQ(decode("4f00003c 00000000 40110000 0a630005 c6336407", &ip), DROP_SHORT);
}

static enum drop udp(const char *hex, bool check)
{
	uint8_t buf[64];
	size_t n = unit_hex(hex, buf, sizeof(buf));
	uint8_t *p;
	struct ipv4 ip;
	struct udp u;
	enum drop why;

	seal(buf);
	p = unit_copy(buf, n);
	CHECK_EQ(ipv4_decode(p, n, &ip), DROP_NONE);
	why = udp_decode(&ip, check, &u);
	free(p);
	return why;
}

#define IP31 "4500001f 12340000 ff110000 0a630005 c6336407 "

static void bad_udp(void)
{
	CHECK_EQ(udp(IP31 "01b201b2000bc3cf 010203", true), DROP_NONE);
	CHECK_EQ(udp(IP31 "01b201b2000bc3cf 010204", true), DROP_UDP_CHECKSUM);
	CHECK_EQ(udp(IP31 "01b201b2000bc3cf 010204", false), DROP_NONE);
	CHECK_EQ(udp(IP31 "01b201b2000b0000 010204", true), DROP_NONE); /* none was sent */
	CHECK_EQ(udp(IP31 "01b201b2000c0000 010203", true), DROP_SHORT);
	CHECK_EQ(udp(IP31 "01b201b200070000 010203", true), DROP_MALFORMED);
	CHECK_EQ(udp(IP31 "01b201b200080000 010203", true),
		 DROP_NONE); /* bytes behind it are nobody's */
	CHECK_EQ(udp("4500001b 12340000 ff110000 0a630005 c6336407 01b201b2000800", true),
		 DROP_SHORT);
	CHECK_EQ(udp("45000014 12340000 ff110000 0a630005 c6336407", true), DROP_SHORT);
	CHECK_EQ(udp("4500001f 12340000 ff060000 0a630005 c6336407 01b201b2000b0000 010203", true),
		 DROP_TYPE);
	CHECK_EQ(udp("4500001f 12342000 ff110000 0a630005 c6336407 01b201b2000b0000 010203", true),
		 DROP_MALFORMED);
	CHECK_EQ(udp("4500001f 12340001 ff110000 0a630005 c6336407 01b201b2000b0000 010203", true),
		 DROP_MALFORMED);
}

static void fragments(void)
{
	uint8_t buf[64];
	struct ipv4 ip;

	unit_hex("45000014 12343fff ff110000 0a630005 c6336407", buf, sizeof(buf));
	seal(buf);
	CHECK_EQ(ipv4_decode(buf, 20, &ip), DROP_NONE);
	CHECK_EQ(ip.frag_off, 65528);
	CHECK(ip.mf && !ip.df);
}

static void checksums(void)
{
	static const uint8_t rfc1071[] = {0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};
	uint8_t buf[20];

	CHECK_EQ(inet_checksum(rfc1071, 8), 0x220d);
	CHECK_EQ(inet_checksum(rfc1071, 0), 0xffff);
	CHECK_EQ(inet_checksum("\x01\x02\x03", 3), 0xfbfd);
	/* The changed TTL's checksum is what a whole new sum would be, for every TTL and checksum.
	 */
	for (unsigned id = 0; id < 65536; id += 3)
		for (unsigned ttl = 1; ttl < 256; ttl += 127) {
			uint8_t want[2];

			unit_hex("45000014 00000000 00040000 c0000201 c6336407", buf, sizeof(buf));
			buf[4] = (uint8_t)(id >> 8);
			buf[5] = (uint8_t)id;
			buf[8] = (uint8_t)ttl;
			seal(buf);
			ipv4_ttl_add(buf, -1);
			if (buf[8] != ttl - 1 || inet_checksum(buf, 20)) {
				CHECK(false);
				return;
			}
			memcpy(want, buf + 10, 2);
			seal(buf);
			CHECK(!memcmp(want, buf + 10, 2));
			ipv4_ttl_add(buf, 1);
			if (buf[8] != ttl || inet_checksum(buf, 20)) {
				CHECK(false);
				return;
			}
		}
}

static const struct ipv4_out out = {.src = 0x0a630005, .dst = 0xc6336407, .ttl = 64};

static void builds(void)
{
	struct ipv4_out h = out, t = {.src = 0xc0000201,
				      .dst = 0xc6336407,
				      .ttl = 64,
				      .protocol = PROTO_IPIP};
	uint8_t buf[128], inner[64];
	size_t n;

	h.ttl = 255;
	h.tos = TOS_CS6;
	h.df = true;
	h.id = 0x1234;
	n = udp_build(buf, sizeof(buf), &h, 434, 434, "\x01\x02\x03", 3);
	CHECK_BYTES(buf, n, UDP_PACKET);
	n = udp_build(buf, sizeof(buf), &out, 434, 434, "\xc7\xd3",
		      2); /* sums up to 0: sent as ffff */
	CHECK_BYTES(buf, n, "4500001e 00000000 4011462d 0a630005 c6336407 01b201b2000affff c7d3");
	n = unit_hex(TCP_PACKET, inner, sizeof(inner));
	n = ipv4_build(buf, sizeof(buf), &t, inner, n);
	CHECK_BYTES(buf, n, "45000050 00000000 40048e6e c0000201 c6336407 " TCP_PACKET);
	n = ipv4_build(buf, sizeof(buf), &t, NULL, 0);
	CHECK_EQ(n, 20);
}

static void builds_refuse(void)
{
	uint8_t *buf, *big = calloc(1, 65535);

	for (size_t cap = 0; cap <= 31; cap++) {
		buf = malloc(cap);
		CHECK_EQ(udp_build(buf, cap, &out, 1, 2, "abc", 3), cap < 31 ? 0 : 31);
		CHECK_EQ(ipv4_build(buf, cap, &out, "abc", 3), cap < 23 ? 0 : 23);
		free(buf);
	}
	buf = malloc(70000);
	CHECK_EQ(udp_build(buf, 70000, &out, 1, 2, big, 65507), 65535);
	CHECK_EQ(udp_build(buf, 70000, &out, 1, 2, big, 65508), 0);
	CHECK_EQ(ipv4_build(buf, 70000, &out, big, 65515), 65535);
	CHECK_EQ(ipv4_build(buf, 70000, &out, big, 65516), 0);
	CHECK_EQ(ipv4_build(buf, 70000, &out, big, SIZE_MAX), 0);
	free(buf);
	free(big);
}

/* Cut, and cut again: put together it is what it was. */
static void cut_into_fragments(void)
{
	struct ipv4_out h = {
	    .src = 1 << 24, .dst = 2 << 24, .ttl = 9, .protocol = PROTO_UDP, .id = 7};
	uint8_t payload[1000], pkt[1020], whole[1000], one[600], two[600];
	size_t n, len, done = 0, again, m, got = 0;
	struct ipv4 a, b;

	for (size_t i = 0; i < sizeof(payload); i++)
		payload[i] = (uint8_t)(i * 7);
	n = ipv4_build(pkt, sizeof(pkt), &h, payload, sizeof(payload));
	while ((len = ipv4_fragment(pkt, n, 599, &done, one, sizeof(one)))) {
		CHECK(len <= 599);
		CHECK_EQ(ipv4_decode(one, len, &a), DROP_NONE);
		again = 0;
		while ((m = ipv4_fragment(one, len, 100, &again, two, sizeof(two)))) {
			CHECK(m <= 100);
			CHECK_EQ(ipv4_decode(two, m, &b), DROP_NONE);
			CHECK(b.src == h.src && b.dst == h.dst && b.ttl == 9 && b.id == 7 && !b.df);
			CHECK_EQ(b.protocol, PROTO_UDP);
			CHECK_EQ(b.frag_off, got);
			CHECK_EQ(b.mf, got + b.payload.left < sizeof(payload));
			memcpy(whole + b.frag_off, b.payload.p, b.payload.left);
			got += b.payload.left;
		}
	}
	CHECK_EQ(got, sizeof(payload));
	CHECK(!memcmp(whole, payload, sizeof(payload)));
	done = 0;
	CHECK_EQ(ipv4_fragment(pkt, n, 2000, &done, whole, 1000), 0); /* no room */
	CHECK_EQ(ipv4_fragment(pkt, n, 27, &done, one, sizeof(one)), 0);
	CHECK_EQ(ipv4_fragment(pkt, n, 0, &done, one, sizeof(one)), 0);
	CHECK_EQ(ipv4_fragment(pkt, n - 1, 500, &done, one, sizeof(one)), 0);
	CHECK_EQ(ipv4_fragment(pkt, n, 28, &done, one, sizeof(one)), 28);
	done = 0;
	h.df = true;
	n = ipv4_build(pkt, sizeof(pkt), &h, payload, sizeof(payload));
	CHECK_EQ(ipv4_fragment(pkt, n, 500, &done, one, sizeof(one)), 0);
}

/* A piece of what would be longer than a packet can be: cut again, its offset would run into the
 * flags, and a later piece become the first. */
static void fragment_beyond_the_end(void)
{
	struct ipv4_out h = {
	    .src = 1 << 24, .dst = 2 << 24, .ttl = 9, .protocol = PROTO_UDP, .id = 7};
	uint8_t payload[100] = { 0 }, pkt[120], one[120];
	size_t n = ipv4_build(pkt, sizeof(pkt), &h, payload, sizeof(payload)), done;
	struct wbuf w = { .p = pkt, .len = n, .cap = n };
	struct ipv4 ip;

	for (unsigned words = 8170; words < 8192; words++) {
		wb_patch16(&w, 6, (uint16_t)words);
		wb_patch16(&w, 10, 0);
		wb_patch16(&w, 10, inet_checksum(pkt, IPV4_HEADER_LEN));
		done = 0;
		while (ipv4_fragment(pkt, n, 60, &done, one, sizeof(one))) {
			CHECK_EQ(ipv4_decode(one, sizeof(one), &ip), DROP_NONE);
			CHECK(!ip.df && ip.frag_off >= words * 8);
		}
		CHECK_EQ(done, words * 8 + 100 <= 65535 - IPV4_HEADER_LEN ? 100 : 0);
	}
}

UNIT_MAIN("packet", {"headers", headers}, {"options", options}, {"bad headers", bad_headers},
	  {"bad UDP", bad_udp}, {"fragments", fragments}, {"checksums", checksums},
	  {"builds byte for byte", builds}, {"builds refuse", builds_refuse},
	  {"cut into fragments", cut_into_fragments},
	  {"a fragment beyond the end", fragment_beyond_the_end})
