/* SPDX-License-Identifier: MIT */
#ifndef MIP_FUZZ_AGENTS_H
#define MIP_FUZZ_AGENTS_H

#include "agent/state.h"
#include "tests/fuzz/fuzz.h"

#include <stdio.h>

/*
 * A home agent and two foreign agents, small ones, so that each limit is near; their messages to
 * each other wait in a bag until they are delivered.  What must hold is looked at after each call.
 */
enum { HA, FA_A, FA_B, AGENTS };
enum { KEY_MN_HA, KEY_MN_FA_A, KEY_MN_FA_B, KEY_FA_HA, KEY_DEALT_A, KEY_DEALT_B, KEY_KH, KEYS };

#define AGENTS_POOL (64 << 10)
#define NODES 5
#define HOME 0x0a630005u /* 10.99.0.5, and the next two */
#define CN 0xcb007109u
#define NAT 0xcb007146u
#define NTP_START 0xe9000000u

static const uint32_t agent_addr[AGENTS] = {0xc0000201, 0xc6336407, 0xc6336487};
static const uint32_t agent_link[AGENTS] = {0, 0x0a010001, 0x0a020001};
/* Whatever an address may be: the harness names them by their number. */
static const uint32_t fuzz_addrs[] = {
    0xc0000201, 0xc6336407, 0xc6336487, 0x0a010001, 0x0a020001, HOME,	    HOME + 1,	HOME + 2,
    CN,		NAT,	    0xc0a80117, 0,	    0xffffffff, 0xe000000b, 0xe0000001, 0x7f000001,
};
#define ADDRS (sizeof(fuzz_addrs) / sizeof(*fuzz_addrs))

struct flight {
	bool tunnel;
	uint32_t src, dst;
	uint16_t sport, dport;
	size_t n;
	uint8_t p[2048];
};
#define BAG 32

struct agents {
	struct agent *agent[AGENTS];
	struct agent_conf conf[AGENTS];
	struct agent_node_conf node[AGENTS][NODES];
	struct agent_peer_conf peer[AGENTS][AGENTS];
	struct sa key[KEYS];
	struct instant now;
	struct flight bag[BAG];
	unsigned n_bag;
	uint64_t last_id;
	uint8_t heard[2048]; /* the last message of an agent */
	size_t heard_n;
	uint8_t pool[AGENTS][AGENTS_POOL] __attribute__((aligned(8)));
};

static struct agent_out agents_out;

static inline struct sa agents_key(uint32_t spi, uint8_t fill)
{
	struct sa sa = {.spi = spi, .alg = AUTH_HMAC_SHA256, .key = {.len = 32}};

	memset(sa.key.b, fill, 32);
	return sa;
}

static inline void agents_time(struct agents *g, mtime t)
{
	uint64_t us = (uint64_t)t;

	g->now = (struct instant){
	    .t = t, .ntp = ((uint64_t)NTP_START + us / 1000000) << 32 | (us % 1000000) * 4294};
}

static inline void agents_foreign(struct agents *g, unsigned i)
{
	struct agent_conf *c = &g->conf[i];

	c->foreign = true;
	c->care_of = agent_addr[i];
	c->link_addr = agent_link[i];
	c->foreign_reverse = true;
	c->n_links = 2;
	c->n_nodes = 1;
	g->node[i][0] = (struct agent_node_conf){.home_addr = HOME, .sa = g->key[i]};
	g->peer[i][0] = (struct agent_peer_conf){agent_addr[HA], g->key[KEY_FA_HA]};
	c->n_peers = 1;
}

static inline void agents_home(struct agents *g)
{
	struct agent_conf *c = &g->conf[HA];
	struct sa sa = g->key[KEY_MN_HA];

	c->home = true;
	c->home_agent = agent_addr[HA];
	c->home_net = 0x0a630000;
	c->home_prefix_len = 24;
	c->home_udp_any_agent = true;
	c->pool_first = HOME + 10;
	c->pool_last = HOME + 11;
	c->n_nodes = NODES;
	g->node[HA][0] = (struct agent_node_conf){.home_addr = HOME, .sa = sa};
	g->node[HA][1] = (struct agent_node_conf){.home_addr = HOME + 1, .sa = sa};
	g->node[HA][2] = (struct agent_node_conf){HOME + 2, sa, "fixed@example.net"};
	g->node[HA][3] = (struct agent_node_conf){0, sa, "a@example.net"};
	g->node[HA][4] = (struct agent_node_conf){0, sa, "b@example.net"};
	for (unsigned i = FA_A; i < AGENTS; i++)
		g->peer[HA][c->n_peers++] =
		    (struct agent_peer_conf){agent_addr[i], g->key[KEY_FA_HA]};
}

