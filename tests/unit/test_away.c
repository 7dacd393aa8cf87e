/* SPDX-License-Identifier: MIT */
#include "agent/away.h"

#include "tests/unit/agent_lab.h"

/* The home agent as first agent: every cell of the grid in agent/away.c, and who is refused. */
static struct lab l;
static struct order reply;
static bool reply_tunnelled;
static uint32_t reply_outer;
static uint8_t reply_tos;

static bool swallow(const struct lab *x, const struct lab_event *e)
{
	(void)x;
	(void)e;
	return true;
}

static struct agent *ha(void)
{
	return l.ag[HA];
}

static struct node *node(void)
{
	return node_as(ha(), ROLE_HOME, HOME);
}

static enum buffer_state state(void)
{
	return node() ? node_buffer(node())->state : BUF_SERVING;
}

static uint32_t queued(void)
{
	return node() ? node_buffer(node())->q.packets : 0;
}

static uint64_t dropped(enum drop d)
{
	return agent_drops(ha())->n[d];
}

/* The code of the Reply among the actions; -1: none. */
static int code(void)
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
static unsigned sent(uint32_t *to)
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
	uint8_t action;
	uint32_t first_agent, care_of;
	uint8_t auth;
	uint64_t id; /* 0: now */
	struct sa sa;
};

static struct wanted good(uint8_t action, int care_of)
{
	return (struct wanted){.action = action,
			       .first_agent = HA_ADDR,
			       .care_of = care_of == NOWHERE ? 0 : lab_addr[care_of],
			       .auth = EXT_MN_HA,
			       .sa = lab_mn_ha()};
}

static struct lab_order sign(const struct wanted *x)
{
	struct order o = {.message = ORDER_REQUEST,
			  .action = x->action,
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
static int through(uint32_t outer, const struct lab_order *o)
{
	struct ipv4_out h = { .src = HOME, .dst = HA_ADDR, .ttl = 63 };
	struct instant now = lab_instant(&l);
	uint8_t pkt[400];
	size_t n = udp_build(pkt, sizeof(pkt), &h, 5434, 434, o->bytes, o->n);

	agent_tunnel(ha(), outer, HA_ADDR, pkt, n, &now, &l.out);
	return code();
}

static int order(uint8_t action, int care_of)
{
	struct wanted x = good(action, care_of);
	struct lab_order o = sign(&x);

	return through(lab_addr[FA_A], &o);
}

static void packets(unsigned n)
{
	struct instant now = lab_instant(&l);
	static uint8_t pkt[300];

	while (n--) {
		size_t len = lab_packet(pkt, sizeof(pkt), CN_ADDR, HOME, l.sent++);

		agent_tun(ha(), pkt, len, &now, &l.out);
	}
}

static int registered(int fa, uint16_t lifetime_s, uint64_t id)
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
static unsigned passes(mtime us, uint32_t *to)
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
static void start(void)
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

static void start_in(int s)
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

/* ---- the grid ---- */

static void packet_in_each_state(void)
{
	uint32_t to = 0;

	start_in(SERVING);
	packets(1);
	CHECK_EQ(sent(&to), 1);
	CHECK_EQ(to, lab_addr[FA_A]);
	CHECK(!node());
	lab_stop(&l);

	start_in(BUFFERING);
	packets(1);
	CHECK_EQ(l.out.n, 0);
	CHECK_EQ(queued(), 21);
	lab_stop(&l);

	start_in(DRAINING);
	packets(1);
	CHECK_EQ(sent(NULL), 0);
	CHECK_EQ(queued(), 21);
	lab_stop(&l);
}

static const struct cell {
	uint8_t action;
	int care_of;
	int code[N_STATES];
	enum buffer_state next[N_STATES];
	unsigned left[N_STATES];
} cells[] = {
	{ ORDER_BUFFER, NOWHERE, { 0, 0, 0 }, { BUF_BUFFERING, BUF_BUFFERING, BUF_BUFFERING },
	  { 0, 20, 20 } },
	{ ORDER_FORWARD, FA_A, { 141, 0, 0 }, { BUF_SERVING, BUF_DRAINING, BUF_DRAINING },
	  { 0, 20, 20 } },
	{ ORDER_FORWARD, FA_B, { 142, 142, 142 }, { BUF_SERVING, BUF_BUFFERING, BUF_DRAINING },
	  { 0, 20, 20 } },
	{ ORDER_RELEASE, NOWHERE, { 141, 0, 0 }, { BUF_SERVING, BUF_DRAINING, BUF_DRAINING },
	  { 0, 20, 20 } },
	{ ORDER_DELETE, NOWHERE, { 141, 0, 0 }, { BUF_SERVING, BUF_SERVING, BUF_DRAINING },
	  { 0, 0, 0 } },
	{ ORDER_DELETE_FORWARD, FA_A, { 141, 0, 0 }, { BUF_SERVING, BUF_DRAINING, BUF_DRAINING },
	  { 0, 0, 0 } },
	{ ORDER_DELETE_FORWARD, FA_B, { 142, 142, 142 },
	  { BUF_SERVING, BUF_BUFFERING, BUF_DRAINING }, { 0, 20, 20 } },
	{ ORDER_RENEW, NOWHERE, { 141, 0, 0 }, { BUF_SERVING, BUF_BUFFERING, BUF_DRAINING },
	  { 0, 20, 20 } },
	{ ORDER_QUERY, NOWHERE, { 0, 0, 0 }, { BUF_SERVING, BUF_BUFFERING, BUF_DRAINING },
	  { 0, 20, 20 } },
};

static void each_order_in_each_state(void)
{
	for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]); i++) {
		const struct cell *c = &cells[i];

		for (int s = 0; s < N_STATES; s++) {
			start_in(s);
			CHECK_EQ(order(c->action, c->care_of), c->code[s]);
			CHECK_EQ(state(), c->next[s]);
			CHECK_EQ(queued(), c->left[s]);
			CHECK(reply_tunnelled);
			CHECK_EQ(reply_outer, lab_addr[FA_A]);
			CHECK_EQ(reply_tos, c->action == ORDER_BUFFER ? TOS_CS1 : 0);
			CHECK(reply.mn_ha.present && !reply.mn_fa.present);
			passes(SEC(30), NULL);
			CHECK(!node());
			CHECK_EQ(ha()->reserved, 0);
			lab_stop(&l);
		}
	}
}

