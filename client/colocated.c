/* SPDX-License-Identifier: MIT */
#include "client/colocated.h"

#include "client/handoff_steps.h"

#define AGENT_PATIENCE MSEC(50) /* an agent answers a solicitation within a few milliseconds */
#define AGENT_SILENT SEC(3)	/* and three solicitations within so long */
#define PROBE_FIRST MSEC(10)	/* as PORT_GUARD: the access point opens its port a moment later */
#define PROBE_AGAIN MSEC(30)	/* then twice as long each time */
#define PROBES_MAX 4
#define PREVIOUS_KEEP SEC(2)	/* as the home agent takes packets from it: mip-buffer(7) */

void colocated_init(struct colocated *c)
{
	*c = (struct colocated){ .at = MTIME_NEVER, .probe_at = MTIME_NEVER };
}

static bool wanted(const struct mobile *m)
{
	return m->conf.care_of != CARE_OF_AGENT;
}

static const struct place *place_of(const struct colocated *c, const struct mac *bssid)
{
	for (unsigned i = 0; i < PLACES_MAX; i++)
		if (c->place[i].addr && mac_equal(&c->place[i].bssid, bssid))
			return &c->place[i];
	return NULL;
}

static void remember(struct mobile *m)
{
	struct colocated *c = &m->colo;
	const struct place *p = place_of(c, &m->bss.bssid);
	size_t i = p ? (size_t)(p - c->place) : c->next_place++ % PLACES_MAX;

	c->place[i] = (struct place){ m->bss.bssid, c->addr, c->gateway };
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
	const struct place *p = wanted(m) ? place_of(&m->colo, bssid) : NULL;

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

	if (m->colo_refused)
		return false;
	return !colocated_agent_at(m, &m->bss.bssid, &a) ||
	       (a.heard < m->link_at && now >= m->link_at + AGENT_SILENT);
}

static void schedule(struct mobile *m, mtime now)
{
	struct colocated *c = &m->colo;
	bool used = place_of(c, &m->bss.bssid) || m->conf.care_of == CARE_OF_COLOCATED;
	struct known_agent a;

	c->at = MTIME_NEVER;
	if (!wanted(m) || !m->attached || !c->confirmed || m->deregistered || !m->conf.home_agent)
		return;
	if (colocated_agent_at(m, &m->bss.bssid, &a))
		c->at = m->link_at + AGENT_SILENT;
	else
		c->at = used ? now : m->link_at + AGENT_PATIENCE;
}

void colocated_agent_doubted(struct mobile *m, mtime now)
{
	m->link_at = now; /* what it has said before does not count */
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

void colocated_link_up(struct mobile *m, const struct instant *now)
{
	struct colocated *c = &m->colo;
	const struct place *p = place_of(c, &m->bss.bssid);

	m->link_at = now->t;
	m->colo_refused = false;
	m->want.by_link = false;
	c->confirmed = c->addr && p && p->addr == c->addr && p->gateway == c->gateway;
	schedule(m, now->t);
	c->probes = 0;
	c->probe_at = wanted(m) && !c->confirmed ? now->t + PROBE_FIRST : MTIME_NEVER;
}

static void probe(struct mobile *m, mtime now, struct mobile_out *out)
{
	struct colocated *c = &m->colo;
	struct mobile_action *a;

	if (now < c->probe_at)
		return;
	if (c->probes == PROBES_MAX || c->confirmed || !c->addr || !c->gateway || !m->attached) {
		c->probe_at = MTIME_NEVER;
		return;
	}
	a = core_add(out, MOBILE_PROBE);
	a->src = c->addr;
	a->dst = c->gateway;
	c->probe_at = now + (PROBE_AGAIN << c->probes++);
}

void colocated_link_down(struct mobile *m)
{
	m->colo.confirmed = false;
	m->colo.at = m->colo.probe_at = MTIME_NEVER;
}

/* An agent that has been silent serves nobody, whatever time it has granted. */
static bool is_served(const struct mobile *m, const struct known_agent *own, mtime now)
{
	return reg_serves(&m->reg, now) && (m->reg.agent.colocated ? same_agent(own, &m->reg.agent)
								  : m->reg.tries < REG_UNHEARD);
}

static void use(struct mobile *m, const struct instant *now, struct mobile_out *out)
{
	struct known_agent a = as_agent(m, m->colo.addr, &m->bss.bssid);

	m->open_at = MTIME_NEVER;
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
	struct colocated *c = &m->colo;

	probe(m, now->t, out);
	if (now->t < c->at)
		return;
	if (!m->attached || m->deregistered || !no_agent_here(m, now->t)) {
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
	       m->colo.confirmed && m->reg.state == REG_NONE;
}

mtime colocated_deadline(const struct mobile *m)
{
	mtime t = m->colo.probe_at;

	if (name_awaited(m) && !m->want.by_link)
		t = mtime_min(t, m->link_at + AGENT_SILENT);
	return may_use(m) ? mtime_min(t, m->colo.at) : t;
}

static bool no_answer(const struct mobile *m, mtime now)
{
	const struct known_agent *a = &m->reg.agent;

	if (!m->conf.home_agent)
		return name_awaited(m) && now >= m->link_at + AGENT_SILENT;
	return a->colocated && reg_unheard(&m->reg) && mac_equal(&a->bssid, &m->bss.bssid);
}

void colocated_fall_back(struct mobile *m, mtime now, struct mobile_out *out)
{
	char text[ADDR_STRLEN] = "";

	if (!m->conf.fall_back || !m->attached || m->deregistered || reg_serves(&m->reg, now)) {
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

	return (a->colocated && addr == a->care_of) ||
	       (addr == m->colo.previous && now < m->colo.previous_until);
}

/* What is told is what is there now; told again, it was brought anew. */
void mobile_address(struct mobile *m, uint32_t addr, uint32_t gateway, const struct instant *now,
		    struct mobile_out *out)
{
	struct colocated *c = &m->colo;

	core_begin(m, out);
	if (c->addr && c->addr != addr) {
		c->previous = c->addr;
		c->previous_until = now->t + PREVIOUS_KEEP;
	}
	c->addr = addr;
	c->gateway = gateway;
	c->confirmed = addr && gateway;
	m->want.care_of = wanted(m) ? addr : 0;
	schedule(m, now->t);
	core_finish(m, now, out);
}

void mobile_gateway(struct mobile *m, uint32_t gateway, const struct instant *now,
		    struct mobile_out *out)
{
	struct colocated *c = &m->colo;

	core_begin(m, out);
	if (c->addr && gateway == c->gateway && !c->confirmed && m->attached) {
		c->confirmed = true;
		schedule(m, now->t);
	}
	core_finish(m, now, out);
}
