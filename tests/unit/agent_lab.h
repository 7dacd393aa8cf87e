/* SPDX-License-Identifier: MIT */
#ifndef MIP_AGENT_LAB_H
#define MIP_AGENT_LAB_H

/*
 * One home agent, three foreign agents and a node on a clock that only the test moves.
 * 10 ms between any two agents (`backbone`), 1 ms on the radio.  Packets of the stream carry a
 * number.
 */
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
	struct agent_conf conf[N_AGENTS];
	struct agent_node_conf node[N_AGENTS];
	struct agent_peer_conf peer[N_AGENTS][N_AGENTS];
	struct lab_event *events;
	struct agent_out out;

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
		l->pool[i] = malloc(l->conf[i].buffer_total);
		l->ag[i] = agent_new(&l->conf[i], l->pool[i], &now);
		assert(l->ag[i] && l->pool[i]);
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
		free(l->pool[i]);
	}
}

static inline void lab_post(struct lab *l, mtime after, enum lab_kind kind, int agent, uint32_t src,
			    uint16_t sport, uint32_t dst, const void *p, size_t n)
{
	struct lab_event *e = malloc(sizeof(*e) + n), **at = &l->events;

	assert(e);
	*e = (struct lab_event){.t = l->now + after,
				.kind = kind,
				.agent = agent,
				.src = src,
				.dst = dst,
				.sport = sport,
				.mac = l->mac,
				.n = n};
	if (n)
		memcpy(e->p, p, n);
	if (l->lose && l->lose(l, e)) {
		free(e);
		return;
	}
	while (*at && (*at)->t <= e->t)
		at = &(*at)->next;
	e->next = *at;
	*at = e;
}

static inline int lab_agent_at(uint32_t addr)
{
	for (int i = 0; i < N_AGENTS; i++)
		if (lab_addr[i] == addr)
			return i;
	return NOWHERE;
}

static inline void lab_count(struct lab *l, uint32_t seq)
{
	assert(seq < LAB_PACKETS);
	if (l->seen[seq]++)
		l->duplicated++;
	else
		l->received++;
	if (seq < l->last_seq) {
		if (l->verbose)
			printf("%lld: packet %u after %u\n", (long long)l->now, seq, l->last_seq);
		l->reordered++;
	} else {
		l->last_seq = seq;
	}
	l->last_data = l->now;
}

static inline uint32_t lab_seq(const uint8_t *p, size_t n)
{
	struct ipv4 ip;
	struct udp u;

	if (ipv4_decode(p, n, &ip) != DROP_NONE || udp_decode(&ip, true, &u) != DROP_NONE)
		return 0xffffffff;
	return u.payload.left >= 4 ? rb_u32(&u.payload) : 0xffffffff;
}

static inline void lab_control(struct lab *l, const uint8_t *pkt, size_t n)
{
	struct mip_exts x;
	struct ipv4 ip;
	struct udp u;

	if (ipv4_decode(pkt, n, &ip) != DROP_NONE)
		return;
	if (ip.protocol == PROTO_ICMP) {
		l->adverts++;
		return;
	}
	if (udp_decode(&ip, true, &u) != DROP_NONE)
		return;
	if (mip_reply_decode(u.payload.p, u.payload.left, &l->reply, &x) == DROP_NONE) {
		l->n_replies++;
	} else if (order_decode(u.payload.p, u.payload.left, &l->order) == DROP_NONE) {
		l->n_orders++;
		l->order_tos = ip.tos;
	}
}

static inline void lab_act(struct lab *l, int from)
{
	for (unsigned i = 0; i < l->out.n; i++) {
		const struct agent_action *x = &l->out.a[i];

		switch (x->act) {
		case AGENT_SEND_UDP:
			l->sent_udp[from]++;
			memcpy(l->last_udp[from], x->p, x->n);
			l->last_udp_len[from] = x->n;
			if (lab_agent_at(x->dst) != NOWHERE)
				lab_post(l, l->backbone, LAB_UDP, lab_agent_at(x->dst), x->src,
					 x->sport, x->dst, x->p, x->n);
			break;
		case AGENT_TUNNEL:
			if (lab_seq(x->p, x->n) == 0xffffffff || x->n < 150)
				l->markers[from]++;
			if (lab_agent_at(x->dst) != NOWHERE)
				lab_post(l, l->backbone, LAB_TUNNEL, lab_agent_at(x->dst), x->src,
					 0, x->dst, x->p, x->n);
			break;
		case AGENT_DELIVER:
			lab_post(l, MSEC(1), from == HA ? LAB_UPLINK : LAB_RADIO, from, 0, 0, 0,
				 x->p, x->n);
			break;
		case AGENT_SEND_LINK:
			lab_post(l, MSEC(1), LAB_CONTROL, from, 0, 0, 0, x->p, x->n);
			break;
		case AGENT_VISITOR_UP:
			l->up[from]++;
			break;
		case AGENT_VISITOR_DOWN:
			l->down[from]++;
			break;
		case AGENT_QUEUE_WATCH:
			l->watched++;
			if (!l->mute)
				lab_post(l, MSEC(2), LAB_QUEUE, from, 0, 0, 0, NULL, 0);
			break;
		case AGENT_NOTE:
			if (l->verbose)
				printf("%7.1f ms agent %d: %s\n", (double)l->now / 1000, from,
				       x->note);
			break;
		}
	}
}