static void accepted_in_each_state(void)
{
	uint32_t to = 0;

	start_in(SERVING);
	CHECK_EQ(registered(FA_B, 600, 0), 1);
	CHECK(!node());
	lab_stop(&l);

	start_in(BUFFERING);
	CHECK_EQ(registered(FA_B, 600, 0), 1);
	CHECK_EQ(state(), BUF_DRAINING);
	/* not before the Registration Reply had time to get there, not before live packets */
	packets(1);
	CHECK_EQ(passes(MSEC(10) - 1, NULL), 0);
	packets(1);
	CHECK_EQ(passes(MSEC(100), &to), 22);
	CHECK_EQ(to, lab_addr[FA_B]);
	CHECK_EQ(state(), BUF_SERVING);
	packets(1);
	CHECK_EQ(sent(&to), 1);
	lab_stop(&l);

	start_in(DRAINING);
	CHECK_EQ(registered(FA_B, 600, 0), 1);
	CHECK_EQ(state(), BUF_DRAINING);
	CHECK_EQ(passes(MSEC(10) - 1, NULL), 0);
	CHECK_EQ(passes(MSEC(100), &to), 20);
	CHECK_EQ(to, lab_addr[FA_B]);
	lab_stop(&l);
}

/* The same care-of address: the node stayed, or came back. */
static void renewed_where_it_was(void)
{
	uint32_t to = 0;

	start_in(BUFFERING);
	CHECK_EQ(registered(FA_A, 600, 0), 1);
	CHECK_EQ(passes(MSEC(100), &to), 20);
	CHECK_EQ(to, lab_addr[FA_A]);
	lab_stop(&l);
}

