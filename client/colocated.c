/* SPDX-License-Identifier: MIT */
#include "client/colocated.h"

#include "client/handoff_steps.h"

/*
 * An agent that is remembered, and gone, answers neither the solicitation nor the Request.  One
 * that is there answers the first within milliseconds, and a Reply is back after the home agent's
 * round trip: twice that.  RFC 5944 2.4 allows one solicitation a second, so more of them would
 * take longer.  To be wrong costs little: the own address serves too, and the agent is heard again.
 */
#define SILENCE_MIN MSEC(300)
#define PROBE_AGAIN MSEC(10)	/* as PORT_GUARD; then twice as long each time */
#define PROBES_MAX 5		/* at 0, 10, 30, 70 and 150 ms; at 310 ms nobody is there */

void colocated_init(struct colocated *c)
{
	*c = (struct colocated){ .at = MTIME_NEVER,
				 .probe_at = MTIME_NEVER,
				 .silence = SILENCE_MAX,
				 .lent.back_at = MTIME_NEVER };
}

bool colocated_wanted(const struct mobile *m)
{
	return m->conf.care_of != CARE_OF_AGENT;
}

/* Nothing tells where a cable leads. */
static void remember(struct mobile *m, mtime now)
{
	if (core_on_radio(m))
		places_used(&m->places, &m->link->bss, &m->link->colo.net, now);
}

static struct known_agent as_agent(const struct mobile *m, uint32_t addr, const struct mac *bssid)
{
	return through_own(m, (struct known_agent){ .addr = m->conf.home_agent,
						    .care_of = addr,
						    .flags = ADVERT_T,
						    .reg_lifetime_s = LIFETIME_INFINITE,
						    .bssid = *bssid,
						    .colocated = true });
}

bool colocated_expected(const struct mobile *m, const struct mac *bssid, struct known_agent *out)
{
	const struct place *p = colocated_wanted(m) ? places_at(&m->places, bssid) : NULL;

	if (p)
		*out = as_agent(m, p->net.addr, bssid);
	return p;
}

/* One that was silent the last time is not expected. */
bool colocated_agent_at(const struct mobile *m, const struct mac *bssid, struct known_agent *out)
{
	const struct place *p = colocated_wanted(m) ? places_at(&m->places, bssid) : NULL;

	if (!discovery_by_bssid(&m->disc, bssid, out) || (p && p->used > out->heard))
		return false;
	return core_obeys(m, out);
}

/* None is known through this access point, or wanted; or it has nothing to say any more. */
static bool no_agent_here(const struct mobile *m, mtime now)
{
	struct known_agent a;

	if (m->link->insisting.agent.addr || m->link->colo_refused)
		return m->link->insisting.agent.addr;
	return !colocated_agent_at(m, &m->link->bss.bssid, &a) ||
	       (a.heard < m->link->at && now >= m->link->at + m->link->colo.silence);
}

/* A network whose access points, as far as they were visited, have none. */
static bool none_expected(const struct mobile *m)
{
	return core_on_radio(m) && places_agentless(&m->places, &m->link->bss);
}

static void schedule(struct mobile *m, mtime now)
{
	struct colocated *c = &m->link->colo;
	bool used = m->conf.care_of == CARE_OF_COLOCATED ||
		    places_at(&m->places, &m->link->bss.bssid) || none_expected(m);
	struct known_agent a;

	c->at = MTIME_NEVER;
	if (!colocated_wanted(m) || !m->link->attached || !c->confirmed || m->deregistered ||
	    !m->conf.home_agent)
		return;
	if (colocated_agent_at(m, &m->link->bss.bssid, &a))
		c->at = m->link->at + c->silence;
	else
		c->at = used ? now : m->link->at + AGENT_PATIENCE;
}

void colocated_agent_doubted(struct mobile *m, mtime now)
{
	m->link->at = now; /* what it has said before does not count */
	m->link->colo.silence = SILENCE_MAX; /* it may be the home agent that is */
	schedule(m, now);
}

void colocated_again(struct mobile *m, mtime now)
{
	schedule(m, now);
}

void colocated_home_agent(struct mobile *m, mtime now)
{
	if (m->reg.agent.colocated)
		m->reg.agent.addr = m->conf.home_agent;
	else
		schedule(m, now);
}

static bool was_used_at(const struct colocated *c, const struct place *p)
{
	return c->net.addr && p && p->net.addr == c->net.addr && !network_differs(&p->net, &c->net);
}

void colocated_link_up(struct mobile *m, struct core_link *l, const struct instant *now,
		       struct mobile_out *out)
{
	struct colocated *c = &l->colo;
	const struct place *p = places_at(&m->places, &l->bss.bssid);

