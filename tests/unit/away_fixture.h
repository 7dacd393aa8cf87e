/* SPDX-License-Identifier: MIT */
#ifndef MIP_AWAY_FIXTURE_H
#define MIP_AWAY_FIXTURE_H

/* The home agent as first agent, a node bound to an agent that knows nothing of buffers. */
#include "agent/away.h"
#include "tests/unit/agent_lab.h"

/* The home agent as first agent: every cell of the grid in agent/away.c, and who is refused. */
static struct lab l;
static struct order reply;
static bool reply_tunnelled;
static uint32_t reply_outer;
static uint8_t reply_tos;

static inline bool swallow(const struct lab *x, const struct lab_event *e)
{
	(void)x;
	(void)e;
	return true;
}

static inline struct agent *ha(void)
{
	return l.ag[HA];
}

static inline struct node *node(void)
{
	return node_as(ha(), ROLE_HOME, HOME);
}

static inline enum buffer_state state(void)
{
	return node() ? node_buffer(node())->state : BUF_SERVING;
}

static inline uint32_t queued(void)
{
	return node() ? node_buffer(node())->q.packets : 0;
}

static inline uint64_t dropped(enum drop d)
{
	return agent_drops(ha())->n[d];
}

/* The code of the Reply among the actions; -1: none. */
static inline int code(void)
{
	for (unsigned i = 0; i < l.out.n; i++) {
		const struct agent_action *x = &l.out.a[i];
		struct ipv4 ip;
		struct udp u;

		reply_tunnelled = x->act == AGENT_TUNNEL;
		if (x->act == AGENT_SEND_UDP &&
		    order_decode(x->p, x->n, &reply) == DROP_NONE)
			return reply.action;
		if (x->act != AGENT_TUNNEL || ipv4_decode(x->p, x->n, &ip) != DROP_NONE ||
		    udp_decode(&ip, true, &u) != DROP_NONE || u.sport != MIP_PORT ||
		    order_decode(u.payload.p, u.payload.left, &reply) != DROP_NONE)
			continue;
		CHECK_EQ(ip.src, HA_ADDR);
		CHECK_EQ(ip.dst, HOME);
		CHECK_EQ(u.dport, 5434);
		reply_outer = x->dst;
		reply_tos = ip.tos;
		return reply.action;
	}
	return -1;
}

/* Data packets among the actions, and where the last of them goes. */
static inline unsigned sent(uint32_t *to)
{
	unsigned n = 0;

	for (unsigned i = 0; i < l.out.n; i++) {
		const struct agent_action *x = &l.out.a[i];

		if (x->act != AGENT_TUNNEL || x->n < 150 || lab_seq(x->p, x->n) == 0xffffffff)
			continue;
		n++;
		if (to)
			*to = x->dst;
	}
	return n;
}

struct wanted {
	uint8_t action, flags;
	uint32_t first_agent, care_of;
	uint8_t auth;
	uint64_t id; /* 0: now */
	struct sa sa;
};

static inline struct wanted good(uint8_t action, int care_of)
{
	return (struct wanted){.action = action,
			       .first_agent = HA_ADDR,
			       .care_of = care_of == NOWHERE ? 0 : lab_addr[care_of],
			       .auth = EXT_MN_HA,
			       .sa = lab_mn_ha()};
}

static inline struct lab_order sign(const struct wanted *x)
{
	struct order o = {.message = ORDER_REQUEST,
			  .action = x->action,
			  .flags = x->flags,
			  .home_addr = HOME,
			  .first_agent = x->first_agent,
			  .care_of = x->care_of,
			  .id = x->id ? x->id : lab_id(&l)};
	struct lab_order r = { .id = o.id };
	struct wbuf w = wb_init(r.bytes, sizeof(r.bytes));

	order_encode(&w, &o);
	if (x->auth)
		auth_append(&w, x->auth, 0, &x->sa);
	r.n = w.len;
	return r;
}

/* Through the reverse tunnel from that care-of address, as the node's own agent sends it. */
static inline int through(uint32_t outer, const struct lab_order *o)
{
	struct ipv4_out h = { .src = HOME, .dst = HA_ADDR, .ttl = 63 };
	struct instant now = lab_instant(&l);
	uint8_t pkt[400];
	size_t n = udp_build(pkt, sizeof(pkt), &h, 5434, 434, o->bytes, o->n);

	agent_tunnel(ha(), outer, HA_ADDR, pkt, n, &now, &l.out);
	return code();
}

static inline int order(uint8_t action, int care_of)
{
	struct wanted x = good(action, care_of);
	struct lab_order o = sign(&x);

	return through(lab_addr[FA_A], &o);
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

static inline int registered(int fa, uint16_t lifetime_s, uint64_t id)
{
	struct mip_request m = {.flags = MIP_T,
				.lifetime_s = lifetime_s,
				.home_addr = HOME,
				.home_agent = HA_ADDR,
				.care_of = lifetime_s ? lab_addr[fa] : HOME,
				.id = id ? id : lab_id(&l)};
	struct sa mn = lab_mn_ha(), peer = lab_sa(3000, "between agents");
	struct instant now = lab_instant(&l);
	struct mip_reply r;
	struct mip_exts x;
	uint8_t buf[200];
	struct wbuf w = wb_init(buf, sizeof(buf));

	mip_request_encode(&w, &m);
	auth_append(&w, EXT_MN_HA, 0, &mn);
	auth_append(&w, EXT_FA_HA, 0, &peer);
	agent_udp(ha(), lab_addr[fa], 434, HA_ADDR, buf, w.len, &now, &l.out);
	for (unsigned i = 0; i < l.out.n; i++)
		if (l.out.a[i].act == AGENT_SEND_UDP &&
		    mip_reply_decode(l.out.a[i].p, l.out.a[i].n, &r, &x) == DROP_NONE)
			return r.code;
	return -1;
}

/* Time passes at the home agent alone; how many packets left, and whither. */
static inline unsigned passes(mtime us, uint32_t *to)
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

/* Bound to agent one's care-of address, which knows nothing of buffers. */
static inline void start(void)
{
	lab_defaults(&l);
	l.conf[FA_A].buffers = false;
	lab_start(&l);
	l.lose = swallow;
	l.now = SEC(2);
	CHECK_EQ(registered(FA_A, 600, 0), CODE_ACCEPTED_NO_SIMULTANEOUS);
	l.now += MSEC(10);
}

enum { SERVING, BUFFERING, DRAINING, N_STATES };

static inline void start_in(int s)
{
	start();
	if (s == SERVING)
		return;
	CHECK_EQ(order(ORDER_BUFFER, NOWHERE), ORDER_GRANTED);
	packets(20);
	CHECK_EQ(queued(), 20);
	if (s == DRAINING)
		CHECK_EQ(order(ORDER_RELEASE, NOWHERE), ORDER_GRANTED);
	l.now += MSEC(1);
	CHECK_EQ(state(), s == BUFFERING ? BUF_BUFFERING : BUF_DRAINING);
}

#endif
