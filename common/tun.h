/* SPDX-License-Identifier: MIT */
#ifndef MIP_TUN_H
#define MIP_TUN_H

#include "common/gather.h"

#include <sys/types.h>

/*
 * Shell: the TUN device.  Where the kernel has it (IFF_VNET_HDR, TUNSETOFFLOAD) several packets of
 * a stream come and go as one; else they come and go one by one.
 */
struct tun {
	int fd;	    /* non-blocking, close-on-exec; -1: closed */
	bool large; /* each packet has a struct virtio_net_hdr before it */
	bool udp;   /* datagrams may be gathered, too: Linux 6.2 */
	struct gather gather;
};

/* Creates (or takes over) the TUN `name`, sets its MTU and brings it up.  0, or -errno: said. */
int tun_open(struct tun *t, const char *name, unsigned mtu);
void tun_close(struct tun *t);
/* Length of a packet of the kernel's, for split_begin(), TUN_HEAD behind buf: what the kernel says
 * of it comes before, in the same read.  cap: of both.  0: the device is gone; or -errno. */
#define TUN_HEAD 16
ssize_t tun_read(const struct tun *t, uint8_t *buf, size_t cap, struct offload *o);
/* A packet for the kernel, which waits for those that belong to it or for tun_flush().  How many
 * packets the kernel refused: this one, or those before it. */
unsigned tun_write(struct tun *t, const void *p, size_t n);
unsigned tun_flush(struct tun *t);

#endif
