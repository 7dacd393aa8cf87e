/* SPDX-License-Identifier: MIT */
#ifndef MIP_FUZZ_PHONE_H
#define MIP_FUZZ_PHONE_H

#include "client/around.h"
#include "client/mobile.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/mobile_ops.h"

/* A mobile node, what it has sent last, and what holds after each call. */
#define HOME 0x0a630005u
#define HOME_AGENT 0xc0000201u
#define CN 0xcb007109u
#define OWN_A 0xc0a80117u
#define OWN_B 0xc0a80217u
#define ORDERS 4
#define PHONE_POOL (16 << 10)

enum { KEY_HOME, KEY_A, KEY_B, KEY_DEALT, KEYS };

static const uint32_t agent_addr[2] = {0x0a010001, 0x0a020001};
static const uint32_t agent_care_of[2] = {0xc6336407, 0xc6336487};
static const uint32_t fuzz_addrs[] = {
    HOME,	HOME_AGENT, 0x0a010001, 0x0a020001, 0xc6336407, 0xc6336487, OWN_A,    OWN_B,
    0xc0a80101, 0xc0a80201, CN,		0,	    0xffffffff, 0xe000000b, HOME + 1, 0xa9fe0101,
};
#define ADDRS (sizeof(fuzz_addrs) / sizeof(*fuzz_addrs))

struct phone {
	struct mobile *m;
	struct mobile_conf conf;
	struct instant now;
	struct sa key[KEYS];
	uint8_t request[MIP_MSG_MAX];
	size_t request_len;
	struct {
		uint8_t p[ORDER_MAX];
		size_t n;
	} order[ORDERS]; /* a ring */
	unsigned n_orders;
	uint64_t total; /* packets on the link */
	uint8_t pool[PHONE_POOL] __attribute__((aligned(8)));
};

static struct mobile_out phone_out;

static inline uint32_t say_addr(struct rbuf *in)
{
	return fuzz_addrs[fuzz_choice(in, ADDRS)];
}

static inline struct mac phone_mac(unsigned i)
{
	return (struct mac){{2, 0, 0, 0, (uint8_t)i, 0}};
}

static inline void phone_message(struct phone *p, const uint8_t *msg, size_t n)
{
	struct mip_request q;
	struct mip_exts x;
	struct order o;

	assert(n && n <= MIP_MSG_MAX);
	if (msg[0] != MIP_REQUEST) {
		assert(n <= ORDER_MAX && order_decode(msg, n, &o) == DROP_NONE);
		memcpy(p->order[p->n_orders % ORDERS].p, msg, n);
		p->order[p->n_orders++ % ORDERS].n = n;
		return;
	}
	assert(mip_request_decode(msg, n, &q, &x) == DROP_NONE && x.n_mn_ha == 1);
	memcpy(p->request, msg, n);
	p->request_len = n;
	for (unsigned i = 0; i < x.n_orders; i++)
		phone_message(p, x.orders[i].p, x.orders[i].left);
}

static inline void phone_packet(struct phone *p, const struct mobile_action *a)
{
	struct ipv4 ip;
	struct udp u;

	assert(ipv4_decode(a->p, a->n, &ip) == DROP_NONE && ip.total_len == a->n);
	if (a->act != MOBILE_DELIVER && udp_decode(&ip, true, &u) == DROP_NONE &&
	    u.dport == MIP_PORT && u.sport == MIP_PORT && ip.src != CN && u.payload.left &&
	    (ip.tos & 0xfc) != 4) /* no program's */
		phone_message(p, u.payload.p, u.payload.left);
}

static inline void phone_act(struct phone *p, const struct mobile_action *a)
{
	assert(memchr(a->text, 0, sizeof(a->text)) && a->link < MOBILE_LINKS_MAX);
	switch (a->act) {
	case MOBILE_SEND:
	case MOBILE_TUNNEL:
	case MOBILE_DELIVER:
		phone_packet(p, a);
		break;
	case MOBILE_UDP:
		phone_message(p, a->p, a->n);
		break;
	case MOBILE_SCAN:
		assert(a->n_freqs <= RADIO_FREQS_MAX);
		break;
	case MOBILE_THRESHOLDS:
		assert(a->n_dbm <= RADIO_THRESHOLDS_MAX);
		for (unsigned i = 1; i < a->n_dbm; i++)
			assert(a->dbm[i - 1] < a->dbm[i]);
		break;
	case MOBILE_EVENT:
		assert(a->event < TELL_COUNT);
		break;
	case MOBILE_PROBE:
	case MOBILE_ADDRESS:
	case MOBILE_RENEW:
	case MOBILE_ANNOUNCE:
	case MOBILE_ROAM:
	case MOBILE_SAMPLE:
	case MOBILE_BACKLOG:
	case MOBILE_TAP:
	case MOBILE_NOTE:
		break;
	}
}

