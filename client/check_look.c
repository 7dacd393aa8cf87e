/* SPDX-License-Identifier: MIT */
#include "client/check.h"

#include "client/interface.h"
#include "client/kernel.h"
#include "client/lend.h"
#include "client/settings.h"
#include "common/cli.h"
#include "common/control.h"
#include "common/privilege.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <glob.h>
#include <net/if.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

#define CONTROL_FOLDER "/run/wpa_supplicant" /* the default of [Supplicant] control */

static enum look denied_or_absent(int err)
{
	return err == ENOENT || err == ENOTDIR ? LOOK_ABSENT : LOOK_NOT;
}

static void look_at_file(struct check_file *f, const char *path)
{
	const struct passwd *own;
	struct stat st;

	snprintf(f->path, sizeof(f->path), "%s", path);
	if (path[0] == '\0')
		return;
	if (stat(path, &st) < 0) {
		f->look = denied_or_absent(errno);
		return;
	}
	f->look = LOOK_GOOD;
	f->mode = st.st_mode & 07777;
	f->uid = st.st_uid;
	own = getpwnam(PRIVILEGE_USER);
	f->mip = own != NULL && own->pw_uid != 0 && own->pw_uid == st.st_uid;
}

/* *s is left alone unless it is LOOK_GOOD. */
static enum look read_settings(const char *path, bool root, struct settings *s)
{
	if (access(path, R_OK) < 0)
		return denied_or_absent(errno);
	if (settings_read(path, s) == 0)
		return LOOK_GOOD;
	/* of what was said, some may be that a key is not for everybody's eyes */
	return root ? LOOK_WRONG : LOOK_NOT;
}

/* Its radio, where the configuration does not say. */
static void ask_daemon(const char *socket, struct check_facts *f)
{
	json_t *o = control_call(socket, "status", 0, NULL, NULL, NULL), *problems, *links;

	if (o == NULL || !cli_bool(o, "ok")) {
		f->daemon = o != NULL || errno == EACCES || errno == EPERM ? LOOK_NOT : LOOK_ABSENT;
		json_decref(o);
		return;
	}
	snprintf(f->daemon_version, sizeof(f->daemon_version), "%s", cli_str(o, "version"));
	f->filtered = cli_bool(o, "system_calls_filtered");
	f->daemon = strcmp(f->daemon_version, VERSION) == 0 ? LOOK_GOOD : LOOK_WRONG;
	problems = json_object_get(o, "problems");
	f->problems = (unsigned)json_array_size(problems);
	if (f->problems > 0)
		snprintf(f->problem, sizeof(f->problem), "%s",
			 json_string_value(json_array_get(problems, 0)));
	links = json_object_get(o, "interfaces");
	if (f->ifname[0] == '\0' && json_array_size(links) > 0)
		snprintf(f->ifname, sizeof(f->ifname), "%s",
			 cli_str(json_array_get(links, 0), "name"));
	json_decref(o);
}

/* ---- the kernel ---- */

static bool read_number(const char *path, int base, long *out)
{
	FILE *f = fopen(path, "re");
	char text[32], *end;

	if (f == NULL)
		return false;
	end = fgets(text, sizeof(text), f);
	fclose(f);
	if (end == NULL)
		return false;
	*out = strtol(text, &end, base);
	return end != text;
}

static void look_at_kernel(struct check_facts *f)
{
	const struct kernel_claim claim = {
	    .priorities = {LEND_RULE, NODE_RULE_REST},
	    .tables = {{NODE_TABLE, NODE_TABLE_FORWARD},
		       {LEND_TABLE, LEND_TABLE + MOBILE_LINKS_MAX - 1}}};
	struct kernel *k = kernel_open();
	struct statvfs vfs;
	long flags;
	int err;

	f->tun = access("/dev/net/tun", F_OK) == 0 ? LOOK_GOOD : LOOK_ABSENT;
	if (k != NULL) {
		err = kernel_strangers(k, &claim, &f->strangers);
		f->policy = err == 0 ? LOOK_GOOD : err == -EOPNOTSUPP ? LOOK_ABSENT : LOOK_NOT;
		kernel_close(k);
	}
	f->tunl0_up =
	    read_number("/sys/class/net/tunl0/flags", 16, &flags) && (flags & IFF_UP) != 0;
	f->sysctl_writable = statvfs("/proc/sys/net", &vfs) == 0 && !(vfs.f_flag & ST_RDONLY);
}

static void look_at_interface(struct check_facts *f)
{
	char path[96];
	long n;

	if (f->ifname[0] == '\0' && !interface_find_wifi(f->ifname))
		return;
	f->interface = !interface_is_there(f->ifname) ? LOOK_ABSENT
		       : interface_is_wifi(f->ifname) ? LOOK_GOOD
						      : LOOK_WRONG;
	snprintf(path, sizeof(path), "/proc/sys/net/ipv4/conf/%s/rp_filter", f->ifname);
	f->rp_filter = read_number(path, 10, &n) ? (int)n : -1;
	snprintf(path, sizeof(path), "/sys/class/net/%s/mtu", f->ifname);
	f->mtu = read_number(path, 10, &n) && n > 0 ? (unsigned)n : 0;
}

