/* SPDX-License-Identifier: MIT */
#ifndef MIP_OFFLOAD_H
#define MIP_OFFLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What the kernel and a TUN tell each other of a packet, as of one that a network card would finish
 * (struct virtio_net_hdr).
 */
#define OFFLOAD_BYTES 65535 /* of an IPv4 packet */

enum offload_kind {
	OFFLOAD_NONE, /* it is one packet */
	OFFLOAD_TCP,  /* it stands for several, which have the same headers */
	OFFLOAD_UDP,
};

struct offload {
	enum offload_kind kind;
	/* Its checksum holds the pseudo header's sum alone; what it covers begins at start. */
	bool unfinished;
	uint16_t start, field; /* field: of the checksum, from start */
	uint16_t header;       /* bytes of all headers */
	uint16_t size;	       /* payload of each packet but the last, which may have less */
};

#endif
