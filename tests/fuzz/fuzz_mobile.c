/* SPDX-License-Identifier: MIT */
/* The node's core, by a sequence of what may happen to it. */
#include "client/history.h"
#include "tests/fuzz/phone_link.h"
#include "tests/fuzz/phone_messages.h"

static uint8_t message[MIP_MSG_MAX];

/* ---- messages ---- */

static void say(struct phone *p, struct rbuf *in, const uint8_t *msg, size_t n)
{
	uint8_t door = rb_u8(in);
	struct mac mac = phone_mac(16 + (door >> 6 & 1));
	uint32_t dst = door & 1 ? say_addr(in) : mobile_want(p->m)->home_addr, src;
	uint8_t *copy = fuzz_copy(msg, n);
	uint8_t inner[MIP_MSG_MAX + 28];
	struct ipv4_out h = {.src = HOME_AGENT, .dst = HOME, .ttl = 64};

	if (door & 2 && n) {
		n = udp_build(inner, sizeof(inner), &h, MIP_PORT, MIP_PORT, copy, n);
		free(copy);
		copy = fuzz_copy(inner, n);
		src = door & 4 ? say_addr(in) : HOME_AGENT;
		dst = say_addr(in);
		mobile_tunnelled(p->m, src, dst, door & 8, copy, n, &p->now, &phone_out);
	} else {
		mobile_udp(p->m, &mac, agent_addr[door >> 5 & 1], dst, copy, n, &p->now,
			   &phone_out);
	}
	phone_after(p);
	free(copy);
}

static void advert(struct phone *p, struct rbuf *in)
{
	unsigned from, link = fuzz_choice(in, p->conf.n_links);
	size_t n = say_advert(in, &from, message, sizeof(message));
	struct mac mac = phone_mac(16 + from);
	uint8_t *copy = fuzz_copy(message, n);

	mobile_icmp(p->m, link, &mac, from == 2 ? HOME_AGENT : agent_addr[from & 1], copy, n,
		    &p->now, &phone_out);
	phone_after(p);
	free(copy);
}

static void raw(struct phone *p, struct rbuf *in)
{
	uint8_t door = rb_u8(in);
	uint32_t src = say_addr(in), dst = say_addr(in);
	struct mac mac = phone_mac(16);
	struct rbuf piece = fuzz_piece(in);
	uint8_t *copy = fuzz_copy(piece.p, piece.left);
	size_t n = piece.left, header = n ? (size_t)(copy[0] & 15) * 4 : 0;

	if (door & 8)
		fuzz_mend_ip(copy, n);
	if (door & 16 && n > header)
		fuzz_mend_sum(copy + header, n - header, 2);
	switch (door & 7) {
	case 0:
		mobile_udp(p->m, &mac, src, dst, copy, n, &p->now, &phone_out);
		break;
	case 1:
		fuzz_mend_sum(copy, n, 2);
		mobile_icmp(p->m, door >> 5 & 1 ? p->conf.n_links - 1 : 0, &mac, src, copy, n,
			    &p->now, &phone_out);
		break;
	case 2:
		mobile_tunnelled(p->m, src, dst, door & 32, copy, n, &p->now, &phone_out);
		break;
	case 3:
		mobile_tunnel_error(p->m, copy, n, &p->now, &phone_out);
		break;
	default:
		mobile_tun(p->m, copy, n, &p->now, &phone_out);
	}
	phone_after(p);
	free(copy);
}

/* ---- packets ---- */

static void packets(struct phone *p, struct rbuf *in, bool tunnelled)
{
	unsigned what = rb_u8(in), n = 1 + fuzz_choice(in, 24);
	struct ipv4_out h = {.src = tunnelled ? CN : HOME,
			     .dst = tunnelled ? HOME : CN,
			     .ttl = 64,
			     .tos = 4,
			     .df = what & 1};
	uint32_t src = tunnelled ? say_addr(in) : 0, dst = tunnelled ? say_addr(in) : 0;
	uint8_t payload[1400] = {0}, pkt[1500];
	size_t len = rb_u16(in) % sizeof(payload);

	if (what & 2)
		h.src = say_addr(in);
	for (; n; n--) {
		size_t m =
		    udp_build(pkt, sizeof(pkt), &h, 5000, what & 4 ? MIP_PORT : 5001, payload, len);
		uint8_t *copy = fuzz_copy(pkt, m);

		if (tunnelled)
			mobile_tunnelled(p->m, src, dst, what & 8, copy, m, &p->now, &phone_out);
		else
			mobile_tun(p->m, copy, m, &p->now, &phone_out);
		phone_after(p);
		free(copy);
	}
}

static void count(struct phone *p, struct rbuf *in)
{
	p->total += rb_u8(in);
	if (rb_u8(in) & 1) {
		mobile_downlink(p->m, p->total, &p->now, &phone_out);
	} else {
		phone_out.n = 0;
		mobile_count(p->m, p->total);
	}
	phone_after(p);
}

/* ---- people ---- */

