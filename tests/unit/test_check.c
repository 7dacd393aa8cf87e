/* SPDX-License-Identifier: MIT */
/* What `mipclient check` makes of what it has seen: a machine on which all is well, then one thing
 * wrong after the other, each with its remedy. */
#include "client/check.h"
#include "tests/unit/unit.h"

static struct finding list[CHECK_FINDINGS_MAX];
static unsigned n;

static struct check_facts well(void)
{
	return (struct check_facts){
	    .root = true,
	    .configuration = LOOK_GOOD,
	    .config = {"/etc/mip/mipclient.conf", LOOK_GOOD, 0644, 0},
	    .key = {"/etc/mip/ha.key", LOOK_GOOD, 0600, 0},
	    .daemon = LOOK_GOOD,
	    .daemon_version = "1.2",
	    .filtered = true,
	    .tun = LOOK_GOOD,
	    .policy = LOOK_GOOD,
	    .sysctl_writable = true,
	    .ifname = "wlan0",
	    .interface = LOOK_GOOD,
	    .rp_filter = 2,
	    .mtu = 1500,
	    .supplicant = "/run/wpa_supplicant/wlan0",
	    .supplicant_socket = LOOK_GOOD,
	    .now_s = 1795000000,
	    .synchronised = true,
	    .network_manager = true,
	};
}

static unsigned count(enum verdict v)
{
	unsigned k = 0;

	for (unsigned i = 0; i < n; i++)
		k += list[i].verdict == v;
	return k;
}

/* Of this thing, once, with these words. */
static bool says(const char *what, enum verdict v, const char *words)
{
	for (unsigned i = 0; i < n; i++)
		if (strcmp(list[i].what, what) == 0) {
			if (list[i].verdict == v && strstr(list[i].text, words) != NULL)
				return true;
			printf("\n    %s: %s: %s", what, verdict_name(list[i].verdict),
			       list[i].text);
			return false;
		}
	printf("\n    nothing of %s", what);
	return false;
}

static void look(struct check_facts f)
{
	n = check_judge(&f, list);
	CHECK(n <= CHECK_FINDINGS_MAX);
	for (unsigned i = 0; i < n; i++)
		CHECK(list[i].text[0] != '\0' && strlen(list[i].text) < sizeof(list[i].text) - 1);
}

static void test_well(void)
{
	look(well());
	CHECK_EQ(count(CHECK_OK), n);
	CHECK(n >= 11);
}

#define WRONG(what, verdict, words, ...)                                                           \
	do {                                                                                       \
		struct check_facts f = well();                                                     \
		__VA_ARGS__;                                                                       \
		look(f);                                                                           \
		CHECK(says(what, verdict, words));                                                 \
		CHECK_EQ(count(CHECK_OK), n - 1);                                                  \
	} while (0)

static void test_files(void)
{
	WRONG("configuration", CHECK_ERROR, "mipclient.conf(5)", f.configuration = LOOK_ABSENT);
	WRONG("configuration", CHECK_ERROR, "mipclientd -n", f.configuration = LOOK_WRONG);
	WRONG("configuration", CHECK_NOT_LOOKED, "as root", f.configuration = LOOK_NOT);
	WRONG("key file", CHECK_ERROR, "chmod 600 /etc/mip/ha.key", f.key.mode = 0640);
	WRONG("key file", CHECK_WARNING, "chown root", f.key.uid = 1000);
	WRONG("key file", CHECK_NOT_LOOKED, "as root", f.key.look = LOOK_NOT);
	WRONG("its mode", CHECK_ERROR, "chmod go-w", f.config.mode = 0664);
	WRONG("its mode", CHECK_ERROR, "chmod 600", f.key_in_config = true;
	      /* else it may be read */ f.config.mode = 0644);
	WRONG("daemon", CHECK_WARNING, "systemctl start", f.daemon = LOOK_ABSENT);
	WRONG("daemon", CHECK_NOT_LOOKED, "as root", f.daemon = LOOK_NOT);
	WRONG("daemon", CHECK_WARNING, "restart it", f.daemon = LOOK_WRONG);
	WRONG("system calls", CHECK_WARNING, "CONFIG_SECCOMP_FILTER", f.filtered = false);
	WRONG("its problems", CHECK_ERROR, "no supplicant", f.problems = 1;
	      strcpy(f.problem, "no supplicant"));
}

static void test_own_files(void)
{
	struct check_facts f = well();

	f.key.uid = 999;
	f.key.mip = true;
	look(f);
	CHECK(says("key file", CHECK_OK, "mip's"));
}

