/* SPDX-License-Identifier: MIT */
#include "agent/ahead.h"
#include "agent/foreign.h"

#include <assert.h>

/* RFC 2794 5: without an address by its name, which a Reply repeats. */
static bool is_of(const struct pending *p, const struct mip_reply *m, const struct mip_exts *x)
{
	if (p->home)
		return p->home == m->home_addr;
	return x->nai.left == p->nai_len && !memcmp(x->nai.p, p->nai, p->nai_len);
}

/*
 * The whole Identification, or where the home agent put another upper half to it (RFC 5944 5.7)
 * the lower one; of several the first that was sent: whoever copies a Request comes after.
 */
static struct pending *pending_match(struct agent *a, const struct mip_reply *m,
				     const struct mip_exts *x)
{
	struct pending *whole = NULL, *half = NULL;

	for (unsigned i = 0; i < a->n_pending; i++) {
		struct pending *p = &a->pending[i];

		if (!is_of(p, m, x) || (uint32_t)p->id != (uint32_t)m->id)
			continue;
		if (p->id == m->id && (!whole || p->at < whole->at))
			whole = p;
		if (!half || p->at < half->at)
			half = p;
	}
	return whole ? whole : half;
}

void pending_remove(struct agent *a, struct pending *p)
{
	struct node *n = node_find(a, p->home);
	struct pending was = *p;

	*p = a->pending[--a->n_pending];
	ahead_over(a, &was);
	secret_wipe(&was.carried.kh.key);
	secret_wipe(&a->pending[a->n_pending].carried.kh.key);
	if (!n)
		return;
	hold_changed(a, n);
	node_reap(a, n);
}

static struct mip_request as_request(const struct pending *p)
{
	return (struct mip_request){
	    .flags = p->co_located ? MIP_D : 0,
	    .lifetime_s = p->lifetime_s,
	    .home_addr = p->home,
	    .home_agent = p->home_agent,
	    .id = p->id,
	};
}

void pending_fail(struct agent *a, struct pending *p, uint8_t code)
{
	struct mip_request r = as_request(p);

	foreign_deny(a, &p->from, &r, p->reply_src, code);
	pending_remove(a, p);
}

/* Never more than the node asked for or we allow: RFC 5944 3.7.3.1. */
static uint16_t granted(const struct agent *a, const struct pending *p, const struct mip_reply *m)
{
	uint16_t s = m->lifetime_s;

	s = s < p->lifetime_s ? s : p->lifetime_s;
	return s < a->c.foreign_lifetime_s ? s : a->c.foreign_lifetime_s;
}

/* RFC 5944 3.7.3.2: unchanged through MN-HA, then our own word to the node. */
static void relay(struct agent *a, const struct pending *p, const uint8_t *msg, size_t home_end)
{
	const struct sa *sa = conf_mn_fa(a, p->home);
	uint8_t buf[MIP_MSG_MAX + 64];
	struct wbuf w = wb_init(buf, sizeof(buf));

	wb_bytes(&w, msg, home_end);
	if (sa)
		auth_append(&w, EXT_MN_FA, 0, sa);
	assert(wb_ok(&w));
	/* Whoever had no address to send from has none to hear by before he has read it. */
	out_link_udp(a, &p->from, p->reply_src,
		     foreign_hears(&p->from, p->from.src ? p->home : 0, p->co_located), TOS_CS6,
		     buf, w.len);
}

static void deregistered(struct agent *a, const struct pending *p)
{
	struct node *n = node_find(a, p->home);

	if (!n || !n->up || (int64_t)(p->id - n->reg_id) <= 0)
		return; /* Replies change places: it has registered again since */
	out_note(a, p->home, "deregistered");
	if (buffer_active(node_buffer(n))) {
		n->expires = a->now.t; /* a lease goes on until it ends, and nobody is here then */
		return;
	}
	visitor_down(a, n);
	node_reap(a, n);
}

/* NULL: none of our asking; its tunnel is IP-in-IP. */
static const struct mip_udp_reply *granted_udp(const struct pending *p, const struct mip_exts *x)
{
	const struct mip_udp_reply *u = &x->udp_reply;

	return p->udp && u->present && !u->before_mn_ha && u->code < MIP_UDP_DECLINED ? u : NULL;
}

/* The association with the home agent, if we have one, decides whom we believe. */
static enum drop check_auth(const struct agent *a, const struct pending *p, const uint8_t *msg,
			    size_t n, const struct mip_exts *x)
{
	const struct sa *sa = conf_peer(a, p->home_agent);

	if (!sa || ((!p->lifetime_s || p->co_located) && !x->n_fa_ha))
		return DROP_NONE; /* we have not vouched for it */
	if (x->n_fa_ha != 1)
		return DROP_NO_AUTH;
	return auth_check(msg, n, &x->fa_ha, sa) ? DROP_NONE : DROP_BAD_AUTH;
}