/* A Request that left before the BUFFER: it is no word about what the BUFFER asked for. */
static void request_before_the_buffer(void)
{
	uint32_t to = 0;
	uint64_t id;

	start();
	id = lab_id(&l);
	l.now += MSEC(1);
	CHECK_EQ(order(ORDER_BUFFER, NOWHERE), 0);
	packets(5);
	CHECK_EQ(registered(FA_B, 600, id), 1);
	CHECK_EQ(state(), BUF_BUFFERING);
	CHECK_EQ(passes(MSEC(100), NULL), 0);
	CHECK_EQ(registered(FA_C, 600, 0), 1);
	CHECK_EQ(passes(MSEC(100), &to), 5);
	CHECK_EQ(to, lab_addr[FA_C]);
	lab_stop(&l);
}

/* And a BUFFER that its registration has overtaken begins nothing. */
static void buffer_after_the_request(void)
{
	struct wanted x = good(ORDER_BUFFER, NOWHERE);
	struct lab_order o;

	start();
	o = sign(&x);
	l.now += MSEC(50);
	CHECK_EQ(registered(FA_B, 600, 0), 1);
	CHECK_EQ(through(lab_addr[FA_A], &o), ORDER_ID_ORDER); /* from where it was, for 2 s */
	CHECK_EQ(state(), BUF_SERVING);
	CHECK_EQ(reply_outer, lab_addr[FA_B]);
	CHECK_EQ(dropped(DROP_REPLAY), 1);
	lab_stop(&l);
}

static void lease_over_in_each_state(void)
{
	uint32_t to = 0;

	start_in(BUFFERING);
	CHECK_EQ(passes(SEC(8) - MSEC(2), NULL), 0);
	CHECK_EQ(passes(MSEC(3), &to), 20);
	CHECK_EQ(to, lab_addr[FA_A]);
	CHECK_EQ(state(), BUF_SERVING);
	CHECK_EQ(order(ORDER_RENEW, NOWHERE), ORDER_LEASE_OVER);
	lab_stop(&l);

	start_in(DRAINING);
	node()->mv->buf.lease_ends = l.now + MSEC(1);
	order(ORDER_QUERY, NOWHERE); /* which looks at all deadlines */
	CHECK_EQ(passes(MSEC(2), &to), 20);
	CHECK_EQ(state(), BUF_SERVING);
	lab_stop(&l);
}

static void nowhere_any_more(void)
{
	for (int s = BUFFERING; s <= DRAINING; s++) {
		start_in(s);
		CHECK_EQ(registered(FA_A, 0, 0), 1);
		CHECK_EQ(state(), BUF_SERVING);
		CHECK_EQ(queued(), 0);
		CHECK_EQ(dropped(DROP_NO_BINDING), 20);
		packets(1);
		CHECK_EQ(dropped(DROP_NO_BINDING), 21);
		CHECK_EQ(ha()->reserved, 0);
		lab_stop(&l);
	}
	/* The binding runs out while the lease runs: the node may still come. */
	start();
	CHECK_EQ(registered(FA_A, 3, 0), 1);
	l.now += MSEC(1);
	CHECK_EQ(order(ORDER_BUFFER, NOWHERE), 0);
	packets(5);
	passes(SEC(4), NULL);
	packets(5);
	CHECK_EQ(queued(), 10);
	CHECK_EQ(passes(SEC(5), NULL), 0);
	CHECK_EQ(dropped(DROP_LEASE_OVER), 10);
	lab_stop(&l);
}

/* ---- who is refused ---- */

static void no_right_to_ask(void)
{
	struct wanted x;
	struct lab_order o;

	start();
	x = good(ORDER_BUFFER, NOWHERE);
	x.auth = 0;
	o = sign(&x);
	CHECK_EQ(through(lab_addr[FA_A], &o), -1);
	CHECK_EQ(dropped(DROP_NO_AUTH), 1);
	x = good(ORDER_BUFFER, NOWHERE);
	x.auth = EXT_MN_FA;
	o = sign(&x);
	CHECK_EQ(through(lab_addr[FA_A], &o), -1);
	CHECK_EQ(dropped(DROP_NO_AUTH), 2);
	x = good(ORDER_BUFFER, NOWHERE);
	x.sa.spi++;
	o = sign(&x);
	CHECK_EQ(through(lab_addr[FA_A], &o), ORDER_AUTH_FAILED);
	CHECK_EQ(dropped(DROP_NO_KEY), 1);
	l.now += SEC(1);
	x = good(ORDER_BUFFER, NOWHERE);
	x.sa.key.b[0] ^= 1;
	o = sign(&x);
	CHECK_EQ(through(lab_addr[FA_A], &o), ORDER_AUTH_FAILED);
	CHECK_EQ(through(lab_addr[FA_A], &o), -1); /* once a second */
	CHECK_EQ(dropped(DROP_BAD_AUTH), 2);
	x = good(ORDER_BUFFER, NOWHERE);
	x.first_agent = lab_addr[FA_A];
	o = sign(&x);
	CHECK_EQ(through(lab_addr[FA_A], &o), ORDER_NOT_ME);
	CHECK_EQ(dropped(DROP_NOT_MINE), 1);
	CHECK(!node());
	lab_stop(&l);
}

