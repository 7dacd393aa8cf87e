/* SPDX-License-Identifier: MIT */
#include "tests/unit/merge_fixture.h"

/* The numbers and rules of mip-buffer(7) at the second agent: each is what it says. */

static uint64_t drops(enum drop d)
{
	return agent_drops(b())->n[d];
}

/* n packets of this many bytes from here; how many went to the node's station. */
static unsigned big(uint32_t outer, unsigned n, size_t size)
{
	static const uint8_t payload[1500];
	struct ipv4_out h = { .src = CN_ADDR, .dst = HOME, .ttl = 60 };
	unsigned out = 0;

	while (n--) {
		struct instant now = lab_instant(&l);
		uint8_t pkt[1500];
		size_t len = udp_build(pkt, sizeof(pkt), &h, 5000, 5001, payload, size - 28);

		agent_tunnel(b(), outer, B_ADDR, pkt, len, &now, &l.out);
		for (unsigned i = 0; i < l.out.n; i++)
			out += l.out.a[i].act == AGENT_SEND_LINK || l.out.a[i].act == AGENT_DELIVER;
	}
	return out;
}

static void begin(bool early, bool keyed)
{
	lab_defaults(&l);
	l.conf[FA_B].early_forward = early;
	if (!keyed)
		l.node[FA_B].sa.spi = 0;
	lab_start(&l);
	l.lose = swallow;
	lab_run(&l, 10);
}

/* ---- so many a second ---- */

static bool order_goes(uint32_t to, uint8_t station, bool accepted)
{
	struct from node = { .on_link = true, .mac = { { 2, 0, 0, 0, 1, station } } };
	struct relayed r = { .n = 24 };

	l.out.n = 0;
	l.out.used = 0;
	send_order(b(), to, HA_ADDR, accepted, &node, &r);
	return to_first() || l.out.n;
}

static void orders_a_second(void)
{
	unsigned station = 0, agent = 0;

	begin(false, true);
	for (unsigned i = 0; i < 30; i++)
		station += order_goes(A_ADDR + i, 1, true);
	CHECK_EQ(station, 20);
	for (unsigned i = 0; i < 130; i++)
		agent += order_goes(0xcb007201u, (uint8_t)(10 + i), false);
	CHECK_EQ(agent, 100);
	CHECK_EQ(drops(DROP_RATE), 40);
	l.now += SEC(1);
	agent_tick(b(), &(struct instant){ l.now, lab_instant(&l).ntp }, &l.out);
	CHECK(order_goes(0xcb007201u, 1, false));
	lab_stop(&l);
}

/* As many nodes as there are may leave an agent in one second, once a home agent with a key that
 * we know has accepted them. */
static void orders_of_accepted_nodes(void)
{
	static const unsigned go[] = { 100, 130 };

	for (unsigned known = 0; known < 2; known++) {
		unsigned agent = 0;

		lab_defaults(&l);
		l.conf[FA_B].n_peers = known;
		lab_start(&l);
		l.lose = swallow;
		lab_run(&l, 10);
		for (unsigned i = 0; i < 130; i++)
			agent += order_goes(0xcb007201u, (uint8_t)(10 + i), true);
		CHECK_EQ(agent, go[known]);
		lab_stop(&l);
	}
}

static void requests_a_second(void)
{
	struct mip_request m = { .flags = MIP_T, .lifetime_s = 600, .home_agent = HA_ADDR,
				 .care_of = B_ADDR };
	struct sa sa = lab_mn_ha();
	unsigned relayed = 0;

	begin(false, true);
	for (unsigned i = 0; i < 30; i++) {
		struct instant now = lab_instant(&l);
		uint8_t buf[200];
		struct wbuf w = wb_init(buf, sizeof(buf));

		m.home_addr = HOME + 1 + i;
		m.id = lab_id(&l);
		mip_request_encode(&w, &m);
		auth_append(&w, EXT_MN_HA, 0, &sa);
		agent_link_udp(b(), 0, &l.mac, m.home_addr, 434, lab_link[FA_B], 255, buf, w.len,
			       &now, &l.out);
		relayed += l.out.n == 1 && l.out.a[0].dst == HA_ADDR;
	}
	CHECK_EQ(relayed, 20);
	CHECK_EQ(drops(DROP_RATE), 10);
	lab_stop(&l);
}

