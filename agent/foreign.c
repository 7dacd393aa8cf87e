/* SPDX-License-Identifier: MIT */
#include "agent/foreign.h"

#include "agent/home.h"
#include "agent/known.h"
#include "agent/natted.h"

#include <assert.h>

#define FINE (-1)

struct asked {
	const struct from *f;
	const uint8_t *p;
	size_t n;
	struct mip_request r;
	struct mip_exts x;
	uint32_t reply_src;
};

uint32_t foreign_hears(const struct from *f, uint32_t home, bool co_located)
{
	if (co_located)
		return f->src;
	return home ? home : ADDR_BROADCAST;
}

/* RFC 5944 3.7.2.3: at most one a second a node. */
void foreign_deny(struct agent *a, const struct from *f, const struct mip_request *r,
		  uint32_t reply_src, uint8_t code)
{
	struct mip_reply m = {
		.code = code,
		.lifetime_s = code == CODE_FA_LIFETIME ? a->c.foreign_lifetime_s : r->lifetime_s,
		.home_addr = r->home_addr,
		.home_agent = r->home_agent,
		.id = r->id,
	};
	const struct sa *sa = conf_mn_fa(a, r->home_addr);
	uint64_t who = r->home_addr ? r->home_addr : rate_mac(&f->mac);
	uint8_t buf[MIP_REPLY_LEN + 40];
	struct wbuf w = wb_init(buf, sizeof(buf));

	a->count.denied++;
	if (!rate_ok(a, RATE_DENIAL, who, 1)) {
		drop(a, DROP_RATE);
		return;
	}
	mip_reply_encode(&w, &m);
	if (sa)
		auth_append(&w, EXT_MN_FA, 0, sa);
	assert(wb_ok(&w));
	out_link_udp(a, f, reply_src, foreign_hears(f, r->home_addr, r->flags & MIP_D), TOS_CS6,
		     buf, w.len);
}

static int check_auth(struct agent *a, const struct asked *q)
{
	const struct sa *sa = conf_mn_fa(a, q->r.home_addr);

	if (!sa)
		return FINE;
	if (q->x.n_mn_fa != 1) {
		drop(a, DROP_NO_AUTH);
		return CODE_FA_MN_AUTH;
	}
	if (!auth_check(q->p, q->n, &q->x.mn_fa, sa)) {
		drop(a, DROP_BAD_AUTH);
		return CODE_FA_MN_AUTH;
	}
	return FINE;
}

/* RFC 3024 4.1 */
static int check_reverse(const struct agent *a, const struct asked *q)
{
	bool t = q->r.flags & MIP_T;

	if (q->r.flags & MIP_D)
		return FINE; /* its tunnel does not end here */
	if (q->r.flags & (MIP_M | MIP_G))
		return CODE_FA_ENCAPSULATION;
	if (q->x.encap_delivery)
		return CODE_FA_DELIVERY_STYLE;
	if (!t && a->c.foreign_reverse_mandatory)
		return CODE_FA_REVERSE_MANDATORY;
	if (t && q->f->ttl != 255)
		return CODE_FA_TOO_DISTANT;
	if (t && !a->c.foreign_reverse)
		return CODE_FA_REVERSE_UNAVAILABLE;
	return FINE;
}

/* A stranger's Requests in its name take no room from the node's own. */
static unsigned pending_of(const struct agent *a, uint32_t home, const struct mac *mac)
{
	unsigned n = 0;

	for (unsigned i = 0; i < a->n_pending; i++)
		n += a->pending[i].home == home && mac_equal(&a->pending[i].from.mac, mac);
	return n;
}

static int check_room(struct agent *a, const struct asked *q)
{
	const struct node *n = node_find(a, q->r.home_addr);
	bool new = q->r.lifetime_s && !(q->r.flags & MIP_D) && !(n && n->up);

	if (pending_of(a, q->r.home_addr, &q->f->mac) >= PENDING_PER_NODE)
		return CODE_FA_RESOURCES;
	if (new && a->n_visitors >= a->c.max_visitors)
		return CODE_FA_RESOURCES;
	if (new && a->c.foreign_busy)
		return CODE_FA_PROHIBITED;
	return FINE;
}

