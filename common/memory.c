/* SPDX-License-Identifier: MIT */
#include "common/memory.h"

#include "common/log.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#define LOCKED_MAX (256u << 20) /* 131072 nodes take 63 MiB, twice while they are read again */
#define STACK_WIPED (16u << 10) /* inih's lines, stdio, what copies keys */

void memory_allow(void)
{
	static const struct rlimit enough = { LOCKED_MAX, LOCKED_MAX };
	struct rlimit is;

	if (getrlimit(RLIMIT_MEMLOCK, &is) == 0 && is.rlim_cur < LOCKED_MAX)
		setrlimit(RLIMIT_MEMLOCK, &enough);
}

void memory_lock(const void *p, size_t n)
{
	static bool said;
	size_t page = (size_t)sysconf(_SC_PAGESIZE), before = (uintptr_t)p % page;

	if (n == 0 || mlock2((const char *)p - before, n + before, MLOCK_ONFAULT) == 0 || said)
		return;
	said = true;
	log_warning("memory with keys may be written to a swap device: mlock: %s (LimitMEMLOCK)",
		    strerror(errno));
}

__attribute__((noinline)) void memory_wipe_stack(void)
{
	char room[STACK_WIPED];

	explicit_bzero(room, sizeof(room));
}
