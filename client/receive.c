/* SPDX-License-Identifier: MIT */
#include "client/handoff_steps.h"

/* Its clock, and what it has delivered so far. */
static void ask_agent(struct mobile *m, const struct instant *now)
{
	const struct known_agent *a = &m->reg.agent;
	struct order_signer s;

	if (!handoff_can_order(m, a)) {
		keeper_ask(m, now);
		return;
	}
	if (early_ask(m, now) || !core_signer(m, a, &s) || (s.clock->known && m->base_known))
		return;
	exchange_start(&m->query, ORDER_QUERY, a, now->t);
	m->query.len =
	    core_sign(m, a, ORDER_QUERY, 0, 0, now->ntp, m->query.msg, &m->query.id);
}

/* Before anything is signed on account of this Reply. */
static void take_key(struct mobile *m)
{
	if (m->reg.dealt.spi)
		node_keys_take(&m->keys, &m->conf.home_sa.key, m->conf.home_addr,
			       m->reg.agent.care_of, &m->reg.dealt, m->reg.sent);
}

/* The home agent's word ends the handoff; without one, what waited for it goes. */
static void arrived(struct mobile *m, const struct instant *now, struct mobile_out *out)
{
	if (m->ho.state == HO_CROSSING)
		cross_arrived(m, now, out);
	else if (m->ho.state != HO_IDLE)
		handoff_registered(m, now, out);
	else if (!m->cross.merging) /* whose end releases it */
		uplink_release(&m->up, now->t);
	ask_agent(m, now);
}

static void registration_reply(struct mobile *m, const uint8_t *p, size_t n,
			       const struct instant *now, struct mobile_out *out)
{
	bool crossing = m->ho.state == HO_CROSSING;
	struct registration *r = crossing ? &m->cross.reg : &m->reg;
	enum drop why;
	char a[ADDR_STRLEN];

	switch (reg_reply(r, &m->reg_conf, p, n, now, &why)) {
	case REG_IGNORED:
		core_drop(m, why);
		return;
	case REG_ACCEPTED:
		m->counters.replies++;
		if (crossing)
			cross_accepted(m, now, out);
		m->home_rtt = now->t - m->reg.sent;
		identity_take(m, m->reg.home_addr, out);
		tunnelled_accepted(m, now->t);
		discovery_served(&m->disc, &m->reg.agent, &m->link->bss.bssid);
		if (m->reg.agent.colocated)
			m->want.mtu = m->tun.udp ? UDP_TUNNEL_MTU : PATH_MTU;
		discovery_stop(&m->disc);
		take_key(m);
		m->lost_binding_said = false;
		if (m->reg.agent.colocated)
			core_note(out, "registered from %s%s, lifetime %u s",
				  addr_fmt(a, m->reg.agent.care_of),
				  m->tun.udp ? " behind a NAT" : "", m->reg.granted_s);
		else
			core_note(out, "registered through %s, lifetime %u s",
				  addr_fmt(a, m->reg.agent.addr), m->reg.granted_s);
		core_event(out, TELL_REGISTERED);
		arrived(m, now, out);
		break;
	case REG_ARRIVED:
		m->counters.replies++;
		if (crossing)
			cross_accepted(m, now, out);
		discovery_stop(&m->disc);
		core_note(out, "at home");
		core_event(out, TELL_REGISTERED);
		arrived(m, now, out);
		break;
	case REG_GONE:
		m->counters.replies++;
		core_note(out, "deregistered");
		core_event(out, TELL_DEREGISTERED);
		break;
	case REG_REPAIRED:
		m->counters.replies++;
		core_note(out, "registration: %s; asking again", mip_code_text(r->code));
		break;
	case REG_DENIED:
		m->counters.replies++;
		if (through_refused(m, r->code, now, out))
			break;
		core_note(out, "registration refused by %s, code %u: %s",
			  addr_fmt(a, r->agent.addr), r->code, mip_code_text(r->code));
		if (m->ho.state != HO_IDLE)
			handoff_denied(m, now, out);
		break;
	}
}

/* True when it answers the QUERY. */
static bool query_reply(struct mobile *m, const struct order *o, struct order_clock *clk,
			const struct instant *now, struct mobile_out *out)
{
	if (!m->query.active || o->first_agent != m->query.care_of)
		return false;
	if (o->action == ORDER_ID_ORDER) {
		if (!core_clock_told(m, clk, o->id, now))
			return false;
		m->query.active = false;
		ask_agent(m, now);
		return true;
	} else if (o->id == m->query.id) {
		clk->known = true;
		if (m->query.action == ORDER_BUFFER)
			early_answered(m, o->action);
		if (clk->home && !m->reg.agent.home)
			keeper_answered(m, o->action, out);
		else if (o->has_delivered && o->action <= ORDER_GRANTED_LESS && !m->base_known) {
			m->base = m->downlink - o->delivered;
			m->base_known = true;
		}
	} else {
		return false;
	}
	m->query.active = false;
	return true;
}

