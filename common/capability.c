/* SPDX-License-Identifier: MIT */
#include "common/capability.h"

#include <linux/capability.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* glibc has no wrapper, and libcap would be a library for one call.  A kernel that refuses to tell
 * is taken to allow: then the call that needs it says so. */
static uint32_t effective(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	return syscall(SYS_capget, &head, data) < 0 ? UINT32_MAX : data[0].effective;
}

bool capability_has_admin(void)
{
	return effective() >> CAP_NET_ADMIN & 1;
}

const char *capability_lacking(char text[CAPABILITY_TEXT])
{
	static const struct {
		unsigned bit;
		const char *name;
	} wanted[] = {
		{ CAP_NET_ADMIN, "CAP_NET_ADMIN" },
		{ CAP_NET_RAW, "CAP_NET_RAW" },
		{ CAP_NET_BIND_SERVICE, "CAP_NET_BIND_SERVICE" },
	};
	uint32_t have = effective();

	text[0] = '\0';
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		size_t n = strlen(text);

		if (!(have >> wanted[i].bit & 1))
			snprintf(text + n, CAPABILITY_TEXT - n, "%s%s", n > 0 ? ", " : "",
				 wanted[i].name);
	}
	return text;
}
