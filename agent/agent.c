/* SPDX-License-Identifier: MIT */
#include "agent/agent.h"

#include "agent/ahead.h"
#include "agent/away.h"
#include "agent/home.h"
#include "agent/known.h"
#include "agent/natted.h"

#include <stdlib.h>
#include <string.h>

void agent_conf_default(struct agent_conf *c)
{
	*c = (struct agent_conf){
	    .home_lifetime_s =
		1800, /* RFC 5944 3.6.1.2: what nodes ask for when no link tells them */
	    .home_udp = UDP_TUNNEL_NAT,
	    .home_udp_lifetime_s =
		60, /* RFC 3519 5.2: a NAT that has forgotten the node is found out so soon */
	    .home_keepalive_s = 25, /* many home routers forget a UDP mapping after 30 s */
	    .foreign_lifetime_s = 1800,
	    .deal_keys = true,
	    .advert_interval =
		SEC(20), /* nodes solicit; three wake-ups a minute for those that sleep */
	    .buffers = true,
	    .per_node = {2048,
			 4u << 20},    /* 4 s of a 1 MB/s stream, or 4 s at 500 packets a second */
	    .buffer_total = 64u << 20, /* seven such nodes, and some 250 with less */
	    .lease_max =
		SEC(8), /* a roam with a full scan, and a registration that is sent again */
	    .fence_max = MSEC(60), /* a radio queue that takes longer is on a link that is lost */
	    .marker_guard = MSEC(10), /* fair queues reorder flows: measured, 40 packets deep */
	    .marker_guard_max = MSEC(50),
	    .end_marker_wait = MSEC(100), /* twice the jitter of a bad wide-area path */
	    .merge_idle = MSEC(200),	  /* four pending markers in a row lost */
	    .merge_after_marker = MSEC(20),
	    .drain_factor = 2, /* the queue empties as fast as it filled, beside the live stream */
	    .early_max = SEC(2), /* an answer of the home agent comes within, or its repeat does */
	    .early_bytes = 1u << 20, /* 2 s of a 4 Mbit/s stream */
	    .early_total = 16u << 20,
	    .max_visitors = 1024, /* two /23s of stations on one radio controller */
	    .max_pending = 256,	  /* 36 registrations a second at RFC 5944's 7 s each */
	    .max_bindings = 4096,
	    .max_handoffs = 4096, /* 3 KiB each; the pool has less room than that */
	    .replay_tolerance_s = REPLAY_TOLERANCE_S,
	};
}

bool own_addr(const struct agent *a, uint32_t addr)
{
	return (a->c.home && addr == a->c.home_agent) ||
	       (a->c.foreign && (addr == a->c.care_of || addr == a->c.link_addr));
}

struct agent *agent_new(const struct agent_conf *c, void *pool_mem, const struct instant *now)
{
	struct agent *a = calloc(1, sizeof(*a));

	if (!a)
		return NULL;
	a->c = *c;
	a->pending = calloc(c->max_pending + 1, sizeof(*a->pending));
	if (!a->pending || !known_init(a) || !stations_index(a)) {
		agent_free(a);
		return NULL;
	}
	pool_init(&a->pool, pool_mem, c->buffer_total);
	a->boot = a->now = *now;
	a->rng = (uint32_t)(now->ntp ^ now->ntp >> 32) | 1;
	a->greet_at = a->announce_at = MTIME_NEVER;
	a->behind_nat = c->foreign && c->foreign_nat == AGENT_NAT_YES;
	a->advert_at = c->foreign || c->home_on_link ? now->t : MTIME_NEVER;
	a->pending_at = MTIME_NEVER;
	return a;
}

size_t agent_size(void)
{
	return sizeof(struct agent);
}

void agent_free(struct agent *a)
{
	if (!a)
		return;
	bindings_free(a);
	ahead_free(a);
	natted_free(a);
	nodes_free(a);
	key_wipe(a->c.seed, sizeof(a->c.seed));
	known_free(a);
	free(a->stations);
	free(a->timers.heap);
	free(a->pending);
	free(a);
}

void call_begin(struct agent *a, const struct instant *now, struct agent_out *out)
{
	a->now = *now;
	a->out = out;
	a->scratch_used = 0;
	out->n = 0;
	out->used = 0;
}

/* Behind each call that may have changed what is pending; behind the others, nodes_settle(). */
static void end_control(struct agent *a)
{
	a->pending_at = mtime_min(pending_deadline(a), ahead_deadline(a));
	nodes_settle(a);
}

/* MIP Tunnel Data.  True: it was a control message. */
static bool tunnel_data(struct agent *a, const struct from *f, uint8_t *p, size_t n)
{
	if (natted_is(a, f))
		return natted_udp(a, f, p, n);
	if (a->c.home)
		return home_udp(a, f, p, n);
	drop(a, DROP_OUTER_SOURCE);
	return false;
}