/* What people are shown. */
static inline void phone_look(struct phone *p)
{
	static struct agent_info agents[AROUND_AGENTS_MAX];
	static struct network_info networks[AROUND_NETWORKS_MAX];
	static struct mobile_info info;
	static struct report r;
	const struct mobile_want *want = mobile_want(p->m);
	struct advert_like like;

	mobile_info(p->m, p->now.t, &info);
	assert(mobile_state_name(info.state) && info.link < info.n_links);
	assert(want->link < MOBILE_LINKS_MAX && want->home_len <= 32);
	assert(around_agents(p->m, agents) <= AROUND_AGENTS_MAX);
	assert(around_networks(p->m, p->now.t, networks) <= AROUND_NETWORKS_MAX);
	mobile_known(p->m, info.link, &like);
	if (mobile_report(p->m, 0, &r)) {
		assert(r.n_samples <= REPORT_SAMPLES_MAX && r.from.ssid_len <= SSID_MAX);
		assert(memchr(r.trigger, 0, sizeof(r.trigger)) && flow_name(r.flow));
		assert(memchr(r.reason, 0, sizeof(r.reason)));
	}
}

static inline void phone_took(struct phone *p)
{
	assert(phone_out.n < MOBILE_ACTIONS_MAX - 1 && phone_out.used <= MOBILE_OUT_BYTES);
	for (unsigned i = 0; i < phone_out.n; i++)
		phone_act(p, &phone_out.a[i]);
}

/* After a call; then what is due by now. */
static inline void phone_after(struct phone *p)
{
	unsigned turns = 0;
	bool more = true;

	phone_took(p);
	while (more || mobile_deadline(p->m) <= p->now.t) {
		more = mobile_tick(p->m, &p->now, &phone_out);
		phone_took(p);
		assert(++turns < 500);
	}
}

static inline void phone_at(struct phone *p, mtime t)
{
	uint64_t us = (uint64_t)t;

	p->now = (struct instant){
	    .t = t, .ntp = ((uint64_t)0xe9000000 + us / 1000000) << 32 | (us % 1000000) * 4294};
}

static inline void phone_wait(struct phone *p, mtime t)
{
	mtime end = p->now.t + t, next = 0;

	for (unsigned i = 0; i < 50 && next < end; i++) {
		next = mtime_min(end, mobile_deadline(p->m));
		phone_at(p, next > p->now.t ? next : p->now.t);
		phone_out.n = 0;
		phone_after(p);
	}
	phone_at(p, end);
	phone_out.n = 0;
	phone_after(p);
}

/* ---- how it begins ---- */

static inline struct sa phone_key(uint32_t spi, uint8_t fill)
{
	struct sa sa = {.spi = spi, .alg = AUTH_HMAC_SHA256, .key = {.len = 32}};

	memset(sa.key.b, fill, 32);
	return sa;
}

static inline void phone_configure(struct phone *p, uint8_t with, uint8_t also)
{
	struct mobile_conf *c = &p->conf;

	mobile_conf_default(c);
	c->automatic = with & MOBILE_WITH_AUTOMATIC;
	c->early_lease = with & MOBILE_WITH_EARLY_LEASE;
	c->care_of = also & MOBILE_ALSO_AGENTS	      ? CARE_OF_AGENT
		     : with & MOBILE_WITH_OWN_ADDRESS ? CARE_OF_COLOCATED
						      : CARE_OF_AUTO;
	c->home_addr = with & MOBILE_WITH_NAME ? 0 : HOME;
	if (with & MOBILE_WITH_NAME)
		strcpy(c->nai, "a@example.net");
	c->udp_forced = with & MOBILE_WITH_FORCED_UDP;
	c->forward_early = with & MOBILE_WITH_EARLY_FORWARD;
	c->ask = (enum ask)((also & MOBILE_ALSO_ASKS) % 3);
	c->n_links = also & MOBILE_ALSO_ONE_LINK ? 1 : 3;
	c->links[1].preference = 2;
	c->links[2] = (struct mobile_link_conf){.preference = 1, .metered = true};
	c->power = also & MOBILE_ALSO_SAVES ? POWER_SAVING : POWER_AUTO;
	c->home_agent = also & MOBILE_ALSO_LOOKS_UP ? 0 : HOME_AGENT;
	c->buffer = !(also & MOBILE_ALSO_NO_BUFFER);
	c->uplink_bytes = PHONE_POOL;
	c->uplink_packets = 24;
	c->home_sa = p->key[KEY_HOME];
	c->n_agents = also & MOBILE_ALSO_NO_KEYS ? 0 : 2;
	c->agents[0] = (struct mobile_agent_conf){agent_addr[0], p->key[KEY_A]};
	c->agents[1] = (struct mobile_agent_conf){agent_care_of[1], p->key[KEY_B]};
}

static inline struct phone *phone_new(uint8_t with, uint8_t also)
{
	static struct phone p;

	p.request_len = 0;
	p.n_orders = 0;
	p.total = 0;
	for (unsigned i = 0; i < KEYS; i++)
		p.key[i] = phone_key(i == KEY_DEALT ? 0 : 256 + i, (uint8_t)(0x11 * (i + 1)));
	phone_configure(&p, with, also);
	phone_at(&p, SEC(100));
	p.m = mobile_new(&p.conf, p.pool, &p.now);
	assert(p.m);
	mobile_start(p.m, &p.now, &phone_out);
	phone_after(&p);
	return &p;
}

#endif
