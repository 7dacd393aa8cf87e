/* SPDX-License-Identifier: MIT */
#include "agent/foreign.h"

#include "tests/unit/agent_lab.h"

static struct lab l;
static struct lab_order order_b, order_f;
static uint64_t reg_id;

#define A_ADDR 0xc6336407u
#define B_ADDR 0xc6336487u

/* Only agent two is alive; the others are played by hand. */
static bool swallow(const struct lab *x, const struct lab_event *e)
{
	(void)x;
	return e->kind != LAB_RADIO && e->kind != LAB_CONTROL;
}

static struct agent *b(void)
{
	return l.ag[FA_B];
}

static const char *merge(void)
{
	struct agent_buffer_info info = lab_buffer(&l, FA_B);

	return info.merge;
}

/* Requests sent to agent one among the actions of the last call. */
static unsigned to_first(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i < l.out.n; i++)
		n += l.out.a[i].act == AGENT_SEND_UDP && l.out.a[i].dst == A_ADDR;
	return n;
}

static unsigned delivered(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i < l.out.n; i++)
		n += l.out.a[i].act == AGENT_DELIVER;
	return n;
}

static void request(bool with_buffer)
{
	l.at = FA_B;
	order_b = lab_order(&l, ORDER_BUFFER, 0, FA_A, FA_B);
	order_f = lab_order(&l, ORDER_FORWARD, with_buffer ? 0 : ORDER_F_ASKED, FA_A, FA_B);
	lab_register(&l, 600, with_buffer ? &order_b : NULL, &order_f);
	reg_id = l.last_id;
}

static void start(bool with_buffer)
{
	lab_init(&l);
	l.lose = swallow;
	lab_run(&l, 10);
	request(with_buffer);
}

static void answer(uint8_t code, uint16_t lifetime_s)
{
	struct mip_reply r = {.code = code,
			      .lifetime_s = lifetime_s,
			      .home_addr = HOME,
			      .home_agent = HA_ADDR,
			      .id = reg_id};
	struct sa ha = lab_mn_ha(), peer = lab_sa(3000, "between agents");
	struct instant now = lab_instant(&l);
	uint8_t buf[200];
	struct wbuf w = wb_init(buf, sizeof(buf));

	mip_reply_encode(&w, &r);
	auth_append(&w, EXT_MN_HA, 0, &ha);
	auth_append(&w, EXT_FA_HA, 0, &peer);
	agent_udp(b(), HA_ADDR, 434, B_ADDR, buf, w.len, &now, &l.out);
}

/* Agent one's Reply to the FORWARD (or the order with this id), under this key (NULL: none). */
static void reply(uint64_t id, uint8_t code, const struct sa *kh, uint32_t src)
{
	struct order o = {.message = ORDER_REPLY,
			  .action = code,
			  .home_addr = HOME,
			  .first_agent = A_ADDR,
			  .care_of = B_ADDR,
			  .id = id};
	struct sa fa = lab_mn_fa(FA_A);
	struct instant now = lab_instant(&l);
	uint8_t buf[200];
	struct wbuf w = wb_init(buf, sizeof(buf));

	order_encode(&w, &o);
	auth_append(&w, EXT_MN_FA, 0, &fa);
	if (kh)
		auth_append(&w, EXT_GENERAL_AUTH, GA_FA_FA, kh);
	agent_udp(b(), src, 434, B_ADDR, buf, w.len, &now, &l.out);
}

static void marker(uint8_t flags, uint32_t count, const struct sa *kh)
{
	struct order o = {.message = ORDER_MARKER,
			  .flags = flags,
			  .home_addr = HOME,
			  .first_agent = A_ADDR,
			  .care_of = B_ADDR,
			  .id = order_f.id,
			  .has_count = !flags,
			  .count = count};
	struct ipv4_out h = { .src = A_ADDR, .dst = B_ADDR, .ttl = 64 };
	struct instant now = lab_instant(&l);
	uint8_t msg[100], pkt[160];
	struct wbuf w = wb_init(msg, sizeof(msg));
	size_t n;

	order_encode(&w, &o);
	auth_append(&w, EXT_GENERAL_AUTH, GA_FA_FA, kh);
	n = udp_build(pkt, sizeof(pkt), &h, 434, 434, msg, w.len);
	agent_tunnel(b(), A_ADDR, B_ADDR, pkt, n, &now, &l.out);
}