static void test_kernel(void)
{
	WRONG("tun", CHECK_ERROR, "modprobe tun", f.tun = LOOK_ABSENT);
	WRONG("tunl0", CHECK_ERROR, "ip link set tunl0 down", f.tunl0_up = true);
	WRONG("rules", CHECK_ERROR, "priority 434", f.strangers.rules = 2; f.strangers.rule = 434);
	WRONG("tables", CHECK_ERROR, "table 440", f.strangers.routes = 1; f.strangers.table = 440);
	WRONG("rp_filter", CHECK_ERROR, "rp_filter=2", f.rp_filter = 1);
	WRONG("mtu", CHECK_WARNING, "mtu 1500", f.mtu = 1400);
	WRONG("mtu", CHECK_ERROR, "mtu 1500", f.mtu = 400);
	WRONG("interface", CHECK_WARNING, "[Radio] interface", f.interface = LOOK_WRONG);
	WRONG("interface", CHECK_ERROR, "load its driver", f.interface = LOOK_ABSENT);
}

static void test_kernel_without(void)
{
	struct check_facts f = well();

	f.policy = LOOK_ABSENT;
	look(f);
	CHECK(says("policy routing", CHECK_ERROR, "CONFIG_IP_MULTIPLE_TABLES"));
	f.policy = LOOK_NOT;
	look(f);
	CHECK(says("policy routing", CHECK_NOT_LOOKED, "listed"));
	/* nothing runs: it will be set, if it can be */
	f = well();
	f.daemon = LOOK_ABSENT;
	f.rp_filter = 1;
	look(f);
	CHECK(says("rp_filter", CHECK_OK, "while it runs"));
	f.sysctl_writable = false;
	look(f);
	CHECK(says("rp_filter", CHECK_ERROR, "container"));
	/* no interface at all */
	f = well();
	f.ifname[0] = f.supplicant[0] = '\0';
	f.interface = f.supplicant_socket = LOOK_NOT;
	look(f);
	CHECK(says("interface", CHECK_ERROR, "a Wi-Fi interface is not there"));
}

static void test_neighbours(void)
{
	WRONG("wpa_supplicant", CHECK_ERROR, "ctrl_interface=/run/wpa_supplicant",
	      f.supplicant_socket = LOOK_ABSENT);
	WRONG("wpa_supplicant", CHECK_ERROR, "no socket", f.supplicant_socket = LOOK_WRONG);
	WRONG("wpa_supplicant", CHECK_NOT_LOOKED, "as root", f.supplicant_socket = LOOK_NOT);
	WRONG("iwd", CHECK_ERROR, "wpa_supplicant", f.iwd = true);
	WRONG("systemd-networkd", CHECK_WARNING, "ManageForeignRoutingPolicyRules=no",
	      f.networkd = true);
	WRONG("DHCP", CHECK_WARNING, "renew", strcpy(f.dhcp, "dhclient"));
	WRONG("clock", CHECK_WARNING, "set-ntp", f.synchronised = false);
	WRONG("clock", CHECK_ERROR, "years off", f.now_s = 0);
	WRONG("clock", CHECK_ERROR, "years off", f.now_s = INT64_C(5000000000));
}

static void test_neighbours_well(void)
{
	struct check_facts f = well();

	f.networkd = f.networkd_spares = f.renew = true;
	strcpy(f.dhcp, "udhcpc");
	look(f);
	CHECK_EQ(count(CHECK_OK), n);
	CHECK(says("systemd-networkd", CHECK_OK, "alone") && says("DHCP", CHECK_OK, "udhcpc"));
}

/* Nothing is known, and all that can be wrong is: no more findings than there is room for. */
static void test_all(void)
{
	struct check_facts f = {.rp_filter = -1};

	look(f);
	f = well();
	memset(f.config.path, 'x', sizeof(f.config.path) - 1);
	memset(f.key.path, 'x', sizeof(f.key.path) - 1);
	memset(f.problem, 'x', sizeof(f.problem) - 1);
	f.key.mode = f.config.mode = 0777;
	f.problems = 9;
	f.tunl0_up = f.networkd = f.iwd = true;
	f.strangers.rules = f.strangers.routes = 1;
	strcpy(f.dhcp, "dhclient");
	n = check_judge(&f, list);
	CHECK(n < CHECK_FINDINGS_MAX);
	for (enum verdict v = CHECK_OK; v <= CHECK_NOT_LOOKED; v++)
		CHECK(strcmp(verdict_name(v), "?") != 0);
}

UNIT_MAIN("check", {"all is well", test_well}, {"files", test_files},
	  {"files of its own user", test_own_files}, {"the kernel", test_kernel},
	  {"what the kernel has not", test_kernel_without}, {"who else is here", test_neighbours},
	  {"who else is here, and minds us", test_neighbours_well},
	  {"everything at once", test_all})
