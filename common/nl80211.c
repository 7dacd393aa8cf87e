/* SPDX-License-Identifier: MIT */
#include "common/nl80211.h"

#include "common/log.h"
#include "common/nl80211_priv.h"

#include <errno.h>
#include <linux/nl80211.h>
#include <netlink/genl/ctrl.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define ANSWER_LIMIT_US 100000 /* the kernel answers at once; this only keeps us from hanging */
#define EVENTS_A_WAKEUP 64

struct answer {
	uint32_t seq;
	bool done;
	int err;
	nl80211_parse *parse;
	void *out;
};

struct nl_msg *nl80211_msg(struct nl80211 *n, uint8_t cmd, int flags)
{
	struct nl_msg *msg = nlmsg_alloc();

	if (!msg)
		return NULL;
	if (!genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, n->family, 0, flags, cmd, 0) ||
	    nla_put_u32(msg, NL80211_ATTR_IFINDEX, n->ifindex) < 0) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

/* A late answer to a request that timed out has an old number and is skipped. */
static int on_in(struct nl_msg *msg, void *arg)
{
	struct answer *a = arg;

	return nlmsg_get_src(msg)->nl_pid == 0 && nlmsg_hdr(msg)->nlmsg_seq == a->seq ? NL_OK
											: NL_SKIP;
}

static int on_seq(struct nl_msg *msg, void *arg)
{
	(void)msg;
	(void)arg;
	return NL_OK;
}

static int on_valid(struct nl_msg *msg, void *arg)
{
	struct answer *a = arg;

	if (a->parse && !a->err)
		a->err = a->parse(nlmsg_hdr(msg), a->out);
	return NL_OK;
}

static int on_end(struct nl_msg *msg, void *arg)
{
	struct answer *a = arg;

	(void)msg;
	a->done = true;
	return NL_STOP;
}

static int on_error(struct sockaddr_nl *from, struct nlmsgerr *e, void *arg)
{
	struct answer *a = arg;

	(void)from;
	a->done = true;
	a->err = e->error;
	return NL_STOP;
}

int nl80211_request(struct nl80211 *n, struct nl_msg *msg, nl80211_parse *parse, void *out)
{
	struct answer a = { .parse = parse, .out = out };
	struct nl_cb *cb = nl_cb_alloc(NL_CB_DEFAULT);
	int got = cb ? nl_send_auto(n->req, msg) : -NLE_NOMEM;

	a.seq = nlmsg_hdr(msg)->nlmsg_seq;
	nlmsg_free(msg);
	if (got >= 0) {
		nl_cb_set(cb, NL_CB_MSG_IN, NL_CB_CUSTOM, on_in, &a);
		nl_cb_set(cb, NL_CB_SEQ_CHECK, NL_CB_CUSTOM, on_seq, NULL);
		nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, on_valid, &a);
		nl_cb_set(cb, NL_CB_ACK, NL_CB_CUSTOM, on_end, &a);
		nl_cb_set(cb, NL_CB_FINISH, NL_CB_CUSTOM, on_end, &a);
		nl_cb_err(cb, NL_CB_CUSTOM, on_error, &a);
	}
	while (got >= 0 && !a.done) {
		got = nl_recvmsgs_report(n->req, cb);
		if (got == 0)
			break;
	}
	nl_cb_put(cb);
	if (a.done)
		return a.err;
	return got < 0 && got != -NLE_AGAIN ? -EIO : -ETIMEDOUT;
}

static void emit(struct nl80211 *n, enum nl80211_event_type type, const struct mac *bssid,
		 const int *dbm)
{
	struct nl80211_event e = { .type = type };

	if (n->closing)
		return;
	if (bssid)
		e.bssid = *bssid;
	if (dbm) {
		e.has_dbm = true;
		e.dbm = *dbm;
	}
	n->fn(&e, n->arg);
}

static void lost(struct nl80211 *n, const struct mac *bssid)
{
	bool told = n->told_lost;

	n->told_lost = true;
	if (!told)
		emit(n, NL80211_LINK_LOST, bssid, NULL);
}

/* The kernel's level now: after lost messages, or from a
 * driver that does not tell it with the event. */
static void reread(struct nl80211 *n)
{
	struct nl80211_station s;
	int err = nl80211_station(n, NULL, &s), dbm;

	if (err == -ENOENT)
		lost(n, NULL);
	if (err || (!s.has_average && !s.has_signal))
		return;
	dbm = s.has_average ? s.average_dbm : s.signal_dbm;
	nl80211_rearm(n, dbm);
	emit(n, NL80211_SIGNAL, NULL, &dbm);
}

static void on_cqm(struct nl80211 *n, const struct nl80211_word *w, const struct mac *bssid)
{
	if (w->beacon_loss)
		emit(n, NL80211_BEACON_LOSS, bssid, NULL);
	if (w->tx_errors)
		emit(n, NL80211_TX_ERRORS, bssid, NULL);
	if (!w->crossed)
		return;
	if (!w->has_dbm) {
		reread(n);
		return;
	}
	nl80211_rearm(n, w->dbm);
	emit(n, NL80211_SIGNAL, bssid, &w->dbm);
}

