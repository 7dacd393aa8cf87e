/* SPDX-License-Identifier: MIT */
#include "tests/unit/colocated_fixture.h"
#include "tests/unit/state_fixture.h"

/* What a node notices of a home agent that was killed and started again: nothing. */

static struct way down;

/* One packet to it, at once; by which way. */
static bool reached(uint32_t addr, uint16_t port)
{
	packets(1);
	return sent(&down) == 1 && goes(down, addr, port);
}

static void at_once(void)
{
	struct wish x = behind(NAT_PORT);

	lab_init(&l);
	CHECK_EQ(asked(&x), 1);
	l.now = SEC(10);
	keep();
	l.now = SEC(15);
	CHECK_EQ(restart_at(0), 1);
	CHECK_EQ(agent_counters(ha())->restored, 1);
	CHECK_EQ(binding().expires, SEC(60));
	CHECK(binding().co_located && binding().reverse);
	CHECK(reached(NAT_ADDR, NAT_PORT));
	uplink((struct way){ NAT_ADDR, NAT_PORT }, HOME);
	CHECK(delivered());
	uplink((struct way){ NAT_ADDR, NAT_PORT + 1 }, HOME); /* a stranger as before */
	CHECK(!delivered());
	CHECK_EQ(dropped(DROP_OUTER_SOURCE), 1);
	passes(SEC(45), &down);
	CHECK_EQ(binding().care_of, 0); /* when it would have ended */

	x = at_agent(FA_A);
	CHECK_EQ(moved(x), 1);
	keep();
	CHECK_EQ(restart_at(0), 1);
	CHECK(reached(lab_addr[FA_A], 0));
	CHECK(!binding().co_located);
	state_stop();
}

static void deregistered(void)
{
	struct wish x = behind(NAT_PORT);

	lab_init(&l);
	CHECK_EQ(asked(&x), 1);
	x.lifetime_s = 0;
	l.now = SEC(1);
	CHECK_EQ(asked(&x), 1);
	keep();
	CHECK_EQ(restart_at(0), 1);
	CHECK_EQ(binding().care_of, 0);
	CHECK_EQ(agent_counters(ha())->restored, 0);
	state_stop();
}

/* Byte for byte, the dealt key with it; an older one is a replay. */
static void answered_alike(void)
{
	struct wish x = at_agent(FA_A), older = at_agent(FA_A);
	uint8_t first[300];
	size_t n;

	lab_init(&l);
	older.id = lab_id(&l);
	l.now = MSEC(500);
	x.id = lab_id(&l);
	CHECK_EQ(asked(&x), 1);
	CHECK_EQ(agent_counters(ha())->keys_dealt, 1);
	n = reply_len;
	memcpy(first, l.out.a[l.out.n - 1].p, n);
	keep();
	l.now = SEC(2);
	CHECK_EQ(restart_at(0), 1);
	CHECK_EQ(asked(&x), 1);
	CHECK_EQ(reply_len, n);
	CHECK(memcmp(first, l.out.a[l.out.n - 1].p, n) == 0);
	CHECK_EQ(dropped(DROP_REPLAY), 1);
	CHECK_EQ(asked(&older), CODE_HA_ID);
	CHECK_EQ(dropped(DROP_REPLAY), 2);
	state_stop();
}

/* What was accepted between the last writing and the end is not in the file. */
static void recorded(void)
{
	struct wish x = behind(NAT_PORT), late = behind(NAT_PORT), copy;

	lab_init(&l);
	CHECK_EQ(asked(&x), 1);
	keep();
	l.now = MSEC(700);
	late.id = lab_id(&l);
	late.sport++;
	CHECK_EQ(asked(&late), 1);
	copy = late;
	l.now = SEC(1);
	CHECK_EQ(restart_at(0), 1);
	CHECK_EQ(asked(&copy), CODE_HA_ID);
	CHECK_EQ(reply.id >> 32, LAB_NTP + 1); /* the node learns a time that is good */
	CHECK(goes((struct way){ binding().udp_addr, binding().udp_port }, NAT_ADDR, NAT_PORT));
	CHECK_EQ(moved(late = behind(NAT_PORT + 1)), 1);
	CHECK_EQ(binding().udp_port, NAT_PORT + 1);
	state_stop();
}

static void early_stays_refused(void)
{
	struct wish x = behind(NAT_PORT);

	lab_init(&l);
	x.id = (uint64_t)(LAB_NTP + 9) << 32 | 5;
	CHECK_EQ(asked(&x), CODE_HA_ID);
	keep();
	l.now = SEC(3);
	CHECK_EQ(restart_at(0), 1);
	l.now = SEC(5);
	CHECK_EQ(asked(&x), CODE_HA_ID);
	CHECK_EQ(binding().care_of, 0);
	state_stop();
}

