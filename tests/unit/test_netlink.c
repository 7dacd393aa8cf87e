/* SPDX-License-Identifier: MIT */
/* What the kernel says by rtnetlink and nl80211: read, or cut short, or not the kernel's. */
#include "common/kernel.h"
#include "common/kernel_said.h"
#include "common/nl80211_read.h"
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/neighbour.h>
#include <linux/nl80211.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <sys/mman.h>
#include <unistd.h>

/* libnl is not built with the sanitizers: what is behind this faults. */
static uint8_t *edge;

static void make_edge(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	uint8_t *p;

	if (edge)
		return;
	p = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert(p != MAP_FAILED && mprotect(p + page, page, PROT_NONE) == 0);
	edge = p + page;
}

/* The message's first n bytes, which it says are all, at the edge; the last four are whole. */
static struct nlmsghdr *cut(struct nl_msg *msg, size_t n)
{
	struct nlmsghdr *h;

	make_edge();
	h = (void *)(edge - NLMSG_ALIGN(n));
	memset(h, 0xee, NLMSG_ALIGN(n));
	memcpy(h, nlmsg_hdr(msg), n);
	h->nlmsg_len = (uint32_t)n;
	return h;
}

static struct nl_msg *message(int type, const void *header, size_t n)
{
	struct nl_msg *msg = nlmsg_alloc_simple(type, 0);

	assert(msg && nlmsg_append(msg, (void *)header, n, NLMSG_ALIGNTO) == 0);
	nlmsg_hdr(msg)->nlmsg_pid = 77;
	return msg;
}

static void put(struct nl_msg *msg, int attr, uint32_t value)
{
	assert(nla_put_u32(msg, attr, value) == 0);
}

static struct nl_msg *address(int type)
{
	struct ifaddrmsg m = { .ifa_family = AF_INET, .ifa_prefixlen = 24, .ifa_index = 3 };
	struct ifa_cacheinfo life = { .ifa_valid = 600 };
	struct nl_msg *msg = message(type, &m, sizeof(m));

	put(msg, IFA_LOCAL, htonl(0x0a630005));
	assert(nla_put(msg, IFA_CACHEINFO, sizeof(life), &life) == 0);
	return msg;
}

static struct nl_msg *route(void)
{
	struct rtmsg m = { .rtm_family = AF_INET,
			   .rtm_table = RT_TABLE_MAIN,
			   .rtm_protocol = KERNEL_PROTOCOL,
			   .rtm_type = RTN_UNICAST };
	struct nl_msg *msg = message(RTM_NEWROUTE, &m, sizeof(m));

	put(msg, RTA_OIF, 3);
	put(msg, RTA_GATEWAY, htonl(0x0a630001));
	put(msg, RTA_PRIORITY, 600);
	return msg;
}

static struct nl_msg *rule(void)
{
	struct fib_rule_hdr m = { .family = AF_INET };
	struct nl_msg *msg = message(RTM_DELRULE, &m, sizeof(m));

	put(msg, FRA_PRIORITY, 5000);
	assert(nla_put_u8(msg, FRA_PROTOCOL, KERNEL_PROTOCOL) == 0);
	return msg;
}

static struct nl_msg *neighbour(void)
{
	struct ndmsg m = { .ndm_family = AF_INET, .ndm_ifindex = 3, .ndm_state = NUD_INCOMPLETE };
	struct nl_msg *msg = message(RTM_NEWNEIGH, &m, sizeof(m));

	assert(nla_put_u32(msg, NDA_DST, htonl(0x0a630001)) == 0);
	assert(nla_put_u8(msg, NDA_PROTOCOL, KERNEL_PROTOCOL) == 0);
	return msg;
}

static struct nl_msg *interface(void)
{
	struct ifinfomsg m = { .ifi_index = 3, .ifi_flags = IFF_UP };

	return message(RTM_NEWLINK, &m, sizeof(m));
}

