/* SPDX-License-Identifier: MIT */
#include "client/check.h"

#include "common/privilege.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define CLOCK_MIN INT64_C(1735689600) /* 2025: no clock that somebody has set is behind that */
#define CLOCK_MAX INT64_C(4102444800) /* 2100 */
#define MTU_WANTED 1500		      /* that of which a tunnel's 1480 and 1468 are what is left */
#define MTU_LEAST 576

struct list {
	struct finding *f;
	unsigned n;
};

const char *verdict_name(enum verdict v)
{
	switch (v) {
	case CHECK_OK:
		return "ok";
	case CHECK_WARNING:
		return "warning";
	case CHECK_ERROR:
		return "error";
	case CHECK_NOT_LOOKED:
		return "not looked at";
	}
	return "?";
}

__attribute__((format(printf, 4, 5))) static void say(struct list *l, const char *what,
						      enum verdict v, const char *fmt, ...)
{
	struct finding *f = &l->f[l->n++];
	va_list ap;

	assert(l->n <= CHECK_FINDINGS_MAX);
	f->what = what;
	f->verdict = v;
	va_start(ap, fmt);
	vsnprintf(f->text, sizeof(f->text), fmt, ap);
	va_end(ap);
}

/* ---- files ---- */

static void configuration(const struct check_facts *f, struct list *l)
{
	static const char what[] = "configuration";

	switch (f->configuration) {
	case LOOK_GOOD:
		say(l, what, CHECK_OK, "%s", f->config.path);
		return;
	case LOOK_ABSENT:
		say(l, what, CHECK_ERROR,
		    "%s does not exist: three lines are enough, mipclient.conf(5) shows them",
		    f->config.path);
		return;
	case LOOK_WRONG:
		say(l, what, CHECK_ERROR,
		    "%s has errors, named above: correct them, then mipclientd -n says nothing",
		    f->config.path);
		return;
	case LOOK_NOT:
		say(l, what, CHECK_NOT_LOOKED,
		    "%s could not be read whole by you: run this as root", f->config.path);
	}
}

static void private_file(const struct check_file *k, bool secret, const char *what, struct list *l)
{
	if (k->path[0] == '\0' || k->look == LOOK_ABSENT)
		return; /* the configuration's own error says that */
	if (k->look == LOOK_NOT)
		say(l, what, CHECK_NOT_LOOKED, "%s may not be seen by you: run this as root",
		    k->path);
	else if (k->uid != 0 && !k->mip)
		say(l, what, CHECK_WARNING,
		    "%s does not belong to root or mip: its owner can make the daemon do as he "
		    "likes; chown root %s",
		    k->path, k->path);
	else if (secret && (k->mode & 077))
		say(l, what, CHECK_ERROR,
		    "%s has mode %04o, and a key that others read is none: chmod 600 %s", k->path,
		    k->mode, k->path);
	else if (k->mode & 022)
		say(l, what, CHECK_ERROR, "%s has mode %04o, others may write it: chmod go-w %s",
		    k->path, k->mode, k->path);
	else
		say(l, what, CHECK_OK, "%s, mode %04o, %s's", k->path, k->mode,
		    k->mip ? PRIVILEGE_USER : "root");
}

static void running(const struct check_facts *f, struct list *l)
{
	if (f->daemon == LOOK_ABSENT)
		say(l, "daemon", CHECK_WARNING,
		    "mipclientd does not run: systemctl start mipclientd, or start it as root");
	else if (f->daemon == LOOK_NOT)
		say(l, "daemon", CHECK_NOT_LOOKED,
		    "it may not be asked by you: run this as root, or join the group that may");
	else if (f->daemon == LOOK_WRONG)
		say(l, "daemon", CHECK_WARNING,
		    "mipclientd %s runs, and this is of another version: restart it",
		    f->daemon_version);
	else
		say(l, "daemon", CHECK_OK, "mipclientd %s runs", f->daemon_version);
	if (f->daemon == LOOK_GOOD && f->filtered)
		say(l, "system calls", CHECK_OK, "mipclientd can make those alone that it needs");
	else if (f->daemon == LOOK_GOOD)
		say(l, "system calls", CHECK_WARNING,
		    "those of mipclientd are not filtered: a kernel with CONFIG_SECCOMP_FILTER is "
		    "needed; its log says more");
	if (f->problems > 0)
		say(l, "its problems", CHECK_ERROR, "%u, see mipclient status; the first: %s",
		    f->problems, f->problem);
}