static unsigned told(uint64_t id)
{
	unsigned n = 0;

	for (unsigned i = 0; i < 5; i++) {
		reply(id, ORDER_AUTH_FAILED, NULL, A_ADDR);
		n += l.out.n;
	}
	return n;
}

/* It proves nothing: the node hears it once a second, of the merge and before. */
static void auth_failed_once_a_second(void)
{
	begin(false, true);
	request(true);
	CHECK_EQ(told(order_b.id), 1);
	CHECK_EQ(drops(DROP_RATE), 4);
	l.now += SEC(1);
	CHECK_EQ(told(order_b.id), 1);
	answer(1, 600);
	l.now += SEC(1);
	CHECK_EQ(told(order_f.id), 1);
	CHECK_EQ(drops(DROP_RATE), 12);
	lab_stop(&l);
}

/* ---- what is kept on whose word ---- */

static void bytes_before_the_reply(void)
{
	begin(false, false);
	l.peer[FA_B][0].sa.spi = 0;
	request(true);
	big(HA_ADDR, 100, 1400);
	CHECK_EQ(lab_buffer(&l, FA_B).held, (128 << 10) / 1400);
	CHECK_EQ(drops(DROP_OVERFLOW), 100 - (128 << 10) / 1400);
	lab_stop(&l);
}

/* What is over the allowance waits: little of it on anybody's word. */
static void bytes_ahead(void)
{
	for (int keyed = 0; keyed < 2; keyed++) {
		begin(true, keyed);
		b()->c.early_bytes = 0;
		l.at = FA_B;
		order_f = lab_order(&l, ORDER_FORWARD, ORDER_F_ASKED | ORDER_F_EARLY, FA_A, FA_B);
		lab_register(&l, 600, NULL, &order_f);
		CHECK_EQ(big(A_ADDR, 100, 1400), 0);
		CHECK_EQ(drops(DROP_EARLY), keyed ? 0 : 100 - (128 << 10) / 1400);
		lab_stop(&l);
		begin(true, keyed);
		b()->c.early_bytes = 0;
		l.at = FA_B;
		order_f = lab_order(&l, ORDER_FORWARD, ORDER_F_ASKED | ORDER_F_EARLY, FA_A, FA_B);
		lab_register(&l, 600, NULL, &order_f);
		CHECK_EQ(big(A_ADDR, 140, 100), 0);
		CHECK_EQ(drops(DROP_EARLY), keyed ? 0 : 12);
		lab_stop(&l);
	}
}

/* To a third agent, over a path that is still open: what comes belongs there, behind the rest. */
static void not_while_a_path_is_open(void)
{
	struct lab_order o;
	struct instant now;

	begin(false, true);
	l.at = FA_B;
	lab_register(&l, 600, NULL, NULL);
	reg_id = l.last_id;
	answer(1, 600);
	o = lab_order(&l, ORDER_FORWARD, 0, FA_B, FA_C);
	now = lab_instant(&l);
	agent_udp(b(), lab_addr[FA_C], 434, B_ADDR, o.bytes, o.n, &now, &l.out);
	CHECK_EQ(node_buffer(node_find(b(), HOME))->state, BUF_DRAINING);
	lab_run(&l, 50);
	request(true); /* it is on its way back, with all that it proves */
	packets(HA_ADDR, 0, 3);
	CHECK_EQ(node_find(b(), HOME)->mv->held.packets, 0);
	for (int i = 0; i < 3; i++) {
		lab_run(&l, 99);
		CHECK_EQ(packets(HA_ADDR, 3 + (unsigned)i, 1), 0);
		CHECK_EQ(node_find(b(), HOME)->mv->held.packets, 0);
	}
	lab_run(&l, 100); /* silent for as long as a path takes to end */
	packets(HA_ADDR, 10, 1);
	CHECK_EQ(node_find(b(), HOME)->mv->held.packets, 1);
	lab_stop(&l);
}