static void order_reply(struct mobile *m, const uint8_t *p, size_t n, const struct instant *now,
			struct mobile_out *out)
{
	struct order o;
	struct known_agent a = { .addr = 0 };
	const struct auth_ext *auth;
	struct order_signer s;
	enum drop why = order_decode(p, n, &o);

	if (why == DROP_NONE && o.message != ORDER_REPLY)
		why = DROP_TYPE;
	if (why == DROP_NONE && o.home_addr != m->conf.home_addr)
		why = DROP_NOT_MINE;
	if (why != DROP_NONE) {
		core_drop(m, why);
		return;
	}
	auth = o.mn_fa.present ? &o.mn_fa : &o.mn_ha;
	if (!o.mn_fa.present && o.mn_ha.present && o.first_agent == m->conf.home_agent)
		a = keeper_by_way_of(m, &m->reg.agent);
	else if (!discovery_by_care_of(&m->disc, o.first_agent, &a))
		a.care_of = o.first_agent;
	if (!core_signer(m, &a, &s))
		core_drop(m, DROP_NO_KEY);
	else if (!o.mn_fa.present && !a.home)
		core_drop(m, DROP_NO_AUTH);
	else if (!core_signer_of(m, &a, auth->spi, &s) || !auth_check(p, n, auth, s.sa))
		core_drop(m, DROP_BAD_AUTH);
	else if (!query_reply(m, &o, s.clock, now, out) && !handoff_reply(m, &o, now, out))
		core_drop(m, DROP_UNMATCHED);
}

void core_message(struct mobile *m, const uint8_t *p, size_t n, const struct instant *now,
		  struct mobile_out *out)
{
	if (n > 0 && p[0] == MIP_REPLY)
		registration_reply(m, p, n, now, out);
	else if (n > 0 && p[0] == MIP_ORDER)
		order_reply(m, p, n, now, out);
	else
		core_drop(m, n == 0 ? DROP_SHORT : DROP_TYPE);
}

void mobile_udp(struct mobile *m, const struct mac *mac, uint32_t src, uint32_t dst,
		const uint8_t *p, size_t n, const struct instant *now, struct mobile_out *out)
{
	core_begin(m, out);
	(void)mac;
	(void)src;
	if (m->conf.home_addr && dst != m->conf.home_addr && dst != ADDR_BROADCAST &&
	    !colocated_is_ours(m, dst, now->t))
		core_drop(m, DROP_NOT_MINE);
	else
		core_message(m, p, n, now, out);
	core_finish(m, now, out);
}

void core_restarted(struct mobile *m, const struct instant *now, struct mobile_out *out)
{
	const struct known_agent a = m->reg.agent;

	if (!m->restarted || m->ho.state != HO_IDLE)
		return;
	m->restarted = false;
	if (m->deregistered || !reg_serves(&m->reg, now->t))
		return;
	core_note(out, "the agent was restarted: registering again");
	node_keys_forget(&m->keys, a.care_of);
	core_register(m, &a, NULL, now);
}

/*
 * Ours was restarted, RFC 5944 2.4.4, in the middle of a handoff, and will say so only once.  The
 * second one has forgotten what it was to relay, and has it again; of the first one the node may
 * take its leave, or come back to it.
 */
static void restarted(struct mobile *m, const struct known_agent *a, const struct instant *now,
		      struct mobile_out *out)
{
	if (m->ho.state == HO_FORWARDING && !m->ho.resigned) {
		m->ho.resigned = true;
		m->ho.order.active = false;
		node_keys_forget(&m->keys, a->care_of);
		handoff_agent(m, a, now, out);
	} else if (m->ho.state != HO_REGISTERING) { /* its next Request finds the new one */
		m->restarted = true;
	}
}

/* Where our own address is wanted no agent serves but at home, and one that takes no address of
 * ours, RFC 5944 2.1.1. */
static bool own_address(const struct mobile *m, struct core_link *l, const struct known_agent *a,
			mtime now)
{
	if (m->conf.care_of != CARE_OF_COLOCATED || a->home)
		return false;
	return !(a->flags & ADVERT_R) || through_heard(l, a, now);
}

/*
 * Anybody can advertise, and as often as he likes.  Who has served here, or was heard on this
 * link, has his Request's second to answer before another one is asked.
 */
static bool has_his_time(const struct mobile *m)
{
	const struct known_agent *k = discovery_find(&m->disc, &m->reg.agent);

	return m->reg.tries <= 1 && k && (k->served || k->heard >= m->link->at);
}

