/* SPDX-License-Identifier: MIT */
#ifndef MIP_ECN_H
#define MIP_ECN_H

#include "common/drop.h"

#include <stddef.h>

/*
 * Explicit Congestion Notification and tunnels, RFC 6040.  At the entrance (normal mode, 4.1) the
 * outer header gets the whole TOS of the packet; this is the exit.  Core: no I/O.
 */

/* What was marked on the way is written into the packet that comes out of a tunnel, its header
 * checksum mended.  DROP_ECN: it must go no further.  What is no IPv4 header stays as it is. */
enum drop ecn_leave(uint8_t outer_tos, uint8_t *inner, size_t n);

#endif
