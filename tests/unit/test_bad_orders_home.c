/* SPDX-License-Identifier: MIT */
#include "agent/away.h"

#include "tests/unit/agent_lab.h"

static struct lab l;

#include "tests/unit/bad_orders.h"

/* The same to the home agent: orders that come through the reverse tunnel of the node's agent. */
enum { SERVING, BUFFERING, DRAINING, N_STATES };

static struct order reply;
static struct buffer was;
static uint64_t reserved, dropped;

static struct agent *ha(void)
{
	return l.ag[HA];
}

static uint64_t all_drops(void)
{
	uint64_t n = 0;

	for (int why = 1; why < DROP_COUNT; why++)
		n += agent_drops(ha())->n[why];
	return n;
}

static const struct buffer *buf(void)
{
	static const struct buffer none = { .lease_ends = MTIME_NEVER };
	const struct node *n = node_as(ha(), ROLE_HOME, HOME);

	return n ? node_buffer(n) : &none;
}

/* The code of the answer, in the tunnel, or to who is not the node that it speaks of; -1: none. */
static int says(const struct lab_order *o)
{
	struct ipv4_out h = { .src = HOME, .dst = HA_ADDR, .ttl = 63 };
	struct instant now = lab_instant(&l);
	uint8_t pkt[400];
	size_t n = udp_build(pkt, sizeof(pkt), &h, 5434, 434, o->bytes, o->n);

	agent_tunnel(ha(), lab_addr[FA_A], HA_ADDR, pkt, n, &now, &l.out);
	for (unsigned i = 0; i < l.out.n; i++) {
		const struct agent_action *x = &l.out.a[i];
		struct ipv4 ip;
		struct udp u;

		if (x->act == AGENT_SEND_UDP && order_decode(x->p, x->n, &reply) == DROP_NONE) {
			CHECK(x->n <= o->n + ORDER_REPLY_GROW);
			return reply.action;
		}
		if (x->act == AGENT_TUNNEL && ipv4_decode(x->p, x->n, &ip) == DROP_NONE &&
		    udp_decode(&ip, true, &u) == DROP_NONE &&
		    order_decode(u.payload.p, u.payload.left, &reply) == DROP_NONE) {
			CHECK(u.payload.left <= o->n + ORDER_REPLY_GROW);
			return reply.action;
		}
	}
	return -1;
}

static int order(uint8_t action)
{
	static const struct spoilt nothing = { .bytes = "", .exts = "", .tail = SIGNED };
	struct kind k = { action, 0 };
	struct lab_order o = spoil(&k, &nothing);

	return says(&o);
}

static void begin(int s)
{
	asked.first_agent = HA_ADDR;
	asked.auth = EXT_MN_HA;
	asked.other_auth = EXT_MN_FA;
	asked.sa = lab_mn_ha();
	lab_defaults(&l);
	l.conf[FA_A].buffers = false;
	lab_start(&l);
	l.now = SEC(2);
	lab_settle(&l, FA_A);
	if (s == SERVING)
		return;
	CHECK_EQ(order(ORDER_BUFFER), 0);
	for (int i = 0; i < 20; i++) {
		struct instant now = lab_instant(&l);
		uint8_t pkt[300];
		size_t n = lab_packet(pkt, sizeof(pkt), CN_ADDR, HOME, l.sent++);

		agent_tun(ha(), pkt, n, &now, &l.out);
	}
	if (s == DRAINING)
		CHECK_EQ(order(ORDER_RELEASE), 0);
}

static void look(void)
{
	was = *buf();
	reserved = ha()->reserved;
	dropped = all_drops();
	memset(ha()->rates, 0, sizeof(ha()->rates));
}

static bool unchanged(void)
{
	const struct buffer *b = buf();
	struct agent_binding_info at;

	return b->state == was.state && b->q.packets == was.q.packets &&
	       b->q.bytes == was.q.bytes && b->grant.packets == was.grant.packets &&
	       b->grant.bytes == was.grant.bytes && b->lease_ends == was.lease_ends &&
	       b->overflow == was.overflow && b->filter.n == was.filter.n &&
	       b->n_ages == was.n_ages && b->n_seen == was.n_seen &&
	       b->elastic == was.elastic && ha()->reserved == reserved &&
	       agent_binding_at(ha(), 0, &at) && at.care_of == lab_addr[FA_A];
}

static void each_field(void)
{
	for (int st = 0; st < N_STATES; st++) {
		begin(st);
		for (size_t i = 0; i < KINDS * sizeof(table) / sizeof(table[0]); i++) {
			const struct kind *k = &kinds[i % KINDS];
			const struct spoilt *s = &table[i / KINDS];
			struct lab_order o = spoil(k, s);
			uint64_t before = agent_drops(ha())->n[s->why];
			int got;

			if (s->places || (s->why == DROP_TYPE && !s->at))
				continue; /* the node's own packet, routed on */
			look();
			got = says(&o);
			if (got != s->code || agent_drops(ha())->n[s->why] != before + 1 ||
			    all_drops() != dropped + 1 || !unchanged()) {
				printf("\n    %d, %s %02x: %s: %d", st,
				       order_action_name(k->action), k->flags, s->what, got);
				CHECK(false);
			}
		}
		lab_stop(&l);
	}
}

/* To where the node is registered, and nowhere else. */
static void places(void)
{
	for (size_t i = 0; i < KINDS * N_STATES; i++) {
		const struct kind *k = &kinds[i % KINDS];
		struct lab_order o;
		static const struct spoilt nothing = { .bytes = "", .exts = "", .tail = SIGNED };

		if (!forwards(k))
			continue;
		begin((int)(i / KINDS));
		o = spoil(k, &nothing);
		look();
		CHECK_EQ(says(&o), ORDER_CARE_OF_REFUSED);
		CHECK(unchanged());
		CHECK_EQ(agent_drops(ha())->n[DROP_CARE_OF], 1);
		lab_stop(&l);
	}
}

static void cut(void)
{
	for (size_t i = 0; i < KINDS * N_STATES; i++) {
		bool border[ORDER_MAX + 1] = { false };
		struct lab_order o = { .n = 0 }, cut_short;
		size_t body;

		begin((int)(i / KINDS));
		body = rich(&kinds[i % KINDS], o.bytes, sizeof(o.bytes), border);
		for (size_t n = 0; n < 2 * body; n++) {
			struct wbuf w = wb_init(cut_short.bytes, sizeof(cut_short.bytes));

			if (n % body == 0 || (n >= body && border[n - body]))
				continue; /* no order, or another one */
			wb_bytes(&w, o.bytes, n % body);
			if (n >= body)
				finish_with(&w, SIGNED);
			cut_short.n = w.len;
			look();
			CHECK_EQ(says(&cut_short), -1);
			CHECK(unchanged());
			CHECK_EQ(all_drops(), dropped + 1);
		}
		lab_stop(&l);
	}
}

UNIT_MAIN("bad orders to the home agent", {"each field", each_field}, {"places", places},
	  {"cut at every byte", cut})