/* n packets of the stream from an outer source; how many went straight to the node. */
static unsigned packets(uint32_t outer, uint32_t first, unsigned n)
{
	unsigned out = 0;

	for (unsigned i = 0; i < n; i++) {
		struct instant now = lab_instant(&l);
		uint8_t pkt[300];
		size_t len = lab_packet(pkt, sizeof(pkt), CN_ADDR, HOME, first + i);

		agent_tunnel(b(), outer, B_ADDR, pkt, len, &now, &l.out);
		out += delivered();
		lab_act(&l, FA_B);
	}
	return out;
}

static void f1_order_waits(void)
{
	start(false);
	CHECK_EQ(to_first(), 0); /* nothing before the home agent has answered */
	CHECK_STR(merge(), "holding");
	CHECK_EQ(packets(HA_ADDR, 10, 1), 0); /* it may overtake the Reply */
	answer(1, 600);
	CHECK_EQ(l.out.a[0].act, AGENT_VISITOR_UP);
	CHECK_EQ(to_first(), 1);
	CHECK_EQ(packets(A_ADDR, 0, 3), 3);
	CHECK_EQ(packets(HA_ADDR, 11, 3), 0);
	marker(0, 3, &order_f.kh);
	lab_run(&l, 2);
	CHECK_STR(merge(), "done");
	CHECK_EQ(l.received, 7);
	CHECK_EQ(l.reordered, 0);
	CHECK_EQ(packets(HA_ADDR, 14, 1), 1);
	CHECK_EQ(packets(A_ADDR, 9, 1), 1); /* late, but taken until the lease ends */
	lab_run(&l, 8000);
	CHECK_STR(merge(), "none");
	CHECK_EQ(packets(A_ADDR, 15, 1), 0);
	CHECK_EQ(agent_drops(b())->n[DROP_OUTER_SOURCE], 1);
	lab_stop(&l);
}

static void f2_buffer_at_once(void)
{
	start(true);
	CHECK_EQ(to_first(), 1);
	l.sent_udp[FA_B] = 0;
	lab_run(&l, 49);
	CHECK_EQ(l.sent_udp[FA_B], 0);
	lab_run(&l, 1);
	CHECK_EQ(l.sent_udp[FA_B], 1);
	lab_run(&l, 3000);
	CHECK_EQ(l.sent_udp[FA_B], 1); /* two in all before the home agent has answered */
	lab_stop(&l);
}

/* BUFFER has done its work when FORWARD goes out, or when agent one has answered it. */
static void buffer_stops(void)
{
	start(true);
	CHECK_EQ(to_first(), 1);
	lab_run(&l, 40);
	answer(1, 600);
	CHECK_EQ(to_first(), 1);
	reply(order_f.id, 0, &order_f.kh, A_ADDR);
	l.sent_udp[FA_B] = 0;
	lab_run(&l, 3000);
	CHECK_EQ(l.sent_udp[FA_B], 0);
	lab_stop(&l);

	start(true);
	reply(order_b.id, 0, NULL, CN_ADDR); /* from somebody else: nothing */
	CHECK_EQ(l.out.n, 0);
	reply(order_b.id, 0, NULL, A_ADDR);
	CHECK_EQ(l.out.n, 1);
	CHECK_EQ(l.out.a[0].act, AGENT_SEND_LINK);
	l.sent_udp[FA_B] = 0;
	lab_run(&l, 3000);
	CHECK_EQ(l.sent_udp[FA_B], 0);
	lab_stop(&l);
}

static void repeats(void)
{
	static const unsigned at[] = { 50, 150, 350, 750, 1550 };

	start(false);
	answer(1, 600);
	l.sent_udp[FA_B] = 0;
	for (unsigned i = 0, t = 0; i < 5; i++) {
		lab_run(&l, at[i] - t - 1);
		CHECK_EQ(l.sent_udp[FA_B], i);
		lab_run(&l, 1);
		CHECK_EQ(l.sent_udp[FA_B], i + 1);
		t = at[i];
	}
	lab_run(&l, 5000);
	CHECK_EQ(l.sent_udp[FA_B], 5);
	lab_stop(&l);
}

