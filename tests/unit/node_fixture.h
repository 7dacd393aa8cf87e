/* SPDX-License-Identifier: MIT */
#ifndef MIP_NODE_FIXTURE_H
#define MIP_NODE_FIXTURE_H

#include "client/mobile.h"
#include "common/advert.h"
#include "common/order.h"
#include "common/packet.h"
#include "tests/unit/unit.h"

/*
 * A mobile node's core on a hand-turned clock, two agents that are nothing but the bytes
 * they would send, and a look at what the node sent.
 */
#define HOME 0x0a630005u   /* 10.99.0.5 */
#define HOME_AGENT 0xc0000201u
#define AGENT_A 0x0a010001u
#define AGENT_B 0x0a020001u
#define CARE_OF_A 0xc6336407u
#define CARE_OF_B 0xc6336487u

#define GUARD MSEC(10) /* the node is silent so long on a new link */

static const struct mac bssid_a = { { 2, 0, 0, 0, 0, 0 } }, bssid_b = { { 2, 0, 0, 0, 1, 0 } };
static const struct mac mac_a = { { 2, 0, 0, 0, 0, 0xa } }, mac_b = { { 2, 0, 0, 0, 0, 0xb } };

struct node {
	struct mobile *m;
	void *pool;
	size_t pool_bytes;
	struct mobile_conf conf;
	struct instant now;
	struct mobile_out out;
	/* the last of each that was sent since the last look */
	uint8_t request[MIP_MSG_MAX], order[ORDER_MAX];
	size_t request_len, order_len;
	unsigned requests, orders, solicitations, data, roams, scans;
	/* from a care-of address of its own */
	unsigned messages, tunnelled, probes, claims, delivered, echoes, renewals;
	uint32_t from, to, probed, claimed;
	struct node_question { /* the last one to somebody's MAC */
		uint32_t src, dst;
		struct mac mac;
	} question;
	struct node_lent { /* put on the interface, 0: taken away */
		uint32_t addr, gateway;
		mtime until;
		unsigned changes;
	} lent;
	uint8_t direct[ORDER_MAX]; /* the last order that was not tunnelled, and to whom */
	size_t direct_len;
	uint32_t direct_to;
	bool in_udp; /* the last packet in the tunnel */
	uint8_t data_mark[64]; /* the marks of uplink packets, in the order in which they left */
	uint8_t request_ttl;
	uint32_t request_src;
	struct mac request_mac, order_mac;
	unsigned request_link;
	uint32_t order_dst;
	struct node_to {
		struct mac mac;
		uint32_t dst;
		uint8_t ttl, flags;
	} forward_to, other_to; /* orders that went by themselves, the last */
	struct mac roam_to;
	bool tap, handoff_done;
	unsigned events[TELL_COUNT];
	uint32_t backlog; /* what the radio says it still has to send */
	uint32_t stood_at; /* what the agent had delivered before */
};

static inline void node_key(struct sa *sa, uint32_t spi, uint8_t fill)
{
	*sa = (struct sa){ .spi = spi, .alg = AUTH_HMAC_SHA256, .key = { .len = 32 } };
	memset(sa->key.b, fill, 32);
}

static inline void node_see_message(struct node *n, const uint8_t *p, size_t len)
{
	if (p[0] == MIP_REQUEST) {
		memcpy(n->request, p, len);
		n->request_len = len;
		n->requests++;
	} else {
		CHECK(len <= ORDER_MAX);
		memcpy(n->order, p, len);
		n->order_len = len;
		n->orders++;
	}
}

static inline void node_see_packet(struct node *n, const struct mobile_action *a)
{
	struct ipv4 ip;
	struct udp udp;

	CHECK_EQ(ipv4_decode(a->p, a->n, &ip), DROP_NONE);
	if (ip.protocol == PROTO_ICMP && a->act == MOBILE_TUNNEL) {
		CHECK(ip.dst == HOME_AGENT && ip.src == mobile_want(n->m)->home_addr &&
		      ip.payload.p[0] == 8);
		CHECK_EQ(inet_checksum(ip.payload.p, ip.payload.left), 0);
		n->echoes++;
		return;
	}
	if (ip.protocol == PROTO_ICMP) {
		CHECK(ip.ttl == 1 && ip.dst == ADDR_ALL_AGENTS);
		n->solicitations++;
		return;
	}
	if (ip.protocol != PROTO_UDP) {
		n->data_mark[n->data++ % 64] = a->p[a->n - 1];
		return;
	}
	CHECK_EQ(udp_decode(&ip, true, &udp), DROP_NONE);
	CHECK(ip.src == mobile_want(n->m)->home_addr ||
	      ip.src == mobile_want(n->m)->care_of[a->link]); /* RFC 5944 3.6.1.1 */
	CHECK(udp.sport == MIP_PORT && udp.dport == MIP_PORT);
	node_see_message(n, udp.payload.p, udp.payload.left);
	if (udp.payload.p[0] == MIP_REQUEST) {
		n->request_ttl = ip.ttl;
		n->request_src = ip.src;
		n->request_mac = a->mac;
		n->request_link = a->link;
	} else {
		n->order_dst = ip.dst;
		n->order_mac = a->mac;
		*(udp.payload.p[2] == ORDER_FORWARD ? &n->forward_to : &n->other_to) =
		    (struct node_to){ a->mac, ip.dst, ip.ttl, udp.payload.p[3] };
	}
}

