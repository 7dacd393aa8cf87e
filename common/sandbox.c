/* SPDX-License-Identifier: MIT */
#include "common/sandbox.h"

#include "common/log.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <linux/sockios.h>
#include <sched.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define FILTER_MAX 1024 /* instructions; it has some 300 */

struct call {
	int nr;
	bool where; /* only where this argument, as far as the mask goes, has this value */
	unsigned arg;
	uint64_t mask, value;
};

#define WHOLE UINT32_MAX
/* SCMP_SYS(), but what musl has as a macro (pread64) stays what the kernel calls it. */
#define CALL(name) { .nr = __SNR_##name }
#define WHERE(name, a, m, v) \
	{ .nr = __SNR_##name, .where = true, .arg = a, .mask = m, .value = v }

/* clang-format off: a table */
static const struct call calls[] = {
	/* memory: none of it becomes code */
	CALL(brk), CALL(munmap), CALL(mremap), CALL(madvise),
	WHERE(mmap, 2, PROT_EXEC, 0), WHERE(mmap2, 2, PROT_EXEC, 0),
	WHERE(mprotect, 2, PROT_EXEC, 0), /* the stack of a thread */
	CALL(mlock2), /* keys that are read again */

	/* files: the configuration, /proc/sys, /sys/class/net, the state file, the time zone */
	CALL(open), CALL(openat), CALL(close), CALL(read), CALL(readv), CALL(pread64),
	CALL(write), CALL(writev), CALL(lseek), CALL(_llseek), CALL(fcntl), CALL(fcntl64),
	CALL(stat), CALL(stat64), CALL(lstat), CALL(lstat64), CALL(fstat), CALL(fstat64),
	CALL(newfstatat), CALL(fstatat64), CALL(statx),
	CALL(access), CALL(faccessat), CALL(faccessat2), /* may /run/mip be written to? */
	CALL(readlink), CALL(readlinkat), CALL(getcwd), /* realpath(3) */
	CALL(getdents), CALL(getdents64),
	CALL(mkdir), CALL(mkdirat), CALL(unlink), CALL(unlinkat), /* sockets of our own, too */
	CALL(rename), CALL(renameat), CALL(renameat2), CALL(fsync),
	CALL(dup2), CALL(dup3), CALL(chdir), /* into the background */
	CALL(pipe2), /* what a hook writes; it is the helper's to run */
	CALL(inotify_init1), CALL(inotify_add_watch), /* hostapd's sockets */
	CALL(inotify_rm_watch),

	/* sockets: none of a family that we do not use */
	WHERE(socket, 0, WHOLE, AF_UNIX), WHERE(socket, 0, WHOLE, AF_INET),
	WHERE(socket, 0, WHOLE, AF_NETLINK), WHERE(socket, 0, WHOLE, AF_PACKET),
	CALL(bind), CALL(connect), CALL(accept4), CALL(getsockname),
	CALL(getsockopt), CALL(setsockopt), CALL(shutdown),
	CALL(send), CALL(sendto), CALL(sendmsg), CALL(sendmmsg),
	CALL(recv), CALL(recvfrom), CALL(recvmsg), CALL(recvmmsg), CALL(recvmmsg_time64),
	WHERE(ioctl, 1, WHOLE, FIONBIO),
	WHERE(ioctl, 1, WHOLE, SIOCGIFINDEX), WHERE(ioctl, 1, WHOLE, SIOCGIFNAME),
	WHERE(ioctl, 1, WHOLE, SIOCGIFFLAGS), WHERE(ioctl, 1, WHOLE, SIOCGIFHWADDR),
	WHERE(ioctl, 1, WHOLE, SIOCGIFMTU), WHERE(ioctl, 1, WHOLE, SIOCETHTOOL), /* GRO */
	WHERE(ioctl, 1, WHOLE, TIOCGWINSZ), /* musl, of a file that is written to: a terminal? */

	/* waiting, and what time it is */
	CALL(epoll_create1), /* link_shield() */
	CALL(epoll_ctl), CALL(epoll_wait), CALL(epoll_pwait), CALL(epoll_pwait2),
	CALL(poll), CALL(ppoll), CALL(ppoll_time64), CALL(restart_syscall),
	CALL(clock_gettime), CALL(clock_gettime64), CALL(clock_getres), CALL(clock_getres_time64),
	CALL(gettimeofday), CALL(time),
	CALL(rt_sigaction), CALL(rt_sigprocmask), CALL(rt_sigreturn), CALL(sigreturn),

	/* the thread that writes the state file: no process */
	WHERE(clone, 0, CLONE_THREAD, CLONE_THREAD),
	CALL(futex), CALL(futex_time64), CALL(set_robust_list), CALL(rseq), CALL(exit),
	CALL(sched_getaffinity), CALL(sched_yield), CALL(membarrier), CALL(gettid),
	WHERE(prctl, 0, WHOLE, PR_SET_NAME), CALL(getrlimit), CALL(ugetrlimit),
	WHERE(prlimit64, 2, UINT64_MAX, 0), /* how large is a stack? */

	/* who we are, and the end */
	CALL(getpid), CALL(getuid), CALL(geteuid), CALL(getgid), CALL(getegid), CALL(uname),
	CALL(getuid32), CALL(geteuid32), CALL(getgid32), CALL(getegid32),
	CALL(sysinfo), /* qsort(3) */
	CALL(getrandom), CALL(exit_group),
};
/* clang-format on */

static bool on;

/* Its rings would carry what we do not see. */
void sandbox_prepare(void)
{
	setenv("UV_USE_IO_URING", "0", 1);
}

static int add(scmp_filter_ctx f, const struct call *c)
{
	struct scmp_arg_cmp where = SCMP_CMP(c->arg, SCMP_CMP_MASKED_EQ, c->mask, c->value);

	return seccomp_rule_add_array(f, SCMP_ACT_ALLOW, c->nr, c->where, &where);
}

static int build(scmp_filter_ctx f, pid_t daemon)
{
	struct scmp_arg_cmp ours = { .op = SCMP_CMP_EQ, .datum_a = (scmp_datum_t)daemon };
	int err = seccomp_attr_set(f, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);

	seccomp_attr_set(f, SCMP_FLTATR_CTL_OPTIMIZE, 2); /* a tree, where the library has it */
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]) && err == 0; i++)
		err = add(f, &calls[i]);
	if (err == 0) /* abort(3), and nobody else */
		err = seccomp_rule_add_array(f, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1, &ours);
	if (err == 0) /* musl's; of its first thread, the others die of the refusal */
		err = seccomp_rule_add_array(f, SCMP_ACT_ALLOW, SCMP_SYS(tkill), 1, &ours);
	if (err == 0) /* its flags cannot be seen: the C library goes on with clone */
		err = seccomp_rule_add(f, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
	return err;
}

