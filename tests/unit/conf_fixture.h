/* SPDX-License-Identifier: MIT */
#ifndef MIP_CONF_FIXTURE_H
#define MIP_CONF_FIXTURE_H

#include "common/conf.h"

#include "tests/unit/unit.h"

/* A specification with a key of every type, and a configuration file in a folder of its own. */
#include <ftw.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY "000102030405060708090a0b0c0d0e0f"

struct peer {
	uint32_t addr;
	int spi;
	int algorithm;
	struct conf_keyfile key;
};

struct everything {
	uint32_t address;
	struct conf_prefix network;
	struct conf_prefixes networks;
	bool reverse;
	int level;
	mtime lease, settle;
	uint64_t size;
	struct conf_limits per_node;
	char control[CONF_STRING_MAX];
	char interface[16];
	struct conf_ifnames links;
	struct conf_macs macs;
	int overflow;
	struct conf_keyfile key;
	struct secret here;
	bool foreign;
	uint32_t care_of;
	bool busy;
	struct peer *peers;
	unsigned n_peers;
};

#define AT(f) offsetof(struct everything, f)
#define IN(f) offsetof(struct peer, f)

static const struct conf_section sections[] = {
	{ .name = "Node", .required = true, .present_offset = SIZE_MAX },
	{ .name = "Foreign", .present_offset = AT(foreign) },
	{ .name = "Agent *",
	  .present_offset = SIZE_MAX,
	  .array_offset = AT(peers),
	  .count_offset = AT(n_peers),
	  .element_size = sizeof(struct peer),
	  .addr_offset = IN(addr),
	  .max = 2 },
};

static const struct conf_key keys[] = {
	{ .section = "Node",
	  .key = "home-address",
	  .type = CONF_ADDR,
	  .offset = AT(address),
	  .required = true,
	  .help = "the address that stays" },
	{ .section = "Node", .key = "network", .type = CONF_PREFIX, .offset = AT(network) },
	{ .section = "Node",
	  .key = "networks",
	  .type = CONF_PREFIXES,
	  .offset = AT(networks),
	  .words = "all",
	  .preset = "all" },
	{ .section = "Node",
	  .key = "reverse-tunnel",
	  .type = CONF_BOOL,
	  .offset = AT(reverse),
	  .preset = "yes" },
	{ .section = "Node",
	  .key = "leave-below",
	  .type = CONF_INT,
	  .offset = AT(level),
	  .min = -90,
	  .max = -40,
	  .preset = "-70" },
	{ .section = "Node",
	  .key = "lease",
	  .type = CONF_DURATION,
	  .offset = AT(lease),
	  .min = MSEC(100),
	  .max = SEC(60),
	  .preset = "8 s" },
	{ .section = "Node",
	  .key = "settle",
	  .type = CONF_DURATION,
	  .offset = AT(settle),
	  .preset = "0 s" },
	{ .section = "Node",
	  .key = "size",
	  .type = CONF_SIZE,
	  .offset = AT(size),
	  .preset = "4 MiB" },
	{ .section = "Node",
	  .key = "per-node",
	  .type = CONF_LIMITS,
	  .offset = AT(per_node),
	  .preset = "2048 packets, 4 MiB" },
	{ .section = "Node",
	  .key = "control",
	  .type = CONF_STRING,
	  .offset = AT(control),
	  .preset = "/run/x" },
	{ .section = "Node", .key = "interface", .type = CONF_IFNAME, .offset = AT(interface) },
	{ .section = "Node", .key = "links", .type = CONF_IFNAMES, .offset = AT(links) },
	{ .section = "Node", .key = "macs", .type = CONF_MACS, .offset = AT(macs) },
	{ .section = "Node",
	  .key = "overflow",
	  .type = CONF_ENUM,
	  .offset = AT(overflow),
	  .words = "drop-oldest|drop-newest",
	  .preset = "drop-oldest" },
	{ .section = "Node", .key = "key-file", .type = CONF_KEYFILE, .offset = AT(key) },
	{ .section = "Node", .key = "key", .type = CONF_KEY, .offset = AT(here) },
	{ .section = "Foreign",
	  .key = "care-of",
	  .type = CONF_ADDR,
	  .offset = AT(care_of),
	  .required = true },
	{ .section = "Foreign", .key = "busy", .type = CONF_BOOL, .offset = AT(busy) },
	{ .section = "Agent *",
	  .key = "spi",
	  .type = CONF_INT,
	  .offset = IN(spi),
	  .min = 256,
	  .max = INT32_MAX,
	  .required = true },
	{ .section = "Agent *",
	  .key = "algorithm",
	  .type = CONF_ENUM,
	  .offset = IN(algorithm),
	  .words = "hmac-sha256|hmac-md5",
	  .preset = "hmac-sha256" },
	{ .section = "Agent *", .key = "key-file", .type = CONF_KEYFILE, .offset = IN(key) },
};

