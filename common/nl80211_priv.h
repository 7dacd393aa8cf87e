/* SPDX-License-Identifier: MIT */
#ifndef MIP_NL80211_PRIV_H
#define MIP_NL80211_PRIV_H

#include "common/nl80211.h"
#include "common/nl80211_read.h"

#include <net/if.h>
#include <netlink/genl/genl.h>

/* Shared by nl80211*.c alone. */
#define NL80211_THRESHOLDS_MAX 16

struct nl80211 {
	struct nl_sock *req; /* one request at a time, answered before the next */
	struct nl_sock *ev;  /* multicast, non-blocking */
	int family;
	unsigned ifindex;
	char ifname[IF_NAMESIZE];
	uv_poll_t poll;
	nl80211_fn *fn;
	void *arg;
	bool closing;
	bool told_lost; /* DEAUTHENTICATE comes first, then DISCONNECT: told once */
	/* for drivers with room for one threshold */
	bool one_threshold;
	int32_t thresholds[NL80211_THRESHOLDS_MAX];
	unsigned n_thresholds;
	uint32_t hysteresis_db;
};

typedef int nl80211_parse(struct nlmsghdr *h, void *out); /* 0 or -errno */

/* NULL: no memory.  With our interface index. */
struct nl_msg *nl80211_msg(struct nl80211 *n, uint8_t cmd, int flags);
/* Sends msg, frees it, awaits the answer; parse sees each reply.  0 or -errno. */
int nl80211_request(struct nl80211 *n, struct nl_msg *msg, nl80211_parse *parse, void *out);
/* One threshold only: moves it to the level of now. */
int nl80211_rearm(struct nl80211 *n, int dbm);

#endif