/* No agent is there yet. */
static inline struct agents *agents_configured(void)
{
	static struct agents g;

	g.n_bag = 0;
	g.last_id = 0;
	g.heard_n = 0;
	agents_time(&g, SEC(10));
	for (unsigned i = 0; i < KEYS; i++)
		g.key[i] = agents_key(i < KEY_DEALT_A ? 256 + i : 0, (uint8_t)(0x11 * (i + 1)));
	g.key[KEY_KH].spi = HANDOFF_SPI;
	for (unsigned i = 0; i < AGENTS; i++) {
		struct agent_conf *c = &g.conf[i];

		agent_conf_default(c);
		c->buffer_total = AGENTS_POOL;
		c->per_node = (struct buffer_limits){48, 24 << 10};
		c->early_bytes = 4096;
		c->early_total = 8192;
		c->max_visitors = c->max_pending = c->max_bindings = 3;
		c->max_handoffs = 3;
		c->advert_interval = SEC(3000);
		c->nodes = g.node[i];
		c->peers = g.peer[i];
		memset(c->seed, 0x5e, sizeof(c->seed));
		g.agent[i] = NULL;
	}
	agents_home(&g);
	agents_foreign(&g, FA_A);
	agents_foreign(&g, FA_B);
	return &g;
}

static inline void agents_begin(struct agents *g)
{
	for (unsigned i = 0; i < AGENTS; i++) {
		g->agent[i] = agent_new(&g->conf[i], g->pool[i], &g->now);
		assert(g->agent[i]);
	}
}

/* ---- what an agent does ---- */

static inline void agents_post(struct agents *g, const struct agent_action *a, bool tunnel)
{
	struct flight *f = &g->bag[g->n_bag < BAG ? g->n_bag++ : BAG - 1];

	assert(a->n <= sizeof(f->p) - MIP_TUNNEL_LEN);
	*f = (struct flight){.tunnel = tunnel && !a->dport,
			     .src = a->src,
			     .dst = a->dst,
			     .sport = a->sport,
			     .dport = a->dport};
	if (tunnel && a->dport) {
		mip_tunnel_header(f->p);
		f->n = MIP_TUNNEL_LEN;
	}
	memcpy(f->p + f->n, a->p, a->n);
	f->n += a->n;
}

/* The node learns the key that it was dealt. */
static inline void agents_reply_heard(struct agents *g, unsigned i, const uint8_t *p, size_t n)
{
	struct mip_reply r;
	struct mip_exts x;

	memcpy(g->heard, p, n);
	g->heard_n = n;
	if (mip_reply_decode(p, n, &r, &x) != DROP_NONE || !x.node_nonce.spi || i == HA)
		return;
	dealt_order_key(&g->key[KEY_MN_HA].key, x.node_nonce.nonce, r.home_addr, agent_addr[i],
			x.node_nonce.spi, &g->key[i == FA_A ? KEY_DEALT_A : KEY_DEALT_B]);
}

static inline void agents_packet(struct agents *g, unsigned i, const struct agent_action *a)
{
	struct ipv4 ip;
	struct udp u;

	assert(ipv4_decode(a->p, a->n, &ip) == DROP_NONE && ip.total_len == a->n);
	if (a->act == AGENT_SEND_LINK && udp_decode(&ip, true, &u) == DROP_NONE &&
	    u.payload.left <= sizeof(g->heard))
		agents_reply_heard(g, i, u.payload.p, u.payload.left);
}

