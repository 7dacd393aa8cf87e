/* SPDX-License-Identifier: MIT */
#ifndef MIP_KEYS_FIXTURE_H
#define MIP_KEYS_FIXTURE_H

#include "agent/foreign.h"
#include "tests/unit/agent_lab.h"

/*
 * Keys dealt by the home agent, at the agents: A has an association with the home agent and
 * none with the node.
 */
static struct lab l;
static uint8_t heard[1500]; /* the last Registration Reply on the link */
static size_t heard_len;

static inline bool listen(const struct lab *lab, const struct lab_event *e)
{
	struct ipv4 ip;
	struct udp u;

	(void)lab;
	if (e->kind == LAB_CONTROL && ipv4_decode(e->p, e->n, &ip) == DROP_NONE &&
	    udp_decode(&ip, true, &u) == DROP_NONE && u.payload.p[0] == MIP_REPLY) {
		heard_len = u.payload.left;
		memcpy(heard, u.payload.p, heard_len);
	}
	return false;
}

static inline void defaults(void)
{
	lab_defaults(&l);
	for (int i = FA_A; i < N_AGENTS; i++)
		l.node[i].sa.spi = 0;
	for (int i = 0; i < N_AGENTS; i++)
		l.conf[i].seed[0] = (uint8_t)(i + 1);
	l.lose = listen;
	heard_len = 0;
}

static inline void start(void)
{
	defaults();
	lab_start(&l);
}

static inline struct mip_exts heard_exts(void)
{
	struct mip_exts x = { 0 };
	struct mip_reply m;

	CHECK_EQ(mip_reply_decode(heard, heard_len, &m, &x), DROP_NONE);
	return x;
}

/* What the node makes of the last Reply that it heard. */
static inline struct sa node_key(int agent)
{
	struct mip_exts x = heard_exts();
	struct sa mn_ha = lab_mn_ha(), key;

	CHECK(x.node_nonce.spi >= SPI_MIN);
	dealt_order_key(&mn_ha.key, x.node_nonce.nonce, HOME, lab_addr[agent], x.node_nonce.spi,
			&key);
	return key;
}

static inline struct sa registered(void)
{
	lab_settle(&l, FA_A);
	return node_key(FA_A);
}

static inline void say(const struct sa *key, uint8_t action, uint64_t id, uint32_t care_of)
{
	struct order o = { .message = ORDER_REQUEST, .action = action, .home_addr = HOME,
			   .first_agent = lab_addr[FA_A], .care_of = care_of, .id = id };
	uint8_t buf[ORDER_MAX];
	struct wbuf w = wb_init(buf, sizeof(buf));

	order_encode(&w, &o);
	auth_append(&w, EXT_MN_FA, 0, key);
	l.order = (struct order){ .action = 0xff };
	lab_say(&l, buf, w.len);
	lab_run(&l, 70);
}

/* The Reply's code; -1: none. */
static inline int ask_id(const struct sa *key, uint8_t action, uint64_t id)
{
	say(key, action, id, 0);
	return l.order.action == 0xff ? -1 : l.order.action;
}

static inline int ask(const struct sa *key, uint8_t action)
{
	return ask_id(key, action, lab_id(&l));
}

static inline uint64_t dropped(enum drop d)
{
	return agent_drops(l.ag[FA_A])->n[d];
}

static inline bool here(void)
{
	const struct node *n = node_find(l.ag[FA_A], HOME);

	return n && n->up;
}

static inline enum order_key shown(void)
{
	struct agent_visitor_info v;

	CHECK(agent_visitor_at(l.ag[FA_A], 0, &v));
	return v.order_key;
}

#endif
