/* SPDX-License-Identifier: MIT */
#include "client/handoff_steps.h"

#include <string.h>
#include <stdio.h>

#define FIND_MAX SEC(8)     /* solicitations at 0, 1, 2 and 4 s */
#define REGISTER_MAX SEC(8) /* requests at 0, 1, 3 and 7 s */
#define SIGNED_MAX SEC(3)   /* orders are signed anew for a Request so much later */
#define FORWARD_MAX SEC(2)  /* the second agent repeats its order for 1.5 s */
#define VIA_HOME_MAX SEC(1) /* has the home agent asked, it has done so five times by then */

/* Is the registration still with it?  Else another agent was asked to register us meanwhile, and
 * the home agent may have heeded it. */
static bool with_first(const struct mobile *m)
{
	return same_agent(&m->reg.agent, &m->ho.first);
}

static void register_again(struct mobile *m, const struct instant *now, struct mobile_out *out)
{
	struct handoff *h = &m->ho;

	h->buffer_id = h->forward_id = 0;
	core_register(m, &h->first, NULL, now);
	handoff_step(m, STEP_REQUEST_SENT, now->t, out);
	handoff_enter(h, HO_REGISTERING, now->t + REGISTER_MAX);
}

bool handoff_via_home(const struct handoff *h)
{
	return h->second.colocated && h->forward_id && !h->forward_self;
}

void handoff_order_itself(struct mobile *m, const struct instant *now, struct mobile_out *out)
{
	struct handoff *h = &m->ho;

	if (h->second.colocated)
		h->rep->flow = FLOW_F4;
	h->forward_self = true;
	h->forward_id = 0;
	if (h->state != HO_FORWARDING)
		return;
	handoff_order_forward(m, now, out);
	handoff_enter(h, HO_FORWARDING, now->t + FORWARD_MAX);
}

void handoff_order_forward(struct mobile *m, const struct instant *now, struct mobile_out *out)
{
	struct handoff *h = &m->ho;
	struct known_agent by_way = h->first;

	by_way.addr = h->first.care_of;
	by_way.mac = h->second.mac;
	exchange_start(&h->order, ORDER_FORWARD, &by_way, now->t);
	h->order.len = core_sign(m, &h->first, ORDER_FORWARD, h->granted ? ORDER_F_ASKED : 0,
				 h->second.care_of,
				 now->ntp, h->order.msg, &h->forward_id);
	h->order.id = h->forward_id;
	if (h->order.len == 0) { /* it has run out, or another configuration has none */
		h->order.active = false;
		handoff_because(m, "the key for the first agent is gone: it was not asked to "
				   "forward");
		return;
	}
	handoff_send_order(m, now, out);
}

/*
 * Still, or again, with the agent that we were leaving: it must stop buffering and deliver, as it
 * does by itself when the node registers there again.
 */
void handoff_release(struct mobile *m, const struct instant *now, struct mobile_out *out)
{
	struct handoff *h = &m->ho;

	if (!with_first(m) || h->other_link) {
		register_again(m, now, out);
		return;
	}
	core_clock(m, h->first.care_of);
	m->want.agent_addr = h->first.addr;
	m->want.agent_mac = h->first.mac;
	if (h->asked && handoff_sign(m, ORDER_RELEASE, now)) {
		handoff_enter(h, HO_RELEASING, MTIME_NEVER);
		handoff_send_order(m, now, out);
		return;
	}
	uplink_release(&m->up, now->t);
	handoff_end(m,
		    h->rep->reason[0] == '\0' ||
			    mac_equal(&h->target.bssid, &m->link->bss.bssid),
		    now, out);
}

void handoff_link_up(struct mobile *m, const struct radio_bss *bss, const struct instant *now,
		     struct mobile_out *out)
{
	struct handoff *h = &m->ho;
	struct known_agent a;
	bool known = colocated_agent_at(m, &bss->bssid, &a);