/* ---- the kernel ---- */

static void kernel(const struct check_facts *f, struct list *l)
{
	if (f->tun == LOOK_GOOD)
		say(l, "tun", CHECK_OK, "/dev/net/tun is there");
	else
		say(l, "tun", CHECK_ERROR,
		    "/dev/net/tun is not there: modprobe tun, or a kernel with CONFIG_TUN");
	if (f->tunl0_up)
		say(l, "tunl0", CHECK_ERROR,
		    "the kernel's own tunl0 is up, and would deliver every packet twice: ip link "
		    "set tunl0 down");
	if (f->policy == LOOK_ABSENT)
		say(l, "policy routing", CHECK_ERROR,
		    "this kernel has no rules: one with CONFIG_IP_MULTIPLE_TABLES is needed");
	else if (f->policy == LOOK_NOT)
		say(l, "policy routing", CHECK_NOT_LOOKED, "rules could not be listed");
	else if (f->strangers.rules > 0)
		say(l, "rules", CHECK_ERROR,
		    "%u of somebody else's are among ours, the first with priority %u: give them "
		    "priorities below 428 or above 438 (ip rule)",
		    f->strangers.rules, f->strangers.rule);
	else
		say(l, "rules", CHECK_OK, "nobody else's have priorities 428 to 438");
	if (f->policy == LOOK_GOOD && f->strangers.routes > 0)
		say(l, "tables", CHECK_ERROR,
		    "%u routes of somebody else's are in our tables, the first in table %u: give "
		    "them a table other than 434, 435 and 440 to 443",
		    f->strangers.routes, f->strangers.table);
	else if (f->policy == LOOK_GOOD)
		say(l, "tables", CHECK_OK, "nobody else uses 434, 435 and 440 to 443");
}

static void reverse_path(const struct check_facts *f, struct list *l)
{
	bool runs = f->daemon == LOOK_GOOD || f->daemon == LOOK_WRONG;

	if (f->rp_filter < 0)
		return; /* there is no such interface */
	if (f->rp_filter == 2)
		say(l, "rp_filter", CHECK_OK, "2 on %s", f->ifname);
	else if (runs)
		say(l, "rp_filter", CHECK_ERROR,
		    "somebody has set it to %d on %s since mipclientd started, and packets for "
		    "the home address may be dropped: sysctl -w net.ipv4.conf.%s.rp_filter=2",
		    f->rp_filter, f->ifname, f->ifname);
	else if (!f->sysctl_writable)
		say(l, "rp_filter", CHECK_ERROR,
		    "it is %d on %s, and /proc/sys is read-only here, so that mipclientd cannot "
		    "set it to 2: set it outside of this container",
		    f->rp_filter, f->ifname);
	else
		say(l, "rp_filter", CHECK_OK, "%d on %s; mipclientd sets it to 2 while it runs",
		    f->rp_filter, f->ifname);
}

static void interface(const struct check_facts *f, struct list *l)
{
	if (f->ifname[0] == '\0' || f->interface == LOOK_ABSENT) {
		say(l, "interface", CHECK_ERROR,
		    "%s is not there: plug it in, load its driver, or correct [Radio] interface",
		    f->ifname[0] != '\0' ? f->ifname : "a Wi-Fi interface");
		return;
	}
	if (f->interface == LOOK_WRONG)
		say(l, "interface", CHECK_WARNING,
		    "%s is no Wi-Fi interface, and its signal cannot be known: correct [Radio] "
		    "interface",
		    f->ifname);
	else
		say(l, "interface", CHECK_OK, "%s is a Wi-Fi interface", f->ifname);
	reverse_path(f, l);
	if (f->mtu >= MTU_WANTED)
		say(l, "mtu", CHECK_OK, "%u on %s", f->mtu, f->ifname);
	else if (f->mtu >= MTU_LEAST)
		say(l, "mtu", CHECK_WARNING,
		    "%u on %s, and packets of 1480 bytes do not fit into a tunnel there: ip link "
		    "set %s mtu 1500, if the network carries that",
		    f->mtu, f->ifname, f->ifname);
	else if (f->mtu > 0)
		say(l, "mtu", CHECK_ERROR, "%u on %s is too small: ip link set %s mtu 1500", f->mtu,
		    f->ifname, f->ifname);
}