static const struct conf_spec spec = {
	.sections = sections,
	.n_sections = sizeof(sections) / sizeof(sections[0]),
	.keys = keys,
	.n_keys = sizeof(keys) / sizeof(keys[0]),
	.folder = true,
};

static char folder[64], said[8192];

static inline int unlink_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

static inline void remove_folder(void)
{
	nftw(folder, unlink_one, 8, FTW_DEPTH | FTW_PHYS);
}

static inline void in_folder(char path[128], const char *name)
{
	if (!folder[0]) {
		strcpy(folder, "/tmp/mip-test-conf.XXXXXX");
		if (!mkdtemp(folder) || atexit(remove_folder))
			abort();
	}
	snprintf(path, 128, "%s/%s", folder, name);
}

static inline void write_file(const char *name, const char *text, size_t len, mode_t mode)
{
	char path[128];
	int fd;

	in_folder(path, name);
	unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
	if (fd < 0 || write(fd, text, len) != (ssize_t)len || fchmod(fd, mode))
		abort();
	close(fd);
}

/* conf_read; what it wrote to stderr is in `said`, without the folder's name. */
static inline int read_by(const struct conf_spec *by, const char *path, void *out)
{
	int saved = dup(STDERR_FILENO), fd, ret;
	char capture[128], *cut;
	ssize_t n;

	in_folder(capture, "stderr");
	fd = open(capture, O_RDWR | O_CREAT | O_TRUNC, 0600);
	if (fd < 0 || saved < 0)
		abort();
	dup2(fd, STDERR_FILENO);
	ret = conf_read(by, path, out);
	dup2(saved, STDERR_FILENO);
	close(saved);
	n = pread(fd, said, sizeof(said) - 1, 0);
	said[n > 0 ? n : 0] = '\0';
	close(fd);
	unlink(capture);
	while ((cut = strstr(said, folder)))
		memmove(cut, cut + strlen(folder) + 1, strlen(cut + strlen(folder) + 1) + 1);
	return ret;
}

static inline int read_path(const char *path, struct everything *out)
{
	return read_by(&spec, path, out);
}

static inline int read_bytes(const char *text, size_t len, struct everything *out)
{
	char path[128];
	int ret;

	write_file("c.conf", text, len, 0644);
	in_folder(path, "c.conf");
	ret = read_path(path, out);
	unlink(path);
	return ret;
}

static inline int read_text(const char *text, struct everything *out)
{
	return read_bytes(text, strlen(text), out);
}

/* One bad setting in line 3 of an otherwise good file is answered with exactly this line. */
static inline void refused(const char *setting, const char *message)
{
	char text[2048], want[2048];
	struct everything c;

	snprintf(text, sizeof(text), "[Node]\nhome-address = 10.99.0.5\n%s\n", setting);
	snprintf(want, sizeof(want), "c.conf:3: %s\n", message);
	CU_ASSERT_EQUAL(read_text(text, &c), -1);
	CU_ASSERT_STRING_EQUAL(said, want);
	if (strcmp(said, want))
		fprintf(stderr, "got:  %swant: %s", said, want);
}

static inline bool accepted(const char *setting, struct everything *c)
{
	char text[1024];

	snprintf(text, sizeof(text), "[Node]\nhome-address = 10.99.0.5\n%s\n", setting);
	if (!read_text(text, c))
		return true;
	fprintf(stderr, "%s", said);
	return false;
}

#endif
