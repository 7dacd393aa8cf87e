/* SPDX-License-Identifier: MIT */
#include "client/core.h"
#include "common/packet.h"

#define UPLINK_BATCH 32 /* packets a call: the radio's queue must not overflow */

static enum drop uplink_check(const struct mobile *m, const uint8_t *pkt, size_t n)
{
	struct ipv4 ip;
	enum drop why = ipv4_decode(pkt, n, &ip);

	if (why != DROP_NONE)
		return why;
	if (ip.src != m->conf.home_addr)
		return DROP_INNER_SOURCE;
	/* RFC 3024: direct delivery carries no broadcast or multicast */
	if (!addr_is_unicast(ip.dst))
		return DROP_NOT_MINE;
	return m->deregistered ? DROP_NO_BINDING : DROP_NONE;
}

void core_uplink(struct mobile *m, struct mobile_out *out, const uint8_t *p, size_t n, mtime now)
{
	struct mobile_action *a;

	if (m->reg.agent.colocated) {
		tunnelled_send(m, out, p, n, now);
		return;
	}
	a = core_add(out, MOBILE_SEND);
	a->mac = m->want.agent_mac;
	a->p = p;
	a->n = n;
}

void mobile_tun(struct mobile *m, const uint8_t *pkt, size_t n, const struct instant *now,
		struct mobile_out *out)
{
	enum drop why = uplink_check(m, pkt, n);

	core_begin(m, out);
	if (why == DROP_NONE && uplink_packet(&m->up, pkt, n, now->t, &why))
		core_uplink(m, out, pkt, n, now->t);
	if (why != DROP_NONE) {
		core_drop(m, why);
		m->counters.uplink_dropped += why == DROP_UPLINK_FULL;
	}
	m->inside = false;
}

bool core_drain(struct mobile *m, const struct instant *now, struct mobile_out *out)
{
	unsigned aged;
	size_t n;

	for (int i = 0; i < UPLINK_BATCH && sizeof(out->bytes) - out->used >= PATH_MTU + 20; i++) {
		n = uplink_next(&m->up, out->bytes + out->used, sizeof(out->bytes) - out->used,
				now->t, &aged);
		m->drops.n[DROP_AGE] += aged;
		if (n == 0)
			break;
		core_uplink(m, out, out->bytes + out->used, n, now->t);
		out->used += n;
	}
	if (uplink_drained(&m->up, now->t))
		m->want.uplink = m->reg.agent.colocated ? UPLINK_TUNNEL : UPLINK_AGENT;
	return m->up.state == UP_DRAINING && m->up.q.packets > 0;
}

void mobile_downlink(struct mobile *m, uint64_t total, const struct instant *now,
		     struct mobile_out *out)
{
	core_begin(m, out);
	mobile_count(m, total);
	handoff_downlink(m, now, out);
	core_finish(m, now, out);
}

void mobile_count(struct mobile *m, uint64_t total)
{
	m->native = total;
	m->downlink = m->native + m->tunnelled;
}

void mobile_dropped(struct mobile *m, enum drop why)
{
	core_drop(m, why);
}
