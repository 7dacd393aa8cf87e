/* SPDX-License-Identifier: MIT */
#include "tests/unit/colocated_fixture.h"

/* F7: the home agent as first agent of a co-located node, and moves between all kinds of places. */
static const struct way natted = {NAT_ADDR, NAT_PORT}, open_way = {OPEN, 0};

static struct order got;
static struct {
	struct way to;
	bool tunnelled;
	uint8_t tos;
	uint16_t dport; /* inside */
} answer;

static struct lab_order buffer_order(uint8_t action)
{
	struct order o = {.message = ORDER_REQUEST,
			  .action = action,
			  .home_addr = HOME,
			  .first_agent = HA_ADDR,
			  .id = lab_id(&l)};
	struct lab_order r = {.id = o.id};
	struct wbuf w = wb_init(r.bytes, sizeof(r.bytes));
	struct sa mn = lab_mn_ha();

	order_encode(&w, &o);
	auth_append(&w, EXT_MN_HA, 0, &mn);
	r.n = w.len;
	return r;
}

static bool read_answer(const struct agent_action *x)
{
	struct ipv4 ip;
	struct udp u;

	answer.tunnelled = x->act == AGENT_TUNNEL;
	answer.to = (struct way){x->dst, x->dport};
	if (x->act == AGENT_SEND_UDP) {
		answer.tos = x->tos;
		return order_decode(x->p, x->n, &got) == DROP_NONE;
	}
	if (x->act != AGENT_TUNNEL || ipv4_decode(x->p, x->n, &ip) != DROP_NONE ||
	    udp_decode(&ip, true, &u) != DROP_NONE || ip.src != HA_ADDR || ip.dst != HOME)
		return false;
	answer.tos = ip.tos;
	answer.dport = u.dport;
	return order_decode(u.payload.p, u.payload.left, &got) == DROP_NONE;
}

/* The code of the Reply; -1: none. */
static int code(void)
{
	for (unsigned i = 0; i < l.out.n; i++)
		if (read_answer(&l.out.a[i]))
			return got.action;
	return -1;
}

static int order_inside(struct way from, uint8_t action)
{
	struct ipv4_out h = {.src = HOME, .dst = HA_ADDR, .ttl = 64};
	struct lab_order o = buffer_order(action);
	uint8_t pkt[400];

	tunnel(from, pkt, udp_build(pkt, sizeof(pkt), &h, 5434, MIP_PORT, o.bytes, o.n));
	return code();
}

static int order_beside(uint32_t src, uint16_t sport, uint8_t action)
{
	struct lab_order o = buffer_order(action);
	struct instant now = lab_instant(&l);

	agent_udp(ha(), src, sport, HA_ADDR, o.bytes, o.n, &now, &l.out);
	return code();
}

static enum buffer_state state(void)
{
	const struct node *n = node_as(ha(), ROLE_HOME, HOME);

	return n ? node_buffer(n)->state : BUF_SERVING;
}

/* Asked inside the tunnel: answered behind the data, by the same way. */
static void inside(void)
{
	static const struct way *const ways[] = {&natted, &open_way};

	for (int i = 0; i < 2; i++) {
		lab_init(&l);
		moved(i ? in_the_open() : behind(NAT_PORT));
		CHECK_EQ(order_inside(*ways[i], ORDER_BUFFER), ORDER_GRANTED);
		CHECK(answer.tunnelled && way_equal(&answer.to, ways[i]));
		CHECK_EQ(answer.dport, 5434);
		CHECK_EQ(answer.tos, TOS_CS1);
		CHECK_EQ(state(), BUF_BUFFERING);
		packets(3);
		CHECK_EQ(l.out.n, 0);
		/* not by another way than the node's */
		CHECK_EQ(order_inside((struct way){NAT_ADDR, NAT_PORT + 1}, ORDER_DELETE), -1);
		CHECK_EQ(order_inside((struct way){NAT_ADDR, 0}, ORDER_DELETE), -1);
		CHECK_EQ(dropped(DROP_OUTER_SOURCE), 2);
		CHECK_EQ(state(), BUF_BUFFERING);
		lab_stop(&l);
	}
}

