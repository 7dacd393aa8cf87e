/* SPDX-License-Identifier: MIT */
#include "tests/sim/world.h"

#include "common/packet.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define NTP_EPOCH 0xe8d4a51000000000u
#define FRAME_MAX 1600
#define PAYLOAD 172 /* 200 bytes in all */

enum host_kind { TO_AGENT, TO_NODE, TO_CN };
enum frame_kind { FRAME_TUNNEL, FRAME_UDP, FRAME_ROUTED, FRAME_RADIO, EVENT_LINK_UP, EVENT_STREAM };

struct event {
	mtime at;
	uint64_t order; /* first in, first out at the same time */
	enum frame_kind kind;
	enum host_kind to;
	unsigned host;
	uint32_t src, dst; /* outer, or UDP */
	uint16_t sport;
	struct mac mac; /* source of a radio frame */
	size_t n;
	uint8_t *p;
};

struct host {
	struct agent *agent;
	void *pool;
	struct agent_conf conf;
	struct agent_node_conf node;
	struct agent_peer_conf peers[WORLD_FOREIGN_MAX + 1];
	bool visitor, reverse; /* what the kernel was told of the node */
	uint32_t addr;	       /* on the backbone */
	uint32_t link_addr;
	struct mac mac, bssid;
	mtime radio_free;      /* frames leave in order */
};

struct direction {
	unsigned sent;
	unsigned char got[WORLD_PACKETS_MAX];
	unsigned received, duplicated, reordered;
	unsigned highest;
	mtime last, gap;
};

struct world {
	struct world_conf c;
	struct event *heap;
	size_t n, cap;
	uint64_t order, rng;
	mtime now;
	struct host host[WORLD_FOREIGN_MAX + 1]; /* the home agent is host[n_foreign] */
	struct mobile_conf mobile_conf;
	struct mobile *mobile;
	void *mobile_pool;
	struct mac mac;
	bool attached, radio_dead[WORLD_FOREIGN_MAX];
	unsigned ap;
	bool tap;
	uint64_t tapped;
	mtime path_free[WORLD_FOREIGN_MAX + 2][WORLD_FOREIGN_MAX + 2];
	bool streaming;
	mtime every;
	struct direction down, up;
	struct mobile_out mout;
	struct agent_out aout;
};

