/* SPDX-License-Identifier: MIT */
#include "client/core.h"

#include <stdio.h>

/*
 * Leases that still run.  RFC 4436, DNAv4: where the node comes to an access point, or to a network
 * name, where it had an address, the gateway of that time is asked, by its MAC, in the name of that
 * address.  Its answer from there proves that this is that network, and the lease good.
 *
 * The address is then put on the interface by ourselves, and goes again when the link goes, when
 * another is brought, or when the lease ends; the same one, by a DHCP client, takes its place.
 * One whose lease has no known end is never taken so: it may have been configured by hand.
 *
 * RFC 4436 needs no proof that nobody else has the address, the lease is ours; RFC 5227's question
 * goes along all the same, and is not waited for: who answers it keeps the address.
 */
#define ASKED_MAX 4 /* networks of one name; each costs two questions, five times */

static bool wanted(const struct mobile *m)
{
	return m->conf.care_of != CARE_OF_AGENT && !m->deregistered;
}

void lease_renew(struct mobile *m, struct core_link *l, const char *why, struct mobile_out *out)
{
	struct mobile_action *a;

	if (l->colo.renewed || !wanted(m))
		return;
	l->colo.renewed = true;
	a = core_add(out, MOBILE_RENEW);
	a->link = core_link_index(m, l);
	snprintf(a->text, sizeof(a->text), "%s", why);
}

void lease_link_up(struct mobile *m, struct core_link *l, struct mobile_out *out)
{
	const struct colocated *c = &l->colo;
	const struct place *p = places_at(&m->places, &l->bss.bssid);

	if (c->net.addr && p && network_differs(&p->net, &c->net))
		lease_renew(m, l, "this access point leads to another subnet", out);
	else if (!c->net.addr && places_give(&m->places, &l->bss))
		lease_renew(m, l, "this network gives addresses, and there is none", out);
}

static void ask(struct mobile *m, const struct core_link *l, uint32_t src, uint32_t dst,
		const struct mac *mac, struct mobile_out *out)
{
	struct mobile_action *a = core_add(out, MOBILE_PROBE);

	a->link = core_link_index(m, l);
	a->src = src;
	a->dst = dst;
	a->mac = *mac;
}

static const struct network *candidate(const struct mobile *m, const struct core_link *l,
				       unsigned nth, const struct instant *now)
{
	bool may = l == &m->links[MOBILE_RADIO] && wanted(m) && l->attached && !l->colo.confirmed &&
		   !l->colo.lent.net.addr && nth < ASKED_MAX;

	return may ? places_lease(&m->places, &l->bss, &l->colo.net, nth, now) : NULL;
}

unsigned lease_ask(struct mobile *m, struct core_link *l, const struct instant *now,
		   struct mobile_out *out)
{
	static const struct mac all;
	const struct network *n;
	unsigned asked = 0;

	while ((n = candidate(m, l, asked, now))) {
		ask(m, l, 0, n->addr, &all, out);
		ask(m, l, n->addr, n->gateway, &n->gateway_mac, out);
		asked++;
	}
	return asked;
}

static void lend(struct mobile *m, struct core_link *l, const struct network *n,
		 struct mobile_out *out)
{
	struct mobile_action *a = core_add(out, MOBILE_ADDRESS);

	l->colo.lent = (struct lent){ .net = *n,
				      .back_at = MTIME_NEVER,
				      .under = l->colo.net,
				      .under_at = l->colo.brought_at };
	a->link = core_link_index(m, l);
	a->on = true;
	a->src = n->addr;
	a->dst = n->gateway;
	a->mac = n->gateway_mac;
	a->until = n->lease.until;
}

static void give_back(struct mobile *m, struct core_link *l, struct mobile_out *out)
{
	struct colocated *c = &l->colo;
	struct mobile_action *a;

	if (!c->lent.net.addr)
		return;
	a = core_add(out, MOBILE_ADDRESS);
	a->link = core_link_index(m, l);
	a->on = false;
	a->src = c->lent.net.addr;
	c->lent.net.addr = 0;
	c->lent.there = false;
	c->lent.back_at = MTIME_NEVER;
}

void lease_give_up(struct mobile *m, struct core_link *l, struct mobile_out *out)
{
	struct colocated *c = &l->colo;

	if (c->lent.there && c->net.addr == c->lent.net.addr) {
		c->net = c->lent.under;
		c->brought_at = c->lent.under_at;
		c->confirmed = false;
		c->at = MTIME_NEVER;
		m->want.care_of[core_link_index(m, l)] =
			m->conf.care_of != CARE_OF_AGENT ? c->net.addr : 0;
	}
	give_back(m, l, out);
}

/* The first whose gateway this is; a word on the address itself comes from who else has it. */
void lease_answered(struct mobile *m, struct core_link *l, uint32_t addr, const struct mac *mac,
		    const struct instant *now, struct mobile_out *out)
{
	const struct network *n;
	char text[ADDR_STRLEN];

	if (addr && addr == l->colo.lent.net.addr) {
		core_note(out, "%s is somebody else's: given back", addr_fmt(text, addr));
		places_lease_lost(&m->places, addr);
		lease_give_up(m, l, out);
		lease_renew(m, l, "its address is somebody else's", out);
		return;
	}
	for (unsigned i = 0; (n = candidate(m, l, i, now)); i++) {
		if (addr == n->addr) {
			places_lease_lost(&m->places, addr);
			return;
		}
		if (addr == n->gateway && mac_equal(mac, &n->gateway_mac)) {
			lend(m, l, n, out);
			return;
		}
	}
}

bool lease_told(struct mobile *m, struct core_link *l, uint32_t addr, mtime now,
		struct mobile_out *out)
{
	struct lent *t = &l->colo.lent;

	if (!t->net.addr)
		return false;
	if (addr == t->net.addr && !t->there) {
		t->there = true;
		return true;
	}
	/* The client's own from now on; or taken away. */
	if (addr == t->net.addr || (!addr && t->there))
		give_back(m, l, out);
	else if (addr)
		t->back_at = mtime_min(t->back_at, now + PREVIOUS_KEEP);
	return false;
}

void lease_due(struct mobile *m, struct core_link *l, mtime now, struct mobile_out *out)
{
	if (now >= l->colo.lent.back_at || (l->colo.lent.net.addr && !wanted(m)))
		lease_give_up(m, l, out);
}
