/* SPDX-License-Identifier: MIT */
#include "client/colocated.h"

#include "client/handoff_steps.h"

#define AGENT_SILENT SEC(3)	/* and three solicitations within so long */
#define PROBE_FIRST MSEC(10)	/* as PORT_GUARD: the access point opens its port a moment later */
#define PROBE_AGAIN MSEC(30)	/* then twice as long each time */
#define PROBES_MAX 4

void colocated_init(struct colocated *c)
{
	*c = (struct colocated){ .at = MTIME_NEVER, .probe_at = MTIME_NEVER };
}

static bool wanted(const struct mobile *m)
{
	return m->conf.care_of != CARE_OF_AGENT;
}

static const struct place *place_of(const struct mobile *m, const struct mac *bssid)
{
	const struct places *p = &m->places;

	for (unsigned i = 0; i < PLACES_MAX; i++)
		if (p->at[i].addr && mac_equal(&p->at[i].bssid, bssid))
			return &p->at[i];
	return NULL;
}

/* Nothing tells where a cable leads. */
static void remember(struct mobile *m)
{
	const struct colocated *c = &m->link->colo;
	const struct place *p = place_of(m, &m->link->bss.bssid);
	size_t i = p ? (size_t)(p - m->places.at) : m->places.next++ % PLACES_MAX;

	if (core_on_radio(m))
		m->places.at[i] = (struct place){ m->link->bss.bssid, c->addr, c->gateway };
}

static struct known_agent as_agent(const struct mobile *m, uint32_t addr, const struct mac *bssid)
{
	return (struct known_agent){ .addr = m->conf.home_agent,
				     .care_of = addr,
				     .flags = ADVERT_T,
				     .reg_lifetime_s = LIFETIME_INFINITE,
				     .bssid = *bssid,
				     .colocated = true };
}

bool colocated_expected(const struct mobile *m, const struct mac *bssid, struct known_agent *out)
{
	const struct place *p = wanted(m) ? place_of(m, bssid) : NULL;

	if (p)
		*out = as_agent(m, p->addr, bssid);
	return p;
}

/* RFC 5944 2.1.1: where only our own address is wanted, an agent that insists is obeyed. */
bool colocated_agent_at(const struct mobile *m, const struct mac *bssid, struct known_agent *out)
{
	return discovery_by_bssid(&m->disc, bssid, out) &&
	       (m->conf.care_of != CARE_OF_COLOCATED || out->home || (out->flags & ADVERT_R));
}

/* None is known through this access point, or wanted; or it has nothing to say any more. */
static bool no_agent_here(const struct mobile *m, mtime now)
{
	struct known_agent a;

	if (m->link->colo_refused)
		return false;
	return !colocated_agent_at(m, &m->link->bss.bssid, &a) ||
	       (a.heard < m->link->at && now >= m->link->at + AGENT_SILENT);
}

static void schedule(struct mobile *m, mtime now)
{
	struct colocated *c = &m->link->colo;
	bool used = place_of(m, &m->link->bss.bssid) || m->conf.care_of == CARE_OF_COLOCATED;
	struct known_agent a;

	c->at = MTIME_NEVER;
	if (!wanted(m) || !m->link->attached || !c->confirmed || m->deregistered || !m->conf.home_agent)
		return;
	if (colocated_agent_at(m, &m->link->bss.bssid, &a))
		c->at = m->link->at + AGENT_SILENT;
	else
		c->at = used ? now : m->link->at + AGENT_PATIENCE;
}