	handoff_step(m, STEP_LINK_UP, now->t, out);
	if (h->state == HO_ASKING || h->state == HO_SETTLING) {
		handoff_because(m, "the supplicant roamed by itself before the buffer was ready");
		h->order.active = false;
	}
	h->received = m->downlink - m->base;
	if (known && h->first.addr && same_agent(&a, &h->first) && with_first(m)) {
		handoff_describe(&h->rep->to, bss, &a);
		handoff_step(m, STEP_AGENT_FOUND, now->t, out);
		handoff_release(m, now, out);
		return;
	}
	if (!known)
		a.addr = a.care_of = 0;
	handoff_describe(&h->rep->to, bss, &a);
	handoff_enter(h, HO_FINDING, now->t + FIND_MAX);
}

/* The second agent; where we have an address of our own, the home agent: F12. */
static bool is_relayed(const struct mobile *m)
{
	if (m->ho.second.colocated)
		return m->home_keeps == HOME_KEEPS || m->home_keeps == HOME_UNKNOWN;
	return m->ho.second.buffers;
}

static uint32_t relayed_to(const struct mobile *m)
{
	return m->ho.second.colocated ? m->conf.home_agent : m->ho.second.care_of;
}

static void riders_add(struct mobile *m, struct reg_riders *r, uint8_t action, uint8_t flags,
		       uint64_t *id, const struct instant *now)
{
	struct handoff *h = &m->ho;

	r->len[r->n] =
	    core_sign(m, &h->first, action, flags, relayed_to(m), now->ntp, r->order[r->n], id);
	r->n++;
}

/* F4, or nothing at all. */
static void by_ourselves(struct mobile *m)
{
	struct handoff *h = &m->ho;

	h->buffer_id = h->forward_id = 0;
	h->forward_self = h->granted;
	if (h->granted)
		h->rep->flow = FLOW_F4;
	else
		handoff_because(m, "the second agent does not know Buffer Control, and the first "
				   "was not asked in time");
}

/* The orders that B relays: FORWARD, before it BUFFER where A was not asked, and the key that A and
 * B share.  The home agent moves the binding itself: for a BUFFER it is too late then. */
static void make_riders(struct mobile *m, struct reg_riders *r, const struct instant *now)
{
	struct handoff *h = &m->ho;
	bool home = h->second.colocated;
	struct order_signer s;
	struct sa handoff_key;

	memset(r, 0, sizeof(*r));
	h->buffer_id = h->forward_id = 0;
	h->forward_self = false;
	h->signed_at = now->t;
	if (h->keeper.home) /* the registration itself is its FORWARD */
		return;
	if (!handoff_can_order(m, &h->first) || h->rep->flow == FLOW_PLAIN ||
	    !core_signer(m, &h->first, &s))
		return;
	if (!is_relayed(m)) {
		by_ourselves(m);
		return;
	}
	if (home && h->rep->flow == FLOW_F1)
		h->rep->flow = FLOW_F12;
	if (!h->granted && m->conf.ask != ASK_NONE && !home)
		riders_add(m, r, ORDER_BUFFER, 0, &h->buffer_id, now);
	riders_add(m, r, ORDER_FORWARD,
		   (h->granted ? ORDER_F_ASKED : 0) |
			   (m->conf.forward_early && !home ? ORDER_F_EARLY : 0),
		   &h->forward_id, now);
	auth_handoff_key(&s.sa->key, h->forward_id, m->conf.home_addr, h->first.care_of,
			 relayed_to(m), &handoff_key);
	memcpy(r->key, handoff_key.key.b, sizeof(r->key));
	r->has_key = true;
	secret_wipe(&handoff_key.key);
}

/* They keep their bytes in the Requests at 0 and 1 s; the first agent would soon take them for
 * old. */
void handoff_freshen(struct mobile *m, const struct instant *now)
{
	struct handoff *h = &m->ho;

	if (h->state == HO_REGISTERING && m->reg.riders.n && now->t >= h->signed_at + SIGNED_MAX &&
	    now->t >= reg_deadline(&m->reg))
		make_riders(m, &m->reg.riders, now);
}

void handoff_second_heard(struct mobile *m, const struct known_agent *a, const struct instant *now,
			  struct mobile_out *out)
{
	struct handoff *h = &m->ho;

