/* SPDX-License-Identifier: MIT */
#ifndef MIP_FUZZ_EDGE_H
#define MIP_FUZZ_EDGE_H

#include "tests/fuzz/fuzz.h"

#include <sys/mman.h>
#include <unistd.h>

/*
 * libnl is not built with the sanitizers.  So a message lies at the end of a page, and behind that
 * is one that nobody may read.
 */
static inline void *edge_copy(const void *p, size_t n)
{
	static uint8_t *end;
	static size_t room = 1 << 20;
	uint8_t *at;

	if (!end) {
		size_t page = (size_t)sysconf(_SC_PAGESIZE);

		at = mmap(NULL, room + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			  -1, 0);
		assert(at != MAP_FAILED && mprotect(at + room, page, PROT_NONE) == 0);
		end = at + room;
	}
	assert(n <= room - 4);
	at = end - ((n + 3) & ~(size_t)3); /* aligned, as the kernel's are */
	if (n)
		memcpy(at, p, n);
	return at;
}

#endif