static inline void lab_event(struct lab *l, struct lab_event *e)
{
	struct instant now = lab_instant(l);
	struct agent *a = l->ag[e->agent];
	uint8_t *copy;

	switch (e->kind) {
	case LAB_UDP:
		copy = unit_copy(e->p, e->n);
		agent_udp(a, e->src, e->sport, e->dst, copy, e->n, &now, &l->out);
		lab_act(l, e->agent);
		free(copy);
		return;
	case LAB_TUNNEL:
		copy = unit_copy(e->p, e->n);
		agent_tunnel(a, e->src, e->dst, copy, e->n, &now, &l->out);
		lab_act(l, e->agent);
		free(copy);
		return;
	case LAB_RADIO:
		if (l->at == e->agent)
			lab_count(l, lab_seq(e->p, e->n));
		return;
	case LAB_CONTROL:
		if (l->at == e->agent)
			lab_control(l, e->p, e->n);
		return;
	case LAB_QUEUE:
		agent_queue_empty(a, &e->mac, &now, &l->out);
		lab_act(l, e->agent);
		return;
	case LAB_UPLINK:
		l->uplink++;
		return;
	}
}

/* A packet of the stream, 200 bytes, number in its first word. */
static inline size_t lab_packet(uint8_t *buf, size_t cap, uint32_t src, uint32_t dst, uint32_t seq)
{
	struct ipv4_out h = { .src = src, .dst = dst, .ttl = 60 };
	uint8_t payload[172] = { 0 };
	struct wbuf w = wb_init(payload, sizeof(payload));

	wb_u32(&w, seq);
	return udp_build(buf, cap, &h, 5000, 5001, payload, sizeof(payload));
}

static inline void lab_stream(struct lab *l)
{
	struct instant now = lab_instant(l);
	uint8_t pkt[300];
	size_t n = lab_packet(pkt, sizeof(pkt), CN_ADDR, HOME, l->sent);

	l->sent++;
	l->next_packet += MSEC(2);
	agent_tun(l->ag[HA], pkt, n, &now, &l->out);
	lab_act(l, HA);
}

static inline mtime lab_next(const struct lab *l)
{
	mtime t = l->events ? l->events->t : MTIME_NEVER;

	if (l->streaming)
		t = mtime_min(t, l->next_packet);
	for (int i = 0; i < N_AGENTS; i++)
		t = mtime_min(t, agent_deadline(l->ag[i]));
	return t > l->now ? t : l->now;
}

static inline void lab_step(struct lab *l)
{
	struct instant now = lab_instant(l);

	while (l->events && l->events->t <= l->now) {
		struct lab_event *e = l->events;

		l->events = e->next;
		lab_event(l, e);
		free(e);
	}
	if (l->streaming && l->now >= l->next_packet)
		lab_stream(l);
	for (int i = 0; i < N_AGENTS; i++) {
		unsigned turns = 0;
		bool more = true;

		while (more && agent_deadline(l->ag[i]) <= l->now) {
			more = agent_tick(l->ag[i], &now, &l->out);
			lab_act(l, i);
			assert(++turns < 1000);
		}
	}
}

static inline void lab_run(struct lab *l, unsigned ms)
{
	mtime end = l->now + MSEC(ms);

	while (lab_next(l) <= end) {
		l->now = lab_next(l);
		lab_step(l);
	}
	l->now = end;
}

static inline void lab_stream_start(struct lab *l)
{
	l->streaming = true;
	l->next_packet = l->now;
}

static inline uint64_t lab_id(struct lab *l)
{
	uint64_t id = lab_instant(l).ntp;

	if (id <= l->last_id)
		id = l->last_id + 1;
	return l->last_id = id;
}

