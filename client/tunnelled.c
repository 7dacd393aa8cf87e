/* SPDX-License-Identifier: MIT */
#include "client/tunnelled.h"

#include "client/handoff_steps.h"
#include "common/icmp.h"

#define ERRORS_A_SECOND 10 /* told to programs: a few connections */

void tunnelled_send(struct mobile *m, struct mobile_out *out, const uint8_t *p, size_t n,
		    mtime now)
{
	struct mobile_action *a = core_add(out, MOBILE_TUNNEL);

	a->src = m->reg.agent.care_of;
	a->dst = m->conf.home_agent;
	a->on = m->tun.udp;
	a->p = p;
	a->n = n;
	m->tun.alive.sent = now;
}

void tunnelled_accepted(struct mobile *m, mtime now)
{
	struct nat_tunnel *t = &m->tun;

	t->udp = m->reg.agent.colocated && m->reg.udp;
	t->alive = (struct keepalive){ 0 };
	if (!t->udp)
		return;
	keepalive_start(&t->alive, m->reg.keepalive_s, now);
	if (m->reg.agent.through) /* it says where we are */
		t->alive.asked = now;
}

static bool keeps_alive(const struct mobile *m)
{
	return m->tun.udp && m->link->attached && m->reg.state == REG_BOUND &&
	       (m->ho.state == HO_IDLE || m->reg.agent.through);
}

static void ask(struct mobile *m, const struct instant *now, struct mobile_out *out)
{
	uint8_t *buf = out->bytes + out->used;
	size_t n = keepalive_build(&m->tun.alive, m->conf.home_addr, m->conf.home_agent, m->ip_id++,
				   buf, sizeof(out->bytes) - out->used);

	if (!n)
		return;
	out->used += n;
	tunnelled_send(m, out, buf, n, now->t);
	m->counters.keepalives++;
}

void tunnelled_due(struct mobile *m, const struct instant *now, struct mobile_out *out)
{
	if (!keeps_alive(m))
		return;
	if (!m->tun.alive.asked && now->t >= keepalive_deadline(&m->tun.alive) &&
	    power_joins(m, now->t)) {
		reg_renew(&m->reg, now->t);
		return;
	}
	switch (keepalive_due(&m->tun.alive, now->t)) {
	case KEEPALIVE_WAIT:
		break;
	case KEEPALIVE_ASK:
		ask(m, now, out);
		break;
	case KEEPALIVE_DEAD:
		core_note(out, "the home agent does not answer in the tunnel: registering again");
		reg_renew(&m->reg, now->t);
		break;
	}
}

mtime tunnelled_deadline(const struct mobile *m)
{
	return keeps_alive(m) ? keepalive_deadline(&m->tun.alive) : MTIME_NEVER;
}

/* Who may send to us in a tunnel, and in which: the home agent, and the agent that was left. */
static enum drop check_outer(const struct mobile *m, uint32_t src, uint32_t dst, bool udp,
			     mtime now)
{
	bool home = src == m->conf.home_agent;

	if (!colocated_is_ours(m, dst, now))
		return DROP_NOT_MINE;
	if (!home && (udp || !m->ho.first.addr || src != m->ho.first.care_of))
		return DROP_OUTER_SOURCE;
	return DROP_NONE;
}

static bool is_control(const struct ipv4 *ip, struct udp *u)
{
	/* Its ports first: few of all packets are worth the sum of their bytes. */
	return udp_decode(ip, false, u) == DROP_NONE && u->dport == MIP_PORT &&
	       u->sport == MIP_PORT && udp_decode(ip, true, u) == DROP_NONE;
}

void mobile_tunnelled(struct mobile *m, uint32_t src, uint32_t dst, bool udp, const uint8_t *inner,
		      size_t n, const struct instant *now, struct mobile_out *out)
{
	struct mobile_action *a;
	struct ipv4 ip;
	struct udp u;
	enum drop why = check_outer(m, src, dst, udp, now->t);

	core_begin(m, out);
	if (why == DROP_NONE)
		why = ipv4_decode(inner, n, &ip);
	if (why == DROP_NONE && ip.dst != m->conf.home_addr)
		why = DROP_NOT_MINE;
	if (why != DROP_NONE) {
		core_drop(m, why);
	} else if (is_control(&ip, &u)) {
		core_message(m, u.payload.p, u.payload.left, now, out);
	} else if (cross_hold(m, dst, inner, ip.total_len, now->t)) {
		m->tun.alive.heard = now->t;
	} else {
		keepalive_heard(&m->tun.alive, now->t);
		if (keepalive_is_answer(&ip, m->conf.home_agent)) {
			core_finish(m, now, out);
			return;
		}
		a = core_add(out, MOBILE_DELIVER);
		a->p = inner;
		a->n = ip.total_len;
		m->tunnelled++;
		m->downlink = m->native + m->tunnelled;
		handoff_downlink(m, now, out);
		if (m->ho.state == HO_IDLE) { /* nothing is due for it: time has the tick */
			m->inside = false;
			return;
		}
	}
	core_finish(m, now, out);
}

static bool may_tell(struct mobile *m, mtime now)
{
	if (!m->tun.errors || now - m->tun.errors_since >= SEC(1)) {
		m->tun.errors_since = now;
		m->tun.errors = 0;
	}
	return m->tun.errors < ERRORS_A_SECOND && ++m->tun.errors;
}

/* From the home agent: from ourselves the kernel would not take it. */
static enum drop tell(struct mobile *m, const struct icmp_error *e, const struct icmp_what *what,
		      struct mobile_out *out)
{
	size_t n = icmp_error_build(out->bytes + out->used, sizeof(out->bytes) - out->used,
				    m->conf.home_agent, what, e->quoted.p, e->quoted.left);
	struct mobile_action *a;

	if (!n)
		return DROP_TYPE;
	a = core_add(out, MOBILE_DELIVER);
	a->p = out->bytes + out->used;
	a->n = n;
	out->used += n;
	m->counters.errors_relayed++;
	return DROP_NONE;
}

/* About the tunnel as it is now, and a packet of ours. */
static enum drop tunnel_error(struct mobile *m, const struct icmp_error *e, mtime now,
			      struct mobile_out *out)
{
	const struct known_agent *a = &m->reg.agent;
	struct icmp_what what;

	if (!a->colocated || e->outer.src != a->care_of || e->outer.dst != m->conf.home_agent ||
	    e->dport != (m->tun.udp ? MIP_PORT : 0) || e->inner.src != m->conf.home_addr)
		return DROP_UNMATCHED;
	if (!icmp_relay_as(e, false, &what))
		return DROP_TYPE;
	return may_tell(m, now) ? tell(m, e, &what, out) : DROP_RATE;
}

void mobile_tunnel_error(struct mobile *m, const uint8_t *p, size_t n, const struct instant *now,
			 struct mobile_out *out)
{
	struct icmp_error e;
	enum drop why = icmp_error_decode(p, n, &e);

	core_begin(m, out);
	if (why == DROP_NONE)
		why = tunnel_error(m, &e, now->t, out);
	else if (why == DROP_TYPE)
		why = DROP_NONE;
	if (why != DROP_NONE)
		core_drop(m, why);
	core_finish(m, now, out);
}
