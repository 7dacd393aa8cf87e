/* SPDX-License-Identifier: MIT */
#ifndef MIP_LINK_PRIV_H
#define MIP_LINK_PRIV_H

#include <linux/filter.h>
#include <stddef.h>

/* Sockets with a filter, for the files of the shell that have some.  Errors are -errno. */

/* Deaf until bound, so that nothing comes in before its filter is attached. */
int link_socket(void);
int link_attach(int fd, struct sock_filter *code, size_t n);
int link_bind(int sock, unsigned ifindex);
/* A descriptor to watch in place of sock.  An interface that goes down leaves an error on the
 * socket, and a poll handle that sees one never fires again; this one merely becomes readable. */
int link_shield(int sock);

#endif
