/* SPDX-License-Identifier: MIT */
#ifndef MIP_NODE_FILES_H
#define MIP_NODE_FILES_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * The folder beside mipagent.conf where nodes have their files, NAME.conf and NAME.key; for
 * mipagent(1).  Shell.  While it is open nobody else adds or removes a node.  What goes wrong is
 * said on stderr.
 */
#define NODE_NAME_MAX 63

struct node_folder {
	int fd;
	char path[PATH_MAX];
};

/* make: where there is none.  -1: said. */
int node_folder_open(struct node_folder *f, const char *configuration, bool make);
void node_folder_close(struct node_folder *f);

bool node_name_good(const char *name); /* one that may be a file's */
bool node_file_there(const struct node_folder *f, const char *name, const char *ending);
/* Mode 600, all of it or nothing, and on the disk when this returns. */
int node_file_write(const struct node_folder *f, const char *name, const char *ending,
		    const char *text, size_t n);
int node_file_remove(const struct node_folder *f, const char *name, const char *ending);

#endif
