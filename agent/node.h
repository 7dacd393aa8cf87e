/* SPDX-License-Identifier: MIT */
#ifndef MIP_NODE_H
#define MIP_NODE_H

#include "common/cli.h"

/* mipagent node add, list, remove: works on the files of a home agent, and tells the daemon if
 * there is one.  Shell. */
struct node_options {
	const char *configuration, *address, *nai, *home_agent, *qr; /* NULL: not given */
};
extern struct node_options node_options;

/* What these two files share; exit codes. */
struct node_folder;
const char *node_configuration(void);
int node_tell_daemon(const struct cli *c, const struct node_folder *f);
int node_add(const struct cli *c, const char *name);

int node_run(struct cli *c, const struct cli_command *cmd, int argc, char *argv[]);

#endif