static int on_event(struct nl_msg *msg, void *arg)
{
	struct nl80211 *n = arg;
	const struct mac *bssid;
	struct nl80211_word w;

	if (!nl80211_read_word(nlmsg_hdr(msg), nlmsg_get_src(msg)->nl_pid, &w) ||
	    w.ifindex != n->ifindex)
		return NL_SKIP;
	bssid = w.has_bssid ? &w.bssid : NULL;
	switch (w.cmd) {
	case NL80211_CMD_NOTIFY_CQM:
		on_cqm(n, &w, bssid);
		break;
	case NL80211_CMD_DEAUTHENTICATE:
	case NL80211_CMD_DISASSOCIATE:
	case NL80211_CMD_DISCONNECT:
		lost(n, bssid);
		break;
	case NL80211_CMD_ASSOCIATE:
	case NL80211_CMD_CONNECT:
	case NL80211_CMD_ROAM:
		n->told_lost = false;
		break;
	case NL80211_CMD_PORT_AUTHORIZED:
		emit(n, NL80211_PORT_OPEN, bssid, NULL);
		break;
	case NL80211_CMD_TRIGGER_SCAN:
		emit(n, NL80211_SCAN_BEGUN, NULL, NULL);
		break;
	case NL80211_CMD_NEW_SCAN_RESULTS:
		emit(n, NL80211_SCAN_DONE, NULL, NULL);
		break;
	case NL80211_CMD_DEL_INTERFACE:
		emit(n, NL80211_GONE, NULL, NULL);
		break;
	}
	return NL_OK;
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
	struct nl80211 *n = poll->data;
	struct nl_cb *cb = nl_socket_get_cb(n->ev);
	int got = 1;

	(void)events;
	(void)status;
	for (int i = 0; i < EVENTS_A_WAKEUP && got > 0 && !n->closing; i++)
		got = nl_recvmsgs_report(n->ev, cb);
	nl_cb_put(cb);
	/* the socket overflowed: what was lost is read again */
	if (got < 0 && got != -NLE_AGAIN && !n->closing)
		reread(n);
}

static int open_events(struct nl80211 *n, uv_loop_t *loop)
{
	static const char *const groups[] = { "mlme", "config", "scan" };

	n->ev = nl_socket_alloc();
	if (!n->ev || genl_connect(n->ev) < 0)
		return -1;
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		int id = genl_ctrl_resolve_grp(n->req, NL80211_GENL_NAME, groups[i]);

		if (id < 0 || nl_socket_add_membership(n->ev, id) < 0)
			return -1;
	}
	nl_socket_disable_seq_check(n->ev);
	if (nl_socket_modify_cb(n->ev, NL_CB_VALID, NL_CB_CUSTOM, on_event, n) < 0 ||
	    nl_socket_set_nonblocking(n->ev) < 0 ||
	    uv_poll_init(loop, &n->poll, nl_socket_get_fd(n->ev)))
		return -1;
	n->poll.data = n;
	uv_poll_start(&n->poll, UV_READABLE, on_readable);
	return 0;
}

static struct nl80211 *give_up(struct nl80211 *n)
{
	if (n->ev)
		nl_socket_free(n->ev);
	if (n->req)
		nl_socket_free(n->req);
	free(n);
	return NULL;
}

struct nl80211 *nl80211_open(uv_loop_t *loop, const char *ifname, nl80211_fn *fn, void *arg)
{
	struct nl80211 *n = calloc(1, sizeof(*n));
	struct timeval limit = { .tv_usec = ANSWER_LIMIT_US };
	struct nl_msg *msg;

	if (!n)
		fatal("no memory");
	n->fn = fn;
	n->arg = arg;
	snprintf(n->ifname, sizeof(n->ifname), "%s", ifname);
	n->ifindex = if_nametoindex(ifname);
	if (!n->ifindex) {
		log_error("nl80211: no interface %s", ifname);
		return give_up(n);
	}
	n->req = nl_socket_alloc();
	if (!n->req || genl_connect(n->req) < 0 ||
	    setsockopt(nl_socket_get_fd(n->req), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) <
		0) {
		log_error("nl80211: no netlink socket: %s", strerror(errno));
		return give_up(n);
	}
	n->family = genl_ctrl_resolve(n->req, NL80211_GENL_NAME);
	if (n->family < 0) {
		log_error("nl80211: the kernel does not have it: load the Wi-Fi driver");
		return give_up(n);
	}
	msg = nl80211_msg(n, NL80211_CMD_GET_INTERFACE, 0);
	if (!msg || nl80211_request(n, msg, NULL, NULL)) {
		log_error("nl80211: %s is not a Wi-Fi interface", ifname);
		return give_up(n);
	}
	if (fn && open_events(n, loop)) {
		log_error("nl80211: no events of %s", ifname);
		return give_up(n);
	}
	return n;
}

static void on_closed(uv_handle_t *h)
{
	give_up(h->data);
}

void nl80211_close(struct nl80211 *n)
{
	if (!n)
		return;
	n->closing = true;
	if (n->fn)
		uv_close((uv_handle_t *)&n->poll, on_closed);
	else
		give_up(n);
}
