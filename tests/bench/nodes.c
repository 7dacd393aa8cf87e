/* SPDX-License-Identifier: MIT */
#include "tests/bench/nodes.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SOCKET_BUFFER (64 << 20) /* a thousand nodes, and everything at once */

void nodes_die(const char *what)
{
	fprintf(stderr, "nodes: %s: %s\n", what, strerror(errno));
	exit(1);
}

struct mac nodes_mac(unsigned i)
{
	return (struct mac){ { 2, 0, (uint8_t)(i >> 24), (uint8_t)(i >> 16), (uint8_t)(i >> 8),
			       (uint8_t)i } };
}

bool nodes_index(uint32_t home, unsigned n, unsigned *i)
{
	*i = home - NODES_FIRST;
	return *i < n;
}

struct sa nodes_key(const char *path)
{
	struct sa sa = { .spi = SPI_MIN, .alg = AUTH_HMAC_SHA256 };
	FILE *f = fopen(path, "re");
	int high, low;

	if (!f)
		nodes_die(path);
	while (sa.key.len < AUTH_KEY_MAX && (high = hex_digit((char)fgetc(f))) >= 0 &&
	       (low = hex_digit((char)fgetc(f))) >= 0)
		sa.key.b[sa.key.len++] = (uint8_t)(high << 4 | low);
	fclose(f);
	return sa;
}

static void room(int fd)
{
	int size = SOCKET_BUFFER;

	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size));
}

int nodes_link(const char *ifname)
{
	struct sockaddr_ll at = { .sll_family = AF_PACKET,
				  .sll_protocol = htons(ETH_P_IP),
				  .sll_ifindex = (int)if_nametoindex(ifname) };
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;

	if (fd < 0 || !at.sll_ifindex || bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0)
		nodes_die(ifname);
	setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on));
	room(fd);
	return fd;
}

void nodes_send(int link, const struct mac *from, const struct mac *to, const void *p, size_t n)
{
	uint8_t frame[FRAME_MAX];

	if (n > sizeof(frame) - ETHER_LEN)
		return;
	memcpy(frame, to->b, sizeof(to->b));
	memcpy(frame + 6, from->b, sizeof(from->b));
	frame[12] = ETH_P_IP >> 8;
	frame[13] = ETH_P_IP & 0xff;
	memcpy(frame + ETHER_LEN, p, n);
	while (send(link, frame, ETHER_LEN + n, 0) < 0)
		if (errno != EAGAIN && errno != ENOBUFS)
			nodes_die("a frame");
}

static int64_t nanoseconds(const struct timespec *t)
{
	return (int64_t)t->tv_sec * 1000000000 + t->tv_nsec;
}

int64_t nodes_clock(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return nanoseconds(&t);
}

size_t nodes_receive(int link, uint8_t frame[FRAME_MAX], int64_t *at)
{
	union {
		char buf[CMSG_SPACE(sizeof(struct timespec))];
		struct cmsghdr align;
	} control;
	struct iovec iov = { frame, FRAME_MAX };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control,
			    .msg_controllen = sizeof(control.buf) };
	ssize_t n = recvmsg(link, &m, MSG_DONTWAIT);
	struct timespec t;

	if (n < 0 && errno != EAGAIN)
		nodes_die("a link");
	*at = 0;
	for (struct cmsghdr *c = n > 0 ? CMSG_FIRSTHDR(&m) : NULL; c; c = CMSG_NXTHDR(&m, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPNS)
			continue;
		memcpy(&t, CMSG_DATA(c), sizeof(t));
		*at = nanoseconds(&t);
	}
	return n > ETHER_LEN ? (size_t)n : 0;
}

int nodes_udp(const char *addr, uint16_t port)
{
	struct sockaddr_in sa = { .sin_family = AF_INET,
				  .sin_port = htons(port),
				  .sin_addr.s_addr = inet_addr(addr) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&sa, sizeof(sa)) < 0)
		nodes_die(addr);
	room(fd);
	return fd;
}

double nodes_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

double nodes_cpu_us(const char *pid)
{
	unsigned long long ns = 0;
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%s/schedstat", pid);
	f = fopen(path, "re");
	if (f && fscanf(f, "%llu", &ns) != 1)
		ns = 0;
	if (f)
		fclose(f);
	return (double)ns / 1e3;
}

uint32_t nodes_addr(const char *text)
{
	uint32_t addr;

	if (!addr_parse(text, &addr)) {
		fprintf(stderr, "nodes: %s is no address\n", text);
		exit(2);
	}
	return addr;
}
