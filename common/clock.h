/* SPDX-License-Identifier: MIT */
#ifndef MIP_COMMON_CLOCK_H
#define MIP_COMMON_CLOCK_H

#include "common/mtime.h"

/* The shell's clocks, which the core gets as an argument. */
struct instant instant_now(void);

#endif
