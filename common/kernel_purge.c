/* SPDX-License-Identifier: MIT */
#include "common/kernel.h"

#include "common/kernel_priv.h"
#include "common/log.h"

#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <string.h>

/*
 * What a killed daemon left: each kind is dumped, and what bears our tag is sent back as a
 * removal.  By rounds, because a dump and removals cannot share one socket at one time.
 */
#define ROUND_MAX 64
#define ROUNDS 1024 /* 65536 objects: more than any agent has visitors */

struct kind {
	const char *name;
	int get, del;
	bool (*ours)(struct nlmsghdr *h);
};

struct round {
	const struct kind *kind;
	struct nl_msg *msg[ROUND_MAX];
	unsigned n;
};

static bool attr_is_ours(struct nlmsghdr *h, size_t header_len, int attr)
{
	struct nlattr *a = nlmsg_find_attr(h, (int)header_len, attr);

	return a && nla_len(a) == 1 && nla_get_u8(a) == KERNEL_PROTOCOL;
}

static bool route_is_ours(struct nlmsghdr *h)
{
	struct rtmsg *m = nlmsg_data(h);

	if (m->rtm_family != AF_INET || m->rtm_protocol != KERNEL_PROTOCOL)
		return false;
	m->rtm_flags &= ~(unsigned)(RTNH_F_DEAD | RTNH_F_LINKDOWN);
	return true;
}

static bool rule_is_ours(struct nlmsghdr *h)
{
	struct fib_rule_hdr *m = nlmsg_data(h);

	return m->family == AF_INET && attr_is_ours(h, sizeof(*m), FRA_PROTOCOL);
}

static bool neigh_is_ours(struct nlmsghdr *h)
{
	struct ndmsg *m = nlmsg_data(h);

	return m->ndm_family == AF_INET && attr_is_ours(h, sizeof(*m), NDA_PROTOCOL);
}

static bool addr_is_ours(struct nlmsghdr *h)
{
	struct ifaddrmsg *m = nlmsg_data(h);

	return m->ifa_family == AF_INET && attr_is_ours(h, sizeof(*m), IFA_PROTO);
}

static const struct kind kinds[] = {
	{ "rules", RTM_GETRULE, RTM_DELRULE, rule_is_ours },
	{ "routes", RTM_GETROUTE, RTM_DELROUTE, route_is_ours },
	{ "neighbours", RTM_GETNEIGH, RTM_DELNEIGH, neigh_is_ours },
	{ "addresses", RTM_GETADDR, RTM_DELADDR, addr_is_ours },
	{ "proxy entries", KERNEL_GETPROXY, RTM_DELNEIGH, neigh_is_ours },
};

static int collect(struct nl_msg *msg, void *arg)
{
	struct nlmsghdr *h = nlmsg_hdr(msg);
	struct round *r = arg;
	struct nl_msg *copy;

	if (r->n == ROUND_MAX || !r->kind->ours(h))
		return NL_OK;
	copy = nlmsg_convert(h);
	if (!copy)
		fatal("out of memory");
	h = nlmsg_hdr(copy);
	h->nlmsg_type = (uint16_t)r->kind->del;
	h->nlmsg_flags = NLM_F_REQUEST;
	h->nlmsg_seq = NL_AUTO_SEQ;
	h->nlmsg_pid = NL_AUTO_PORT;
	r->msg[r->n++] = copy;
	return NL_OK;
}

/* One round: 1 when it removed something, 0 when nothing of ours is left. */
static int purge_round(struct kernel *k, const struct kind *kind)
{
	struct round r = { .kind = kind };
	int err = kernel_dump(k, kind->get, collect, &r), e;

	/* somebody changed the table while it was dumped: what we saw is still ours */
	if (err == -EINTR)
		err = 0;
	for (unsigned i = 0; i < r.n; i++) {
		e = kernel_request(k, r.msg[i]);
		if (e && e != -ESRCH && e != -ENOENT && e != -ENODEV && e != -EADDRNOTAVAIL)
			err = e;
	}
	return err ? err : r.n > 0;
}

int kernel_purge(struct kernel *k)
{
	int err = 0;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		int rc = 1;

		for (unsigned n = 0; n < ROUNDS && rc > 0; n++)
			rc = purge_round(k, &kinds[i]);
		if (rc >= 0)
			continue;
		log_error("kernel: cannot purge %s: %s", kinds[i].name, strerror(-rc));
		err = rc;
	}
	return err;
}
