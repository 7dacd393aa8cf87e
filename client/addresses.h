/* SPDX-License-Identifier: MIT */
#ifndef MIP_CLIENT_ADDRESSES_H
#define MIP_CLIENT_ADDRESSES_H

#include "common/arp.h"

#include <uv.h>

/*
 * Shell: the addresses that somebody else (a DHCP client) gives the radio, by rtnetlink; and
 * whether the gateway beside them is still the one that we know.
 */
struct daemon;

struct addresses {
	struct daemon *d;
	int monitor;
	uv_poll_t monitor_poll, arp_poll;
	struct arp arp;
	bool watching, asking; /* their polls are initialized */
	uint32_t addr, gateway;	 /* as told last */
	struct mac gateway_mac;	 /* zero: not learnt yet */
};

int addresses_open(struct daemon *d);
void addresses_close(struct daemon *d);
/* The radio is there (again) / is gone. */
void addresses_radio(struct daemon *d, bool there);
void addresses_probe(struct daemon *d, uint32_t src, uint32_t gateway);

/* There is another home address. */
void addresses_home(struct daemon *d);
/* The home address is on the radio now. */
void addresses_announce(struct daemon *d);

#endif
