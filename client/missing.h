/* SPDX-License-Identifier: MIT */
#ifndef MIP_MISSING_H
#define MIP_MISSING_H

#include "client/mobile.h"

/* What those around do not offer, and what that costs the node: for status. */
struct missing {
	const char *what, *cost;
};
#define MISSING_MAX 4

/* Fills out; how many.  None while there is no agent. */
unsigned missing_list(const struct mobile_info *i, struct missing out[MISSING_MAX]);

#endif
