/* SPDX-License-Identifier: MIT */
#include "client/discovery.h"

#include <string.h>

#define SOLICIT_INTERVAL SEC(1) /* RFC 5944 2.4: not more often, for the first three */
#define SOLICIT_FIRST 3
#define SOLICIT_INTERVAL_MAX SEC(60)

/*
 * What each event does, to the search and to one agent.  Whoever hears it decides what it means
 * for the registration; it is an accepted registration that stops the search.  -: nothing.
 *
 *                   quiet              asking (3 times)     backing off
 * search            solicits, asking   from the beginning   from the beginning
 * stop              -                  quiet                quiet
 * advertisement     -                  -                    -
 * deadline          - (there is none)  solicits; next in    solicits; next in twice
 *                                      1 s                  as long, up to a minute
 *
 *                        unknown                known
 * advertisement          NEW, known             SAME
 *   after a restart      NEW, known             REBOOTED
 *   from another MAC     NEW: that is another   NEW: that is another
 *   no foreign agent's   USELESS                USELESS
 *   from no address      USELESS                USELESS
 * it serves              known                  known: it comes before who only was heard
 * forget                 -                      unknown
 * named by a neighbour   hinted: found by its access points until it is heard itself
 * a 65th agent           -                      unknown: of who never served, if there are, the
 *                                               one heard longest ago
 */
void discovery_init(struct discovery *d)
{
	memset(d, 0, sizeof(*d));
	d->next = MTIME_NEVER;
}

bool same_agent(const struct known_agent *a, const struct known_agent *b)
{
	return a->addr == b->addr && mac_equal(&a->mac, &b->mac) && a->colocated == b->colocated &&
	       (!a->colocated || (a->care_of == b->care_of && a->through == b->through));
}

static bool less_worth(const struct known_agent *a, const struct known_agent *b)
{
	return a->served != b->served ? b->served : a->heard < b->heard;
}

static struct known_agent *slot(struct discovery *d, uint32_t addr, const struct mac *mac)
{
	struct known_agent *oldest = NULL;

	for (unsigned i = 0; i < d->n; i++) {
		struct known_agent *k = &d->agent[i];

		if (k->addr == addr && mac_equal(&k->mac, mac))
			return k;
		if (!oldest || less_worth(k, oldest))
			oldest = k;
	}
	if (d->n < AGENTS_KNOWN_MAX)
		oldest = &d->agent[d->n++];
	memset(oldest, 0, sizeof(*oldest));
	return oldest;
}

static struct hint *hint_slot(struct discovery *d, const struct mac *bssid)
{
	struct hint *oldest = NULL;

	for (unsigned i = 0; i < d->n_hints; i++) {
		if (mac_equal(&d->hint[i].of.bssid, bssid))
			return &d->hint[i];
		if (!oldest || d->hint[i].heard < oldest->heard)
			oldest = &d->hint[i];
	}
	return d->n_hints < HINTS_MAX ? &d->hint[d->n_hints++] : oldest;
}

static void take_neighbours(struct discovery *d, const struct advert *a, bool buffers, mtime now)
{
	for (unsigned i = 0; i < a->n_neighbours; i++) {
		const struct neighbour *n = &a->neighbours[i];

		if (addr_is_unicast(n->agent_addr) && addr_is_unicast(n->care_of) &&
		    !mac_is_zero(&n->agent_mac) && !(n->agent_mac.b[0] & 1))
			*hint_slot(d, &n->bssid) =
			    (struct hint){.of = *n,
					  .flags = a->flags,
					  .reg_lifetime_s = a->reg_lifetime_s,
					  .buffers = buffers,
					  .heard = now};
	}
}

enum heard discovery_heard(struct discovery *d, const struct advert *a, const struct mac *mac,
			   uint32_t src, const struct mac *bssid, mtime now,
			   struct known_agent *out)
{
	enum heard result = HEARD_SAME;
	struct known_agent *k;

	/* RFC 5944 2.4.3 */
	bool home = (a->flags & ADVERT_H) && src == d->home_agent && src != 0;

	if (!home && (!(a->flags & ADVERT_F) || a->n_care_of == 0 || !addr_is_unicast(src)))
		return HEARD_USELESS;
	k = slot(d, src, mac);
	if (k->addr == 0 || k->hinted)
		result = HEARD_NEW;
	else if (advert_is_reboot(k->sequence, a->sequence))
		result = HEARD_REBOOTED;
	k->addr = src;
	k->home = home;
	k->care_of = home ? src : a->care_of[0];
	k->prefix_len = home && a->has_prefix && a->router == src ? a->prefix_len : 0;
	k->mac = *mac;
	k->flags = a->flags;
	k->reg_lifetime_s = a->reg_lifetime_s;
	k->sequence = a->sequence;
	/* An agent behind a NAT neither buffers nor is forwarded to: mip-buffer(7). */
	k->buffers = a->buffers && !(a->flags & ADVERT_U);
	k->bssid = *bssid;
	k->heard = now;
	k->hinted = false;
	take_neighbours(d, a, k->buffers, now);
	*out = *k;
	return result;
}