/* The node speaks to the agent on whose link it is. */
static inline void lab_say(struct lab *l, const void *p, size_t n)
{
	struct instant now = lab_instant(l);
	uint8_t *copy;

	if (l->at == NOWHERE)
		return;
	copy = unit_copy(p, n);
	agent_link_udp(l->ag[l->at], 0, &l->mac, HOME, 5434, lab_link[l->at], 255, copy, n, &now,
		       &l->out);
	lab_act(l, l->at);
	free(copy);
}

struct lab_order {
	uint8_t bytes[ORDER_MAX];
	size_t n;
	uint64_t id;
	struct sa kh;
};

/* An order for first agent `to`, towards `care_of`, signed as the node does. */
static inline struct lab_order lab_order(struct lab *l, uint8_t action, uint8_t flags, int to,
					 int care_of)
{
	struct order o = {.message = ORDER_REQUEST,
			  .action = action,
			  .flags = flags,
			  .home_addr = HOME,
			  .first_agent = lab_addr[to],
			  .care_of = care_of == NOWHERE ? 0 : lab_addr[care_of],
			  .id = lab_id(l)};
	struct lab_order r = { .id = o.id };
	struct wbuf w = wb_init(r.bytes, sizeof(r.bytes));
	struct sa sa = lab_mn_fa(to);

	order_encode(&w, &o);
	auth_append(&w, EXT_MN_FA, 0, &sa);
	assert(wb_ok(&w));
	r.n = w.len;
	auth_handoff_key(&sa.key, o.id, HOME, o.first_agent, o.care_of, &r.kh);
	return r;
}

/* A Registration Request through the agent where the node is; orders may be NULL. */
static inline void lab_register(struct lab *l, uint16_t lifetime_s, const struct lab_order *buffer,
				const struct lab_order *forward)
{
	struct mip_request m = {.flags = MIP_T,
				.lifetime_s = lifetime_s,
				.home_addr = HOME,
				.home_agent = HA_ADDR,
				.care_of = lab_addr[l->at],
				.id = lab_id(l)};
	struct sa mn_ha = lab_mn_ha(), mn_fa = lab_mn_fa(l->at);
	uint8_t buf[1000];
	struct wbuf w = wb_init(buf, sizeof(buf));

	mip_request_encode(&w, &m);
	auth_append(&w, EXT_MN_HA, 0, &mn_ha);
	if (buffer)
		mip_ext_append(&w, SUB_RELAYED_ORDER, buffer->bytes, buffer->n);
	if (forward) {
		mip_ext_append(&w, SUB_RELAYED_ORDER, forward->bytes, forward->n);
		mip_ext_append(&w, SUB_HANDOFF_KEY, forward->kh.key.b, forward->kh.key.len);
	}
	auth_append(&w, EXT_MN_FA, 0, &mn_fa);
	assert(wb_ok(&w));
	lab_say(l, buf, w.len);
}

/* Attached and registered at agent i, without a handoff. */
static inline void lab_settle(struct lab *l, int i)
{
	l->at = i;
	lab_register(l, 600, NULL, NULL);
	lab_run(l, 30);
}

/* F1, whole: BUFFER, settle, outage_ms between links, registration with FORWARD. */
static inline void lab_handoff(struct lab *l, int from, int to)
{
	struct lab_order o = lab_order(l, ORDER_BUFFER, ORDER_F_ELASTIC, from, NOWHERE), f;
	unsigned before = l->n_orders;

	lab_say(l, o.bytes, o.n);
	for (int i = 0; i < 60 && l->n_orders == before; i++)
		lab_run(l, 1);
	lab_run(l, 10);
	l->at = NOWHERE;
	lab_run(l, l->outage_ms);
	l->at = to;
	f = lab_order(l, ORDER_FORWARD, ORDER_F_ASKED | ORDER_F_ELASTIC, from, to);
	lab_register(l, 600, NULL, &f);
}

static inline void lab_drops(const struct lab *l)
{
	for (int i = 0; i < N_AGENTS; i++)
		for (int d = 1; d < DROP_COUNT; d++)
			if (agent_drops(l->ag[i])->n[d])
				printf("\n    agent %d dropped %llu: %s\n", i,
				       (unsigned long long)agent_drops(l->ag[i])->n[d],
				       drop_text((enum drop)d));
}

static inline struct agent_buffer_info lab_buffer(const struct lab *l, int i)
{
	struct agent_buffer_info b = { .state = BUF_SERVING, .merge = "none" };

	agent_buffer_at(l->ag[i], 0, &b);
	return b;
}

#endif
