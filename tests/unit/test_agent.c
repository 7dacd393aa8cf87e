/* SPDX-License-Identifier: MIT */
#include "tests/unit/walk_fixture.h"

static void f1(void)
{
	start();
	lab_handoff(&l, FA_A, FA_B);
	CHECK_EQ(l.order.action, ORDER_GRANTED);
	CHECK_EQ(l.order_tos, TOS_CS1);
	CHECK_EQ(l.watched, 1);
	CHECK(l.order.has_delivered);
	CHECK_EQ(l.order.delivered,
		 l.last_seq + 1); /* what the node counted when the fence stood */
	lab_run(&l, 60);
	CHECK_EQ(l.order.id, l.last_id - 1);
	CHECK(l.order.mn_fa.present && l.order.handoff.present);
	CHECK(l.order.has_count && l.order.count > 0);
	CHECK_EQ(lab_buffer(&l, FA_A).forward_to, lab_addr[FA_B]);
	CHECK_EQ(lab_buffer(&l, FA_A).state, BUF_DRAINING);
	CHECK_STR(lab_buffer(&l, FA_B).merge, "holding");
	lab_run(&l, 200);
	CHECK_EQ(lab_buffer(&l, FA_A).state, BUF_PASSING);
	CHECK_STR(lab_buffer(&l, FA_B).merge, "done");
	CHECK_EQ(agent_counters(l.ag[FA_A])->markers_received, 3);
	CHECK_EQ(agent_counters(l.ag[HA])->markers_sent, 3);
	whole();
}

/* The first agent forgets the node when the lease ends, not when the registration would. */
static void gone(void)
{
	struct agent_visitor_info v;

	start();
	lab_handoff(&l, FA_A, FA_B);
	l.streaming = false;
	lab_run(&l, 7500);
	CHECK(agent_visitor_at(l.ag[FA_A], 0, &v));
	CHECK_EQ(l.down[FA_A], 0);
	lab_run(&l, 500);
	CHECK(!agent_visitor_at(l.ag[FA_A], 0, &v));
	CHECK_EQ(l.down[FA_A], 1);
	CHECK_EQ(lab_buffer(&l, FA_A).state, BUF_SERVING);
	finish();
}

/* The link dies without a word: what was sent until BUFFER arrived is lost, and nothing after. */
static void f2(void)
{
	struct lab_order b, f;
	unsigned lost;

	start();
	l.at = NOWHERE;
	lab_run(&l, 100);
	l.at = FA_B;
	b = lab_order(&l, ORDER_BUFFER, ORDER_F_ELASTIC, FA_A, FA_B);
	f = lab_order(&l, ORDER_FORWARD, ORDER_F_ELASTIC, FA_A, FA_B);
	lab_register(&l, 600, &b, &f);
	lab_run(&l, 1000);
	l.streaming = false;
	lab_run(&l, 300);
	lost = l.sent - l.received;
	CHECK(lost >= 50 && lost <= 57);
	CHECK_EQ(l.duplicated, 0);
	CHECK_EQ(l.reordered, 0);
	CHECK_EQ(l.n_orders, 2);
	finish();
}

/* Somebody on agent two's link, which holds no key for the node, speaks in its name. */
static void stranger_speaks(uint32_t home_agent)
{
	struct mip_request m = { .flags = MIP_T, .lifetime_s = 600, .home_addr = HOME,
				 .home_agent = home_agent, .care_of = lab_addr[FA_B],
				 .id = lab_instant(&l).ntp + 12345 };
	uint64_t id = l.last_id;
	struct lab_order b = lab_order(&l, ORDER_BUFFER, 0, FA_A, FA_B),
			 f = lab_order(&l, ORDER_FORWARD, 0, FA_A, FA_B);
	struct mac mac = { { 2, 0, 0, 0, 6, 6 } };
	struct instant now = lab_instant(&l);
	struct sa wrong = lab_sa(1000, "somebody's");
	uint8_t buf[1000], *copy;
	struct wbuf w = wb_init(buf, sizeof(buf));

	l.last_id = id;
	b.bytes[b.n - 1] ^= 1; /* it cannot sign */
	f.bytes[f.n - 1] ^= 1;
	mip_request_encode(&w, &m);
	auth_append(&w, EXT_MN_HA, 0, &wrong);
	mip_ext_append(&w, SUB_RELAYED_ORDER, b.bytes, b.n);
	mip_ext_append(&w, SUB_RELAYED_ORDER, f.bytes, f.n);
	mip_ext_append(&w, SUB_HANDOFF_KEY, b.kh.key.b, b.kh.key.len);
	copy = unit_copy(buf, w.len);
	agent_link_udp(l.ag[FA_B], 0, &mac, HOME, 999, lab_link[FA_B], 255, copy, w.len, &now,
		       &l.out);
	lab_act(&l, FA_B);
	free(copy);
}

