/* SPDX-License-Identifier: MIT */
#include "tests/unit/home_fixture.h"

/* The home agent is told of other nodes and agents while it runs. */
#define OTHER (HOME + 1)
#define MANY 300 /* bindings: more than one call has room to speak of */

static struct agent_node_conf nodes[MANY + 1], given[2][MANY + 1];
static struct agent_conf conf;

static struct agent_node_conf node_of(uint32_t home)
{
	return (struct agent_node_conf){ .home_addr = home, .sa = lab_mn_ha() };
}

static void configure(size_t n)
{
	struct instant now = lab_instant(&l);
	static unsigned turn;

	conf = l.conf[HA];
	conf.nodes = memcpy(given[++turn % 2], nodes, sizeof(nodes)); /* the old one is in use */
	conf.n_nodes = n;
	CHECK(agent_reconfigure(l.ag[HA], &conf, &now, &l.out));
}

/* True: more is ready. */
static bool tick(void)
{
	struct instant now = lab_instant(&l);

	return agent_tick(l.ag[HA], &now, &l.out);
}

static size_t bindings(void)
{
	struct agent_cursor at = { 0 };
	struct agent_binding_info b;
	size_t n = 0;

	while (agent_binding_next(l.ag[HA], &at, &b))
		n++;
	return n;
}

static void begin(void)
{
	struct mip_request m = good();

	lab_init(&l);
	nodes[0] = node_of(HOME);
	nodes[1] = node_of(OTHER);
	CHECK_EQ(ask(&m), CODE_ACCEPTED_NO_SIMULTANEOUS);
}

static void added(void)
{
	struct mip_request m = good(), old = good();

	begin();
	m.home_addr = OTHER;
	CHECK_EQ(ask(&m), -1);
	configure(2);
	CHECK(!tick());
	CHECK_EQ(bindings(), 1); /* the first one's is kept, */
	CHECK_EQ(binding().expires, SEC(600));
	m.id = ID(1);
	CHECK_EQ(ask(&m), CODE_ACCEPTED_NO_SIMULTANEOUS);
	CHECK_EQ(bindings(), 2);
	old.id = ID(-1); /* and so is what it sent last */
	CHECK_EQ(ask(&old), CODE_HA_ID);
	nodes[0] = nodes[1]; /* it stands in another place */
	nodes[1] = node_of(HOME);
	configure(2);
	CHECK(!tick());
	CHECK_EQ(bindings(), 2);
	l.now = SEC(2);
	CHECK_EQ(ask(&old), CODE_HA_ID);
	lab_stop(&l);
}

static void removed(void)
{
	struct mip_request m = good();

	begin();
	nodes[0] = nodes[1];
	configure(1);
	CHECK_EQ(agent_deadline(l.ag[HA]), l.now);
	CHECK(!tick());
	CHECK_EQ(l.out.n, 1);
	CHECK(strstr(l.out.a[0].note, "10.99.0.5 binding removed: the configuration has changed"));
	CHECK_EQ(bindings(), 0);
	m.id = ID(1);
	CHECK_EQ(ask(&m), -1);
	CHECK_EQ(dropped(DROP_NO_KEY), 1);
	lab_stop(&l);
}

static void another_key(void)
{
	struct mip_request m = good();
	struct instant now;

	begin();
	nodes[0].sa = lab_sa(1000, "quite another one");
	configure(1);
	CHECK(!tick());
	CHECK_EQ(bindings(), 0);
	m.id = ID(1);
	sign(&m, true); /* with the old one */
	now = lab_instant(&l);
	agent_udp(l.ag[HA], lab_addr[FA_A], 5434, HA_ADDR, msg, msg_len, &now, &l.out);
	CHECK_EQ(dropped(DROP_BAD_AUTH), 1);
	CHECK_EQ(bindings(), 0);
	nodes[0].sa = lab_mn_ha();
	configure(1);
	m.id = ID(-1); /* older than the last under the first key: nothing to compare it with */
	l.now = SEC(1);
	CHECK_EQ(ask(&m), CODE_ACCEPTED_NO_SIMULTANEOUS);
	lab_stop(&l);
}

/* The agent's key is gone: what it vouches for is worth no more, and no key is dealt to it. */
static void peers(void)
{
	struct mip_request m = good();

	begin();
	CHECK_EQ(exts.n_fa_ha, 1);
	l.conf[HA].n_peers = 0;
	configure(1);
	CHECK(!tick());
	CHECK_EQ(bindings(), 1);
	m.id = ID(1);
	sign(&m, false);
	CHECK_EQ(ask_from(lab_addr[FA_A], HA_ADDR), CODE_ACCEPTED_NO_SIMULTANEOUS);
	CHECK_EQ(exts.n_fa_ha, 0);
	lab_stop(&l);
}

static void many(void)
{
	struct mip_request m = good();
	unsigned ticks = 0;

	begin();
	for (uint32_t i = 0; i < MANY; i++)
		nodes[i] = node_of((HOME & 0xffffff00) + 2 + i);
	configure(250);
	for (uint32_t i = 0; i < 250; i++) {
		m.home_addr = nodes[i].home_addr;
		m.id = ID(1);
		CHECK_EQ(ask(&m), CODE_ACCEPTED_NO_SIMULTANEOUS);
	}
	CHECK_EQ(bindings(), 250);
	nodes[0] = node_of(HOME);
	configure(1);
	while (tick())
		ticks++;
	CHECK(ticks > 1);
	CHECK_EQ(bindings(), 1);
	CHECK_EQ(binding().home_addr, HOME);
	configure(0);
	tick();
	CHECK_EQ(bindings(), 0);
	lab_stop(&l);
}

UNIT_MAIN("reconfigure", {"added", added}, {"removed", removed}, {"another key", another_key},
	  {"agents", peers}, {"many", many})
