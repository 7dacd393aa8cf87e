/* SPDX-License-Identifier: MIT */
#ifndef TEST_NETNS_PROBE_H
#define TEST_NETNS_PROBE_H

#include "common/addr.h"

#include <stddef.h>

/* The argument key=value: NULL or 0 when not given; nonsense is fatal. */
const char *arg(const char *key);
unsigned arg_number(const char *key);
uint32_t arg_addr(const char *key, uint8_t *prefix_len);
struct mac arg_mac(const char *key);

/* Each: the exit status, or -1 when it knows no such verb. */
int link_main(const char *verb);
int tunnel_main(const char *verb);

/* Sends UDP to dst for so long; 0 when some were sent and none was refused. */
int flood(uint32_t dst, unsigned ms);

#endif
