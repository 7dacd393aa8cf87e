/* SPDX-License-Identifier: MIT */
#include "agent/asking.h"

#include "agent/away.h"

#define REPEATS_A_SECOND 10 /* a node's four, and those of its second agent */

bool asking_may_repeat(struct agent *a, const struct asking *q)
{
	return rate_ok(a, RATE_ORDER_ID, rate_from(q->f) ^ (uint64_t)q->o.home_addr << 24,
		       REPEATS_A_SECOND);
}

/* F4: it is where we forward to, and its Reply goes behind what was kept. */
static bool forwarded_to(struct agent *a, const struct from *to, struct node **n)
{
	const struct buffer *b;

	*n = node_find(a, to->src);
	if (!*n)
		return false;
	b = node_buffer(*n);
	return buffer_forwarding(b) && (!to->care_of || to->care_of == b->forward_to);
}

static void behind_the_queue(struct agent *a, struct node *n, const struct from *to,
			     const uint8_t *p, size_t len)
{
	uint8_t pkt[ORDER_MAX + ORDER_REPLY_GROW + 28];
	struct ipv4_out h = {
	    .src = a->c.care_of, .dst = n->home, .ttl = 64, .protocol = PROTO_UDP};
	size_t n_pkt = udp_build(pkt, sizeof(pkt), &h, MIP_PORT, to->sport, p, len);

	buffer_input(a, &n->mv->buf, pkt, n_pkt, false);
}

static void send_reply(struct agent *a, const struct from *to, uint8_t tos, const uint8_t *p,
		       size_t n)
{
	uint32_t self = to->home ? a->c.home_agent : a->c.link_addr;
	struct node *node;

	if (to->on_link)
		out_link_udp(a, to, own_addr(a, to->dst) ? to->dst : self, to->src, tos, p, n);
	else if (to->home)
		away_reply(a, to, tos, p, n);
	else if (forwarded_to(a, to, &node))
		behind_the_queue(a, node, to, p, n);
	else if (to->care_of) /* our kernel may have it on our link still */
		out_tunnel_udp(a, a->c.care_of, to->care_of, to, tos, p, n);
	else
		out_udp(a, a->c.care_of, to->src, to->sport, p, n);
}

/* The Reply with its authentication; extra: Size, Lease, State, Delivered as r says. */
static size_t encode(const struct asking *q, const struct order *r, uint8_t *buf, size_t cap)
{
	struct wbuf w = wb_init(buf, cap);
	struct sa kh;

	order_encode(&w, r);
	if (q->sa.spi)
		auth_append(&w, q->home ? EXT_MN_HA : EXT_MN_FA, 0, &q->sa);
	if (q->sa.spi && !q->home && !q->f->on_link &&
	    (q->behalf || q->o.action == ORDER_FORWARD ||
	     q->o.action == ORDER_DELETE_FORWARD)) {
		auth_handoff_key(&q->sa.key, q->o.id, q->o.home_addr, q->o.first_agent,
				 q->o.care_of, &kh);
		auth_append(&w, EXT_GENERAL_AUTH, GA_FA_FA, &kh);
		secret_wipe(&kh.key);
	}
	return wb_ok(&w) ? w.len : 0;
}

static void describe(struct agent *a, const struct asking *q, uint8_t code, struct order *r)
{
	const struct buffer *b;
	uint8_t action = q->o.action;
	mtime left;

	if (!q->node || (code >= 128 && code != ORDER_NOTHING_BUFFERED))
		return;
	b = node_buffer(q->node);
	left = buffer_lease_left(a, b);
	r->has_state = action != ORDER_BUFFER && action != ORDER_FORWARD;
	buffer_describe(a, b, &r->state);
	r->count = r->state.queued + r->state.forwarded;
	r->delivered = q->node->delivered_reg;
	switch (action) {
	case ORDER_BUFFER:
	case ORDER_FORWARD:
	case ORDER_DELETE_FORWARD:
	case ORDER_RENEW:
		if (!buffer_active(b) && b->state != BUF_RESERVED)
			return;
		r->has_delivered = (!q->home || q->node->up) && action == ORDER_BUFFER;
		r->has_count = action == ORDER_FORWARD;
		r->has_size = r->has_lease = true;
		r->size_packets = b->grant.packets > 0xffff ? 0xffff : (uint16_t)b->grant.packets;
		r->size_kib =
		    b->grant.bytes >> 10 > 0xffff ? 0xffff : (uint16_t)(b->grant.bytes >> 10);
		r->lease_ms = left > 0 ? (uint32_t)(left / 1000) : 0;
		return;
	case ORDER_QUERY:
		r->has_delivered = true;
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
		.flags = q->behalf ? ORDER_F_BEHALF : 0,
		.home_addr = q->o.home_addr,
		.first_agent = q->o.first_agent,
		.care_of = q->o.care_of,
		.id = id,
	};
	size_t most = q->n + ORDER_REPLY_GROW, n;

	describe(a, q, code, &r);
	n = encode(q, &r, buf, cap);
	if (n > most) {
		r.has_delivered = r.has_count = r.has_state = false;
		n = encode(q, &r, buf, cap);
	}
	if (n > most) {
		r.has_size = r.has_lease = false;
		n = encode(q, &r, buf, cap);
	}
	return n <= most ? n : 0;
}

