/* SPDX-License-Identifier: MIT */
/* What ends a process that is in the sandbox, and what does not.  Each is tried in one of its own.
 */
#include "common/sandbox.h"

#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define LIVES 0 /* in the place of a signal */

/* How a process that does this ends: by a signal, or LIVES. */
static int ends(void (*before)(void), void (*deed)(void))
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
		if (before)
			before();
		sandbox_enter();
		if (!sandbox_is_on())
			_exit(99);
		deed();
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		abort();
	return WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
}

/* ---- what a hijacked daemon might try ---- */

#define DEED(name, ...)                                                                            \
	static void name(void)                                                                     \
	{                                                                                          \
		__VA_ARGS__;                                                                       \
	}

static char *no_words[] = { NULL };
DEED(run, execve("/bin/true", no_words, no_words))
DEED(begin_process, if (fork() == 0) _exit(0))
DEED(spawn, posix_spawn(NULL, "/bin/true", NULL, NULL, no_words, no_words))
DEED(new_namespace, syscall(SYS_unshare, 0x10000000))
DEED(trace, ptrace(PTRACE_TRACEME, 0, NULL, NULL))
DEED(peek, syscall(SYS_process_vm_readv, getpid(), NULL, 0, NULL, 0, 0))
DEED(signal_others, kill(getppid(), 0))
DEED(signal_parent, syscall(SYS_tgkill, (pid_t)1, (pid_t)1, 0))
DEED(become, syscall(SYS_setuid, 0))
DEED(regain, syscall(SYS_capset, NULL, NULL))
DEED(dump, prctl(PR_SET_DUMPABLE, 1))
DEED(limits, syscall(SYS_prlimit64, 0, 4, (uint64_t[]){ 1, 1 }, NULL))
DEED(mount_it, syscall(SYS_mount, "none", "/", "tmpfs", 0, NULL))
DEED(open_up, chmod("/tmp/mip-no-such-file", 0777))
DEED(own, syscall(SYS_fchownat, -1, "x", 0, 0, 0))
DEED(link_file, syscall(SYS_linkat, -1, "x", -1, "y", 0))
DEED(inet6, socket(AF_INET6, SOCK_DGRAM, 0))
DEED(vsock, socket(AF_VSOCK, SOCK_STREAM, 0))
DEED(alg, socket(AF_ALG, SOCK_SEQPACKET, 0))
DEED(pair, socketpair(AF_UNIX, SOCK_STREAM, 0, (int[2]){ 0 }))
DEED(serve, syscall(SYS_listen, -1, 1))
DEED(type_for_user, ioctl(0, TIOCSTI, "x"))
/* Not isatty(3), which asks otherwise with musl. */
DEED(ask_terminal, ioctl(0, TCGETS, (struct termios[1]){ 0 }))
DEED(new_tun, ioctl(-1, _IOW('T', 202, int), NULL))
DEED(code, mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))
DEED(write_code, mmap(NULL, 4096, PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))
DEED(make_code, mprotect((void *)((uintptr_t)&no_words & ~4095ul), 4096, PROT_READ | PROT_EXEC))
DEED(nameless_file, syscall(SYS_memfd_create, "x", 0))
DEED(program_kernel, syscall(SYS_bpf, 0, NULL, 0))
DEED(rings, syscall(SYS_io_uring_setup, 1, NULL))
DEED(faults, syscall(SYS_userfaultfd, 0))
DEED(counters, syscall(SYS_perf_event_open, NULL, 0, 0, 0, 0))
DEED(key_ring, syscall(SYS_add_key, "user", "x", "x", 1, 0))
DEED(unknown, syscall(4000))

static void test_forbidden(void)
{
	static const struct {
		const char *what;
		void (*deed)(void);
	} list[] = {
		{ "execve", run },
		{ "fork", begin_process },
		{ "posix_spawn", spawn },
		{ "unshare", new_namespace },
		{ "ptrace", trace },
		{ "process_vm_readv", peek },
		{ "kill", signal_others },
		{ "tgkill of another", signal_parent },
		{ "setuid", become },
		{ "capset", regain },
		{ "prctl(PR_SET_DUMPABLE)", dump },
		{ "setrlimit", limits },
		{ "mount", mount_it },
		{ "chmod", open_up },
		{ "chown", own },
		{ "link", link_file },
		{ "socket(AF_INET6)", inet6 },
		{ "socket(AF_VSOCK)", vsock },
		{ "socket(AF_ALG)", alg },
		{ "socketpair", pair },
		{ "listen", serve },
		{ "ioctl(TIOCSTI)", type_for_user },
		{ "ioctl(TCGETS)", ask_terminal },
		{ "ioctl(TUNSETIFF)", new_tun },
		{ "mmap(PROT_EXEC)", code },
		{ "mmap(PROT_WRITE | PROT_EXEC)", write_code },
		{ "mprotect(PROT_EXEC)", make_code },
		{ "memfd_create", nameless_file },
		{ "bpf", program_kernel },
		{ "io_uring_setup", rings },
		{ "userfaultfd", faults },
		{ "perf_event_open", counters },
		{ "add_key", key_ring },
		{ "a call that there is not", unknown },
	};

	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		int end = ends(NULL, list[i].deed);

		CHECK_EQ(end, SIGSYS);
		if (end != SIGSYS)
			printf("\n    %s: %d", list[i].what, end);
	}
}