static inline void node_see_own(struct node *n, const struct mobile_action *a)
{
	if (a->act == MOBILE_UDP || a->act == MOBILE_TUNNEL) {
		n->from = a->src;
		n->to = a->dst;
	}
	if (a->act == MOBILE_UDP) {
		n->messages++;
		node_see_message(n, a->p, a->n);
		if (a->p[0] != MIP_REQUEST) {
			memcpy(n->direct, a->p, a->n);
			n->direct_len = a->n;
			n->direct_to = a->dst;
		}
	} else if (a->act == MOBILE_TUNNEL) {
		n->tunnelled++;
		n->in_udp = a->on;
		node_see_packet(n, a);
	} else if (a->act == MOBILE_DELIVER) {
		n->delivered++;
	} else if (a->act == MOBILE_RENEW) {
		CHECK(a->text[0]);
		n->renewals++;
	} else if (a->act == MOBILE_ADDRESS) {
		CHECK(a->on || a->src == n->lent.addr);
		n->lent = (struct node_lent){ a->on ? a->src : 0, a->on ? a->dst : 0,
					      a->on ? a->until : 0, n->lent.changes + 1 };
	}
}

static inline void node_see_probe(struct node *n, const struct mobile_action *a)
{
	if (!a->src) {
		CHECK(mac_is_zero(&a->mac));
		n->claims++;
		n->claimed = a->dst;
	} else if (mac_is_zero(&a->mac)) {
		n->probes++;
		n->probed = a->dst;
	} else {
		n->question = (struct node_question){ a->src, a->dst, a->mac };
	}
}

static inline void node_see(struct node *n)
{
	bool queue_asked = false;

	for (unsigned i = 0; i < n->out.n; i++) {
		const struct mobile_action *a = &n->out.a[i];

		node_see_own(n, a);
		if (a->act == MOBILE_SEND) {
			node_see_packet(n, a);
		} else if (a->act == MOBILE_PROBE) {
			node_see_probe(n, a);
		} else if (a->act == MOBILE_ROAM) {
			n->roams++;
			n->roam_to = a->bss.bssid;
		} else if (a->act == MOBILE_SCAN) {
			n->scans++;
		} else if (a->act == MOBILE_BACKLOG) {
			queue_asked = true;
		} else if (a->act == MOBILE_TAP) {
			n->tap = a->on;
		} else if (a->act == MOBILE_EVENT) {
			n->events[a->event]++;
			n->handoff_done |= a->event == TELL_HANDOVER_COMPLETE;
		}
	}
	n->out.n = 0;
	if (queue_asked) {
		mobile_backlog(n->m, n->backlog, &n->now, &n->out);
		node_see(n);
	}
}

static inline void node_forget(struct node *n)
{
	n->requests = n->orders = n->solicitations = n->data = n->roams = n->scans = 0;
	n->messages = n->tunnelled = n->probes = n->delivered = n->echoes = 0;
	n->claims = n->renewals = n->lent.changes = 0;
	n->question = (struct node_question){ .src = 0 };
	n->request_len = n->order_len = 0;
	n->handoff_done = false;
}

/* Lets time pass to t (absolute), stopping at each deadline. */
static inline void node_until(struct node *n, mtime t)
{
	for (int guard = 0; guard < 10000; guard++) {
		mtime next = mobile_deadline(n->m);

		if (next > t)
			break;
		if (next > n->now.t) {
			n->now.ntp += (uint64_t)(next - n->now.t) * 4295;
			n->now.t = next;
		}
		while (mobile_tick(n->m, &n->now, &n->out))
			node_see(n);
		node_see(n);
	}
	n->now.ntp += (uint64_t)(t - n->now.t) * 4295;
	n->now.t = t;
}

