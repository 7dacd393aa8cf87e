/* SPDX-License-Identifier: MIT */
#include "agent/foreign.h"

#include <stdlib.h>
#include <utlist.h>

/* What an idle node's machine looks like. */
static const struct buffer idle = { .state = BUF_SERVING, .lease_ends = MTIME_NEVER };

struct moving *node_moving(struct agent *a, struct node *n)
{
	struct moving *mv = n->mv;

	if (!mv) {
		mv = a->n_moving < a->c.max_handoffs ? calloc(1, sizeof(*mv)) : NULL;
		if (!mv) {
			drop(a, DROP_LIMIT);
			return NULL;
		}
		mv->node = n;
		buffer_init(&mv->buf, n);
		pktq_init(&mv->held);
		DL_APPEND(a->moving, mv);
		a->n_moving++;
		n->mv = mv;
	}
	mv->used = a->now.t;
	return mv;
}

const struct buffer *node_buffer(const struct node *n)
{
	return n->mv ? &n->mv->buf : &idle;
}

/* Orders may be repeated, and what they left is asked for: that is remembered for a while. */
static bool blank(const struct moving *mv)
{
	return !mv->memo_next && !mv->buf.marker_in;
}

bool moving_over(const struct moving *mv)
{
	for (unsigned i = 0; i < OLD_MAX; i++)
		if (mv->old[i])
			return false;
	return mv->buf.state != BUF_RESERVED && !mv->buf.merge && !mv->held.packets &&
	       !mv->fence.on &&
	       mv->expect == EXPECT_NONE && !buffer_active(&mv->buf) &&
	       markers_deadline(&mv->buf.markers) == MTIME_NEVER;
}

void moving_drop_old(struct agent *a, struct moving *mv, unsigned i)
{
	struct buffer *b = mv->old[i];

	if (!b)
		return;
	if (b->merge)
		merge_drop(a, b->merge, DROP_LEASE_OVER);
	buffer_clear(a, b, DROP_LEASE_OVER);
	secret_wipe(&b->kh.key);
	free(b);
	mv->old[i] = NULL;
}

void moving_free(struct agent *a, struct node *n)
{
	struct moving *mv = n->mv;

	if (!mv)
		return;
	if (mv->buf.merge)
		merge_drop(a, mv->buf.merge, DROP_LEASE_OVER);
	for (unsigned i = 0; i < OLD_MAX; i++)
		moving_drop_old(a, mv, i);
	pktq_clear(&a->pool, &mv->held);
	buffer_clear(a, &mv->buf, DROP_LEASE_OVER);
	DL_DELETE(a->moving, mv);
	a->n_moving--;
	n->mv = NULL;
	secret_wipe(&mv->buf.kh.key);
	free(mv);
}

mtime moving_deadline(const struct moving *mv)
{
	if (!moving_over(mv))
		return MTIME_NEVER;
	return blank(mv) ? mv->used : mv->used + MOVING_KEEP;
}

void moving_age(struct agent *a, struct node *n)
{
	if (!n->mv)
		return;
	if (a->now.t >= moving_deadline(n->mv))
		moving_free(a, n);
	else if (!moving_over(n->mv))
		n->mv->used = a->now.t;
}
