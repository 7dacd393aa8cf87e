/* SPDX-License-Identifier: MIT */
#ifndef MIP_MSS_H
#define MIP_MSS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A TCP segment that opens a connection (SYN) is not to ask for more than fits into a path of that
 * MTU: its MSS (RFC 9293 3.7.1) becomes mtu - 40 if it is larger, and its checksum stays as right
 * or wrong as it was (RFC 1624).  In place; anything else is left as it is.  True: it was changed.
 */
bool mss_clamp(uint8_t *pkt, size_t n, unsigned mtu);

#endif
