/* SPDX-License-Identifier: MIT */
#ifndef MIP_FUZZ_SEEDS_H
#define MIP_FUZZ_SEEDS_H

#include "common/addr.h"
#include "common/auth.h"
#include "tests/fuzz/fuzz.h"

/*
 * What the harnesses begin with is made, not kept: from tests/vectors, from what unit tests have as
 * text, and from what the cores themselves say.  One folder a harness.
 */
void seed(const char *harness, const void *p, size_t n);
/* Each text in a C source, joined where several follow one another, to who takes it. */
void seed_texts(const char *file, void (*take)(const char *text, size_t n));

void seeds_messages(void);  /* registrations, orders, advertisements, packets */
void seeds_kernel(void);    /* netlink, nl80211 */
void seeds_kept(void);	    /* state files */
void seeds_sequences(void); /* what happens to the agents, and to the node */

#endif
