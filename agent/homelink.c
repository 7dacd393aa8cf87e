/* SPDX-License-Identifier: MIT */
#include "agent/away.h"

#include "agent/home.h"

/*
 * The home link, where the home agent is the node's neighbour: it advertises itself there, and
 * takes the deregistration of a node that comes home.  Then it is a second agent like any other:
 * second.c.
 *
 * The kernel is told of the node as of a visitor: host route and neighbour entry.  Others on the
 * link speak to it directly, but for a while around each move: proxy.c.
 */
bool homelink_is(const struct agent *a, unsigned link)
{
	return a->c.home && a->c.home_on_link && link == a->c.home_link;
}

/* The care-of address that it leaves hears where its stream ends. */
static void end_path(struct agent *a, struct node *n, const struct accepted *q)
{
	const struct sa *sa = q->co_located ? NULL : conf_peer(a, q->care_of);
	struct moving *mv = sa ? node_moving(a, n) : NULL;
	struct order o = {
		.message = ORDER_MARKER,
		.home_addr = n->home,
		.first_agent = q->care_of,
		.care_of = a->c.home_agent,
		.id = q->r->id,
	};

	if (mv)
		markers_start(a, &mv->buf.markers, &o, a->c.home_agent, &q->to, EXT_FA_HA, sa);
}

bool homelink_arrived(struct agent *a, const struct accepted *q)
{
	struct node *n = node_make(a, ROLE_HOME, q->r->home_addr);
	const struct from *f = q->f;
	bool changed;

	if (!n)
		return false;
	changed = !n->up || !mac_equal(&n->mac, &f->mac) || n->link != f->link;
	if (!n->up)
		n->delivered_reg = 0;
	n->up = true;
	n->mac = f->mac;
	n->link = f->link;
	n->home_agent = a->c.home_agent;
	n->reg_id = q->r->id;
	n->expires = MTIME_NEVER;
	if (changed) {
		out_kernel(a, AGENT_VISITOR_UP, n);
		out_note(a, n->home, "on its home link");
	}
	if (q->care_of) {
		n->old_to = q->to;
		n->old_until = q->reverse ? a->now.t + PREVIOUS_CARE_OF : a->now.t;
		end_path(a, n, q);
	}
	away_second(a, q);
	proxy_arrived(a, n, q->care_of, changed);
	return true;
}

void homelink_request(struct agent *a, const struct from *f, const uint8_t *p, size_t n)
{
	const struct agent_node_conf *nc;
	uint8_t reply[MIP_MSG_MAX + 64];
	struct mip_request r;
	struct mip_exts x;
	struct wbuf w;
	size_t len;

	if (!rate_ok(a, RATE_REQUEST, rate_mac(&f->mac), 20)) {
		drop(a, DROP_RATE);
		return;
	}
	len = home_answer(a, f, p, n, reply, MIP_MSG_MAX);
	if (!len || mip_request_decode(p, n, &r, &x) != DROP_NONE)
		return;
	w = wb_init(reply, sizeof(reply));
	w.len = len;
	nc = conf_node(a, r.home_addr, NULL);
	if (nc && x.n_mn_fa) /* as a neighbour answers another */
		auth_append(&w, EXT_MN_FA, 0, &nc->sa);
	if (wb_ok(&w))
		out_link_udp(a, f, a->c.home_agent, f->src, TOS_CS6, reply, w.len);
}
