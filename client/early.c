/* SPDX-License-Identifier: MIT */
#include "client/early.h"

#include "client/handoff_steps.h"

#include <string.h>

const char *early_state_name(enum early_state s)
{
	static const char *const name[] = {
		[EARLY_NONE] = "none",
		[EARLY_ASKED] = "asked",
		[EARLY_GRANTED] = "granted",
		[EARLY_REFUSED] = "refused",
	};

	return name[s];
}

static void enter(struct early *e, enum early_state to)
{
	e->state = to;
}

static bool wanted(const struct mobile *m)
{
	return m->conf.early_lease && !m->reg.agent.home && handoff_can_order(m, &m->reg.agent);
}

static bool sign(struct mobile *m, uint32_t care_of, const struct instant *now)
{
	struct early *e = &m->early;
	const struct known_agent *a = &m->reg.agent;

	e->len = core_sign(m, a, ORDER_BUFFER, ORDER_F_RESERVE, care_of, now->ntp, e->msg, &e->id);
	return e->len > 0;
}

bool early_ask(struct mobile *m, const struct instant *now)
{
	struct early *e = &m->early;
	bool rode = e->riding;

	e->riding = false;
	if (!wanted(m) || (!rode && !sign(m, 0, now)))
		return false;
	exchange_start(&m->query, ORDER_BUFFER, &m->reg.agent, now->t);
	if (rode)
		m->query.next += m->query.interval; /* it went out once */
	memcpy(m->query.msg, e->msg, e->len);
	m->query.len = e->len;
	m->query.id = e->id;
	enter(e, EARLY_ASKED);
	return true;
}

void early_ride(struct mobile *m, const struct instant *now)
{
	struct early *e = &m->early;
	struct reg_riders *r = &m->reg.riders;

	if (m->reg.state != REG_BOUND || now->t < reg_deadline(&m->reg) || !wanted(m) ||
	    m->ho.state != HO_IDLE || !sign(m, m->reg.agent.care_of, now))
		return;
	m->query.active = false;
	memset(r, 0, sizeof(*r));
	memcpy(r->order[0], e->msg, e->len);
	r->len[0] = e->len;
	r->n = 1;
	e->riding = true;
	enter(e, EARLY_ASKED);
}

void early_answered(struct mobile *m, uint8_t code)
{
	enter(&m->early, code <= ORDER_GRANTED_LESS ? EARLY_GRANTED : EARLY_REFUSED);
}

void early_unheard(struct mobile *m)
{
	enter(&m->early, EARLY_REFUSED);
}

void early_forget(struct mobile *m)
{
	if (m->query.active && m->query.action == ORDER_BUFFER)
		m->query.active = false;
	m->early.riding = false;
	enter(&m->early, EARLY_NONE);
}

void early_due(struct mobile *m, const struct instant *now)
{
	if (m->early.state == EARLY_NONE && m->ho.state == HO_IDLE && m->link->attached &&
	    m->link->open_at == MTIME_NEVER && m->reg.state == REG_BOUND &&
	    reg_is_bound(&m->reg, now->t) && !m->query.active)
		early_ask(m, now);
}