static inline void node_init(struct node *n)
{
	memset(n, 0, sizeof(*n));
	mobile_conf_default(&n->conf);
	n->conf.early_lease = false; /* test_early.c */
	n->conf.home_addr = HOME;
	n->conf.home_agent = HOME_AGENT;
	n->conf.automatic = false;
	n->conf.n_links = 3; /* the radio, and two that are not plugged in; test_cross.c */
	n->conf.links[1].preference = 2;
	n->conf.links[2] = (struct mobile_link_conf){ .preference = 1, .metered = true };
	node_key(&n->conf.home_sa, 256, 0x11);
	n->conf.n_agents = 2;
	n->conf.agents[0].addr = AGENT_A;
	node_key(&n->conf.agents[0].sa, 300, 0xaa);
	n->conf.agents[1].addr = CARE_OF_B;
	node_key(&n->conf.agents[1].sa, 301, 0xbb);
	n->now = (struct instant){ SEC(100), 0xe8d4a51000000000u };
	n->pool_bytes = n->conf.uplink_bytes;
	n->pool = unit_pool(n->pool_bytes);
	n->m = mobile_new(&n->conf, n->pool, &n->now);
	mobile_start(n->m, &n->now, &n->out);
	node_see(n);
}

static inline void node_free(struct node *n)
{
	mobile_free(n->m);
	unit_pool_free(n->pool, n->pool_bytes);
}

static inline void node_link_up(struct node *n, const struct mac *bssid)
{
	struct radio_bss bss = {.bssid = *bssid,
				.freq_mhz = 2412,
				.signal_dbm = -45,
				.seen = n->now.t,
				.ssid = "campus",
				.ssid_len = 6};

	mobile_connected(n->m, MOBILE_RADIO, &bss, &n->now, &n->out);
	node_see(n);
	node_until(n, n->now.t + GUARD);
}

static inline void node_scan_b(struct node *n, int16_t b_dbm)
{
	struct radio_bss list[2] = {
	    {.bssid = bssid_a,
	     .freq_mhz = 2412,
	     .signal_dbm = -45,
	     .seen = n->now.t,
	     .ssid = "campus",
	     .ssid_len = 6},
	    {.bssid = bssid_b,
	     .freq_mhz = 2437,
	     .signal_dbm = b_dbm,
	     .seen = n->now.t,
	     .ssid = "campus",
	     .ssid_len = 6},
	};

	mobile_scanned(n->m, list, 2, &n->now, &n->out);
	node_see(n);
}

static inline void node_scan(struct node *n)
{
	node_scan_b(n, -50);
}

static inline void node_advert_by(struct node *n, unsigned link, uint32_t agent, uint32_t care_of,
				  const struct mac *mac, uint16_t sequence)
{
	uint8_t buf[128];
	struct wbuf w = wb_init(buf, sizeof(buf));
	struct advert a = { .icmp_lifetime_s = 180,
			    .sequence = sequence,
			    .reg_lifetime_s = 1800,
			    .flags = ADVERT_F | ADVERT_T,
			    .care_of = { care_of },
			    .n_care_of = 1,
			    .buffers = true,
			    .buffer_kib = 4096,
			    .buffer_lease_ms = 8000 };

	advert_encode(&w, &a);
	mobile_icmp(n->m, link, mac, agent, buf, w.len, &n->now, &n->out);
	node_see(n);
}

static inline void node_advert_from(struct node *n, uint32_t agent, uint32_t care_of,
				    const struct mac *mac, uint16_t sequence)
{
	node_advert_by(n, MOBILE_RADIO, agent, care_of, mac, sequence);
}

static inline void node_advert(struct node *n, bool b, uint16_t sequence)
{
	node_advert_from(n, b ? AGENT_B : AGENT_A, b ? CARE_OF_B : CARE_OF_A, b ? &mac_b : &mac_a,
			 sequence);
}

static inline void node_udp(struct node *n, const uint8_t *p, size_t len)
{
	uint8_t *copy = unit_copy(p, len);

	mobile_udp(n->m, &mac_a, AGENT_A, HOME, copy, len, &n->now, &n->out);
	node_see(n);
	free(copy);
}

/* Answers the last request.  damage: byte to flip, -1: none. */
static inline void node_reply(struct node *n, bool b, uint8_t code, uint16_t lifetime_s,
			      uint32_t id_high, int damage)
{
	struct mip_request req;
	struct mip_exts x;
	uint8_t buf[256];
	struct wbuf w = wb_init(buf, sizeof(buf));
	struct mip_reply m;

	CHECK_EQ(mip_request_decode(n->request, n->request_len, &req, &x), DROP_NONE);
	m = (struct mip_reply){.code = code,
			       .lifetime_s = lifetime_s,
			       .home_addr = HOME,
			       .home_agent = HOME_AGENT,
			       .id = req.id};
	if (id_high)
		m.id = (uint64_t)id_high << 32 | (uint32_t)req.id;
	mip_reply_encode(&w, &m);
	if (mip_code_from_home(code))
		auth_append(&w, EXT_MN_HA, 0, &n->conf.home_sa);
	auth_append(&w, EXT_MN_FA, 0, &n->conf.agents[b].sa);
	if (damage >= 0)
		buf[damage] ^= 1;
	node_udp(n, buf, w.len);
}

