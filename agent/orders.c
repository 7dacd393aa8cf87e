/* SPDX-License-Identifier: MIT */
#include "agent/foreign.h"

#include <assert.h>
#include <string.h>

/* An order under way through its checks. */
struct asking {
	const struct from *f;
	const uint8_t *p;
	size_t n;
	struct order o;
	const struct sa *sa; /* MN-FA */
	struct seen *seen;
	struct node *node; /* NULL: none with this home address */
};

static void send_reply(struct agent *a, const struct from *to, uint8_t tos, const uint8_t *p,
		       size_t n)
{
	if (!to->on_link)
		out_udp(a, a->c.care_of, to->src, to->sport, p, n);
	else
		out_link_udp(a, to, own_addr(a, to->dst) ? to->dst : a->c.link_addr, to->src, tos,
			     p, n);
}

/* The Reply with its authentication; extra: Size, Lease, State, Delivered as r says. */
static size_t encode(const struct asking *q, const struct order *r, uint8_t *buf, size_t cap)
{
	struct wbuf w = wb_init(buf, cap);
	struct sa kh;

	order_encode(&w, r);
	auth_append(&w, EXT_MN_FA, 0, q->sa);
	if (!q->f->on_link && q->o.action == ORDER_FORWARD) {
		auth_handoff_key(&q->sa->key, q->o.id, q->o.home_addr, q->o.first_agent,
				 q->o.care_of, &kh);
		auth_append(&w, EXT_GENERAL_AUTH, GA_FA_FA, &kh);
		secret_wipe(&kh.key);
	}
	return wb_ok(&w) ? w.len : 0;
}

static void describe(struct agent *a, const struct asking *q, uint8_t code, struct order *r)
{
	const struct buffer *b;
	mtime left;

	if (!q->node || (code >= 128 && code != ORDER_NOTHING_BUFFERED))
		return;
	b = &q->node->buf;
	left = b->lease_ends - a->now.t;
	switch (q->o.action) {
	case ORDER_BUFFER:
	case ORDER_FORWARD:
	case ORDER_RENEW:
		if (!buffer_active(b))
			return;
		r->has_delivered = q->o.action != ORDER_RENEW;
		r->delivered = q->node->delivered_reg;
		r->has_size = r->has_lease = true;
		r->size_packets = b->grant.packets > 0xffff ? 0xffff : (uint16_t)b->grant.packets;
		r->size_kib =
		    b->grant.bytes >> 10 > 0xffff ? 0xffff : (uint16_t)(b->grant.bytes >> 10);
		r->lease_ms = left > 0 ? (uint32_t)(left / 1000) : 0;
		return;
	case ORDER_QUERY:
		r->has_state = true;
		buffer_describe(a, b, &r->state);
		return;
	default:
		return;
	}
}

/* Never longer than the Request and 64 bytes: what is good to know goes first, what is signed
 * stays. */
static size_t build(struct agent *a, const struct asking *q, uint8_t code, uint64_t id,
		    uint8_t *buf, size_t cap)
{
	struct order r = {
		.message = ORDER_REPLY,
		.action = code,
		.home_addr = q->o.home_addr,
		.first_agent = q->o.first_agent,
		.care_of = q->o.care_of,
		.id = id,
	};
	size_t most = q->n + ORDER_REPLY_GROW, n;

	describe(a, q, code, &r);
	n = encode(q, &r, buf, cap);
	if (n > most) {
		r.has_delivered = r.has_state = false;
		n = encode(q, &r, buf, cap);
	}
	if (n > most) {
		r.has_size = r.has_lease = false;
		n = encode(q, &r, buf, cap);
	}
	return n <= most ? n : 0;
}

/* An answer that is not kept: the order was not acted upon. */
static void answer(struct agent *a, const struct asking *q, uint8_t code, uint64_t id)
{
	uint8_t buf[ORDER_MAX + ORDER_REPLY_GROW];
	size_t n = build(a, q, code, id, buf, sizeof(buf));

	if (n)
		send_reply(a, q->f, 0, buf, n);
}

/* DROP_NONE: authentic, ours and new, or a repetition; else counted, and answered where it may be.
 */
