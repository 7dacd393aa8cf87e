/* SPDX-License-Identifier: MIT */
#include "common/capability.h"

#include <cap-ng.h>
#include <stdio.h>
#include <string.h>

static enum { NOT_ASKED, TOLD, NOT_TOLD } kernel;

void capability_look(void)
{
	kernel = capng_get_caps_process() == 0 ? TOLD : NOT_TOLD;
}

/* A kernel that refuses to tell is taken to allow: then the call that needs it says so. */
static bool has(unsigned capability)
{
	if (kernel == NOT_ASKED)
		capability_look();
	return kernel == NOT_TOLD || capng_have_capability(CAPNG_EFFECTIVE, capability);
}

bool capability_has_admin(void)
{
	return has(CAP_NET_ADMIN);
}

const char *capability_lacking(bool bound, char text[CAPABILITY_TEXT])
{
	static const struct {
		unsigned bit;
		const char *name;
	} wanted[] = {
		{ CAP_NET_ADMIN, "CAP_NET_ADMIN" },
		{ CAP_NET_RAW, "CAP_NET_RAW" },
		{ CAP_NET_BIND_SERVICE, "CAP_NET_BIND_SERVICE" },
	};

	text[0] = '\0';
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		size_t n = strlen(text);

		if (!has(wanted[i].bit) && !(bound && wanted[i].bit == CAP_NET_BIND_SERVICE))
			snprintf(text + n, CAPABILITY_TEXT - n, "%s%s", n > 0 ? ", " : "",
				 wanted[i].name);
	}
	return text;
}
