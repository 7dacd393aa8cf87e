/* SPDX-License-Identifier: MIT */
#ifndef MIP_HANDOFF_FIXTURE_H
#define MIP_HANDOFF_FIXTURE_H

#include "client/core.h"

#include "tests/unit/node_fixture.h"

/* One node, brought to each state of its handoff procedure; and what agents tell it there. */
static struct node n;

#define AGENT_C 0x0a030001u
#define CARE_OF_C 0xc6336447u
static const struct mac bssid_c = { { 2, 0, 0, 0, 2, 0 } }, mac_c = { { 2, 0, 0, 0, 0, 0xc } };

static inline void falls(void)
{
	node_signal_falls(&n);
	CHECK_EQ(n.orders, 1);
}

/* A's word about an order with this Identification. */
static inline void first_agent_says(uint8_t code, uint64_t id)
{
	struct order o = { .message = ORDER_REPLY, .action = code, .home_addr = HOME,
			   .first_agent = CARE_OF_A, .id = id };
	uint8_t buf[128];
	struct wbuf w = wb_init(buf, sizeof(buf));

	order_encode(&w, &o);
	auth_append(&w, EXT_MN_FA, 0, &n.conf.agents[0].sa);
	node_udp(&n, buf, w.len);
}

static inline void home_agent_says(uint8_t code)
{
	bool crossing = n.m->ho.state == HO_CROSSING;
	struct mip_reply m = { .code = code, .lifetime_s = 600, .home_addr = HOME,
			       .home_agent = HOME_AGENT,
			       .id = crossing ? n.m->cross.reg.last_id : n.m->reg.last_id };
	uint8_t buf[256];
	struct wbuf w = wb_init(buf, sizeof(buf));

	mip_reply_encode(&w, &m);
	auth_append(&w, EXT_MN_HA, 0, &n.conf.home_sa);
	if (!crossing)
		auth_append(&w, EXT_MN_FA, 0, &n.m->reg.agent_sa);
	node_udp(&n, buf, w.len);
}

static inline void grant(void)
{
	first_agent_says(ORDER_GRANTED, n.m->ho.order.id);
}

static inline void reach_settling(void)
{
	node_ask(&n);
	grant();
}

static inline void reach_roaming(void)
{
	reach_settling();
	node_until(&n, n.now.t + MSEC(10));
}

static inline void reach_finding(void)
{
	reach_roaming();
	node_link_up(&n, &bssid_b);
}

static inline void reach_registering(void)
{
	reach_finding();
	node_advert(&n, true, 1);
}

static inline void reach_scanning(void)
{
	falls();
	grant();
	node_until(&n, n.now.t + MSEC(10));
}

#endif
