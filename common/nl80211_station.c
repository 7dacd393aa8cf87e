/* SPDX-License-Identifier: MIT */
#include "common/nl80211.h"

#include "common/nl80211_priv.h"

#include <errno.h>
#include <linux/nl80211.h>
#include <string.h>

struct found {
	struct nl80211_station *out;
	bool any;
};

static int on_station(struct nlmsghdr *h, void *arg)
{
	struct found *f = arg;
	int got = f->any ? 0 : nl80211_read_station(h, f->out);

	f->any |= got > 0;
	return got < 0 ? got : 0;
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
	err = nl80211_request(n, msg, on_station, &f);
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

int nl80211_tx_errors(struct nl80211 *n, unsigned percent, unsigned packets, unsigned seconds)
{
	struct nl_msg *msg = nl80211_msg(n, NL80211_CMD_SET_CQM, 0);
	struct nlattr *cqm = msg ? nla_nest_start(msg, NL80211_ATTR_CQM) : NULL;

	if (!cqm || nla_put_u32(msg, NL80211_ATTR_CQM_TXE_RATE, percent) < 0 ||
	    nla_put_u32(msg, NL80211_ATTR_CQM_TXE_PKTS, packets) < 0 ||
	    nla_put_u32(msg, NL80211_ATTR_CQM_TXE_INTVL, seconds) < 0) {
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
