/* SPDX-License-Identifier: MIT */
#include "common/privilege.h"

#include "common/capability.h"
#include "common/log.h"
#include "common/memory.h"

#include <cap-ng.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define RUN_DIR "/run/mip"
#define STATE_DIR "/var/lib/mip"

struct user {
	char name[32]; /* as useradd(8) has it; empty: there is none */
	uid_t uid;
	gid_t gid;
};

static struct user user, usual; /* whom we go on as; PRIVILEGE_USER */

static bool look_up(const char *name, struct user *u)
{
	const struct passwd *p = getpwnam(name);

	if (p == NULL)
		return false;
	snprintf(u->name, sizeof(u->name), "%s", name);
	u->uid = p->pw_uid;
	u->gid = p->pw_gid;
	return true;
}

bool privilege_user(const char *name)
{
	look_up(PRIVILEGE_USER, &usual);
	user = usual;
	if (name == NULL || look_up(name, &user))
		return true;
	log_error("-u: there is no user %s here", name);
	return false;
}

bool privilege_trusts(uid_t owner)
{
	return owner == 0 || owner == geteuid() || (user.name[0] != '\0' && owner == user.uid) ||
	       (usual.name[0] != '\0' && owner == usual.uid);
}

const char *privilege_name(void)
{
	return user.name[0] != '\0' && user.uid == geteuid() ? user.name : NULL;
}

bool privilege_owner(uid_t *uid, gid_t *gid)
{
	*uid = user.uid;
	*gid = user.gid;
	return user.name[0] != '\0' && user.uid != 0;
}

/*
 * A folder of ours is the user's from now on, with what a daemon that stayed root has left in it.
 * In one that is the user's already nothing is touched: he may have put anybody's file there.
 */
static void hand_over(const char *path, mode_t mode)
{
	struct stat st;
	struct dirent *e;
	DIR *dir;
	int fd;

	if (mkdir(path, mode) < 0 && errno != EEXIST)
		return; /* who needs it says so */
	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	dir = fd >= 0 ? fdopendir(fd) : NULL;
	if (dir == NULL || fstat(fd, &st) < 0 || st.st_uid != 0) {
		if (dir != NULL)
			closedir(dir);
		else if (fd >= 0)
			close(fd);
		return;
	}
	while ((e = readdir(dir)) != NULL)
		if (strcmp(e->d_name, "..") != 0 &&
		    fchownat(fd, e->d_name, user.uid, user.gid, AT_SYMLINK_NOFOLLOW) < 0)
			log_debug("%s/%s: %s", path, e->d_name, strerror(errno));
	fchmod(fd, mode); /* whatever the umask says */
	closedir(dir);
}

/* The two, as far as they are here. */
static void choose_capabilities(void)
{
	static const unsigned kept[] = { CAP_NET_ADMIN, CAP_NET_RAW };
	bool have[2];

	capng_get_caps_process();
	for (unsigned i = 0; i < 2; i++)
		have[i] = capng_have_capability(CAPNG_PERMITTED, kept[i]);
	capng_clear(CAPNG_SELECT_ALL);
	for (unsigned i = 0; i < 2; i++)
		if (have[i])
			capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, kept[i]);
}

/* No program that it might run becomes more than it is, and nobody reads its memory: to be another
 * user is to be readable again. */
static int lock_up(void)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_DUMPABLE, 0) == 0)
		return 0;
	log_error("cannot give up privileges: %s", strerror(errno));
	return -1;
}

static int become_user(void)
{
	int rc;

	memory_allow();
	hand_over(RUN_DIR, 0755);
	hand_over(STATE_DIR, 0700);
	capng_lock(); /* root by name alone is nobody any more */
	rc = capng_change_id((int)user.uid, (int)user.gid,
			     CAPNG_INIT_SUPP_GRP | CAPNG_CLEAR_BOUNDING | CAPNG_CLEAR_AMBIENT);
	if (rc == 0 && setuid(0) == 0) /* it must not have worked by half */
		rc = -1;
	if (rc < 0) {
		log_error("cannot become user %s (%d): start with -u root if that is meant",
			  user.name, rc);
		return -1;
	}
	log_info("goes on as user %s, with CAP_NET_ADMIN and CAP_NET_RAW alone", user.name);
	return 0;
}

static int keep_two(void)
{
	if (capng_apply(CAPNG_SELECT_CAPS) == 0)
		return 0;
	log_error("cannot give up capabilities: %s", strerror(errno));
	return -1;
}

int privilege_drop(void)
{
	bool root = geteuid() == 0;
	uid_t uid;
	gid_t gid;
	int err = 0;

	if (root && user.name[0] == '\0')
		log_info("there is no user " PRIVILEGE_USER ": it stays root");
	if (!root || privilege_owner(&uid, &gid)) {
		choose_capabilities();
		err = root ? become_user() : keep_two();
		capability_look();
	}
	return err < 0 ? -1 : lock_up();
}
