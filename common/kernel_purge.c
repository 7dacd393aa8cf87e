/* SPDX-License-Identifier: MIT */
#include "common/kernel.h"

#include "common/kernel_priv.h"
#include "common/log.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

/*
 * What a killed daemon left: each kind is dumped, and what bears our tag is sent back as a
 * removal.  By rounds, because a dump and removals cannot share one socket at one time.
 */
#define ROUND_MAX 32768 /* each round dumps all that is there */
#define ROUNDS 16	/* four times as many as an agent has visitors at most */

struct kind {
	const char *name;
	int get, del;
};

struct round {
	const struct kind *kind;
	struct nl_msg **msg;
	unsigned n;
};

static const struct kind kinds[] = {
	{ "rules", RTM_GETRULE, RTM_DELRULE },
	{ "routes", RTM_GETROUTE, RTM_DELROUTE },
	{ "neighbours", RTM_GETNEIGH, RTM_DELNEIGH },
	{ "addresses", RTM_GETADDR, RTM_DELADDR },
	{ "proxy entries", KERNEL_GETPROXY, RTM_DELNEIGH },
};

static void collect(const struct kernel_said *said, void *arg)
{
	struct round *r = arg;
	struct nl_msg *copy;
	struct rtmsg *route;
	struct nlmsghdr *h;

	if (r->n == ROUND_MAX || !said->ours || said->message->nlmsg_type != r->kind->del - 1)
		return;
	copy = nlmsg_convert(said->message);
	if (!copy)
		fatal("out of memory");
	h = nlmsg_hdr(copy);
	if (said->thing == KERNEL_ROUTE) {
		route = nlmsg_data(h);
		route->rtm_flags &= ~(unsigned)(RTNH_F_DEAD | RTNH_F_LINKDOWN);
	}
	h->nlmsg_type = (uint16_t)r->kind->del;
	h->nlmsg_flags = NLM_F_REQUEST;
	h->nlmsg_seq = NL_AUTO_SEQ;
	h->nlmsg_pid = NL_AUTO_PORT;
	r->msg[r->n++] = copy;
}

/* One round: 1 when it removed something, 0 when nothing of ours is left. */
static int purge_round(struct kernel *k, const struct kind *kind)
{
	struct round r = { .kind = kind, .msg = calloc(ROUND_MAX, sizeof(struct nl_msg *)) };
	int err, e;

	if (!r.msg)
		fatal("out of memory");
	err = kernel_dump(k, kind->get, collect, &r);
	/* somebody changed the table while it was dumped: what we saw is still ours */
	if (err == -EINTR)
		err = 0;
	for (unsigned i = 0; i < r.n; i++) {
		e = kernel_request(k, r.msg[i]);
		if (e && e != -ESRCH && e != -ENOENT && e != -ENODEV && e != -EADDRNOTAVAIL)
			err = e;
	}
	free(r.msg);
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
