/* SPDX-License-Identifier: MIT */
#ifndef MIP_COLOCATED_FIXTURE_H
#define MIP_COLOCATED_FIXTURE_H

/* A co-located node at the home agent, with or without a NAT between them, by its messages. */
#include "agent/away.h"
#include "agent/home.h"
#include "tests/unit/agent_lab.h"

#define CARE_OF 0xc0a80117u /* 192.168.1.23, behind NAT_ADDR */
#define OPEN 0xcb007147u    /* 203.0.113.71, an address that the world sees */
#define NAT_ADDR 0xcb007146u
#define NAT_PORT 40123

enum { BEFORE = 1, AFTER = 2, FORCE = 4, THROUGH = 8, FA_AUTH = 16, DIRECT = 32 };

static struct lab l;
static struct mip_reply reply;
static struct mip_exts exts;
static size_t reply_len;

static inline struct agent *ha(void)
{
	return l.ag[HA];
}

static inline uint64_t dropped(enum drop d)
{
	return agent_drops(ha())->n[d];
}

static inline struct agent_binding_info binding(void)
{
	struct agent_binding_info b = {0};

	agent_binding_at(ha(), 0, &b);
	return b;
}

struct wish {
	unsigned how; /* BEFORE ... */
	uint8_t encapsulation;
	uint32_t care_of, src;
	uint16_t sport;
	uint16_t lifetime_s;
	uint64_t id; /* 0: now */
	uint32_t home_addr; /* 0: HOME */
};

static inline size_t request(const struct wish *x, uint8_t *buf, size_t cap)
{
	struct mip_request m = {.flags = MIP_T | (x->how & DIRECT ? MIP_D : 0),
				.lifetime_s = x->lifetime_s,
				.home_addr = x->home_addr ? x->home_addr : HOME,
				.home_agent = HA_ADDR,
				.care_of = x->care_of,
				.id = x->id ? x->id : lab_id(&l)};
	struct mip_udp_request u = {.force = x->how & FORCE,
				    .registration_required = x->how & THROUGH,
				    .encapsulation = x->encapsulation};
	struct sa mn = lab_mn_ha(), peer = lab_sa(3000, "between agents");
	struct wbuf w = wb_init(buf, cap);

	mip_request_encode(&w, &m);
	if (x->how & BEFORE)
		mip_udp_request_append(&w, &u);
	auth_append(&w, EXT_MN_HA, 0, &mn);
	if (x->how & AFTER)
		mip_udp_request_append(&w, &u);
	if (x->how & FA_AUTH)
		auth_append(&w, EXT_FA_HA, 0, &peer);
	assert(wb_ok(&w));
	return w.len;
}

/* The code of the Reply, which must go whence the Request came; -1: none. */
static inline int asked(const struct wish *x)
{
	struct instant now = lab_instant(&l);
	struct sa mn = lab_mn_ha();
	uint8_t buf[300];
	size_t n = request(x, buf, sizeof(buf));

	agent_udp(ha(), x->src, x->sport, HA_ADDR, buf, n, &now, &l.out);
	for (unsigned i = 0; i < l.out.n; i++) {
		const struct agent_action *y = &l.out.a[i];

		if (y->act != AGENT_SEND_UDP)
			continue;
		CHECK(y->dst == x->src && y->dport == x->sport && y->sport == MIP_PORT);
		CHECK_EQ(mip_reply_decode(y->p, y->n, &reply, &exts), DROP_NONE);
		CHECK(exts.n_mn_ha == 1 && auth_check(y->p, y->n, &exts.mn_ha, &mn));
		reply_len = y->n;
		return reply.code;
	}
	return -1;
}

static inline struct wish behind(uint16_t port)
{
	return (struct wish){.how = DIRECT | BEFORE,
			     .care_of = CARE_OF,
			     .src = NAT_ADDR,
			     .sport = port,
			     .lifetime_s = 600};
}

static inline struct wish in_the_open(void)
{
	return (struct wish){.how = DIRECT | BEFORE,
			     .care_of = OPEN,
			     .src = OPEN,
			     .sport = MIP_PORT,
			     .lifetime_s = 600};
}

static inline struct wish at_agent(int fa)
{
	return (struct wish){.how = FA_AUTH,
			     .care_of = lab_addr[fa],
			     .src = lab_addr[fa],
			     .sport = MIP_PORT,
			     .lifetime_s = 600};
}

static inline int moved(struct wish x)
{
	int code;

	l.now += MSEC(1);
	code = asked(&x);
	CHECK_EQ(code, CODE_ACCEPTED_NO_SIMULTANEOUS);
	return code;
}

/* By the node's tunnel from `from`: IP-in-IP where there is no port. */
static inline void tunnel(struct way from, const uint8_t *inner, size_t n)
{
	struct instant now = lab_instant(&l);
	static uint8_t buf[2000];

	assert(n <= sizeof(buf) - MIP_TUNNEL_LEN);
	mip_tunnel_header(buf);
	memcpy(buf + MIP_TUNNEL_LEN, inner, n);
	if (from.port)
		agent_udp(ha(), from.addr, from.port, HA_ADDR, buf, n + MIP_TUNNEL_LEN, &now,
			  &l.out);
	else
		agent_tunnel(ha(), from.addr, HA_ADDR, buf + MIP_TUNNEL_LEN, n, &now, &l.out);
}

static inline void uplink(struct way from, uint32_t inner_src)
{
	uint8_t pkt[300];

	tunnel(from, pkt, lab_packet(pkt, sizeof(pkt), inner_src, CN_ADDR, 7));
}

/* One packet was delivered, or none. */
static inline bool delivered(void)
{
	return l.out.n == 1 && l.out.a[0].act == AGENT_DELIVER &&
	       lab_seq(l.out.a[0].p, l.out.a[0].n) == 7;
}

static inline void packets(unsigned n)
{
	struct instant now = lab_instant(&l);
	static uint8_t pkt[300];

	while (n--) {
		size_t len = lab_packet(pkt, sizeof(pkt), CN_ADDR, HOME, l.sent++);

		agent_tun(ha(), pkt, len, &now, &l.out);
	}
}

/* Data packets among the actions, in the order in which they came; the last one's way. */
static inline unsigned sent(struct way *to)
{
	unsigned n = 0;

	for (unsigned i = 0; i < l.out.n; i++) {
		const struct agent_action *x = &l.out.a[i];

		if (x->act != AGENT_TUNNEL || x->n < 150 || lab_seq(x->p, x->n) == 0xffffffff)
			continue;
		n++;
		CHECK(lab_seq(x->p, x->n) >= l.last_seq);
		l.last_seq = lab_seq(x->p, x->n);
		CHECK(x->src == HA_ADDR && x->sport == (x->dport ? MIP_PORT : 0));
		*to = (struct way){x->dst, x->dport};
	}
	return n;
}

static inline unsigned passes(mtime us, struct way *to)
{
	mtime end = l.now + us;
	unsigned n = 0;

	while (agent_deadline(ha()) <= end) {
		struct instant now;

		if (agent_deadline(ha()) > l.now)
			l.now = agent_deadline(ha());
		now = lab_instant(&l);
		agent_tick(ha(), &now, &l.out);
		n += sent(to);
	}
	l.now = end;
	return n;
}

static inline bool goes(struct way a, uint32_t addr, uint16_t port)
{
	return a.addr == addr && a.port == port;
}

#endif
