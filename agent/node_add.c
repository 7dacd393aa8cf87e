/* SPDX-License-Identifier: MIT */
#include "agent/node.h"

#include "agent/node_files.h"
#include "agent/qr.h"
#include "agent/settings.h"
#include "common/control.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define KEY_LEN 32 /* as SHA-256's output: longer ones add nothing to an HMAC with it */

/* ---- addresses ---- */

static bool taken(const struct settings *s, uint32_t addr)
{
	if (addr == s->home_agent ||
	    (s->pool.first && addr >= s->pool.first && addr <= s->pool.last))
		return true;
	for (unsigned i = 0; i < s->n_nodes; i++)
		if (s->nodes[i].addr == addr || s->nodes[i].fixed == addr)
			return true;
	return false;
}

/* The hosts of the home network, without its own address and the broadcast one. */
static void hosts(const struct settings *s, uint32_t *first, uint32_t *last)
{
	uint32_t host = s->home_net.len < 32 ? 0xffffffffu >> s->home_net.len : 0;

	*first = s->home_net.net & ~host;
	*last = *first | host;
	if (s->home_net.len < 31) {
		++*first;
		--*last;
	}
}

/* *out 0: one of the pool, whenever it comes. */
static int choose_address(const struct settings *s, uint32_t *out)
{
	uint32_t first, last, addr;
	char text[ADDR_STRLEN];

	*out = 0;
	if (node_options.nai != NULL && node_options.address == NULL) {
		if (s->pool.first)
			return EXIT_OK;
		cli_error("--nai: there is no [Home] pool to give it an address of: make one, or "
			  "add --address");
		return EXIT_REFUSED;
	}
	hosts(s, &first, &last);
	if (node_options.address == NULL) {
		for (addr = first; addr < last && taken(s, addr); addr++)
			;
		*out = addr;
		if (!taken(s, addr))
			return EXIT_OK;
		cli_error("no address of %s/%u is free: give [Home] network more of them",
			  addr_fmt(text, s->home_net.net), s->home_net.len);
		return EXIT_REFUSED;
	}
	if (!addr_parse(node_options.address, out)) {
		cli_error("--address: \"%s\" is not an IPv4 address", node_options.address);
		return EXIT_USAGE;
	}
	if (*out < first || *out > last) {
		cli_error("--address: %s is no host of %s/%u, the [Home] network",
			  node_options.address, addr_fmt(text, s->home_net.net), s->home_net.len);
		return EXIT_REFUSED;
	}
	if (!taken(s, *out))
		return EXIT_OK;
	cli_error("--address: %s is taken: mipagent node list says by whom", node_options.address);
	return EXIT_REFUSED;
}

static bool name_taken(const struct settings *s)
{
	for (unsigned i = 0; node_options.nai != NULL && i < s->n_nodes; i++)
		if (s->nodes[i].addr == 0 && strcmp(s->nodes[i].nai, node_options.nai) == 0)
			return true;
	return false;
}

/* ---- add ---- */

struct added {
	char addr[ADDR_STRLEN], home_agent[CONF_STRING_MAX];
	char key[2 * KEY_LEN + 1];
	char section[256]; /* ours */
	char file[1024];   /* the node's */
};

static void make_key(char out[2 * KEY_LEN + 1])
{
	uint8_t b[KEY_LEN];

	if (getrandom(b, sizeof(b), 0) != sizeof(b)) {
		cli_error("no randomness: %s", strerror(errno));
		exit(EXIT_FAILED);
	}
	for (size_t i = 0; i < KEY_LEN; i++)
		snprintf(out + 2 * i, 3, "%02x", b[i]);
	key_wipe(b, sizeof(b));
}

/* KEY = VALUE; nothing without a value. */
static void line(char out[CONF_STRING_MAX], const char *key, const char *value)
{
	out[0] = '\0';
	if (value != NULL && value[0] != '\0')
		snprintf(out, CONF_STRING_MAX, "%s = %s\n", key, value);
}

static void compose(struct added *a, const char *name)
{
	char nai[CONF_STRING_MAX], home[CONF_STRING_MAX], fixed[CONF_STRING_MAX];

	make_key(a->key);
	line(nai, "nai", node_options.nai);
	line(home, "home-address", a->addr);
	line(fixed, "address", node_options.nai != NULL ? a->addr : NULL);
	snprintf(a->section, sizeof(a->section), "# made by mipagent node add\n[Node %s]\n%s"
		 "key-file = %s.key\n", node_options.nai != NULL ? node_options.nai : a->addr,
		 fixed, name);
	snprintf(a->file, sizeof(a->file), "[Node]\n%s%shome-agent = %s\nkey = %s\n", nai, home,
		 a->home_agent, a->key);
}

