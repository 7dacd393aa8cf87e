/* SPDX-License-Identifier: MIT */
#include "common/kernel.h"

#include "common/kernel_priv.h"

#include <linux/rtnetlink.h>

struct survey {
	const struct kernel_claim *claim;
	struct kernel_strangers *out;
};

static bool within(const struct kernel_span *s, uint32_t n)
{
	return n >= s->first && n <= s->last;
}

static void see_rule(const struct kernel_said *said, void *arg)
{
	struct survey *s = arg;

	if (said->ours || !within(&s->claim->priorities, said->priority))
		return;
	if (s->out->rules++ == 0)
		s->out->rule = said->priority;
}

static void see_route(const struct kernel_said *said, void *arg)
{
	struct survey *s = arg;

	if (said->ours)
		return;
	if ((within(&s->claim->tables[0], said->table) ||
	     within(&s->claim->tables[1], said->table)) &&
	    s->out->routes++ == 0)
		s->out->table = said->table;
}

int kernel_strangers(struct kernel *k, const struct kernel_claim *claim,
		     struct kernel_strangers *out)
{
	struct survey s = {claim, out};
	int err;

	*out = (struct kernel_strangers){0};
	err = kernel_dump(k, RTM_GETRULE, see_rule, &s);
	return err ? err : kernel_dump(k, RTM_GETROUTE, see_route, &s);
}