static enum drop check(struct agent *a, struct asking *q)
{
	const struct agent_node_conf *nc;
	uint64_t next;

	nc = conf_node(a, q->o.home_addr, &q->seen);
	if (!q->o.mn_fa.present)
		return DROP_NO_AUTH;
	if (!nc || nc->sa.spi != q->o.mn_fa.spi)
		return DROP_NO_KEY;
	q->sa = &nc->sa;
	if (!auth_check(q->p, q->n, &q->o.mn_fa, q->sa)) {
		if (rate_ok(a, RATE_AUTH_FAILED, q->f->on_link ? rate_mac(&q->f->mac) : q->f->src,
			    1))
			answer(a, q, ORDER_AUTH_FAILED, q->o.id);
		return DROP_BAD_AUTH;
	}
	if (q->o.first_agent != a->c.care_of) {
		answer(a, q, ORDER_NOT_ME, q->o.id);
		return DROP_NOT_MINE;
	}
	q->node = node_find(a, q->o.home_addr);
	for (unsigned i = 0; q->node && i < MEMO_MAX; i++)
		if (q->node->memo[i].id == q->o.id)
			return DROP_NONE;
	if ((int64_t)(q->o.id - a->boot.ntp) > 0 &&
	    replay_check(q->seen->order_id, q->o.id, a->now.ntp, a->c.replay_tolerance_s) ==
		REPLAY_OK)
		return DROP_NONE;
	next = q->seen->order_id + 1;
	answer(a, q, ORDER_ID_ORDER,
	       (int64_t)(next - a->now.ntp) > 0 && q->seen->order_id ? next : a->now.ntp);
	return q->seen->order_id && (int64_t)(q->o.id - q->seen->order_id) <= 0 ? DROP_REPLAY
										: DROP_STALE;
}

/* Only where the node itself wants it, through the agent it names, or one that we know: no
 * reflector. */
static bool care_of_ok(const struct agent *a, const struct asking *q)
{
	uint32_t to = q->o.care_of;

	if (!addr_is_unicast(to) || own_addr(a, to) || to == q->o.home_addr)
		return false;
	return (!q->f->on_link && q->f->src == to) || conf_peer_known(a, to);
}

static uint8_t act(struct agent *a, const struct asking *q)
{
	struct node *n = q->node;
	struct buffer *b;

	if (!a->c.buffers)
		return ORDER_PROHIBITED;
	if (!n || (!n->up && !buffer_active(&n->buf)))
		return ORDER_NOT_SERVED;
	b = &n->buf;
	switch (q->o.action) {
	case ORDER_BUFFER:
		return buffer_begin(a, b, &q->o);
	case ORDER_FORWARD:
		if (!care_of_ok(a, q)) {
			drop(a, DROP_CARE_OF);
			return ORDER_CARE_OF_REFUSED;
		}
		return buffer_forward(a, b, &q->o, &q->sa->key);
	case ORDER_RELEASE:
		n->fence.on = false;
		return buffer_release(a, b);
	case ORDER_RENEW:
		return buffer_renew(a, b, &q->o);
	case ORDER_QUERY:
		return ORDER_GRANTED;
	default:
		return ORDER_PROHIBITED; /* DELETE, DELETE_FORWARD: not offered */
	}
}

/* The Reply to a BUFFER waits until the radio has sent what came before it, if the node is on our
 * radio. */
static bool fence_needed(const struct asking *q, uint8_t code)
{
	return q->o.action == ORDER_BUFFER && code < 128 && q->f->on_link &&
	       mac_equal(&q->f->mac, &q->node->mac) && q->node->up;
}

static void fence_raise(struct agent *a, struct node *n, const struct from *f, unsigned memo)
{
	struct agent_action *x;

	n->fence.on = true;
	n->fence.to = *f;
	n->fence.memo = memo;
	n->fence.until = a->now.t + a->c.fence_max;
	arm(a, n->fence.until);
	out_kernel(a, AGENT_QUEUE_WATCH, n);
	x = &a->out->a[a->out->n - 1];
	x->mac = f->mac;
	x->link = f->link;
}

