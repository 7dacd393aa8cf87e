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

/* Hears answers, and whatever says where `about` is. */
int arp_open(struct arp *a, const char *ifname, uint32_t about);
int arp_about(struct arp *a, uint32_t about); /* of this one from now on */
void arp_close(struct arp *a);
/* In the name of src, 0: nobody's (RFC 5227 2.1.1); to: the one MAC that is asked, NULL: all. */
int arp_ask(struct arp *a, uint32_t src, uint32_t addr, const struct mac *to);
/* Gratuitous ARP (RFC 5944 4.6), broadcast: addr is at mac.  By any packet socket that is there: to
 * close one takes the kernel tens of milliseconds. */
int arp_announce(int sock, unsigned ifindex, uint32_t addr, const struct mac *mac);
/* The next that was heard: *addr is at *mac.  False: read dry. */
bool arp_answer(struct arp *a, uint32_t *addr, struct mac *mac);

#endif