	l->at = now->t;
	through_link_up(l);
	if (l == m->link)
		m->want.by_link = false;
	c->silence = mtime_min(m->home_rtt > SILENCE_MIN / 2 ? 2 * m->home_rtt : SILENCE_MIN,
			       SILENCE_MAX);
	c->confirmed = was_used_at(c, p);
	if (!c->confirmed || c->net.addr != c->lent.net.addr) {
		lease_give_up(m, l, out);
		c->confirmed = was_used_at(c, p);
	}
	if (mac_is_zero(&c->brought_at))
		c->brought_at = l->bss.bssid;
	if (l == m->link)
		schedule(m, now->t);
	c->renewed = false;
	c->probes = 0;
	c->probe_at = MTIME_NEVER;
	if (c->confirmed || !colocated_wanted(m))
		return;
	c->probe_at = now->t;
	colocated_probe(m, l, now, out);
	lease_link_up(m, l, out); /* a command takes longer to start */
}

static bool doubted(const struct colocated *c)
{
	return c->net.addr && c->net.gateway && !c->confirmed;
}

/* All are asked, not only the one whose MAC is known: another's answer tells, too. */
static unsigned ask_gateway(const struct mobile *m, const struct core_link *l,
			    struct mobile_out *out)
{
	struct mobile_action *a;

	if (!doubted(&l->colo))
		return 0;
	a = core_add(out, MOBILE_PROBE);
	a->link = core_link_index(m, l);
	a->src = l->colo.net.addr;
	a->dst = l->colo.net.gateway;
	a->mac = (struct mac){ { 0 } };
	return 1;
}

void colocated_probe(struct mobile *m, struct core_link *l, const struct instant *now,
		     struct mobile_out *out)
{
	struct colocated *c = &l->colo;

	if (now->t < c->probe_at)
		return;
	c->probe_at = MTIME_NEVER;
	if (c->confirmed || !l->attached)
		return;
	if (c->probes == PROBES_MAX) {
		if (doubted(c))
			lease_renew(m, l, "its gateway does not answer", out);
		return;
	}
	if (ask_gateway(m, l, out) + lease_ask(m, l, now, out))
		c->probe_at = now->t + (PROBE_AGAIN << c->probes++);
}

void colocated_link_down(struct mobile *m, struct core_link *l, struct mobile_out *out)
{
	l->colo.confirmed = false;
	l->colo.at = l->colo.probe_at = MTIME_NEVER;
	lease_give_up(m, l, out);
}

bool colocated_own(const struct mobile *m, const struct core_link *l, struct known_agent *out)
{
	if (!colocated_wanted(m) || !l->attached || !l->colo.confirmed)
		return false;
	*out = as_agent(m, l->colo.net.addr, &l->bss.bssid);
	return true;
}

bool colocated_is_here(const struct mobile *m, uint32_t addr)
{
	const struct core_link *l = m->link;

	return l->attached && l->colo.confirmed && l->colo.net.addr == addr;
}

/* An agent that has been silent serves nobody, whatever time it has granted. */
static bool is_served(const struct mobile *m, const struct known_agent *own, mtime now)
{
	bool same = m->reg.agent.colocated || own->through ? same_agent(own, &m->reg.agent)
							   : m->reg.tries < REG_UNHEARD;

	return same && reg_serves(&m->reg, now);
}

static void use(struct mobile *m, const struct instant *now, struct mobile_out *out)
{
	struct known_agent a = as_agent(m, m->link->colo.net.addr, &m->link->bss.bssid);

	/* Nobody was waited for, and there may be one after all, for the next time. */
	if (m->link->open_at != MTIME_NEVER && m->conf.care_of == CARE_OF_AUTO &&
	    !places_at(&m->places, &m->link->bss.bssid))
		core_search(m, now);
	m->link->open_at = MTIME_NEVER;
	if (m->ho.state == HO_IDLE && is_served(m, &a, now->t))
		return;
	remember(m, now->t);
	if (m->ho.state != HO_IDLE) {
		handoff_agent(m, &a, now, out);
		return;
	}
	/* Without a handoff what goes to the old address is lost: nobody was asked to keep it. */
	uplink_hold(&m->up);
	m->want.uplink = UPLINK_HELD;
	core_register(m, &a, NULL, now);
}

/* Else its turn comes with the next event.  Also in a handoff to an agent that is silent. */
static bool may_use(const struct mobile *m)
{
	return m->ho.state == HO_FINDING || m->ho.state == HO_IDLE ||
	       (m->ho.state == HO_REGISTERING && !m->reg.agent.colocated);
}

void colocated_due(struct mobile *m, const struct instant *now, struct mobile_out *out)
{
	struct colocated *c = &m->link->colo;

	for (unsigned i = 0; i < m->conf.n_links; i++)
		lease_due(m, &m->links[i], now->t, out);
	colocated_probe(m, m->link, now, out);
	if (now->t < c->at)
		return;
	if (!m->link->attached || m->deregistered || !no_agent_here(m, now->t)) {
		c->at = MTIME_NEVER;
		return;
	}
	if (!may_use(m))
		return;
	c->at = MTIME_NEVER;
	use(m, now, out);
}

