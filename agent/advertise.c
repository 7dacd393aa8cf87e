/* SPDX-License-Identifier: MIT */
#include "agent/away.h"

#include <assert.h>
#include <string.h>

#define ADVERT_MAX 512 /* with twelve neighbours 310 */

static const struct mac all_systems = { { 0x01, 0x00, 0x5e, 0x00, 0x00, 0x01 } };

static uint32_t xorshift(struct agent *a)
{
	a->rng ^= a->rng << 13;
	a->rng ^= a->rng >> 17;
	a->rng ^= a->rng << 5;
	return a->rng;
}

/* Three times the longest interval, so that two lost ones in a row do no harm (RFC 5944 2.3). */
static uint16_t icmp_lifetime(const struct agent *a)
{
	mtime s = a->c.advert_interval * 33 / 10 / SEC(1);

	return s < 3 ? 3 : s > 9000 ? 9000 : (uint16_t)s;
}

static uint16_t flags(const struct agent *a)
{
	uint16_t f = ADVERT_F;

	if (a->c.foreign_busy || a->n_visitors >= a->c.max_visitors)
		f |= ADVERT_B;
	if (a->c.foreign_reverse)
		f |= ADVERT_T;
	if (a->behind_nat)
		f |= ADVERT_U;
	if (a->c.foreign_required)
		f |= ADVERT_R;
	return f;
}

static void advertise(struct agent *a, unsigned link, const struct mac *mac, uint32_t dst)
{
	bool home = homelink_is(a, link);
	struct advert ad = {
		.code = 16, /* a router for nodes that registered, not for every host on the link */
		.icmp_lifetime_s = icmp_lifetime(a),
		.router = home ? a->c.home_agent : a->c.link_addr,
		.sequence = a->advert_seq,
		.reg_lifetime_s = home ? a->c.home_lifetime_s : a->c.foreign_lifetime_s,
		.flags = home ? ADVERT_H : flags(a),
		.has_prefix = home && in_home_net(a, a->c.home_agent), /* else it is another's */
		.prefix_len = a->c.home_prefix_len,
		.care_of = { a->c.care_of },
		.n_care_of = home ? 0 : 1,
		.buffers = a->c.buffers,
	};
	struct ipv4_out h = {
	    .src = ad.router, .dst = dst, .ttl = 1, .tos = TOS_CS6, .protocol = PROTO_ICMP};
	uint8_t icmp[ADVERT_MAX], pkt[ADVERT_MAX + 20];
	struct wbuf w = wb_init(icmp, sizeof(icmp));
	size_t n;

	if (ad.buffers) {
		uint32_t kib = a->c.per_node.bytes / 1024;

		ad.buffer_kib = kib > 0xffff ? 0xffff : (uint16_t)kib;
		ad.buffer_lease_ms = (uint32_t)(a->c.lease_max / 1000);
	}
	ad.n_neighbours = a->c.n_neighbours;
	memcpy(ad.neighbours, a->c.neighbours, sizeof(ad.neighbours));
	advert_encode(&w, &ad);
	assert(wb_ok(&w));
	n = ipv4_build(pkt, sizeof(pkt), &h, icmp, w.len);
	out_link(a, link, mac, pkt, n);
	a->advert_seq = advert_next_sequence(a->advert_seq);
	a->count.adverts++;
}

/* RFC 5944 2.1: to the link-layer address that asked; IP as far as we know it. */
void advertise_solicited(struct agent *a, unsigned link, const struct mac *mac, uint32_t src)
{
	advertise(a, link, mac, addr_is_unicast(src) ? src : ADDR_BROADCAST);
}

void advertise_tick(struct agent *a)
{
	mtime jitter = a->c.advert_interval / 10;

	for (unsigned i = 0; i < a->c.n_links; i++)
		advertise(a, i, &all_systems, ADDR_ALL_SYSTEMS);
	a->advert_at = a->now.t + a->c.advert_interval;
	if (jitter > 0)
		a->advert_at += (mtime)(xorshift(a) % (uint32_t)(2 * jitter + 1)) - jitter;
}

/*
 * The station opens its own end of the port a moment after the access point has, and nobody tells
 * when: three times, 2 ms apart; it takes the first that it hears.
 */
#define GREET_TIMES 3
#define GREET_EVERY MSEC(2)

void advertise_joined(struct agent *a, unsigned link, const struct mac *mac)
{
	struct greeting *g = &a->greetings[a->next_greeting++ % GREETINGS_MAX];

	*g = (struct greeting){ *mac, link, GREET_TIMES, a->now.t };
	advertise_greet(a);
}

void advertise_greet(struct agent *a)
{
	a->greet_at = MTIME_NEVER;
	for (unsigned i = 0; i < GREETINGS_MAX; i++) {
		struct greeting *g = &a->greetings[i];

		if (g->left && a->now.t >= g->at) {
			advertise(a, g->link, &g->mac, ADDR_BROADCAST);
			g->left--;
			g->at += GREET_EVERY;
		}
		if (g->left)
			a->greet_at = mtime_min(a->greet_at, g->at);
	}
}
