/* SPDX-License-Identifier: MIT */
#ifndef MIP_MEMORY_H
#define MIP_MEMORY_H

#include <stddef.h>

/* Shell: memory with keys in it. */

/* As root, before it is somebody else: who it will be may lock what the daemons lock. */
void memory_allow(void);
/* Is never written to a swap device; a page that nobody has touched costs nothing.  Where that is
 * not allowed it is said, once. */
void memory_lock(const void *p, size_t n);
/* What functions that have returned have left behind. */
void memory_wipe_stack(void);

#endif