/* ---- what is relayed ---- */

static unsigned relayed_of(const struct lab_order *buffer, const struct lab_order *forward)
{
	begin(false, true);
	l.at = FA_B;
	lab_register(&l, 600, buffer, forward);
	reg_id = l.last_id;
	answer(1, 600);
	lab_act(&l, FA_B);
	lab_run(&l, 100);
	lab_stop(&l);
	return l.sent_udp[FA_B] - 1; /* but for the Request */
}

static void one_first_agent(void)
{
	struct lab_order o, f;

	begin(false, true);
	o = lab_order(&l, ORDER_BUFFER, 0, FA_C, FA_B);
	f = lab_order(&l, ORDER_FORWARD, 0, FA_A, FA_B);
	lab_stop(&l);
	CHECK_EQ(relayed_of(&o, &f), 0);
}

static void to_no_group(void)
{
	static const uint32_t to[] = { 0xe0000001u, 0xffffffffu, 0, 0x7f000001u };

	for (size_t i = 0; i < sizeof(to) / sizeof(to[0]); i++) {
		struct order o = { .message = ORDER_REQUEST, .action = ORDER_FORWARD,
				   .home_addr = HOME, .first_agent = to[i], .care_of = B_ADDR };
		struct lab_order f = { .n = 0 };
		struct wbuf w = wb_init(f.bytes, sizeof(f.bytes));
		struct sa sa = lab_mn_fa(FA_A);

		begin(false, true);
		o.id = lab_id(&l);
		order_encode(&w, &o);
		auth_append(&w, EXT_MN_FA, 0, &sa);
		f.n = w.len;
		auth_handoff_key(&sa.key, o.id, HOME, o.first_agent, o.care_of, &f.kh);
		lab_stop(&l);
		CHECK_EQ(relayed_of(NULL, &f), 0);
	}
}

/* ---- the merge ---- */

static void reply_with_lease(uint32_t ms)
{
	struct order o = { .message = ORDER_REPLY, .home_addr = HOME, .first_agent = A_ADDR,
			   .care_of = B_ADDR, .id = order_f.id, .has_lease = true,
			   .lease_ms = ms };
	struct instant now = lab_instant(&l);
	uint8_t buf[200];
	struct wbuf w = wb_init(buf, sizeof(buf));

	order_encode(&w, &o);
	auth_append(&w, EXT_GENERAL_AUTH, GA_FA_FA, &order_f.kh);
	agent_udp(b(), A_ADDR, 434, B_ADDR, buf, w.len, &now, &l.out);
}

/* It lasts as long as A's lease, and no longer than our own longest. */
static void lease_of_the_reply(void)
{
	static const uint32_t said[] = { 1000, 60000 }, holds[] = { 1000, 8000 };

	for (int i = 0; i < 2; i++) {
		start(false);
		answer(1, 600);
		lab_act(&l, FA_B);
		reply_with_lease(said[i]);
		marker(0, 0, &order_f.kh);
		lab_run(&l, holds[i] - 1);
		CHECK_STR(merge(), "done");
		lab_run(&l, 1);
		CHECK_STR(merge(), "none");
		lab_stop(&l);
	}
}

/* A's marker, but for what x says. */
static void marker_as(uint32_t care_of, uint32_t inner)
{
	struct order o = { .message = ORDER_MARKER, .home_addr = HOME, .first_agent = A_ADDR,
			   .care_of = care_of, .id = order_f.id, .has_count = true };
	struct ipv4_out h = { .src = inner, .dst = B_ADDR, .ttl = 64 };
	struct instant now = lab_instant(&l);
	uint8_t msg[100], pkt[160];
	struct wbuf w = wb_init(msg, sizeof(msg));
	size_t n;

	order_encode(&w, &o);
	auth_append(&w, EXT_GENERAL_AUTH, GA_FA_FA, &order_f.kh);
	n = udp_build(pkt, sizeof(pkt), &h, 434, 434, msg, w.len);
	agent_tunnel(b(), A_ADDR, B_ADDR, pkt, n, &now, &l.out);
}