static inline void agents_act(struct agents *g, unsigned i)
{
	assert(agents_out.n <= AGENT_ACTIONS_MAX && agents_out.used <= AGENT_OUT_BYTES);
	for (unsigned k = 0; k < agents_out.n; k++) {
		const struct agent_action *a = &agents_out.a[k];

		switch (a->act) {
		case AGENT_SEND_UDP:
			assert(a->n && a->n <= MIP_MSG_MAX && a->dport && a->sport);
			agents_post(g, a, false);
			break;
		case AGENT_TUNNEL:
			agents_packet(g, i, a);
			agents_post(g, a, true);
			break;
		case AGENT_SEND_PACKET:
		case AGENT_SEND_LINK:
		case AGENT_DELIVER:
			agents_packet(g, i, a);
			break;
		case AGENT_VISITOR_UP:
		case AGENT_VISITOR_DOWN:
		case AGENT_PROXY_UP:
		case AGENT_PROXY_MUTE:
		case AGENT_PROXY_DOWN:
			assert(a->home && a->link < AGENT_LINKS_MAX);
			break;
		case AGENT_ANNOUNCE:
		case AGENT_QUEUE_WATCH:
			break;
		case AGENT_NOTE:
			assert(memchr(a->note, 0, sizeof(a->note)));
			break;
		}
	}
}

/* What the command shows, and what it adds up to. */
static inline void agents_look(struct agents *g, unsigned i)
{
	struct agent *a = g->agent[i];
	struct agent_cursor c = {.i = 0};
	struct agent_binding_info b;
	struct agent_visitor_info v;
	struct agent_buffer_info buf;
	struct agent_home_info h;
	unsigned n = 0, queued = 0;

	while (agent_binding_next(a, &c, &b))
		assert(++n <= g->conf[i].max_bindings && b.lifetime_s && b.care_of);
	c = (struct agent_cursor){.i = 0};
	for (n = 0; agent_visitor_next(a, &c, &v);)
		assert(++n <= g->conf[i].max_visitors + g->conf[i].max_pending);
	c = (struct agent_cursor){.i = 0};
	for (n = 0; agent_buffer_next(a, &c, &buf); queued += buf.queued)
		assert(++n <= 5 * g->conf[i].max_handoffs);
	assert(queued <= AGENTS_POOL / POOL_CELL);
	c = (struct agent_cursor){.i = 0};
	for (n = 0; agent_home_next(a, &c, &h);)
		assert(++n <= NODES + g->conf[i].max_bindings);
}

/* ---- time ---- */

static inline void agents_tick(struct agents *g, unsigned i)
{
	unsigned turns = 0;

	while (agent_deadline(g->agent[i]) <= g->now.t) {
		agent_tick(g->agent[i], &g->now, &agents_out);
		agents_act(g, i);
		assert(++turns < 500);
	}
}

/* At once, as after a sleep. */
static inline void agents_skip(struct agents *g, mtime to)
{
	agents_time(g, to);
	for (unsigned i = 0; i < AGENTS; i++)
		if (g->agent[i])
			agents_tick(g, i);
}

/* From deadline to deadline; the last part of a long time at once. */
static inline void agents_wait(struct agents *g, mtime t)
{
	mtime end = g->now.t + t, next = 0;

	for (unsigned k = 0; k < 50 && next < end; k++) {
		next = end;
		for (unsigned i = 0; i < AGENTS; i++)
			if (g->agent[i])
				next = mtime_min(next, agent_deadline(g->agent[i]));
		agents_skip(g, next > g->now.t ? next : g->now.t);
	}
	agents_skip(g, end);
}

/* After some hours in which nobody says a word nothing is kept for anybody. */
static inline void agents_end(struct agents *g)
{
	agents_wait(g, SEC(10));
	for (int hours = 0; hours < 4; hours++) {
		g->n_bag = 0;
		agents_skip(g, g->now.t + SEC(3600));
	}
	for (unsigned i = 0; i < AGENTS; i++) {
		struct agent *a = g->agent[i];
		struct agent_cursor c = {.i = 0};

		if (!a)
			continue;
		assert(!agent_visitor_next(a, &c, &(struct agent_visitor_info){0}));
		c = (struct agent_cursor){.i = 0};
		assert(!agent_buffer_next(a, &c, &(struct agent_buffer_info){0}));
		assert(pool_free_bytes(agent_pool(a)) == AGENTS_POOL / POOL_CELL * POOL_CELL);
		agent_free(a);
		g->agent[i] = NULL;
	}
}

#endif