static void command(struct phone *p, struct rbuf *in)
{
	uint8_t what = rb_u8(in), which = rb_u8(in);
	struct mac bssid = phone_mac(which & 7);
	unsigned link = which % (p->conf.n_links + 1);
	bool not_found;

	link = link == p->conf.n_links ? MOBILE_ANY_LINK : link;
	switch (what & 7) {
	case 0:
		mobile_handoff(p->m, which & 8 ? &bssid : NULL, &not_found, &p->now, &phone_out);
		break;
	case 1:
		mobile_cross(p->m, link, &p->now, &phone_out);
		break;
	case 2:
		mobile_announce(p->m, MSEC((mtime)rb_u16(in)) % ANNOUNCE_MAX,
				which & 8 ? &bssid : NULL, what & 8 ? link : MOBILE_ANY_LINK,
				&p->now, &phone_out);
		break;
	case 3:
		mobile_withdraw(p->m, &p->now, &phone_out);
		break;
	case 4:
		mobile_register(p->m, &p->now, &phone_out);
		break;
	case 5:
		mobile_deregister(p->m, &p->now, &phone_out);
		break;
	case 6:
		mobile_power(p->m, which & 1, &p->now, &phone_out);
		break;
	default:
		mobile_home_agent(p->m, which & 1 ? HOME_AGENT : say_addr(in), &p->now, &phone_out);
	}
	phone_after(p);
}

static void configure(struct phone *p, struct rbuf *in)
{
	struct mobile_conf c = p->conf;
	uint8_t with = rb_u8(in), also = rb_u8(in);

	phone_configure(p, with, also);
	p->conf.n_links = c.n_links;
	p->conf.home_addr = c.home_addr;
	memcpy(p->conf.nai, c.nai, sizeof(c.nai));
	if (!p->conf.home_agent)
		p->conf.home_agent = c.home_agent;
	assert(mobile_reconfigure(p->m, &p->conf, &p->now, &phone_out));
	phone_after(p);
}

/* What it keeps of its handoffs is believed by who comes after it. */
static void keep(struct phone *p)
{
	static uint8_t file[HISTORY_FILE_MAX];
	size_t n = history_encode(p->m, file, sizeof(file));
	struct mobile *next = mobile_new(&p->conf, p->pool, &p->now);

	assert(n && next);
	n = seal(file, n);
	assert(history_restore(next, file, n) == HISTORY_GOOD);
	mobile_free(next);
}

/* ---- the input ---- */

static void begin(struct phone *p, uint8_t with)
{
	static const uint8_t on_a[] = {0, 0, (uint8_t)-45, 0};
	static const uint8_t by_a[] = {0, 0, 1};
	static const uint8_t accepted[] = {0, 2, 0x58, 0, 2, 0};
	static const uint8_t own[] = {0, 0, 6, 8, 0x0e, 0x10}, gateway[] = {0, 1, 8, 8};
	static const uint8_t udp[] = {0, 2, 0x58, 16, 0, 0, 0, 110, 1, 6};
	struct rbuf in;

	if (!(with & (MOBILE_WITH_AGENT | MOBILE_WITH_TUNNEL)))
		return;
	in = rb_init(on_a, sizeof(on_a));
	connected(p, &in);
	if (with & MOBILE_WITH_AGENT) {
		phone_wait(p, MSEC(10));
		in = rb_init(by_a, sizeof(by_a));
		advert(p, &in);
		in = rb_init(accepted, sizeof(accepted));
	} else {
		in = rb_init(own, sizeof(own));
		address(p, &in);
		in = rb_init(gateway, sizeof(gateway));
		address(p, &in);
		phone_wait(p, SEC(4));
		in = rb_init(udp, sizeof(udp));
	}
	say(p, &in, message, say_reply(&in, p, message, sizeof(message)));
}

static void op(struct phone *p, struct rbuf *in)
{
	struct mac mac;
	unsigned link;
	uint8_t n;

	switch ((enum mobile_op)fuzz_choice(in, MOBILE_OPS)) {
	case MOBILE_OP_WAIT:
		n = rb_u8(in);
		phone_wait(p, n < 224 ? MSEC(n) : SEC(rb_u8(in)));
		break;
	case MOBILE_OP_CONNECTED:
		connected(p, in);
		break;
	case MOBILE_OP_DISCONNECTED:
		link = fuzz_choice(in, p->conf.n_links);
		mac = phone_mac(rb_u8(in) & 7);
		mobile_disconnected(p->m, link, &mac, &p->now, &phone_out);
		phone_after(p);
		break;
	case MOBILE_OP_RADIO:
		radio(p, in);
		break;
	case MOBILE_OP_SCANNED:
		scanned(p, in);
		break;
	case MOBILE_OP_ADVERT:
		advert(p, in);
		break;
	case MOBILE_OP_REPLY:
		say(p, in, message, say_reply(in, p, message, sizeof(message)));
		break;
	case MOBILE_OP_ORDER_REPLY:
		say(p, in, message, say_order_reply(in, p, message, sizeof(message)));
		break;
	case MOBILE_OP_RAW:
		raw(p, in);
		break;
	case MOBILE_OP_ADDRESS:
		address(p, in);
		break;
	case MOBILE_OP_TUNNELLED:
		packets(p, in, true);
		break;
	case MOBILE_OP_TUN:
		packets(p, in, false);
		break;
	case MOBILE_OP_COMMAND:
		command(p, in);
		break;
	case MOBILE_OP_NEIGHBOURS:
		neighbours(p, in);
		break;
	case MOBILE_OP_CONF:
		configure(p, in);
		break;
	case MOBILE_OP_COUNT:
		count(p, in);
		break;
	case MOBILE_OPS:
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct rbuf in = rb_init(bytes, size);
	uint8_t with = rb_u8(&in), also = rb_u8(&in);
	struct phone *p = phone_new(with, also);

	begin(p, with);
	for (unsigned ops = 0; in.left && ops < 150; ops++) {
		op(p, &in);
		phone_look(p);
	}
	phone_wait(p, SEC(30));
	keep(p);
	mobile_free(p->m);
	return 0;
}