static void strangers(void)
{
	for (unsigned every = 1; every < 40; every += 7) {
		lab_defaults(&l);
		l.node[FA_B].sa.spi = 0;
		lab_start(&l);
		begin();
		for (int i = 0; i < 300; i++) {
			lab_run(&l, 1);
			if (i % every == 0)
				stranger_speaks(i % 2 ? HA_ADDR : CN_ADDR);
			if (i == 100)
				lab_handoff(&l, FA_A, FA_B);
		}
		for (int i = 0; i < 100; i++) {
			stranger_speaks(i % 2 ? HA_ADDR : CN_ADDR);
			lab_run(&l, 23);
		}
		whole();
	}
}

/* The twin that keeps the others honest. */
static void unbuffered(void)
{
	lab_defaults(&l);
	for (int i = 0; i < N_AGENTS; i++)
		l.conf[i].buffers = false;
	lab_start(&l);
	begin();
	lab_handoff(&l, FA_A, FA_B);
	CHECK_EQ(l.order.action, ORDER_PROHIBITED);
	lab_run(&l, 300);
	l.streaming = false;
	lab_run(&l, 300);
	CHECK(l.sent - l.received >= 40);
	finish();
}

static bool lose_markers(const struct lab *x, const struct lab_event *e)
{
	(void)x;
	return e->kind == LAB_TUNNEL && e->n < 150;
}

/* Without any marker: silence ends the path, and idleness the merge. */
static void no_markers(void)
{
	start();
	l.lose = lose_markers;
	lab_handoff(&l, FA_A, FA_B);
	whole();
}

static void no_association(void)
{
	lab_defaults(&l);
	for (int i = FA_A; i < N_AGENTS; i++)
		l.conf[i].n_peers = 0;
	l.conf[HA].n_peers = 0;
	lab_start(&l);
	begin();
	lab_handoff(&l, FA_A, FA_B);
	lab_run(&l, 300);
	CHECK_EQ(agent_counters(l.ag[HA])->markers_sent, 0);
	whole();
}

static unsigned lost_orders;

/* The first four times that anything is sent between the foreign agents' control ports. */
static bool lose_orders(const struct lab *x, const struct lab_event *e)
{
	(void)x;
	return e->kind == LAB_UDP && e->agent != HA && e->src != HA_ADDR && lost_orders++ < 4;
}

static void orders_lost(void)
{
	lost_orders = 0;
	start();
	l.lose = lose_orders;
	lab_handoff(&l, FA_A, FA_B);
	lab_run(&l, 2000);
	l.streaming = false;
	lab_run(&l, 100);
	CHECK_EQ(l.sent - l.received, 0);
	CHECK_EQ(l.duplicated, 0);
	CHECK_EQ(agent_counters(l.ag[FA_A])->orders, 2);
	finish();
}

/* The marker overtakes forty packets of the path that it ends. */
static bool delay_data(const struct lab *x, const struct lab_event *e)
{
	struct lab_event *late = (struct lab_event *)(uintptr_t)e;

	(void)x;
	if (e->kind == LAB_TUNNEL && e->agent == FA_A && e->n > 150)
		late->t += MSEC(8);
	return false;
}

static void marker_overtakes(void)
{
	start();
	l.lose = delay_data;
	lab_run(&l, 100);
	lab_handoff(&l, FA_A, FA_B);
	whole();
}

