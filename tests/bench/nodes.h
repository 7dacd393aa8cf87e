/* SPDX-License-Identifier: MIT */
#ifndef BENCH_NODES_H
#define BENCH_NODES_H

#include "common/addr.h"
#include "common/auth.h"
#include "common/packet.h"

/*
 * Many nodes on real sockets, for the loads of this folder: node i of them has the home address
 * NODES_FIRST + i and a MAC with i in it; all have the same key.
 */
#define NODES_FIRST 0x0a400001u /* 10.64.0.1, of 10.64.0.0/10 */
#define NODES_MAX 131072u
#define FRAME_MAX 2048
#define ETHER_LEN 14

struct mac nodes_mac(unsigned i);
/* Whose address it is; false: nobody's of n. */
bool nodes_index(uint32_t home, unsigned n, unsigned *i);

/* What all sign with: the hexadecimal digits in that file. */
struct sa nodes_key(const char *path);

/* A link as a packet socket: frames as they are.  Exits when there is no such interface. */
int nodes_link(const char *ifname);
void nodes_send(int link, const struct mac *from, const struct mac *to, const void *p, size_t n);
/* 0: read dry; else the frame's length.  *at: when the kernel had it, as nodes_clock(). */
size_t nodes_receive(int link, uint8_t frame[FRAME_MAX], int64_t *at);
int64_t nodes_clock(void); /* nanoseconds since 1970 */

/* A UDP socket of that address and port, with room for a burst. */
int nodes_udp(const char *addr, uint16_t port);

double nodes_seconds(void);
/* Microseconds that the process has been on a processor; 0: no such process. */
double nodes_cpu_us(const char *pid);
uint32_t nodes_addr(const char *text);

_Noreturn void nodes_die(const char *what);

#endif
