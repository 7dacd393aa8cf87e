/* SPDX-License-Identifier: MIT */
#include "tests/unit/buffer_fixture.h"

#include "tests/unit/grid.h"

/* The grid of buffer.c, cell by cell; 20 packets are kept where any are. */
enum event {
	PACKET, BUFFER, FORWARD, RELEASE, DELETE, DELETE_FORWARD, RENEW, QUERY,
	RELEASE_EARLY, RESERVE, GONE, BACK, MARKER, OLD_MARKER, RETURNS, DRY, LEASE_OVER,
	LEASE_OVER_ALONE, LEASE_OVER_GONE, RENEW_LATE, DEREGISTERS,
	N_EVENTS
};
static const char *const events[] = {
	[PACKET] = "packet", [BUFFER] = "BUFFER", [FORWARD] = "FORWARD", [RELEASE] = "RELEASE",
	[DELETE] = "DELETE", [DELETE_FORWARD] = "DELETE_FORWARD", [RENEW] = "RENEW",
	[QUERY] = "QUERY", [RELEASE_EARLY] = "RELEASE, before any went",
	[RESERVE] = "BUFFER with RESERVE", [GONE] = "station gone",
	[BACK] = "station gone and back", [LEASE_OVER_GONE] = "lease over, station gone",
	[MARKER] = "home agent's marker", [OLD_MARKER] = "marker of this stay",
	[RETURNS] = "node registers here again", [DRY] = "dry, path ended",
	[LEASE_OVER] = "lease over", [LEASE_OVER_ALONE] = "lease over, registration too",
	[RENEW_LATE] = "RENEW, the last lease ended by itself",
	[DEREGISTERS] = "node deregisters, then lease over",
};

static struct grid_words words;
static uint64_t delivered, forwarded;
static struct drops dropped;

static struct node *node(void)
{
	return node_find(a(), HOME);
}

static void begin(int s)
{
	reach((enum buffer_state)s);
	delivered = node()->delivered;
	forwarded = agent_counters(a())->forwarded;
	dropped = *agent_drops(a());
	l.markers[FA_A] = 0;
	l.out.n = 0;
	memset(&words, 0, sizeof(words));
}

static void obey(uint8_t action)
{
	int c = order(action);

	grid_say(&words, "code:%d", c);
	if (c >= 0 && (c < 128 || c == ORDER_NOTHING_BUFFERED) && reply.has_state)
		CHECK_EQ(reply.state.state, state());
}

static void packet(void)
{
	packets(1);
	if (actions(AGENT_TUNNEL))
		CHECK(l.out.a[0].dst == B_ADDR && l.out.a[0].clear_df);
}

static void buffer(void)
{
	obey(ORDER_BUFFER);
}

static void forward(void)
{
	obey(ORDER_FORWARD);
}

static void release(void)
{
	obey(ORDER_RELEASE);
}

/* As release(), but nothing was forwarded yet. */
static void release_early(void)
{
	enum buffer_state s = state();

	if (s == BUF_DRAINING || s == BUF_PASSING) {
		lab_stop(&l);
		start();
		if (s == BUF_DRAINING) {
			CHECK_EQ(order(ORDER_BUFFER), 0);
			packets(20);
		}
		order(ORDER_FORWARD);
		if (s == BUF_PASSING)
			lab_run(&l, 300);
		CHECK_EQ(state(), s);
		delivered = node()->delivered;
		forwarded = 0;
		l.markers[FA_A] = 0;
	}
	release();
}

static void delete(void)
{
	obey(ORDER_DELETE);
}

static void delete_forward(void)
{
	obey(ORDER_DELETE_FORWARD);
}

static void lease_over(void)
{
	lab_run(&l, 8020);
	l.out.n = 0;
}

static void renew(void)
{
	obey(ORDER_RENEW);
	grid_say(&words, "lease:%d", reply.has_lease);
}

/* As renew(), but a lease before ended without the node's word. */
static void renew_late(void)
{
	if (state() == BUF_SERVING) {
		CHECK_EQ(order(ORDER_BUFFER), 0);
		lease_over();
		CHECK_EQ(state(), BUF_SERVING);
	}
	renew();
}

static void query(void)
{
	obey(ORDER_QUERY);
}