void asking_answer(struct agent *a, const struct asking *q, uint8_t code, uint64_t id)
{
	uint8_t buf[ORDER_MAX + ORDER_REPLY_GROW];
	size_t n = build(a, q, code, id, buf, sizeof(buf));

	if (n)
		send_reply(a, q->f, 0, buf, n);
}

bool asking_refuse(struct agent *a, const struct asking *q, uint8_t code)
{
	bool may = asking_may_repeat(a, q);

	if (may)
		asking_answer(a, q, code, q->o.id);
	return may;
}

/* The Reply to a BUFFER waits until the radio has sent what came before it, if the node is on our
 * radio. */
static bool fence_needed(const struct asking *q, uint8_t code)
{
	return q->o.action == ORDER_BUFFER && !(q->o.flags & ORDER_F_RESERVE) && code < 128 &&
	       q->f->on_link &&
	       mac_equal(&q->f->mac, &q->node->mac) && q->node->up;
}

static void fence_raise(struct agent *a, struct node *n, const struct from *f, unsigned memo)
{
	struct fence *fence = &n->mv->fence;
	struct agent_action *x;

	fence->on = true;
	fence->to = *f;
	fence->memo = memo;
	fence->until = a->now.t + a->c.fence_max;
	out_kernel(a, AGENT_QUEUE_WATCH, n);
	x = &a->out->a[a->out->n - 1];
	x->mac = f->mac;
	x->link = f->link;
}

void fence_lift(struct agent *a, struct node *n)
{
	struct moving *mv = n->mv;
	struct memo *m = &mv->memo[mv->fence.memo];

	mv->fence.on = false;
	m->sent = true;
	send_reply(a, &mv->fence.to, TOS_CS1, m->reply, m->n);
}

bool asking_refused(const struct asking *q)
{
	for (unsigned i = 0; q->seen && i < REFUSED_MAX; i++)
		if (q->o.id && q->seen->refused[i] == q->o.id)
			return true;
	return false;
}

static void repeat(struct agent *a, const struct asking *q, const struct memo *m)
{
	if (!asking_may_repeat(a, q))
		drop(a, DROP_RATE);
	else if (!m)
		asking_answer(a, q, ORDER_NOT_SERVED, q->o.id);
	else
		send_reply(a, q->f, q->o.action == ORDER_BUFFER ? TOS_CS1 : 0, m->reply, m->n);
}

const struct memo *asking_memo(const struct asking *q)
{
	const struct moving *mv = q->node ? q->node->mv : NULL;

	for (unsigned i = 0; mv && i < MEMO_MAX; i++)
		if (mv->memo[i].id == q->o.id && mv->memo[i].spi == q->sa.spi &&
		    mv->memo[i].behalf == q->behalf)
			return &mv->memo[i];
	return NULL;
}

bool asking_repeated(struct agent *a, const struct asking *q)
{
	const struct memo *m;

	if (asking_refused(q)) {
		repeat(a, q, NULL);
		return true;
	}
	m = asking_memo(q);
	if (m && m->sent)
		repeat(a, q, m);
	return m;
}

/* There may be no visitor, or not for long: that it was none is kept with the key. */
static void remember_refused(struct agent *a, struct asking *q)
{
	if (q->seen)
		q->seen->refused[q->seen->refused_next++ % REFUSED_MAX] = q->o.id;
	asking_answer(a, q, ORDER_NOT_SERVED, q->o.id);
}

void asking_remember(struct agent *a, struct asking *q, uint8_t code)
{
	struct moving *mv = q->node ? q->node->mv : NULL;
	struct memo *m;
	unsigned i;

	if (code == ORDER_NOT_SERVED) {
		remember_refused(a, q);
		return;
	}
	if (!mv) {
		asking_answer(a, q, code, q->o.id);
		return;
	}
	i = mv->memo_next++ % MEMO_MAX;
	m = &mv->memo[i];
	if (mv->fence.on && mv->fence.memo == i)
		fence_lift(a, q->node);
	m->id = q->o.id;
	m->spi = q->sa.spi;
	m->behalf = q->behalf;
	m->n = build(a, q, code, q->o.id, m->reply, sizeof(m->reply));
	m->sent = true;
	if (fence_needed(q, code)) {
		m->sent = false;
		fence_raise(a, q->node, q->f, i);
	} else if (m->n) {
		send_reply(a, q->f, q->o.action == ORDER_BUFFER ? TOS_CS1 : 0, m->reply, m->n);
	}
}
