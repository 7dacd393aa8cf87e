/* SPDX-License-Identifier: MIT */
#include "tests/unit/colocated_fixture.h"

/* All nodes at once, as after a restart of the home agent; and what one node, or one stranger, may
 * have of it. */
#define MANY 1000
static struct agent_node_conf many[MANY];

static void start(void)
{
	lab_defaults(&l);
	l.conf[HA].nodes = many;
	l.conf[HA].n_nodes = MANY;
	l.conf[HA].home_prefix_len = 16;
	for (unsigned i = 0; i < MANY; i++)
		many[i] = (struct agent_node_conf){HOME + i, lab_mn_ha(), NULL};
	lab_start(&l);
	l.now = SEC(100);
}

enum kind { ONE_NAT, ONE_AGENT, OWN_ADDRESSES, KINDS };

static struct wish of(enum kind kind, unsigned i)
{
	struct wish x = kind == ONE_NAT	    ? behind((uint16_t)(20000 + i))
			: kind == ONE_AGENT ? at_agent(FA_A)
					    : in_the_open();

	if (kind == OWN_ADDRESSES)
		x.care_of = x.src = OPEN + 256 + i;
	x.home_addr = HOME + i;
	return x;
}

static void all_at_once(void)
{
	for (int kind = 0; kind < KINDS; kind++) {
		start();
		for (unsigned i = 0; i < MANY; i++) {
			struct wish x = of((enum kind)kind, i);

			CHECK_EQ(asked(&x), 1);
		}
		CHECK_EQ(agent_counters(ha())->accepted, MANY);
		CHECK(!agent_binding_at(ha(), MANY, &(struct agent_binding_info){ 0 }));
		CHECK(agent_binding_at(ha(), MANY - 1, &(struct agent_binding_info){ 0 }));
		lab_stop(&l);
	}
}

/* Their clocks are off: each hears of it, at once, and then is registered. */
static void clocks_off(void)
{
	for (int kind = 0; kind < KINDS; kind++) {
		start();
		for (unsigned i = 0; i < MANY; i++) {
			struct wish x = of((enum kind)kind, i);

			x.id = (uint64_t)(LAB_NTP - 86400) << 32 | i;
			CHECK_EQ(asked(&x), CODE_HA_ID);
			x.id = reply.id;
			CHECK_EQ(asked(&x), 1);
		}
		CHECK_EQ(agent_counters(ha())->accepted, MANY);
		lab_stop(&l);
	}
}

/* One that asks a thousand times a second has ten answers, and takes nothing from others. */
static void one_node(void)
{
	struct wish x = of(ONE_NAT, 0), y = of(ONE_NAT, 1);
	unsigned answers = 0;

	start();
	for (unsigned i = 0; i < 1000; i++) {
		x.id = lab_id(&l);
		answers += asked(&x) == 1;
	}
	CHECK_EQ(answers, 10);
	CHECK_EQ(dropped(DROP_RATE), 990);
	CHECK_EQ(asked(&y), 1);
	l.now += SEC(1);
	x.id = lab_id(&l);
	CHECK_EQ(asked(&x), 1);
	lab_stop(&l);
}

/* In the names of all nodes and without a key: to one address go ten answers a second. */
static void a_stranger(void)
{
	struct instant now;
	unsigned answers = 0;
	uint8_t buf[300];

	start();
	now = lab_instant(&l);
	for (unsigned i = 0; i < MANY; i++) {
		struct wish x = of(ONE_NAT, i);
		size_t n = request(&x, buf, sizeof(buf));

		buf[n - 1] ^= 1;
		agent_udp(ha(), x.src, x.sport, HA_ADDR, buf, n, &now, &l.out);
		for (unsigned k = 0; k < l.out.n; k++)
			answers += l.out.a[k].act == AGENT_SEND_UDP;
	}
	CHECK_EQ(answers, 10);
	CHECK_EQ(dropped(DROP_BAD_AUTH), MANY);
	for (unsigned i = 0; i < MANY; i++) { /* who has one is heard, from behind the same NAT */
		struct wish x = of(ONE_NAT, i);

		CHECK_EQ(asked(&x), 1);
	}
	lab_stop(&l);
}

UNIT_MAIN("storm", {"all at once", all_at_once}, {"clocks off", clocks_off},
	  {"one node", one_node}, {"a stranger", a_stranger})
