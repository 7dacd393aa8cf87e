/* SPDX-License-Identifier: MIT */
#include "client/registration.h"

#include <string.h>

#define BACKOFF_MIN SEC(1)     /* RFC 5944 3.6.3: never more often than once a second */
/* the RFC allows the lifetime; a node that waits half an hour is of no use */
#define BACKOFF_MAX SEC(64)
#define DENIED_BACKOFF SEC(4)  /* an answer that says no is not a lost packet */
#define DEREGISTER_TRIES 3
#define UNHEARD 3 /* within 3 s: one may be lost, two in a row hardly ever */

/*
 * What each event does in each state.  asks: a Request goes out at once; repeats come after 1 s,
 * then twice as long each time.  A new state is a new exchange.  -: nothing; drop: counted.
 *
 * HOME: start asks, stop and deregister lead to NONE, replies are dropped; nothing else happens.
 * With the home agent on its own link REQUESTING asks for 0 s, and 0 or 1 lead to HOME.
 *
 *                   NONE        REQUESTING    BOUND        RENEWING       DEREGISTERING
 * start             asks, -> REQUESTING (in every state)
 * stop              -           -> NONE       -> NONE      -> NONE        -> NONE
 * deregister        -           asks for 0 s, -> DEREGISTERING (in the other four)
 * reply 0, 1        drop        -> BOUND      drop         -> BOUND       -> NONE
 *   for 0 s         drop        -> NONE       drop         -> NONE        -> NONE
 * reply 69          drop        asks for less drop         asks for less  -> NONE
 * reply 133         drop        asks          drop         asks           asks for 0 s
 * reply 129 to a chosen address: as 133, for another one; again: as denied
 *   either again    drop        as denied     drop         as denied      -> NONE
 * denied            drop        waits 4 s *   drop         waits 4 s *    -> NONE
 * stray or forged   drop        drop          drop         drop           drop
 * reply 78          drop        -             drop         -              -> NONE
 * deadline          -           asks          -> RENEWING  asks           asks for 0 s;
 *                                               and asks                    3rd: -> NONE
 * deadline after    -           asks          -> RENEWING  -> REQUESTING  as deadline
 *   it expired                                  and asks     and asks
 *
 * other address   -           asks anew     -> RENEWING  asks anew      -
 *   of home agent                             and asks
 *
 * 69 and 133 are repaired once an exchange, at once: RFC 5944 3.6.2.3.
 * * or twice as long as the time before, up to 64 s.
 */
const char *reg_state_name(enum reg_state s)
{
	static const char *const name[] = {
		[REG_NONE] = "none",
		[REG_REQUESTING] = "requesting",
		[REG_BOUND] = "bound",
		[REG_RENEWING] = "renewing",
		[REG_DEREGISTERING] = "deregistering",
		[REG_HOME] = "home",
	};

	return name[s];
}

/* A new state begins a new exchange: its first request takes a
 * new Identification, so a late reply cannot match. */
static void enter(struct registration *r, enum reg_state to, mtime deadline)
{
	r->state = to;
	r->tries = 0;
	r->backoff = 0;
	r->repaired = false;
	r->deadline = deadline;
}

void reg_init(struct registration *r)
{
	memset(r, 0, sizeof(*r));
	enter(r, REG_NONE, MTIME_NEVER);
}

void reg_start(struct registration *r, const struct reg_conf *c, const struct known_agent *agent,
	       const struct sa *agent_sa, const struct reg_riders *riders, mtime now)
{
	r->agent = *agent;
	memset(&r->agent_sa, 0, sizeof(r->agent_sa));
	if (agent_sa)
		r->agent_sa = *agent_sa;
	r->ask_s = c->lifetime_s < agent->reg_lifetime_s ? c->lifetime_s : agent->reg_lifetime_s;
	if (riders)
		r->riders = *riders;
	else
		r->riders = (struct reg_riders){ .n = 0 };
	r->has_code = false;
	enter(r, REG_REQUESTING, now);
}

void reg_renew(struct registration *r, mtime now)
{
	if (r->state == REG_BOUND)
		enter(r, REG_RENEWING, now);
}

void reg_again(struct registration *r, mtime now)
{
	r->has_code = false;
	switch (r->state) {
	case REG_REQUESTING:
	case REG_RENEWING:
		enter(r, r->state, now);
		break;
	case REG_BOUND:
		enter(r, REG_RENEWING, now);
		break;
	case REG_NONE:
	case REG_DEREGISTERING:
	case REG_HOME:
		break;
	}
}

/* The agent's word that it hears nothing of it, either. */
static bool unreachable(const struct registration *r)
{
	if (!r->has_code)
		return false;
	switch (r->code) {
	case CODE_FA_TIMEOUT:
	case CODE_FA_HOME_NET:
	case CODE_FA_HA_HOST:
	case CODE_FA_HA_PORT:
	case CODE_FA_HA_OTHER:
		return true;
	default:
		return false;
	}
}