static void replies(void)
{
	struct sa wrong = { .spi = HANDOFF_SPI, .alg = AUTH_HMAC_SHA256, .key = { .len = 32 } };

	start(false);
	answer(1, 600);
	reply(order_f.id, 0, &order_f.kh, CN_ADDR);
	CHECK_EQ(l.out.n, 0);
	reply(order_f.id + 5, 0, &order_f.kh, A_ADDR);
	CHECK_EQ(l.out.n, 0);
	CHECK_EQ(agent_drops(b())->n[DROP_UNMATCHED], 2);
	reply(order_f.id, 0, &wrong, A_ADDR);
	CHECK_EQ(l.out.n, 0);
	CHECK_EQ(agent_drops(b())->n[DROP_BAD_AUTH], 1);
	reply(order_f.id, 0, NULL, A_ADDR); /* for the node to judge: it stops nothing here */
	CHECK_EQ(l.out.n, 1);
	CHECK_EQ(l.out.a[0].act, AGENT_SEND_LINK);
	l.sent_udp[FA_B] = 0;
	lab_run(&l, 50);
	CHECK_EQ(l.sent_udp[FA_B], 1);
	reply(order_f.id, 0, &order_f.kh, A_ADDR);
	CHECK_EQ(l.out.n, 1);
	lab_act(&l, FA_B);
	lab_run(&l, 1000);
	CHECK_EQ(l.sent_udp[FA_B], 1);
	CHECK_EQ(l.order.id, order_f.id);
	lab_stop(&l);
}

static void markers(void)
{
	struct sa wrong = { .spi = HANDOFF_SPI, .alg = AUTH_HMAC_SHA256, .key = { .len = 32 } };

	start(false);
	answer(1, 600);
	packets(HA_ADDR, 10, 2);
	marker(0, 0, &wrong);
	CHECK_EQ(agent_drops(b())->n[DROP_BAD_AUTH], 1);
	lab_run(&l, 100);
	CHECK_STR(merge(), "holding");
	marker(0, 5, &order_f.kh); /* five went, none is here yet */
	lab_run(&l, 10);
	CHECK_EQ(packets(A_ADDR, 0, 4), 4);
	CHECK_STR(merge(), "holding");
	lab_run(&l, 9);
	CHECK_STR(merge(), "holding");
	lab_run(&l, 2); /* 20 ms after the marker */
	CHECK_STR(merge(), "done");
	CHECK_EQ(l.received, 6);
	CHECK_EQ(l.reordered, 0);
	lab_stop(&l);
}

static void idle(void)
{
	start(false);
	answer(1, 600);
	packets(HA_ADDR, 10, 2);
	reply(order_f.id, 0, &order_f.kh, A_ADDR);
	lab_run(&l, 150);
	marker(ORDER_F_PENDING, 0, &order_f.kh);
	lab_run(&l, 150);
	CHECK_EQ(packets(A_ADDR, 1, 1), 1);
	lab_run(&l, 199);
	CHECK_STR(merge(), "holding");
	lab_run(&l, 2);
	CHECK_STR(merge(), "done");
	CHECK_EQ(l.received, 3);
	lab_stop(&l);
}

static void refused(void)
{
	start(false);
	packets(HA_ADDR, 10, 2);
	answer(CODE_HA_ID, 600);
	CHECK_EQ(to_first(), 0);
	CHECK_STR(merge(), "none");
	CHECK_EQ(agent_drops(b())->n[DROP_NOT_VISITOR], 2);
	CHECK_EQ(b()->pool.n_free, b()->pool.n_cells);
	lab_stop(&l);

	start(true); /* the home agent is silent */
	packets(HA_ADDR, 10, 2);
	lab_run(&l, 7001);
	CHECK_STR(merge(), "none");
	CHECK_EQ(l.reply.code, CODE_FA_TIMEOUT);
	CHECK_EQ(b()->pool.n_free, b()->pool.n_cells);
	lab_stop(&l);
}