	if ((h->state != HO_REGISTERING && h->state != HO_FORWARDING) || !h->second.hinted)
		return;
	h->second = *a;
	if (a->buffers || h->forward_self || !h->forward_id)
		return;
	by_ourselves(m); /* nobody relays what rides on our Request */
	if (h->state == HO_FORWARDING && h->forward_self)
		handoff_order_forward(m, now, out);
}

void handoff_agent(struct mobile *m, const struct known_agent *a, const struct instant *now,
		   struct mobile_out *out)
{
	struct handoff *h = &m->ho;
	struct reg_riders riders;

	handoff_step(m, STEP_AGENT_FOUND, now->t, out);
	h->second = *a;
	handoff_describe(&h->rep->to, &m->link->bss, a);
	if (same_agent(&h->first, a)) {
		if (h->rep->flow == FLOW_F1)
			h->rep->flow = FLOW_F5; /* nobody could know before */
		handoff_release(m, now, out);
		return;
	}
	/* the access point leads to another agent than we remembered */
	if (h->rep->flow == FLOW_F5 || h->rep->flow == FLOW_F12)
		h->rep->flow = FLOW_F1;
	if (a->home && (h->rep->flow == FLOW_F1 || h->rep->flow == FLOW_F9))
		h->rep->flow = FLOW_F8;
	make_riders(m, &riders, now);
	core_register(m, a, &riders, now);
	handoff_step(m, STEP_REQUEST_SENT, now->t, out);
	handoff_enter(h, HO_REGISTERING, now->t + REGISTER_MAX);
}

/* Whom the registration is with is not here, and who speaks next, or the address that comes, takes
 * its place. */
void handoff_alone(struct mobile *m)
{
	early_forget(m);
	reg_stop(&m->reg);
}

/* The strongest where an agent has served, if one is heard. */
static bool refuge(const struct mobile *m, mtime now, struct radio_bss *out)
{
	struct radio_bss b;
	bool found = false;

	for (size_t i = 0; radio_bss_at(&m->radio, i, &b); i++) {
		if (!discovery_has_served(&m->disc, &b.bssid) || !radio_would(&m->radio, &b, now) ||
		    (found && b.signal_dbm <= out->signal_dbm))
			continue;
		*out = b;
		found = true;
	}
	return found;
}

/* Goes where somebody was, unless somebody else chose this access point and is to choose; what is
 * kept for us is still kept there.  One whose handoff failed is avoided, longer each time. */
void handoff_nobody_here(struct mobile *m, const struct instant *now, struct mobile_out *out)
{
	bool may = m->conf.automatic || (m->ho.sudden && m->ho.has_target);
	struct radio_bss to;

	handoff_abort(m, "no agent answers on the new link", now, out);
	if (may && core_on_radio(m) && m->link->attached && refuge(m, now->t, &to))
		handoff_begin(m, &to, "no agent here", true, now, out);
	else
		handoff_alone(m);
}

void handoff_registered(struct mobile *m, const struct instant *now, struct mobile_out *out)
{
	struct handoff *h = &m->ho;

	if (h->state != HO_REGISTERING && h->state != HO_FORWARDING)
		return;
	handoff_step(m, STEP_REGISTERED, now->t, out);
	if (h->keeper.home && h->granted)
		handoff_step(m, STEP_FORWARDING, now->t, out);
	uplink_release(&m->up, now->t);
	if (h->forward_self && !h->forward_id)
		handoff_order_forward(m, now, out);
	if (h->forward_id && !h->rep->has[STEP_FORWARDING])
		handoff_enter(h, HO_FORWARDING,
			      now->t + (handoff_via_home(h) ? VIA_HOME_MAX : FORWARD_MAX));
	else if (h->state == HO_REGISTERING)
		handoff_end(m, true, now, out);
}

void handoff_denied(struct mobile *m, const struct instant *now, struct mobile_out *out)
{
	bool crossing = m->ho.state == HO_CROSSING;
	uint8_t code = crossing ? m->cross.reg.code : m->reg.code;
	char why[120];

	if (m->ho.state != HO_REGISTERING && !crossing)
		return;
	snprintf(why, sizeof(why), "registration refused, code %u: %s", code, mip_code_text(code));
	if (crossing)
		cross_failed(m, why, now, out);
	else
		handoff_abort(m, why, now, out);
}
