/* SPDX-License-Identifier: MIT */
#include "client/helper.h"

#include "common/start.h"

#include <arpa/inet.h>
#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATHS "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#define PREFIX "MIP_" /* of every variable: LD_PRELOAD is none of ours */
#define ENV_MAX 96
#define WORDS_MAX 16

extern char **environ;

static struct {
	int sock;
	const char *folder, *renew;
	pid_t pid[HELPER_TASKS]; /* 0: none */
} self;

static void answer(const struct helper_answer *a)
{
	while (send(self.sock, a, sizeof(*a), MSG_NOSIGNAL) < 0 && errno == EINTR)
		;
}

/* ---- programs ---- */

/* Its own session, for what it starts to end with it; signals as they come. */
static int run(pid_t *pid, char *argv[], char *env[], int in, int out)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t as;
	sigset_t none, all;
	int err;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawnattr_init(&as);
	posix_spawnattr_setflags(&as, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK |
					      POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setsigmask(&as, &none);
	posix_spawnattr_setsigdefault(&as, &all);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&files, out, STDERR_FILENO);
	err = posix_spawnp(pid, argv[0], &files, &as, argv, env);
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&as);
	return err;
}

/* A file without a name, for which nobody waits. */
static int input(const char *text, size_t n)
{
	int fd = memfd_create("event", MFD_CLOEXEC);

	if (fd >= 0 && (write(fd, text, n) != (ssize_t)n || lseek(fd, 0, SEEK_SET) < 0)) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* Not what the daemon says, but what root has put there. */
static bool may_run(const char *name)
{
	int fd = open(self.folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat st;
	bool may = fd >= 0 && strchr(name, '/') == NULL && fstat(fd, &st) == 0 &&
		   hooks_safe(&st) && fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		   S_ISREG(st.st_mode) && hooks_safe(&st);

	if (fd >= 0)
		close(fd);
	return may;
}

/* The strings after the first, as far as they are variables of ours. */
static void variables(char *words, size_t n, char *env[ENV_MAX + 1])
{
	unsigned k = 1;
	char *w = words + strlen(words) + 1;

	env[0] = (char *)PATHS;
	for (; w < words + n && k < ENV_MAX; w += strlen(w) + 1)
		if (strncmp(w, PREFIX, sizeof(PREFIX) - 1) == 0)
			env[k++] = w;
	env[k] = NULL;
}

static int hook(pid_t *pid, char *words, size_t n, const char *text, size_t len, int out)
{
	char path[2 * CONF_STRING_MAX], *argv[] = { path, NULL }, *env[ENV_MAX + 1];
	int in, err;

	if (out < 0 || !may_run(words))
		return EACCES;
	if (snprintf(path, sizeof(path), "%s/%s", self.folder, words) >= (int)sizeof(path))
		return ENAMETOOLONG;
	variables(words, n, env);
	in = input(text, len);
	err = in < 0 ? errno : run(pid, argv, env, in, out);
	if (in >= 0)
		close(in);
	return err;
}

/* What may stand in its command's place of IFNAME. */
static bool is_ifname(const char *s)
{
	size_t n = strlen(s);

	return n > 0 && n < 16 && *s != '-' && strcspn(s, "/ \t\n") == n;
}

/* The command is cut into words; IFNAME stands for the interface. */
static int renew(pid_t *pid, char *ifname)
{
	char text[CONF_STRING_MAX], *argv[WORDS_MAX + 1], *rest;
	unsigned n = 0;

	snprintf(text, sizeof(text), "%s", self.renew);
	for (char *w = strtok_r(text, " \t", &rest); w && n < WORDS_MAX;
	     w = strtok_r(NULL, " \t", &rest))
		argv[n++] = strcmp(w, "IFNAME") == 0 ? ifname : w;
	argv[n] = NULL;
	if (n == 0 || !is_ifname(ifname))
		return EINVAL;
	return run(pid, argv, environ, STDIN_FILENO, STDOUT_FILENO);
}

/* ---- names ---- */

_Noreturn static void look_up(const char *name, unsigned task)
{
	static const struct addrinfo hints = { .ai_family = AF_INET, .ai_socktype = SOCK_DGRAM };
	struct helper_answer a = { .task = task };
	struct addrinfo *list = NULL;

	setsid();
	a.error = getaddrinfo(name, NULL, &hints, &list);
	for (struct addrinfo *i = list; a.error == 0 && i && a.n < HELPER_ADDRS_MAX; i = i->ai_next)
		a.addr[a.n++] = ntohl(((struct sockaddr_in *)(void *)i->ai_addr)->sin_addr.s_addr);
	answer(&a);
	_exit(0);
}

/* ---- requests ---- */

/* Its number is nobody else's before it has been waited for. */
static int end(unsigned task)
{
	int status = 0;

	kill(-self.pid[task], SIGKILL); /* what it has left behind */
	kill(self.pid[task], SIGKILL);	/* a lookup that has no session yet */
	waitpid(self.pid[task], &status, 0);
	self.pid[task] = 0;
	return status;
}

static void begin(const struct helper_request *r, char *words, size_t n, int out)
{
	struct helper_answer a = { .task = r->task };
	pid_t pid = 0;

	if (self.pid[r->task] > 0) /* a lookup that has answered */
		end(r->task);
	if (r->what == HELPER_HOOK)
		a.error = hook(&pid, words, r->words, words + r->words, n - r->words, out);
	else if (r->what == HELPER_RENEW)
		a.error = renew(&pid, words);
	else if ((pid = fork()) == 0)
		look_up(words, r->task);
	else if (pid < 0)
		a.error = EAI_SYSTEM;
	self.pid[r->task] = a.error == 0 ? pid : 0;
	if (a.error != 0)
		answer(&a);
}

/* False: the daemon has ended. */
static bool take(void)
{
	static struct {
		struct helper_request r;
		char bytes[HELPER_BYTES_MAX];
	} m;
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} c;
	struct iovec iov = { &m, sizeof(m) };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = &c,
			      .msg_controllen = sizeof(c) };
	ssize_t n = recvmsg(self.sock, &msg, MSG_CMSG_CLOEXEC);
	struct cmsghdr *h = n > 0 ? CMSG_FIRSTHDR(&msg) : NULL;
	size_t len = n > 0 ? (size_t)n - sizeof(m.r) : 0;
	int out = -1;

	if (n <= 0)
		return n < 0 && errno == EINTR;
	if (h != NULL && h->cmsg_type == SCM_RIGHTS)
		memcpy(&out, CMSG_DATA(h), sizeof(out));
	if ((size_t)n >= sizeof(m.r) && m.r.task < HELPER_TASKS && m.r.what == HELPER_KILL) {
		if (self.pid[m.r.task] > 0)
			kill(-self.pid[m.r.task], SIGKILL);
	} else if ((size_t)n > sizeof(m.r) && m.r.task < HELPER_TASKS && m.r.words > 0 &&
		   m.r.words <= len && m.bytes[m.r.words - 1] == '\0') {
		begin(&m.r, m.bytes, len, out);
	}
	if (out >= 0)
		close(out);
	return true;
}

