/* SPDX-License-Identifier: MIT */
#include "tests/fuzz/seeds.h"

#include "common/kernel.h"

#include <arpa/inet.h>
#include <linux/fib_rules.h>
#include <linux/neighbour.h>
#include <linux/nl80211.h>
#include <linux/rtnetlink.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>

static void put(struct nl_msg *msg, int attr, uint32_t value)
{
	assert(nla_put_u32(msg, attr, value) == 0);
}

/* One message behind the byte that says from whom it is: fuzz_netlink.c. */
static void say(int type, const void *header, size_t n, const int attrs[], uint32_t value, int tag)
{
	struct nl_msg *msg = nlmsg_alloc_simple(type, 0);
	uint8_t buf[512] = {0xff};

	assert(msg && nlmsg_append(msg, (void *)header, n, NLMSG_ALIGNTO) == 0);
	for (; *attrs; attrs++)
		put(msg, *attrs, value);
	if (tag)
		assert(nla_put_u8(msg, tag, KERNEL_PROTOCOL) == 0);
	n = nlmsg_hdr(msg)->nlmsg_len;
	memcpy(buf + 1, nlmsg_hdr(msg), n);
	seed("netlink", buf, n + 1);
	nlmsg_free(msg);
}

static void objects(void)
{
	static const int none[] = {0}, local[] = {IFA_LOCAL, IFA_ADDRESS, 0},
			 route[] = {RTA_TABLE, RTA_OIF, RTA_GATEWAY, RTA_PRIORITY, 0},
			 rule[] = {FRA_PRIORITY, FRA_TABLE, 0};
	struct ifinfomsg link = {.ifi_index = 3};
	struct ifaddrmsg address = {.ifa_family = AF_INET, .ifa_prefixlen = 24, .ifa_index = 3};
	struct rtmsg r = {.rtm_family = AF_INET, .rtm_table = RT_TABLE_MAIN, .rtm_type = 1};
	struct fib_rule_hdr u = {.family = AF_INET};
	struct ndmsg n = {.ndm_family = AF_INET, .ndm_ifindex = 3};

	say(RTM_NEWLINK, &link, sizeof(link), none, 0, 0);
	say(RTM_NEWADDR, &address, sizeof(address), local, htonl(0x0a630005), IFA_FLAGS + 3);
	say(RTM_DELADDR, &address, sizeof(address), local, htonl(0x0a630005), 0);
	say(RTM_NEWROUTE, &r, sizeof(r), route, 3, 0);
	say(RTM_DELRULE, &u, sizeof(u), rule, 5000, FRA_PROTOCOL);
	say(RTM_NEWNEIGH, &n, sizeof(n), none, 0, NDA_PROTOCOL);
}

static struct nl_msg *event(uint8_t cmd)
{
	struct nl_msg *msg = nlmsg_alloc();

	assert(msg && genlmsg_put(msg, 0, 0, 28, 0, 0, cmd, 0));
	put(msg, NL80211_ATTR_IFINDEX, 3);
	return msg;
}

static void done(struct nl_msg *msg)
{
	seed("nl80211", nlmsg_hdr(msg), nlmsg_hdr(msg)->nlmsg_len);
	nlmsg_free(msg);
}

static void cqm(void)
{
	struct nl_msg *msg = event(NL80211_CMD_NOTIFY_CQM);
	struct nlattr *nest = nla_nest_start(msg, NL80211_ATTR_CQM);

	put(msg, NL80211_ATTR_CQM_RSSI_THRESHOLD_EVENT, 0);
	put(msg, NL80211_ATTR_CQM_RSSI_LEVEL, (uint32_t)-71);
	put(msg, NL80211_ATTR_CQM_PKT_LOSS_EVENT, 50);
	put(msg, NL80211_ATTR_CQM_TXE_PKTS, 50);
	nla_nest_end(msg, nest);
	done(msg);
}

static void parted(void)
{
	static const uint8_t frame[26] = {0xc0};
	struct nl_msg *msg = event(NL80211_CMD_DEAUTHENTICATE);

	assert(nla_put(msg, NL80211_ATTR_FRAME, sizeof(frame), frame) == 0);
	assert(nla_put(msg, NL80211_ATTR_MAC, 6, frame) == 0);
	done(msg);
}

static void station(void)
{
	struct nl_msg *msg = event(NL80211_CMD_NEW_STATION);
	struct nlattr *info = nla_nest_start(msg, NL80211_ATTR_STA_INFO), *rate, *tids, *tid, *txq;

	assert(nla_put_u8(msg, NL80211_STA_INFO_SIGNAL, (uint8_t)-60) == 0);
	assert(nla_put_u8(msg, NL80211_STA_INFO_BEACON_SIGNAL_AVG, (uint8_t)-61) == 0);
	put(msg, NL80211_STA_INFO_TX_PACKETS, 1000);
	put(msg, NL80211_STA_INFO_TX_FAILED, 1);
	put(msg, NL80211_STA_INFO_TX_RETRIES, 30);
	put(msg, NL80211_STA_INFO_BEACON_LOSS, 0);
	assert(nla_put_u64(msg, NL80211_STA_INFO_RX_BYTES64, 1 << 20) == 0);
	rate = nla_nest_start(msg, NL80211_STA_INFO_TX_BITRATE);
	put(msg, NL80211_RATE_INFO_BITRATE32, 540);
	nla_nest_end(msg, rate);
	tids = nla_nest_start(msg, NL80211_STA_INFO_TID_STATS);
	tid = nla_nest_start(msg, 1);
	txq = nla_nest_start(msg, NL80211_TID_STATS_TXQ_STATS);
	put(msg, NL80211_TXQ_STATS_BACKLOG_PACKETS, 5);
	nla_nest_end(msg, txq);
	nla_nest_end(msg, tid);
	nla_nest_end(msg, tids);
	nla_nest_end(msg, info);
	done(msg);
}

void seeds_kernel(void)
{
	objects();
	cqm();
	parted();
	station();
}