/* The library takes 200 KiB to write 2 down: in a process of its own, with which they go. */
_Noreturn static void write_down(int to, pid_t daemon)
{
	scmp_filter_ctx f = seccomp_init(SCMP_ACT_KILL_PROCESS);

	_exit(f != NULL && build(f, daemon) == 0 && seccomp_export_bpf(f, to) == 0 ? 0 : 1);
}

/* Its length, 0: there is none. */
static unsigned short read_filter(struct sock_filter code[FILTER_MAX])
{
	size_t room = FILTER_MAX * sizeof(*code), n = 0;
	int way[2], status;
	pid_t daemon = getpid(), child;
	ssize_t got;

	if (pipe2(way, O_CLOEXEC) < 0)
		return 0;
	child = fork();
	if (child == 0)
		write_down(way[1], daemon);
	close(way[1]);
	while ((got = read(way[0], (char *)code + n, room - n)) > 0)
		n += (size_t)got;
	close(way[0]);
	if (child < 0 || waitpid(child, &status, 0) != child || status != 0 || n == room)
		return 0;
	return (unsigned short)(n / sizeof(*code));
}

void sandbox_enter(void)
{
	struct sock_filter code[FILTER_MAX];
	struct sock_fprog program = { .len = read_filter(code), .filter = code };

	on = program.len > 0 && syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
					SECCOMP_FILTER_FLAG_TSYNC, &program) == 0;
	if (program.len == 0)
		log_warning("system calls are not filtered: libseccomp cannot write the filter");
	else if (!on)
		log_warning("system calls are not filtered: seccomp: %s", strerror(errno));
}

bool sandbox_is_on(void)
{
	return on;
}