void agent_udp(struct agent *a, uint32_t src, uint16_t sport, uint32_t dst, uint8_t *p, size_t n,
	       const struct instant *now, struct agent_out *out)
{
	struct from f = { .src = src, .sport = sport, .dst = dst };
	uint8_t reply[MIP_MSG_MAX];
	size_t len;

	call_begin(a, now, out);
	if (n && p[0] == MIP_TUNNEL) {
		if (!tunnel_data(a, &f, p, n)) {
			nodes_settle(a);
			return;
		}
	} else if (n && p[0] == MIP_REQUEST && a->c.home) {
		len = home_answer(a, &f, p, n, reply, sizeof(reply));
		if (len)
			out_udp(a, addr_is_unicast(dst) ? dst : a->c.home_agent, src, sport, reply,
				len);
	} else if (n && p[0] == MIP_REPLY && a->c.foreign) {
		foreign_reply(a, src, p, n);
	} else if (n && p[0] == MIP_ORDER) {
		orders_message(a, &f, p, n);
	} else {
		drop(a, n ? DROP_TYPE : DROP_SHORT);
	}
	end_control(a);
}

void agent_link_udp(struct agent *a, unsigned link, const struct mac *mac, uint32_t src,
		    uint16_t sport, uint32_t dst, uint8_t ttl, const uint8_t *p, size_t n,
		    const struct instant *now, struct agent_out *out)
{
	struct from f = {.on_link = true,
			 .link = link,
			 .mac = *mac,
			 .src = src,
			 .dst = dst,
			 .sport = sport,
			 .ttl = ttl};

	call_begin(a, now, out);
	if (n && p[0] == MIP_REQUEST && homelink_is(a, link) && dst == a->c.home_agent)
		homelink_request(a, &f, p, n);
	else if (addr_is_unicast(dst) && !own_addr(a, dst))
		; /* passing by: to the node's home agent */
	else if (n && p[0] == MIP_REQUEST && a->c.foreign)
		foreign_request(a, &f, p, n);
	else if (n && p[0] == MIP_ORDER)
		orders_message(a, &f, p, n);
	else
		drop(a, n ? DROP_TYPE : DROP_SHORT);
	end_control(a);
}

void agent_solicit(struct agent *a, unsigned link, const struct mac *mac, uint32_t src,
		   const uint8_t *icmp, size_t n, const struct instant *now, struct agent_out *out)
{
	enum drop why;

	call_begin(a, now, out);
	why = solicit_decode(icmp, n);
	if (why == DROP_NONE && ((!a->c.foreign && !homelink_is(a, link)) || link >= a->c.n_links))
		why = DROP_NOT_MINE;
	if (why == DROP_NONE && !rate_ok(a, RATE_SOLICIT, rate_mac(mac), 10))
		why = DROP_RATE;
	if (why != DROP_NONE)
		drop(a, why);
	else
		advertise_solicited(a, link, mac, src);
}

bool is_control(const struct ipv4 *ip, struct udp *u)
{
	return udp_decode(ip, true, u) == DROP_NONE && u->dport == MIP_PORT;
}

bool is_tunnels(const struct ipv4 *ip)
{
	struct udp u;

	return ip->protocol == PROTO_IPIP ||
	       (udp_decode(ip, false, &u) == DROP_NONE && u.sport == MIP_PORT);
}

void agent_tunnel(struct agent *a, uint32_t outer_src, uint32_t outer_dst, uint8_t *inner, size_t n,
		  const struct instant *now, struct agent_out *out)
{
	const struct way outer = { outer_src, 0 };
	struct node *node;
	struct ipv4 ip;
	struct udp u;

	call_begin(a, now, out);
	if (ipv4_decode(inner, n, &ip) != DROP_NONE) {
		drop(a, DROP_IP_HEADER);
		return;
	}
	if (a->c.home && outer_dst == a->c.home_agent && ip.dst == outer_dst &&
	    is_control(&ip, &u) && home_order(a, &outer, &ip, &u)) {
		end_control(a);
		return;
	}
	if (a->c.foreign && ip.dst == a->c.care_of && is_control(&ip, &u)) {
		if (ip.src != outer_src)
			drop(a, DROP_INNER_SOURCE);
		else
			orders_marker(a, outer_src, ROLE_VISITOR, u.payload.p, u.payload.left);
		end_control(a);
		return;
	}
	if (!ip.ttl) {
		drop(a, DROP_TTL);
		return;
	}
	if (a->ahead && outer_dst == a->c.care_of &&
	    ahead_packet(a, outer_src, ip.dst, inner, ip.total_len))
		return;
	node = a->c.foreign && outer_dst == a->c.care_of
		       ? node_look(a, ROLE_VISITOR, ip.dst)
		       : NULL;
	if (node && !node_quiet(node))
		node_touch(a, node);
	if (node)
		foreign_tunnel(a, node, &outer, inner, ip.total_len);
	else if (a->c.home && outer_dst == a->c.home_agent)
		home_reverse(a, &outer, &ip, inner, ip.total_len);
	else
		drop(a, DROP_NOT_VISITOR); /* no ICMP: RFC 5944 4.2.2 */
	nodes_settle(a);
}