/* ---- who else is here ---- */

static void look_at_supplicant(struct check_facts *f, const char *folder)
{
	struct stat st;

	if (f->ifname[0] == '\0')
		return;
	snprintf(f->supplicant, sizeof(f->supplicant), "%.200s/%s", folder, f->ifname);
	if (stat(f->supplicant, &st) < 0)
		f->supplicant_socket = denied_or_absent(errno);
	else
		f->supplicant_socket = S_ISSOCK(st.st_mode) ? LOOK_GOOD : LOOK_WRONG;
}

static void see_process(struct check_facts *f, const char *name)
{
	if (strcmp(name, "systemd-network") == 0) /* comm has 15 letters */
		f->networkd = true;
	else if (strcmp(name, "NetworkManager") == 0)
		f->network_manager = true;
	else if (strcmp(name, "iwd") == 0)
		f->iwd = true;
	else if (strcmp(name, "dhclient") == 0 || strcmp(name, "udhcpc") == 0)
		snprintf(f->dhcp, sizeof(f->dhcp), "%s", name);
}

static void look_at_processes(struct check_facts *f)
{
	DIR *dir = opendir("/proc");
	struct dirent *e;

	while (dir != NULL && (e = readdir(dir)) != NULL) {
		char path[300], name[32] = "";
		FILE *comm;

		if (!isdigit((unsigned char)e->d_name[0]))
			continue;
		snprintf(path, sizeof(path), "/proc/%s/comm", e->d_name);
		comm = fopen(path, "re");
		if (comm == NULL)
			continue; /* it has ended */
		if (fgets(name, sizeof(name), comm) != NULL)
			see_process(f, strtok(name, "\n"));
		fclose(comm);
	}
	if (dir != NULL)
		closedir(dir);
}

/* KEY=no, in any of its files. */
static bool networkd_says_no(const char *key)
{
	static const char *const where[] = {
	    "/etc/systemd/networkd.conf", "/etc/systemd/networkd.conf.d/*.conf",
	    "/run/systemd/networkd.conf.d/*.conf", "/usr/lib/systemd/networkd.conf.d/*.conf"};
	bool no = false;
	glob_t g = {0};

	for (size_t i = 0; i < sizeof(where) / sizeof(where[0]); i++)
		glob(where[i], i > 0 ? GLOB_APPEND : 0, NULL, &g);
	for (size_t i = 0; i < g.gl_pathc; i++) {
		FILE *f = fopen(g.gl_pathv[i], "re");
		char line[256], name[64], value[16];

		while (f != NULL && fgets(line, sizeof(line), f) != NULL)
			if (sscanf(line, " %63[A-Za-z] = %15[a-z0]", name, value) == 2 &&
			    strcmp(name, key) == 0)
				no = strcmp(value, "no") == 0 || strcmp(value, "false") == 0 ||
				     strcmp(value, "off") == 0 || strcmp(value, "0") == 0;
		if (f != NULL)
			fclose(f);
	}
	globfree(&g);
	return no;
}

static void look_at_clock(struct check_facts *f)
{
	struct timex t = {.modes = 0};

	f->now_s = time(NULL);
	f->synchronised = adjtimex(&t) != TIME_ERROR && !(t.status & STA_UNSYNC);
}

void check_look(const char *config, const char *socket, struct check_facts *f)
{
	char control[CONF_STRING_MAX] = CONTROL_FOLDER, there[CONF_STRING_MAX];
	struct settings s;

	memset(f, 0, sizeof(*f));
	memset(&s, 0, sizeof(s));
	f->root = geteuid() == 0;
	f->rp_filter = -1;
	snprintf(there, sizeof(there), "%s", socket);
	f->configuration = read_settings(config, f->root, &s);
	look_at_file(&f->config, config);
	if (f->configuration == LOOK_GOOD) {
		look_at_file(&f->key, s.key.path);
		f->key_in_config = s.key_here.len > 0;
		f->renew = s.renew[0] != '\0';
		snprintf(f->ifname, sizeof(f->ifname), "%s", s.ifname);
		snprintf(control, sizeof(control), "%s", s.control);
		if (strcmp(socket, SETTINGS_SOCKET) == 0)
			snprintf(there, sizeof(there), "%s", s.socket);
		settings_free(&s);
	}
	ask_daemon(there, f);
	look_at_kernel(f);
	look_at_interface(f);
	look_at_supplicant(f, control);
	look_at_processes(f);
	f->networkd_spares = networkd_says_no("ManageForeignRoutingPolicyRules") &&
			     networkd_says_no("ManageForeignRoutes");
	look_at_clock(f);
}
