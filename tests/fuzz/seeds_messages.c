/* SPDX-License-Identifier: MIT */
#include "tests/fuzz/seeds.h"

#include "common/advert.h"
#include "common/icmp.h"
#include "common/mip.h"
#include "common/offload.h"
#include "common/order.h"
#include "tests/vectors/dealt.h"
#include "tests/vectors/messages.h"

static size_t unhex(const char *s, uint8_t *out)
{
	size_t n = 0;

	for (; *s; s++)
		if (hex_digit(s[0]) >= 0) {
			out[n++] = (uint8_t)(hex_digit(s[0]) << 4 | hex_digit(s[1]));
			s++;
		}
	return n;
}

static void vectors(void)
{
	static const char *const messages[] = {
	    REQUEST_FIXED, REQUEST_MD5, REQUEST_SHA256,	   REQUEST_TWO,	     REQUEST_36,
	    REPLY_FIXED,   REPLY_MD5,	FORWARD,	   GRANTED_LESS,     WALK_FORWARD,
	    WALK_REQUEST,  WALK_BUFFER, WALK_BUFFER_REPLY, WALK_HOME_MARKER, WALK_FORWARD_REPLY,
	    WALK_PENDING,  WALK_MARKER, DEALT_REPLY,	   DEALT_BUFFER,
	};
	uint8_t buf[MIP_MSG_MAX];

	for (size_t i = 0; i < sizeof(messages) / sizeof(*messages); i++) {
		size_t n = unhex(messages[i], buf);

		seed(buf[0] == MIP_ORDER ? "order" : "registration", buf, n);
	}
}

/* With each extension that there is. */
static void registrations(void)
{
	const struct sa sa = {256, AUTH_HMAC_SHA256, {{1}, 32}};
	struct mip_request q = {MIP_T | MIP_D, 600, 0, 0xc0000201, 0xc0a80117, 77};
	struct mip_reply r = {1, 600, 0x0a630005, 0xc0000201, 77};
	uint8_t buf[MIP_MSG_MAX];
	struct wbuf w = wb_init(buf, sizeof(buf));

	mip_request_encode(&w, &q);
	mip_nai_append(&w, "a@example.net", 13);
	mip_udp_request_append(&w, &(struct mip_udp_request){.force = true});
	auth_append(&w, EXT_MN_HA, 0, &sa);
	wb_u16(&w, EXT_ENCAP_DELIVERY << 8);
	mip_ext_append(&w, SUB_HANDOFF_KEY, sa.key.b, 32);
	auth_append(&w, EXT_FA_HA, 0, &sa);
	seed("registration", buf, w.len);
	w = wb_init(buf, sizeof(buf));
	mip_reply_encode(&w, &r);
	mip_udp_reply_append(&w, &(struct mip_udp_reply){.keepalive_s = 25});
	mip_node_nonce_append(&w, &(struct dealt_node){.spi = 257, .lifetime_s = 600});
	auth_append(&w, EXT_MN_HA, 0, &sa);
	mip_agent_key_append(&w, &(struct dealt_agent){.spi = 257, .lifetime_s = 600});
	mip_ext_append(&w, SUB_RELAYED_REPLY, "x", 1);
	auth_append(&w, EXT_FA_HA, 0, &sa);
	seed("registration", buf, w.len);
}

static void orders(void)
{
	struct order o = {.message = ORDER_REQUEST,
			  .action = ORDER_BUFFER,
			  .home_addr = 0x0a630005,
			  .first_agent = 0xc6336407,
			  .id = 77,
			  .has_size = true,
			  .has_lease = true,
			  .has_overflow = true,
			  .overflow = OVERFLOW_LOWEST,
			  .n_rules = 1,
			  .rules = {{.match = MATCH_PROTOCOL | MATCH_SOURCE,
				     .protocol = 17,
				     .prefix_len = 24,
				     .source = 0xcb007100}},
			  .n_ages = 2,
			  .ages = {{46, 100}, {AGE_ANY_DSCP, 500}}};
	uint8_t buf[ORDER_MAX];
	struct wbuf w = wb_init(buf, sizeof(buf));

	order_encode(&w, &o);
	seed("order", buf, w.len);
	o.n_rules = 0;
	o.n_seen = 3;
	w = wb_init(buf, sizeof(buf));
	order_encode(&w, &o);
	seed("order", buf, w.len);
	o = (struct order){
	    .message = ORDER_REPLY, .has_state = true, .has_count = true, .has_delivered = true};
	w = wb_init(buf, sizeof(buf));
	order_encode(&w, &o);
	seed("order", buf, w.len);
}

