/* SPDX-License-Identifier: MIT */
#ifndef MIP_CLIENT_ADDRESSES_H
#define MIP_CLIENT_ADDRESSES_H

#include "common/arp.h"

#include <uv.h>

/*
 * Shell: the addresses that somebody else (a DHCP client) gives the interfaces, by rtnetlink; and
 * what is said by ARP.
 */
struct daemon;

struct node_link;

struct addresses {
	int monitor;
	uv_poll_t poll;
	bool watching; /* it is initialized */
};

struct link_address { /* of one interface */
	uv_poll_t poll;
	struct arp arp;
	bool asking;		/* its poll is initialized */
	uint32_t addr, gateway; /* as told last */
};

int addresses_open(struct daemon *d);
void addresses_close(struct daemon *d);
/* The interface is there (again) / is gone. */
void addresses_link(struct node_link *l, bool there);
void addresses_probe(struct node_link *l, uint32_t src, uint32_t addr, const struct mac *mac);

/* There is another home address. */
void addresses_home(struct node_link *l);
/* The home address is on this interface now. */
void addresses_announce(struct node_link *l);

#endif