/* RFC 2794 5: it may ask for a home address by its name. */
static int check_home(const struct agent *a, const struct mip_request *r, const struct mip_exts *x)
{
	if (!r->home_addr && !x->nai.left)
		return CODE_FA_MALFORMED_REQUEST;
	if (!r->home_addr && x->nai.left > NAI_MAX)
		return CODE_FA_NONZERO_HOME;
	if (r->home_addr && (!addr_is_unicast(r->home_addr) || own_addr(a, r->home_addr)))
		return CODE_FA_MALFORMED_REQUEST;
	return FINE;
}

/* We are its home agent. */
static bool ours(const struct agent *a, const struct mip_request *r, const struct mip_exts *x)
{
	struct seen *seen;

	return conf_node(a, r->home_addr, NULL) || known_by_nai(a, &x->nai, &seen);
}

/* A co-located node's (R): we relay, and have no part in its tunnel. */
static bool own_elsewhere(const struct agent *a, const struct mip_request *r)
{
	return addr_is_unicast(r->care_of) && !own_addr(a, r->care_of) &&
	       r->care_of != r->home_addr && r->care_of != r->home_agent;
}

/* RFC 5944 3.7.2 and RFC 3024 4.1, in the order in which they are printed. */
static int check(struct agent *a, const struct asked *q)
{
	const struct mip_request *r = &q->r;
	int code;

	if (r->home_agent != a->c.home_agent && own_addr(a, r->home_agent))
		return CODE_INVALID_HA;
	if (r->home_agent == a->c.home_agent && own_addr(a, r->home_agent) && !ours(a, r, &q->x))
		return CODE_INVALID_HA;
	code = check_home(a, r, &q->x);
	if (code != FINE)
		return code;
	if (!addr_is_unicast(r->home_agent) || r->home_agent == r->home_addr || q->x.n_mn_ha != 1)
		return CODE_FA_MALFORMED_REQUEST;
	if ((r->flags & MIP_D) && !a->c.foreign_required)
		return CODE_FA_PROHIBITED; /* it registers by itself: we do not advertise R */
	if (r->lifetime_s && (r->flags & MIP_D ? !own_elsewhere(a, r)
					       : r->care_of != a->c.care_of))
		return CODE_FA_CARE_OF;
	code = check_auth(a, q);
	if (code == FINE)
		code = check_reverse(a, q);
	if (code == FINE && r->lifetime_s > a->c.foreign_lifetime_s)
		code = CODE_FA_LIFETIME;
	if (code == FINE)
		code = check_room(a, q);
	return code;
}

/* RFC 3519 4.5; whether there is a NAT the home agent sees. */
static bool asks_udp(const struct agent *a, const struct asked *q)
{
	return q->r.lifetime_s && q->r.care_of == a->c.care_of && !(q->r.flags & MIP_D) &&
	       !q->x.udp_request.before_mn_ha && natted_asks(a, q->r.home_agent);
}

/* Until where the node's bytes go on, and who vouches for us: RFC 5944 3.7.2.2. */
static size_t relayed_bytes(const struct agent *a, const struct asked *q, uint8_t *buf, size_t cap)
{
	const struct sa *sa = conf_peer(a, q->r.home_agent);
	struct wbuf w = wb_init(buf, cap);

	wb_bytes(&w, q->p, q->x.home_end);
	if (asks_udp(a, q))
		mip_udp_request_append(&w, &(struct mip_udp_request){ 0 });
	/* From behind a NAT nobody knows whose it would be, and R says enough: udptunnel.c */
	if (sa && q->r.lifetime_s && !udp_through(&q->r, &q->x))
		auth_append(&w, EXT_FA_HA, 0, sa);
	return wb_ok(&w) ? w.len : 0;
}

static struct pending *pending_repeated(struct agent *a, const struct asked *q)
{
	for (unsigned i = 0; i < a->n_pending; i++)
		if (a->pending[i].home == q->r.home_addr && a->pending[i].id == q->r.id &&
		    mac_equal(&a->pending[i].from.mac, &q->f->mac))
			return &a->pending[i];
	return NULL;
}