/* The clock was a day ahead, and is right when we start again: the node asks by the time that it is
 * told, and is heard; what it sent before is not. */
static void a_day_back(void)
{
	struct wish x = behind(NAT_PORT), old;

	lab_init(&l);
	l.now = SEC(86400);
	x.id = lab_id(&l);
	CHECK_EQ(asked(&x), 1);
	old = x;
	keep();
	l.now = SEC(10); /* as any clock of the node's */
	CHECK_EQ(restart_at(0), 1);
	CHECK(reached(NAT_ADDR, NAT_PORT));
	CHECK_EQ(binding().expires - l.now, SEC(60)); /* as when it was written */
	x.id = (uint64_t)(LAB_NTP + 10) << 32 | 1;
	CHECK_EQ(asked(&x), CODE_HA_ID);
	CHECK_EQ(reply.id >> 32, LAB_NTP + 86401);
	x.id = reply.id;
	l.now += SEC(2);
	CHECK_EQ(asked(&x), 1);
	l.now += SEC(2);
	CHECK_EQ(asked(&old), CODE_HA_ID);
	l.now += SEC(2);
	x.id += (uint64_t)300 << 32; /* its clock went on, and not what it is compared with */
	CHECK_EQ(asked(&x), CODE_HA_ID);
	x.id = reply.id;
	l.now += SEC(2);
	CHECK_EQ(asked(&x), 1);
	state_stop();
}

/* The configuration is another one. */
static void configured_anew(void)
{
	struct wish x = behind(NAT_PORT);

	lab_init(&l);
	CHECK_EQ(asked(&x), 1);
	keep();
	l.conf[HA].home_udp = UDP_TUNNEL_NO;
	CHECK_EQ(restart_at(0), 1);
	CHECK_EQ(binding().care_of, 0);
	l.conf[HA].home_udp = UDP_TUNNEL_NAT;
	l.conf[HA].max_bindings = 0;
	CHECK_EQ(restart_at(0), 1);
	CHECK_EQ(binding().care_of, 0);
	l.conf[HA].max_bindings = 1;
	l.node[HA].sa.spi = 0; /* without a key */
	CHECK_EQ(restart_at(0), 0);
	l.node[HA].sa = lab_mn_ha();
	l.node[HA].home_addr++;
	CHECK_EQ(restart_at(0), 0);
	l.node[HA].home_addr--;
	CHECK_EQ(restart_at(0), 1);
	CHECK_EQ(binding().care_of, CARE_OF);
	state_stop();
}

static void twice(void)
{
	struct instant now = {0};
	struct state_reader s;
	struct agent_kept k;
	struct wish x = behind(NAT_PORT);

	lab_init(&l);
	CHECK_EQ(asked(&x), 1);
	keep();
	CHECK_EQ(restart_at(0), 1);
	CHECK_EQ(opened(&s, 0), STATE_GOOD);
	CHECK(state_next(&s, &k));
	k.care_of++;
	CHECK(!agent_restore(ha(), &k, &now, &l.out));
	CHECK_EQ(binding().care_of, CARE_OF);
	state_stop();
}

/* What the shell writes for: soon, or some time. */
static void changes(void)
{
	struct wish x = behind(NAT_PORT);
	struct agent_changes was, is;

	lab_init(&l);
	was = agent_changes(ha());
	CHECK_EQ(asked(&x), 1);
	is = agent_changes(ha());
	CHECK(is.moved > was.moved && is.heard > was.heard);
	was = is;
	moved(behind(NAT_PORT));
	is = agent_changes(ha());
	CHECK(is.moved == was.moved && is.heard > was.heard);
	was = is;
	CHECK(reached(NAT_ADDR, NAT_PORT));
	uplink((struct way){ NAT_ADDR, NAT_PORT }, HOME);
	CHECK(delivered());
	is = agent_changes(ha());
	CHECK(is.moved == was.moved && is.heard == was.heard);
	moved(behind(NAT_PORT + 1));
	is = agent_changes(ha());
	CHECK(is.moved > was.moved);
	was = is;
	x.lifetime_s = 0;
	l.now += MSEC(1);
	x.id = 0;
	CHECK_EQ(asked(&x), 1);
	is = agent_changes(ha());
	CHECK(is.moved > was.moved);
	state_stop();
}

UNIT_MAIN("restart", {"both ways at once", at_once}, {"deregistered", deregistered},
	  {"answered alike", answered_alike}, {"recorded before the end", recorded},
	  {"ahead of the clock", early_stays_refused}, {"the clock a day back", a_day_back},
	  {"configured anew", configured_anew}, {"twice in it", twice}, {"changes", changes})
