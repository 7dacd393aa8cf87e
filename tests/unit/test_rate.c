/* SPDX-License-Identifier: MIT */
#include "agent/internal.h"

#include "tests/unit/unit.h"

#define FLOOD 100000

static struct agent *a;

static void begin(void)
{
	struct instant now = { SEC(100), (uint64_t)1 << 63 };
	struct agent_conf c;
	static uint8_t pool[65536] __attribute__((aligned(8)));

	agent_conf_default(&c);
	c.buffer_total = sizeof(pool);
	a = agent_new(&c, pool, &now);
}

/* So many in any one second, for each peer and each kind apart. */
static void each_apart(void)
{
	begin();
	CHECK(rate_ok(a, RATE_SOLICIT, 7, 2) && rate_ok(a, RATE_SOLICIT, 7, 2));
	CHECK(!rate_ok(a, RATE_SOLICIT, 7, 2));
	CHECK(rate_ok(a, RATE_REQUEST, 7, 2));
	CHECK(rate_ok(a, RATE_SOLICIT, 0, 1) && !rate_ok(a, RATE_SOLICIT, 0, 1));
	a->now.t += SEC(1) - 1;
	CHECK(!rate_ok(a, RATE_SOLICIT, 7, 2));
	a->now.t += 1;
	CHECK(rate_ok(a, RATE_SOLICIT, 7, 2));
	agent_free(a);
}

/* Who floods from many addresses gets no second answer for any of them, and no more than the table
 * holds in all, where he proves nothing; what is asked by nodes goes on. */
static void a_flood(void)
{
	static const enum rate_what unproven[] = { RATE_AUTH_FAILED, RATE_DENIAL, RATE_STRANGER };
	unsigned answers, requests = 0;

	for (size_t k = 0; k < sizeof(unproven) / sizeof(unproven[0]); k++) {
		begin();
		answers = 0;
		CHECK(rate_ok(a, unproven[k], 1, 1));
		for (uint64_t i = 2; i < FLOOD; i++)
			answers += rate_ok(a, unproven[k], i, 1);
		CHECK(answers < RATE_SLOTS);
		CHECK(!rate_ok(a, unproven[k], 1, 1));
		a->now.t += SEC(1);
		CHECK(rate_ok(a, unproven[k], FLOOD, 1));
		agent_free(a);
	}
	begin();
	for (uint64_t i = 2; i < FLOOD; i++)
		requests += rate_ok(a, RATE_REQUEST, i, 20);
	CHECK_EQ(requests, FLOOD - 2);
	agent_free(a);
}

UNIT_MAIN("rate", {"each apart", each_apart}, {"a flood", a_flood})