void agent_tun(struct agent *a, uint8_t *pkt, size_t n, const struct instant *now,
	       struct agent_out *out)
{
	struct ipv4 ip;

	call_begin(a, now, out);
	if (ipv4_decode(pkt, n, &ip) != DROP_NONE)
		drop(a, DROP_IP_HEADER);
	else if (!ip.ttl)
		drop(a, DROP_TTL);
	else if (a->c.home && home_tun(a, &ip, pkt, ip.total_len))
		; /* it was for a node of ours */
	else if (a->c.foreign)
		foreign_tun(a, &ip, pkt, ip.total_len);
	else
		drop(a, DROP_NO_BINDING);
	nodes_settle(a);
}

void agent_unreachable(struct agent *a, uint32_t dst, uint8_t code, const struct instant *now,
		       struct agent_out *out)
{
	/* ICMP code -> RFC 5944 3.4: network, host, port, anything else */
	uint8_t answer = code == 0 ? CODE_FA_HOME_NET
		       : code == 1 ? CODE_FA_HA_HOST
		       : code == 3 ? CODE_FA_HA_PORT
				   : CODE_FA_HA_OTHER;
	call_begin(a, now, out);
	for (unsigned i = a->n_pending; i-- > 0 && out_room(a);)
		if (a->pending[i].home_agent == dst)
			pending_fail(a, &a->pending[i], answer);
	for (unsigned i = 0; i < a->n_pending; i++)
		if (a->pending[i].carried.first_agent == dst)
			a->pending[i].carried.buffer.done = true;
	ahead_unreachable(a, dst);
	for (struct moving *mv = a->moving; mv; mv = mv->next) {
		struct merge *m = merge_from(mv->node, dst);

		if (!m)
			continue;
		m->c.forward.done = true;
		node_touch(a, mv->node);
	}
	end_control(a);
}

void agent_station(struct agent *a, unsigned link, const struct mac *mac, enum station_event event,
		   const struct instant *now, struct agent_out *out)
{
	call_begin(a, now, out);
	if (a->c.foreign && link < a->c.n_links)
		trigger_station(a, link, mac, event);
	end_control(a);
}

void agent_queue_empty(struct agent *a, const struct mac *mac, const struct instant *now,
		       struct agent_out *out)
{
	call_begin(a, now, out);
	for (struct moving *mv = a->moving; mv; mv = mv->next) {
		if (!mv->fence.on || !mac_equal(&mv->fence.to.mac, mac) || !out_room(a))
			continue;
		fence_lift(a, mv->node);
		node_touch(a, mv->node);
	}
	end_control(a);
}

/* Each at most once a call: what is set again in it has its turn behind the others. */
static void run_timers(struct agent *a)
{
	uint64_t last = a->timers.turns;
	struct timer *t;

	while ((t = timers_first(&a->timers)) && t->at <= a->now.t && t->turn <= last &&
	       out_room(a)) {
		timer_set(&a->timers, t, MTIME_NEVER);
		switch (t->kind) {
		case TIMER_NODE:
			node_tick(a, (struct node *)((char *)t - offsetof(struct node, timer)));
			nodes_settle(a);
			break;
		case TIMER_NATTED:
			natted_tick(a, (struct natted *)((char *)t -
							 offsetof(struct natted, timer)));
			break;
		case TIMER_BINDING:
			binding_tick(a, (struct binding *)((char *)t -
							   offsetof(struct binding, timer)));
			break;
		}
	}
}

bool agent_reconfigure(struct agent *a, const struct agent_conf *c, const struct instant *now,
		       struct agent_out *out)
{
	bool done;

	call_begin(a, now, out);
	done = known_renew(a, c);
	end_control(a);
	return done;
}

bool agent_tick(struct agent *a, const struct instant *now, struct agent_out *out)
{
	call_begin(a, now, out);
	if (a->now.t >= a->advert_at)
		advertise_tick(a);
	if (a->now.t >= a->greet_at)
		advertise_greet(a);
	if (a->now.t >= a->announce_at)
		proxy_tick(a);
	if (a->now.t >= a->pending_at) {
		pending_tick(a);
		ahead_tick(a);
	}
	run_timers(a);
	end_control(a);
	return agent_deadline(a) <= a->now.t;
}

mtime agent_deadline(const struct agent *a)
{
	mtime t = mtime_min(a->advert_at, a->greet_at);

	t = mtime_min(t, mtime_min(a->pending_at, a->announce_at));
	return mtime_min(t, timers_deadline(&a->timers));
}

struct pool *agent_pool(struct agent *a)
{
	return &a->pool;
}
