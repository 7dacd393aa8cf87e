/* SPDX-License-Identifier: MIT */
#ifndef MIP_EXPLAIN_H
#define MIP_EXPLAIN_H

#include "common/mtime.h"

#include <jansson.h>

struct daemon;

/* The answer to `mipclient explain`: a new reference. */
json_t *explain(struct daemon *d, mtime now);

#endif
