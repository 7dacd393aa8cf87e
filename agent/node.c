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

struct node_options node_options;

static const char *configuration(void)
{
	return node_options.configuration ? node_options.configuration : SETTINGS_FILE;
}

/* ---- the daemon ---- */

/* It need not be there: then it takes the change when it starts. */
static int tell_daemon(const struct cli *c, const struct node_folder *f)
{
	json_t *a = control_call(c->socket, "reload", 0, NULL, NULL, NULL);
	size_t n = strlen(f->path) - 2; /* without ".d" */
	const char *theirs;
	int code = EXIT_OK;

	if (a == NULL) {
		cli_error(errno == ENOENT || errno == ECONNREFUSED
			      ? "mipagentd does not run: it knows this when it starts"
			      : "mipagentd cannot be told: let it know by mipagent reload");
		return EXIT_OK;
	}
	theirs = cli_str(a, "configuration");
	if (!cli_bool(a, "ok")) {
		cli_error("mipagentd: %s", cli_str(a, "error"));
		code = EXIT_REFUSED;
	} else if (strlen(theirs) != n || strncmp(theirs, f->path, n) != 0) {
		cli_error("mipagentd on %s has another configuration, %s", c->socket, theirs);
		code = EXIT_REFUSED;
	}
	json_decref(a);
	return code;
}

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

static int choose_address(const struct settings *s, uint32_t *out)
{
	uint32_t first, last, addr;
	char text[ADDR_STRLEN];

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

static void compose(struct added *a, const char *name)
{
	make_key(a->key);
	snprintf(a->section, sizeof(a->section), "# made by mipagent node add\n[Node %s]\n"
		 "key-file = %s.key\n", a->addr, name);
	snprintf(a->file, sizeof(a->file),
		 "[Node]\nhome-address = %s\nhome-agent = %s\nkey = %s\n", a->addr, a->home_agent,
		 a->key);
}

/* The only place where a key leaves the program. */
static int give(const struct cli *c, const struct added *a, const char *name)
{
	json_t *o;

	if (c->json) {
		o = json_pack("{s:b, s:s, s:s, s:s}", "ok", 1, "name", name, "home_address",
			      a->addr, "file", a->file);
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
			  configuration());
		return EXIT_REFUSED;
	}
	if (s->n_nodes == SETTINGS_NODES_MAX) {
		cli_error("there are %u nodes, more than that are not served", s->n_nodes);
		return EXIT_REFUSED;
	}
	code = choose_address(s, &addr);
	if (code != EXIT_OK)
		return code;
	addr_fmt(a.addr, addr);
	snprintf(a.home_agent, sizeof(a.home_agent), "%s",
		 node_options.home_agent != NULL ? node_options.home_agent
						 : addr_fmt(text, s->home_agent));
	compose(&a, name);
	code = save(c, f, &a, name);
	key_wipe(&a, sizeof(a));
	return code == EXIT_OK ? tell_daemon(c, f) : code;
}

static int add(const struct cli *c, const char *name)
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
	if (node_options.qr != NULL && !qr_can()) {
		cli_error("--qr: this mipagent was built without libqrencode: install "
			  "libqrencode-dev and build it again, or leave out --qr");
		return EXIT_FAILED;
	}
	if (node_folder_open(&f, configuration(), true) < 0)
		return EXIT_FAILED;
	if (node_file_there(&f, name, "conf")) {
		cli_error("%s is there already: choose another name, or mipagent node remove it",
			  name);
		code = EXIT_REFUSED;
	} else if (settings_read(configuration(), &s) == 0) {
		code = add_to(c, &f, &s, name);
		settings_free(&s);
	}
	node_folder_close(&f);
	return code;
}

/* ---- list, remove ---- */

/* Of what the daemon says; NULL: the node is nowhere, or nobody says. */
static const json_t *binding_of(const json_t *bindings, const struct settings_peer *n)
{
	char addr[ADDR_STRLEN];
	size_t i;
	json_t *b;

	addr_fmt(addr, n->addr);
	json_array_foreach (json_object_get(bindings, "bindings"), i, b) {
		if (n->addr != 0 ? strcmp(cli_str(b, "home_address"), addr) == 0
				 : strcmp(cli_str(b, "nai"), n->nai) == 0)
			return b;
	}
	return NULL;
}

