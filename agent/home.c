/* SPDX-License-Identifier: MIT */
#include "agent/home.h"

#include "agent/away.h"
#include "agent/known.h"

struct asked {
	const struct from *f;
	const uint8_t *p;
	size_t n;
	uint32_t src, dst;
	struct mip_request r;
	struct mip_exts x;
	const struct agent_node_conf *conf;
	const struct sa *node, *peer; /* MN-HA; FA-HA or NULL */
	struct seen *seen;
	struct udp_answer udp;
};

static bool fa_ha_valid(const struct asked *q)
{
	return q->peer && q->x.n_fa_ha == 1 && auth_check(q->p, q->n, &q->x.fa_ha, q->peer);
}

/* Whose key vouches for it; NULL: nobody's.  Behind a NAT an agent's care-of address says who it
 * is. */
static const struct sa *bringer(const struct agent *a, const struct asked *q)
{
	const struct sa *sa;

	if (udp_by_itself(&q->r, &q->x) || (udp_through(&q->r, &q->x) && !q->x.n_fa_ha))
		return NULL;
	sa = conf_peer(a, q->src);
	return sa || !udp_of_agent(&q->r, &q->x) ? sa : conf_peer(a, q->r.care_of);
}

/* RFC 5944 3.8.2.1 and 3.8.2.2: what is not answered at all.  DROP_NONE: go on. */
static enum drop unanswered(const struct agent *a, struct asked *q)
{
	const struct agent_node_conf *nc;
	enum drop why = mip_request_decode(q->p, q->n, &q->r, &q->x);

	if (why != DROP_NONE)
		return why;
	if (q->x.n_mn_ha != 1)
		return DROP_NO_AUTH;
	nc = known_by_nai(a, &q->x.nai, &q->seen);
	if (!nc)
		nc = conf_node(a, q->r.home_addr, &q->seen);
	if (!nc || nc->sa.spi != q->x.mn_ha.spi)
		return DROP_NO_KEY;
	q->conf = nc;
	q->node = &nc->sa;
	q->peer = bringer(a, q);
	return DROP_NONE;
}

bool care_of_ok(const struct agent *a, uint32_t home, uint32_t care_of, bool co_located)
{
	return addr_is_unicast(care_of) && care_of != home &&
	       (care_of != a->c.home_agent || (a->c.foreign && care_of == a->c.care_of)) &&
	       !(co_located && own_addr(a, care_of));
}

/* RFC 3024 4.2 and the end of RFC 5944 3.8.2.1's list; CODE_ACCEPTED: nothing to say against it. */
static uint8_t policy(const struct agent *a, struct asked *q)
{
	const struct way from = {q->src, q->f->sport};
	const struct mip_request *r = &q->r;
	uint8_t code;

	if (!addr_is_unicast(q->dst) || r->home_agent != a->c.home_agent)
		return CODE_HA_UNKNOWN;
	if (!in_home_net(a, r->home_addr) || r->home_addr == a->c.home_agent)
		return CODE_HA_PROHIBITED;
	if (!r->lifetime_s)
		return CODE_ACCEPTED;
	if (!care_of_ok(a, r->home_addr, r->care_of, r->flags & MIP_D))
		return CODE_HA_MALFORMED;
	if (r->flags & (MIP_M | MIP_G))
		return CODE_HA_ENCAPSULATION;
	code = udp_judge(a, r, &q->x, &from, q->peer != NULL, &q->udp);
	if (code != CODE_ACCEPTED)
		return code;
	if (a->c.home_reverse_mandatory && !(r->flags & MIP_T))
		return CODE_HA_REVERSE_MANDATORY;
	return CODE_ACCEPTED;
}

/*
 * The same Request once more: the network doubled it, or the agent that relayed it did.  The same
 * answer then; but an old one is somebody's record of it, and gets none of that.
 */
static bool repeated(const struct agent *a, const struct asked *q)
{
	return q->seen->reg_id && q->r.id == q->seen->reg_id &&
	       replay_check(0, q->r.id, a->now.ntp, a->c.replay_tolerance_s) == REPLAY_OK;
}