/* A's Reply to the order `req` (a whole Request). */
static inline void node_order_reply(struct node *n, const uint8_t *req, size_t len, uint8_t code,
				    uint64_t id)
{
	struct order o, r;
	uint8_t buf[256];
	struct wbuf w = wb_init(buf, sizeof(buf));

	CHECK_EQ(order_decode(req, len, &o), DROP_NONE);
	r = (struct order){.message = ORDER_REPLY,
			   .action = code,
			   .home_addr = HOME,
			   .first_agent = o.first_agent,
			   .care_of = o.care_of,
			   .id = id ? id : o.id,
			   .has_size = true,
			   .size_packets = 2048,
			   .size_kib = 4096,
			   .has_lease = true,
			   .lease_ms = 8000,
			   .has_count = o.action == ORDER_FORWARD,
			   .count = 9,
			   .has_delivered = true,
			   .delivered = o.action == ORDER_QUERY ? n->stood_at : 12};
	order_encode(&w, &r);
	auth_append(&w, EXT_MN_FA, 0, &n->conf.agents[0].sa);
	node_udp(n, buf, w.len);
}

/* A program sends: the mark is the packet's last byte. */
static inline void node_program_sends(struct node *n, uint8_t mark)
{
	uint8_t pkt[64], payload[8] = { [7] = mark };
	struct ipv4_out h = { .src = HOME, .dst = 0xcb007109, .ttl = 64, .protocol = PROTO_TCP };
	size_t len = ipv4_build(pkt, sizeof(pkt), &h, payload, sizeof(payload));

	mobile_tun(n->m, pkt, len, &n->now, &n->out);
	node_see(n);
}

static inline enum mobile_state node_state(struct node *n)
{
	static struct mobile_info info;

	mobile_info(n->m, n->now.t, &info);
	return info.state;
}

static inline uint64_t node_drops(struct node *n, enum drop d)
{
	static struct mobile_info info;

	mobile_info(n->m, n->now.t, &info);
	return info.drops.n[d];
}

static inline void node_attach(struct node *n)
{
	node_link_up(n, &bssid_a);
	node_scan(n);
	node_advert(n, false, 1);
	node_reply(n, false, 0, 600, 0, -1);
	node_order_reply(n, n->order, n->order_len, ORDER_GRANTED, 0);
	node_until(n, n->now.t + MSEC(10));
	node_forget(n);
}

/* On access point A, registered through agent A, uplink direct, its clock known. */
static inline void node_at_a(struct node *n)
{
	node_init(n);
	node_attach(n);
}

/* Agent A's word about its last order. */
static inline void node_granted(struct node *n)
{
	node_order_reply(n, n->order, n->order_len, ORDER_GRANTED, 0);
}

/* The running or last handoff. */
static inline struct report node_report(const struct node *n)
{
	struct report r;

	CHECK(mobile_report(n->m, 0, &r));
	return r;
}

/* What rides on its last Registration Request. */
static inline void node_orders(const struct node *n, struct order o[2], unsigned *count,
			       struct mip_exts *x)
{
	struct mip_request req;

	CHECK_EQ(mip_request_decode(n->request, n->request_len, &req, x), DROP_NONE);
	*count = x->n_orders;
	for (unsigned i = 0; i < x->n_orders; i++)
		CHECK_EQ(order_decode(x->orders[i].p, x->orders[i].left, &o[i]), DROP_NONE);
}

/* A user wants it to go to access point B. */
static inline void node_ask(struct node *n)
{
	bool not_found;

	CHECK(mobile_handoff(n->m, &bssid_b, &not_found, &n->now, &n->out) == NULL);
	node_see(n);
}

/* The signal has fallen, and what is known of others is old. */
static inline void node_signal_falls(struct node *n)
{
	n->conf.automatic = true;
	CHECK(mobile_reconfigure(n->m, &n->conf, &n->now, &n->out));
	node_see(n);
	node_until(n, n->now.t + SEC(60));
	node_forget(n);
	for (int i = 0; i < 6 && !n->orders && !n->scans; i++) {
		mobile_signal(n->m, -68, &n->now, &n->out);
		node_see(n);
		if (!n->orders)
			node_until(n, n->now.t + MSEC(50));
	}
}

#endif