bool reg_unheard(const struct registration *r)
{
	return (r->state == REG_REQUESTING || r->state == REG_RENEWING) &&
	       (r->tries >= UNHEARD || unreachable(r));
}

void reg_stop(struct registration *r)
{
	r->agent.addr = 0;
	r->expires = 0;
	enter(r, REG_NONE, MTIME_NEVER);
}

void reg_deregister(struct registration *r, mtime now)
{
	if (r->agent.addr == 0 || r->agent.home) {
		reg_stop(r);
		return;
	}
	r->riders.n = 0;
	r->riders.has_key = false;
	enter(r, REG_DEREGISTERING, now);
}

/* RFC 5944 5.7.1: the home agent's clock as far as we know it, and always more than before. */
static uint64_t next_id(struct registration *r, uint64_t ntp)
{
	/* Replies are told apart by the lower half, and repeats are whole seconds apart. */
	uint64_t id = ntp + (uint64_t)r->clock_offset + r->serial++;

	if (id <= r->floor)
		id = r->floor + 1;
	if (id <= r->last_id)
		id = r->last_id + 1;
	r->last_id = id;
	return id;
}

static size_t encode(struct registration *r, const struct reg_conf *c, uint64_t ntp, uint8_t *buf,
		     size_t cap)
{
	bool leave = r->state == REG_DEREGISTERING || r->agent.home;
	struct wbuf w = wb_init(buf, cap);
	struct mip_request m = {
		.flags = (c->reverse && (r->agent.flags & ADVERT_T) ? MIP_T : 0) |
			 (r->agent.colocated ? MIP_D : 0),
		.lifetime_s = leave ? 0 : r->ask_s,
		.home_addr = r->anew ? 0 : c->home_addr,
		.home_agent = c->home_agent,
		/* RFC 5944 3.6.1.2: the home address here deregisters every care-of address. */
		.care_of = leave ? c->home_addr : r->agent.care_of,
		.id = next_id(r, ntp),
	};

	r->asked_s = m.lifetime_s;
	mip_request_encode(&w, &m);
	if (r->agent.colocated && c->udp && !leave)
		mip_udp_request_append(&w, &(struct mip_udp_request){
						.force = c->udp_forced,
						.registration_required = r->agent.through });
	if (c->nai)
		mip_nai_append(&w, c->nai, strlen(c->nai));
	auth_append(&w, EXT_MN_HA, 0, &c->home_sa);
	for (unsigned i = 0; i < r->riders.n; i++)
		mip_ext_append(&w, SUB_RELAYED_ORDER, r->riders.order[i], r->riders.len[i]);
	if (r->riders.has_key)
		mip_ext_append(&w, SUB_HANDOFF_KEY, r->riders.key, sizeof(r->riders.key));
	if (r->agent_sa.spi)
		auth_append(&w, EXT_MN_FA, 0, &r->agent_sa);
	else if (r->agent.colocated && r->riders.n) /* for the home agent: it covers them */
		auth_append(&w, EXT_MN_FA, 0, &c->home_sa);
	return wb_ok(&w) ? w.len : 0;
}

size_t reg_due(struct registration *r, const struct reg_conf *c, const struct instant *now,
	       uint8_t *buf, size_t cap)
{
	if (now->t < r->deadline)
		return 0;
	switch (r->state) {
	case REG_NONE:
	case REG_HOME:
		r->deadline = MTIME_NEVER;
		return 0;
	case REG_BOUND:
		enter(r, REG_RENEWING, now->t);
		break;
	case REG_RENEWING:
		if (now->t >= r->expires)
			enter(r, REG_REQUESTING, now->t);
		break;
	case REG_REQUESTING:
		break;
	case REG_DEREGISTERING:
		if (r->tries >= DEREGISTER_TRIES) {
			reg_stop(r);
			return 0;
		}
		break;
	}
	r->tries++;
	r->sent = now->t;
	r->backoff = r->backoff == 0 ? BACKOFF_MIN : mtime_min(r->backoff * 2, BACKOFF_MAX);
	r->deadline = now->t + r->backoff;
	return encode(r, c, now->ntp, buf, cap);
}

/* RFC 2794 4: where the home agent chooses the home address an acceptance brings it. */
static bool names_us(const struct registration *r, const struct reg_conf *c,
		     const struct mip_reply *m)
{
	bool accepted = mip_code_accepted(m->code);

	if (m->home_addr == c->home_addr)
		return m->home_addr || !accepted || !r->asked_s;
	if (!c->assigned)
		return false;
	return accepted ? addr_is_unicast(m->home_addr) && m->home_addr != c->home_agent
			: m->home_addr == 0;
}