/*
 * A Request that was refused for being ahead of our clock stays refused when its time comes: else
 * whoever kept it could send it then, and the node's own Requests would look old.
 */
static bool was_early(const struct asked *q)
{
	for (unsigned i = 0; i < EARLY_MAX; i++)
		if (q->r.id && q->seen->early[i] == q->r.id)
			return true;
	return false;
}

static enum replay identification(struct agent *a, const struct asked *q)
{
	uint64_t clock = clock_after(a, q->seen->reg_id);
	bool old = was_early(q) || (a->floor && (int64_t)(q->r.id - a->floor) <= 0);
	enum replay result = old ? REPLAY_OLD
				 : replay_check(q->seen->reg_id, q->r.id, clock,
						a->c.replay_tolerance_s);

	if (result == REPLAY_SKEW && (int64_t)(q->r.id - clock) > 0) {
		q->seen->early[q->seen->early_next++ % EARLY_MAX] = q->r.id;
		kept_heard(a);
	}
	return result;
}

/*
 * For an agent that we share a key with, but not brought by it.  Behind a NAT an address is
 * nobody's in particular: a hotel's network may use the one of our agent in another private one.
 */
static bool in_agents_name(const struct agent *a, const struct asked *q)
{
	bool elsewhere = (udp_by_itself(&q->r, &q->x) || udp_through(&q->r, &q->x)) &&
			 q->src != q->r.care_of;

	return !elsewhere && conf_peer(a, q->r.care_of);
}

/* RFC 2794 3.1: a node that has proved itself may ask for an address with 0, and only for its own
 * with another. */
static uint8_t home_address(struct agent *a, struct asked *q)
{
	uint32_t addr = known_address(a, q->conf, q->r.home_addr);

	if (!addr)
		return CODE_HA_RESOURCES;
	if (q->r.home_addr && q->r.home_addr != addr)
		return CODE_HA_PROHIBITED;
	q->r.home_addr = addr;
	return CODE_ACCEPTED;
}

/* The authenticators and the Identification, in the order of RFC 5944 3.8.2.1. */
static uint8_t judge(struct agent *a, struct asked *q, enum drop *why)
{
	uint8_t code;

	if (!auth_check(q->p, q->n, &q->x.mn_ha, q->node)) {
		*why = DROP_BAD_AUTH;
		return CODE_HA_MN_AUTH;
	}
	if (!repeated(a, q)) {
		switch (identification(a, q)) {
		case REPLAY_OLD:
			*why = DROP_REPLAY;
			return CODE_HA_ID;
		case REPLAY_SKEW:
			*why = DROP_STALE;
			return CODE_HA_ID;
		case REPLAY_OK:
			break;
		}
	}
	if (q->r.lifetime_s && (q->peer ? !fa_ha_valid(q) : in_agents_name(a, q))) {
		*why = q->x.n_fa_ha ? DROP_BAD_AUTH : DROP_NO_AUTH;
		return CODE_HA_FA_AUTH;
	}
	code = home_address(a, q);
	return code == CODE_ACCEPTED ? policy(a, q) : code;
}

/* Only to the very agent that the node has named, and that vouched for the Request. */
static bool may_deal(const struct asked *q)
{
	return q->peer && q->src == q->r.care_of;
}

static struct accepted as_accepted(const struct agent *a, const struct asked *q)
{
	const struct binding *b = binding_find(a, q->r.home_addr);

	return (struct accepted){.f = q->f,
				 .r = &q->r,
				 .x = &q->x,
				 .p = q->p,
				 .n = q->n,
				 .sa = q->node,
				 .care_of = b ? b->care_of : 0,
				 .to = b ? b->to : (struct way){0},
				 .co_located = b && b->co_located,
				 .reverse = b && b->reverse};
}

