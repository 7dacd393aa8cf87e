/* SPDX-License-Identifier: MIT */
#ifndef MIP_TUNNEL_PRIV_H
#define MIP_TUNNEL_PRIV_H

#include "common/tunnel.h"

/* Shared by tunnel*.c alone: keeps devices from merging tunnelled packets. */
void tunnel_gro_off(struct tunnel *t, unsigned ifindex);
void tunnel_gro_restore(struct tunnel *t);
unsigned tunnel_device_of(uint32_t local); /* ifindex, 0: none */

#endif