/*
 * Who comes is not known before its home agent has answered: where a flood of strangers fills the
 * table the oldest goes, so that each has what they take to fill it again, and not nothing.
 */
static void make_room(struct agent *a)
{
	struct pending *oldest = a->pending;

	for (unsigned i = 1; i < a->n_pending; i++)
		if (a->pending[i].at < oldest->at)
			oldest = &a->pending[i];
	drop(a, DROP_LIMIT);
	pending_remove(a, oldest);
}

static struct pending *pending_add(struct agent *a, const struct asked *q)
{
	struct pending *p;

	if (a->n_pending >= a->c.max_pending)
		make_room(a);
	p = &a->pending[a->n_pending++];
	*p = (struct pending){
		.id = q->r.id,
		.home = q->r.home_addr,
		.home_agent = q->r.home_agent,
		.reply_src = q->reply_src,
		.lifetime_s = q->r.lifetime_s,
		.reverse = q->r.flags & MIP_T,
		.co_located = q->r.flags & MIP_D,
		.udp = asks_udp(a, q),
		.from = *q->f,
		.at = a->now.t,
	};
	if (!p->home) {
		p->nai_len = (uint8_t)q->x.nai.left;
		memcpy(p->nai, q->x.nai.p, p->nai_len);
	}
	return p;
}

static void relay(struct agent *a, const struct asked *q)
{
	struct pending *p = pending_repeated(a, q);
	struct from self = { .src = a->c.care_of, .dst = a->c.home_agent };
	uint8_t buf[MIP_MSG_MAX + 64], reply[MIP_MSG_MAX];
	size_t n = relayed_bytes(a, q, buf, sizeof(buf));

	if (!n) {
		drop(a, DROP_TOO_BIG);
		return;
	}
	if (p)
		p->repeated = true;
	else
		p = pending_add(a, q);
	if (!p->co_located)
		trigger_ride(a, p, &q->x);
	a->count.relayed++;
	if (own_addr(a, q->r.home_agent)) { /* the home agent is in this very process */
		if (!p->co_located)
			hold_request(a, p, &q->x);
		n = home_answer(a, &self, buf, n, reply, sizeof(reply));
		if (n)
			foreign_reply(a, a->c.home_agent, reply, n);
		return;
	}
	out_udp(a, a->c.care_of, q->r.home_agent, MIP_PORT, buf, n);
	if (!p->co_located)
		hold_request(a, p, &q->x);
}

/*
 * A Request of the node's, sent again by another station: the frame's source is nothing that the
 * node signed, so it goes by who was first.  Whoever comes with a newer one has the key.
 */
static bool copied(struct agent *a, const struct asked *q)
{
	struct seen *s;

	if (!conf_node(a, q->r.home_addr, &s))
		return false;
	if (!s->relayed_id || (int64_t)(q->r.id - s->relayed_id) > 0) {
		s->relayed_id = q->r.id;
		s->relayed_mac = q->f->mac;
		return false;
	}
	return !mac_equal(&s->relayed_mac, &q->f->mac);
}

void foreign_request(struct agent *a, const struct from *f, const uint8_t *p, size_t n)
{
	struct asked q = { .f = f, .p = p, .n = n };
	enum drop why;
	int code;

	a->count.requests++;
	why = mip_request_decode(p, n, &q.r, &q.x);
	if (why == DROP_NONE && !rate_ok(a, RATE_REQUEST, rate_mac(&f->mac), 20))
		why = DROP_RATE;
	if (why != DROP_NONE) {
		drop(a, why);
		return;
	}
	q.reply_src = own_addr(a, f->dst) ? f->dst : a->c.link_addr;
	code = check(a, &q);
	if (code != FINE)
		foreign_deny(a, f, &q.r, q.reply_src, (uint8_t)code);
	else if (copied(a, &q))
		drop(a, DROP_REPLAY);
	else
		relay(a, &q);
}