void colocated_agent_doubted(struct mobile *m, mtime now)
{
	m->link->at = now; /* what it has said before does not count */
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

void colocated_link_up(struct mobile *m, struct core_link *l, const struct instant *now)
{
	struct colocated *c = &l->colo;
	const struct place *p = place_of(m, &l->bss.bssid);

	l->at = now->t;
	l->colo_refused = false;
	if (l == m->link)
		m->want.by_link = false;
	c->confirmed = c->addr && p && p->addr == c->addr && p->gateway == c->gateway;
	if (l == m->link)
		schedule(m, now->t);
	c->probes = 0;
	c->probe_at = wanted(m) && !c->confirmed ? now->t + PROBE_FIRST : MTIME_NEVER;
}

void colocated_probe(struct mobile *m, struct core_link *l, mtime now, struct mobile_out *out)
{
	struct colocated *c = &l->colo;
	struct mobile_action *a;

	if (now < c->probe_at)
		return;
	if (c->probes == PROBES_MAX || c->confirmed || !c->addr || !c->gateway || !l->attached) {
		c->probe_at = MTIME_NEVER;
		return;
	}
	a = core_add(out, MOBILE_PROBE);
	a->link = (unsigned)(l - m->links);
	a->src = c->addr;
	a->dst = c->gateway;
	c->probe_at = now + (PROBE_AGAIN << c->probes++);
}

void colocated_link_down(struct core_link *l)
{
	l->colo.confirmed = false;
	l->colo.at = l->colo.probe_at = MTIME_NEVER;
}

bool colocated_own(const struct mobile *m, const struct core_link *l, struct known_agent *out)
{
	if (!wanted(m) || !l->attached || !l->colo.confirmed)
		return false;
	*out = as_agent(m, l->colo.addr, &l->bss.bssid);
	return true;
}

/* An agent that has been silent serves nobody, whatever time it has granted. */
static bool is_served(const struct mobile *m, const struct known_agent *own, mtime now)
{
	return reg_serves(&m->reg, now) && (m->reg.agent.colocated ? same_agent(own, &m->reg.agent)
								  : m->reg.tries < REG_UNHEARD);
}

static void use(struct mobile *m, const struct instant *now, struct mobile_out *out)
{
	struct known_agent a = as_agent(m, m->link->colo.addr, &m->link->bss.bssid);

	m->link->open_at = MTIME_NEVER;
	if (m->ho.state != HO_IDLE) {
		remember(m);
		handoff_agent(m, &a, now, out);
		return;
	}
	if (is_served(m, &a, now->t))
		return;
	remember(m);
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

	colocated_probe(m, m->link, now->t, out);
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

/* The home agent's name is being looked up, on a network that we could use. */
static bool name_awaited(const struct mobile *m)
{
	return !m->conf.home_agent && m->conf.fall_back && wanted(m) && !m->deregistered &&
	       m->link->colo.confirmed && m->reg.state == REG_NONE;
}

mtime colocated_deadline(const struct mobile *m)
{
	mtime t = m->link->colo.probe_at;

	if (name_awaited(m) && !m->want.by_link)
		t = mtime_min(t, m->link->at + AGENT_SILENT);
	return may_use(m) ? mtime_min(t, m->link->colo.at) : t;
}

static bool no_answer(const struct mobile *m, mtime now)
{
	const struct known_agent *a = &m->reg.agent;

	if (!m->conf.home_agent)
		return name_awaited(m) && now >= m->link->at + AGENT_SILENT;
	return a->colocated && reg_unheard(&m->reg) && mac_equal(&a->bssid, &m->link->bss.bssid);
}

void colocated_fall_back(struct mobile *m, mtime now, struct mobile_out *out)
{
	char text[ADDR_STRLEN] = "";

	if (!m->conf.fall_back || !m->link->attached || m->deregistered || reg_serves(&m->reg, now)) {
		m->want.by_link = false;
	} else if (!m->want.by_link && wanted(m) && no_answer(m, now)) {
		m->want.by_link = true;
		if (m->conf.home_agent)
			addr_fmt(text, m->conf.home_agent);
		core_note(out,
			  "no answer from the home agent %s through this network: programs use it "
			  "directly meanwhile",
			  text);
	}
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

/* What is told is what is there now; told again, it was brought anew. */
void mobile_address(struct mobile *m, unsigned link, uint32_t addr, uint32_t gateway,
		    const struct instant *now, struct mobile_out *out)
{
	struct core_link *l = &m->links[link];
	struct colocated *c = &l->colo;

	core_begin(m, out);
	if (c->addr && c->addr != addr) {
		c->previous = c->addr;
		c->previous_until = now->t + PREVIOUS_KEEP;
		if (cross_is_target(m, l))
			cross_failed(m, "its address was taken away", now, out);
	}
	c->addr = addr;
	c->gateway = gateway;
	c->confirmed = addr && gateway;
	m->want.care_of[link] = wanted(m) ? addr : 0;
	if (l == m->link)
		schedule(m, now->t);
	core_finish(m, now, out);
}

void mobile_gateway(struct mobile *m, unsigned link, uint32_t gateway, const struct instant *now,
		    struct mobile_out *out)
{
	struct core_link *l = &m->links[link];
	struct colocated *c = &l->colo;

	core_begin(m, out);
	if (c->addr && gateway == c->gateway && !c->confirmed && l->attached) {
		c->confirmed = true;
		if (l == m->link)
			schedule(m, now->t);
	}
	core_finish(m, now, out);
}