/* From its care-of address, beside the tunnel: the Reply must come behind the data all the same. */
static void beside(void)
{
	lab_init(&l);
	moved(in_the_open());
	CHECK_EQ(order_beside(OPEN, 5434, ORDER_BUFFER), ORDER_GRANTED);
	CHECK(answer.tunnelled && way_equal(&answer.to, &open_way));
	CHECK_EQ(answer.dport, 5434);
	lab_stop(&l);

	lab_init(&l);
	moved(behind(NAT_PORT));
	CHECK_EQ(order_beside(NAT_ADDR, NAT_PORT, ORDER_BUFFER), ORDER_GRANTED);
	CHECK(!answer.tunnelled && way_equal(&answer.to, &natted)); /* the same stream */
	CHECK_EQ(answer.tos, TOS_CS1);
	lab_stop(&l);

	lab_init(&l); /* from another port, or from anywhere: it is signed */
	moved(behind(NAT_PORT));
	CHECK_EQ(order_beside(NAT_ADDR, 777, ORDER_BUFFER), ORDER_GRANTED);
	CHECK(!answer.tunnelled && goes(answer.to, NAT_ADDR, 777));
	lab_stop(&l);
}

enum place { AGENT_A, AGENT_B, BEHIND, BEHIND_2, IN_OPEN, N_PLACES };

static struct wish wish_at(int place)
{
	switch (place) {
	case AGENT_A:
	case AGENT_B:
		return at_agent(place == AGENT_A ? FA_A : FA_B);
	case BEHIND:
	case BEHIND_2:
		return behind(place == BEHIND ? NAT_PORT : NAT_PORT + 1);
	default:
		return in_the_open();
	}
}

static struct way way_at(int place)
{
	struct wish x = wish_at(place);

	return (struct way){x.src, place == BEHIND || place == BEHIND_2 ? x.sport : 0};
}

/* End Markers among the actions; they go to agent A or B. */
static unsigned markers(uint32_t *to)
{
	unsigned n = 0;

	for (unsigned i = 0; i < l.out.n; i++) {
		const struct agent_action *x = &l.out.a[i];
		struct ipv4 ip;
		struct udp u;
		struct order o;

		if (x->act != AGENT_TUNNEL || ipv4_decode(x->p, x->n, &ip) != DROP_NONE ||
		    udp_decode(&ip, true, &u) != DROP_NONE || u.dport != MIP_PORT ||
		    order_decode(u.payload.p, u.payload.left, &o) != DROP_NONE ||
		    o.message != ORDER_MARKER)
			continue;
		CHECK_EQ(x->dport, 0);
		*to = x->dst;
		n++;
	}
	return n;
}

/* BUFFER in one place, a registration in another: all that was kept leaves by the new tunnel, in
 * order, a co-located node without a wait; the agent that is left hears of it, and nobody else. */
static void walk(int from, int to)
{
	struct way there = way_at(to), where = {0};
	uint32_t marked = 0, first;
	bool agent = from == AGENT_A || from == AGENT_B;

	lab_init(&l);
	moved(wish_at(from));
	CHECK_EQ(order_inside(way_at(from), ORDER_BUFFER), ORDER_GRANTED);
	CHECK(way_equal(&answer.to, (struct way[]){way_at(from)}));
	first = l.sent;
	packets(20);
	CHECK_EQ(passes(MSEC(300), &where), 0);
	moved(wish_at(to));
	CHECK_EQ(markers(&marked), agent && from != to);
	CHECK_EQ(marked, agent && from != to ? way_at(from).addr : 0);
	CHECK_EQ(state(), BUF_DRAINING);
	packets(1); /* behind the rest */
	CHECK_EQ(sent(&where), 0);
	CHECK_EQ(passes(to == AGENT_A || to == AGENT_B ? MSEC(9) : 0, &where) > 0,
		 to != AGENT_A && to != AGENT_B);
	if (to != AGENT_A && to != AGENT_B)
		CHECK(way_equal(&where, &there));
	passes(MSEC(200), &where);
	CHECK(way_equal(&where, &there));
	CHECK_EQ(state(), BUF_SERVING);
	CHECK_EQ(binding().to_node, l.sent - first);
	/* the last of what left by the old tunnel still counts, for 2 s */
	uplink(way_at(from), HOME);
	CHECK(delivered());
	uplink(there, HOME);
	CHECK(delivered());
	lab_stop(&l);
}