/* An agent was heard on this link: is it the one to register with? */
static void agent_heard(struct mobile *m, enum heard heard, const struct known_agent *a,
			const struct instant *now, struct mobile_out *out)
{
	bool ours = same_agent(&m->reg.agent, a);

	if (own_address(m, m->link, a, now->t))
		return;
	/* Where we are served from our own address, a word that came late is for the next time. */
	if (m->reg.agent.colocated && !a->home && !m->link->colo_refused &&
	    (m->ho.state == HO_REGISTERING ||
	     (m->ho.state == HO_IDLE && reg_serves(&m->reg, now->t))))
		return;

	if (m->ho.state == HO_FINDING) {
		handoff_agent(m, a, now, out);
	} else if (m->ho.state == HO_REGISTERING && !ours && m->disc.sent != 0 &&
		   !has_his_time(m)) {
		handoff_agent(m, a, now, out); /* the remembered one is not there any more */
	} else if (m->ho.state != HO_IDLE) {
		if (ours)
			handoff_second_heard(m, a, now, out);
		if (ours && heard == HEARD_REBOOTED)
			restarted(m, a, now, out);
	} else if (ours && heard == HEARD_REBOOTED) {
		core_note(out, "the agent was restarted: registering again");
		node_keys_forget(&m->keys, a->care_of);
		core_register(m, a, NULL, now);
	} else if (!ours && (m->reg.state == REG_NONE || a->home ||
			     ((m->reg.tries > 0 || !reg_serves(&m->reg, now->t)) &&
			      !has_his_time(m)))) {
		/* RFC 5944 2.4.2: while a registration is fresh, another
		 * agent's advertisement is no reason to move. */
		core_register(m, a, NULL, now);
	}
}

/* An access point's agent speaks as soon as the port is open, perhaps before the supplicant has
 * told us that it is: that is no word on the link that we are leaving. */
#define OVERHEARD_MAX MSEC(50)

static void overhear(struct mobile *m, const struct advert *ad, const struct mac *mac, uint32_t src,
		     const struct instant *now)
{
	if (m->ho.state == HO_ROAMING && src == m->ho.first.addr &&
	    mac_equal(mac, &m->ho.first.mac))
		return; /* a last word of the one that we leave */
	m->link->overheard =
	    (struct overheard){ .at = now->t, .ad = *ad, .mac = *mac, .src = src };
}

/* An agent learns from our own registration that a NAT is before it, and says so at once: it keeps
 * nothing then that could be forwarded. */
static void changed_its_mind(struct mobile *m, const struct known_agent *a,
			     const struct instant *now)
{
	if (!same_agent(&m->reg.agent, a) || m->reg.agent.buffers == a->buffers)
		return;
	m->reg.agent.buffers = a->buffers;
	m->reg.agent.flags = a->flags;
	if (reg_is_bound(&m->reg, now->t))
		ask_agent(m, now);
}

/* The link is new, and somebody else has served here: he is asked, at once, as the port is open. */
static bool outranked(const struct mobile *m, const struct known_agent *a)
{
	struct known_agent k;

	return m->link->open_at != MTIME_NEVER && !a->home &&
	       colocated_agent_at(m, &m->link->bss.bssid, &k) && k.served && !same_agent(&k, a);
}

static void heard(struct mobile *m, const struct advert *ad, const struct mac *mac, uint32_t src,
		  const struct instant *now, struct mobile_out *out)
{
	struct known_agent a;
	enum heard what =
	    discovery_heard(&m->disc, ad, mac, src, &m->link->bss.bssid, now->t, &a);

	if (what == HEARD_USELESS)
		return;
	changed_its_mind(m, &a, now);
	m->link->agent = a;
	m->link->like = power_said(ad, mac, src);
	if (outranked(m, &a)) {
		m->link->open_at = now->t;
		return;
	}
	m->link->open_at = MTIME_NEVER;
	if (core_on_radio(m))
		places_agent(&m->places, &m->link->bss, now->t);
	if (!m->deregistered)
		agent_heard(m, what, &a, now, out);
}

void core_overheard(struct mobile *m, const struct instant *now, struct mobile_out *out)
{
	struct overheard o = m->link->overheard;

	m->link->overheard.at = 0;
	if (o.at && now->t - o.at <= OVERHEARD_MAX)
		heard(m, &o.ad, &o.mac, o.src, now, out);
}

/* By an interface that does not serve: for later. */
static void heard_elsewhere(struct mobile *m, struct core_link *l, const struct advert *ad,
			    const struct mac *mac, uint32_t src, const struct instant *now)
{
	struct known_agent a;

	if (discovery_heard(&m->disc, ad, mac, src, &l->bss.bssid, now->t, &a) == HEARD_USELESS)
		return;
	l->agent = a;
	l->like = power_said(ad, mac, src);
	own_address(m, l, &a, now->t);
}

void mobile_icmp(struct mobile *m, unsigned link, const struct mac *mac, uint32_t src,
		 const uint8_t *icmp, size_t n, const struct instant *now, struct mobile_out *out)
{
	struct core_link *l = &m->links[link];
	struct advert ad;
	enum drop why = advert_decode(icmp, n, &ad);

	core_begin(m, out);
	m->counters.adverts += why == DROP_NONE;
	if (why != DROP_NONE)
		core_drop(m, why);
	else if (l != m->link && l->attached)
		heard_elsewhere(m, l, &ad, mac, src, now);
	else if (l != m->link)
		core_drop(m, DROP_NOT_MINE);
	else if (!m->link->attached || m->ho.state == HO_ROAMING)
		overhear(m, &ad, mac, src, now);
	else
		heard(m, &ad, mac, src, now, out);
	core_finish(m, now, out);
}