/* ---- through other doors ---- */

#ifdef __x86_64__
static void as_32_bit(void)
{
	long nr = 11; /* its execve */

	__asm__ volatile("int $0x80" : "+a"(nr) : "b"(0), "c"(0), "d"(0) : "memory");
}

DEED(as_x32, syscall(0x40000000 + SYS_getpid))

static void test_doors(void)
{
	int end = ends(NULL, as_32_bit);

	CHECK(end == SIGSYS || end == SIGSEGV); /* a kernel that has no such door */
	CHECK_EQ(ends(NULL, as_x32), SIGSYS);
}
#else
static void test_doors(void)
{
}
#endif

/* ---- threads ---- */

static int go[2];

static void *waits_then_runs(void *arg)
{
	char byte;

	if (read(go[0], &byte, 1) == 1)
		run();
	return arg;
}

static void begin_thread(void)
{
	pthread_t t;

	if (pipe(go) || pthread_create(&t, NULL, waits_then_runs, NULL))
		_exit(98);
}

static void wake_it(void)
{
	if (write(go[1], "", 1) == 1)
		for (;;)
			poll(NULL, 0, -1);
}

static void *runs(void *arg)
{
	run();
	return arg;
}

static void run_in_thread(void)
{
	pthread_t t;

	if (pthread_create(&t, NULL, runs, NULL) == 0)
		for (;;)
			poll(NULL, 0, -1);
}

static void test_threads(void)
{
	CHECK_EQ(ends(begin_thread, wake_it), SIGSYS);
	CHECK_EQ(ends(NULL, run_in_thread), SIGSYS);
}

/* ---- what a daemon does ---- */

static void *writes(void *arg)
{
	*(int *)arg = open("/dev/null", O_WRONLY | O_CLOEXEC);
	return malloc(1 << 20);
}

static void thread_that_writes(void)
{
	int fd = -1;
	pthread_t t;
	void *got;

	if (pthread_create(&t, NULL, writes, &fd) || pthread_join(t, &got) || fd < 0 || !got)
		_exit(1);
}

static void sockets(void)
{
	static const int families[] = { AF_UNIX, AF_INET, AF_NETLINK };

	for (size_t i = 0; i < 3; i++)
		if (socket(families[i], SOCK_DGRAM | SOCK_CLOEXEC, 0) < 0)
			_exit(1);
	socket(AF_PACKET, SOCK_DGRAM, 0); /* for who may */
}

#ifdef __SANITIZE_ADDRESS__
#define SANITIZED true
#else
#define SANITIZED false
#endif
DEED(nothing, (void)0)
DEED(give_up, abort())

static void test_allowed(void)
{
	if (SANITIZED)
		return; /* they do more, in threads and at the end */
	CHECK_EQ(ends(NULL, nothing), LIVES);
	CHECK_EQ(ends(NULL, sockets), LIVES);
	CHECK_EQ(ends(NULL, thread_that_writes), LIVES);
	CHECK_EQ(ends(NULL, give_up), SIGABRT);
}

/* Who may not have one goes on without. */
static void test_refused(void)
{
	pid_t pid;
	int status;

	if (geteuid() != 0)
		return;
	pid = fork();
	if (pid == 0) {
		if (setuid(65534) != 0)
			_exit(1);
		sandbox_enter(); /* without PR_SET_NO_NEW_PRIVS, that is EACCES */
		_exit(sandbox_is_on() ? 1 : 0);
	}
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, 0);
}

UNIT_MAIN("sandbox", { "what ends it", test_forbidden }, { "other doors", test_doors },
	  { "threads, older and younger", test_threads }, { "what does not", test_allowed },
	  { "none to be had", test_refused })
