/* SPDX-License-Identifier: MIT */
#include "client/core.h"
#include "tests/unit/own_address_fixture.h"

/* F12: from an agent that keeps what comes to an address of the node's own, by the home agent. */
static const struct mip_udp_reply behind_nat = { .present = true, .keepalive_s = 25 };

static struct order rode;
static struct mip_exts exts;

/* At another access point, where an address is given and nobody advertises. */
static void arrive(void)
{
	node_forget(&n);
	node_link_up(&n, &bssid_b);
	told(ADDR_B, GATE_B);
	node_until(&n, n.now.t + PATIENCE);
	CHECK(n.requests == 1 && n.messages == 1 && n.from == ADDR_B);
}

static void leave_a(void)
{
	node_at_a(&n);
	node_ask(&n);
	node_granted(&n);
	node_until(&n, n.now.t + MSEC(10));
}

/* One FORWARD and the key of it, under MN-HA's key; and nothing beside the Request. */
static void rides(uint8_t flags)
{
	struct sa kh;
	unsigned count;
	struct order o[2];

	node_orders(&n, o, &count, &exts);
	CHECK_EQ(count, 1);
	rode = o[0];
	CHECK(rode.action == ORDER_FORWARD && rode.flags == flags);
	CHECK(rode.first_agent == CARE_OF_A && rode.care_of == HOME_AGENT);
	auth_handoff_key(&n.conf.agents[0].sa.key, rode.id, HOME, CARE_OF_A, HOME_AGENT, &kh);
	CHECK(exts.handoff_key.left == 32 && !memcmp(exts.handoff_key.p, kh.key.b, 32));
	CHECK(exts.n_mn_fa == 1 &&
	      auth_check(n.request, n.request_len, &exts.mn_fa, &n.conf.home_sa));
}

static void leaves(void)
{
	leave_a();
	arrive();
	rides(ORDER_F_ASKED);
}

/* What agent A says to it, as the home agent tunnels it. */
static void a_says(uint8_t code)
{
	struct order r = { .message = ORDER_REPLY,
			   .action = code,
			   .home_addr = HOME,
			   .first_agent = CARE_OF_A,
			   .care_of = HOME_AGENT,
			   .id = code == ORDER_ID_ORDER ? rode.id + SEC(9) : rode.id,
			   .has_count = true,
			   .count = 9 };
	struct ipv4_out h = { .src = HOME_AGENT, .dst = HOME, .ttl = 64 };
	uint8_t buf[256], pkt[300], *copy;
	struct wbuf w = wb_init(buf, sizeof(buf));
	size_t len;

	order_encode(&w, &r);
	auth_append(&w, EXT_MN_FA, 0, &n.conf.agents[0].sa);
	len = udp_build(pkt, sizeof(pkt), &h, MIP_PORT, MIP_PORT, buf, w.len);
	copy = unit_copy(pkt, len);
	mobile_tunnelled(n.m, HOME_AGENT, ADDR_B, true, copy, len, &n.now, &n.out);
	node_see(&n);
	free(copy);
}

/* By itself, from its address. */
static bool orders_itself(void)
{
	struct order o;

	return n.messages == 1 && n.direct_to == CARE_OF_A &&
	       order_decode(n.direct, n.direct_len, &o) == DROP_NONE &&
	       o.action == ORDER_FORWARD && o.care_of == ADDR_B && o.id > rode.id;
}

static bool ended(enum flow flow, bool with_reason)
{
	struct report r = node_report(&n);

	return r.ended && r.ok && r.flow == flow && (r.reason[0] != 0) == with_reason;
}

static void planned(void)
{
	leaves();
	home_says(1, &behind_nat);
	CHECK(!node_report(&n).ended);
	a_says(ORDER_GRANTED);
	CHECK(ended(FLOW_F12, false));
	CHECK_EQ(node_report(&n).forwarded, 9);
	node_until(&n, n.now.t + SEC(5));
	CHECK_EQ(n.messages, 1); /* the Request */
	node_free(&n);

	leaves(); /* the Reply to FORWARD is faster */
	a_says(ORDER_GRANTED);
	home_says(1, &behind_nat);
	CHECK(ended(FLOW_F12, false));
	node_free(&n);
}

