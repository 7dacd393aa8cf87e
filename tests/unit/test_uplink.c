/* SPDX-License-Identifier: MIT */
#include "client/uplink.h"

#include "tests/unit/grid.h"

/* The grid of uplink.h, cell by cell; one packet waits wherever one can. */
#define LIMIT 4

enum event { HOLD, RELEASE, PACKET, FLOOD, NEXT, TOO_OLD, DRY, BUSY, N_EVENTS };
static const char *const events[] = {
	[HOLD] = "hold", [RELEASE] = "release", [PACKET] = "packet", [FLOOD] = "one too many",
	[NEXT] = "next", [TOO_OLD] = "next, 8 s later", [DRY] = "2 ms dry",
	[BUSY] = "never dry for 1 s",
};

static uint64_t memory[(1 << 16) / 8];
static struct pool pool;
static struct uplink u;
static mtime now;
static struct grid_words words;

static void packet(void)
{
	enum drop why;
	bool at_once = uplink_packet(&u, "packet", 6, now, &why);

	if (why != DROP_NONE)
		grid_say(&words, "drop:%s", drop_name(why));
	else
		grid_say(&words, at_once ? "sent" : "kept");
}

static void next(void)
{
	uint8_t buf[100];
	unsigned aged;
	size_t n = uplink_next(&u, buf, sizeof(buf), now, &aged);

	if (aged)
		grid_say(&words, "aged:%u", aged);
	if (n)
		grid_say(&words, "sent");
}

static void drained(void)
{
	if (uplink_drained(&u, now))
		grid_say(&words, "dry");
}

static void reach(int s)
{
	now = SEC(100);
	pool_init(&pool, memory, sizeof(memory));
	uplink_init(&u, &pool, LIMIT); /* and so HELD */
	switch ((enum uplink_state)s) {
	case UP_DIRECT:
		uplink_release(&u, now);
		now += MSEC(2);
		drained();
		break;
	case UP_DRAINING:
		packet();
		uplink_release(&u, now);
		break;
	case UP_HELD:
		packet();
		break;
	}
	memset(&words, 0, sizeof(words));
}

static void happen(int e)
{
	switch ((enum event)e) {
	case HOLD:
		uplink_hold(&u);
		break;
	case RELEASE:
		uplink_release(&u, now);
		break;
	case PACKET:
		packet();
		break;
	case FLOOD:
		for (unsigned i = u.q.packets; i < LIMIT; i++)
			packet();
		memset(&words, 0, sizeof(words));
		packet();
		break;
	case TOO_OLD:
		now += UPLINK_AGE + 1;
		next();
		break;
	case NEXT:
		next();
		break;
	case DRY:
		next();
		now += MSEC(2) - 1;
		drained();
		CHECK(!strstr(words.text, "dry"));
		now += 1;
		drained();
		break;
	case BUSY:
		for (mtime end = now + SEC(1); now < end; now += MSEC(1)) {
			next();
			packet();
			next();
			drained();
			memset(&words, 0, sizeof(words));
		}
		drained();
		break;
	case N_EVENTS:
		break;
	}
}

static int state(void)
{
	return u.state;
}

static const char *did(void)
{
	mtime at = uplink_deadline(&u);

	if (u.q.packets)
		grid_say(&words, "%u wait", u.q.packets);
	if (at != MTIME_NEVER)
		grid_say(&words, "%lldus", (long long)(at > now ? at - now : 0));
	return words.text;
}

static void leave(void)
{
}

static const char *name(int s)
{
	static const char *const names[] = { [UP_DIRECT] = "direct", [UP_HELD] = "held",
					     [UP_DRAINING] = "draining" };

	return names[s];
}

/* What it does, what waits then, and when it wants to be called (held and direct: never). */
static const struct grid_cell cells[][N_EVENTS] = {
	[UP_DIRECT] = {
		[HOLD] = { UP_HELD, "" },
		[RELEASE] = { UP_DIRECT, "" },
		[PACKET] = { UP_DIRECT, "sent" },
		[FLOOD] = { UP_DIRECT, "sent" },
		[NEXT] = { UP_DIRECT, "" },
		[TOO_OLD] = { UP_DIRECT, "" },
		[DRY] = { UP_DIRECT, "" },
		[BUSY] = { UP_DIRECT, "" },
	},
	[UP_HELD] = {
		[HOLD] = { UP_HELD, "1 wait" },
		[RELEASE] = { UP_DRAINING, "1 wait 0us" },
		[PACKET] = { UP_HELD, "kept 2 wait" },
		[FLOOD] = { UP_HELD, "drop:uplink-full 4 wait" },
		[NEXT] = { UP_HELD, "1 wait" },
		[TOO_OLD] = { UP_HELD, "1 wait" },
		[DRY] = { UP_HELD, "1 wait" },
		[BUSY] = { UP_HELD, "4 wait" },
	},
	[UP_DRAINING] = {
		[HOLD] = { UP_HELD, "1 wait" },
		[RELEASE] = { UP_DRAINING, "1 wait 0us" },
		[PACKET] = { UP_DRAINING, "kept 2 wait 0us" },
		[FLOOD] = { UP_DRAINING, "drop:uplink-full 4 wait 0us" },
		[NEXT] = { UP_DRAINING, "sent 2000us" },
		[TOO_OLD] = { UP_DRAINING, "aged:1 0us" },
		[DRY] = { UP_DIRECT, "sent dry" },
		[BUSY] = { UP_DIRECT, "dry" },
	},
};

static void grid(void)
{
	static const struct grid g = {
		.n_states = sizeof(cells) / sizeof(cells[0]), .n_events = N_EVENTS,
		.state = name, .event = events, .reach = reach, .happen = happen, .now = state,
		.did = did, .leave = leave,
	};

	grid_play(&g, cells[0]);
	CHECK_EQ(g.n_states, 3);
}

UNIT_MAIN("uplink", {"state x event", grid})