static void said(void)
{
	struct nl_msg *a = address(RTM_NEWADDR), *r = route(), *u = rule(), *n = neighbour();
	struct kernel_said s;

	CHECK(kernel_said(nlmsg_hdr(a), &s));
	CHECK(s.thing == KERNEL_ADDRESS && !s.gone && s.by == 77 && s.ipv4 && !s.ours);
	CHECK(s.ifindex == 3 && s.addr == 0x0a630005 && s.prefix_len == 24 && s.valid_s == 600);
	CHECK(kernel_said(nlmsg_hdr(r), &s));
	CHECK(s.thing == KERNEL_ROUTE && s.ours && s.unicast && s.table == RT_TABLE_MAIN);
	CHECK(s.ifindex == 3 && s.gateway == 0x0a630001 && s.metric == 600 && !s.prefix_len);
	CHECK(kernel_said(nlmsg_hdr(u), &s));
	CHECK(s.thing == KERNEL_RULE && s.gone && s.ours && s.priority == 5000);
	CHECK(kernel_said(nlmsg_hdr(n), &s));
	CHECK(s.thing == KERNEL_NEIGHBOUR && !s.gone && s.ours && s.ifindex == 3);
	CHECK(s.addr == 0x0a630001 && s.unresolved);
	nlmsg_free(a);
	nlmsg_free(r);
	nlmsg_free(u);
	nlmsg_free(n);
}

/* What is there is read, and nothing behind it: header by header, attribute by attribute. */
static void cut_short(void)
{
	struct nl_msg *all[] = { interface(), address(RTM_DELADDR), route(), rule(), neighbour() };
	size_t header[] = { sizeof(struct ifinfomsg), sizeof(struct ifaddrmsg),
			    sizeof(struct rtmsg), sizeof(struct fib_rule_hdr),
			    sizeof(struct ndmsg) };

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		for (size_t n = NLMSG_HDRLEN; n <= nlmsg_hdr(all[i])->nlmsg_len; n++) {
			struct kernel_said s = { .by = 99 };
			bool got = kernel_said(cut(all[i], n), &s);

			CHECK_EQ(got, n >= NLMSG_HDRLEN + header[i]);
			CHECK_EQ(s.by, got ? 77 : 99);
		}
		nlmsg_free(all[i]);
	}
}

/* An attribute that is shorter than what it should hold. */
static void short_attributes(void)
{
	struct rtmsg m = { .rtm_family = AF_INET, .rtm_table = RT_TABLE_MAIN };
	struct nl_msg *msg;
	struct kernel_said s;

	for (int n = 0; n < 4; n++) {
		msg = message(RTM_NEWROUTE, &m, sizeof(m));
		assert(nla_put(msg, RTA_GATEWAY, n, "\1\2\3") == 0);
		CHECK(kernel_said(cut(msg, nlmsg_hdr(msg)->nlmsg_len), &s));
		CHECK_EQ(s.gateway, 0);
		nlmsg_free(msg);
	}
}

static void words(void)
{
	struct nl_msg *l = interface(), *a = address(RTM_NEWADDR);
	size_t one = NLMSG_ALIGN(nlmsg_hdr(l)->nlmsg_len), two = nlmsg_hdr(a)->nlmsg_len;
	struct kernel_words w;
	struct kernel_said s;
	uint8_t *p;

	make_edge();
	p = edge - one - two;
	memcpy(p, nlmsg_hdr(l), one);
	memcpy(p + one, nlmsg_hdr(a), two);
	w = kernel_words(p, one + two, 0);
	CHECK(kernel_next(&w, &s) && s.thing == KERNEL_LINK && s.up && s.ifindex == 3);
	CHECK(kernel_next(&w, &s) && s.thing == KERNEL_ADDRESS);
	CHECK(!kernel_next(&w, &s));
	/* another process */
	w = kernel_words(p, one + two, 4711);
	CHECK(!kernel_next(&w, &s));
	/* the second one says that it is longer than what has come */
	w = kernel_words(p, one + two - 1, 0);
	CHECK(kernel_next(&w, &s) && s.thing == KERNEL_LINK);
	CHECK(!kernel_next(&w, &s));
	for (size_t n = 0; n < one; n++) {
		w = kernel_words(p, n, 0);
		CHECK(!kernel_next(&w, &s));
	}
	nlmsg_free(l);
	nlmsg_free(a);
}

/* ---- nl80211 ---- */

static struct nl_msg *event(uint8_t cmd)
{
	struct nl_msg *msg = nlmsg_alloc();

	assert(msg && genlmsg_put(msg, 0, 0, 28, 0, 0, cmd, 0));
	put(msg, NL80211_ATTR_IFINDEX, 3);
	return msg;
}

static struct nl_msg *crossed(int level_bytes)
{
	static const int32_t dbm = -71;
	struct nl_msg *msg = event(NL80211_CMD_NOTIFY_CQM);
	struct nlattr *cqm = nla_nest_start(msg, NL80211_ATTR_CQM);

