/* SPDX-License-Identifier: MIT */
#include "client/handoff_steps.h"

#include <stdio.h>

static void refused(struct mobile *m, const struct order *o, const char *what)
{
	char why[120];

	snprintf(why, sizeof(why), "the first agent refused %s, code %u: %s", what, o->action,
		 order_code_text(o->action));
	handoff_because(m, why);
}

static void take_grant(struct mobile *m, const struct order *o)
{
	struct report *r = m->ho.rep;

	if (o->has_size) {
		r->grant_packets = o->size_packets;
		r->grant_kib = o->size_kib;
	}
	if (o->has_lease)
		r->grant_lease_ms = o->lease_ms;
}

/* The agent says how many packets it put on the link; we know how many came. */
static void count_lost(struct mobile *m, uint32_t delivered)
{
	struct handoff *h = &m->ho;

	if (!h->counted || delivered < (uint32_t)h->received)
		return;
	h->rep->has_lost = true;
	h->rep->lost = delivered - (uint32_t)h->received;
}

/* A 133 is worth something once a handoff, and only when it tells a clock that is news. */
static bool told_clock(struct mobile *m, const struct order *o, const struct instant *now)
{
	struct order_signer s;

	if (o->action != ORDER_ID_ORDER || m->ho.resigned ||
	    !core_signer_of(m, &m->ho.keeper, o->mn_fa.present ? o->mn_fa.spi : o->mn_ha.spi, &s))
		return false;
	m->ho.resigned = core_clock_told(m, s.clock, o->id, now);
	return m->ho.resigned;
}

/* False: an old 133 sent again, or one for what was asked before. */
static bool buffer_reply(struct mobile *m, const struct order *o, const struct instant *now,
			 struct mobile_out *out)
{
	struct handoff *h = &m->ho;
	bool clock = told_clock(m, o, now);

	if (o->action == ORDER_ID_ORDER && !clock && (!h->resigned || h->stray))
		return false;
	h->order.active = false;
	if (o->action == ORDER_GRANTED || o->action == ORDER_GRANTED_LESS) {
		h->granted = true;
		take_grant(m, o);
		handoff_step(m, STEP_GRANTED, now->t, out);
		h->settle_from = now->t;
		h->ask_queue = now->t;
		h->has_delivered = o->has_delivered;
		h->delivered = o->delivered;
		handoff_enter(h, HO_SETTLING, now->t + m->conf.settle_max);
		return true;
	}
	if (clock) {
		handoff_sign(m, ORDER_BUFFER, now);
		handoff_send_order(m, now, out);
		return true;
	}
	refused(m, o, "BUFFER");
	handoff_not_kept(m);
	handoff_leave(m, now, out);
	return true;
}

void handoff_settled(struct mobile *m, const struct instant *now, struct mobile_out *out)
{
	struct handoff *h = &m->ho;

	h->received = m->downlink - m->base;
	if (h->has_delivered)
		count_lost(m, h->delivered);
	handoff_step(m, STEP_SETTLED, now->t, out);
	handoff_leave(m, now, out);
}

/* B's word did not do: no room then, or not from where B speaks.  The node's own may, once. */
static bool may_order_itself(const struct handoff *h, uint8_t code)
{
	return (code == ORDER_NO_ROOM || code == ORDER_CARE_OF_REFUSED) && !h->forward_self;
}

/* What A forwards when the registration is still under way did not wait for it. */
static void forwarding(struct mobile *m, const struct order *o, const struct instant *now,
		       struct mobile_out *out)
{
	struct handoff *h = &m->ho;

	if (o->action == ORDER_NOTHING_BUFFERED && h->granted)
		handoff_because(m, "the first agent had nothing buffered any more");
	if (h->state == HO_REGISTERING && m->conf.forward_early && h->rep->flow == FLOW_F1)
		h->rep->flow = FLOW_F11;
	if (o->has_count)
		h->rep->forwarded = o->count;
	handoff_step(m, STEP_FORWARDING, now->t, out);
}

static bool forward_reply(struct mobile *m, const struct order *o, const struct instant *now,
			  struct mobile_out *out)
{
	struct handoff *h = &m->ho;

	if (o->action <= ORDER_GRANTED_LESS || o->action == ORDER_NOTHING_BUFFERED) {
		forwarding(m, o, now, out);
	} else {
		refused(m, o, "FORWARD");
		if (may_order_itself(h, o->action)) {
			handoff_order_itself(m, now, out);
			return true;
		}
		h->forward_id = 0; /* that was its answer: nothing more to wait for */
	}
	if (h->state == HO_FORWARDING)
		handoff_end(m, true, now, out);
	return true;
}

/* What was granted stays so: a copy of the order that a stranger changed is answered, too. */
static bool granted_before(const struct handoff *h, uint8_t code, enum report_step granted)
{
	return code > ORDER_GRANTED_LESS && h->rep->has[granted];
}

/* A Reply to an order that B relayed. */
static bool relayed_reply(struct mobile *m, const struct order *o, const struct instant *now,
			  struct mobile_out *out)
{
	struct handoff *h = &m->ho;
	bool to_buffer = h->buffer_id && o->id == h->buffer_id;
	bool to_forward = h->forward_id && o->id == h->forward_id;

	if (told_clock(m, o, now)) {
		if (h->forward_self && h->forward_id) {
			handoff_order_forward(m, now, out);
			return true;
		}
		/* Its clock is elsewhere: sign again by it, and register again, all at once. */
		handoff_agent(m, &h->second, now, out);
		return true;
	}
	if (!to_buffer && !to_forward)
		return false;
	if (to_buffer) {
		if (o->action <= ORDER_GRANTED_LESS) {
			take_grant(m, o);
			handoff_step(m, STEP_GRANTED, now->t, out);
			if (o->has_delivered)
				count_lost(m, o->delivered);
		} else if (!granted_before(h, o->action, STEP_GRANTED)) {
			refused(m, o, "BUFFER");
		}
		return true;
	}
	return granted_before(h, o->action, STEP_FORWARDING) || forward_reply(m, o, now, out);
}

bool handoff_reply(struct mobile *m, const struct order *o, const struct instant *now,
		   struct mobile_out *out)
{
	struct handoff *h = &m->ho;
	bool direct = h->order.active && (o->id == h->order.id || o->action == ORDER_ID_ORDER);

	if (h->state == HO_IDLE || o->first_agent != h->keeper.care_of)
		return false;
	switch (h->state) {
	case HO_ASKING:
		return direct && buffer_reply(m, o, now, out);
	case HO_RELEASING:
		if (!direct)
			return false;
		if (o->action > ORDER_GRANTED_LESS)
			refused(m, o, "RELEASE");
		uplink_release(&m->up, now->t);
		handoff_end(m, true, now, out);
		return true;
	case HO_REGISTERING:
	case HO_FORWARDING:
		if (h->keeper.home)
			return o->id == h->order.id; /* a repeat of the grant */
		return relayed_reply(m, o, now, out);
	case HO_IDLE:
	case HO_SETTLING:
	case HO_SCANNING:
	case HO_ROAMING:
	case HO_FINDING:
	case HO_CROSSING:
		return o->id == h->order.id; /* a repeat of the grant */
	}
	return false;
}
