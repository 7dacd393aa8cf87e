/* SPDX-License-Identifier: MIT */
/*
 * Preloaded into a daemon: its wall clock is put wrong, and one of its allocations fails.  $SHIM is
 * a file of five 64-bit numbers, shared with the test, which changes them while the daemon runs:
 *   0 seconds added to the wall clock     1 allocations so far
 *   2 the one that fails; 0: none         3 how many have failed
 *   4 1: all fail from that one on
 * Those of its children do not count.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

extern void *__libc_malloc(size_t n);
extern void *__libc_calloc(size_t n, size_t each);
extern void *__libc_realloc(void *p, size_t n);

enum { CLOCK, COUNT, FAIL_AT, FAILED, ON };
static volatile int64_t *ctl;
static pid_t self;
static int (*real_clock)(clockid_t, struct timespec *);

__attribute__((constructor)) static void begin(void)
{
	const char *path = getenv("SHIM");
	int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
	void *p = fd < 0 ? MAP_FAILED
			 : mmap(NULL, 5 * sizeof(*ctl), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (fd >= 0)
		close(fd);
	*(void **)&real_clock = dlsym(RTLD_NEXT, "clock_gettime");
	self = getpid();
	backtrace((void *[1]){ NULL }, 1); /* it loads what it needs now */
	if (p != MAP_FAILED)
		ctl = p;
}

/* Who asked for it, as far as exported names tell: our own have no tables to unwind by. */
static void say_who(int64_t n)
{
	void *frame[24];
	char line[512];
	int frames = backtrace(frame, 24), len;

	len = snprintf(line, sizeof(line), "shim: allocation %lld fails:", (long long)n);
	for (int i = 2; i < frames && len < (int)sizeof(line) - 80; i++) {
		Dl_info in;

		if (dladdr(frame[i], &in) && in.dli_sname)
			len += snprintf(line + len, 64, " %.60s", in.dli_sname);
	}
	line[len++] = '\n';
	if (write(STDERR_FILENO, line, (size_t)len) < 0)
		return;
}

static int fails(void)
{
	int64_t n, at;

	if (!ctl || getpid() != self)
		return 0;
	n = __atomic_add_fetch(&ctl[COUNT], 1, __ATOMIC_RELAXED);
	at = ctl[FAIL_AT];
	if (!at || n < at || (n > at && !ctl[ON]))
		return 0;
	if (!__atomic_fetch_add(&ctl[FAILED], 1, __ATOMIC_RELAXED))
		say_who(n);
	errno = ENOMEM;
	return 1;
}

void *malloc(size_t n)
{
	return fails() ? NULL : __libc_malloc(n);
}

void *calloc(size_t n, size_t each)
{
	return fails() ? NULL : __libc_calloc(n, each);
}

void *realloc(void *p, size_t n)
{
	return fails() ? NULL : __libc_realloc(p, n);
}

int clock_gettime(clockid_t id, struct timespec *ts)
{
	int rc = real_clock(id, ts);

	if (rc == 0 && id == CLOCK_REALTIME && ctl)
		ts->tv_sec += ctl[CLOCK];
	return rc;
}