static bool by_hint(const struct discovery *d, const struct mac *bssid, struct known_agent *out)
{
	for (unsigned i = 0; i < d->n_hints; i++) {
		const struct hint *h = &d->hint[i];

		if (!mac_equal(&h->of.bssid, bssid))
			continue;
		*out = (struct known_agent){.addr = h->of.agent_addr,
					    .care_of = h->of.care_of,
					    .mac = h->of.agent_mac,
					    .flags = h->flags,
					    .reg_lifetime_s = h->reg_lifetime_s,
					    .buffers = h->buffers,
					    .hinted = true,
					    .bssid = *bssid,
					    .heard = h->heard};
		return true;
	}
	return false;
}

const struct known_agent *discovery_find(const struct discovery *d, const struct known_agent *a)
{
	for (unsigned i = 0; i < d->n; i++) {
		if (same_agent(&d->agent[i], a))
			return &d->agent[i];
	}
	return NULL;
}

static const struct served_at *served_at(const struct discovery *d, const struct mac *bssid)
{
	for (unsigned i = 0; i < d->n_served; i++) {
		if (mac_equal(&d->served[i].bssid, bssid))
			return &d->served[i];
	}
	return NULL;
}

bool discovery_by_bssid(const struct discovery *d, const struct mac *bssid, struct known_agent *out)
{
	const struct served_at *s = served_at(d, bssid);
	const struct known_agent *best = NULL;

	for (unsigned i = 0; i < d->n; i++) {
		const struct known_agent *k = &d->agent[i];

		if (s && k->addr == s->addr && mac_equal(&k->mac, &s->mac)) {
			best = k;
			break;
		}
		if (mac_equal(&k->bssid, bssid) && (!best || k->heard > best->heard))
			best = k;
	}
	if (best)
		*out = *best;
	return best || by_hint(d, bssid, out);
}

bool discovery_has_served(const struct discovery *d, const struct mac *bssid)
{
	return served_at(d, bssid);
}

void discovery_served(struct discovery *d, const struct known_agent *a, const struct mac *bssid)
{
	struct served_at *s = (struct served_at *)served_at(d, bssid);
	struct known_agent *k;

	if (a->colocated)
		return;
	if (!s) {
		s = &d->served[d->next_served];
		d->next_served = (d->next_served + 1) % SERVED_MAX;
		d->n_served += d->n_served < SERVED_MAX;
	}
	*s = (struct served_at){ *bssid, a->mac, a->addr };
	k = slot(d, a->addr, &a->mac);
	if (k->addr == 0)
		*k = *a;
	k->served = true;
}

bool discovery_by_care_of(const struct discovery *d, uint32_t care_of, struct known_agent *out)
{
	for (unsigned i = 0; i < d->n; i++) {
		if (d->agent[i].care_of == care_of) {
			*out = d->agent[i];
			return true;
		}
	}
	return false;
}

void discovery_forget_at(struct discovery *d, const struct mac *bssid)
{
	for (unsigned i = 0; i < d->n; i++) {
		if (mac_equal(&d->agent[i].bssid, bssid))
			d->agent[i--] = d->agent[--d->n];
	}
	for (unsigned i = 0; i < d->n_served; i++) {
		if (mac_equal(&d->served[i].bssid, bssid))
			memset(&d->served[i], 0, sizeof(d->served[i]));
	}
}

void discovery_search(struct discovery *d, mtime now)
{
	d->searching = true;
	d->sent = 0;
	d->interval = SOLICIT_INTERVAL;
	d->next = now;
}

void discovery_stop(struct discovery *d)
{
	d->searching = false;
	d->next = MTIME_NEVER;
}

bool discovery_due(struct discovery *d, mtime now)
{
	if (!d->searching || now < d->next)
		return false;
	if (++d->sent >= SOLICIT_FIRST)
		d->interval = mtime_min(d->interval * 2, SOLICIT_INTERVAL_MAX);
	d->next = now + d->interval;
	return true;
}

mtime discovery_deadline(const struct discovery *d)
{
	return d->searching ? d->next : MTIME_NEVER;
}