/* RFC 5944 3.6.2.1, in its order.  The UDP checksum was the reader's business. */
static enum drop check(const struct registration *r, const struct reg_conf *c, const uint8_t *msg,
		       size_t n, struct mip_reply *m, struct mip_exts *x)
{
	enum drop why = mip_reply_decode(msg, n, m, x);

	if (why != DROP_NONE)
		return why;
	if (!names_us(r, c, m))
		return DROP_NOT_MINE;
	if (r->tries == 0 || (uint32_t)m->id != (uint32_t)r->last_id)
		return DROP_UNMATCHED;
	if (r->agent_sa.spi) {
		if (x->n_mn_fa != 1)
			return DROP_NO_AUTH;
		if (!auth_check(msg, n, &x->mn_fa, &r->agent_sa))
			return DROP_BAD_AUTH;
	}
	/* Where no agent is asked, nobody but the home agent has anything to say. */
	if (mip_code_from_home(m->code) || (r->agent.colocated && !r->agent.through)) {
		if (x->n_mn_ha != 1)
			return DROP_NO_AUTH;
		if (!auth_check(msg, n, &x->mn_ha, &c->home_sa))
			return DROP_BAD_AUTH;
	}
	return DROP_NONE;
}

static enum reg_result accepted(struct registration *r, const struct mip_reply *m, mtime now)
{
	r->granted_s = m->lifetime_s < r->asked_s ? m->lifetime_s : r->asked_s;
	if (r->granted_s == 0 && r->agent.home) {
		r->riders.n = 0;
		r->riders.has_key = false;
		r->expires = 0;
		enter(r, REG_HOME, MTIME_NEVER);
		return REG_ARRIVED;
	}
	if (r->granted_s == 0) {
		reg_stop(r);
		return REG_GONE;
	}
	r->home_addr = m->home_addr;
	r->anew = false;
	r->riders.n = 0; /* the handoff's business, not the renewals' */
	r->riders.has_key = false;
	/* RFC 5944 3.6.2.2: it runs from the sending of the request. */
	r->expires = r->granted_s == LIFETIME_INFINITE ? MTIME_NEVER : r->sent + SEC(r->granted_s);
	enter(r, REG_BOUND,
	      r->granted_s == LIFETIME_INFINITE ? MTIME_NEVER : r->sent + SEC(r->granted_s) / 2);
	if (r->deadline < now)
		r->deadline = now + BACKOFF_MIN;
	return REG_ACCEPTED;
}

static enum reg_result denied(struct registration *r, const struct reg_conf *c,
			      const struct mip_reply *m, const struct instant *now)
{
	bool repair = false;

	if (m->code == CODE_FA_LIFETIME && m->lifetime_s > 0 && m->lifetime_s < r->asked_s) {
		r->ask_s = m->lifetime_s;
		repair = true;
	} else if (m->code == CODE_HA_ID) {
		r->clock_offset = (int64_t)(((m->id >> 32) - (now->ntp >> 32)) << 32);
		r->last_id = r->floor = 0;
		repair = true;
	}
	if (m->code == CODE_HA_PROHIBITED && c->assigned && c->home_addr &&
	    !r->anew && r->asked_s) {
		r->anew = true;
		r->deadline = now->t;
		return REG_REPAIRED;
	}
	if (repair && !r->repaired) {
		r->repaired = true;
		r->deadline = now->t;
		return REG_REPAIRED;
	}
	if (r->state == REG_DEREGISTERING) {
		reg_stop(r);
		return REG_DENIED;
	}
	if (m->code == CODE_FA_TIMEOUT)
		return REG_DENIED; /* nobody said no: as a lost packet */
	r->backoff = mtime_min(r->backoff * 2 > DENIED_BACKOFF ? r->backoff * 2 : DENIED_BACKOFF,
			       BACKOFF_MAX);
	r->deadline = now->t + r->backoff;
	return REG_DENIED;
}

enum reg_result reg_reply(struct registration *r, const struct reg_conf *c, const uint8_t *msg,
			  size_t n, const struct instant *now, enum drop *why)
{
	struct mip_reply m;
	struct mip_exts x;

	*why = check(r, c, msg, n, &m, &x);
	if (*why != DROP_NONE)
		return REG_IGNORED;
	r->has_code = true;
	r->code = m.code;
	r->dealt = x.node_nonce;
	r->udp = x.udp_reply.present && x.udp_reply.before_mn_ha &&
		 x.udp_reply.code < MIP_UDP_DECLINED;
	r->keepalive_s = x.udp_reply.present ? x.udp_reply.keepalive_s : 0;
	if (mip_code_accepted(m.code))
		return accepted(r, &m, now->t);
	return denied(r, c, &m, now);
}

mtime reg_deadline(const struct registration *r)
{
	return r->deadline;
}

bool reg_is_bound(const struct registration *r, mtime now)
{
	return (r->state == REG_BOUND || r->state == REG_RENEWING) && now < r->expires;
}

bool reg_serves(const struct registration *r, mtime now)
{
	return r->state == REG_HOME || reg_is_bound(r, now);
}
