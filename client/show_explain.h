/* SPDX-License-Identifier: MIT */
#ifndef MIP_SHOW_EXPLAIN_H
#define MIP_SHOW_EXPLAIN_H

#include <jansson.h>

/* mipclient explain, for people. */
void show_explain(const json_t *answer);

#endif
