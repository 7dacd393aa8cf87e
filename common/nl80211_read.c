/* SPDX-License-Identifier: MIT */
#include "common/nl80211_read.h"

#include <errno.h>
#include <linux/nl80211.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <string.h>

#define HDR_80211_BSSID 16 /* address 3 of a management frame */

static int attributes(struct nlmsghdr *h, struct nlattr **tb)
{
	static struct nla_policy policy[NL80211_ATTR_MAX + 1] = {
		[NL80211_ATTR_IFINDEX] = { .type = NLA_U32 },
		[NL80211_ATTR_MAC] = { .type = NLA_UNSPEC, .minlen = 6 },
		[NL80211_ATTR_CQM] = { .type = NLA_NESTED },
		[NL80211_ATTR_STA_INFO] = { .type = NLA_NESTED },
	};

	return genlmsg_parse(h, 0, tb, NL80211_ATTR_MAX, policy);
}

/* ---- events ---- */

static void read_cqm(struct nlattr *cqm, struct nl80211_word *out)
{
	static struct nla_policy policy[NL80211_ATTR_CQM_MAX + 1] = {
		[NL80211_ATTR_CQM_RSSI_THRESHOLD_EVENT] = { .type = NLA_U32 },
		/* of NLA_S32 libnl checks no length */
		[NL80211_ATTR_CQM_RSSI_LEVEL] = { .type = NLA_U32 },
		[NL80211_ATTR_CQM_PKT_LOSS_EVENT] = { .type = NLA_U32 },
		[NL80211_ATTR_CQM_BEACON_LOSS_EVENT] = { .type = NLA_FLAG },
		[NL80211_ATTR_CQM_TXE_PKTS] = { .type = NLA_U32 },
	};
	struct nlattr *tb[NL80211_ATTR_CQM_MAX + 1];

	if (nla_parse_nested(tb, NL80211_ATTR_CQM_MAX, cqm, policy))
		return;
	/* 50 frames in a row without an acknowledgement mean the same to us as no beacons */
	out->beacon_loss = tb[NL80211_ATTR_CQM_BEACON_LOSS_EVENT] ||
			   tb[NL80211_ATTR_CQM_PKT_LOSS_EVENT];
	out->tx_errors = tb[NL80211_ATTR_CQM_TXE_PKTS];
	out->crossed = tb[NL80211_ATTR_CQM_RSSI_THRESHOLD_EVENT];
	out->has_dbm = tb[NL80211_ATTR_CQM_RSSI_LEVEL];
	if (out->has_dbm)
		out->dbm = nla_get_s32(tb[NL80211_ATTR_CQM_RSSI_LEVEL]);
}

/* Whom the frame of a DEAUTHENTICATE or DISASSOCIATE parts us from, else whom it names. */
static bool read_bssid(struct nlattr **tb, struct mac *out)
{
	struct nlattr *frame = tb[NL80211_ATTR_FRAME], *mac = tb[NL80211_ATTR_MAC];

	if (frame && nla_len(frame) >= HDR_80211_BSSID + (int)sizeof(out->b))
		memcpy(out->b, (const uint8_t *)nla_data(frame) + HDR_80211_BSSID, sizeof(out->b));
	else if (mac)
		memcpy(out->b, nla_data(mac), sizeof(out->b));
	else
		return false;
	return true;
}

bool nl80211_read_word(struct nlmsghdr *h, uint32_t from, struct nl80211_word *out)
{
	struct nlattr *tb[NL80211_ATTR_MAX + 1];

	if (from || attributes(h, tb) || !tb[NL80211_ATTR_IFINDEX])
		return false;
	*out = (struct nl80211_word){.cmd = genlmsg_hdr(h)->cmd,
				     .ifindex = nla_get_u32(tb[NL80211_ATTR_IFINDEX])};
	out->has_bssid = read_bssid(tb, &out->bssid);
	if (tb[NL80211_ATTR_CQM])
		read_cqm(tb[NL80211_ATTR_CQM], out);
	return true;
}

/* ---- stations ---- */

static uint32_t txq_backlog(struct nlattr *txq)
{
	static struct nla_policy policy[NL80211_TXQ_STATS_MAX + 1] = {
		[NL80211_TXQ_STATS_BACKLOG_PACKETS] = { .type = NLA_U32 },
	};
	struct nlattr *tb[NL80211_TXQ_STATS_MAX + 1];

	if (nla_parse_nested(tb, NL80211_TXQ_STATS_MAX, txq, policy) ||
	    !tb[NL80211_TXQ_STATS_BACKLOG_PACKETS])
		return 0;
	return nla_get_u32(tb[NL80211_TXQ_STATS_BACKLOG_PACKETS]);
}

static void read_backlog(struct nlattr *tids, struct nl80211_station *out)
{
	static struct nla_policy policy[NL80211_TID_STATS_MAX + 1] = {
		[NL80211_TID_STATS_TXQ_STATS] = { .type = NLA_NESTED },
	};
	struct nlattr *tb[NL80211_TID_STATS_MAX + 1], *tid;
	int left;

	nla_for_each_nested(tid, tids, left) {
		if (nla_parse_nested(tb, NL80211_TID_STATS_MAX, tid, policy) ||
		    !tb[NL80211_TID_STATS_TXQ_STATS])
			continue;
		out->has_backlog = true;
		out->backlog += txq_backlog(tb[NL80211_TID_STATS_TXQ_STATS]);
	}
}

