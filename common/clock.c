/* SPDX-License-Identifier: MIT */
#include "common/clock.h"

#include <time.h>
#include <uv.h>

#define NTP_UNIX 2208988800u /* seconds from 1900 to 1970 */
#define AGREE MSEC(1) /* so long both clocks go side by side: they are read for each packet */

static uint64_t ntp_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return ((uint64_t)ts.tv_sec + NTP_UNIX) << 32 |
	       ((uint64_t)ts.tv_nsec << 32) / 1000000000u;
}

struct instant instant_now(void)
{
	static struct instant read; /* when both were */
	struct instant now = { .t = (mtime)(uv_hrtime() / 1000) };
	mtime since = now.t - read.t;

	if (read.ntp == 0 || since >= AGREE)
		read = (struct instant){ .t = now.t, .ntp = ntp_now() };
	now.ntp = read.ntp + (((uint64_t)(now.t - read.t) << 32) / 1000000u);
	return now;
}