mtime colocated_deadline(const struct mobile *m)
{
	mtime t = m->link->colo.probe_at;

	for (unsigned i = 0; i < m->conf.n_links; i++)
		t = mtime_min(t, m->links[i].colo.lent.back_at);
	return may_use(m) ? mtime_min(t, m->link->colo.at) : t;
}

bool colocated_is_ours(const struct mobile *m, uint32_t addr, mtime now)
{
	const struct known_agent *a = &m->reg.agent;

	if (a->colocated && addr == a->care_of)
		return true;
	for (unsigned i = 0; i < m->conf.n_links; i++)
		if (addr == m->links[i].colo.previous && now < m->links[i].colo.previous_until)
			return true;
	/* the Reply to a Request that is under way */
	return m->ho.state == HO_CROSSING && m->cross.reg.agent.colocated &&
	       addr == m->cross.reg.agent.care_of;
}

/* What was lent is gone, and what was there before it is left: it may be another network's. */
static void as_before(struct mobile *m, struct core_link *l, mtime now)
{
	struct colocated *c = &l->colo;

	if (c->net.addr == c->lent.under.addr && c->net.gateway == c->lent.under.gateway)
		return;
	c->net = c->lent.under;
	c->brought_at = c->lent.under_at;
	c->confirmed = false;
	c->probes = 0;
	c->probe_at = l->attached && colocated_wanted(m) ? now : MTIME_NEVER;
}

/* Who is on the way elsewhere may have it from there: the supplicant's word may come later. */
static void brought(const struct mobile *m, struct core_link *l, uint32_t addr, uint32_t gateway,
		    bool lent)
{
	bool here = l->attached && !(l == m->link && m->ho.state == HO_ROAMING);
	struct colocated *c = &l->colo;

	c->net = lent ? c->lent.net : (struct network){ .addr = addr, .gateway = gateway };
	c->brought_at = here ? l->bss.bssid : (struct mac){ { 0 } };
	c->confirmed = addr && gateway;
}

/* What is told is what is there now; told again, it was brought anew. */
void mobile_address(struct mobile *m, unsigned link, uint32_t addr, uint32_t gateway,
		    const struct instant *now, struct mobile_out *out)
{
	struct core_link *l = &m->links[link];
	struct colocated *c = &l->colo;
	bool lent;

	core_begin(m, out);
	if (c->net.addr && c->net.addr != addr) {
		c->previous = c->net.addr;
		c->previous_until = now->t + PREVIOUS_KEEP;
		if (l->attached && c->confirmed) /* it may have been released */
			places_lease_lost(&m->places, c->net.addr);
		if (cross_is_target(m, l))
			cross_failed(m, "its address was taken away", now, out);
	}
	lent = lease_told(m, l, addr, now->t, out);
	if (!lent && addr && addr == c->lent.under.addr && gateway == c->lent.under.gateway)
		as_before(m, l, now->t);
	else
		brought(m, l, addr, gateway, lent);
	if (!lent)
		c->lent.under.addr = 0;
	m->want.care_of[link] = colocated_wanted(m) ? c->net.addr : 0;
	if (l == m->link)
		schedule(m, now->t);
	core_finish(m, now, out);
}

static void learnt(struct mobile *m, const struct core_link *l)
{
	if (l == &m->links[MOBILE_RADIO] && l->attached && l->colo.confirmed)
		places_learnt(&m->places, &l->bss, &l->colo.net);
}

void mobile_lease(struct mobile *m, unsigned link, uint32_t valid_s, const struct instant *now)
{
	struct core_link *l = &m->links[link];

	if (l->colo.lent.net.addr && l->colo.net.addr == l->colo.lent.net.addr)
		return; /* we know it better */
	l->colo.net.lease = lease_for(valid_s, now);
	learnt(m, l);
}

/* Whose it is we know from the time when it was brought, while we were where it was brought. */
static bool is_of_gateway(const struct core_link *l, const struct mac *mac)
{
	const struct colocated *c = &l->colo;

	if (mac_is_zero(&c->net.gateway_mac))
		return c->confirmed || mac_equal(&c->brought_at, &l->bss.bssid);
	return mac_equal(&c->net.gateway_mac, mac);
}

void mobile_gateway(struct mobile *m, unsigned link, uint32_t addr, const struct mac *mac,
		    const struct instant *now, struct mobile_out *out)
{
	struct core_link *l = &m->links[link];
	struct colocated *c = &l->colo;
	bool about = c->net.addr && addr == c->net.gateway, is = about && is_of_gateway(l, mac);

	core_begin(m, out);
	if (is)
		c->net.gateway_mac = *mac;
	if (is && !c->confirmed && l->attached) {
		c->confirmed = true;
		if (l == m->link)
			schedule(m, now->t);
	} else if (about && !is && doubted(c) && l->attached &&
		   !mac_is_zero(&c->net.gateway_mac)) {
		lease_renew(m, l, "its gateway's address is another's here", out);
	}
	learnt(m, l);
	lease_answered(m, l, addr, mac, now, out);
	core_finish(m, now, out);
}
