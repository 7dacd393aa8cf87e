/* SPDX-License-Identifier: MIT */
#include "agent/behalf.h"

/* ---- the second agent ---- */

bool behalf_build(const struct agent *a, const struct pending *p, struct carried *c)
{
	struct wbuf w = wb_init(c->buffer.msg, ORDER_MAX);
	struct order o = { .message = ORDER_REQUEST,
			   .action = ORDER_BUFFER,
			   .home_addr = p->home,
			   .first_agent = c->first_agent,
			   .care_of = a->c.care_of,
			   .id = c->forward.id };

	if (c->buffer.n || c->asked || c->early || !c->kh.spi)
		return false;
	order_encode(&w, &o);
	mip_ext_append(&w, SUB_RELAYED_ORDER, c->forward.msg, c->forward.n);
	auth_append(&w, EXT_GENERAL_AUTH, GA_FA_FA, &c->kh);
	if (!wb_ok(&w))
		return false; /* a long FORWARD leaves no room */
	c->buffer.n = w.len;
	c->buffer.id = o.id;
	c->behalf = true;
	return true;
}

static struct pending *asked(struct agent *a, const struct order *o)
{
	for (unsigned i = 0; i < a->n_pending; i++) {
		struct pending *p = &a->pending[i];
		const struct carried *c = &p->carried;

		if (p->home == o->home_addr && c->behalf && c->first_agent == o->first_agent &&
		    c->buffer.sent && !c->buffer.done &&
		    (c->buffer.id == o->id || o->action == ORDER_ID_ORDER))
			return p;
	}
	return NULL;
}

/* It is for us, but for one: a 133, by which the node signs anew. */
bool behalf_reply(struct agent *a, const struct order *o, const uint8_t *p, size_t len)
{
	struct pending *q;
	enum drop why = DROP_NONE;

	if (!(o->flags & ORDER_F_BEHALF))
		return false;
	q = asked(a, o);
	if (!q)
		why = DROP_UNMATCHED;
	else if (!o->handoff.present)
		why = DROP_NO_AUTH;
	else if (!auth_check(p, len, &o->handoff, &q->carried.kh))
		why = DROP_BAD_AUTH;
	if (why != DROP_NONE) {
		drop(a, why);
		return true;
	}
	if (o->action != ORDER_AUTH_FAILED)
		send_answered(a, o->first_agent, &q->carried.buffer);
	if (o->action == ORDER_ID_ORDER)
		out_link_udp(a, &q->from, q->reply_src, q->home, 0, p, len);
	return true;
}

/* ---- the first agent ---- */

/* The FORWARD says the same, and may stand here. */
static bool agrees(const struct asking *q, const struct order *f)
{
	return q->o.action == ORDER_BUFFER && f->message == ORDER_REQUEST &&
	       f->action == ORDER_FORWARD && !f->relayed.left &&
	       f->home_addr == q->o.home_addr && f->first_agent == q->o.first_agent &&
	       f->care_of == q->o.care_of && f->id == q->o.id;
}

/* Signed by the node, and sent by whom the node gave the key of this handoff. */
static enum drop authentic(struct agent *a, struct asking *q, const struct order *f)
{
	const struct rbuf *r = &q->o.relayed;
	struct sa kh;
	bool ok;

	if (!f->mn_fa.present || !q->o.handoff.present)
		return DROP_NO_AUTH;
	if (!orders_key(a, q, f->mn_fa.spi)) {
		orders_auth_failed(a, q);
		return DROP_NO_KEY;
	}
	auth_handoff_key(&q->sa.key, q->o.id, q->o.home_addr, q->o.first_agent, q->o.care_of, &kh);
	ok = auth_check(r->p, r->left, &f->mn_fa, &q->sa) &&
	     auth_check(q->p, q->n, &q->o.handoff, &kh);
	secret_wipe(&kh.key);
	if (ok)
		return DROP_NONE;
	orders_auth_failed(a, q);
	return DROP_BAD_AUTH;
}

/* The FORWARD itself was faster. */
static bool overtaken(const struct asking *q)
{
	const struct buffer *b = q->node ? node_buffer(q->node) : NULL;

	return b && buffer_forwarding(b) && b->forward_id == q->o.id &&
	       b->forward_to == q->o.care_of && b->forward_spi == q->sa.spi;
}

static uint8_t act(struct agent *a, const struct asking *q)
{
	struct node *n = q->node;
	struct moving *mv;

	if (!a->c.buffers)
		return ORDER_PROHIBITED;
	if (!n || (!n->up && !buffer_active(node_buffer(n))))
		return ORDER_NOT_SERVED;
	mv = node_moving(a, n);
	if (!mv)
		return ORDER_NO_ROOM;
	n->came_back = false;
	/* How much is kept, and how, the node would sign: B asks for the defaults. */
	return buffer_begin(a, &mv->buf, &(struct order){ .action = ORDER_BUFFER });
}

static void new_order(struct agent *a, struct asking *q)
{
	uint8_t code;

	if (q->f->src != q->o.care_of || !orders_care_of_ok(a, q)) {
		drop(a, DROP_CARE_OF);
		asking_refuse(a, q, ORDER_CARE_OF_REFUSED);
		return;
	}
	a->count.orders++;
	code = act(a, q);
	if (code < 128)
		a->count.orders_granted++;
	if (code != ORDER_NOT_SERVED)
		asking_remember(a, q, code);
	else if (!asking_refuse(a, q, code)) /* not kept: the FORWARD may find it here yet */
		drop(a, DROP_RATE);
}

void behalf_request(struct agent *a, struct asking *q)
{
	enum drop why = q->f->on_link ? DROP_CARE_OF : DROP_NONE;
	struct order f;

	q->behalf = true;
	if (why == DROP_NONE && (order_decode(q->o.relayed.p, q->o.relayed.left, &f) != DROP_NONE ||
				 !agrees(q, &f)))
		why = DROP_MALFORMED;
	if (why == DROP_NONE) {
		q->node = node_find(a, q->o.home_addr);
		why = authentic(a, q, &f);
	}
	if (why == DROP_NONE && q->o.first_agent != a->c.care_of) {
		asking_refuse(a, q, ORDER_NOT_ME);
		why = DROP_NOT_MINE;
	}
	if (why != DROP_NONE) {
		drop(a, why);
	} else if (overtaken(q)) {
		asking_answer(a, q, ORDER_GRANTED, q->o.id);
	} else if (!asking_memo(q) && !orders_in_time(a, q)) {
		if (asking_may_repeat(a, q))
			asking_answer(a, q, ORDER_ID_ORDER, orders_next_id(a, q));
		drop(a, *q->last_id && (int64_t)(q->o.id - *q->last_id) <= 0 ? DROP_REPLAY
									     : DROP_STALE);
	} else if (!asking_repeated(a, q)) {
		new_order(a, q);
	}
}
