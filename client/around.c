/* SPDX-License-Identifier: MIT */
#include "client/around.h"

#include "client/core.h"
#include "client/radio_rank.h"

#include <string.h>

const char *agent_source_name(enum agent_source s)
{
	switch (s) {
	case AGENT_HEARD:
		return "heard";
	case AGENT_NEIGHBOUR:
		return "neighbour";
	case AGENT_CONFIGURED:
		return "configured";
	}
	return "?";
}

/* ---- agents ---- */

static bool is_serving(const struct mobile *m, const struct known_agent *a)
{
	return m->reg.agent.addr && same_agent(&m->reg.agent, a);
}

static struct agent_info describe(const struct mobile *m, const struct known_agent *a)
{
	return (struct agent_info){
	    .source = a->hinted ? AGENT_NEIGHBOUR : AGENT_HEARD,
	    .addr = a->addr,
	    .care_of = a->care_of,
	    .mac = a->mac,
	    .bssid = a->bssid,
	    .home = a->home,
	    .serves = is_serving(m, a),
	    .buffers = a->buffers,
	    .reg_lifetime_s = a->reg_lifetime_s,
	    .order_key = core_order_key(m, a),
	    .heard = a->heard,
	};
}

/* A neighbour's word of one that was heard itself says no more. */
static bool known_at(const struct agent_info *list, unsigned n, uint32_t addr)
{
	for (unsigned i = 0; i < n; i++)
		if (list[i].addr == addr || list[i].care_of == addr)
			return true;
	return false;
}

unsigned around_agents(const struct mobile *m, struct agent_info out[AROUND_AGENTS_MAX])
{
	const struct discovery *d = &m->disc;
	unsigned n = 0;

	for (unsigned i = 0; i < d->n; i++)
		out[n++] = describe(m, &d->agent[i]);
	for (unsigned i = 0; i < d->n_hints; i++) {
		struct known_agent a;

		if (!known_at(out, n, d->hint[i].of.care_of) &&
		    discovery_by_bssid(d, &d->hint[i].of.bssid, &a) && a.hinted)
			out[n++] = describe(m, &a);
	}
	for (unsigned i = 0; i < m->conf.n_agents; i++)
		if (!known_at(out, n, m->conf.agents[i].addr))
			out[n++] = (struct agent_info){.source = AGENT_CONFIGURED,
						       .addr = m->conf.agents[i].addr,
						       .order_key = ORDER_KEY_CONFIGURED};
	return n;
}

/* ---- access points ---- */

static struct network_info *add(struct network_info *list, unsigned *n, const struct mac *bssid)
{
	struct network_info *at = &list[*n];

	for (unsigned i = 0; i < *n; i++)
		if (mac_equal(&list[i].bss.bssid, bssid))
			return &list[i];
	*at = (struct network_info){.bss = {.bssid = *bssid}};
	++*n;
	return at;
}

/* An interface that is no radio is no access point. */
static void add_bss(struct network_info *list, unsigned *n, const struct radio_bss *bss)
{
	struct network_info *at;

	if (mac_is_zero(&bss->bssid) || !bss->freq_mhz)
		return;
	at = add(list, n, &bss->bssid);
	if (bss->seen >= at->bss.seen)
		at->bss = *bss;
}

/* An agent that was heard by a cable has that interface's own address there. */
static bool is_access_point(const struct mobile *m, const struct mac *bssid)
{
	for (unsigned i = MOBILE_RADIO + 1; i < MOBILE_LINKS_MAX; i++)
		if (mac_equal(&m->links[i].bss.bssid, bssid))
			return false;
	return !mac_is_zero(bssid);
}

static void add_place(struct network_info *list, unsigned *n, const struct place *p)
{
	struct radio_bss bss = p->bss;

	bss.seen = 0;
	add_bss(list, n, &bss);
	if (p->net.addr && !mac_is_zero(&p->bss.bssid) && p->bss.freq_mhz)
		add(list, n, &p->bss.bssid)->address = p->net.addr;
}

static unsigned last_handoff(const struct mobile *m, const struct mac *bssid)
{
	unsigned first = mobile_history_first(m);

	for (unsigned i = m->last_report; i >= first && i > 0; i--) {
		const struct report *r = &m->history[(i - 1) % HISTORY_MAX];

		if (r->number == i && r->ended && mac_equal(&r->to.bssid, bssid))
			return i;
	}
	return 0;
}

static void complete(const struct mobile *m, struct network_info *w, mtime now)
{
	const struct radio_bss *serving = &m->links[MOBILE_RADIO].bss;
	bool on = m->links[MOBILE_RADIO].attached;
	struct known_agent a;

	w->serves = on && mac_equal(&serving->bssid, &w->bss.bssid);
	w->same = on && radio_same_ssid(serving, &w->bss);
	if (discovery_by_bssid(&m->disc, &w->bss.bssid, &a)) {
		w->agent = a.addr;
		w->source = a.hinted ? AGENT_NEIGHBOUR : AGENT_HEARD;
	}
	w->avoided_until = radio_rank_avoided(&m->radio, &w->bss.bssid, now);
	w->handoff = last_handoff(m, &w->bss.bssid);
}

static bool before(const struct network_info *a, const struct network_info *b)
{
	bool heard_a = a->bss.seen > 0, heard_b = b->bss.seen > 0;

	if (a->serves != b->serves)
		return a->serves;
	if (a->same != b->same)
		return a->same;
	if (heard_a != heard_b)
		return heard_a;
	return a->bss.signal_dbm > b->bss.signal_dbm;
}

static void sort(struct network_info *list, unsigned n)
{
	for (unsigned i = 1; i < n; i++) {
		struct network_info w = list[i];
		unsigned k = i;

		for (; k > 0 && before(&w, &list[k - 1]); k--)
			list[k] = list[k - 1];
		list[k] = w;
	}
}

unsigned around_networks(const struct mobile *m, mtime now,
			 struct network_info out[AROUND_NETWORKS_MAX])
{
	const struct core_link *radio = &m->links[MOBILE_RADIO];
	struct radio_bss bss;
	struct radio_view view;
	unsigned n = 0;

	for (size_t i = 0; radio_bss_at(&m->radio, i, &bss); i++)
		add_bss(out, &n, &bss);
	if (radio->attached) {
		bss = radio->bss;
		radio_view(&m->radio, now, &view);
		bss.signal_dbm = (int16_t)view.signal_dbm;
		bss.seen = view.last_dbm ? now : 0;
		add_bss(out, &n, &bss);
	}
	for (unsigned i = 0; i < m->places.n; i++)
		add_place(out, &n, &m->places.at[i]);
	for (unsigned i = 0; i < m->disc.n; i++)
		if (is_access_point(m, &m->disc.agent[i].bssid))
			add(out, &n, &m->disc.agent[i].bssid);
	for (unsigned i = 0; i < m->disc.n_hints; i++)
		add(out, &n, &m->disc.hint[i].of.bssid);
	for (unsigned i = 0; i < n; i++)
		complete(m, &out[i], now);
	sort(out, n);
	return n;
}