static bool deregister(struct agent *a, const struct asked *q, const struct accepted *h)
{
	const struct mip_request *r = &q->r;

	/* From elsewhere it may come by this link, too: that is where a router sends it from. */
	if (q->f->on_link && homelink_is(a, q->f->link) && q->src == r->home_addr &&
	    !homelink_arrived(a, h))
		return false; /* and it stays bound: RFC 5944 4.6 */
	binding_delete(a, r->home_addr, r->care_of == r->home_addr ? 0 : r->care_of);
	return true;
}

/* Nothing is granted for longer than was asked for. */
static uint16_t longest(const struct agent *a, const struct asked *q)
{
	uint16_t t = a->c.home_lifetime_s;

	if (q->udp.granted && t > a->c.home_udp_lifetime_s)
		t = a->c.home_udp_lifetime_s;
	return q->r.lifetime_s < t ? q->r.lifetime_s : t;
}

/* Binds it, and with it all that its agent serves, where the NAT before that has changed. */
static bool bind(struct agent *a, const struct asked *q, uint16_t lifetime_s)
{
	const struct binding *b = binding_find(a, q->r.home_addr);
	bool follows = b && b->to.port && b->care_of == q->r.care_of && q->udp.granted &&
		       fa_ha_valid(q) && udp_of_agent(&q->r, &q->x) &&
		       !way_equal(&b->to, &q->udp.to);
	struct way before = b ? b->to : (struct way){ 0 };

	if (!binding_set(a, &q->r, &q->udp, lifetime_s))
		return false;
	if (follows)
		bindings_follow(a, b, &before);
	return true;
}

static uint8_t accept(struct agent *a, const struct asked *q, uint16_t *lifetime_s)
{
	const struct accepted was = as_accepted(a, q);
	const struct mip_request *r = &q->r;

	if (!r->lifetime_s) {
		*lifetime_s = 0;
		if (!deregister(a, q, &was))
			return CODE_HA_RESOURCES;
	} else {
		*lifetime_s = longest(a, q);
		if (!bind(a, q, *lifetime_s))
			return CODE_HA_RESOURCES;
		known_give(a, q->conf, r->home_addr);
		a->count.udp_granted += q->udp.granted;
		a->count.udp_declined += q->udp.reply.present && !q->udp.granted;
	}
	if (a->c.deal_keys && r->lifetime_s && may_deal(q)) {
		deal_draw(a, &q->seen->draw);
		a->count.keys_dealt++;
	} else {
		q->seen->draw.spi = 0;
	}
	/* One clock for orders and registrations: an order that one of these overtook is void. */
	if (!q->seen->home_order_id || (int64_t)(r->id - q->seen->home_order_id) > 0)
		q->seen->home_order_id = r->id;
	away_moved(a, r->home_addr, r->id);
	if (r->lifetime_s && (r->flags & MIP_D))
		away_second(a, &was);
	return CODE_ACCEPTED_NO_SIMULTANEOUS; /* RFC 5944 3.8.3.1: 0 would promise several bindings
						 a node */
}

/* RFC 5944 3.8.3: MN-HA, then what is for the foreign agent alone. */
static size_t encode(const struct agent *a, const struct asked *q, uint8_t code,
		     uint16_t lifetime_s, uint8_t *buf, size_t cap)
{
	struct mip_reply m = {
		.code = code,
		.lifetime_s = lifetime_s,
		.home_addr = q->r.home_addr,
		.home_agent = code == CODE_HA_UNKNOWN ? a->c.home_agent : q->r.home_agent,
		.id = q->r.id,
	};
	struct wbuf w = wb_init(buf, cap);
	struct dealt_node nonce = { .spi = 0 };
	struct dealt_agent key = { .spi = 0 };
	bool tunnelled;

	if (mip_code_accepted(code) && lifetime_s && q->seen->draw.spi && may_deal(q))
		deal_fill(a, &q->seen->draw, q->node, q->peer, q->r.home_addr, q->r.care_of,
			  lifetime_s == LIFETIME_INFINITE ? DEALT_FOR_EVER : lifetime_s, &nonce,
			  &key);
	if (code == CODE_HA_ID) /* 5.7.1: our clock above, the request's own half below */
		m.id = (clock_after(a, q->seen->reg_id) & ~(uint64_t)0xffffffff) |
		       (q->r.id & 0xffffffff);
	mip_reply_encode(&w, &m);
	tunnelled = mip_code_accepted(code) && lifetime_s && q->udp.reply.present;
	if (tunnelled && q->udp.reply.before_mn_ha)
		mip_udp_reply_append(&w, &q->udp.reply);
	if (q->x.nai.left)
		mip_nai_append(&w, q->x.nai.p, q->x.nai.left);
	if (nonce.spi)
		mip_node_nonce_append(&w, &nonce);
	auth_append(&w, EXT_MN_HA, 0, q->node);
	if (tunnelled && !q->udp.reply.before_mn_ha)
		mip_udp_reply_append(&w, &q->udp.reply);
	if (key.spi)
		mip_agent_key_append(&w, &key);
	if (q->peer)
		auth_append(&w, EXT_FA_HA, 0, q->peer);
	return wb_ok(&w) ? w.len : 0;
}

