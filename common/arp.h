/* SPDX-License-Identifier: MIT */
#ifndef MIP_ARP_H
#define MIP_ARP_H

#include "common/addr.h"

#include <stdbool.h>

/*
 * Shell: asks on a link whether an address is there (RFC 826), as RFC 4436 does of a gateway to
 * see whether the link is the one of before.  Errors are -errno.
 */
struct arp {
	int fd; /* readable when arp_answer has work: watch this one */
	int sock;
	unsigned ifindex;
	struct mac mac;
};

int arp_open(struct arp *a, const char *ifname);
void arp_close(struct arp *a);
int arp_ask(struct arp *a, uint32_t src, uint32_t addr);
/* The next answer: *addr is at *mac.  False: read dry. */
bool arp_answer(struct arp *a, uint32_t *addr, struct mac *mac);

#endif