static void early(void)
{
	grid_say(&words, "code:%d", reserve());
	CHECK(a()->early == (state() == BUF_RESERVED ? node_buffer(node())->reserved : 0));
}

static void station_gone(void)
{
	station(STATION_GONE);
}

static void station_back(void)
{
	station(STATION_GONE);
	packets(3);
	station(STATION_JOINED);
	CHECK_EQ(l.out.a[0].act, AGENT_SEND_LINK); /* an advertisement */
	lab_run(&l, 1);
}

static void home_marker(void)
{
	marker(l.last_id + 1);
}

static void old_marker(void)
{
	marker(node()->reg_id);
}

static void returns(void)
{
	l.lose = NULL;
	lab_run(&l, 1);
	lab_register(&l, 600, NULL, NULL);
	for (int i = 0;
	     i < 40 && !(node()->mv && node()->mv->old[0]) && state() != BUF_SERVING; i++)
		lab_run(&l, 1);
	l.out.n = 0;
}

static void dry(void)
{
	lab_run(&l, 300);
	l.out.n = 0;
}

static void lease_over_gone(void)
{
	station(STATION_GONE);
	lease_over();
}

static void lease_over_alone(void)
{
	node()->expires = l.now + SEC(4);
	tick(); /* so that the timer hears of it */
	lease_over();
}

/* A lease that runs goes on until it ends, and nobody is here then. */
static void deregisters(void)
{
	bool leased = buffer_active(node_buffer(node()));

	l.lose = NULL;
	lab_register(&l, 0, NULL, NULL);
	lab_run(&l, 25);
	CHECK_EQ(l.reply.lifetime_s, 0);
	CHECK_EQ(state() != BUF_GONE, leased);
	lease_over();
}

static void happen(int e)
{
	static void (*const what[N_EVENTS])(void) = {
		[PACKET] = packet, [BUFFER] = buffer, [FORWARD] = forward, [RELEASE] = release,
		[DELETE] = delete, [DELETE_FORWARD] = delete_forward, [RENEW] = renew,
		[QUERY] = query, [RELEASE_EARLY] = release_early, [MARKER] = home_marker,
		[OLD_MARKER] = old_marker, [RETURNS] = returns, [DRY] = dry,
		[RESERVE] = early, [GONE] = station_gone, [BACK] = station_back,
		[LEASE_OVER] = lease_over, [LEASE_OVER_ALONE] = lease_over_alone,
		[LEASE_OVER_GONE] = lease_over_gone, [RENEW_LATE] = renew_late,
		[DEREGISTERS] = deregisters,
	};

	if (what[e])
		what[e]();
	else
		grid_say(&words, "no such event");
}

static int now(void)
{
	return state();
}

/* The Reply's code; what went to the node here, and to agent two; what is kept; drops. */
static const char *did(void)
{
	const struct node *n = node();

	if (n && n->delivered > delivered)
		grid_say(&words, "delivers:%u", (unsigned)(n->delivered - delivered));
	if (agent_counters(a())->forwarded > forwarded)
		grid_say(&words, "forwards:%u",
			 (unsigned)(agent_counters(a())->forwarded - forwarded));
	if (l.markers[FA_A])
		grid_say(&words, "marker");
	if (n && node_buffer(n)->q.packets)
		grid_say(&words, "keeps:%u", node_buffer(n)->q.packets);
	if (n && n->mv && n->mv->old[0])
		grid_say(&words, "apart:%s:%u", buffer_state_name(n->mv->old[0]->state),
			 n->mv->old[0]->q.packets);
	if (n && node_buffer(n)->marker_in)
		grid_say(&words, "remembers");
	for (int d = 1; d < DROP_COUNT; d++)
		if (agent_drops(a())->n[d] != dropped.n[d])
			grid_say(&words, "drop:%s:%u", drop_name((enum drop)d),
				 (unsigned)(agent_drops(a())->n[d] - dropped.n[d]));
	return words.text;
}

static void leave(void)
{
	lab_stop(&l);
}

static const char *name(int s)
{
	return buffer_state_name((enum buffer_state)s);
}