static void all_walks(void)
{
	for (int from = 0; from < N_PLACES; from++)
		for (int to = 0; to < N_PLACES; to++)
			walk(from, to);
}

/* A co-located node that stays where it is: RELEASE, or the lease. */
static void stayed(void)
{
	struct way where = {0};

	lab_init(&l);
	moved(behind(NAT_PORT));
	order_inside(natted, ORDER_BUFFER);
	packets(5);
	CHECK_EQ(order_inside(natted, ORDER_RELEASE), ORDER_GRANTED);
	CHECK_EQ(passes(MSEC(100), &where), 5);
	CHECK(way_equal(&where, &natted));
	l.now += MSEC(1);
	order_inside(natted, ORDER_BUFFER);
	packets(5);
	CHECK_EQ(passes(SEC(9), &where), 5);
	CHECK_EQ(state(), BUF_SERVING);
	lab_stop(&l);
}

/* Its NAT, or its agent, is gone: the registration runs out, but what is kept still waits. */
static void late(void)
{
	struct way where = {0};

	lab_init(&l);
	moved(behind(NAT_PORT));
	l.now = SEC(58);
	CHECK_EQ(order_inside(natted, ORDER_BUFFER), ORDER_GRANTED);
	packets(5);
	CHECK_EQ(passes(SEC(4), &where), 0);
	CHECK_EQ(binding().care_of, 0);
	moved(behind(NAT_PORT + 1));
	CHECK_EQ(passes(MSEC(100), &where), 5);
	CHECK(goes(where, NAT_ADDR, NAT_PORT + 1));
	lab_stop(&l);
}

/* On an agent's link, on its way to its home agent: nothing of that agent's. */
static void passing_by(void)
{
	struct wish x = in_the_open();
	uint8_t buf[300], data[] = {4, 4, 0, 0, 0x45};
	struct instant now;
	size_t n;

	lab_init(&l);
	now = lab_instant(&l);
	n = request(&x, buf, sizeof(buf));
	agent_link_udp(l.ag[FA_A], 0, &l.mac, OPEN, MIP_PORT, HA_ADDR, 64, buf, n, &now, &l.out);
	CHECK_EQ(l.out.n, 0);
	agent_link_udp(l.ag[FA_A], 0, &l.mac, OPEN, MIP_PORT, HA_ADDR, 64, data, sizeof(data),
		       &now, &l.out);
	CHECK_EQ(l.out.n, 0);
	for (enum drop d = 0; d < DROP_COUNT; d++)
		CHECK_EQ(agent_drops(l.ag[FA_A])->n[d], 0);
	/* sent to it the Request is refused: it asks no co-located node to register through it */
	agent_link_udp(l.ag[FA_A], 0, &l.mac, OPEN, MIP_PORT, lab_link[FA_A], 255, buf, n, &now,
		       &l.out);
	CHECK_EQ(l.out.n, 1);
	lab_stop(&l);
}

UNIT_MAIN("colocated", {"asked inside the tunnel", inside}, {"asked beside it", beside},
	  {"all walks", all_walks}, {"stayed", stayed}, {"late", late},
	  {"passing by", passing_by})
