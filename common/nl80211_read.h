/* SPDX-License-Identifier: MIT */
#ifndef MIP_NL80211_READ_H
#define MIP_NL80211_READ_H

#include "common/nl80211.h"

#include <linux/netlink.h>

/*
 * What the kernel says by nl80211, read.  Pure: bytes in, values out; used by nl80211*.c only.
 * Every length is looked at here.  h: a whole message, of its nlmsg_len bytes, aligned.
 */
struct nl80211_word {
	uint8_t cmd; /* NL80211_CMD_* */
	unsigned ifindex;
	bool has_bssid;
	struct mac bssid;
	/* of NL80211_CMD_NOTIFY_CQM */
	bool beacon_loss, tx_errors, crossed, has_dbm;
	int dbm;
};
/* An event, from this netlink port: the kernel's is 0.  False: not the kernel's, about no
 * interface, or not understood. */
bool nl80211_read_word(struct nlmsghdr *h, uint32_t from, struct nl80211_word *out);

/* An answer to GET_STATION: 1; 0: it is about no station; -EBADMSG.  *out is added to. */
int nl80211_read_station(struct nlmsghdr *h, struct nl80211_station *out);

#endif