void fence_lift(struct agent *a, struct node *n)
{
	struct memo *m = &n->memo[n->fence.memo];

	n->fence.on = false;
	m->sent = true;
	send_reply(a, &n->fence.to, TOS_CS1, m->reply, m->n);
}

/* True: the order came before, and its Reply was sent again (or still waits). */
static bool repeated(struct agent *a, const struct asking *q)
{
	for (unsigned i = 0; q->node && i < MEMO_MAX; i++) {
		const struct memo *m = &q->node->memo[i];

		if (m->id != q->o.id)
			continue;
		if (m->sent)
			send_reply(a, q->f, q->o.action == ORDER_BUFFER ? TOS_CS1 : 0, m->reply,
				   m->n);
		return true;
	}
	return false;
}

static void remember(struct agent *a, struct asking *q, uint8_t code)
{
	struct node *n = q->node;
	unsigned i = n->memo_next++ % MEMO_MAX;
	struct memo *m = &n->memo[i];

	if (n->fence.on && n->fence.memo == i)
		fence_lift(a, n);
	m->id = q->o.id;
	m->n = build(a, q, code, q->o.id, m->reply, sizeof(m->reply));
	m->sent = true;
	if (fence_needed(q, code)) {
		m->sent = false;
		fence_raise(a, n, q->f, i);
	} else if (m->n) {
		send_reply(a, q->f, q->o.action == ORDER_BUFFER ? TOS_CS1 : 0, m->reply, m->n);
	}
}

static void request(struct agent *a, struct asking *q)
{
	enum drop why = check(a, q);
	uint8_t code;

	if (why != DROP_NONE) {
		drop(a, why);
		return;
	}
	if (repeated(a, q))
		return;
	q->seen->order_id = q->o.id;
	a->count.orders++;
	code = act(a, q);
	if (code < 128 || code == ORDER_NOTHING_BUFFERED)
		a->count.orders_granted++;
	if (q->node)
		remember(a, q, code);
	else
		answer(a, q, code, q->o.id);
}

static void reply(struct agent *a, const struct from *f, const struct order *o, const uint8_t *p,
		  size_t n)
{
	struct node *node = node_find(a, o->home_addr);
	struct merge *m;
	bool held;

	if (f->on_link || !node || o->first_agent != f->src || o->care_of != a->c.care_of) {
		drop(a, DROP_UNMATCHED);
		return;
	}
	m = merge_asked(node, o);
	held = hold_reply(a, node, o, p, n);
	if (m && (!held || o->action == ORDER_ID_ORDER)) /* a 133 names no order */
		merge_reply(a, m, o, p, n);
	else if (!held)
		drop(a, DROP_UNMATCHED);
}

void orders_message(struct agent *a, const struct from *f, const uint8_t *p, size_t n)
{
	struct asking q = { .f = f, .p = p, .n = n };
	enum drop why = order_decode(p, n, &q.o);

	if (why != DROP_NONE) {
		drop(a, why);
		return;
	}
	switch (q.o.message) {
	case ORDER_REQUEST:
		request(a, &q);
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

/* The home agent's: the end of the path to us.  It answers a registration after the one that we
 * know. */
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
		buffer_marker(a, &n->buf, o->id);
	}
}

void orders_marker(struct agent *a, uint32_t outer_src, const uint8_t *p, size_t n)
{
	struct node *node;
	struct merge *m;
	struct order o;
	enum drop why = order_decode(p, n, &o);

	if (why != DROP_NONE || o.message != ORDER_MARKER) {
		drop(a, why != DROP_NONE ? why : DROP_TYPE);
		return;
	}
	node = node_find(a, o.home_addr);
	if (!node) {
		drop(a, DROP_NOT_VISITOR);
		return;
	}
	m = o.first_agent == outer_src ? merge_asked(node, &o) : NULL;
	if (m)
		merge_marker(a, m, &o, p, n);
	else if (outer_src == node->home_agent && o.first_agent == a->c.care_of)
		home_marker(a, node, conf_peer(a, outer_src), &o, p, n);
	else
		drop(a, DROP_OUTER_SOURCE);
}
