/* SPDX-License-Identifier: MIT */
#include "client/places.h"

#include "client/radio_rank.h"

#define LEASE_MIN SEC(10) /* what a registration can be asked for: mipclient.conf(5), lifetime */

static uint64_t ntp_of(mtime t)
{
	return ((uint64_t)(t / SEC(1)) << 32) + ((uint64_t)(t % SEC(1)) << 32) / 1000000;
}

struct lease lease_for(uint32_t valid_s, const struct instant *now)
{
	if (valid_s == UINT32_MAX)
		return (struct lease){ 0 };
	return (struct lease){ now->t + SEC(valid_s), now->ntp + ntp_of(SEC(valid_s)) };
}

bool lease_runs(const struct lease *l, const struct instant *now)
{
	return now->t + LEASE_MIN <= l->until && now->ntp + ntp_of(LEASE_MIN) <= l->until_ntp;
}

bool network_differs(const struct network *a, const struct network *b)
{
	return a->gateway != b->gateway ||
	       (!mac_is_zero(&a->gateway_mac) && !mac_is_zero(&b->gateway_mac) &&
		!mac_equal(&a->gateway_mac, &b->gateway_mac));
}

/* For certain: both know the gateway's MAC. */
static bool is_same(const struct network *a, const struct network *b)
{
	return !mac_is_zero(&a->gateway_mac) && !mac_is_zero(&b->gateway_mac) &&
	       !network_differs(a, b);
}

/* One whose name is not known is like no other. */
static bool same_name(const struct radio_bss *a, const struct radio_bss *b)
{
	return a->ssid_len && radio_same_ssid(a, b);
}

static struct place *find(struct places *p, const struct mac *bssid)
{
	for (unsigned i = 0; i < p->n; i++)
		if (mac_equal(&p->at[i].bss.bssid, bssid))
			return &p->at[i];
	return NULL;
}

static struct place *slot(struct places *p, const struct radio_bss *bss)
{
	struct place *at = find(p, &bss->bssid);

	if (!at) {
		at = &p->at[p->next++ % PLACES_MAX];
		*at = (struct place){ .used = 0 };
		if (p->n < PLACES_MAX)
			p->n++;
	}
	at->bss = *bss;
	return at;
}

const struct place *places_at(const struct places *p, const struct mac *bssid)
{
	for (unsigned i = 0; i < p->n; i++)
		if (p->at[i].net.addr && mac_equal(&p->at[i].bss.bssid, bssid))
			return &p->at[i];
	return NULL;
}

void places_used(struct places *p, const struct radio_bss *bss, const struct network *n, mtime now)
{
	struct place *at = slot(p, bss);

	at->net = *n;
	at->used = now;
	places_learnt(p, bss, n);
}

void places_learnt(struct places *p, const struct radio_bss *bss, const struct network *n)
{
	const struct place *at = places_at(p, &bss->bssid);

	if (!at || at->net.addr != n->addr || at->net.gateway != n->gateway)
		return;
	find(p, &bss->bssid)->net = *n;
	for (unsigned i = 0; i < p->n; i++)
		if (p->at[i].net.addr && is_same(&p->at[i].net, n))
			p->at[i].net = *n;
}

void places_agent(struct places *p, const struct radio_bss *bss, mtime now)
{
	slot(p, bss)->agent = now;
}

bool places_give(const struct places *p, const struct radio_bss *bss)
{
	for (unsigned i = 0; i < p->n; i++)
		if (p->at[i].net.addr && same_name(&p->at[i].bss, bss))
			return true;
	return false;
}

bool places_agentless(const struct places *p, const struct radio_bss *bss)
{
	bool any = false;

	for (unsigned i = 0; i < p->n; i++) {
		const struct place *at = &p->at[i];

		if (!same_name(&at->bss, bss))
			continue;
		if (!at->net.addr || at->agent > at->used)
			return false;
		any = true;
	}
	return any;
}

/* VRRP's (RFC 5798 7.3): two networks of one name can have the same, and proves nothing there. */
static bool is_virtual(const struct mac *m)
{
	static const uint8_t vrrp[5] = { 0, 0, 0x5e, 0, 1 };

	for (unsigned i = 0; i < sizeof(vrrp); i++)
		if (m->b[i] != vrrp[i])
			return false;
	return true;
}

static bool may_be_good(const struct places *p, const struct place *at, const struct radio_bss *bss)
{
	const struct place *here = places_at(p, &bss->bssid);

	if (mac_is_zero(&at->net.gateway_mac))
		return false;
	if (here)
		return here == at;
	return same_name(&at->bss, bss) && !is_virtual(&at->net.gateway_mac);
}

/* An earlier one is another access point of the same network, and has the same lease. */
static bool is_first(const struct places *p, const struct place *at, const struct radio_bss *bss)
{
	for (const struct place *k = p->at; k < at; k++)
		if (k->net.addr && is_same(&k->net, &at->net) && may_be_good(p, k, bss))
			return false;
	return true;
}

const struct network *places_lease(const struct places *p, const struct radio_bss *bss,
				   const struct network *now_there, unsigned nth,
				   const struct instant *now)
{
	for (unsigned i = 0; i < p->n; i++) {
		const struct place *at = &p->at[i];

		if (at->net.addr && lease_runs(&at->net.lease, now) && may_be_good(p, at, bss) &&
		    network_differs(&at->net, now_there) && is_first(p, at, bss) && nth-- == 0)
			return &at->net;
	}
	return NULL;
}

void places_lease_lost(struct places *p, uint32_t addr)
{
	for (unsigned i = 0; i < p->n; i++)
		if (p->at[i].net.addr == addr)
			p->at[i].net.lease = (struct lease){ 0 };
}
