/* SPDX-License-Identifier: MIT */
#include "tests/unit/nai_fixture.h"

#include "agent/away.h"
#include "agent/machine.h"

static void fixed(void)
{
	begin();
	CHECK_EQ(named(names[0], 0, 600, 0), 1);
	CHECK_EQ(reply.home_addr, FIXED);
	CHECK(bound(FIXED));
	CHECK_EQ(named(names[0], FIXED, 600, 1), 1);
	CHECK_EQ(named(NULL, FIXED, 600, 2), 1); /* once it knows it */
	CHECK_EQ(named(names[0], FIXED + 1, 600, 3), CODE_HA_PROHIBITED);
	CHECK_EQ(reply.home_addr, FIXED + 1);
	CHECK_EQ(named(names[0], FIXED, 0, 4), 1);
	CHECK(!bound(FIXED));
	lab_stop(&l);
}

static void pool(void)
{
	begin();
	CHECK_EQ(named(names[1], 0, 600, 0), 1);
	CHECK_EQ(reply.home_addr, POOL);
	CHECK_EQ(named(names[1], 0, 600, 1), 1); /* it has it already */
	CHECK_EQ(reply.home_addr, POOL);
	CHECK_EQ(named(names[2], 0, 600, 1), 1);
	CHECK_EQ(reply.home_addr, POOL + 1);
	CHECK_EQ(named(names[3], 0, 600, 1), CODE_HA_RESOURCES);
	CHECK_EQ(reply.home_addr, 0);
	CHECK_EQ(named(names[1], POOL, 600, 2), 1);
	CHECK_EQ(named(NULL, POOL, 600, 3), 1);
	CHECK_EQ(named(NULL, POOL, 0, 4), 1);
	CHECK(!bound(POOL));
	CHECK_EQ(named(NULL, POOL, 600, 5), -1); /* nobody's now */
	CHECK_EQ(named(names[3], 0, 600, 3), 1);
	CHECK_EQ(reply.home_addr, POOL);
	CHECK_EQ(binding_find(l.ag[HA], POOL)->home, POOL);
	lab_stop(&l);
}

/* After a restart of the home agent, or after its binding ran out, it wishes what it had. */
static void again(void)
{
	struct instant now;

	begin();
	CHECK_EQ(named(names[1], POOL + 1, 600, 0), 1);
	CHECK_EQ(reply.home_addr, POOL + 1);
	l.now = SEC(600);
	now = lab_instant(&l);
	agent_tick(l.ag[HA], &now, &l.out);
	CHECK(!bound(POOL + 1));
	CHECK_EQ(named(names[1], 0, 600, 600), 1);
	CHECK_EQ(reply.home_addr, POOL + 1);
	CHECK_EQ(named(names[2], POOL + 1, 600, 600), CODE_HA_PROHIBITED);
	CHECK_EQ(named(names[2], 0, 600, 601), 1);
	CHECK_EQ(reply.home_addr, POOL);
	lab_stop(&l);
}

/* With its own key, for an address that is another's. */
static void not_another_ones(void)
{
	begin();
	CHECK_EQ(named(names[1], 0, 600, 0), 1);
	CHECK_EQ(named(names[2], POOL, 600, 1), CODE_HA_PROHIBITED);
	CHECK_EQ(named(names[2], FIXED, 600, 2), CODE_HA_PROHIBITED);
	CHECK_EQ(named(names[2], HOME, 600, 3), CODE_HA_PROHIBITED);
	CHECK_EQ(named(names[0], HOME, 0, 3), CODE_HA_PROHIBITED);
	CHECK(bound(POOL) && !bound(HOME) && !bound(FIXED));
	lab_stop(&l);
}

static void unknown(void)
{
	struct sa wrong = lab_sa(1000, "quite another one");
	struct mip_request m = good();
	struct instant now;

	begin();
	CHECK_EQ(named("x@example.net", 0, 600, 0), -1);
	CHECK_EQ(named(NULL, 0, 600, 0), -1);
	CHECK_EQ(named("a@example.ne", 0, 600, 0), -1);
	CHECK_EQ(dropped(DROP_NO_KEY), 3);
	m.home_addr = 0;
	msg_len = put(&m, names[1], &wrong);
	now = lab_instant(&l);
	agent_udp(l.ag[HA], lab_addr[FA_A], 5434, HA_ADDR, msg, msg_len, &now, &l.out);
	CHECK_EQ(dropped(DROP_BAD_AUTH), 1);
	CHECK(!bound(POOL)); /* nothing is given away */
	CHECK_EQ(named(names[2], 0, 600, 1), 1);
	CHECK_EQ(reply.home_addr, POOL);
	lab_stop(&l);
}

/* The same Request twice: the same answer, with the address. */
static void doubled(void)
{
	begin();
	CHECK_EQ(named(names[1], 0, 600, 0), 1);
	CHECK_EQ(ask_from(lab_addr[FA_A], HA_ADDR), 1);
	CHECK_EQ(reply.home_addr, POOL);
	lab_stop(&l);
}

/* What the home agent keeps for one is not for the next who has its address. */
static void kept(void)
{
	struct instant now;
	struct node *n;

	begin();
	CHECK_EQ(named(names[1], 0, 600, 0), 1);
	n = away_node(l.ag[HA], POOL);
	CHECK(n && node_moving(l.ag[HA], n));
	CHECK_EQ(buffer_begin(l.ag[HA], &n->mv->buf, &(struct order){ .id = ID(1) }),
		 ORDER_GRANTED);
	n->mv->buf.lease_ends = MTIME_NEVER; /* longer than the binding */
	n->expires = MTIME_NEVER;
	l.now = SEC(600);
	now = lab_instant(&l);
	agent_tick(l.ag[HA], &now, &l.out);
	CHECK(!bound(POOL));
	n = node_as(l.ag[HA], ROLE_HOME, POOL);
	CHECK(!n || node_buffer(n)->state == BUF_SERVING);
	lab_stop(&l);
}

static void reconfigured(void)
{
	static struct agent_node_conf other[4];
	struct agent_conf conf = l.conf[HA];
	struct instant now;

	begin();
	CHECK_EQ(named(names[1], 0, 600, 0), 1);
	CHECK_EQ(named(names[2], 0, 600, 0), 1);
	CHECK_EQ(named(names[0], 0, 600, 0), 1);
	other[0] = nodes[3];
	other[1] = nodes[2]; /* keeps its address, at another place */
	other[2] = node_of(HOME, names[0]); /* has another one */
	conf.nodes = other;
	conf.n_nodes = 3;
	now = lab_instant(&l);
	CHECK(agent_reconfigure(l.ag[HA], &conf, &now, &l.out));
	agent_tick(l.ag[HA], &now, &l.out);
	CHECK(!bound(POOL) && bound(POOL + 1) && !bound(FIXED));
	CHECK_EQ(named(names[2], 0, 600, 1), 1);
	CHECK_EQ(reply.home_addr, POOL + 1);
	CHECK_EQ(named(names[3], 0, 600, 1), 1);
	CHECK_EQ(reply.home_addr, POOL);
	CHECK_EQ(named(names[0], 0, 600, 1), 1);
	CHECK_EQ(reply.home_addr, HOME);
	CHECK_EQ(named(names[1], 0, 600, 1), -1);
	lab_stop(&l);
}

UNIT_MAIN("nodes by name", {"a fixed address", fixed}, {"the pool", pool}, {"again", again},
	  {"not another one's", not_another_ones}, {"unknown", unknown}, {"doubled", doubled},
	  {"kept", kept}, {"reconfigured", reconfigured})
