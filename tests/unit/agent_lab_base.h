/* SPDX-License-Identifier: MIT */
#ifndef MIP_AGENT_LAB_BASE_H
#define MIP_AGENT_LAB_BASE_H

/* The lab of agent_lab.h: what it is made of, its configuration. */
#include "agent/agent.h"
#include "common/mip.h"
#include "common/order.h"
#include "common/packet.h"
#include "tests/unit/unit.h"

enum { HA, FA_A, FA_B, FA_C, N_AGENTS, NOWHERE };

#define HOME 0x0a630005u   /* 10.99.0.5 */
#define HA_ADDR 0xc0000201u /* 192.0.2.1 */
#define CN_ADDR 0xcb007109u /* 203.0.113.9 */
#define LAB_NTP 0xe9000000u /* seconds at t = 0 */
#define LAB_PACKETS 20000

static const uint32_t lab_addr[N_AGENTS] = { HA_ADDR, 0xc6336407u, 0xc6336487u, 0xc6336447u };
static const uint32_t lab_link[N_AGENTS] = { 0, 0x0a010001u, 0x0a020001u, 0x0a030001u };

enum lab_kind { LAB_UDP, LAB_TUNNEL, LAB_RADIO, LAB_CONTROL, LAB_QUEUE, LAB_UPLINK };

struct lab_event {
	struct lab_event *next;
	mtime t;
	enum lab_kind kind;
	int agent;
	uint32_t src, dst;
	uint16_t sport;
	struct mac mac;
	size_t n;
	uint8_t p[];
};

struct lab {
	mtime now;
	struct agent *ag[N_AGENTS];
	void *pool[N_AGENTS];
	size_t pool_bytes[N_AGENTS];
	struct agent_conf conf[N_AGENTS];
	struct agent_node_conf node[N_AGENTS];
	struct agent_peer_conf peer[N_AGENTS][N_AGENTS];
	struct lab_event *events;
	struct agent_out out;

	/* the NAT before an agent: nothing but UDP passes, and back to this port alone */
	struct {
		uint32_t addr; /* 0: there is none */
		uint16_t port;
	} nat[N_AGENTS];
	mtime backbone;
	unsigned outage_ms; /* between two links, of lab_handoff() */
	int at; /* where the node is: FA_A ... or NOWHERE */
	struct mac mac;
	uint64_t last_id;
	bool (*lose)(const struct lab *l, const struct lab_event *e); /* NULL: nothing */
	bool verbose, mute;

	bool streaming;
	mtime next_packet;
	unsigned sent, received, duplicated, reordered, last_seq;
	uint8_t seen[LAB_PACKETS];
	mtime last_data;
	unsigned uplink;

	unsigned n_replies; /* registration */
	struct mip_reply reply;
	unsigned n_orders; /* Replies to orders */
	struct order order;
	uint8_t order_tos;
	unsigned up[N_AGENTS], down[N_AGENTS], markers[N_AGENTS], watched, adverts,
	    sent_udp[N_AGENTS];
	uint8_t last_udp[N_AGENTS][1500];
	size_t last_udp_len[N_AGENTS];
};

static struct sa lab_sa(uint32_t spi, const char *key)
{
	struct sa s = { .spi = spi, .alg = AUTH_HMAC_SHA256 };

	s.key.len = (uint8_t)strlen(key);
	memcpy(s.key.b, key, s.key.len);
	return s;
}

static struct instant lab_instant(const struct lab *l)
{
	uint64_t us = (uint64_t)l->now;

	return (struct instant){
	    .t = l->now, .ntp = ((uint64_t)LAB_NTP + us / 1000000) << 32 | (us % 1000000) * 4294};
}

static struct sa lab_mn_ha(void)
{
	return lab_sa(1000, "the home agent's");
}

static struct sa lab_mn_fa(int i)
{
	static const char *const keys[] = { "", "agent one's", "agent two's", "agent three's" };

	return lab_sa(2000 + (uint32_t)i, keys[i]);
}

static inline void lab_defaults(struct lab *l)
{
	memset(l, 0, sizeof(*l));
	l->at = NOWHERE;
	l->backbone = MSEC(10);
	l->outage_ms = 80;
	l->mac = (struct mac){ { 2, 0, 0, 0, 9, 9 } };
	for (int i = 0; i < N_AGENTS; i++) {
		struct agent_conf *c = &l->conf[i];

		agent_conf_default(c);
		c->buffer_total = 16u << 20;
		c->max_pending = 32;
		c->nodes = &l->node[i];
		c->n_nodes = 1;
		c->peers = l->peer[i];
		l->node[i].home_addr = HOME;
		l->node[i].sa = i == HA ? lab_mn_ha() : lab_mn_fa(i);
		if (i == HA) {
			c->home = true;
			c->home_agent = HA_ADDR;
			c->home_net = 0x0a630000u;
			c->home_prefix_len = 24;
			for (int j = FA_A; j < N_AGENTS; j++)
				l->peer[HA][c->n_peers++] = (struct agent_peer_conf){
				    lab_addr[j], lab_sa(3000, "between agents")};
		} else {
			c->foreign = true;
			c->care_of = lab_addr[i];
			c->link_addr = lab_link[i];
			c->foreign_reverse = true;
			c->n_links = 1;
			l->peer[i][c->n_peers++] =
			    (struct agent_peer_conf){HA_ADDR, lab_sa(3000, "between agents")};
		}
	}
}

static inline void lab_start(struct lab *l)
{
	struct instant now = lab_instant(l);

	for (int i = 0; i < N_AGENTS; i++) {
		l->pool_bytes[i] = l->conf[i].buffer_total;
		l->pool[i] = unit_pool(l->pool_bytes[i]);
		l->ag[i] = agent_new(&l->conf[i], l->pool[i], &now);
		assert(l->ag[i]);
	}
}

static inline void lab_init(struct lab *l)
{
	lab_defaults(l);
	lab_start(l);
}

static inline void lab_stop(struct lab *l)
{
	while (l->events) {
		struct lab_event *e = l->events;

		l->events = e->next;
		free(e);
	}
	for (int i = 0; i < N_AGENTS; i++) {
		agent_free(l->ag[i]);
		unit_pool_free(l->pool[i], l->pool_bytes[i]);
	}
}

#endif
