/* SPDX-License-Identifier: MIT */
#include "common/nl80211.h"

#include "common/nl80211_priv.h"

#include <errno.h>
#include <linux/nl80211.h>
#include <netlink/msg.h>
#include <string.h>

struct found {
	struct nl80211_station *out;
	bool any;
};

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

static int parse_station(struct nlattr **attrs, void *arg)
{
	static struct nla_policy policy[NL80211_STA_INFO_MAX + 1] = {
		[NL80211_STA_INFO_SIGNAL] = { .type = NLA_U8 },
		[NL80211_STA_INFO_SIGNAL_AVG] = { .type = NLA_U8 },
		[NL80211_STA_INFO_BEACON_SIGNAL_AVG] = { .type = NLA_U8 },
		[NL80211_STA_INFO_TX_PACKETS] = { .type = NLA_U32 },
		[NL80211_STA_INFO_TX_FAILED] = { .type = NLA_U32 },
		[NL80211_STA_INFO_TX_RETRIES] = { .type = NLA_U32 },
		[NL80211_STA_INFO_RX_BYTES64] = { .type = NLA_U64 },
		[NL80211_STA_INFO_TID_STATS] = { .type = NLA_NESTED },
	};
	struct nlattr *tb[NL80211_STA_INFO_MAX + 1];
	struct found *f = arg;
	struct nl80211_station *out = f->out;

	if (f->any || !attrs[NL80211_ATTR_STA_INFO])
		return 0;
	if (nla_parse_nested(tb, NL80211_STA_INFO_MAX, attrs[NL80211_ATTR_STA_INFO], policy))
		return -EBADMSG;
	f->any = true;
	read_signal(tb, out);
	if (tb[NL80211_STA_INFO_TX_PACKETS])
		out->tx_packets = nla_get_u32(tb[NL80211_STA_INFO_TX_PACKETS]);
	if (tb[NL80211_STA_INFO_TX_FAILED])
		out->tx_failed = nla_get_u32(tb[NL80211_STA_INFO_TX_FAILED]);
	if (tb[NL80211_STA_INFO_TX_RETRIES])
		out->tx_retries = nla_get_u32(tb[NL80211_STA_INFO_TX_RETRIES]);
	if (tb[NL80211_STA_INFO_RX_BYTES64]) {
		out->has_rx_bytes = true;
		out->rx_bytes = nla_get_u64(tb[NL80211_STA_INFO_RX_BYTES64]);
	}
	if (tb[NL80211_STA_INFO_TID_STATS])
		read_backlog(tb[NL80211_STA_INFO_TID_STATS], out);
	return 0;
}

/* A station has one access point at a time: a dump of its
 * stations finds it without knowing its address. */
int nl80211_station(struct nl80211 *n, const struct mac *mac, struct nl80211_station *out)
{
	struct found f = { .out = out };
	struct nl_msg *msg = nl80211_msg(n, NL80211_CMD_GET_STATION, mac ? 0 : NLM_F_DUMP);
	int err;

	memset(out, 0, sizeof(*out));
	if (!msg)
		return -ENOMEM;
	if (mac && nla_put(msg, NL80211_ATTR_MAC, sizeof(mac->b), mac->b) < 0) {
		nlmsg_free(msg);
		return -ENOMEM;
	}
	err = nl80211_request(n, msg, parse_station, &f);
	if (!err && !f.any)
		err = -ENOENT;
	return err;
}

static int put_thresholds(struct nl80211 *n, const int32_t *dbm, unsigned count,
			  uint32_t hysteresis_db)
{
	static const int32_t off = 0;
	struct nl_msg *msg = nl80211_msg(n, NL80211_CMD_SET_CQM, 0);
	struct nlattr *cqm = msg ? nla_nest_start(msg, NL80211_ATTR_CQM) : NULL;

	if (!count) {
		dbm = &off;
		count = 1;
		hysteresis_db = 0;
	}
	if (!cqm ||
	    nla_put(msg, NL80211_ATTR_CQM_RSSI_THOLD, (int)(count * sizeof(*dbm)), dbm) < 0 ||
	    nla_put_u32(msg, NL80211_ATTR_CQM_RSSI_HYST, hysteresis_db) < 0) {
		nlmsg_free(msg);
		return -ENOMEM;
	}
	nla_nest_end(msg, cqm);
	return nl80211_request(n, msg, NULL, NULL);
}

int nl80211_rearm(struct nl80211 *n, int dbm)
{
	int32_t best;

	if (!n->one_threshold || !n->n_thresholds)
		return 0;
	best = n->thresholds[0];
	for (unsigned i = 0; i < n->n_thresholds; i++)
		if (n->thresholds[i] < dbm)
			best = n->thresholds[i];
	return put_thresholds(n, &best, 1, n->hysteresis_db);
}

int nl80211_thresholds(struct nl80211 *n, const int32_t *dbm, unsigned count,
		       uint32_t hysteresis_db)
{
	struct nl80211_station s;
	int err;

	if (count > NL80211_THRESHOLDS_MAX)
		return -EINVAL;
	n->n_thresholds = count;
	n->hysteresis_db = hysteresis_db;
	if (count)
		memcpy(n->thresholds, dbm, count * sizeof(*dbm));
	if (!n->one_threshold) {
		err = put_thresholds(n, dbm, count, hysteresis_db);
		if (err != -EOPNOTSUPP || count < 2)
			return err;
		n->one_threshold = true;
	}
	if (!count)
		return put_thresholds(n, NULL, 0, 0);
	err = nl80211_station(n, NULL, &s);
	if (err)
		return err;
	return nl80211_rearm(n, s.has_average ? s.average_dbm : s.signal_dbm);
}
