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

static void aside_rules(struct node_kernel *n, bool add)
{
	const struct kernel_rule rule[] = {
		{ .priority = NODE_RULE_LOOKUP, .table = TABLE_MAIN, .suppress_default = true },
		{ .priority = NODE_RULE_LOOKUP + 1,
		  .table = NODE_TABLE,
		  .from = n->aside_from,
		  .from_len = 32 },
		{ .priority = NODE_RULE_LOOKUP + 2,
		  .table = TABLE_MAIN,
		  .dport = n->aside == ASIDE_QUESTIONS ? 53 : 0 },
	};

	if (n->aside == ASIDE_NOBODY)
		return;
	for (size_t i = 0; i < 3; i++) /* the last one comes last, and goes first */
		kernel_rule(n->k, add, &rule[add ? i : 2 - i]);
}

void node_kernel_let_pass(struct node_kernel *n)
{
	enum kernel_aside to = n->have.by_link ? ASIDE_ALL
			       : n->looking_up ? ASIDE_QUESTIONS
					       : ASIDE_NOBODY;

	if (!n->home_addr)
		to = ASIDE_NOBODY;
	if (to == n->aside && (to == ASIDE_NOBODY || n->aside_from == n->home_addr))
		return;
	aside_rules(n, false);
	n->aside = to;
	n->aside_from = n->home_addr;
	aside_rules(n, true);
}

void node_kernel_lookup(struct node_kernel *n, bool on)
{
	n->looking_up = on;
	if (n->k != NULL)
		node_kernel_let_pass(n);
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

static int destinations(struct node_kernel *n)
{
	/* In halves: to the kernel a rule to everything is any rule of its priority, when it is to
	 * be added (EEXIST) and when it is to be removed. */
	static const struct conf_prefixes all = { .p = { { 0, 1 }, { 1u << 31, 1 } }, .n = 2 };
	const struct conf_prefixes now = n->want_to.n ? n->want_to : all;
	const struct conf_prefixes *except = &n->want_except;
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

int node_kernel_destinations(struct node_kernel *n, const struct conf_prefixes *to,
			     const struct conf_prefixes *except)
{
	n->want_to = *to;
	n->want_except = *except;
	n->want_known = true;
	return n->home_addr ? destinations(n) : 0;
}

static int from_home(struct node_kernel *n, bool add, uint32_t home_addr)
{
	const struct kernel_rule r = { .priority = NODE_RULE_HOME,
				       .table = NODE_TABLE,
				       .from = home_addr,
				       .from_len = 32 };

	return kernel_rule(n->k, add, &r);
}

static int always(struct node_kernel *n)
{
	const struct kernel_rule rule[] = {
		{ .priority = NODE_RULE_REST },
		{ .priority = NODE_RULE_LINK, .table = TABLE_MAIN, .suppress_default = true },
	};
	int err = from_home(n, true, n->home_addr);

	for (size_t i = 0; i < sizeof(rule) / sizeof(*rule) && err == 0; i++)
		err = kernel_rule(n->k, true, &rule[i]);
	return err;
}

void node_kernel_rules_again(struct node_kernel *n)
{
	static const struct conf_prefixes none;

	for (unsigned i = 0; i < n->n_links; i++)
		node_kernel_care_of(n, true, n->have.care_of[i]);
	if (!n->home_addr)
		return;
	always(n);
	each(n, true, &n->except, &none, exception);
	each(n, true, &n->to, &none, destination);
	aside_rules(n, true);
}

int node_kernel_rules(struct node_kernel *n, uint32_t was)
{
	int err;

	if (was) {
		err = from_home(n, true, n->home_addr);
		from_home(n, false, was);
		return err;
	}
	err = always(n);
	return err < 0 || !n->want_known ? err : destinations(n);
}