/* BUFFER would come too late; what an access point made it keep is to be had. */
static void sudden(void)
{
	node_at_a(&n);
	mobile_disconnected(n.m, MOBILE_RADIO, &bssid_a, &n.now, &n.out);
	node_see(&n);
	arrive();
	rides(0);
	home_says(1, &behind_nat);
	a_says(ORDER_NOTHING_BUFFERED);
	CHECK(ended(FLOW_F2, false));
	node_free(&n);
}

/* It may know nothing of this. */
static void unanswered(void)
{
	leaves();
	home_says(1, NULL);
	node_forget(&n);
	node_until(&n, n.now.t + SEC(1) - 1);
	CHECK_EQ(n.messages, 0);
	node_until(&n, n.now.t + 1);
	CHECK(orders_itself());
	tunnel_brings(CARE_OF_A, ADDR_B, false, HOME);
	CHECK_EQ(n.delivered, 1);
	node_order_reply(&n, n.direct, n.direct_len, ORDER_GRANTED, 0);
	CHECK(ended(FLOW_F4, false));
	node_free(&n);

	leaves(); /* nor anybody else */
	home_says(1, NULL);
	node_until(&n, n.now.t + SEC(4));
	CHECK(ended(FLOW_F4, true));
	node_free(&n);
}

/* What FORWARD was to be signed with has gone meanwhile: nothing is sent in its place. */
static void without_the_key(void)
{
	leaves();
	home_says(1, NULL);
	node_forget(&n);
	n.conf.n_agents = 0;
	CHECK(mobile_reconfigure(n.m, &n.conf, &n.now, &n.out));
	node_see(&n);
	node_until(&n, n.now.t + SEC(4));
	CHECK_EQ(n.messages, 0);
	CHECK(ended(FLOW_F4, true));
	CHECK(strstr(node_report(&n).reason, "key"));
	node_free(&n);
}

static void refused(void)
{
	leaves();
	home_says(1, NULL);
	node_forget(&n);
	a_says(ORDER_CARE_OF_REFUSED);
	CHECK(orders_itself());
	node_order_reply(&n, n.direct, n.direct_len, ORDER_CARE_OF_REFUSED, 0);
	CHECK(ended(FLOW_F4, true));
	node_free(&n);
}

/* Signed by another clock, and registered once more, with that. */
static void another_clock(void)
{
	uint64_t before;

	leaves();
	home_says(1, NULL);
	before = rode.id;
	node_forget(&n);
	a_says(ORDER_ID_ORDER);
	node_until(&n, n.now.t + 1);
	CHECK_EQ(n.requests, 1);
	rides(ORDER_F_ASKED);
	CHECK(rode.id > before);
	home_says(1, NULL);
	a_says(ORDER_GRANTED);
	CHECK(ended(FLOW_F12, false));
	node_free(&n);
}

/* One that is known to relay nothing is not asked to. */
static void known(void)
{
	for (enum home_keeps k = HOME_SILENT; k <= HOME_REFUSES; k++) {
		leave_a();
		n.m->home_keeps = k;
		arrive();
		CHECK_EQ(asked(&exts).care_of, ADDR_B);
		CHECK(exts.n_orders == 0 && exts.n_mn_fa == 0);
		n.messages = 0;
		rode.id = 0;
		home_says(1, NULL);
		CHECK(orders_itself());
		node_free(&n);
	}
}

UNIT_MAIN("via_home", { "planned", planned }, { "sudden", sudden }, { "unanswered", unanswered },
	  { "refused", refused }, { "without the key", without_the_key },
	  { "another clock", another_clock }, { "known", known })