static const struct grid_cell cells[][N_EVENTS] = {
	[BUF_SERVING] = {
		[PACKET] = { BUF_SERVING, "delivers:1" }, [BUFFER] = { BUF_BUFFERING, "code:0" },
		[FORWARD] = { BUF_DRAINING, "code:141" }, [RELEASE] = { BUF_SERVING, "code:141" },
		[DELETE] = { BUF_SERVING, "code:141" },
		[DELETE_FORWARD] = { BUF_DRAINING, "code:141" },
		[RENEW] = { BUF_SERVING, "code:141 lease:0" }, [QUERY] = { BUF_SERVING, "code:0" },
		[RELEASE_EARLY] = { BUF_SERVING, "code:141" },
		[MARKER] = { BUF_SERVING, "remembers" },
		[OLD_MARKER] = { BUF_SERVING, "drop:replay:1" }, [RETURNS] = { BUF_SERVING, "" },
		[DRY] = { BUF_SERVING, "" }, [LEASE_OVER] = { BUF_SERVING, "" },
		[LEASE_OVER_ALONE] = { BUF_GONE, "" }, [LEASE_OVER_GONE] = { BUF_SERVING, "" },
		[RESERVE] = { BUF_RESERVED, "code:0" }, [GONE] = { BUF_SERVING, "" },
		[BACK] = { BUF_SERVING, "delivers:3" },
		[RENEW_LATE] = { BUF_SERVING, "code:143 lease:0" },
		[DEREGISTERS] = { BUF_GONE, "" },
	},
	[BUF_BUFFERING] = {
		[PACKET] = { BUF_BUFFERING, "keeps:21" },
		[BUFFER] = { BUF_BUFFERING, "code:0 keeps:20" },
		[FORWARD] = { BUF_DRAINING, "code:0 keeps:20" },
		[RELEASE] = { BUF_SERVING, "code:0 keeps:20" },
		[DELETE] = { BUF_SERVING, "code:0 drop:deleted:20" },
		[DELETE_FORWARD] = { BUF_DRAINING, "code:0 drop:deleted:20" },
		[RENEW] = { BUF_BUFFERING, "code:0 lease:1 keeps:20" },
		[QUERY] = { BUF_BUFFERING, "code:0 keeps:20" },
		[RELEASE_EARLY] = { BUF_SERVING, "code:0 keeps:20" },
		[MARKER] = { BUF_BUFFERING, "keeps:20 remembers" },
		[OLD_MARKER] = { BUF_BUFFERING, "keeps:20 drop:replay:1" },
		[RETURNS] = { BUF_SERVING, "delivers:20" }, [DRY] = { BUF_BUFFERING, "keeps:20" },
		[LEASE_OVER] = { BUF_SERVING, "delivers:20" },
		[LEASE_OVER_ALONE] = { BUF_GONE, "drop:lease-over:20" },
		[LEASE_OVER_GONE] = { BUF_SERVING, "drop:lease-over:20" },
		[RESERVE] = { BUF_BUFFERING, "code:129 keeps:20" },
		[GONE] = { BUF_BUFFERING, "keeps:20" }, [BACK] = { BUF_BUFFERING, "keeps:23" },
		[RENEW_LATE] = { BUF_BUFFERING, "code:0 lease:1 keeps:20" },
		[DEREGISTERS] = { BUF_GONE, "drop:lease-over:20" },
	},
	[BUF_DRAINING] = {
		[PACKET] = { BUF_DRAINING, "keeps:16" },
		[BUFFER] = { BUF_BUFFERING, "code:0 keeps:15" },
		[FORWARD] = { BUF_DRAINING, "code:0 keeps:15" },
		[RELEASE] = { BUF_DRAINING, "code:129 keeps:15" },
		[DELETE] = { BUF_DRAINING, "code:0 drop:deleted:15" },
		[DELETE_FORWARD] = { BUF_DRAINING, "code:0 drop:deleted:15" },
		[RENEW] = { BUF_DRAINING, "code:0 lease:1 keeps:15" },
		[QUERY] = { BUF_DRAINING, "code:0 keeps:15" },
		[RELEASE_EARLY] = { BUF_SERVING, "code:0 keeps:20" },
		[MARKER] = { BUF_DRAINING, "keeps:15 remembers" },
		[OLD_MARKER] = { BUF_DRAINING, "keeps:15 drop:replay:1" },
		[RETURNS] = { BUF_SERVING, "forwards:15 marker apart:passing:0" },
		[DRY] = { BUF_PASSING, "forwards:15 marker" },
		[LEASE_OVER] = { BUF_GONE, "forwards:15 marker" },
		[LEASE_OVER_ALONE] = { BUF_GONE, "forwards:15 marker" },
		[LEASE_OVER_GONE] = { BUF_GONE, "forwards:15 marker" },
		[RESERVE] = { BUF_DRAINING, "code:129 keeps:15" },
		[GONE] = { BUF_DRAINING, "keeps:15" },
		[BACK] = { BUF_DRAINING, "forwards:2 keeps:16" },
		[RENEW_LATE] = { BUF_DRAINING, "code:0 lease:1 keeps:15" },
		[DEREGISTERS] = { BUF_GONE, "forwards:15 marker" },
	},
	[BUF_PASSING] = {
		[PACKET] = { BUF_PASSING, "forwards:1" }, [BUFFER] = { BUF_BUFFERING, "code:0" },
		[FORWARD] = { BUF_DRAINING, "code:0" }, [RELEASE] = { BUF_PASSING, "code:129" },
		[DELETE] = { BUF_PASSING, "code:141" },
		[DELETE_FORWARD] = { BUF_DRAINING, "code:0" },
		[RENEW] = { BUF_PASSING, "code:0 lease:1" }, [QUERY] = { BUF_PASSING, "code:0" },
		[RELEASE_EARLY] = { BUF_SERVING, "code:0" },
		[MARKER] = { BUF_PASSING, "remembers" },
		[OLD_MARKER] = { BUF_PASSING, "drop:replay:1" },
		[RETURNS] = { BUF_SERVING, "apart:passing:0" }, [DRY] = { BUF_PASSING, "" },
		[LEASE_OVER] = { BUF_GONE, "" }, [LEASE_OVER_ALONE] = { BUF_GONE, "" },
		[LEASE_OVER_GONE] = { BUF_GONE, "" }, [RESERVE] = { BUF_PASSING, "code:129" },
		[GONE] = { BUF_PASSING, "" }, [BACK] = { BUF_PASSING, "forwards:3" },
		[RENEW_LATE] = { BUF_PASSING, "code:0 lease:1" }, [DEREGISTERS] = { BUF_GONE, "" },
	},
	[BUF_RESERVED] = {
		[PACKET] = { BUF_RESERVED, "delivers:1" }, [BUFFER] = { BUF_BUFFERING, "code:0" },
		[FORWARD] = { BUF_DRAINING, "code:141" }, [RELEASE] = { BUF_SERVING, "code:0" },
		[DELETE] = { BUF_SERVING, "code:0" },
		[DELETE_FORWARD] = { BUF_DRAINING, "code:141" },
		[RENEW] = { BUF_RESERVED, "code:0 lease:1" }, [QUERY] = { BUF_RESERVED, "code:0" },
		[RELEASE_EARLY] = { BUF_SERVING, "code:0" },
		[RESERVE] = { BUF_RESERVED, "code:0" }, [GONE] = { BUF_BUFFERING, "" },
		[BACK] = { BUF_RESERVED, "delivers:3" },
		[MARKER] = { BUF_RESERVED, "remembers" },
		[OLD_MARKER] = { BUF_RESERVED, "drop:replay:1" },
		[RETURNS] = { BUF_RESERVED, "" }, [DRY] = { BUF_RESERVED, "" },
		[LEASE_OVER] = { BUF_RESERVED, "" }, [LEASE_OVER_ALONE] = { BUF_GONE, "" },
		[LEASE_OVER_GONE] = { BUF_SERVING, "" },
		[RENEW_LATE] = { BUF_RESERVED, "code:0 lease:1" }, [DEREGISTERS] = { BUF_GONE, "" },
	},
};

/* GONE has no row: what reaches it is taken away in the same call. */
static void grid(void)
{
	static const struct grid g = {
		.n_states = BUF_GONE, .n_events = N_EVENTS, .state = name, .event = events,
		.reach = begin, .happen = happen, .now = now, .did = did, .leave = leave,
	};

	grid_play(&g, cells[0]);
}

UNIT_MAIN("buffer's grid", {"state x event", grid})