/* What is accepted has a home address, which may be nobody else's here. */
static bool gives_home(const struct agent *a, const struct pending *p, const struct mip_reply *m)
{
	const struct node *n = p->home ? NULL : node_look(a, ROLE_VISITOR, m->home_addr);

	return p->home || !mip_code_accepted(m->code) ||
	       (addr_is_unicast(m->home_addr) && !own_addr(a, m->home_addr) &&
		m->home_addr != p->home_agent &&
		!(n && n->up && n->home_agent != p->home_agent));
}

/* Why this Reply is not relayed, with the code that the node hears instead (0: none). */
static enum drop check(const struct agent *a, const struct pending *p, uint32_t src,
		       const struct mip_reply *m, const struct mip_exts *x, const uint8_t *msg,
		       size_t n, uint8_t *code)
{
	enum drop why;

	*code = 0;
	if (!p || src != p->home_agent)
		return DROP_UNMATCHED;
	why = check_auth(a, p, msg, n, x);
	if (why != DROP_NONE) {
		*code = CODE_FA_HA_AUTH;
		return why;
	}
	if (!mip_code_from_home(m->code) || x->n_mn_ha != 1 || !gives_home(a, p, m)) {
		*code = CODE_FA_MALFORMED_REPLY;
		return DROP_MALFORMED;
	}
	return DROP_NONE;
}

/* Our part of what the home agent dealt: FA-HA was checked, and covers it. */
static void take_key(struct agent *a, const struct pending *p, const struct mip_exts *x)
{
	const struct sa *sa = conf_peer(a, p->home_agent);
	struct node *n = node_find(a, p->home);

	if (x->agent_key.spi && sa && n && n->up && n->reg_id == p->id)
		keys_take(a, n, sa, &x->agent_key);
}

/*
 * By its lower half alone a Reply moves nobody who is here to another station, nor sends him away:
 * it may be the node's own, come twice, and this Request a stranger's copy with another upper half.
 */
static bool may_be_anothers(struct agent *a, const struct pending *p, const struct mip_reply *m)
{
	const struct node *n = node_find(a, p->home ? p->home : m->home_addr);

	return p->id != m->id && n && n->up && !mac_equal(&n->mac, &p->from.mac);
}

void foreign_reply(struct agent *a, uint32_t src, const uint8_t *msg, size_t n)
{
	struct mip_exts x;
	struct mip_reply m;
	struct mip_request r;
	struct pending *p;
	uint16_t lifetime_s;
	enum drop why;
	bool accepted;
	uint8_t code;

	why = mip_reply_decode(msg, n, &m, &x);
	if (why != DROP_NONE) {
		drop(a, why);
		return;
	}
	p = pending_match(a, &m, &x);
	why = check(a, p, src, &m, &x, msg, n, &code);
	if (why != DROP_NONE) {
		drop(a, why);
		if (code) {
			r = as_request(p); /* and it stays pending: the real one may still come */
			foreign_deny(a, &p->from, &r, p->reply_src, code);
		}
		return;
	}
	lifetime_s = granted(a, p, &m);
	accepted = mip_code_accepted(m.code) && !may_be_anothers(a, p, &m);
	if (accepted) {
		p->home = m.home_addr;
		a->count.accepted++;
		if (p->co_located) {
			deregistered(a, p); /* if it was a visitor */
		} else if (lifetime_s) {
			visitor_accept(a, p, lifetime_s, granted_udp(p, &x));
			take_key(a, p, &x);
		} else if (!p->lifetime_s) {
			deregistered(a, p);
		}
	} else if (!mip_code_accepted(m.code)) {
		a->count.denied++;
	}
	relay(a, p, msg, x.home_end);
	if (accepted && lifetime_s && !p->co_located)
		trigger_ridden(a, p);
	if (!p->repeated)
		rtt_measured(a, src, a->now.t - p->at);
	pending_remove(a, p);
}

void pending_tick(struct agent *a)
{
	for (unsigned i = a->n_pending; i-- > 0;) {
		if (out_room(a))
			hold_repeat(a, &a->pending[i]);
		if (a->now.t < a->pending[i].at + PENDING_AGE)
			continue;
		if (!out_room(a))
			return;
		pending_fail(a, &a->pending[i], CODE_FA_TIMEOUT);
	}
}

/* They are max_pending at most, a constant, and looked at after control messages alone. */
mtime pending_deadline(const struct agent *a)
{
	mtime t = MTIME_NEVER;

	for (unsigned i = 0; i < a->n_pending; i++)
		t = mtime_min(t, mtime_min(a->pending[i].at + PENDING_AGE,
					   hold_deadline(&a->pending[i])));
	return t;
}