/* The only place where a key leaves the program. */
static int give(const struct cli *c, const struct added *a, const char *name)
{
	json_t *o;

	if (c->json) {
		o = json_pack("{s:b, s:s, s:s?, s:s?, s:s}", "ok", 1, "name", name, "nai",
			      node_options.nai, "home_address",
			      a->addr[0] != '\0' ? a->addr : NULL, "file", a->file);
		json_dumpf(o, stdout, JSON_COMPACT | JSON_PRESERVE_ORDER);
		putchar('\n');
		json_decref(o);
	} else {
		printf("# /etc/mip/mipclient.conf of %s, mode 600: whoever has it is this node\n%s",
		       name, a->file);
	}
	if (fflush(stdout) != 0 || ferror(stdout)) {
		cli_error("the node's file cannot be written: %s", strerror(errno));
		return EXIT_FAILED;
	}
	/* Beside it, so that the file may go elsewhere while the code is on the terminal. */
	if (node_options.qr != NULL && qr_print(a->file, stderr) < 0)
		return EXIT_FAILED;
	return EXIT_OK;
}

/* The key is there before the section that names it, and the node's file is out before there is
 * such a node: nobody could have it a second time. */
static int save(const struct cli *c, const struct node_folder *f, const struct added *a,
		const char *name)
{
	int code = EXIT_FAILED;

	if (node_file_write(f, name, "key", a->key, strlen(a->key)) == 0)
		code = give(c, a, name);
	if (code == EXIT_OK &&
	    node_file_write(f, name, "conf", a->section, strlen(a->section)) < 0)
		code = EXIT_FAILED;
	if (code != EXIT_OK) {
		node_file_remove(f, name, "key");
		cli_error("%s was not added", name);
	}
	return code;
}

static int add_to(const struct cli *c, const struct node_folder *f, const struct settings *s,
		  const char *name)
{
	struct added a = { .addr = "" };
	char text[ADDR_STRLEN];
	uint32_t addr;
	int code;

	if (!s->home) {
		cli_error("%s: has no [Home] section: only a home agent has nodes to add",
			  node_configuration());
		return EXIT_REFUSED;
	}
	if (s->n_nodes == SETTINGS_NODES_MAX) {
		cli_error("there are %u nodes, more than that are not served", s->n_nodes);
		return EXIT_REFUSED;
	}
	if (name_taken(s)) {
		cli_error("--nai: %s is taken: mipagent node list says by whom", node_options.nai);
		return EXIT_REFUSED;
	}
	code = choose_address(s, &addr);
	if (code != EXIT_OK)
		return code;
	if (addr)
		addr_fmt(a.addr, addr);
	snprintf(a.home_agent, sizeof(a.home_agent), "%s",
		 node_options.home_agent != NULL ? node_options.home_agent
						 : addr_fmt(text, s->home_agent));
	compose(&a, name);
	code = save(c, f, &a, name);
	key_wipe(&a, sizeof(a));
	return code == EXIT_OK ? node_tell_daemon(c, f) : code;
}

int node_add(const struct cli *c, const char *name)
{
	struct conf_host host;
	struct node_folder f;
	struct settings s;
	int code = EXIT_FAILED;

	if (node_options.home_agent != NULL && !conf_host_parse(node_options.home_agent, &host)) {
		cli_error("--home-agent: \"%s\" is neither an IPv4 address nor a host's name",
			  node_options.home_agent);
		return EXIT_USAGE;
	}
	if (node_options.nai != NULL && !conf_is_nai(node_options.nai)) {
		cli_error("--nai: \"%s\" is no name like laptop@example.net, of 72 letters at most",
			  node_options.nai);
		return EXIT_USAGE;
	}
	if (node_options.qr != NULL && !qr_can()) {
		cli_error("--qr: this mipagent was built without libqrencode: install "
			  "libqrencode-dev and build it again, or leave out --qr");
		return EXIT_FAILED;
	}
	if (node_folder_open(&f, node_configuration(), true) < 0)
		return EXIT_FAILED;
	if (node_file_there(&f, name, "conf")) {
		cli_error("%s is there already: choose another name, or mipagent node remove it",
			  name);
		code = EXIT_REFUSED;
	} else if (settings_read(node_configuration(), &s) == 0) {
		code = add_to(c, &f, &s, name);
		settings_free(&s);
	}
	node_folder_close(&f);
	return code;
}
