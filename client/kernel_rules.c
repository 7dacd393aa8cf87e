/* SPDX-License-Identifier: MIT */
#include "client/kernel.h"

#define TABLE_MAIN 254

void node_kernel_care_of(struct node_kernel *n, bool add, uint32_t care_of)
{
	const struct kernel_rule r = {
		.priority = NODE_RULE_CARE_OF, .table = TABLE_MAIN, .from = care_of, .from_len = 32
	};

	if (care_of)
		kernel_rule(n->k, add, &r);
}

void node_kernel_lookup(struct node_kernel *n, bool on)
{
	const struct kernel_rule rule[] = {
		{ .priority = NODE_RULE_LOOKUP, .table = TABLE_MAIN, .suppress_default = true },
		{ .priority = NODE_RULE_LOOKUP + 1,
		  .table = NODE_TABLE,
		  .from = n->home_addr,
		  .from_len = 32 },
		{ .priority = NODE_RULE_LOOKUP + 2, .table = TABLE_MAIN, .dport = 53 },
	};

	if (n->k == NULL)
		return;
	for (size_t i = 0; i < 3; i++) /* the last one comes last, and goes first */
		kernel_rule(n->k, on, &rule[on ? i : 2 - i]);
}

int node_kernel_rules(struct node_kernel *n)
{
	const struct kernel_rule rule[] = {
		{ .priority = NODE_RULE_REST },
		{ .priority = NODE_RULE_LINK, .table = TABLE_MAIN, .suppress_default = true },
		{ .priority = NODE_RULE_HOME,
		  .table = NODE_TABLE,
		  .from = n->home_addr,
		  .from_len = 32 },
	};
	int err = 0;

	for (size_t i = 0; i < sizeof(rule) / sizeof(*rule) && err == 0; i++)
		err = kernel_rule(n->k, true, &rule[i]);
	return err;
}

static int destination(struct node_kernel *n, bool add, const struct conf_prefix *p)
{
	const struct kernel_rule here = { .priority = NODE_RULE_TO,
					  .table = NODE_TABLE,
					  .to = p->net,
					  .to_len = p->len,
					  .iif = "lo" };
	const struct kernel_rule forwarded = { .priority = NODE_RULE_FORWARD,
					       .table = NODE_TABLE_FORWARD,
					       .to = p->net,
					       .to_len = p->len };
	int a = kernel_rule(n->k, add, &here);
	int b = kernel_rule(n->k, add, &forwarded);

	return a < 0 ? a : b;
}

static int exception(struct node_kernel *n, bool add, const struct conf_prefix *p)
{
	const struct kernel_rule r = { .priority = NODE_RULE_EXCEPT,
				       .go_to = NODE_RULE_REST,
				       .to = p->net,
				       .to_len = p->len };

	return kernel_rule(n->k, add, &r);
}

static bool has(const struct conf_prefixes *list, const struct conf_prefix *p)
{
	for (unsigned i = 0; i < list->n; i++)
		if (list->p[i].net == p->net && list->p[i].len == p->len)
			return true;
	return false;
}

/* The rules of those in `list` that are not in `other`. */
static int each(struct node_kernel *n, bool add, const struct conf_prefixes *list,
		const struct conf_prefixes *other,
		int (*rules)(struct node_kernel *n, bool add, const struct conf_prefix *p))
{
	int err = 0, e;

	for (unsigned i = 0; i < list->n; i++) {
		e = has(other, &list->p[i]) ? 0 : rules(n, add, &list->p[i]);
		err = err < 0 ? err : e;
	}
	return err;
}

int node_kernel_destinations(struct node_kernel *n, const struct conf_prefixes *to,
			     const struct conf_prefixes *except)
{
	/* In halves: to the kernel a rule to everything is any rule of its priority, when it is to
	 * be added (EEXIST) and when it is to be removed. */
	static const struct conf_prefixes all = { .p = { { 0, 1 }, { 1u << 31, 1 } }, .n = 2 };
	const struct conf_prefixes now = to->n ? *to : all;
	int err;

	/* What stays in the home agent's hands is there all the time. */
	err = each(n, true, except, &n->except, exception);
	if (err == 0)
		err = each(n, true, &now, &n->to, destination);
	each(n, false, &n->to, &now, destination);
	each(n, false, &n->except, except, exception);
	n->to = now;
	n->except = *except;
	return err;
}
