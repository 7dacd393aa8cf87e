/* SPDX-License-Identifier: MIT */
#include "agent/foreign.h"
#include "agent/machine.h"
#include "tests/unit/colocated_fixture.h"
#include "tests/unit/icmp_fixture.h"

/* Agents at a tunnel's entrance: who is told of an error in it, RFC 2003 4. */
#define A lab_addr[FA_A]
#define B lab_addr[FA_B]

static void says(int agent, const struct err *x)
{
	struct instant now = lab_instant(&l);
	uint8_t buf[2000], *copy;
	size_t n = err_build(buf, sizeof(buf), x);

	copy = unit_copy(buf, n);
	agent_icmp(l.ag[agent], copy, n, &now, &l.out);
	free(copy);
}

/* One packet of ours, about that one; it is counted, and nothing else is. */
static bool told(int agent, uint8_t code, const struct err *x)
{
	const struct agent_action *a = &l.out.a[0];

	return l.out.n == 1 && a->act == AGENT_SEND_PACKET && a->dst == x->inner_src &&
	       err_is(a->p, a->n, lab_addr[agent], 3, code, 0, x);
}

static uint64_t drops(int agent, enum drop why)
{
	return agent_drops(l.ag[agent])->n[why];
}

static bool silent(int agent, enum drop why, uint64_t before)
{
	return l.out.n == 0 && drops(agent, why) == before + 1;
}

/* To the node where it is now, by the very port; the home agent is in its network. */
static void home_agent(void)
{
	static const struct {
		uint32_t dst;
		uint16_t port;
		uint32_t inner_dst;
		bool natted, open;
	} rows[] = {
	    {NAT_ADDR, NAT_PORT, HOME, true, false},
	    {NAT_ADDR, NAT_PORT + 1, HOME, false, false},
	    {NAT_ADDR + 1, NAT_PORT, HOME, false, false},
	    {NAT_ADDR, 0, HOME, false, false},
	    {OPEN, 0, HOME, false, true},
	    {OPEN, MIP_PORT, HOME, false, false},
	    {OPEN, 0, HOME + 1, false, false},
	    {CARE_OF, 0, HOME, false, false},
	};

	for (int nat = 0; nat < 2; nat++)
		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
			bool good = nat ? rows[i].natted : rows[i].open;
			const struct err x = {.type = 3, .code = 0, .src = HA_ADDR,
					      .dst = rows[i].dst, .port = rows[i].port,
					      .inner_src = CN_ADDR,
					      .inner_dst = rows[i].inner_dst};

			lab_init(&l);
			moved(nat ? behind(NAT_PORT) : in_the_open());
			says(HA, &x);
			if (good)
				CHECK(told(HA, 1, &x));
			else
				CHECK(silent(HA, DROP_UNMATCHED, 0));
			CHECK_EQ(ha()->count.errors_relayed, good);
			lab_stop(&l);
		}
}

/* Of a way that it has left nobody hears. */
static void moved_on(void)
{
	struct err x = {.type = 11, .src = HA_ADDR, .dst = OPEN, .inner_src = CN_ADDR,
			.inner_dst = HOME};

	lab_init(&l);
	moved(in_the_open());
	says(HA, &x);
	CHECK(told(HA, 1, &x));
	moved(behind(NAT_PORT));
	says(HA, &x);
	CHECK(silent(HA, DROP_UNMATCHED, 0));
	x.dst = NAT_ADDR;
	x.port = NAT_PORT;
	says(HA, &x);
	CHECK(told(HA, 1, &x));
	x.src = OPEN; /* somebody else's tunnel */
	says(HA, &x);
	CHECK(silent(HA, DROP_UNMATCHED, 1));
	moved(behind(MIP_PORT));
	x.src = HA_ADDR;
	x.port = MIP_PORT;
	says(HA, &x);
	CHECK(told(HA, 1, &x));
	x.from = MIP_PORT + 1; /* not our end of it */
	says(HA, &x);
	CHECK(silent(HA, DROP_UNMATCHED, 2));
	lab_stop(&l);
}

static void not_told(void)
{
	struct err x = {.type = 3, .code = 3, .src = HA_ADDR, .dst = OPEN, .inner_src = CN_ADDR,
			.inner_dst = HOME};
	uint64_t before;

	lab_init(&l);
	moved(in_the_open());
	says(HA, &x);
	CHECK(silent(HA, DROP_TYPE, 0)); /* a port, of the tunnel's end */
	x.type = 4;
	says(HA, &x);
	CHECK(silent(HA, DROP_TYPE, 1));
	x.type = 11;
	x.inner_protocol = PROTO_ICMP; /* an error, about which there is none */
	says(HA, &x);
	CHECK(silent(HA, DROP_TYPE, 2));
	x.inner_protocol = 0;
	x.inner_src = 0xe0000001;
	says(HA, &x);
	CHECK(silent(HA, DROP_TYPE, 3));
	x.inner_src = CN_ADDR;
	x.quoted = 28;
	says(HA, &x);
	CHECK(silent(HA, DROP_SHORT, 0));
	x.quoted = 0;
	x.type = 3;
	x.code = 4; /* the kernel has heard it */
	before = drops(HA, DROP_TYPE);
	says(HA, &x);
	CHECK(l.out.n == 0 && drops(HA, DROP_TYPE) == before);
	CHECK_EQ(ha()->count.errors_relayed, 0);
	lab_stop(&l);
}