/* A new reference. */
static json_t *member(const json_t *binding, const char *key)
{
	json_t *v = json_object_get(binding, key);

	return v != NULL ? json_incref(v) : json_null();
}

static json_t *address_json(const struct settings_peer *n, const json_t *binding)
{
	char addr[ADDR_STRLEN];

	if (n->addr == 0 && n->fixed == 0)
		return member(binding, "home_address");
	return json_string(addr_fmt(addr, n->addr != 0 ? n->addr : n->fixed));
}

/* Of one whose files are ours: that of its key, without ending; else its own, or null. */
static json_t *name_of(const char *folder, const struct settings_peer *node)
{
	const char *key = node->key.path;
	size_t n = strlen(folder), len = strlen(key);

	if (node->addr == 0)
		return json_string(node->nai);

	if (strncmp(key, folder, n) != 0 || key[n] != '/' || len < n + 6 ||
	    strcmp(key + len - 4, ".key") != 0)
		return json_null();
	return json_stringn(key + n + 1, len - n - 5);
}

static void show_list(const json_t *o, bool json)
{
	static const struct cli_column columns[] = {
		{ "NAME", "name", CLI_STRING },
		{ "HOME ADDRESS", "home_address", CLI_STRING },
		{ "CARE-OF", "care_of", CLI_STRING },
		{ "KEY", "key_file", CLI_STRING },
	};

	if (json) {
		json_dumpf(o, stdout, JSON_COMPACT | JSON_PRESERVE_ORDER);
		putchar('\n');
	} else {
		cli_table(json_object_get(o, "nodes"), columns,
			  sizeof(columns) / sizeof(columns[0]),
			  "no nodes: mipagent node add NAME makes one");
	}
}

static int list(const struct cli *c)
{
	char folder[PATH_MAX] = "";
	json_t *nodes = json_array(), *bound, *o;
	struct settings s;

	if (settings_read(configuration(), &s) < 0) {
		json_decref(nodes);
		return EXIT_FAILED;
	}
	conf_folder(configuration(), folder);
	bound = control_call(c->socket, "bindings", 0, NULL, NULL, NULL);
	for (unsigned i = 0; i < s.n_nodes; i++) {
		const json_t *b = binding_of(bound, &s.nodes[i]);

		json_array_append_new(nodes,
				      json_pack("{s:o, s:o, s:o, s:s}", "name",
						name_of(folder, &s.nodes[i]), "home_address",
						address_json(&s.nodes[i], b), "care_of",
						member(b, "care_of"), "key_file",
						s.nodes[i].key.path));
	}
	o = json_pack("{s:b, s:o}", "ok", 1, "nodes", nodes);
	show_list(o, c->json);
	json_decref(o);
	json_decref(bound);
	settings_free(&s);
	return fflush(stdout) == 0 ? EXIT_OK : EXIT_FAILED;
}

static int drop_node(const struct cli *c, const char *name)
{
	struct node_folder f;
	int code = EXIT_FAILED;

	if (node_folder_open(&f, configuration(), false) < 0)
		return EXIT_NOT_FOUND;
	if (!node_file_there(&f, name, "conf")) {
		cli_error("no %s.conf in %s: what stands in other files is for you to edit", name,
			  f.path);
		code = EXIT_NOT_FOUND;
	} else if (node_file_remove(&f, name, "conf") == 0 &&
		   node_file_remove(&f, name, "key") == 0) {
		code = tell_daemon(c, &f);
	}
	node_folder_close(&f);
	return code;
}

int node_run(struct cli *c, const struct cli_command *cmd, int argc, char *argv[])
{
	bool adds = strcmp(argv[0], "add") == 0;

	if (strcmp(argv[0], "list") == 0 && argc == 1)
		return list(c);
	if ((!adds && strcmp(argv[0], "remove") != 0) || argc != 2) {
		cli_error("usage: %s %s %s", c->program, cmd->name, cmd->args);
		return EXIT_USAGE;
	}
	if (!node_name_good(argv[1])) {
		cli_error("\"%s\" is not a name: letters, digits, -, _ and . are expected, the "
			  "first a letter or digit, %d at most", argv[1], NODE_NAME_MAX);
		return EXIT_USAGE;
	}
	return adds ? add(c, argv[1]) : drop_node(c, argv[1]);
}