static void world_log(struct world *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void world_log(struct world *w, const char *fmt, ...)
{
	va_list ap;

	if (!w->c.log)
		return;
	fprintf(w->c.log, "%10.3f ", (double)w->now / 1000);
	va_start(ap, fmt);
	vfprintf(w->c.log, fmt, ap);
	va_end(ap);
	fputc('\n', w->c.log);
}

static unsigned dice(struct world *w, unsigned sides)
{
	w->rng ^= w->rng << 13;
	w->rng ^= w->rng >> 7;
	w->rng ^= w->rng << 17;
	return (unsigned)(w->rng >> 33) % sides;
}

static struct instant instant(const struct world *w, int skew_s)
{
	uint64_t s = (uint64_t)(w->now / 1000000), us = (uint64_t)(w->now % 1000000);

	return (struct instant){ w->now + SEC(1000),
				 NTP_EPOCH + ((s + (uint64_t)(int64_t)skew_s) << 32) + us * 4295 };
}

/* ---- the queue of what is under way: a binary heap ---- */

static bool before(const struct event *a, const struct event *b)
{
	return a->at != b->at ? a->at < b->at : a->order < b->order;
}

static void push(struct world *w, struct event e)
{
	size_t i = w->n++;

	if (w->n > w->cap) {
		w->cap = w->cap ? w->cap * 2 : 256;
		w->heap = realloc(w->heap, w->cap * sizeof(*w->heap));
		assert(w->heap);
	}
	e.order = w->order++;
	for (; i && before(&e, &w->heap[(i - 1) / 2]); i = (i - 1) / 2)
		w->heap[i] = w->heap[(i - 1) / 2];
	w->heap[i] = e;
}

static struct event pop(struct world *w)
{
	struct event top = w->heap[0], last = w->heap[--w->n];
	size_t i = 0, child;

	while ((child = 2 * i + 1) < w->n) {
		if (child + 1 < w->n && before(&w->heap[child + 1], &w->heap[child]))
			child++;
		if (!before(&w->heap[child], &last))
			break;
		w->heap[i] = w->heap[child];
		i = child;
	}
	w->heap[i] = last;
	return top;
}

static struct event frame(enum frame_kind kind, enum host_kind to, unsigned host, const void *p,
			  size_t n)
{
	struct event e = { .kind = kind, .to = to, .host = host, .n = n, .p = malloc(n ? n : 1) };

	assert(e.p && n <= FRAME_MAX + 40);
	memcpy(e.p, p, n);
	return e;
}

/* A wire keeps order: nothing arrives before what was sent earlier on it. */
static void send_on(struct world *w, struct event e, mtime *wire, mtime delay,
		    unsigned loss_permille)
{
	if (loss_permille && dice(w, 1000) < loss_permille) {
		free(e.p);
		return;
	}
	e.at = w->now + delay > *wire ? w->now + delay : *wire;
	*wire = e.at;
	push(w, e);
}

static void backbone(struct world *w, unsigned from, struct event e)
{
	unsigned to = e.to == TO_CN ? w->c.n_foreign + 1 : e.host;

	send_on(w, e, &w->path_free[from][to], w->c.backbone, w->c.backbone_loss_permille);
}

static void radio(struct world *w, unsigned ap, struct event e)
{
	if (e.to == TO_NODE && (!w->attached || w->ap != ap || w->radio_dead[ap])) {
		free(e.p); /* nobody there hears it */
		return;
	}
	send_on(w, e, &w->host[ap].radio_free, w->c.radio, w->c.radio_loss_permille);
}

/* ---- the stream ---- */

static void arrived(struct world *w, struct direction *d, const uint8_t *pkt, size_t n,
		    const char *where)
{
	unsigned seq;

	assert(n >= 32);
	seq = (unsigned)pkt[28] << 24 | (unsigned)pkt[29] << 16 | (unsigned)pkt[30] << 8 | pkt[31];
	assert(seq < WORLD_PACKETS_MAX);
	d->received++;
	if (d->got[seq]++) {
		d->duplicated++;
		world_log(w, "%s: %u AGAIN", where, seq);
	} else if (seq < d->highest) {
		d->reordered++;
		world_log(w, "%s: %u after %u", where, seq, d->highest);
	}
	if (seq > d->highest)
		d->highest = seq;
	if (d->last && w->now - d->last > d->gap)
		d->gap = w->now - d->last;
	d->last = w->now;
}

static size_t numbered(uint8_t *buf, uint32_t src, uint32_t dst, unsigned seq)
{
	uint8_t payload[PAYLOAD] = {(uint8_t)(seq >> 24), (uint8_t)(seq >> 16), (uint8_t)(seq >> 8),
				    (uint8_t)seq};
	struct ipv4_out h = { .src = src, .dst = dst, .ttl = 64, .protocol = PROTO_UDP };

	return udp_build(buf, FRAME_MAX, &h, 5000, 5001, payload, sizeof(payload));
}

/* ---- carrying out ---- */

static int skew_of(const struct world *w, unsigned i)
{
	return i < w->c.n_foreign ? w->c.clock_skew_s[i] : 0;
}

static int host_by_addr(const struct world *w, uint32_t addr)
{
	for (unsigned i = 0; i <= w->c.n_foreign; i++) {
		if (w->host[i].addr == addr)
			return (int)i;
	}
	return -1;
}

/* The kernel of agent i routes a packet that came out of its TUN. */
static void kernel_routes(struct world *w, unsigned i, const uint8_t *p, size_t n)
{
	struct ipv4 ip;
	struct event e;

	if (ipv4_decode(p, n, &ip) != DROP_NONE)
		return;
	if (ip.dst == WORLD_HOME) {
		if (i < w->c.n_foreign && w->host[i].visitor) {
			e = frame(FRAME_RADIO, TO_NODE, 0, p, n);
			e.mac = w->host[i].mac;
			radio(w, i, e);
		}
	} else if (ip.dst == WORLD_CN) {
		backbone(w, i, frame(FRAME_ROUTED, TO_CN, 0, p, n));
	}
}

static void carry_agent(struct world *w, unsigned i)
{
	struct agent_out *out = &w->aout;
	struct instant now = instant(w, skew_of(w, i));
	bool queue_empty = false;
	struct mac watched = { { 0 } };
	int to;

	for (unsigned k = 0; k < out->n; k++) {
		const struct agent_action *a = &out->a[k];
		struct event e;

		switch (a->act) {
		case AGENT_SEND_UDP:
			to = host_by_addr(w, a->dst);
			if (to < 0)
				break;
			e = frame(FRAME_UDP, TO_AGENT, (unsigned)to, a->p, a->n);
			e.src = a->src;
			e.dst = a->dst;
			e.sport = a->sport;
			backbone(w, i, e);
			break;
		case AGENT_SEND_LINK:
			e = frame(FRAME_RADIO, TO_NODE, 0, a->p, a->n);
			e.mac = w->host[i].mac;
			radio(w, i, e);
			break;
		case AGENT_TUNNEL:
			to = host_by_addr(w, a->dst);
			if (to < 0)
				break;
			e = frame(FRAME_TUNNEL, TO_AGENT, (unsigned)to, a->p, a->n);
			e.src = a->src;
			e.dst = a->dst;
			backbone(w, i, e);
			break;
		case AGENT_DELIVER:
			kernel_routes(w, i, a->p, a->n);
			break;
		case AGENT_VISITOR_UP:
			w->host[i].visitor = true;
			w->host[i].reverse = a->reverse;
			break;
		case AGENT_VISITOR_DOWN:
			w->host[i].visitor = false;
			break;
		case AGENT_QUEUE_WATCH:
			queue_empty = true; /* this radio has no queue */
			watched = a->mac;
			break;
		case AGENT_NOTE:
			world_log(w, "agent %u: %s", i, a->note);
			break;
		}
	}
	if (queue_empty) {
		agent_queue_empty(w->host[i].agent, &watched, &now, out);
		carry_agent(w, i);
	}
}

static void node_sends_frame(struct world *w, const uint8_t *p, size_t n)
{
	struct event e;

	if (!w->attached || w->radio_dead[w->ap])
		return;
	e = frame(FRAME_RADIO, TO_AGENT, w->ap, p, n);
	e.mac = w->mac;
	radio(w, w->ap, e);
}

static void roam(struct world *w, const struct mac *bssid)
{
	for (unsigned i = 0; i < w->c.n_foreign; i++) {
		struct event e = {
		    .kind = EVENT_LINK_UP, .host = i, .at = w->now + w->c.layer2_outage};

		if (!mac_equal(&w->host[i].bssid, bssid))
			continue;
		world_log(w, "node: leaves for access point %u", i);
		w->attached = false;
		push(w, e);
	}
}

static void carry_node(struct world *w)
{
	struct mobile_out *out = &w->mout;
	struct mac roam_to;
	bool roaming = false, queue_asked = false;

	for (unsigned k = 0; k < out->n; k++) {
		const struct mobile_action *a = &out->a[k];

		switch (a->act) {
		case MOBILE_SEND:
			node_sends_frame(w, a->p, a->n);
			break;
		case MOBILE_ROAM:
			roaming = true;
			roam_to = a->bss.bssid;
			break;
		case MOBILE_TAP:
			w->tap = a->on;
			break;
		case MOBILE_NOTE:
			world_log(w, "node: %s", a->text);
			break;
		case MOBILE_BACKLOG:
			queue_asked = true;
			break;
		case MOBILE_SCAN:
		case MOBILE_SAMPLE:
		case MOBILE_THRESHOLDS:
		case MOBILE_EVENT:
			break;
		}
	}
	if (roaming)
		roam(w, &roam_to);
	if (queue_asked) {
		struct instant now = instant(w, w->c.clock_skew_s[WORLD_FOREIGN_MAX]);

		mobile_backlog(w->mobile, 0, &now, out); /* this radio has no queue */
		carry_node(w);
	}
}

/* ---- what arrives ---- */

static void node_hears(struct world *w, const struct event *e)
{
	struct instant now = instant(w, w->c.clock_skew_s[WORLD_FOREIGN_MAX]);
	struct ipv4 ip;
	struct udp udp;

	if (ipv4_decode(e->p, e->n, &ip) != DROP_NONE)
		return;
	mobile_count(w->mobile, w->tapped);
	if (ip.protocol == PROTO_ICMP) {
		mobile_icmp(w->mobile, &e->mac, ip.src, ip.payload.p, ip.payload.left, &now,
			    &w->mout);
	} else if (udp_decode(&ip, true, &udp) == DROP_NONE && udp.dport == 434) {
		mobile_udp(w->mobile, &e->mac, ip.src, ip.dst, udp.payload.p, udp.payload.left,
			   &now, &w->mout);
	} else {
		w->tapped++;
		arrived(w, &w->down, e->p, e->n, "node");
		if (!w->tap)
			return;
		mobile_downlink(w->mobile, w->tapped, &now, &w->mout);
	}
	carry_node(w);
}

static void agent_hears_radio(struct world *w, struct event *e)
{
	struct host *h = &w->host[e->host];
	struct instant now = instant(w, skew_of(w, e->host));
	struct ipv4 ip;
	struct udp udp;

	if (ipv4_decode(e->p, e->n, &ip) != DROP_NONE)
		return;
	if (ip.protocol == PROTO_ICMP)
		agent_solicit(h->agent, 0, &e->mac, ip.src, ip.payload.p, ip.payload.left, &now,
			      &w->aout);
	else if (udp_decode(&ip, true, &udp) == DROP_NONE && udp.dport == 434)
		agent_link_udp(h->agent, 0, &e->mac, ip.src, udp.sport, ip.dst, ip.ttl,
			       udp.payload.p, udp.payload.left, &now, &w->aout);
	else if (h->visitor && h->reverse && ip.src == WORLD_HOME)
		/* the rule sends it into the TUN */
		agent_tun(h->agent, e->p, e->n, &now, &w->aout);
	else
		return;
	carry_agent(w, e->host);
}

static void agent_hears(struct world *w, struct event *e)
{
	struct host *h = &w->host[e->host];
	struct instant now = instant(w, skew_of(w, e->host));

	if (e->kind == FRAME_RADIO) {
		agent_hears_radio(w, e);
		return;
	}
	if (e->kind == FRAME_TUNNEL)
		agent_tunnel(h->agent, e->src, e->dst, e->p, e->n, &now, &w->aout);
	else if (e->kind == FRAME_UDP)
		agent_udp(h->agent, e->src, e->sport, e->dst, e->p, e->n, &now, &w->aout);
	else
		agent_tun(h->agent, e->p, e->n, &now, &w->aout); /* routed to the home network */
	carry_agent(w, e->host);
}

static void link_up(struct world *w, unsigned ap)
{
	struct instant now = instant(w, w->c.clock_skew_s[WORLD_FOREIGN_MAX]);
	struct radio_bss bss = {.bssid = w->host[ap].bssid,
				.freq_mhz = 2412,
				.signal_dbm = -50,
				.seen = now.t,
				.ssid = "campus",
				.ssid_len = 6};

	world_log(w, "node: link up on access point %u", ap);
	w->attached = true;
	w->ap = ap;
	mobile_count(w->mobile, w->tapped);
	mobile_connected(w->mobile, &bss, &now, &w->mout);
	carry_node(w);
}

static void stream_tick(struct world *w)
{
	struct instant now = instant(w, w->c.clock_skew_s[WORLD_FOREIGN_MAX]);
	struct event e = { .kind = EVENT_STREAM, .at = w->now + w->every };
	uint8_t pkt[FRAME_MAX];
	size_t n;

	if (!w->streaming)
		return;
	n = numbered(pkt, WORLD_CN, WORLD_HOME, w->down.sent++);
	backbone(w, w->c.n_foreign + 1, frame(FRAME_ROUTED, TO_AGENT, w->c.n_foreign, pkt, n));
	n = numbered(pkt, WORLD_HOME, WORLD_CN, w->up.sent++);
	if (mobile_want(w->mobile)->uplink == UPLINK_AGENT) {
		node_sends_frame(w, pkt, n);
	} else {
		mobile_tun(w->mobile, pkt, n, &now, &w->mout);
		carry_node(w);
	}
	push(w, e);
}

static void happen(struct world *w, struct event *e)
{
	switch (e->kind) {
	case EVENT_LINK_UP:
		link_up(w, e->host);
		break;
	case EVENT_STREAM:
		stream_tick(w);
		break;
	case FRAME_TUNNEL:
	case FRAME_UDP:
	case FRAME_ROUTED:
	case FRAME_RADIO:
		if (e->to == TO_NODE)
			node_hears(w, e);
		else if (e->to == TO_CN)
			arrived(w, &w->up, e->p, e->n, "correspondent");
		else
			agent_hears(w, e);
		break;
	}
	free(e->p);
}

/* ---- time ---- */

static void ticks(struct world *w)
{
	struct instant now;

	for (unsigned i = 0; i <= w->c.n_foreign; i++) {
		bool more = true;

		now = instant(w, skew_of(w, i));
		for (int guard = 0; more && agent_deadline(w->host[i].agent) <= now.t; guard++) {
			assert(guard < 10000);
			more = agent_tick(w->host[i].agent, &now, &w->aout);
			carry_agent(w, i);
		}
	}
	now = instant(w, w->c.clock_skew_s[WORLD_FOREIGN_MAX]);
	for (int guard = 0; mobile_deadline(w->mobile) <= now.t; guard++) {
		assert(guard < 10000);
		mobile_tick(w->mobile, &now, &w->mout);
		carry_node(w);
	}
}

static mtime next_deadline(const struct world *w)
{
	mtime t = mobile_deadline(w->mobile);

	for (unsigned i = 0; i <= w->c.n_foreign; i++)
		t = mtime_min(t, agent_deadline(w->host[i].agent));
	return t == MTIME_NEVER ? t : t - SEC(1000);
}

void world_run(struct world *w, mtime until)
{
	for (;;) {
		mtime due = next_deadline(w), arrives = w->n ? w->heap[0].at : MTIME_NEVER;
		struct event e;

		if (mtime_min(due, arrives) > until)
			break;
		if (arrives <= due) {
			e = pop(w);
			w->now = e.at;
			happen(w, &e);
		} else {
			w->now = due > w->now ? due : w->now;
			ticks(w);
		}
	}
	w->now = until;
}

/* ---- building it ---- */

static void key(struct sa *sa, uint32_t spi, unsigned fill)
{
	*sa = (struct sa){ .spi = spi, .alg = AUTH_HMAC_SHA256, .key = { .len = 32 } };
	memset(sa->key.b, (int)fill, 32);
}

static void build_host(struct world *w, unsigned i)
{
	struct host *h = &w->host[i];
	struct agent_conf *c = &h->conf;
	bool home = i == w->c.n_foreign;
	struct instant now = instant(w, skew_of(w, i));

	agent_conf_default(c);
	c->nodes = &h->node;
	c->n_nodes = 1;
	h->node.home_addr = WORLD_HOME;
	c->peers = h->peers;
	c->home = home;
	c->foreign = !home;
	c->buffers = true;
	c->home_agent = h->addr;
	if (home) {
		h->addr = c->home_agent = WORLD_HOME_AGENT;
		c->home_net = WORLD_HOME & 0xffffff00;
		c->home_prefix_len = 24;
		key(&h->node.sa, 256, 0x11);
		c->n_peers = w->c.n_foreign;
		for (unsigned k = 0; k < w->c.n_foreign; k++) {
			h->peers[k].addr = 0xc6336400u + 7 + k * 32;
			key(&h->peers[k].sa, 400 + k, 0x40 + k);
		}
	} else {
		h->addr = c->care_of = 0xc6336400u + 7 + i * 32;
		h->link_addr = c->link_addr = 0x0a000001u + ((i + 1) << 16);
		h->mac = (struct mac){ { 2, 0, 0, 0, (uint8_t)i, 0xaa } };
		h->bssid = (struct mac){ { 2, 0, 0, 0, (uint8_t)i, 0 } };
		c->n_links = 1;
		c->link_mac[0] = h->mac;
		c->foreign_reverse = true;
		key(&h->node.sa, 300 + i, 0xa0 + i);
		c->n_peers = 1;
		h->peers[0].addr = WORLD_HOME_AGENT;
		key(&h->peers[0].sa, 400 + i, 0x40 + i);
	}
	h->pool = calloc(1, c->buffer_total);
	h->agent = agent_new(c, h->pool, &now);
	assert(h->agent);
}

struct world *world_new(const struct world_conf *conf)
{
	struct world *w = calloc(1, sizeof(*w));
	struct mobile_conf *c;
	struct instant now;

	assert(w && conf->n_foreign <= WORLD_FOREIGN_MAX);
	w->c = *conf;
	w->rng = conf->seed * 2654435761u + 88172645463325252u;
	w->mac = (struct mac){ { 2, 0, 0, 0, 9, 9 } };
	for (unsigned i = 0; i <= conf->n_foreign; i++)
		build_host(w, i);
	c = &w->mobile_conf;
	mobile_conf_default(c);
	c->home_addr = WORLD_HOME;
	c->home_agent = WORLD_HOME_AGENT;
	c->automatic = false;
	c->buffer = conf->buffer;
	key(&c->home_sa, 256, 0x11);
	c->n_agents = conf->n_foreign;
	for (unsigned i = 0; i < conf->n_foreign; i++) {
		c->agents[i].addr = w->host[i].addr;
		key(&c->agents[i].sa, 300 + i, 0xa0 + i);
	}
	w->mobile_pool = calloc(1, c->uplink_bytes);
	now = instant(w, conf->clock_skew_s[WORLD_FOREIGN_MAX]);
	w->mobile = mobile_new(c, w->mobile_pool, &now);
	mobile_start(w->mobile, &now, &w->mout);
	carry_node(w);
	return w;
}

void world_free(struct world *w)
{
	for (unsigned i = 0; i <= w->c.n_foreign; i++) {
		agent_free(w->host[i].agent);
		free(w->host[i].pool);
	}
	mobile_free(w->mobile);
	free(w->mobile_pool);
	while (w->n)
		free(pop(w).p);
	free(w->heap);
	free(w);
}

/* ---- what a scenario does ---- */

mtime world_now(const struct world *w)
{
	return w->now;
}

void world_stream(struct world *w, bool on, mtime every)
{
	struct event e = { .kind = EVENT_STREAM, .at = w->now };

	w->every = every;
	if (on && !w->streaming)
		push(w, e);
	w->streaming = on;
}

void world_attach(struct world *w, unsigned ap)
{
	struct instant now = instant(w, w->c.clock_skew_s[WORLD_FOREIGN_MAX]);
	struct radio_bss list[WORLD_FOREIGN_MAX];

	for (unsigned i = 0; i < w->c.n_foreign; i++)
		list[i] = (struct radio_bss){.bssid = w->host[i].bssid,
					     .freq_mhz = 2412,
					     .signal_dbm = -50,
					     .seen = now.t,
					     .ssid = "campus",
					     .ssid_len = 6};
	link_up(w, ap);
	mobile_scanned(w->mobile, list, w->c.n_foreign, &now, &w->mout);
	carry_node(w);
}

void world_walk(struct world *w, unsigned ap)
{
	struct instant now = instant(w, w->c.clock_skew_s[WORLD_FOREIGN_MAX]);
	bool not_found;
	const char *error =
	    mobile_handoff(w->mobile, &w->host[ap].bssid, &not_found, &now, &w->mout);

	if (error)
		world_log(w, "node: %s", error);
	carry_node(w);
}

void world_kill_radio(struct world *w)
{
	struct instant now = instant(w, w->c.clock_skew_s[WORLD_FOREIGN_MAX]);

	w->radio_dead[w->ap] = true;
	w->attached = false;
	mobile_count(w->mobile, w->tapped);
	mobile_disconnected(w->mobile, &w->host[w->ap].bssid, &now, &w->mout);
	carry_node(w);
}

struct mobile *world_node(struct world *w)
{
	return w->mobile;
}

struct agent *world_agent(struct world *w, unsigned i)
{
	return w->host[i].agent;
}

bool world_kernel_has_visitor(const struct world *w, unsigned i)
{
	return w->host[i].visitor;
}

static void count(const struct direction *d, struct world_count *c)
{
	*c = (struct world_count){.sent = d->sent,
				  .received = d->received,
				  .duplicated = d->duplicated,
				  .reordered = d->reordered,
				  .longest_gap = d->gap};
	for (unsigned i = 0; i < d->sent; i++)
		c->lost += !d->got[i];
}

void world_count(const struct world *w, struct world_count *down, struct world_count *up)
{
	count(&w->down, down);
	count(&w->up, up);
}
