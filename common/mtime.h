/* SPDX-License-Identifier: MIT */
#ifndef MIP_MTIME_H
#define MIP_MTIME_H

#include <stdint.h>

/*
 * Time as the core sees it: always an argument, never read.
 * mtime counts microseconds on a monotonic clock with any origin.
 */
typedef int64_t mtime;

#define MTIME_NEVER INT64_MAX
#define MSEC(n) ((mtime)(n) * 1000)
#define SEC(n) ((mtime)(n) * 1000000)

/* One reading of both clocks: t for timers, ntp (64-bit
 * NTP format, RFC 5944 5.7.1) for Identification. */
struct instant {
	mtime t;
	uint64_t ntp;
};

static inline mtime mtime_min(mtime a, mtime b)
{
	return a < b ? a : b;
}

#endif
