/* SPDX-License-Identifier: MIT */
#include "agent/ahead.h"
#include "agent/away.h"
#include "agent/behalf.h"

/* A dealt key is younger than any clock's error: only what was accepted under it counts. */
static enum replay newer(const struct agent *a, const struct asking *q, uint64_t last)
{
	enum replay r;

	if (q->dealt)
		return q->o.id && (!last || (int64_t)(q->o.id - last) > 0) ? REPLAY_OK : REPLAY_OLD;
	r = replay_check(last, q->o.id, clock_after(a, last), a->c.replay_tolerance_s);
	return r == REPLAY_OK && (int64_t)(q->o.id - a->boot.ntp) <= 0 ? REPLAY_OLD : r;
}

/* The repeat of a BUFFER that was lost at first: its FORWARD was faster, and has done its work. */
static bool overtaken(const struct agent *a, const struct asking *q)
{
	const struct buffer *b = q->node ? node_buffer(q->node) : NULL;

	return b && !q->home && q->o.action == ORDER_BUFFER && !(q->o.flags & ORDER_F_RESERVE) &&
	       buffer_forwarding(b) &&
	       q->o.care_of == b->forward_to && q->sa.spi == b->forward_spi &&
	       (int64_t)(b->forward_id - q->o.id) > 0 && newer(a, q, b->before_id) == REPLAY_OK;
}

/*
 * Newer than the last and within the tolerance.  One that was refused for being ahead of our clock
 * stays refused when its time comes: else whoever kept it could send it then.
 */
bool orders_in_time(const struct agent *a, const struct asking *q)
{
	struct seen *s = q->seen;
	enum replay r = newer(a, q, *q->last_id);

	for (unsigned i = 0; s && i < EARLY_MAX; i++)
		if (q->o.id && s->early_order[i] == q->o.id)
			return false;
	if (s && r == REPLAY_SKEW && (int64_t)(q->o.id - clock_after(a, *q->last_id)) > 0)
		s->early_order[s->early_order_next++ % EARLY_MAX] = q->o.id;
	return r == REPLAY_OK;
}

/* What we would accept now. */
uint64_t orders_next_id(const struct agent *a, const struct asking *q)
{
	uint64_t next = *q->last_id + 1;

	if (q->dealt)
		return next;
	return *q->last_id && (int64_t)(next - a->now.ntp) > 0 ? next : a->now.ntp;
}

/* One that the home agent dealt, or that is configured. */
bool orders_key(struct agent *a, struct asking *q, uint32_t spi)
{
	const struct agent_node_conf *nc;

	q->dealt = q->node && !q->home ? keys_find(a, &q->node->keys, spi) : NULL;
	if (q->dealt) {
		q->sa = dealt_sa(spi, q->dealt->key);
		q->last_id = &q->dealt->last_id;
		return true;
	}
	nc = conf_node(a, q->o.home_addr, &q->seen);
	if (!nc || nc->sa.spi != spi)
		return false;
	q->sa = nc->sa;
	q->last_id = q->home ? &q->seen->home_order_id : &q->seen->order_id;
	return true;
}

/* It proves nothing, and neither does this. */
void orders_auth_failed(struct agent *a, const struct asking *q)
{
	if (rate_ok(a, RATE_AUTH_FAILED, rate_from(q->f), 1))
		asking_answer(a, q, ORDER_AUTH_FAILED, q->o.id);
}

/* A tunnel may lead there: neither to ourselves, but from the one role to the other, nor to who is
 * inside. */
static bool elsewhere(const struct agent *a, const struct order *o)
{
	bool other = a->c.home && o->care_of == a->c.home_agent && o->care_of != a->c.care_of;

	return addr_is_unicast(o->care_of) && (other || !own_addr(a, o->care_of)) &&
	       o->care_of != o->home_addr;
}

/* F4: the node sent it by itself, from there. */
static bool by_itself(const struct agent *a, const struct asking *q)
{
	return !q->home && !q->f->on_link && q->f->src == q->o.home_addr &&
	       (q->o.action == ORDER_FORWARD || q->o.action == ORDER_DELETE_FORWARD) &&
	       elsewhere(a, &q->o);
}

/* DROP_NONE: authentic, ours and new, or a repetition; else counted, and answered where it may be.
 */
static enum drop check(struct agent *a, struct asking *q)
{
	const struct auth_ext *auth = q->home ? &q->o.mn_ha : &q->o.mn_fa;