/* ---- who else is here ---- */

static void supplicant(const struct check_facts *f, struct list *l)
{
	static const char what[] = "wpa_supplicant";

	switch (f->supplicant_socket) {
	case LOOK_GOOD:
		say(l, what, CHECK_OK, "its control socket is %s", f->supplicant);
		return;
	case LOOK_ABSENT:
		say(l, what, CHECK_ERROR,
		    "%s is not there: start wpa_supplicant with ctrl_interface=%.*s", f->supplicant,
		    (int)(strrchr(f->supplicant, '/') - f->supplicant), f->supplicant);
		return;
	case LOOK_WRONG:
		say(l, what, CHECK_ERROR,
		    "%s is there, and is no socket of wpa_supplicant's: remove it, and start that "
		    "anew",
		    f->supplicant);
		return;
	case LOOK_NOT:
		if (f->supplicant[0] != '\0')
			say(l, what, CHECK_NOT_LOOKED,
			    "%s may not be seen by you: run this as root", f->supplicant);
	}
}

static void neighbours(const struct check_facts *f, struct list *l)
{
	if (f->iwd)
		say(l, "iwd", CHECK_ERROR,
		    "iwd runs, and mipclientd speaks with wpa_supplicant alone: systemctl disable "
		    "--now iwd, and use that");
	if (f->network_manager)
		say(l, "NetworkManager", CHECK_OK,
		    "it runs; it leaves our rules alone and asks for an address after a roam");
	if (f->networkd && !f->networkd_spares)
		say(l, "systemd-networkd", CHECK_WARNING,
		    "it removes rules and routes that are not its own when it starts: write "
		    "ManageForeignRoutingPolicyRules=no and ManageForeignRoutes=no below [Network] "
		    "into /etc/systemd/networkd.conf.d/mip.conf and restart it");
	else if (f->networkd)
		say(l, "systemd-networkd", CHECK_OK, "it leaves our rules and routes alone");
	if (f->dhcp[0] != '\0' && !f->renew)
		say(l, "DHCP", CHECK_WARNING,
		    "%s runs, and does not notice a roam into another subnet: tell it, with renew "
		    "below [Node], or have a network manager do DHCP",
		    f->dhcp);
	else if (f->dhcp[0] != '\0')
		say(l, "DHCP", CHECK_OK, "%s is told to ask anew by [Node] renew", f->dhcp);
}

static void clock_time(const struct check_facts *f, struct list *l)
{
	if (f->now_s < CLOCK_MIN || f->now_s > CLOCK_MAX)
		say(l, "clock", CHECK_ERROR,
		    "it is years off, and reports will be dated wrongly: timedatectl set-ntp true, "
		    "or date -s");
	else if (!f->synchronised)
		say(l, "clock", CHECK_WARNING,
		    "nothing keeps it right: timedatectl set-ntp true; the home agent's first "
		    "answer corrects it for Mobile IP alone");
	else
		say(l, "clock", CHECK_OK, "it is kept right");
}

unsigned check_judge(const struct check_facts *f, struct finding out[CHECK_FINDINGS_MAX])
{
	struct list l = {out, 0};

	configuration(f, &l);
	private_file(&f->config, f->key_in_config, "its mode", &l);
	private_file(&f->key, true, "key file", &l);
	running(f, &l);
	kernel(f, &l);
	interface(f, &l);
	supplicant(f, &l);
	neighbours(f, &l);
	clock_time(f, &l);
	return l.n;
}