/* Ten a second to one sender, a thousand to all. */
static void so_many(void)
{
	struct err x = {.type = 3, .code = 1, .src = HA_ADDR, .dst = OPEN, .inner_dst = HOME};
	unsigned n = 0, first = 0;

	lab_init(&l);
	moved(in_the_open());
	for (unsigned i = 0; i < 20; i++) {
		x.inner_src = CN_ADDR;
		says(HA, &x);
		first += l.out.n;
	}
	CHECK_EQ(first, 10);
	CHECK_EQ(drops(HA, DROP_RATE), 10);
	for (unsigned i = 1; i < 3000; i++) {
		x.inner_src = CN_ADDR + i;
		says(HA, &x);
		n += l.out.n;
	}
	CHECK_EQ(first + n, 1000);
	l.now += SEC(1);
	x.inner_src = CN_ADDR;
	says(HA, &x);
	CHECK(told(HA, 1, &x));
	lab_stop(&l);
}

/* A foreign agent's reverse tunnel: the visitor is told, of a network that is not the agent's. */
static void visitors(void)
{
	struct err x = {.type = 3, .src = 0, .dst = HA_ADDR, .inner_src = HOME,
			.inner_dst = CN_ADDR};

	lab_init(&l);
	x.src = A;
	lab_settle(&l, FA_A);
	says(FA_A, &x);
	CHECK(told(FA_A, 0, &x));
	x.type = 11;
	says(FA_A, &x);
	CHECK(told(FA_A, 1, &x));
	x.dst = HA_ADDR + 1;
	says(FA_A, &x);
	CHECK(silent(FA_A, DROP_UNMATCHED, 0));
	x.dst = HA_ADDR;
	x.inner_src = HOME + 1;
	says(FA_A, &x);
	CHECK(silent(FA_A, DROP_UNMATCHED, 1));
	x.inner_src = HOME;
	x.port = MIP_PORT; /* it has none inside UDP */
	says(FA_A, &x);
	CHECK(silent(FA_A, DROP_UNMATCHED, 2));
	lab_stop(&l);
}

/* The same, where the agent is behind a NAT: its tunnel is inside UDP, and that alone. */
static void visitors_behind_a_nat(void)
{
	struct err x = {.type = 11, .src = A, .dst = HA_ADDR, .port = MIP_PORT, .inner_src = HOME,
			.inner_dst = CN_ADDR};

	lab_defaults(&l);
	l.nat[FA_A].addr = NAT_ADDR;
	l.nat[FA_A].port = NAT_PORT;
	lab_start(&l);
	lab_settle(&l, FA_A);
	says(FA_A, &x);
	CHECK(told(FA_A, 1, &x));
	x.from = MIP_PORT + 1;
	says(FA_A, &x);
	CHECK(silent(FA_A, DROP_UNMATCHED, 0));
	x.from = 0;
	x.port = 0;
	says(FA_A, &x);
	CHECK(silent(FA_A, DROP_UNMATCHED, 1));
	lab_stop(&l);
}

static bool swallow(const struct lab *x, const struct lab_event *e)
{
	(void)x;
	return e->kind != LAB_RADIO && e->kind != LAB_CONTROL;
}

static void orders(uint8_t action)
{
	struct lab_order o = lab_order(&l, action, 0, FA_A, FA_B);
	struct instant now = lab_instant(&l);

	agent_udp(l.ag[FA_A], B, 434, A, o.bytes, o.n, &now, &l.out);
}

/* From agent to agent: once it forwards, and to where it does. */
static void forwarded(void)
{
	struct err x = {.type = 3, .code = 1, .inner_src = CN_ADDR, .inner_dst = HOME};

	lab_init(&l);
	x.src = A;
	x.dst = B;
	lab_settle(&l, FA_A);
	l.lose = swallow;
	l.mute = true;
	says(FA_A, &x);
	CHECK(silent(FA_A, DROP_UNMATCHED, 0));
	orders(ORDER_BUFFER);
	says(FA_A, &x);
	CHECK(silent(FA_A, DROP_UNMATCHED, 1));
	orders(ORDER_FORWARD);
	says(FA_A, &x);
	CHECK(told(FA_A, 1, &x));
	x.dst = HA_ADDR;
	says(FA_A, &x);
	CHECK(silent(FA_A, DROP_UNMATCHED, 2));
	lab_stop(&l);
}

UNIT_MAIN("tunnel errors", {"home agent", home_agent}, {"moved on", moved_on},
	  {"not told", not_told}, {"so many a second", so_many}, {"visitors", visitors},
	  {"visitors behind a NAT", visitors_behind_a_nat}, {"forwarded", forwarded})
