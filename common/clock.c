/* SPDX-License-Identifier: MIT */
#include "common/clock.h"

#include <time.h>
#include <uv.h>

#define NTP_UNIX 2208988800u /* seconds from 1900 to 1970 */

struct instant instant_now(void)
{
	struct instant now = { .t = (mtime)(uv_hrtime() / 1000) };
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	now.ntp = ((uint64_t)ts.tv_sec + NTP_UNIX) << 32;
	now.ntp |= ((uint64_t)ts.tv_nsec << 32) / 1000000000u;
	return now;
}
