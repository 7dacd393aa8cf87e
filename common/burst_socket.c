/* SPDX-License-Identifier: MIT */
#include "common/burst_socket.h"

#include "common/arrival.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/socket.h>

static void put_int(struct cmsghdr *c, int level, int type, const void *value, size_t n)
{
	c->cmsg_level = level;
	c->cmsg_type = type;
	c->cmsg_len = CMSG_LEN(n);
	memcpy(CMSG_DATA(c), value, n);
}

int send_past_errors(int fd, const struct msghdr *m)
{
	for (unsigned i = 0; i < ERRORS_PASSED; i++) {
		if (sendmsg(fd, m, MSG_DONTWAIT) >= 0)
			return 0;
		if (errno == EAGAIN || errno == ENOBUFS)
			break;
	}
	return -errno;
}

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
	return send_past_errors(way->fd, &m);
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

void burst_tos_wanted(int fd)
{
	int on = 1;

	setsockopt(fd, IPPROTO_IP, IP_RECVTOS, &on, sizeof(on));
}

static void read_control(struct cmsghdr *c, struct burst_in *in)
{
	struct in_pktinfo info;
	int size;

	if (c->cmsg_level == SOL_UDP && c->cmsg_type == UDP_GRO) {
		memcpy(&size, CMSG_DATA(c), sizeof(size));
		if (size > 0 && (size_t)size < in->n)
			in->size = (size_t)size;
	} else if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_TOS) {
		memcpy(&in->tos, CMSG_DATA(c), sizeof(in->tos));
	} else if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
		memcpy(&info, CMSG_DATA(c), sizeof(info));
		in->ifindex = (unsigned)info.ipi_ifindex;
		in->dst = ntohl(info.ipi_addr.s_addr);
	}
}

/* The kernel puts none together whose TOS differ. */
static void came(struct burst_in *in, uint8_t *bytes, uint32_t addr, struct mmsghdr *m)
{
	const struct sockaddr_in *from = m->msg_hdr.msg_name;

	*in = (struct burst_in){ .bytes = bytes,
				 .src = ntohl(from->sin_addr.s_addr),
				 .dst = addr,
				 .sport = ntohs(from->sin_port),
				 .arrived = arrival_of(&m->msg_hdr),
				 .n = m->msg_len,
				 .size = m->msg_len };
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&m->msg_hdr); c; c = CMSG_NXTHDR(&m->msg_hdr, c))
		read_control(c, in);
}

int burst_recv(int fd, uint32_t addr, struct burst_ahead *a)
{
	union {
		char buf[CMSG_SPACE(sizeof(struct in_pktinfo)) + 2 * CMSG_SPACE(sizeof(int)) +
			 ARRIVAL_SPACE];
		struct cmsghdr align;
	} control[BURST_AHEAD];
	struct sockaddr_in from[BURST_AHEAD];
	struct iovec iov[BURST_AHEAD];
	struct mmsghdr m[BURST_AHEAD];
	int n;

	for (unsigned i = 0; i < BURST_AHEAD; i++) {
		iov[i] = (struct iovec){ a->bytes[i], PACKET_MAX };
		m[i].msg_hdr = (struct msghdr){ .msg_name = &from[i],
						.msg_namelen = sizeof(from[i]),
						.msg_iov = &iov[i],
						.msg_iovlen = 1,
						.msg_control = &control[i],
						.msg_controllen = sizeof(control[i].buf) };
	}
	a->n = a->at = 0;
	n = recvmmsg(fd, m, BURST_AHEAD, MSG_DONTWAIT, NULL);
	if (n < 0)
		return -errno;
	for (; a->n < (unsigned)n; a->n++)
		came(&a->in[a->n], a->bytes[a->n], addr, &m[a->n]);
	return n;
}

const struct burst_in *burst_take(struct burst_ahead *a)
{
	return burst_waits(a) ? &a->in[a->at++] : NULL;
}

bool burst_waits(const struct burst_ahead *a)
{
	return a->at < a->n;
}

bool burst_was_last(const struct burst_ahead *a)
{
	return a->n < BURST_AHEAD;
}
