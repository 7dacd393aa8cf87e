/* SPDX-License-Identifier: MIT */
#ifndef MIP_AGENT_LAB_H
#define MIP_AGENT_LAB_H

/*
 * One home agent, three foreign agents and a node on a clock that only the test moves.
 * 10 ms between any two agents (`backbone`), 1 ms on the radio.  Packets of the stream carry a
 * number.
 */
#include "tests/unit/agent_lab_base.h"

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

static inline void lab_datagram(struct lab *l, int from, const struct agent_action *x,
				const void *p, size_t n)
{
	uint32_t src = l->nat[from].addr ? l->nat[from].addr : x->src, dst = x->dst;
	uint16_t sport = l->nat[from].addr ? l->nat[from].port : x->sport;
	int to = lab_agent_at(dst);

	for (int i = 0; i < N_AGENTS; i++) {
		if (!l->nat[i].addr)
			continue;
		if (to == i)
			to = NOWHERE; /* a private address */
		if (x->dst != l->nat[i].addr || x->dport != l->nat[i].port)
			continue;
		to = i;
		dst = lab_addr[i];
	}
	if (to != NOWHERE)
		lab_post(l, l->backbone, LAB_UDP, to, src, sport, dst, p, n);
}

static inline void lab_tunnel(struct lab *l, int from, const struct agent_action *x)
{
	static uint8_t buf[2000];
	int to = lab_agent_at(x->dst);

	assert(x->n <= sizeof(buf) - MIP_TUNNEL_LEN);
	if (x->dport) {
		mip_tunnel_header(buf);
		memcpy(buf + MIP_TUNNEL_LEN, x->p, x->n);
		lab_datagram(l, from, x, buf, x->n + MIP_TUNNEL_LEN);
	} else if (to != NOWHERE && !l->nat[from].addr && !l->nat[to].addr) {
		lab_post(l, l->backbone, LAB_TUNNEL, to, x->src, 0, x->dst, x->p, x->n);
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
			lab_datagram(l, from, x, x->p, x->n);
			break;
		case AGENT_TUNNEL:
			if (lab_seq(x->p, x->n) == 0xffffffff || x->n < 150)
				l->markers[from]++;
			lab_tunnel(l, from, x);
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
		case AGENT_SEND_PACKET:
		case AGENT_PROXY_UP:
		case AGENT_PROXY_MUTE:
		case AGENT_PROXY_DOWN:
		case AGENT_ANNOUNCE:
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