static void read_signal(struct nlattr **tb, struct nl80211_station *out)
{
	struct nlattr *last = tb[NL80211_STA_INFO_SIGNAL];
	struct nlattr *average = tb[NL80211_STA_INFO_BEACON_SIGNAL_AVG];

	if (!average)
		average = tb[NL80211_STA_INFO_SIGNAL_AVG];
	if (last) {
		out->has_signal = true;
		out->signal_dbm = (int8_t)nla_get_u8(last);
	}
	if (average) {
		out->has_average = true;
		out->average_dbm = (int8_t)nla_get_u8(average);
	}
}

/* 0: the driver does not say. */
static uint32_t rate_kbit(struct nlattr *rate)
{
	static struct nla_policy policy[NL80211_RATE_INFO_MAX + 1] = {
		[NL80211_RATE_INFO_BITRATE] = { .type = NLA_U16 },
		[NL80211_RATE_INFO_BITRATE32] = { .type = NLA_U32 },
	};
	struct nlattr *tb[NL80211_RATE_INFO_MAX + 1];
	uint32_t in_100_kbit = 0;

	if (nla_parse_nested(tb, NL80211_RATE_INFO_MAX, rate, policy))
		return 0;
	if (tb[NL80211_RATE_INFO_BITRATE32])
		in_100_kbit = nla_get_u32(tb[NL80211_RATE_INFO_BITRATE32]);
	else if (tb[NL80211_RATE_INFO_BITRATE])
		in_100_kbit = nla_get_u16(tb[NL80211_RATE_INFO_BITRATE]);
	return in_100_kbit < UINT32_MAX / 100 ? in_100_kbit * 100 : 0;
}

static void read_traffic(struct nlattr **tb, struct nl80211_station *out)
{
	struct nlattr *packets = tb[NL80211_STA_INFO_TX_PACKETS];
	struct nlattr *failed = tb[NL80211_STA_INFO_TX_FAILED];
	struct nlattr *retries = tb[NL80211_STA_INFO_TX_RETRIES];

	out->has_tx = packets && failed && retries;
	if (out->has_tx) {
		out->tx_packets = nla_get_u32(packets);
		out->tx_failed = nla_get_u32(failed);
		out->tx_retries = nla_get_u32(retries);
	}
	if (tb[NL80211_STA_INFO_TX_BITRATE])
		out->tx_kbit = rate_kbit(tb[NL80211_STA_INFO_TX_BITRATE]);
	if (tb[NL80211_STA_INFO_BEACON_LOSS]) {
		out->has_beacon_loss = true;
		out->beacon_loss = nla_get_u32(tb[NL80211_STA_INFO_BEACON_LOSS]);
	}
	if (tb[NL80211_STA_INFO_RX_BYTES64]) {
		out->has_rx_bytes = true;
		out->rx_bytes = nla_get_u64(tb[NL80211_STA_INFO_RX_BYTES64]);
	}
}

int nl80211_read_station(struct nlmsghdr *h, struct nl80211_station *out)
{
	static struct nla_policy policy[NL80211_STA_INFO_MAX + 1] = {
		[NL80211_STA_INFO_SIGNAL] = { .type = NLA_U8 },
		[NL80211_STA_INFO_SIGNAL_AVG] = { .type = NLA_U8 },
		[NL80211_STA_INFO_BEACON_SIGNAL_AVG] = { .type = NLA_U8 },
		[NL80211_STA_INFO_TX_PACKETS] = { .type = NLA_U32 },
		[NL80211_STA_INFO_TX_FAILED] = { .type = NLA_U32 },
		[NL80211_STA_INFO_TX_RETRIES] = { .type = NLA_U32 },
		[NL80211_STA_INFO_TX_BITRATE] = { .type = NLA_NESTED },
		[NL80211_STA_INFO_BEACON_LOSS] = { .type = NLA_U32 },
		[NL80211_STA_INFO_RX_BYTES64] = { .type = NLA_U64 },
		[NL80211_STA_INFO_TID_STATS] = { .type = NLA_NESTED },
	};
	struct nlattr *attrs[NL80211_ATTR_MAX + 1], *tb[NL80211_STA_INFO_MAX + 1];

	if (attributes(h, attrs))
		return -EBADMSG;
	if (!attrs[NL80211_ATTR_STA_INFO])
		return 0;
	if (nla_parse_nested(tb, NL80211_STA_INFO_MAX, attrs[NL80211_ATTR_STA_INFO], policy))
		return -EBADMSG;
	read_signal(tb, out);
	read_traffic(tb, out);
	if (tb[NL80211_STA_INFO_TID_STATS])
		read_backlog(tb[NL80211_STA_INFO_TID_STATS], out);
	return 1;
}