	q->node = node_as(a, q->home ? ROLE_HOME : ROLE_VISITOR, q->o.home_addr);
	if (!auth->present)
		return DROP_NO_AUTH;
	if (!orders_key(a, q, auth->spi)) {
		orders_auth_failed(a, q);
		return DROP_NO_KEY;
	}
	if (!auth_check(q->p, q->n, auth, &q->sa)) {
		orders_auth_failed(a, q);
		return DROP_BAD_AUTH;
	}
	q->f->care_of = by_itself(a, q) ? q->o.care_of : 0;
	if (q->o.first_agent != (q->home ? a->c.home_agent : a->c.care_of)) {
		asking_refuse(a, q, ORDER_NOT_ME);
		return DROP_NOT_MINE;
	}
	if (asking_memo(q) || asking_refused(q) || overtaken(a, q))
		return DROP_NONE;
	if (orders_in_time(a, q))
		return DROP_NONE;
	if (asking_may_repeat(a, q))
		asking_answer(a, q, ORDER_ID_ORDER, orders_next_id(a, q));
	return *q->last_id && (int64_t)(q->o.id - *q->last_id) <= 0 ? DROP_REPLAY : DROP_STALE;
}

/*
 * Only where the node itself wants it, through the agent it names, or one that we know: no
 * reflector.  An agent whose order comes from another address than its own is behind a NAT, and
 * nothing would reach it.
 */
bool orders_care_of_ok(const struct agent *a, const struct asking *q)
{
	uint32_t to = q->o.care_of;
	bool relayed = !q->f->on_link && q->f->src != q->o.home_addr;

	return elsewhere(a, &q->o) && (relayed ? q->f->src == to : conf_peer_known(a, to));
}

static uint8_t act(struct agent *a, const struct asking *q)
{
	struct node *n = q->node;
	struct moving *mv;

	if (!order_sensible(&q->o)) {
		drop(a, DROP_MALFORMED);
		return ORDER_MALFORMED;
	}
	if (!a->c.buffers)
		return ORDER_PROHIBITED;
	if (!n || (!q->home && !n->up && !buffer_active(node_buffer(n))))
		return ORDER_NOT_SERVED;
	mv = node_moving(a, n);
	if (!mv)
		return ORDER_NO_ROOM;
	if (q->home)
		return away_act(a, q);
	switch (q->o.action) {
	case ORDER_BUFFER:
		if (q->o.flags & ORDER_F_RESERVE)
			return trigger_reserve(a, mv, q->f, &q->o);
		n->came_back = false;
		return buffer_begin(a, &mv->buf, &q->o);
	case ORDER_FORWARD:
	case ORDER_DELETE_FORWARD:
		if (!orders_care_of_ok(a, q)) {
			drop(a, DROP_CARE_OF);
			return ORDER_CARE_OF_REFUSED;
		}
		/* Late: its BUFFER was for a stay elsewhere that is over.
		 * Two agents would forward to each other. */
		if (n->came_back && (q->o.flags & ORDER_F_ASKED))
			return ORDER_LEASE_OVER;
		return buffer_forward(a, &mv->buf, &q->o, &q->sa.key);
	case ORDER_RELEASE:
		mv->fence.on = false;
		return buffer_release(a, &mv->buf, &q->o);
	case ORDER_DELETE:
		mv->fence.on = false;
		return buffer_delete(a, &mv->buf);
	case ORDER_RENEW:
		return buffer_renew(a, &mv->buf, &q->o);
	case ORDER_QUERY:
		return ORDER_GRANTED;
	default:
		return ORDER_UNSPECIFIED; /* order_decode() lets nothing else in */
	}
}

static void request(struct agent *a, struct asking *q)
{
	enum drop why = check(a, q);
	uint64_t before;
	uint8_t code;

	if (why != DROP_NONE) {
		drop(a, why);
		return;
	}
	if (asking_repeated(a, q))
		return;
	if (overtaken(a, q)) {
		asking_remember(a, q, ORDER_GRANTED);
		return;
	}
	before = *q->last_id;
	*q->last_id = q->o.id;
	if (q->dealt)
		keys_used(&q->node->keys, q->dealt);
	a->count.orders++;
	if (q->home) {
		kept_moved(a);
		q->node = away_node(a, q->o.home_addr);
	}
	code = act(a, q);
	if (code < 128 || code == ORDER_NOTHING_BUFFERED)
		a->count.orders_granted++;
	if (q->node && q->node->mv && q->node->mv->buf.forward_id == q->o.id) {
		q->node->mv->buf.before_id = before;
		q->node->mv->buf.forward_spi = q->sa.spi;
	}
	asking_remember(a, q, code);
}

