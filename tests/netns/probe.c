/* SPDX-License-Identifier: MIT */
/* Calls the shell's verbs from the command line, for
 * tests/netns/shell.sh.  Arguments are key=value. */
#include "tests/netns/probe.h"

#include "common/kernel.h"
#include "common/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

static char **args;

const char *arg(const char *key)
{
	size_t n = strlen(key);

	for (char **a = args; *a; a++)
		if (!strncmp(*a, key, n) && (*a)[n] == '=')
			return *a + n + 1;
	return NULL;
}

unsigned arg_number(const char *key)
{
	const char *s = arg(key);

	return s ? (unsigned)strtoul(s, NULL, 0) : 0;
}

uint32_t arg_addr(const char *key, uint8_t *prefix_len)
{
	const char *s = arg(key), *slash = s ? strchr(s, '/') : NULL;
	char text[ADDR_STRLEN];
	uint32_t addr = 0;

	if (!s)
		return 0;
	snprintf(text, sizeof(text), "%.*s", slash ? (int)(slash - s) : ADDR_STRLEN - 1, s);
	if (!addr_parse(text, &addr))
		fatal("%s=%s: not an address", key, s);
	if (prefix_len)
		*prefix_len = slash ? (uint8_t)atoi(slash + 1) : 32;
	return addr;
}

struct mac arg_mac(const char *key)
{
	const char *s = arg(key);
	struct mac m = { 0 };

	if (s && !mac_parse(s, &m))
		fatal("%s=%s: not a link-layer address", key, s);
	return m;
}

static bool arg_add(void)
{
	return !arg("del");
}

static int do_addr(struct kernel *k)
{
	uint8_t len;
	uint32_t addr = arg_addr("addr", &len);

	return kernel_addr(k, arg_add(), arg("dev"), addr, len);
}

static int do_first(struct kernel *k)
{
	char text[ADDR_STRLEN];
	uint32_t addr;

	if (!kernel_first_addr(k, arg("dev"), arg_addr("except", NULL), &addr))
		return 1;
	puts(addr_fmt(text, addr));
	return 0;
}

static int do_up(struct kernel *k)
{
	return kernel_link_up(k, arg("dev"), arg_number("mtu"));
}

static struct kernel_route route_arg(const char *dev, const char *via)
{
	const char *type = arg("type");
	struct kernel_route r = {
		.type = !type ? KROUTE_UNICAST :
			!strcmp(type, "blackhole") ? KROUTE_BLACKHOLE : KROUTE_UNREACHABLE,
		.table = arg_number("table"),
		.ifname = arg(dev),
		.gateway = arg_addr(via, NULL),
		.src = arg_addr("src", NULL),
		.mtu = arg_number("mtu"),
		.advmss = arg_number("advmss"),
		.metric = arg_number("metric"),
	};

	r.dst = arg_addr("dst", &r.prefix_len);
	return r;
}

static int do_route(struct kernel *k)
{
	struct kernel_route r = route_arg("dev", "via");

	return kernel_route(k, arg_add(), &r);
}

static int do_rule(struct kernel *k)
{
	struct kernel_rule r = {
		.priority = arg_number("prio"),
		.table = arg_number("table"),
		.go_to = arg_number("goto"),
		.iif = arg("iif"),
		.mark = arg_number("mark"),
		.mark_mask = arg_number("mask"),
		.not = arg("not"),
		.suppress_default = arg("suppress"),
	};

	r.from = arg_addr("from", &r.from_len);
	r.to = arg_addr("to", &r.to_len);
	return kernel_rule(k, arg_add(), &r);
}

static int do_neigh(struct kernel *k)
{
	struct mac mac = arg_mac("mac");

	return kernel_neigh(k, arg_add(), arg("dev"), arg_addr("addr", NULL), &mac);
}

static int do_hold(struct kernel *k)
{
	return kernel_neigh_hold(k, arg("dev"), arg_addr("addr", NULL));
}

static int do_give_up(struct kernel *k)
{
	return kernel_neigh_give_up(k, arg("dev"));
}

static int do_sysctl(struct kernel *k)
{
	int err = kernel_sysctl(k, arg("dev"), arg("key"), (int)arg_number("value"));

	if (!err)
		err = kernel_sysctl(k, arg("dev"), arg("key"), (int)arg_number("then"));
	if (!err && system(arg("run")))
		err = 1;
	kernel_sysctl_restore(k);
	return err;
}

/* The route goes to and fro between two devices while a child sends without a pause. */
static int do_flip(struct kernel *k)
{
	struct kernel_route way[] = { route_arg("dev", "via"), route_arg("dev2", "via2") };
	int err = kernel_route(k, true, &way[0]), status;
	unsigned flips = 0;
	pid_t child;

	fflush(stdout);
	child = fork();
	if (child == 0)
		_exit(flood(arg_addr("dst", NULL), arg_number("ms")));
	while (!waitpid(child, &status, WNOHANG) && !err)
		err = kernel_route(k, true, &way[++flips % 2]);
	printf("flips %u\n", flips);
	return err || flips < 100 || status;
}

static const struct {
	const char *name;
	int (*fn)(struct kernel *k);
} verbs[] = {
	{ "addr", do_addr }, { "first", do_first }, { "up", do_up }, { "route", do_route },
	{ "rule", do_rule }, { "neigh", do_neigh }, { "hold", do_hold }, { "purge", kernel_purge },
	{ "give-up", do_give_up }, { "sysctl", do_sysctl }, { "flip", do_flip },
};

static int kernel_main(const char *verb)
{
	struct kernel *k;
	int rc;

	for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++) {
		if (strcmp(verb, verbs[i].name))
			continue;
		k = kernel_open();
		if (!k)
			return 1;
		rc = verbs[i].fn(k);
		kernel_close(k);
		return rc ? 1 : 0;
	}
	fprintf(stderr, "probe: no verb %s\n", verb);
	return 64;
}

int main(int argc, char **argv)
{
	int rc;

	if (argc < 2)
		return 64;
	args = argv + 2;
	setvbuf(stdout, NULL, _IOLBF, 0);
	log_init("probe", LOG_LEVEL_INFO);
	rc = link_main(argv[1]);
	if (rc < 0)
		rc = tunnel_main(argv[1]);
	return rc < 0 ? kernel_main(argv[1]) : rc;
}