static void release(void)
{
	struct lab_order o;

	start();
	o = lab_order(&l, ORDER_BUFFER, ORDER_F_ELASTIC, FA_A, NOWHERE);
	lab_say(&l, o.bytes, o.n);
	lab_run(&l, 20);
	CHECK_EQ(l.n_orders, 1);
	l.at = NOWHERE;
	lab_run(&l, 80);
	CHECK_EQ(lab_buffer(&l, FA_A).state, BUF_BUFFERING);
	CHECK(lab_buffer(&l, FA_A).queued >= 45);
	l.at = FA_A;
	o = lab_order(&l, ORDER_RELEASE, 0, FA_A, NOWHERE);
	lab_say(&l, o.bytes, o.n);
	lab_run(&l, 20);
	CHECK_EQ(l.order.action, ORDER_GRANTED);
	CHECK_EQ(lab_buffer(&l, FA_A).state, BUF_SERVING);
	whole();
}

/* It comes back and registers, without a RELEASE. */
static void back_again(void)
{
	struct lab_order o;

	start();
	o = lab_order(&l, ORDER_BUFFER, ORDER_F_ELASTIC, FA_A, NOWHERE);
	lab_say(&l, o.bytes, o.n);
	lab_run(&l, 20);
	l.at = NOWHERE;
	lab_run(&l, 80);
	l.at = FA_A;
	lab_register(&l, 600, NULL, NULL);
	whole();
}

/* A Reply that answers a Request from before the BUFFER brings nobody back. */
static void renewal_overtaken(void)
{
	struct lab_order o;

	start();
	lab_register(&l, 600, NULL, NULL);
	lab_run(&l, 5);
	o = lab_order(&l, ORDER_BUFFER, ORDER_F_ELASTIC, FA_A, NOWHERE);
	lab_say(&l, o.bytes, o.n);
	lab_run(&l, 60);
	CHECK_EQ(l.n_replies, 2);
	CHECK_EQ(lab_buffer(&l, FA_A).state, BUF_BUFFERING);
	finish();
}

static void uplink(void)
{
	struct instant now;
	uint8_t pkt[300];
	size_t n = lab_packet(pkt, sizeof(pkt), HOME, CN_ADDR, 1);

	start();
	now = lab_instant(&l);
	agent_tun(l.ag[FA_A], pkt, n, &now, &l.out);
	CHECK_EQ(l.out.n, 1);
	CHECK_EQ(l.out.a[0].act, AGENT_TUNNEL);
	CHECK_EQ(l.out.a[0].src, lab_addr[FA_A]);
	CHECK_EQ(l.out.a[0].dst, HA_ADDR);
	lab_act(&l, FA_A);
	lab_handoff(&l, FA_A, FA_B);
	lab_run(&l, 50);
	CHECK_EQ(l.uplink, 1);
	agent_tunnel(l.ag[HA], lab_addr[FA_A], HA_ADDR, pkt, n, &now,
		     &l.out); /* still under way then */
	CHECK_EQ(l.out.n, 1);
	CHECK_EQ(agent_counters(l.ag[HA])->previous_care_of, 1);
	lab_run(&l, 2000);
	now = lab_instant(&l);
	agent_tunnel(l.ag[HA], lab_addr[FA_A], HA_ADDR, pkt, n, &now, &l.out);
	CHECK_EQ(l.out.n, 0);
	CHECK_EQ(agent_drops(l.ag[HA])->n[DROP_OUTER_SOURCE], 1);
	finish();
}

UNIT_MAIN("agent", {"F1: nothing lost, doubled or out of order", f1},
	  {"lease over after F1", gone}, {"F2: the link dies", f2},
	  {"strangers all the while", strangers}, {"without buffers packets are lost", unbuffered},
	  {"every marker lost", no_markers}, {"no association between agents", no_association},
	  {"orders lost", orders_lost}, {"marker overtakes data", marker_overtakes},
	  {"RELEASE", release}, {"back without RELEASE", back_again},
	  {"renewal overtaken by BUFFER", renewal_overtaken}, {"uplink", uplink})
