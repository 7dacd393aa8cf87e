/* SPDX-License-Identifier: MIT */
#include "common/kernel.h"

#include "common/kernel_priv.h"
#include "common/log.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>
#include <netlink/route/rtnl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* libnl's own codes, for the few failures that are not the kernel's answer. */
static int nl_errno(int nle)
{
	switch (-nle) {
	case NLE_NOMEM:
		return -ENOMEM;
	case NLE_OBJ_NOTFOUND:
	case NLE_NODEV:
		return -ENODEV;
	case NLE_PERM:
		return -EPERM;
	}
	return -EIO;
}

static int on_error(struct sockaddr_nl *from, struct nlmsgerr *e, void *arg)
{
	struct kernel *k = arg;

	(void)from;
	k->error = -e->error;
	return NL_STOP;
}

/* Anybody who may may send to our port; libnl does not look who it was. */
static int on_in(struct nl_msg *msg, void *arg)
{
	(void)arg;
	return nlmsg_get_src(msg)->nl_pid == 0 ? NL_OK : NL_SKIP;
}

int kernel_request(struct kernel *k, struct nl_msg *msg)
{
	int nle;

	k->error = 0;
	nle = nl_send_sync(k->sk, msg);
	if (nle >= 0)
		return 0;
	return k->error ? -k->error : nl_errno(nle);
}

/* What nl_rtgen_request() cannot ask for: the proxy entries among the neighbours. */
static int ask_proxies(struct kernel *k)
{
	struct ndmsg m = { .ndm_family = AF_INET, .ndm_flags = NTF_PROXY };

	return nl_send_simple(k->sk, RTM_GETNEIGH, NLM_F_DUMP, &m, sizeof(m));
}

struct dump {
	kernel_found *fn;
	void *arg;
};

static int on_valid(struct nl_msg *msg, void *arg)
{
	const struct dump *d = arg;
	struct kernel_said said;

	if (kernel_said(nlmsg_hdr(msg), &said) && said.ipv4)
		d->fn(&said, d->arg);
	return NL_OK;
}

int kernel_dump(struct kernel *k, int type, kernel_found *fn, void *arg)
{
	struct nl_cb *orig = nl_socket_get_cb(k->sk), *cb = nl_cb_clone(orig);
	struct dump d = { fn, arg };
	int nle;

	nl_cb_put(orig);
	if (!cb)
		return -ENOMEM;
	nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, on_valid, &d);
	k->error = 0;
	nle = type == KERNEL_GETPROXY ? ask_proxies(k)
				      : nl_rtgen_request(k->sk, type, AF_INET, NLM_F_DUMP);
	if (nle >= 0)
		nle = nl_recvmsgs(k->sk, cb);
	nl_cb_put(cb);
	if (nle >= 0)
		return 0;
	if (nle == -NLE_DUMP_INTR)
		return -EINTR;
	return k->error ? -k->error : nl_errno(nle);
}

int kernel_verdict(bool add, int err, const char *what)
{
	if (!err || (add && err == -EEXIST))
		return 0;
	if (!add && (err == -ESRCH || err == -ENOENT || err == -ENODEV || err == -EADDRNOTAVAIL))
		return 0;
	log_error("kernel: cannot %s %s: %s", add ? "add" : "remove", what, strerror(-err));
	return err;
}

struct nl_addr *kernel_nl_addr(uint32_t addr, uint8_t prefix_len)
{
	uint32_t be = htonl(addr);
	struct nl_addr *a = nl_addr_build(AF_INET, &be, sizeof(be));

	if (a)
		nl_addr_set_prefixlen(a, prefix_len);
	return a;
}

struct kernel *kernel_open(void)
{
	struct kernel *k = calloc(1, sizeof(*k));
	int nle;

	if (!k)
		fatal("out of memory");
	k->sk = nl_socket_alloc();
	if (!k->sk)
		fatal("out of memory");
	nle = nl_connect(k->sk, NETLINK_ROUTE);
	if (nle < 0) {
		log_error("kernel: cannot open netlink: %s", nl_geterror(nle));
		kernel_close(k);
		return NULL;
	}
	nl_socket_modify_err_cb(k->sk, NL_CB_CUSTOM, on_error, k);
	nl_socket_modify_cb(k->sk, NL_CB_MSG_IN, NL_CB_CUSTOM, on_in, NULL);
	return k;
}

uint32_t kernel_port(const struct kernel *k)
{
	return nl_socket_get_local_port(k->sk);
}

void kernel_close(struct kernel *k)
{
	if (!k)
		return;
	nl_socket_free(k->sk);
	free(k);
}

unsigned kernel_ifindex(struct kernel *k, const char *ifname)
{
	(void)k;
	return if_nametoindex(ifname);
}

int kernel_link_up(struct kernel *k, const char *ifname, unsigned mtu)
{
	struct rtnl_link *link = NULL, *change;
	struct nl_msg *msg = NULL;
	int nle, err;

	nle = rtnl_link_get_kernel(k->sk, 0, ifname, &link);
	err = nle < 0 ? nl_errno(nle) : 0;
	change = err ? NULL : rtnl_link_alloc();
	if (!err && !change)
		err = -ENOMEM;
	if (!err) {
		rtnl_link_set_flags(change, IFF_UP);
		if (mtu)
			rtnl_link_set_mtu(change, mtu);
		nle = rtnl_link_build_change_request(link, change, 0, &msg);
		err = nle < 0 ? nl_errno(nle) : kernel_request(k, msg);
	}
	if (err)
		log_error("kernel: cannot bring %s up: %s", ifname, strerror(-err));
	rtnl_link_put(change);
	rtnl_link_put(link);
	return err;
}

int kernel_addr(struct kernel *k, bool add, const char *ifname, uint32_t addr, uint8_t prefix_len)
{
	struct nl_addr *local = kernel_nl_addr(addr, prefix_len);
	struct rtnl_addr *a = rtnl_addr_alloc();
	char text[ADDR_STRLEN], what[64];
	unsigned ifindex = if_nametoindex(ifname);
	struct nl_msg *msg = NULL;
	int nle, err = 0;

	if (!local || !a)
		err = -ENOMEM;
	else if (!ifindex)
		err = -ENODEV;
	if (!err) {
		rtnl_addr_set_ifindex(a, (int)ifindex);
		rtnl_addr_set_local(a, local);
		rtnl_addr_set_prefixlen(a, prefix_len);
		if (addr == KERNEL_NO_ADDR)
			rtnl_addr_set_scope(a, RT_SCOPE_LINK);
		nle = add ? rtnl_addr_build_add_request(a, NLM_F_CREATE | NLM_F_EXCL, &msg)
			  : rtnl_addr_build_delete_request(a, 0, &msg);
		err = nle < 0 ? nl_errno(nle) : kernel_request(k, msg);
	}
	nl_addr_put(local);
	rtnl_addr_put(a);
	snprintf(what, sizeof(what), "address %s/%u on %s", addr_fmt(text, addr), prefix_len,
		 ifname);
	return kernel_verdict(add, err, what);
}