static void reply(struct agent *a, const struct from *f, const struct order *o, const uint8_t *p,
		  size_t n)
{
	bool home = a->c.home && o->care_of == a->c.home_agent;
	struct node *node = node_as(a, home ? ROLE_HOME : ROLE_VISITOR, o->home_addr);
	struct merge *m;
	bool held;

	if (home && !node)
		node = node_find(a, o->home_addr); /* both have one address */
	if (f->on_link || !node || o->first_agent != f->src || o->care_of != node_agent(a, node)) {
		drop(a, DROP_UNMATCHED);
		return;
	}
	if (behalf_reply(a, o, p, n) || ahead_reply(a, o, p, n))
		return;
	m = merge_asked(node, o);
	held = node->role == ROLE_VISITOR && hold_reply(a, node, o, p, n);
	if (m && (!held || o->action == ORDER_ID_ORDER)) /* a 133 names no order */
		merge_reply(a, m, o, p, n);
	else if (!held)
		drop(a, DROP_UNMATCHED);
}

/* Are we asked as the node's home agent?  Where both is possible, what signs it says so. */
static bool to_home(const struct agent *a, const struct order *o)
{
	return a->c.home && (!a->c.foreign || (o->mn_ha.present && !o->mn_fa.present));
}

void orders_message(struct agent *a, const struct from *f, const uint8_t *p, size_t n)
{
	struct from to = *f;
	struct asking q = { .f = &to, .p = p, .n = n };
	enum drop why = order_decode(p, n, &q.o);

	if (why != DROP_NONE) {
		drop(a, why);
		return;
	}
	switch (q.o.message) {
	case ORDER_REQUEST:
		q.home = to_home(a, &q.o);
		to.home = q.home ? q.o.home_addr : 0;
		if (q.o.relayed.left)
			behalf_request(a, &q);
		else
			request(a, &q);
		secret_wipe(&q.sa.key);
		return;
	case ORDER_REPLY:
		reply(a, f, &q.o, p, n);
		return;
	default:
		drop(a,
		     DROP_TYPE); /* a marker counts inside the tunnel only: there it has an order */
		return;
	}
}

/*
 * The home agent's: the end of the path to us.  It answers a registration after the one that we
 * know, so the visitor is somewhere else, and its entry would only draw in what others here send to
 * it.  Orders of its handoff may still come, for as long as a lease may run.
 */
static void home_marker(struct agent *a, struct node *n, const struct sa *sa, const struct order *o,
			const uint8_t *p, size_t len)
{
	if (!o->fa_ha.present) {
		drop(a, DROP_NO_AUTH);
	} else if (!sa) {
		drop(a, DROP_NO_KEY);
	} else if (!auth_check(p, len, &o->fa_ha, sa)) {
		drop(a, DROP_BAD_AUTH);
	} else if ((int64_t)(o->id - n->reg_id) <= 0) {
		drop(a, DROP_REPLAY);
	} else {
		a->count.markers_received++;
		n->expires = mtime_min(n->expires, a->now.t + a->c.lease_max);
		if (node_moving(a, n))
			buffer_marker(a, &n->mv->buf, o->id);
	}
}

void orders_marker(struct agent *a, uint32_t outer_src, enum role role, const uint8_t *p,
		   size_t n)
{
	struct node *node;
	struct merge *m;
	struct order o;
	enum drop why = order_decode(p, n, &o);

	if (why != DROP_NONE || o.message != ORDER_MARKER) {
		drop(a, why != DROP_NONE ? why : DROP_TYPE);
		return;
	}
	node = node_as(a, role, o.home_addr);
	if (!node) {
		drop(a, DROP_NOT_VISITOR);
		return;
	}
	m = o.first_agent == outer_src ? merge_asked(node, &o) : NULL;
	if (m)
		merge_marker(a, m, &o, p, n);
	else if (o.first_agent == outer_src && ahead_marker(a, &o, p, n))
		return;
	else if (role == ROLE_VISITOR && outer_src == node->home_agent &&
		 o.first_agent == a->c.care_of)
		home_marker(a, node, conf_peer(a, outer_src), &o, p, n);
	else
		drop(a, DROP_OUTER_SOURCE);
}
