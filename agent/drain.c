/* SPDX-License-Identifier: MIT */
#include "agent/away.h"

#define BURST 5			   /* RFC 5568 6.2.3: back to back, then at the metered rate */
#define INTERVAL_MAX MSEC(5)	   /* a stream slower than 200 packets a second needs no pacing */
#define METER_MIN MSEC(20)
#define PENDING_EVERY MSEC(50)
/* The home agent moves the binding after an early FORWARD: 200 ms there, and its marker back. */
#define EARLY_WAIT MSEC(500)

void drain_start(struct agent *a, struct buffer *b)
{
	b->forward_at = a->now.t;
	b->burst_left = BURST;
	b->unpaced = false;
	b->next_send = a->now.t;
	b->next_pending = a->now.t + PENDING_EVERY;
	if (b->node->role == ROLE_HOME) {
		b->path_ended = false; /* the new path begins: away.c says when */
		b->next_send = drain_path_end(a, b);
	}
}

/*
 * Time between two packets: the rate at which they came, times the factor, but soon enough to
 * be done within the first half of the lease.
 */
static mtime interval(const struct agent *a, const struct buffer *b)
{
	mtime span = b->last_arrival - b->meter_from, half, t = INTERVAL_MAX;

	if (b->arrived)
		t = mtime_min(t, (span > METER_MIN ? span : METER_MIN) /
				     ((mtime)b->arrived * a->c.drain_factor));
	half = b->forward_at + (b->lease_ends - b->forward_at) / 2 - a->now.t;
	if (half <= 0)
		return 0;
	return mtime_min(t, half / (mtime)(b->q.packets + 1));
}

void drain_sent(struct agent *a, struct buffer *b)
{
	if (b->burst_left && --b->burst_left)
		return;
	/* a late timer may catch up, by a batch at most */
	if (b->next_send < a->now.t - MSEC(5))
		b->next_send = a->now.t - MSEC(5);
	b->next_send += interval(a, b);
}

/*
 * RFC 2003 3.2.  To a home agent goes what its own host's programs say, as it does from there: what
 * a tunnel or our port has sent would be a circle.
 */
static bool would_loop(const struct buffer *b, const struct ipv4 *ip)
{
	return ip->src == b->forward_to &&
	       (b->forward_to != b->node->home_agent || is_tunnels(ip));
}

void drain_forward(struct agent *a, struct buffer *b, uint8_t *pkt, size_t n)
{
	struct ipv4 ip;

	if (b->node->role == ROLE_HOME) {
		b->forwarded++;
		a->count.forwarded++;
		node_deliver(a, b->node, pkt, n);
		return;
	}
	if (ipv4_decode(pkt, n, &ip) != DROP_NONE) {
		drop(a, DROP_IP_HEADER);
		return;
	}
	if (would_loop(b, &ip)) {
		drop(a, DROP_LOOP);
		return;
	}
	if (ip.ttl <= 1) {
		drop(a, DROP_TTL); /* every hop takes one: no circle of agents is endless */
		return;
	}
	ipv4_ttl_add(pkt, -1);
	b->forwarded++;
	a->count.forwarded++;
	out_tunnel(a, a->c.care_of, &(struct way){ b->forward_to, 0 }, pkt, n, true);
}

void drain_batch(struct agent *a, struct buffer *b)
{
	for (unsigned i = 0; i < RELEASE_BATCH; i++) {
		size_t n;
		uint8_t *p;

		if (!b->unpaced && (a->now.t < b->next_send || buffer_blocked(b)))
			return;
		p = buffer_take(a, b, &n);
		if (!p)
			return;
		drain_forward(a, b, p, n);
		drain_sent(a, b);
	}
}

/*
 * mip-buffer(7) section 3: marker_guard after the last packet that follows the marker, since
 * fair queues let a marker overtake data; without a marker, silence.
 */
mtime drain_path_end(const struct agent *a, const struct buffer *b)
{
	mtime last = b->last_in;

	if (b->node->role == ROLE_HOME)
		return b->forward_at + away_guard(a, b->node);
	if (b->marker_in) {
		last = last > b->marker_at ? last : b->marker_at;
		return mtime_min(last + a->c.marker_guard, b->marker_at + a->c.marker_guard_max);
	}
	last = last > b->forward_at ? last : b->forward_at;
	if (b->ahead && conf_peer(a, b->node->home_agent))
		return last + EARLY_WAIT;
	return last + a->c.end_marker_wait;
}

void drain_marker(struct agent *a, struct buffer *b, bool pending)
{
	struct order o = {
		.message = ORDER_MARKER,
		.flags = pending ? ORDER_F_PENDING : 0,
		.home_addr = b->node->home,
		.first_agent = a->c.care_of,
		.care_of = b->forward_to,
		.id = b->forward_id,
		.has_count = !pending,
		.count = (uint32_t)b->forwarded,
	};

	if (pending)
		marker_once(a, &o, a->c.care_of, b->forward_to, EXT_GENERAL_AUTH, &b->kh);
	else
		markers_start(a, &b->markers, &o, a->c.care_of, &(struct way){ b->forward_to, 0 },
			      EXT_GENERAL_AUTH, &b->kh);
}