/* What the node may not have us send. */
static void not_relayed(void)
{
	static const struct {
		int to, care_of;
	} rows[] = { { FA_B, FA_B }, { FA_A, FA_C }, { FA_A, NOWHERE } };

	for (size_t i = 0; i < 3; i++) {
		lab_init(&l);
		l.lose = swallow;
		lab_run(&l, 10);
		l.at = FA_B;
		order_f = lab_order(&l, ORDER_FORWARD, 0, rows[i].to, rows[i].care_of);
		lab_register(&l, 600, NULL, &order_f);
		reg_id = l.last_id;
		CHECK_STR(merge(), "none");
		answer(1, 600);
		CHECK_EQ(to_first(), 0);
		lab_stop(&l);
	}
}

static void unreachable(void)
{
	struct instant now;

	start(false);
	answer(1, 600);
	now = lab_instant(&l);
	agent_unreachable(b(), A_ADDR, 1, &now, &l.out);
	l.sent_udp[FA_B] = 0;
	lab_run(&l, 3000);
	CHECK_EQ(l.sent_udp[FA_B], 0);
	CHECK_STR(merge(), "done");
	lab_stop(&l);
}

/* A full hold queue gives up order, not packets. */
static void full(void)
{
	lab_defaults(&l);
	l.conf[FA_B].per_node.packets = 10;
	lab_start(&l);
	l.lose = swallow;
	lab_run(&l, 10);
	request(false);
	answer(1, 600);
	packets(HA_ADDR, 0, 12);
	lab_run(&l, 2);
	CHECK_EQ(agent_drops(b())->n[DROP_OVERFLOW], 0);
	CHECK_EQ(l.received, 12);
	CHECK_EQ(l.reordered, 0);
	CHECK_EQ(agent_counters(b())->released_early, 1);
	lab_stop(&l);
}

/* Agent two holds no key for the node: whoever is on its link may say that it is that node. */
static void start_keyless(void)
{
	lab_defaults(&l);
	l.node[FA_B].sa.spi = 0;
	lab_start(&l);
	l.lose = swallow;
	lab_run(&l, 10);
}

static void stranger_asks(void)
{
	struct lab_order b0 = order_b, f0 = order_f;
	struct mac own = l.mac;
	uint64_t id = reg_id;

	l.mac.b[5] = 7;
	request(true);
	l.mac = own;
	order_b = b0;
	order_f = f0;
	reg_id = id;
}

static void settle_here(void)
{
	l.at = FA_B;
	lab_register(&l, 600, NULL, NULL);
	reg_id = l.last_id;
	answer(1, 600);
	lab_act(&l, FA_B);
}

/* A Request in a visitor's name, with orders, must not stop the visitor's packets. */
static void stranger(void)
{
	start_keyless();
	settle_here();
	CHECK_EQ(packets(HA_ADDR, 0, 1), 1);
	lab_run(&l, 5000); /* idle or not */
	stranger_asks();
	CHECK_STR(merge(), "none");
	CHECK_EQ(packets(HA_ADDR, 1, 1), 1);
	lab_run(&l, 2000);
	CHECK_EQ(packets(HA_ADDR, 2, 1), 1);
	CHECK_EQ(packets(CN_ADDR, 3, 1), 0); /* the home agent is the one that answered */
	lab_run(&l, 7000);
	CHECK_EQ(packets(HA_ADDR, 3, 1), 1);
	lab_stop(&l);
}

/* Nor touch the handoff that brought the node here. */
static void stranger_in_a_merge(void)
{
	start_keyless();
	request(true);
	answer(1, 600);
	lab_act(&l, FA_B);
	CHECK_EQ(packets(HA_ADDR, 10, 2), 0);
	stranger_asks();
	CHECK_STR(merge(), "holding");
	CHECK_EQ(packets(A_ADDR, 0, 3), 3);
	reply(order_f.id, 0, &order_f.kh, A_ADDR);
	CHECK_EQ(l.out.n, 1);
	CHECK(mac_equal(&l.out.a[0].mac, &l.mac));
	marker(0, 3, &order_f.kh);
	lab_run(&l, 2);
	CHECK_STR(merge(), "done");
	CHECK_EQ(l.received, 5);
	CHECK_EQ(l.reordered, 0);
	CHECK_EQ(packets(HA_ADDR, 12, 1), 1);
	lab_stop(&l);
}