static void markers_place(void)
{
	start(false);
	answer(1, 600);
	marker_as(lab_addr[FA_C], A_ADDR);
	CHECK_EQ(drops(DROP_UNMATCHED), 1);
	marker_as(B_ADDR, CN_ADDR);
	CHECK_EQ(drops(DROP_INNER_SOURCE), 1);
	CHECK_STR(merge(), "holding");
	CHECK_EQ(agent_counters(b())->markers_received, 0);
	marker_as(B_ADDR, A_ADDR);
	CHECK_STR(merge(), "releasing");
	lab_stop(&l);
}

/* A Request that brings FORWARD and no key of the handoff. */
static void request_without_key(void)
{
	struct mip_request r = { .flags = MIP_T, .lifetime_s = 600, .home_addr = HOME,
				 .home_agent = HA_ADDR, .care_of = B_ADDR };
	struct sa mn_ha = lab_mn_ha(), mn_fa = lab_mn_fa(FA_B);
	uint8_t buf[400];
	struct wbuf w = wb_init(buf, sizeof(buf));

	l.at = FA_B;
	order_f = lab_order(&l, ORDER_FORWARD, 0, FA_A, FA_B);
	r.id = reg_id = lab_id(&l);
	mip_request_encode(&w, &r);
	auth_append(&w, EXT_MN_HA, 0, &mn_ha);
	mip_ext_append(&w, SUB_RELAYED_ORDER, order_f.bytes, order_f.n);
	auth_append(&w, EXT_MN_FA, 0, &mn_fa);
	lab_say(&l, buf, w.len);
}

/* No marker counts, and no BUFFER of our own goes out; Replies go by where they came from. */
static void by_timers_alone(void)
{
	begin(false, true);
	request_without_key();
	CHECK_EQ(to_first(), 0);
	answer(1, 600);
	CHECK_EQ(to_first(), 1);
	CHECK_EQ(packets(HA_ADDR, 0, 2), 0);
	marker(0, 0, &order_f.kh);
	CHECK_EQ(drops(DROP_NO_KEY), 1);
	reply(order_f.id, 0, NULL, A_ADDR);
	l.sent_udp[FA_B] = 0;
	lab_run(&l, 199);
	CHECK_STR(merge(), "holding");
	lab_run(&l, 2);
	CHECK_STR(merge(), "done");
	CHECK_EQ(l.sent_udp[FA_B], 0);
	CHECK_EQ(l.received, 2);
	lab_stop(&l);
}

/* Of each sample after the first a quarter counts. */
static void a_quarter(void)
{
	begin(false, true);
	for (int i = 0; i < 100; i++)
		rtt_measured(b(), A_ADDR, MSEC(100));
	rtt_measured(b(), A_ADDR, MSEC(500));
	CHECK_EQ(send_rto(b(), A_ADDR, HA_ADDR), MSEC(400));
	lab_stop(&l);
}

UNIT_MAIN("bounds, second agent", {"orders a second", orders_a_second},
	  {"orders of accepted nodes", orders_of_accepted_nodes},
	  {"Requests a second", requests_a_second},
	  {"131 once a second", auth_failed_once_a_second},
	  {"bytes before the Reply", bytes_before_the_reply}, {"bytes ahead", bytes_ahead},
	  {"not while a path is open", not_while_a_path_is_open},
	  {"one first agent", one_first_agent}, {"to no group", to_no_group},
	  {"the Reply's lease", lease_of_the_reply}, {"a marker's place", markers_place},
	  {"without a handoff key", by_timers_alone},
	  {"a quarter of a sample", a_quarter})
