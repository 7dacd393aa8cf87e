/* SPDX-License-Identifier: MIT */
#include "common/control_server.h"

#include "common/log.h"

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define GROUPS_AT_ONCE 64 /* who is in more is asked for anew */

/* ---- the groups ---- */

static bool find_group(const char *key, const char *name, struct control_group *g)
{
	const struct group *found = getgrnam(name);

	*g = (struct control_group){ .gid = CONTROL_NO_GROUP };
	snprintf(g->name, sizeof(g->name), "%s", name);
	if (name[0] == '\0')
		return true;
	if (found == NULL) {
		log_error("[Daemon] %s: there is no group %s here", key, name);
		return false;
	}
	g->gid = found->gr_gid;
	return true;
}

bool control_groups(const char *act, const char *look, struct control_groups *out)
{
	return find_group("act-group", act, &out->act) &&
	       find_group("look-group", look, &out->look);
}

bool control_own_group(struct control_groups *g)
{
	const struct group *own = getgrgid(getegid());

	if (g->act.gid == CONTROL_NO_GROUP) {
		g->act.gid = getegid();
		if (own != NULL)
			snprintf(g->act.name, sizeof(g->act.name), "%s", own->gr_name);
		else
			snprintf(g->act.name, sizeof(g->act.name), "%u", (unsigned)getegid());
		return g->look.gid == CONTROL_NO_GROUP;
	}
	return false;
}

/* ---- who it is: as it was when it connected, whatever has become of it ---- */

static bool has(const gid_t *list, size_t n, gid_t gid)
{
	for (size_t i = 0; i < n; i++)
		if (list[i] == gid)
			return true;
	return false;
}

/* Its other groups; a kernel before 4.13 does not say. */
static bool in_others(int fd, gid_t gid)
{
	gid_t few[GROUPS_AT_ONCE], *list = few;
	socklen_t n = sizeof(few);
	int rc = getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, list, &n);
	bool is;

	if (rc < 0 && errno == ERANGE) {
		list = malloc(n);
		rc = list != NULL ? getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, list, &n) : -1;
	}
	is = rc == 0 && has(list, n / sizeof(*list), gid);
	if (list != few)
		free(list);
	return is;
}

enum control_may control_who(int fd, const struct control_groups *g)
{
	struct ucred peer;
	socklen_t n = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &n) < 0)
		return CONTROL_MAY_NOTHING;
	if (peer.uid == 0 || peer.uid == geteuid())
		return CONTROL_MAY_ACT;
	if (g->act.gid != CONTROL_NO_GROUP &&
	    (peer.gid == g->act.gid || in_others(fd, g->act.gid)))
		return CONTROL_MAY_ACT;
	if (g->look.gid != CONTROL_NO_GROUP &&
	    (peer.gid == g->look.gid || in_others(fd, g->look.gid)))
		return CONTROL_MAY_LOOK;
	return CONTROL_MAY_NOTHING;
}