static void said_before(void)
{
	struct wanted x = good(ORDER_BUFFER, NOWHERE);
	struct lab_order o, late;

	start();
	o = sign(&x);
	CHECK_EQ(through(lab_addr[FA_A], &o), 0);
	packets(3);
	CHECK_EQ(through(lab_addr[FA_A], &o), 0); /* the same Reply */
	CHECK_EQ(queued(), 3);
	CHECK_EQ(ha()->count.orders, 1);
	x.id = o.id - 1;
	late = sign(&x);
	CHECK_EQ(through(lab_addr[FA_A], &late), ORDER_ID_ORDER);
	CHECK((int64_t)(reply.id - o.id) > 0);
	x.id = o.id + ((uint64_t)30 << 32);
	late = sign(&x);
	CHECK_EQ(through(lab_addr[FA_A], &late), ORDER_ID_ORDER);
	CHECK_EQ(dropped(DROP_REPLAY), 1);
	CHECK_EQ(dropped(DROP_STALE), 1);
	/* and when its entry is forgotten it is old all the same */
	registered(FA_B, 600, 0);
	passes(SEC(20), NULL);
	CHECK(!node());
	CHECK_EQ(through(lab_addr[FA_B], &o), ORDER_ID_ORDER);
	CHECK_EQ(state(), BUF_SERVING);
	lab_stop(&l);
}

static void not_through_its_tunnel(void)
{
	struct wanted x = good(ORDER_BUFFER, NOWHERE);
	struct lab_order o;
	struct instant now;

	start();
	o = sign(&x);
	CHECK_EQ(through(lab_addr[FA_C], &o), -1);
	CHECK_EQ(dropped(DROP_OUTER_SOURCE), 1);
	CHECK(!node());
	/* By routing it may come from anywhere: it is signed.  Its Reply goes to the node. */
	now = lab_instant(&l);
	agent_udp(ha(), HOME, 5434, HA_ADDR, o.bytes, o.n, &now, &l.out);
	CHECK_EQ(code(), 0);
	CHECK(reply_tunnelled);
	CHECK_EQ(reply_outer, lab_addr[FA_A]);
	lab_stop(&l);
}

static void not_bound(void)
{
	struct wanted x = good(ORDER_BUFFER, NOWHERE);
	struct lab_order o;
	struct instant now;

	start();
	registered(FA_A, 0, 0);
	o = sign(&x);
	now = lab_instant(&l);
	agent_udp(ha(), CN_ADDR, 434, HA_ADDR, o.bytes, o.n, &now, &l.out);
	CHECK_EQ(code(), ORDER_NOT_SERVED);
	CHECK(!node());
	lab_stop(&l);
}

static void switched_off(void)
{
	start();
	ha()->c.buffers = false;
	CHECK_EQ(order(ORDER_QUERY, NOWHERE), ORDER_PROHIBITED);
	CHECK_EQ(order(ORDER_BUFFER, NOWHERE), ORDER_PROHIBITED);
	lab_stop(&l);
}

/* ---- and whole walks: 500 packets a second ---- */

static void asks(int fa)
{
	struct wanted x = good(ORDER_BUFFER, NOWHERE);
	struct lab_order o = sign(&x);
	struct ipv4_out h = { .src = HOME, .dst = HA_ADDR, .ttl = 63 };
	uint8_t pkt[400];
	size_t n = udp_build(pkt, sizeof(pkt), &h, 5434, 434, o.bytes, o.n);
	struct instant now = lab_instant(&l);

	agent_tun(l.ag[fa], pkt, n, &now, &l.out);
	lab_act(&l, fa);
}

