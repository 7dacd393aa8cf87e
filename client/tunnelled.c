/* SPDX-License-Identifier: MIT */
#include "client/tunnelled.h"

#include "client/handoff_steps.h"
#include "common/packet.h"

#define ECHO_REQUEST 8
#define ECHO_REPLY 0
#define ECHO_LEN 8 /* without a payload; its identifier is 0 */
#define ECHO_WAIT SEC(1) /* for an answer, before it is asked again */
#define ECHO_TRIES 3

void tunnelled_send(struct mobile *m, struct mobile_out *out, const uint8_t *p, size_t n,
		    mtime now)
{
	struct mobile_action *a = core_add(out, MOBILE_TUNNEL);

	a->src = m->reg.agent.care_of;
	a->dst = m->conf.home_agent;
	a->on = m->tun.udp;
	a->p = p;
	a->n = n;
	m->tun.sent = now;
}

void tunnelled_accepted(struct mobile *m, mtime now)
{
	struct nat_tunnel *t = &m->tun;
	unsigned s = m->reg.keepalive_s ? m->reg.keepalive_s : KEEPALIVE_DEFAULT_S;

	t->udp = m->reg.agent.colocated && m->reg.udp;
	t->keepalive = t->udp ? SEC(s < KEEPALIVE_MIN_S ? KEEPALIVE_MIN_S : s) : 0;
	t->sent = t->heard = now;
	t->asked = 0;
	t->asks = 0;
}

static bool keeps_alive(const struct mobile *m)
{
	return m->tun.keepalive && m->link->attached && m->ho.state == HO_IDLE &&
	       m->reg.state == REG_BOUND;
}

static mtime due_at(const struct mobile *m)
{
	const struct nat_tunnel *t = &m->tun;

	return t->asked ? t->asked + (mtime)t->asks * ECHO_WAIT
			: mtime_min(t->sent, t->heard) + t->keepalive;
}

static void ask(struct mobile *m, const struct instant *now, struct mobile_out *out)
{
	struct ipv4_out h = { .src = m->conf.home_addr,
			      .dst = m->conf.home_agent,
			      .ttl = 64,
			      .protocol = PROTO_ICMP,
			      .id = m->ip_id++ };
	uint8_t icmp[ECHO_LEN] = { ECHO_REQUEST }, *buf = out->bytes + out->used;
	uint16_t sum;
	size_t n;

	icmp[7] = (uint8_t)m->tun.asks;
	sum = inet_checksum(icmp, sizeof(icmp));
	icmp[2] = (uint8_t)(sum >> 8);
	icmp[3] = (uint8_t)sum;
	n = ipv4_build(buf, sizeof(out->bytes) - out->used, &h, icmp, sizeof(icmp));
	if (!n)
		return;
	out->used += n;
	tunnelled_send(m, out, buf, n, now->t);
	m->counters.keepalives++;
}

void tunnelled_due(struct mobile *m, const struct instant *now, struct mobile_out *out)
{
	struct nat_tunnel *t = &m->tun;

	if (!keeps_alive(m) || now->t < due_at(m))
		return;
	if (t->asks == ECHO_TRIES) {
		t->asked = 0;
		t->asks = 0;
		t->sent = t->heard = now->t;
		core_note(out, "the home agent does not answer in the tunnel: registering again");
		reg_renew(&m->reg, now->t);
		return;
	}
	if (!t->asked)
		t->asked = now->t;
	t->asks++;
	ask(m, now, out);
}

mtime tunnelled_deadline(const struct mobile *m)
{
	return keeps_alive(m) ? due_at(m) : MTIME_NEVER;
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
	return udp_decode(ip, true, u) == DROP_NONE && u->dport == MIP_PORT && u->sport == MIP_PORT;
}

/* What ask() sent comes back as it was; a program's has its number, and usually more. */
static bool is_echo(const struct mobile *m, const struct ipv4 *ip)
{
	const uint8_t *p = ip->payload.p;

	return ip->protocol == PROTO_ICMP && ip->src == m->conf.home_agent &&
	       ip->payload.left == ECHO_LEN && p[0] == ECHO_REPLY && !p[4] && !p[5];
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
		m->tun.heard = now->t;
	} else {
		m->tun.heard = now->t;
		m->tun.asked = 0; /* whatever comes, the way is open */
		m->tun.asks = 0;
		if (is_echo(m, &ip)) {
			core_finish(m, now, out);
			return;
		}
		a = core_add(out, MOBILE_DELIVER);
		a->p = inner;
		a->n = ip.total_len;
		m->tunnelled++;
		m->downlink = m->native + m->tunnelled;
		handoff_downlink(m, now, out);
	}
	core_finish(m, now, out);
}