static void look_for_ends(void)
{
	for (unsigned i = 0; i < HELPER_TASKS; i++) {
		struct helper_answer a = { .task = i };
		siginfo_t info = { .si_pid = 0 };
		int status;

		if (self.pid[i] == 0 ||
		    waitid(P_PID, (id_t)self.pid[i], &info, WEXITED | WNOHANG | WNOWAIT) < 0 ||
		    info.si_pid == 0)
			continue;
		status = end(i);
		a.signum = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
		a.status = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
		if (i == HELPER_LOOKUP_TASK && status == 0)
			continue; /* it has answered itself */
		if (i == HELPER_LOOKUP_TASK)
			a.error = EAI_FAIL;
		answer(&a);
	}
}

/* ---- its life ---- */

/* Of what the daemon has, nothing but the way to it. */
static void let_go(int sock)
{
	int null = open("/dev/null", O_RDWR);

	for (int fd = 0; fd <= STDERR_FILENO && null >= 0; fd++)
		dup2(null, fd);
	self.sock = dup2(sock, STDERR_FILENO + 1);
	fcntl(self.sock, F_SETFD, FD_CLOEXEC);
#ifdef SYS_close_range
	if (syscall(SYS_close_range, (unsigned)self.sock + 1, ~0u, 0) == 0)
		return;
#endif
	for (int fd = self.sock + 1; fd < 1024; fd++)
		close(fd);
}

/* It ends when the daemon does, who may have something to be run until then. */
static int signals(void)
{
	static const int not_ours[] = { SIGTERM, SIGINT, SIGHUP, SIGPIPE };
	sigset_t set;

	for (size_t i = 0; i < sizeof(not_ours) / sizeof(not_ours[0]); i++)
		signal(not_ours[i], SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_SETMASK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

_Noreturn void helper_work(int sock, const char *folder, const char *command)
{
	struct pollfd wait[2] = { { .events = POLLIN }, { .events = POLLIN } };
	struct signalfd_siginfo si;

	start_name("mip-helper");
	self.folder = folder;
	self.renew = command;
	let_go(sock);
	if (geteuid() != 0) {
		capng_clear(CAPNG_SELECT_CAPS);
		capng_apply(CAPNG_SELECT_CAPS);
	}
	wait[0].fd = self.sock;
	wait[1].fd = signals();
	if (chdir("/") < 0 || wait[1].fd < 0)
		_exit(1);
	do {
		look_for_ends();
		wait[0].revents = 0;
		poll(wait, 2, -1);
		while (read(wait[1].fd, &si, sizeof(si)) > 0)
			;
	} while (wait[0].revents == 0 || take());
	for (unsigned i = 0; i < HELPER_TASKS; i++)
		if (self.pid[i] > 0)
			end(i);
	_exit(0);
}
