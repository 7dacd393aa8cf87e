/* SPDX-License-Identifier: MIT */
#include "agent/lookup.h"

#include "tests/unit/unit.h"

#define MANY 10000

static void finds(void)
{
	struct lookup l;
	size_t i;

	CHECK(lookup_init(&l, 3));
	CHECK(!lookup_get(&l, 0, &i));
	lookup_put(&l, 0, 7);
	lookup_put(&l, 0xffffffff, 0);
	lookup_put(&l, 0, 8); /* who is first stays */
	CHECK(lookup_get(&l, 0, &i) && i == 7);
	CHECK(lookup_get(&l, 0xffffffff, &i) && i == 0);
	CHECK(!lookup_get(&l, 1, &i));
	lookup_free(&l);
	CHECK(lookup_init(&l, 0));
	CHECK(!lookup_get(&l, 5, &i));
	lookup_free(&l);
}

/* Neighbours and multiples alike, as addresses in a configuration are. */
static void many(void)
{
	static const uint32_t steps[] = { 1, 256, 0x10000, 0x9e3779b1 };

	for (unsigned k = 0; k < 4; k++) {
		struct lookup l;
		unsigned found = 0;

		CHECK(lookup_init(&l, MANY));
		for (uint32_t i = 0; i < MANY; i++)
			lookup_put(&l, 0x0a630000 + i * steps[k], i);
		for (uint32_t i = 0; i < MANY; i++) {
			size_t at;

			found += lookup_get(&l, 0x0a630000 + i * steps[k], &at) && at == i;
		}
		CHECK_EQ(found, MANY);
		lookup_free(&l);
	}
}

UNIT_MAIN("lookup", {"finds", finds}, {"many", many})
