/* SPDX-License-Identifier: MIT */
#ifndef MIP_PRIVILEGE_H
#define MIP_PRIVILEGE_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * Shell: as whom a daemon runs, capabilities(7).  Who starts as root opens what only root may open
 * (UDP port 434), reads what only root may read, and goes on as a user of its own that keeps
 * CAP_NET_ADMIN (TUN, routes, rules, sysctls, nl80211) and CAP_NET_RAW (raw and packet sockets).
 */
#define PRIVILEGE_USER "mip"

/* Whom privilege_drop() will be.  NULL: PRIVILEGE_USER, or if there is no such user nobody, who
 * stays root.  False: there is none of that name; said. */
bool privilege_user(const char *name);
/* Whose files are ours: root's, the caller's, that user's, PRIVILEGE_USER's. */
bool privilege_trusts(uid_t owner);
/* Who the caller is, if it is that user; else NULL: for what to do about a file that it may not
 * read. */
const char *privilege_name(void);
/* To whom a file that root makes is to belong; false: to root. */
bool privilege_owner(uid_t *uid, gid_t *gid);

/* Once, before there is a thread.  Not root: what it was given beyond the two goes.  Whoever it is:
 * no new privileges, no core dumps.  -1: said. */
int privilege_drop(void);

#endif