	put(msg, NL80211_ATTR_CQM_RSSI_THRESHOLD_EVENT, 0);
	assert(nla_put(msg, NL80211_ATTR_CQM_RSSI_LEVEL, level_bytes, &dbm) == 0);
	nla_nest_end(msg, cqm);
	return msg;
}

static void level(void)
{
	struct nl_msg *msg = crossed(4);
	struct nl80211_word w;

	CHECK(nl80211_read_word(nlmsg_hdr(msg), 0, &w));
	CHECK(w.cmd == NL80211_CMD_NOTIFY_CQM && w.ifindex == 3 && !w.has_bssid);
	CHECK(w.crossed && w.has_dbm && w.dbm == -71 && !w.beacon_loss && !w.tx_errors);
	CHECK(!nl80211_read_word(nlmsg_hdr(msg), 4711, &w));
	nlmsg_free(msg);
}

/* libnl 3.7 takes an NLA_S32 of no length, and reads four bytes of it. */
static void short_level(void)
{
	for (int n = 0; n < 4; n++) {
		struct nl_msg *msg = crossed(n);
		struct nl80211_word w;

		CHECK(nl80211_read_word(cut(msg, nlmsg_hdr(msg)->nlmsg_len), 0, &w));
		CHECK(!w.has_dbm && !w.crossed);
		nlmsg_free(msg);
	}
}

static void whose(void)
{
	static const struct mac peer = { { 2, 0, 0, 0, 1, 0 } };
	uint8_t frame[26] = { 0xc0 };

	memcpy(frame + 16, peer.b, 6);
	for (int n = 0; n <= 26; n++) {
		struct nl_msg *msg = event(NL80211_CMD_DEAUTHENTICATE);
		struct nl80211_word w;

		assert(nla_put(msg, NL80211_ATTR_FRAME, n, frame) == 0);
		CHECK(nl80211_read_word(cut(msg, nlmsg_hdr(msg)->nlmsg_len), 0, &w));
		CHECK_EQ(w.has_bssid, n >= 22);
		CHECK(!w.has_bssid || mac_equal(&w.bssid, &peer));
		nlmsg_free(msg);
	}
}

static struct nl_msg *station(void)
{
	struct nl_msg *msg = event(NL80211_CMD_NEW_STATION);
	struct nlattr *info = nla_nest_start(msg, NL80211_ATTR_STA_INFO), *tids, *tid, *txq;

	assert(nla_put_u8(msg, NL80211_STA_INFO_SIGNAL, (uint8_t)-60) == 0);
	tids = nla_nest_start(msg, NL80211_STA_INFO_TID_STATS);
	tid = nla_nest_start(msg, 1);
	txq = nla_nest_start(msg, NL80211_TID_STATS_TXQ_STATS);
	put(msg, NL80211_TXQ_STATS_BACKLOG_PACKETS, 5);
	nla_nest_end(msg, txq);
	nla_nest_end(msg, tid);
	nla_nest_end(msg, tids);
	nla_nest_end(msg, info);
	return msg;
}

static void stations(void)
{
	struct nl_msg *msg = station(), *none = event(NL80211_CMD_NEW_STATION);
	struct nl80211_station s = { .signal_dbm = 0 };

	CHECK_EQ(nl80211_read_station(nlmsg_hdr(none), &s), 0);
	CHECK_EQ(nl80211_read_station(nlmsg_hdr(msg), &s), 1);
	CHECK(s.has_signal && s.signal_dbm == -60 && s.has_backlog && s.backlog == 5);
	for (size_t n = NLMSG_HDRLEN; n < nlmsg_hdr(msg)->nlmsg_len; n++) {
		int got = nl80211_read_station(cut(msg, n), &s);

		CHECK_EQ(got, n < NLMSG_HDRLEN + GENL_HDRLEN ? -EBADMSG : 0);
	}
	nlmsg_free(msg);
	nlmsg_free(none);
}

UNIT_MAIN("netlink",
	  { "rtnetlink: what it says", said },
	  { "rtnetlink: cut short", cut_short },
	  { "rtnetlink: attributes too short", short_attributes },
	  { "rtnetlink: of the kernel alone, one behind another", words },
	  { "nl80211: a level", level },
	  { "nl80211: a level too short", short_level },
	  { "nl80211: who left us", whose },
	  { "nl80211: a station, cut short", stations })
