/* SPDX-License-Identifier: MIT */
#include "tests/unit/nai_fixture.h"

#include "agent/away.h"
#include "agent/machine.h"

static struct agent *ha(void)
{
	return l.ag[HA];
}

#include "tests/unit/state_fixture.h"

/* A home agent that starts again gives nobody an address of the pool that is another's. */

/* a@ has a fixed address; b@, c@ and d@ share POOL and POOL + 1. */
static void keeps_its_address(void)
{
	begin();
	CHECK_EQ(named(names[2], POOL + 1, 600, 0), 1);
	CHECK_EQ(named(names[1], 0, 600, 0), 1);
	CHECK_EQ(reply.home_addr, POOL);
	l.now = SEC(1);
	keep();
	CHECK_EQ(restart_at(0), 2);
	CHECK_EQ(agent_counters(ha())->restored, 2);
	CHECK(bound(POOL) && bound(POOL + 1));
	CHECK_EQ(named(names[3], 0, 600, 2), CODE_HA_RESOURCES);
	CHECK_EQ(named(names[3], POOL, 600, 3), CODE_HA_RESOURCES);
	CHECK_EQ(named(names[1], 0, 600, 4), 1);
	CHECK_EQ(reply.home_addr, POOL);
	CHECK_EQ(named(names[2], POOL + 1, 600, 4), 1);
	CHECK_EQ(named(NULL, POOL, 600, 5), 1); /* whoever has it is known by it, too */
	state_stop();
}

/* Deregistered, or run out, before the restart or while it was down: the one it had last. */
static void remembers_the_last_one(void)
{
	begin();
	CHECK_EQ(named(names[1], POOL + 1, 600, 0), 1);
	CHECK_EQ(named(names[1], POOL + 1, 0, 1), 1);
	CHECK_EQ(named(names[2], 0, 10, 1), 1);
	CHECK_EQ(reply.home_addr, POOL);
	l.now = SEC(2);
	keep();
	l.now = SEC(30);
	CHECK_EQ(restart_at(0), 2);
	CHECK_EQ(agent_counters(ha())->restored, 0);
	CHECK(!bound(POOL) && !bound(POOL + 1));
	CHECK_EQ(named(names[1], 0, 600, 31), 1); /* though the first one is free */
	CHECK_EQ(reply.home_addr, POOL + 1);
	CHECK_EQ(named(names[2], 0, 600, 31), 1);
	CHECK_EQ(reply.home_addr, POOL);
	state_stop();
}

/* c@ has it since b@ left: b@'s memory of it is no claim, in whatever order they are read. */
static void one_owner(void)
{
	for (unsigned first = 1; first <= 2; first++) {
		unsigned second = 3 - first;

		begin();
		l.conf[HA].pool_last = POOL;
		lab_stop(&l);
		lab_start(&l);
		CHECK_EQ(named(names[first], 0, 600, 0), 1);
		CHECK_EQ(named(names[first], POOL, 0, 1), 1);
		CHECK_EQ(named(names[second], 0, 600, 2), 1);
		CHECK_EQ(reply.home_addr, POOL);
		l.now = SEC(3);
		keep();
		CHECK_EQ(restart_at(0), 2);
		CHECK_EQ(agent_counters(ha())->restored, 1);
		CHECK_EQ(named(names[first], 0, 600, 4), CODE_HA_RESOURCES);
		CHECK_EQ(named(names[second], 0, 600, 4), 1);
		CHECK_EQ(reply.home_addr, POOL);
		state_stop();
	}
}

/* The configuration is another one than it was. */
static void other_pool(void)
{
	begin();
	CHECK_EQ(named(names[1], POOL + 1, 600, 0), 1);
	CHECK_EQ(named(names[2], 0, 600, 0), 1);
	CHECK_EQ(named(names[0], 0, 600, 0), 1);
	l.now = SEC(1);
	keep();
	l.conf[HA].pool_first = POOL + 1;
	l.conf[HA].pool_last = POOL + 2;
	nodes[3].nai = names[2]; /* d@ is gone, and c@ another entry */
	nodes[2].nai = "x@example.net";
	CHECK_EQ(restart_at(0), 3);
	CHECK(bound(POOL + 1) && !bound(POOL) && bound(FIXED));
	CHECK_EQ(named(names[2], POOL, 600, 2), CODE_HA_PROHIBITED);
	CHECK_EQ(named(names[2], 0, 600, 3), 1);
	CHECK_EQ(reply.home_addr, POOL + 2);
	keep();
	nodes[1] = node_of(FIXED + 1, names[1]); /* it has a fixed one now */
	CHECK_EQ(restart_at(0), 3);
	CHECK(!bound(POOL + 1) && bound(POOL + 2));
	CHECK_EQ(named(names[1], 0, 600, 4), 1);
	CHECK_EQ(reply.home_addr, FIXED + 1);
	state_stop();
}

/* What was heard is a replay afterwards, of a node without an address too. */
static void refused_stays_refused(void)
{
	begin();
	CHECK_EQ(named(names[1], 0, 600, 9), CODE_HA_ID); /* 9 s ahead */
	l.now = SEC(1);
	keep();
	CHECK_EQ(restart_at(0), 1);
	l.now = SEC(9);
	CHECK_EQ(named(names[1], 0, 600, 9), CODE_HA_ID);
	CHECK(!bound(POOL));
	CHECK_EQ(named(names[1], 0, 600, 10), 1);
	state_stop();
}

static void kept_for(void)
{
	struct instant now;
	struct node *n;

	begin();
	CHECK_EQ(named(names[1], 0, 600, 0), 1);
	l.now = SEC(1);
	now = lab_instant(&l);
	agent_tick(ha(), &now, &l.out);
	n = away_node(ha(), POOL);
	CHECK(n && node_moving(ha(), n));
	CHECK_EQ(buffer_begin(ha(), &n->mv->buf,
			      &(struct order){ .message = ORDER_REQUEST,
					       .action = ORDER_BUFFER,
					       .home_addr = POOL,
					       .first_agent = HA_ADDR,
					       .id = ID(1) }),
		 ORDER_GRANTED);
	keep();
	CHECK_EQ(restart_at(0), 1);
	n = node_as(ha(), ROLE_HOME, POOL);
	CHECK(n && node_buffer(n)->state == BUF_BUFFERING);
	state_stop();
}

UNIT_MAIN("pool and state", {"keeps its address", keeps_its_address},
	  {"remembers the last one", remembers_the_last_one}, {"one owner", one_owner},
	  {"another pool", other_pool}, {"refused stays refused", refused_stays_refused},
	  {"kept for", kept_for})
