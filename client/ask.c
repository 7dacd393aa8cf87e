/* SPDX-License-Identifier: MIT */
#include "client/handoff_steps.h"

/* The orders that go straight to the one that keeps the packets: BUFFER and RELEASE. */

/* Orders to the first agent need its capability and a key. */
bool handoff_can_order(const struct mobile *m, const struct known_agent *a)
{
	return m->conf.buffer && a->addr && a->buffers &&
	       core_order_key(m, a) != ORDER_KEY_NONE;
}

bool handoff_sign(struct mobile *m, uint8_t action, const struct instant *now)
{
	struct handoff *h = &m->ho;
	struct exchange *x = &h->order;

	exchange_start(x, action, &h->keeper, now->t);
	if (h->keeper.home)
		x->interval = keeper_interval(m);
	x->len = core_sign(m, &h->keeper, action, 0, 0, now->ntp, x->msg, &x->id);
	if (x->len == 0)
		x->active = false;
	return x->len > 0;
}

void handoff_not_kept(struct mobile *m)
{
	m->ho.rep->flow = m->ho.keeper.home ? FLOW_PLAIN : FLOW_F2;
}

void handoff_unanswered(struct mobile *m, const struct instant *now, struct mobile_out *out)
{
	handoff_because(m, m->ho.keeper.home ? "the home agent did not answer BUFFER"
					     : "the first agent did not answer BUFFER");
	handoff_not_kept(m);
	handoff_leave(m, now, out);
}

void handoff_send_order(struct mobile *m, const struct instant *now, struct mobile_out *out)
{
	struct handoff *h = &m->ho;
	struct exchange *x = &h->order;

	switch (exchange_due(x, now->t)) {
	case 1:
		if (x->action == ORDER_FORWARD && h->second.colocated)
			core_udp_direct(out, h->second.care_of, x->agent, x->msg, x->len);
		else
			core_udp(m, out, &x->mac, x->agent,
				 x->action == ORDER_FORWARD ? 64 : 255, x->msg, x->len, now->t);
		if (x->action == ORDER_BUFFER) {
			h->asked = true;
			h->rep->buffer_sends++;
			handoff_step(m, STEP_BUFFER_SENT, now->t, out);
		}
		break;
	case -1:
		if (h->state == HO_ASKING) {
			handoff_unanswered(m, now, out);
		} else if (h->state == HO_FORWARDING) {
			handoff_because(m, "the first agent did not answer FORWARD");
			handoff_end(m, true, now, out);
		} else if (h->state == HO_RELEASING) {
			handoff_because(
			    m, "the agent did not answer RELEASE: it delivers when the lease ends");
			uplink_release(&m->up, now->t);
			handoff_end(m, true, now, out);
		}
		break;
	}
}
