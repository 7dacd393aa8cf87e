/* SPDX-License-Identifier: MIT */
#include "client/missing.h"

#include "tests/unit/unit.h"

#include <string.h>

static struct missing m[MISSING_MAX];

static struct mobile_info whole(void)
{
	return (struct mobile_info){.agent = 1,
				    .agent_buffers = true,
				    .order_key = ORDER_KEY_DEALT,
				    .home_keeps = HOME_KEEPS,
				    .buffering_enabled = true,
				    .reverse_wanted = true,
				    .reverse = true};
}

static bool says(const struct mobile_info *i, const char *what, const char *cost)
{
	unsigned n = missing_list(i, m);

	return n == 1 && strstr(m[0].what, what) && strstr(m[0].cost, cost);
}

static void nothing(void)
{
	struct mobile_info i = whole();

	CHECK_EQ(missing_list(&i, m), 0);
	i = (struct mobile_info){ .reverse_wanted = true };
	CHECK_EQ(missing_list(&i, m), 0); /* no agent: that is no lack of an agent's */
}

static void each(void)
{
	struct mobile_info i = whole();

	i.agent_buffers = false;
	CHECK(says(&i, "the home agent does instead", "round trip"));
	i.home_keeps = HOME_SILENT;
	CHECK(says(&i, "neither this agent nor the home agent", "loses"));
	i.home_keeps = HOME_REFUSES;
	CHECK(says(&i, "refuses", "loses"));
	i.home_keeps = HOME_UNKNOWN;
	CHECK(says(&i, "has not said", "loses"));
	i = whole();
	i.order_key = ORDER_KEY_NONE;
	CHECK(says(&i, "home agent buffers instead", "round trip"));
	i.home_keeps = HOME_SILENT;
	CHECK(says(&i, "no key for this agent", "loses"));
	i = whole();
	i.buffering_enabled = false;
	CHECK(says(&i, "switched off", "loses"));
	i = whole();
	i.reverse = false;
	CHECK(says(&i, "no reverse tunnel", "drops"));
	i.agent_buffers = false;
	CHECK_EQ(missing_list(&i, m), 2);
}

UNIT_MAIN("missing", {"nothing", nothing}, {"each", each})
