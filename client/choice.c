/* SPDX-License-Identifier: MIT */
#include "client/handoff_steps.h"

/* Which interface serves, where there is more than one: cross.h. */
#define STEADY MSEC(500) /* so long a link has to be up: a plug makes contact more than once */

/* Who to register with there: an agent that was heard, or its own address. */
static bool way_by(const struct mobile *m, const struct core_link *l, mtime now,
		   struct known_agent *out)
{
	if (!l->attached)
		return false;
	if (through_wanted(l) && colocated_own(m, l, out))
		return true;
	if (colocated_agent_at(m, &l->bss.bssid, out) && out->heard >= l->at)
		return true;
	if (l->agent.heard && l->agent.heard >= l->at && core_obeys(m, &l->agent)) {
		*out = l->agent;
		return true;
	}
	return now >= l->at + AGENT_PATIENCE && colocated_own(m, l, out);
}

bool cross_ready(const struct mobile *m, const struct core_link *l, mtime now)
{
	struct known_agent a;

	return now >= l->not_before && way_by(m, l, now, &a);
}

static bool better(const struct mobile *m, const struct core_link *l, const struct core_link *than)
{
	unsigned i = core_link_index(m, l), k = core_link_index(m, than);
	const struct mobile_link_conf *a = &m->conf.links[i], *b = &m->conf.links[k];

	if (i == m->cross.pinned || k == m->cross.pinned)
		return i == m->cross.pinned && i != k;
	if (a->metered != b->metered)
		return b->metered;
	return a->preference > b->preference;
}

/* When it can be said whether this link is a way; MTIME_NEVER: an event will tell. */
static mtime known_at(const struct core_link *l, mtime now)
{
	mtime t = MTIME_NEVER, at[] = { l->at + AGENT_PATIENCE, l->at + STEADY, l->not_before };

	for (unsigned i = 0; l->attached && i < 3; i++)
		if (at[i] > now)
			t = mtime_min(t, at[i]);
	return t;
}

/* The best of the others, among those that are steady and did not fail lately; in need: of all. */
static struct core_link *best(struct mobile *m, mtime now, bool in_need, bool any,
			      struct known_agent *out)
{
	struct core_link *found = NULL;
	struct known_agent a;

	for (unsigned i = 0; i < m->conf.n_links; i++) {
		struct core_link *l = &m->links[i];

		if (l == m->link || !way_by(m, l, now, &a))
			continue;
		if (!in_need && (now < l->at + STEADY || now < l->not_before))
			continue;
		if (found ? !better(m, l, found) : !any && !better(m, l, m->link))
			continue;
		found = l;
		*out = a;
	}
	return found;
}

static void ask_others(struct mobile *m, const struct instant *now, struct mobile_out *out)
{
	for (unsigned i = 0; i < m->conf.n_links; i++) {
		struct core_link *l = &m->links[i];

		if (l == m->link || !l->attached)
			continue;
		colocated_probe(m, l, now, out);
		if (now->t < l->open_at)
			continue;
		l->open_at = MTIME_NEVER;
		core_solicit(m, i, out);
	}
}

/* Lost without a way back of its own, or there and of no use. */
static bool stranded(const struct mobile *m, mtime now)
{
	struct known_agent a;

	if (m->ho.state == HO_ROAMING)
		return m->ho.sudden && !m->link->attached;
	if (m->ho.state == HO_FINDING)
		return now >= m->link->at + STEADY && !way_by(m, m->link, now, &a);
	return m->ho.state == HO_IDLE && !m->link->attached;
}

void cross_due(struct mobile *m, const struct instant *now, struct mobile_out *out)
{
	struct known_agent a;
	struct core_link *l = NULL;
	bool serves = reg_serves(&m->reg, now->t), wants;

	m->cross.next = MTIME_NEVER;
	if (m->conf.n_links < 2)
		return;
	ask_others(m, now, out);
	wants = !m->deregistered && m->conf.home_agent;
	if (wants && stranded(m, now->t))
		l = best(m, now->t, true, true, &a);
	if (l) {
		cross_arrive(m, l, &a, now, out);
		return;
	}
	if (wants && m->ho.state == HO_IDLE && !m->cross.merging && m->link->attached &&
	    now->t >= m->link->at + STEADY)
		l = best(m, now->t, false, !serves, &a);
	if (l) {
		cross_begin(m, l, &a,
			    serves ? "a better interface" : "this interface does not serve", now,
			    out);
		return;
	}
	for (unsigned i = 0; i < m->conf.n_links; i++)
		m->cross.next = mtime_min(m->cross.next, known_at(&m->links[i], now->t));
}

const char *core_cross(struct mobile *m, unsigned link, const char *why, const struct instant *now,
		       struct mobile_out *out)
{
	struct core_link *l = &m->links[link < m->conf.n_links ? link : 0];
	const char *error = NULL;
	struct known_agent a;

	if (link == MOBILE_ANY_LINK) {
		m->cross.pinned = MOBILE_ANY_LINK;
	} else if (m->deregistered) {
		error = "deregistered by command: mipclient register ends that";
	} else if (l == m->link) {
		m->cross.pinned = link;
	} else if (m->ho.state != HO_IDLE) {
		error = "a handoff is running already; see mipclient watch";
	} else if (!l->attached) {
		error = "that interface has no link";
	} else {
		l->not_before = 0;
		if (way_by(m, l, now->t, &a) && m->conf.home_agent) {
			m->cross.until = now->t; /* what still waits has waited long enough */
			m->cross.pinned = link;
			cross_begin(m, l, &a, why, now, out);
		} else {
			error = "nothing to register with there: no agent was heard, and no "
				"address with a gateway that answers";
		}
	}
	return error;
}

const char *mobile_cross(struct mobile *m, unsigned link, const struct instant *now,
			 struct mobile_out *out)
{
	const char *error;

	core_begin(m, out);
	error = core_cross(m, link, BY_USER, now, out);
	core_finish(m, now, out);
	return error;
}