/* The Reply, a datagram of the node's port, is no packet of the stream. */
static bool is_reply(const struct lab *x, const struct lab_event *e)
{
	(void)x;
	return e->kind == LAB_RADIO && e->n < 150;
}

static void walk(bool legacy_b)
{
	lab_defaults(&l);
	l.lose = is_reply;
	l.conf[FA_A].buffers = false;
	l.conf[FA_B].buffers = !legacy_b;
	lab_start(&l);
	lab_settle(&l, FA_A);
	lab_stream_start(&l);
	lab_run(&l, 500);
	asks(FA_A);
	lab_run(&l, 40);
	l.at = NOWHERE;
	lab_run(&l, 90);
	l.at = FA_B;
	lab_register(&l, 600, NULL, NULL);
	lab_run(&l, 1000);
	l.streaming = false;
	lab_run(&l, 100);
	CHECK_EQ(l.received, l.sent);
	CHECK_EQ(l.duplicated, 0);
	CHECK_EQ(l.reordered, 0);
	lab_stop(&l);
}

static void whole_walks(void)
{
	walk(false);
	walk(true);
}

static unsigned delivered(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i < l.out.n; i++)
		n += l.out.a[i].act == AGENT_DELIVER;
	return n;
}

/* What the home agent lets go may be at agent two before its Registration Reply is. */
static void overtakes_the_reply(void)
{
	struct agent *b;
	uint8_t request[300], answer[300], pkt[300];
	size_t n, len;
	struct instant now;

	start();
	b = l.ag[FA_B];
	l.at = FA_B;
	lab_register(&l, 600, NULL, NULL);
	n = l.last_udp_len[FA_B];
	CHECK(n && n < sizeof(request));
	memcpy(request, l.last_udp[FA_B], n);
	now = lab_instant(&l);
	agent_udp(ha(), lab_addr[FA_B], 434, HA_ADDR, request, n, &now, &l.out);
	n = 0;
	for (unsigned i = 0; i < l.out.n; i++) {
		if (l.out.a[i].act != AGENT_SEND_UDP)
			continue;
		n = l.out.a[i].n;
		memcpy(answer, l.out.a[i].p, n);
	}
	CHECK(n > 0);
	for (uint32_t seq = 0; seq < 200; seq++) {
		len = lab_packet(pkt, sizeof(pkt), CN_ADDR, HOME, seq);
		agent_tunnel(b, HA_ADDR, lab_addr[FA_B], pkt, len, &now, &l.out);
		CHECK_EQ(delivered(), 0);
	}
	len = lab_packet(pkt, sizeof(pkt), CN_ADDR, HOME, 200);
	agent_tunnel(b, CN_ADDR, lab_addr[FA_B], pkt, len, &now, &l.out); /* from anybody else */
	CHECK_EQ(agent_drops(b)->n[DROP_OUTER_SOURCE], 1);
	agent_udp(b, HA_ADDR, 434, lab_addr[FA_B], answer, n, &now, &l.out);
	len = delivered();
	while (agent_deadline(b) <= l.now) {
		agent_tick(b, &now, &l.out);
		len += delivered();
	}
	CHECK_EQ(len, 200);
	lab_stop(&l);
}

UNIT_MAIN("away", {"packet in each state", packet_in_each_state},
	  {"each order in each state", each_order_in_each_state},
	  {"registration accepted in each state", accepted_in_each_state},
	  {"renewed where it was", renewed_where_it_was},
	  {"a Request before the BUFFER", request_before_the_buffer},
	  {"a BUFFER after the Request", buffer_after_the_request},
	  {"lease over in each state", lease_over_in_each_state},
	  {"nowhere any more", nowhere_any_more}, {"no right to ask", no_right_to_ask},
	  {"said before", said_before}, {"not through its tunnel", not_through_its_tunnel},
	  {"not bound", not_bound}, {"switched off", switched_off}, {"whole walks", whole_walks},
	  {"overtakes the Reply", overtakes_the_reply})