/* Nor what is kept for a node that is on its way. */
static void stranger_while_buffering(void)
{
	struct lab_order o;
	struct instant now;

	lab_init(&l); /* with the key, for BUFFER; the stranger's Request is a recording */
	l.lose = swallow;
	lab_run(&l, 10);
	request(true);
	answer(1, 600);
	lab_run(&l, 2000);
	CHECK_STR(merge(), "done");
	o = lab_order(&l, ORDER_BUFFER, 0, FA_B, NOWHERE);
	now = lab_instant(&l);
	agent_link_udp(b(), 0, &l.mac, HOME, 5434, lab_link[FA_B], 255, o.bytes, o.n, &now, &l.out);
	CHECK_EQ(packets(HA_ADDR, 20, 3), 0);
	l.mac.b[5] = 7;
	l.last_id = reg_id - 1;
	l.now -= MSEC(2010);
	lab_register(&l, 600, &order_b, &order_f);
	l.now += MSEC(2010);
	CHECK_EQ(packets(HA_ADDR, 23, 3), 0);
	CHECK_EQ(lab_buffer(&l, FA_B).queued, 6);
	CHECK_EQ(lab_buffer(&l, FA_B).held, 0);
	lab_stop(&l);
}

/* The very Request that brought the node here, sent again by another station. */
static void copied(void)
{
	struct agent_visitor_info v;

	start_keyless();
	settle_here();
	l.last_id--;
	l.now -= MSEC(1);
	l.mac.b[5] = 7;
	lab_register(&l, 600, NULL, NULL);
	l.now += MSEC(1);
	l.mac.b[5] = 9;
	CHECK_EQ(l.last_id, reg_id);
	answer(1, 600);
	for (unsigned i = 0; i < l.out.n; i++)
		CHECK(l.out.a[i].act != AGENT_VISITOR_UP);
	CHECK(agent_visitor_at(b(), 0, &v));
	CHECK(mac_equal(&v.mac, &l.mac));
	lab_stop(&l);
}

/* A home address that nobody serves here: what may overtake the Reply is kept, and little of it. */
static void nobody(void)
{
	start_keyless();
	request(true);
	CHECK_EQ(packets(HA_ADDR, 0, 130), 0);
	CHECK_EQ(lab_buffer(&l, FA_B).held, 128);
	CHECK_EQ(agent_drops(b())->n[DROP_OVERFLOW], 2);
	CHECK_EQ(packets(CN_ADDR, 130, 1), 0);
	CHECK_EQ(agent_drops(b())->n[DROP_OUTER_SOURCE], 1);
	lab_run(&l, 7001);
	CHECK_EQ(agent_drops(b())->n[DROP_NOT_VISITOR], 128);
	CHECK_STR(merge(), "none");
	CHECK(!node_find(b(), HOME));
	CHECK_EQ(b()->pool.n_free, b()->pool.n_cells);
	lab_stop(&l);
}

/* The Request again, the Reply having been lost on the radio: the merge goes on as it was. */
static void registered_again(void)
{
	start(false);
	answer(1, 600);
	packets(HA_ADDR, 10, 2);
	lab_run(&l, 100);
	lab_register(&l, 600, NULL, &order_f);
	CHECK_EQ(to_first(), 0);
	CHECK_STR(merge(), "holding");
	CHECK_EQ(lab_buffer(&l, FA_B).held, 2);
	CHECK_EQ(packets(A_ADDR, 0, 1), 1);
	lab_stop(&l);
}

UNIT_MAIN("merge", {"F1: FORWARD waits for the home agent", f1_order_waits},
	  {"F2: BUFFER does not", f2_buffer_at_once}, {"BUFFER stops", buffer_stops},
	  {"repeats", repeats}, {"replies", replies}, {"markers", markers}, {"idle", idle},
	  {"registration refused", refused}, {"not relayed", not_relayed},
	  {"unreachable", unreachable}, {"full", full}, {"a stranger's request", stranger},
	  {"a stranger in a merge", stranger_in_a_merge},
	  {"a stranger while buffering", stranger_while_buffering}, {"a copied request", copied},
	  {"nobody's request", nobody}, {"registered again", registered_again})