static void adverts(void)
{
	struct advert a = {.icmp_lifetime_s = 180,
			   .sequence = 7,
			   .reg_lifetime_s = 1800,
			   .flags = ADVERT_F | ADVERT_T,
			   .care_of = {0xc6336407},
			   .n_care_of = 1,
			   .buffers = true,
			   .buffer_kib = 4096,
			   .n_neighbours = 2};
	uint8_t buf[400];
	struct wbuf w = wb_init(buf, sizeof(buf));

	advert_encode(&w, &a);
	seed("advert", buf, w.len);
	a = (struct advert){
	    .flags = ADVERT_H, .router = 0xc0000201, .has_prefix = true, .prefix_len = 24};
	w = wb_init(buf, sizeof(buf));
	advert_encode(&w, &a);
	seed("advert", buf, w.len);
	w = wb_init(buf, sizeof(buf));
	solicit_encode(&w);
	seed("advert", buf, w.len);
}

/* A SYN with an MSS, behind options of IPv4's; fragments; an echo; a tunnel in a tunnel. */
static void packets(void)
{
	static const char *const all[] = {
	    "450000302a2a4000400600000a630005cb0071091388138900000001000000007002ffff00000000"
	    "020405b401010402",
	    "4700003c2a2a4000400600000a630005cb0071098307041000000100138813890000000100000000"
	    "7002ffff00000000020405b401010402",
	    "450000242a2a2010401100000a630005cb007109000102030405060708090a0b0c0d0e0f",
	    "450000242a2a00004011 00000a630005cb00710913881389001000000102030405060708",
	    "4500001c2a2a0000400100000a630005cb0071090800f7ff00000000",
	    "4500003c2a2a000040040000c6336407c0000201450000282a2a4000400600000a630005cb007109"
	    "13881389000000010000000050100000000000000000",
	};
	uint8_t buf[200];

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		size_t n = unhex(all[i], buf);

		fuzz_mend_ip(buf, n);
		seed("ipv4", buf, n);
	}
}

/* A router's word about a packet in a tunnel, of either kind. */
static void error(uint8_t type, uint8_t code, uint32_t rest, bool udp)
{
	const struct ipv4_out in = {0x0a630005, 0xcb007109, 61, 0, PROTO_TCP, false, 0};
	const struct ipv4_out out = {0xc0000201, 0xc6336407, 1, 0, PROTO_IPIP, false, 0};
	const struct ipv4_out us = {0xc0000263, 0xc0000201, 60, 0, PROTO_ICMP, false, 0};
	uint8_t inner[200], outer[300], icmp[400], pkt[500], payload[40] = {0};
	struct wbuf w = wb_init(icmp, sizeof(icmp));
	size_t n = ipv4_build(inner + MIP_TUNNEL_LEN, 100, &in, payload, sizeof(payload));

	mip_tunnel_header(inner);
	n = udp ? udp_build(outer, sizeof(outer), &out, MIP_PORT, 40123, inner, n + MIP_TUNNEL_LEN)
		: ipv4_build(outer, sizeof(outer), &out, inner + MIP_TUNNEL_LEN, n);
	wb_u8(&w, type);
	wb_u8(&w, code);
	wb_u16(&w, 0);
	wb_u32(&w, rest);
	wb_bytes(&w, outer, n);
	fuzz_mend_sum(icmp, w.len, 2);
	seed("icmp", pkt, ipv4_build(pkt, sizeof(pkt), &us, icmp, w.len));
}

static void large(enum offload_kind kind, size_t header, size_t size)
{
	const struct ipv4_out h = {.src = 0x0a630005,
				   .dst = 0xcb007109,
				   .ttl = 64,
				   .df = true,
				   .protocol = kind == OFFLOAD_TCP ? PROTO_TCP : PROTO_UDP};
	uint8_t payload[600] = {0x13, 0x88, 0x13, 0x89, 0, 0, 0, 1, 0, 0, 0, 0, 0x50, 0x10};
	uint8_t buf[700] = {(uint8_t)kind, 3, IPV4_HEADER_LEN, kind == OFFLOAD_TCP ? 16 : 6, 0,
			    (uint8_t)size};
	size_t n = ipv4_build(buf + 6, sizeof(buf) - 6, &h, payload, header + 3 * size - 7);

	seed("offload", buf, n + 6);
}

void seeds_messages(void)
{
	vectors();
	registrations();
	orders();
	adverts();
	packets();
	for (unsigned udp = 0; udp < 2; udp++) {
		error(ICMP_UNREACHABLE, 1, 0, udp);
		error(ICMP_TIME, 0, 0, udp);
		error(ICMP_PARAMETER, 0, 1 << 24, udp);
		error(ICMP_UNREACHABLE, 4, 1400, udp);
	}
	large(OFFLOAD_TCP, 20, 100);
	large(OFFLOAD_UDP, 8, 100);
	large(OFFLOAD_NONE, 20, 100);
}
