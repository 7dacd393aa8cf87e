/* SPDX-License-Identifier: MIT */
#include "agent/node.h"

#include "agent/node_files.h"
#include "agent/settings.h"
#include "common/control.h"
#include "common/privilege.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct node_options node_options;

const char *node_configuration(void)
{
	return node_options.configuration ? node_options.configuration : SETTINGS_FILE;
}

/* ---- the daemon ---- */

/* It need not be there: then it takes the change when it starts. */
int node_tell_daemon(const struct cli *c, const struct node_folder *f)
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

	if (strncmp(key, folder, n) == 0 && key[n] == '/' && len >= n + 6 &&
	    strcmp(key + len - 4, ".key") == 0)
		return json_stringn(key + n + 1, len - n - 5);
	return node->addr == 0 ? json_string(node->nai) : json_null();
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

	if (settings_read(node_configuration(), &s) < 0) {
		json_decref(nodes);
		return EXIT_FAILED;
	}
	conf_folder(node_configuration(), folder);
	bound = control_call(c->socket, "bindings", 0, NULL, NULL, NULL);
	for (unsigned i = 0; i < s.n_nodes; i++) {
		const json_t *b = binding_of(bound, &s.nodes[i]);

		json_array_append_new(nodes,
				      json_pack("{s:o, s:s?, s:o, s:o, s:s}", "name",
						name_of(folder, &s.nodes[i]), "nai",
						s.nodes[i].addr ? NULL : s.nodes[i].nai,
						"home_address",
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

	if (node_folder_open(&f, node_configuration(), false) < 0)
		return EXIT_NOT_FOUND;
	if (!node_file_there(&f, name, "conf")) {
		cli_error("no %s.conf in %s: what stands in other files is for you to edit", name,
			  f.path);
		code = EXIT_NOT_FOUND;
	} else if (node_file_remove(&f, name, "conf") == 0 &&
		   node_file_remove(&f, name, "key") == 0) {
		code = node_tell_daemon(c, &f);
	}
	node_folder_close(&f);
	return code;
}

int node_run(struct cli *c, const struct cli_command *cmd, int argc, char *argv[])
{
	bool adds = strcmp(argv[0], "add") == 0;

	privilege_user(NULL); /* some files are the daemon's */
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
	return adds ? node_add(c, argv[1]) : drop_node(c, argv[1]);
}