#define STRANGER_ANSWERS 10 /* a second: several nodes with a wrong key behind one NAT */
#define REGISTRATIONS 10    /* a second and node: a handoff takes two, and a repeat or two */

/*
 * Whoever sends what he could have copied or made up gets an answer a second, and nobody whose
 * address he borrows gets more; not even by the names of many nodes, unless he has copied from each
 * of them.  A foreign agent that vouches for its words is answered always.
 */
static bool may_hear(struct agent *a, const struct asked *q, uint8_t code)
{
	return fa_ha_valid(q) ||
	       ((code != CODE_HA_MN_AUTH || rate_ok(a, RATE_STRANGER, q->src, STRANGER_ANSWERS)) &&
		rate_ok(a, RATE_UNPROVEN, (uint64_t)q->r.home_addr << 24 ^ q->src, 1));
}

size_t home_answer(struct agent *a, const struct from *f, const uint8_t *p, size_t n, uint8_t *buf,
		   size_t cap)
{
	struct asked q = { .f = f, .p = p, .n = n, .src = f->src, .dst = f->dst };
	uint16_t lifetime_s;
	enum drop why;
	uint8_t code;

	a->count.requests++;
	why = unanswered(a, &q);
	if (why != DROP_NONE) {
		drop(a, why);
		return 0;
	}
	lifetime_s = q.r.lifetime_s;
	code = judge(a, &q, &why);
	if (code == CODE_HA_MN_AUTH && q.peer && !fa_ha_valid(&q)) {
		drop(a, why);
		return 0;
	}
	if (code != CODE_HA_MN_AUTH && code != CODE_HA_ID && !q.peer && q.x.n_fa_ha) {
		drop(a, DROP_NO_KEY); /* 3.8.2.1 (d) */
		return 0;
	}
	if ((code == CODE_HA_MN_AUTH || code == CODE_HA_ID || repeated(a, &q)) &&
	    !may_hear(a, &q, code)) {
		drop(a, why != DROP_NONE ? why : DROP_RATE);
		return 0;
	}
	if (why == DROP_NONE && repeated(a, &q)) {
		code = q.seen->reg_code;
		lifetime_s = q.seen->reg_lifetime_s;
		drop(a, DROP_REPLAY);
		return encode(a, &q, code, lifetime_s, buf, cap);
	}
	/* After all checks: nobody else can use up what the node has. */
	if (why == DROP_NONE && !rate_count(a, &q.seen->registered, REGISTRATIONS)) {
		drop(a, DROP_RATE);
		return 0;
	}
	if (code == CODE_ACCEPTED)
		code = accept(a, &q, &lifetime_s);
	if (why == DROP_NONE) {
		kept_heard(a);
		q.seen->reg_id = q.r.id;
		q.seen->reg_code = code;
		q.seen->reg_lifetime_s = lifetime_s;
	} else {
		drop(a, why);
	}
	if (mip_code_accepted(code))
		a->count.accepted++;
	else
		a->count.denied++;
	return encode(a, &q, code, lifetime_s, buf, cap);
}
