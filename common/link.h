/* SPDX-License-Identifier: MIT */
#ifndef MIP_LINK_H
#define MIP_LINK_H

#include "common/advert.h"
#include "common/packet.h"

#include <sys/types.h>

/*
 * Shell: one broadcast link seen through an AF_PACKET (SOCK_DGRAM, ETH_P_IP) socket.
 * It carries the signalling between nodes and agents on a link: it knows the sender's
 * link-layer address, needs no ARP (RFC 5944 forbids it while away), and is bound to
 * the device, so nothing falls into a TUN.
 * Errors are -errno; descriptors non-blocking, close-on-exec.
 */
struct link {
	/* readable when link_recv has work; watch this one: never in error, see link_priv.h */
	int fd;
	int sock;
	unsigned ifindex;
	struct mac mac;
	char name[16];
	bool ignores;
	struct advert_like known; /* what it does not hear */
};

/* A kernel BPF filter lets through: UDP to port 434, ICMP types 9 and 10; not
 * our own frames (PACKET_OUTGOING).  Never a data packet. */
int link_open(struct link *l, const char *ifname);
/* From now on an advertisement like this one wakes nobody. */
int link_ignore(struct link *l, const struct advert_like *known);
void link_close(struct link *l);
/* Re-reads ifindex and MAC (interface re-created): 0 when still usable, -errno.  An interface that
 * was down and is up again needs nothing. */
int link_refresh(struct link *l);

struct link_frame {
	struct mac src;
	bool broadcast;	 /* not sent to our MAC alone */
	bool check_ready; /* checksums are filled in (see PACKET_AUXDATA, TP_STATUS_CSUMNOTREADY) */
	struct ipv4 ip;	 /* decoded; payload points into buf */
};
/* 1: a frame; 0: one to be ignored, *why says so; -EAGAIN: read dry; other -errno. */
int link_recv(struct link *l, void *buf, size_t cap, struct link_frame *f, enum drop *why);
/* Sends a whole IP packet to a MAC.  Broadcast: ff:ff:ff:ff:ff:ff. */
int link_send(struct link *l, const struct mac *dst, const void *ip_packet, size_t n);

/*
 * A listener for the packets of one home address on a link, used by the node.
 * It counts every IPv4 packet to `addr` except UDP from port 434, without waking anybody:
 * the count is read with tap_count.  tap_fd is watched only while settling: readable = a packet
 * came.
 */
struct tap {
	int fd; /* to be watched, like link's */
	int sock;
	uint64_t total;
};
int tap_open(struct tap *t, const char *ifname, uint32_t addr);
int tap_about(struct tap *t, uint32_t addr); /* of this one from now on; it counts on */
void tap_close(struct tap *t);
uint64_t tap_count(struct tap *t); /* all packets since tap_open (PACKET_STATISTICS, summed) */
/* Empties the queue; true when at least one packet was there. */
bool tap_drain(struct tap *t);

/*
 * A UDP socket on port 434 whose filter drops all: on the device that it is told, it keeps the
 * kernel from answering the link's signalling with ICMP port unreachable.  It takes precedence
 * there over any other socket of the port (all need SO_REUSEADDR).
 * The port is bound once, with CAP_NET_BIND_SERVICE, and the device again and again, without;
 * before the first time it is the loopback.
 */
int link_sink_open(uint16_t port); /* -errno: not said */
int link_sink_at(int fd, const char *ifname); /* 0; -errno: said */

#endif
