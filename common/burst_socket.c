/* SPDX-License-Identifier: MIT */
#include "common/burst_socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <string.h>

static void put_int(struct cmsghdr *c, int level, int type, const void *value, size_t n)
{
	c->cmsg_level = level;
	c->cmsg_type = type;
	c->cmsg_len = CMSG_LEN(n);
	memcpy(CMSG_DATA(c), value, n);
}

/*
 * 0, or -errno.  An ICMP error about an earlier datagram is reported once by whatever is sent next,
 * -EMSGSIZE among them, and nothing is sent then: twice is the answer.
 */
static int send_some(const struct burst_way *way, const uint8_t *p, size_t n, size_t size)
{
	union {
		char buf[CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(uint16_t))];
		struct cmsghdr align;
	} control = { 0 };
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons(way->port),
				  .sin_addr.s_addr = htonl(way->dst) };
	struct iovec iov = { (void *)p, n };
	struct msghdr m = { .msg_name = &to,
			    .msg_namelen = sizeof(to),
			    .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = &control,
			    .msg_controllen = sizeof(control.buf) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	uint16_t segment = (uint16_t)size;
	int tos = way->tos;

	put_int(c, IPPROTO_IP, IP_TOS, &tos, sizeof(tos));
	if (n > size)
		put_int(CMSG_NXTHDR(&m, c), SOL_UDP, UDP_SEGMENT, &segment, sizeof(segment));
	else
		m.msg_controllen = CMSG_SPACE(sizeof(tos));
	if (sendmsg(way->fd, &m, MSG_DONTWAIT) >= 0 || sendmsg(way->fd, &m, MSG_DONTWAIT) >= 0)
		return 0;
	return -errno;
}

/* A kernel that does not know UDP_SEGMENT would send one large datagram. */
static unsigned most(int fd)
{
	int none = 0;

	return setsockopt(fd, SOL_UDP, UDP_SEGMENT, &none, sizeof(none)) ? 1 : BURST_PACKETS;
}

static void one_by_one(struct burst *b, burst_failed *failed, void *arg)
{
	for (unsigned i = 0; i < b->n; i++) {
		size_t n;
		const uint8_t *p = burst_at(b, i, &n);
		int err = send_some(&b->way, p, n, n);

		if (err)
			failed(arg, &b->way, p, n, err);
	}
}

void burst_send(struct burst *b, burst_failed *failed, void *arg)
{
	int err;

	if (!b->n)
		return;
	if (!b->most)
		b->most = most(b->way.fd);
	err = send_some(&b->way, b->bytes, b->used, b->size);
	/* One of them is too large, or the device cannot: none has gone. */
	if (b->n > 1 && (err == -EMSGSIZE || err == -EINVAL || err == -EIO)) {
		if (err == -EIO)
			b->most = 1;
		one_by_one(b, failed, arg);
	} else if (err) {
		for (unsigned i = 0; i < b->n; i++) {
			size_t n;
			const uint8_t *p = burst_at(b, i, &n);

			failed(arg, &b->way, p, n, err);
		}
	}
	b->n = 0;
	b->used = 0;
}

void burst_wanted(int fd)
{
	int on = 1;

	setsockopt(fd, SOL_UDP, UDP_GRO, &on, sizeof(on));
}

size_t burst_size(struct msghdr *m, size_t n)
{
	int size;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level != SOL_UDP || c->cmsg_type != UDP_GRO)
			continue;
		memcpy(&size, CMSG_DATA(c), sizeof(size));
		return size > 0 && (size_t)size < n ? (size_t)size : n;
	}
	return n;
}
